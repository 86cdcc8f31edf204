"""The proof of "nothing lost, nothing twice": many conversations, while everything below them breaks, and an audit."""
