"""Simulated parents: seeded personas with noise, no AI, who talk to the rehearsed reception to an outcome.

A parent knows only what stands on their phone: questions are recognised in the assistant's own sentences.
"""
