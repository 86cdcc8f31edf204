"""What to do next: pure functions from what is known and what was said to what is said and done.

Nothing in here waits, reads a clock or touches a store; time is an argument.
"""
