"""Whether a bubble of which nobody knows was sent: the channel is asked, and only proof is believed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.logging import get_logger

from postprocessor_service.asking import Asking
from postprocessor_service.channels import Recorded
from postprocessor_service.domain import fingerprint
from postprocessor_service.ledger import Ledger
from postprocessor_service.results import CLOCKS_DIFFER, Results
from postprocessor_service.schedule import after_absence, after_failed_look
from postprocessor_service.steps import Bubble, Reason
from postprocessor_service.store import Deliveries

log = get_logger(__name__)


class Search:
    """Looks for unknown bubbles. `resend_after` is how long after its beginning an absent one is sent again."""

    def __init__(
        self,
        *,
        deliveries: Deliveries,
        ledger: Ledger,
        results: Results,
        asking: Asking,
        resend_after: timedelta,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._ledger = ledger
        self._results = results
        self._asking = asking
        self._resend_after = resend_after
        self._clock = clock

    async def look(self, bubble: Bubble) -> None:
        """Find out, by asking the channel, whether a bubble was sent; only a proven absence lets it be sent again."""
        now = self._clock()
        since = bubble.doubted_from or bubble.began_at or now
        try:
            recorded = await self._asking.sent_since(bubble.instance, since - CLOCKS_DIFFER)
        except Unavailable:
            await self._after_look(bubble, after_failed_look(bubble, now))
            return
        if channel_id := await self._recognise(bubble, recorded):
            await self._results.sent(bubble, channel_id)
        else:
            asked = self._clock()
            well_since = min(self._asking.well_since(bubble.instance) or asked, asked)  # a clock may be set back
            await self._after_look(bubble, after_absence(bubble, now, self._resend_after, well_since))

    async def _after_look(self, bubble: Bubble, verdict: datetime | Reason | None) -> None:
        match verdict:
            case None:
                log.warning("proven_absent", reply=str(bubble.reply_id), bubble=bubble.nth)
                proven_at = self._clock()
                await self._ledger.look_again(bubble, proven_at)
                await self._results.queued(bubble, proven_at)
            case datetime():
                await self._ledger.look_again(bubble, verdict)
            case reason:
                await self._results.failed(bubble, reason)

    async def _recognise(self, bubble: Bubble, recorded: Sequence[Recorded]) -> str | None:
        """Return the oldest recorded message that may be this bubble and is no other's."""
        names = await self._deliveries.names(bubble.conversation)
        alike = [one for one in recorded if fingerprint(one.text) == bubble.fingerprint]
        ids = [one.id for one in alike if await self._may_be_to(names, one)]
        others = await self._ledger.claimed(bubble.instance, ids) if ids else set()
        return next((each for each in ids if each not in others), None)

    async def _may_be_to(self, names: set[str], recorded: Recorded) -> bool:
        """Whether a message went to the person of these names; under a LID of nobody we know it may have."""
        if names & set(recorded.names):
            return True
        is_hidden = all(name.endswith("@lid") for name in recorded.names)
        return is_hidden and not await self._deliveries.conversations(recorded.names)
