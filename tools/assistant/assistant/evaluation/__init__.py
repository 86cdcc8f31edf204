"""What a language model adds, and what it costs: the same scenarios with and without one, in this process."""
