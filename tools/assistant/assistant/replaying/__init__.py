"""Scenarios on the running system: parents write on the sandbox's WhatsApp, the clock moves, the front desk shows.

Nothing is slept through that the clock can skip. Plays go on side by side where their clocks allow it, see `waves.py`.
"""
