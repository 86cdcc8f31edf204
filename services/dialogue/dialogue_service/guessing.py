"""What the grammar does not know, asked of the classifier beside the event loop, and never waited for long.

One thread asks it, one text after another. Who asks waits a moment; if the encoder is still being loaded, the grammar's
answer stands, and what the classifier says later is remembered for the next who writes the same.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from chassis.encoder import shared
from chassis.logging import get_logger

from dialogue_service.understanding.classifier import default_classifier
from dialogue_service.understanding.values import Classifier, Intent, Understanding

log = get_logger(__name__)

PATIENCE_S = 0.3
"""How long a turn waits for a guess; a loaded encoder takes a few milliseconds, loading it about a second."""
REMEMBERED = 1000
"""Texts whose guess is kept; only a digest of each is held, never what somebody wrote."""
AT_ONCE = 16
"""Guesses under way; with more the grammar's answer stands at once."""
FORGET_AFTER_S = 300.0
"""How long the encoder stays loaded after a guess, in seconds."""

Guess: TypeAlias = tuple[Intent, ...]


class Guessing:
    """Guesses; `classify` blocks and may fail, `forget` gives the encoder's memory back."""

    def __init__(
        self, classify: Classifier | None, forget: Callable[[], None], *, patience_s: float = PATIENCE_S
    ) -> None:
        self._classify = classify
        self._forget = forget
        self._patience_s = patience_s
        self._known: OrderedDict[bytes, Guess] = OrderedDict()
        self._asked: dict[bytes, asyncio.Future[Guess]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="guessing")
        self._forgetting: asyncio.TimerHandle | None = None

    async def complete(self, reading: Understanding) -> Understanding:
        """Return the reading, with a guess in place of `not_understood` if one can be had in time. Never raises."""
        if reading.names != ("not_understood",) or self._classify is None or not reading.text.strip():
            return reading
        guess = await self._guess(self._classify, reading.text)
        return reading.model_copy(update={"intents": guess, "confidence": guess[0].confidence}) if guess else reading

    async def _guess(self, classify: Classifier, text: str) -> Guess:
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        if key not in self._asked:
            if len(self._asked) >= AT_ONCE:
                return ()
            asked = asyncio.get_running_loop().run_in_executor(self._thread, classify, text)
            self._asked[key] = asked
            asked.add_done_callback(lambda done: self._remember(key, done))
        asked = self._asked[key]
        done, _ = await asyncio.wait({asked}, timeout=self._patience_s)
        return asked.result() if done and not asked.exception() else ()

    def _remember(self, key: bytes, done: "asyncio.Future[Guess]") -> None:
        self._asked.pop(key, None)
        if done.cancelled():
            return
        if error := done.exception():
            log.warning("guess_failed", error=type(error).__name__)  # the grammar's answer stands
            return
        self._known[key] = done.result()
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        if self._forgetting:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(FORGET_AFTER_S, self._forget)


def guessing() -> Guessing:
    """Return the guessing of this process, with the encoder that it shares; nothing is loaded yet."""
    encoder = shared()
    return Guessing(default_classifier(encoder.encode), encoder.forget)
