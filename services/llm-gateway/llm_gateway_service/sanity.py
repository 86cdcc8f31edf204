"""What no answer to a family may be: in another language, with a price that nobody gave, or the prompt itself. Pure.

The rules service reviews every reply against the unit's facts; this only notices early enough to ask somebody else.
"""

import re
from collections.abc import Sequence

from contracts.llm_gateway import ChatMessage

from llm_gateway_service.policy import Kind

OPENING = 60
"""Letters of a prompt's beginning that no answer has by chance."""
_MONEY = re.compile(r"(?:R\$|US\$|\$|€)\s?(\d[\d.,]*)|(\d[\d.,]*)\s?(?:reais|d[oó]lares|euros)\b", re.IGNORECASE)
_PORTUGUESE = re.compile(r"\b(?:a|ao|as|com|da|de|do|e|em|é|na|não|no|o|os|para|por|que|se|sua|seu|uma?|vocês?)\b")
_FOREIGN = re.compile(
    r"\b(?:and|are|at|can|el|en|for|have|hello|how|in|is|it|la|las|los|muy|my|of|on|our|the|their|they|this|to|usted"
    r"|we|will|with|y|you|your)\b"
)


def fault_of(text: str, messages: Sequence[ChatMessage]) -> Kind | None:
    """Name what is wrong with an answer in words, `None` when nothing is seen."""
    given = " ".join(message.content for message in messages)
    if _recites(text, messages):
        return "leak"
    if not {_amount(each) for each in _MONEY.finditer(text)} <= _numbers(given):
        return "invented"
    return "foreign" if _is_foreign(text) else None


def _recites(text: str, messages: Sequence[ChatMessage]) -> bool:
    opening = next((" ".join(each.content.split())[:OPENING] for each in messages if each.role == "system"), "")
    return len(opening) == OPENING and opening in " ".join(text.split())


def _is_foreign(text: str) -> bool:
    foreign = len(_FOREIGN.findall(text.lower()))
    return foreign >= 3 and foreign > 2 * len(_PORTUGUESE.findall(text.lower()))


def _amount(money: re.Match[str]) -> str:
    return _number(money[1] or money[2])


def _numbers(text: str) -> set[str]:
    return {_number(each) for each in re.findall(r"\d[\d.,]*", text)}


def _number(written: str) -> str:
    """Return a number without what separates thousands, nor cents of zero: `1.375,00` is `1375`."""
    digits = written.rstrip(".,")
    cents = re.search(r"[.,](\d{2})$", digits)
    whole = re.sub(r"\D", "", digits[: cents.start()] if cents else digits)
    return whole if cents is None or cents[1] == "00" else f"{whole},{cents[1]}"
