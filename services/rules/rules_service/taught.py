"""Answers that the unit's people typed at the front desk: known from the moment they are said, until they expire."""

from collections.abc import Iterable
from uuid import UUID

from chassis.clock import Clock
from contracts.frontdesk import TaughtAnswer

from rules_service.facts import Piece

PREFIX = "taught-"


class Taught:
    """The newest of each answer; `version` changes whenever one does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[UUID, TaughtAnswer] = {}
        self.version = 0

    def learn(self, answers: Iterable[TaughtAnswer]) -> None:
        """Take answers in; an older one than is known changes nothing."""
        for answer in answers:
            known = self._answers.get(answer.id)
            if known is None or answer.answered_at > known.answered_at:
                self._answers[answer.id] = answer
                self.version += 1

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The answers that hold now, as pieces of the knowledge."""
        return tuple(
            Piece(
                id=f"{PREFIX}{answer.id.hex}",
                topic="general",
                title=answer.question,
                questions=(answer.question,),
                text=answer.answer,
            )
            for answer in self._answers.values()
            if answer.expires_at is None or answer.expires_at > self._clock()
        )
