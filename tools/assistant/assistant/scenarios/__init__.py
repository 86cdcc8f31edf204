"""Conversations written down in advance (interfaces, section 5): read, played on a stage, checked."""
