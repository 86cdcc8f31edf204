"""Finds the pieces of the knowledge that answer an open question, and says whether they do.

The score of a piece is the best cosine between the question and one of the piece's examples (its `questions` and its
title, each also without accents). Pieces are ranked by it, with a small bonus for sharing rare words with the question:
vectors alone take "aceitam criança autista?" for "aceitam crianças?".

A question is answered with confidence from `NEAR` on; one that also brings a word which the whole knowledge never uses
("tem *piscina*?", which resembles "tem *estacionamento*?") only from `NEAR_WITH_NEW_WORDS` on.

The three numbers were chosen on the `tuning` part of tests/questions.toml (there 204 of 207 questions find their piece,
and 1 of those beyond the knowledge passes). The `held_back` part was written afterwards and only tests them: 58 of 63
find their piece (2 more one that answers as well), 1 of 25 beyond the knowledge passes.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis.breaker import Breakers
from chassis.encoder import Encoder
from chassis.logging import get_logger
from chassis.rpc import remaining_s
from contracts.rules import Passage

from rules_service.asked import Vocabulary, asked, unaccented
from rules_service.facts import Piece
from rules_service.index import Example, Index, MatrixIndex, Scores
from rules_service.taught import Taught

if TYPE_CHECKING:
    import numpy as np

log = get_logger(__name__)

NEAR = 0.60
NEAR_WITH_NEW_WORDS = 0.75
SHARED_WORDS = 0.1
MOST_PASSAGES = 5
PATIENCE_S = 3.0
"""How long a question waits for its passages; on first use the knowledge is read in meanwhile."""
FORGET_AFTER_S = 300.0
"""How long the encoder stays loaded after an open question, in seconds."""
QDRANT = "qdrant"


class KnowledgeSearch:
    """The knowledge, read in when the first question comes; `index` may fail, its place is then taken by a matrix."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        encoder: Encoder,
        index: Index,
        breakers: Breakers,
        taught: Taught | None = None,
    ) -> None:
        self._read_pieces = tuple(pieces)
        self._pieces = {piece.id: piece for piece in pieces}
        self._taught = taught
        self._taught_version = 0
        self._taught_matrix = MatrixIndex()
        self._examples = tuple(dict.fromkeys(_examples(pieces)))
        self._words = Vocabulary(pieces)
        self._encoder = encoder
        self._index = index
        self._breakers = breakers
        self._matrix = MatrixIndex()
        self._is_prepared = False
        self._reading: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._forgetting: asyncio.TimerHandle | None = None

    async def find(self, question: str) -> tuple[Passage, ...]:
        """Return the nearest passages, best first; none when the search itself cannot be had in time."""
        wording = asked(question)
        try:
            async with asyncio.timeout(_patience_s()):
                await self._read_in()
                vector = (await self._encoded([wording]))[0]
                scores = await self._nearest(vector) | await self._nearest_taught(vector)
        except Exception as error:  # noqa: BLE001  # whatever the search dies of, the rest of the answer stands
            log.error("knowledge_search_failed", cause=error)
            return ()
        known = [name for name in scores if name in self._pieces]
        known.sort(key=lambda name: scores[name] + SHARED_WORDS * self._words.shared(wording, name), reverse=True)
        return tuple(passage_of(self._pieces[name], scores[name]) for name in known[:MOST_PASSAGES])

    def is_confident(self, question: str, passages: Sequence[Passage]) -> bool:
        """Whether the best passage answers the question."""
        enough = NEAR_WITH_NEW_WORDS if self._words.lacks(asked(question)) else NEAR
        return bool(passages) and passages[0].score >= enough

    async def _read_in(self) -> None:
        """Wait for the encoder and the vectors of the examples; who waits no longer does not stop them."""
        if self._reading is None or (self._reading.done() and self._reading.exception()):
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait({self._reading})
        self._reading.result()

    async def _read(self) -> None:
        began = time.monotonic()
        vectors = await self._encoded([example.text for example in self._examples])
        self._matrix.prepare(self._examples, vectors)
        log.info("knowledge_read", examples=len(self._examples), seconds=round(time.monotonic() - began, 2))

    async def _encoded(self, sentences: Sequence[str]) -> "np.ndarray":
        vectors = await asyncio.to_thread(self._encoder.encode, sentences)
        if self._forgetting:  # also that of a question that was asked after this one
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(FORGET_AFTER_S, self._encoder.forget)
        return vectors

    async def _nearest(self, vector: "np.ndarray") -> Scores:
        if self._is_prepared:
            try:
                async with self._breakers.guard(QDRANT):
                    return await asyncio.to_thread(self._index.nearest, vector)
            except Exception as error:  # noqa: BLE001  # an index that is away is replaced, whatever it says
                self._is_prepared = False
                log.warning("knowledge_index_away", error=type(error).__name__)
        if self._preparing is None or self._preparing.done():
            # Nobody waits for it: the matrix says the same.
            self._preparing = asyncio.create_task(self._prepare())
        return self._matrix.nearest(vector)

    async def _nearest_taught(self, vector: "np.ndarray") -> Scores:
        """Compare with what the unit taught meanwhile: a handful, kept beside the index."""
        if self._taught is None or not self._taught.version:
            return {}
        pieces, version = self._taught.pieces, self._taught.version
        if version != self._taught_version:
            examples = _examples(pieces)
            if examples:
                self._taught_matrix.prepare(examples, await self._encoded([example.text for example in examples]))
            self._taught_version = version
        self._pieces = {piece.id: piece for piece in (*self._read_pieces, *pieces)}
        self._words = Vocabulary(tuple(self._pieces.values()))
        return self._taught_matrix.nearest(vector) if pieces else {}

    async def _prepare(self) -> None:
        try:
            async with self._breakers.guard(QDRANT):
                await asyncio.to_thread(self._index.prepare, self._examples, self._matrix.vectors)
            self._is_prepared = True
        except Exception as error:  # noqa: BLE001  # same
            log.warning("knowledge_index_away", error=type(error).__name__)


def _patience_s() -> float:
    """How long a question may wait for its passages: whoever asks must still get the rest of the answer in time."""
    left = remaining_s()
    return PATIENCE_S if left is None else min(PATIENCE_S, left * 0.8)


def passage_of(piece: Piece, score: float) -> Passage:
    """Return a piece as it is answered; a score is a cosine, cut to 0–1."""
    return Passage(
        id=piece.id,
        topic=piece.topic,
        title=piece.title,
        text=piece.text,
        score=round(min(max(score, 0.0), 1.0), 4),
    )


def _examples(pieces: Sequence[Piece]) -> list[Example]:
    texts = [(piece.id, text.lower()) for piece in pieces for text in (*piece.questions, piece.title)]
    return [Example(name, wording) for name, text in texts for wording in (text, unaccented(text))]
