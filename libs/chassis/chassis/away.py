"""What a database that is away makes a query raise."""

import asyncpg

CUT_OFF = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it is ending, or not yet up again
)
"""Surely nobody's fault but the database's."""
AWAY = (
    *CUT_OFF,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the client may say of a connection that died in the middle of an answer
    TimeoutError,
)
