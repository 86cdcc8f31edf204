"""What a language model may add: reading what the grammar could not, and wording an open answer.

Pure: prompts and the reading of what comes back. A model points and proposes; what it says is believed only as far as
the message, the grammar and the facts bear it out.
"""
