"""Whose a message from the unit's number is, where ingress could not say: asked before it is shown or kept."""

from typing import Any

from chassis.errors import DeadlineExceeded, Unavailable
from chassis.line import Line
from contracts import Event
from contracts.ingress import MessageEchoed
from contracts.postprocessor import Recognise, Recognised

WITHIN_S = 3.0


class Recognising:
    """Asks postprocessor, as dialogue does before it falls silent: the page shows the same person answering."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def settled(self, event: Event[Any]) -> Event[Any]:
        """Return a fact in which nothing is unsure, so that the journal alone tells it again.

        Raises `Unavailable` while nobody can say; nothing of the assistant's leaves meanwhile (ADR 0014).
        """
        if not (isinstance(event.data, MessageEchoed) and event.data.unsure):
            return event
        origin = "api" if await self._is_ours(event.data) else "phone"
        return event.model_copy(update={"data": event.data.model_copy(update={"origin": origin, "unsure": False})})

    async def _is_ours(self, echo: MessageEchoed) -> bool:
        asked = Recognise(key=echo.key, address=echo.address, text=echo.text, sent_at=echo.sent_at)
        try:
            answer: Recognised = await self._line.ask(asked, within_s=WITHIN_S)
        except DeadlineExceeded as error:  # as patient as with one that is away
            raise Unavailable("postprocessor does not say whose a message is") from error
        return answer.ours
