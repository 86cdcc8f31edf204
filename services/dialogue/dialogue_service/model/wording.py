"""The wording of an open answer: what is asked of a model, and whether its answer looks like one of Cecília's.

Whether it is true is not decided here: rules holds every sentence against the passage before it leaves.
"""

import re
from collections.abc import Mapping
from typing import Any

NO_ANSWER = {"answer": None}
"""The passage does not answer the question."""
LONGEST = 320
"""Characters; the reply still has its own question to ask."""
_UNFIT = re.compile(r"[?¿<>{}\[\]|#`]|\*\*|__|\n\s*\n|^\s*[-•\d]+[.)]?\s", re.MULTILINE)


def read_wording(data: Mapping[str, Any] | None) -> str | None:
    """Return the answer, `None` when there is none that could be said."""
    said = (data or {}).get("answer")
    if not isinstance(said, str):
        return None
    text = said.strip()
    return text if text and len(text) <= LONGEST and not _UNFIT.search(text) else None
