"""WhatsApp's 24 hours: after a person's last message, free text is taken for that long, then only approved templates.

It is a rule of the Cloud API (Meta's error 131047), so a channel says whether it has it.
"""

from datetime import datetime, timedelta

from chassis.errors import Unavailable
from chassis.logging import get_logger

from postprocessor_service.channels.together import Channels
from postprocessor_service.results import Results
from postprocessor_service.steps import Bubble

log = get_logger(__name__)

WINDOW = timedelta(hours=24)


class Window:
    """Turns a bubble that may not leave as text into its template, or gives it up."""

    def __init__(self, channels: Channels, results: Results) -> None:
        self._channels = channels
        self._results = results

    async def admits(self, bubble: Bubble, now: datetime) -> bool:
        """Whether a bubble may be sent as it is; else it has been seen to.

        One that was taken to another channel is tried: the person may have written there, and it has a home.
        """
        if bubble.as_template or bubble.home or not _is_over(bubble, now) or not await self._counts(bubble.instance):
            return True
        await self.refused(bubble)
        return False

    async def refused(self, bubble: Bubble) -> None:
        """Go on after the channel would not, or did not, take a text any more."""
        if bubble.template and not bubble.as_template:
            log.info("sent_as_template", reply=str(bubble.reply_id), template=bubble.template.name)
            await self._results.as_template(bubble)
        else:
            await self._results.failed(bubble, "outside_window")

    async def _counts(self, instance: str) -> bool:
        try:
            return await self._channels.of(instance).has_window(instance)
        except Unavailable:
            return False  # then the sending itself will tell


def _is_over(bubble: Bubble, now: datetime) -> bool:
    """Whether the window is known to be over. Who never wrote has none; of what staff write nobody says when."""
    if bubble.last_inbound_at is None:
        return bubble.template is not None
    return now - bubble.last_inbound_at >= WINDOW
