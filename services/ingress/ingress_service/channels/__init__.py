"""What channels send, named: one package a channel, all of them pure functions from a body to results."""
