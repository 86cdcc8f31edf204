"""Load on a running system: simulated parents at a given rate, what they waited for, and what that cost."""
