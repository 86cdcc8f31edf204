"""Server-sent events of a completion, read as they come.

The clients make an object of each of them, which takes longer than everything else here together.
"""

import json
from collections.abc import AsyncIterator
from typing import Any


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """Yield the data of each event. Raises `ValueError` for what is not an API's."""
    async for line in lines:
        if line.startswith("data:") and (data := line[5:].strip()) != "[DONE]":
            event = json.loads(data)
            if not isinstance(event, dict):
                raise ValueError("an event is an object")
            yield event
