"""Whose a message from the unit's number is: typed by somebody there, or sent by us through the channel's API.

The channel says so itself (`send.message`) unless that was lost on the way, or it repeats an API message as an upsert.
"""

import re
from typing import TypeGuard

from chassis.errors import Permanent, Transient
from chassis.line import Line
from chassis.logging import get_logger
from contracts.ingress import IngressFact, MessageEchoed
from contracts.postprocessor import Recognise, Recognised

log = get_logger(__name__)

WITHIN_S = 0.4
# Ids that a phone's own WhatsApp makes; every other may be the API's. Source: `getDevice` of Baileys 6 and 7.
_TYPED_ON_A_PHONE = re.compile(r"3A.{18}|.{21}|(?!3E).{32}")


def may_be_ours(fact: IngressFact) -> TypeGuard[MessageEchoed]:
    """Whether this is a message from the unit's number of which the channel does not say how it was sent."""
    return (
        isinstance(fact, MessageEchoed) and fact.origin == "phone" and _TYPED_ON_A_PHONE.fullmatch(fact.key.id) is None
    )


class Own:
    """Asks postprocessor, which knows what it sent."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def is_ours(self, echo: MessageEchoed, within_s: float = WITHIN_S) -> bool:
        """Whether we sent this. Raises `Transient` or `Permanent` when nobody can say."""
        asked = Recognise(key=echo.key, address=echo.address, text=echo.text, sent_at=echo.sent_at)
        answer: Recognised = await self._line.ask(asked, within_s=within_s)
        return answer.ours

    async def settled(self, echo: MessageEchoed) -> MessageEchoed:
        """Return the same echo saying whose it is, or that nobody can say now."""
        try:
            return echo.model_copy(update={"origin": "api"}) if await self.is_ours(echo) else echo
        except (Transient, Permanent) as error:
            log.info("echo_unsure", message=echo.key.id, error=type(error).__name__)
            return echo.model_copy(update={"unsure": True})
