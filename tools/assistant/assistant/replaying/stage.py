"""The running system as a stage: the parent's phone in the sandbox, the front desk's page, the line's facts."""

import asyncio
import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from contracts import conversation_id

from assistant.replaying.conductor import Conductor
from assistant.replaying.tap import Followed, Tap
from assistant.replaying.world import World
from assistant.scenarios.checking import check_contact
from assistant.scenarios.model import Expect, Medium, Outcome, Piece, Turn
from assistant.scenarios.seen import NOBODY, offers_in

ARRIVES_S = 20.0
ENDS_S = 60.0
QUIET_S = 1.5
REMINDED_S = 10.0
SHOWN_S = 3.0
"""The front desk is at most two seconds behind the line."""
LOOK_EVERY_S = 0.1
ERASED_S = 10.0
BETWEEN_MESSAGES_S = 2.0
_PAST = Turn(parent="")


class NotAnswered(Exception):  # noqa: N818  # it says what happened to the parent
    """A message had no end in time."""


def a_new_phone() -> str:
    """Return a number that nobody had in any run before, with the ninth digit."""
    return f"+55519{80_000_000 + secrets.randbelow(19_999_999)}"


@dataclass(frozen=True)
class Desk:
    """What plays share: HTTP, the addresses, the token for the front desk, the tap, the world around."""

    http: httpx.AsyncClient
    sandbox: str
    frontdesk: str
    token: str
    tap: Tap
    world: World
    in_use: set[str] = field(default_factory=set)

    @property
    def bearer(self) -> dict[str, str]:
        """The header that the front desk's API wants."""
        return {"Authorization": f"Bearer {self.token}"}


class Live:
    """One parent on the running system."""

    def __init__(self, desk: Desk, conductor: Conductor, wanted: str | None, profile_name: str | None) -> None:
        self._desk = desk
        self._conductor = conductor
        self._wanted = wanted
        self.phone = a_new_phone()
        self._name = profile_name
        self._waited: set[str] = set()
        self._shown = 0
        self._replies_before = 0
        self._offered = False

    @property
    def _line(self) -> Followed:
        return self._desk.tap.of(conversation_id(self.phone))

    def now(self) -> dt.datetime:
        """Return the system's time."""
        return self._conductor.now()

    async def until(self, at: dt.datetime) -> None:
        """Let time pass for all."""
        await self._mark()
        await self._conductor.until(at)

    async def parent_writes(self, pieces: Sequence[Piece]) -> None:
        """Write, and have the burst window closed as soon as everything has arrived."""
        await self._mark()
        began = self.now()
        sent = {
            await self._write(piece, began + dt.timedelta(seconds=BETWEEN_MESSAGES_S * nth))
            for nth, piece in enumerate(pieces)
        }
        self._waited = sent
        if not await self._line.until(lambda line: sent <= line.arrived, ARRIVES_S):
            raise NotAnswered("a message did not arrive")
        await self._conductor.written()

    async def staff_writes(self, text: str) -> None:
        """Write on the unit's own phone."""
        await self._mark()
        self._waited, before = set(), self._line.echoed
        await self._post({"phone": self.phone, "text": text, "from_unit": True})
        if not await self._line.until(lambda line: line.echoed > before, ARRIVES_S):
            raise NotAnswered("what the unit typed did not arrive")

    async def settled(self, turn: Turn) -> tuple[tuple[str, ...], int]:
        """Wait for the end of every message and for the delivery of every reply."""
        before = self._replies_before
        if turn.pieces:
            waited = self._waited
            if not await self._line.until(lambda line: waited <= line.ended and line.is_quiet, ENDS_S):
                raise NotAnswered("a message has no end")
        elif turn.staff is None and (turn.expect.reply or turn.expect.replies):
            await self._line.until(lambda line: len(line.drafted) > before and line.is_quiet, REMINDED_S)
        else:
            await asyncio.sleep(QUIET_S)
            await self._line.until(lambda line: line.is_quiet, ENDS_S)
        bubbles = (await self._received())[self._shown :]
        self._offered |= bool(offers_in(bubbles, self.now()))
        return tuple(bubbles), len(self._line.drafted) - before

    async def contact(self, expect: Expect | Outcome, offers: dict[int, dt.datetime]) -> dict[str, Any]:
        """Look until everything is as expected, or until the front desk has had its time."""
        end = asyncio.get_running_loop().time() + SHOWN_S
        while True:
            contact = await self._look()
            if not any(check_contact(expect, contact, offers)) or asyncio.get_running_loop().time() > end:
                return contact
            await asyncio.sleep(LOOK_EVERY_S)

    async def leave(self) -> None:
        """Give slots back: those only offered, and a booked one by erasing the person, else as a parent would."""
        if self._offered:
            await self._desk.world.let_go(conversation_id(self.phone), self.now())
        contact = await self._look()
        if not any(visit["status"] in {"booked", "requested"} for visit in contact["visits"]):
            return
        answer = await self._desk.http.delete(self._page, headers=self._desk.bearer)
        if answer.status_code != httpx.codes.ACCEPTED:
            await self.parent_writes(["quero cancelar a visita"])
            await self.settled(_PAST)

    async def enter(self) -> None:
        """Take the number that the scenario wants, if whoever had it before can be erased; else keep a new one."""
        if self._wanted is None or self._wanted in self._desk.in_use:
            return
        self._desk.in_use.add(self._wanted)
        new, self.phone = self.phone, self._wanted
        if not await self._is_forgotten():
            self.phone = new

    async def _is_forgotten(self) -> bool:
        """Erase whoever had this number; whether nobody has it now."""
        if not (await self._look()).get("phone"):
            return True
        answer = await self._desk.http.delete(self._page, headers=self._desk.bearer)
        if answer.status_code != httpx.codes.ACCEPTED:
            return False
        end = asyncio.get_running_loop().time() + ERASED_S
        while asyncio.get_running_loop().time() < end:
            if not (await self._look()).get("phone"):
                return True
            await asyncio.sleep(LOOK_EVERY_S)
        return False

    @property
    def _page(self) -> str:
        return f"{self._desk.frontdesk}/api/v1/contacts/{self.phone}"

    async def _mark(self) -> None:
        """Leave what came until now to the turn before."""
        self._shown = len(await self._received())
        self._replies_before = len(self._line.drafted)

    async def _look(self) -> dict[str, Any]:
        answer = await self._desk.http.get(self._page, headers=self._desk.bearer)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return dict(NOBODY)
        contact = dict(answer.raise_for_status().json())
        if self._wanted and self.phone != self._wanted:  # the scenario knows the number that it asked for
            contact["lead"] = {**contact["lead"], "phone": self._wanted}
        return contact

    async def _received(self) -> list[str]:
        answer = await self._desk.http.get(f"{self._desk.sandbox}/sandbox/messages", params={"phone": self.phone})
        return [each["text"] for each in answer.raise_for_status().json()["items"] if each["author"] == "api"]

    async def _write(self, piece: Piece, at: dt.datetime) -> str:
        body: dict[str, Any] = {"phone": self.phone, "at": at.isoformat()}
        if self._name:
            body["name"] = self._name
        if isinstance(piece, Medium):
            body |= {"kind": piece.kind, "text": piece.caption or "", "transcription": piece.transcription}
        else:
            body["text"] = piece
        return await self._post(body)

    async def _post(self, body: dict[str, Any]) -> str:
        answer = await self._desk.http.post(f"{self._desk.sandbox}/sandbox/messages", json=body)
        return str(answer.raise_for_status().json()["id"])
