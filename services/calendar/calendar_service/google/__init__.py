"""The unit's Google Calendar: a projection of the visits and a source of busy times; no booking waits for it.

`client.py` speaks to Google; `events.py` translates, pure; `projection.py` shows visits there, `sync.py` brings back
what people did; `tables.py` remembers how far both are; `connection.py` wires them.
"""
