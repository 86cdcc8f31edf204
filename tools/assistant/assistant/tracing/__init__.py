"""`assistant trace`: one message's way as a waterfall, from the local store or from a backend."""
