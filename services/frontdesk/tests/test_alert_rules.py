"""Every rule of `alerts.toml`, in simulated time: raised, merged, told by mail and WhatsApp, closed by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from chassis.testing import an_event
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import KnowledgeGapFound, Lead, LeadQualified, SendPolicy, Slot, TurnClosed
from contracts.frontdesk import AlertCleared, AlertRaised, KnowledgeAnswered, StaffNotified, TaughtAnswer
from contracts.ingress import ChannelStateChanged
from contracts.llm_gateway import CompletionServed
from contracts.postprocessor import DeliveryFailed
from contracts.rules import DraftBlocked, Replacement, ReplyDrafted
from frontdesk_service.alerting import Rules
from frontdesk_service.lookout import Sight
from frontdesk_service.mail import Mail
from frontdesk_service.parts import Outlets
from frontdesk_service.unit import read_unit_file
from pydantic import SecretStr

pytestmark = pytest.mark.stores

RULES = {rule.condition: rule for rule in Rules.read(read_unit_file(None).ai_budget.model_dump()).rules}
UNIT_PHONE = "+5551996921999"


@dataclass
class Scene:
    """The unit's day, and a family in it; `away` are services that are down, `dead` counts dead letters by queue."""

    frontdesk: Any
    ana: Any
    clock: Any
    away: set[str] = field(default_factory=set)
    dead: dict[str, int] = field(default_factory=dict)
    said: Any = None

    async def tell(self, *facts: Any) -> None:
        await self.frontdesk.deliver(*(self.ana.fact(fact) for fact in facts))

    def turn(self, reason: str | None = None, **more: Any) -> TurnClosed:
        outcome = "handed_over" if reason else "replied"
        given = {"turn_id": uuid4(), "messages": (), **more}
        return TurnClosed(outcome=outcome, reason=reason, stage="discovery", **given)

    def booking(self) -> BookingConfirmed:
        start = self.clock.at + timedelta(days=2)
        slot = Slot(start=start, end=start + timedelta(minutes=30))
        return BookingConfirmed(
            visit=Visit(id=uuid4(), slot=slot, status="booked", contact=self.ana.contact, lead=Lead())
        )

    def draft(self, turn_id: Any = None) -> ReplyDrafted:
        return ReplyDrafted(
            reply_id=uuid4(),
            turn_id=turn_id,
            contact=self.ana.contact,
            instance="kumon",
            bubbles=("oi",),
            purpose="answer",
            facts_version="1",
            policy=SendPolicy(expires_at=self.clock.at + timedelta(minutes=30)),
        )

    async def channel(self, state: Any) -> None:
        changed = ChannelStateChanged(instance="kumon", state=state)
        await self.frontdesk.deliver(an_event(changed, at=self.clock.on(seconds=1)))

    async def qualify(self, families: int) -> None:
        for number in range(families):
            other = type(self.ana)(self.clock, phone=f"+55519800000{number:02}")
            await self.frontdesk.deliver(other.fact(LeadQualified(contact=other.contact, lead=Lead())))


Step: TypeAlias = Callable[[Scene], Awaitable[None]]


async def nobody_answers(scene: Scene) -> None:
    scene.said = scene.ana.says("oi")
    await scene.frontdesk.deliver(scene.said)
    scene.clock.on(seconds=61)


async def somebody_answers(scene: Scene) -> None:
    await scene.frontdesk.deliver(*scene.ana.turn(scene.said))


async def whatsapp_closes(scene: Scene) -> None:
    await scene.channel("closed")
    scene.clock.on(minutes=4)
    await scene.channel("qr")  # somebody tries to link it again
    scene.clock.on(minutes=2)


async def whatsapp_opens(scene: Scene) -> None:
    await scene.channel("open")


async def two_services_die(scene: Scene) -> None:
    scene.away |= {"dialogue", "rules"}
    await scene.frontdesk.parts.alarm.look()
    scene.clock.on(minutes=5, seconds=1)


async def they_come_back(scene: Scene) -> None:
    scene.away.clear()


async def nobody_books(scene: Scene) -> None:
    scene.clock.on(days=1)


async def two_book(scene: Scene) -> None:
    await scene.tell(scene.booking(), scene.booking())
    scene.clock.on(seconds=1)


async def two_qualify(scene: Scene) -> None:
    await scene.qualify(2)
    scene.clock.on(seconds=1)


async def they_qualify_and_do_not_book(scene: Scene) -> None:
    scene.clock.on(days=2)
    await two_qualify(scene)


async def a_turn_fails(scene: Scene) -> None:
    await scene.tell(*(scene.turn() for _ in range(40)), scene.turn("failure"))
    scene.clock.on(seconds=1)


def somebody_else(reason: str | None) -> Step:
    async def is_told(scene: Scene) -> None:
        other = type(scene.ana)(scene.clock, phone="+5551980000077")
        await scene.frontdesk.deliver(other.fact(scene.turn(reason)))
        scene.clock.on(seconds=1)

    return is_told


async def an_answer_is_slow(scene: Scene) -> None:
    said = scene.ana.says("oi")
    turn = scene.turn(messages=(said.id,))
    draft = scene.ana.fact(scene.draft(turn.turn_id))
    scene.clock.on(seconds=6)
    sent = scene.ana.delivered(draft.data.reply_id, [scene.ana.key(from_me=True)])
    await scene.frontdesk.deliver(said, scene.ana.fact(turn), draft, sent)
    scene.clock.on(seconds=1)


def spends(brl: str) -> Step:
    async def spend(scene: Scene) -> None:
        await scene.tell(CompletionServed(task="phrase", provider="openai", brl=Decimal(brl)))
        scene.clock.on(seconds=1)

    return spend


async def a_call_might_pass_the_limit(scene: Scene) -> None:
    await scene.tell(
        CompletionServed(task="phrase", provider="openai", brl=Decimal("4.99")),
        CompletionServed(task="phrase", refusal="budget"),
    )
    scene.clock.on(seconds=1)


async def a_message_does_not_arrive(scene: Scene) -> None:
    draft = scene.draft()
    failed = DeliveryFailed(reply_id=draft.reply_id, contact=scene.ana.contact, reason="exhausted", attempts=5)
    await scene.tell(draft, failed)
    scene.clock.on(seconds=1)


async def a_price_is_invented(scene: Scene) -> None:
    await scene.tell(
        DraftBlocked(reply_id=uuid4(), replacement=Replacement(bubble=0, claim="price"), facts_version="1")
    )
    scene.clock.on(seconds=1)


async def a_question_waits(scene: Scene) -> None:
    await scene.tell(KnowledgeGapFound(question="tem piscina?"))
    scene.clock.on(seconds=1)


async def it_is_answered(scene: Scene) -> None:
    taught = TaughtAnswer(
        id=uuid4(), question="tem piscina?", answer="Não temos.", by="maria", answered_at=scene.clock.on(seconds=1)
    )
    await scene.tell(KnowledgeAnswered(answer=taught))


async def letters_die(scene: Scene) -> None:
    scene.dead |= {"preprocessor.ingress.message_received.v1.dead": 7}


async def letters_are_sent_back(scene: Scene) -> None:
    scene.dead.clear()


async def the_crm_takes_nothing(scene: Scene) -> None:
    await scene.frontdesk.store.pool.execute(
        """insert into webhook_deliveries (id, kind, conversation, at, dead_at)
        values ($1, 'handoff.opened', $2, $3, $3)""",
        *(uuid4(), scene.ana.subject, scene.clock.at),
    )


async def the_crm_takes_it(scene: Scene) -> None:
    await scene.frontdesk.store.pool.execute("update webhook_deliveries set dead_at = null")


def time_passes(**ahead: float) -> Step:
    async def pass_(scene: Scene) -> None:
        scene.clock.on(**ahead)

    return pass_


TABLE: dict[str, tuple[Step, Step]] = {
    "unanswered": (nobody_answers, somebody_answers),
    "whatsapp_disconnected": (whatsapp_closes, whatsapp_opens),
    "service_down": (two_services_die, they_come_back),
    "no_bookings": (nobody_books, two_book),
    "few_leads": (nobody_books, two_qualify),
    "booking_rate": (they_qualify_and_do_not_book, two_book),
    "unresolved": (somebody_else("failure"), time_passes(days=1)),
    "slow_answers": (an_answer_is_slow, time_passes(minutes=11)),
    "errors": (a_turn_fails, time_passes(minutes=61)),
    "many_errors": (a_turn_fails, time_passes(minutes=16)),
    "spend_warning": (spends("4.00"), time_passes(days=1)),
    "spend_critical": (spends("4.50"), time_passes(days=1)),
    "spend_limit": (a_call_might_pass_the_limit, time_passes(days=1)),
    "delivery_failures": (a_message_does_not_arrive, time_passes(days=1)),
    "wrong_claim": (a_price_is_invented, time_passes(days=1)),
    "open_questions": (a_question_waits, it_is_answered),
    "dead_letters": (letters_die, letters_are_sent_back),
    "webhook_dead": (the_crm_takes_nothing, the_crm_takes_it),
}


@pytest.fixture
def outlets(postbox: Any) -> Outlets:
    return Outlets(Mail(SecretStr(f"smtp://127.0.0.1:{postbox[1]}"), "owner@example.com"), UNIT_PHONE)


@pytest.fixture
async def scene(frontdesk: Any, ana: Any, clock: Any) -> Scene:
    scene = Scene(frontdesk, ana, clock)

    class Lookout:
        async def look(self) -> Sight:
            return Sight(frozenset(scene.away), dict(scene.dead))

    frontdesk.parts.alarm._lookout = Lookout()
    said = ana.says("oi")
    await frontdesk.deliver(said, *ana.turn(said))
    await scene.tell(scene.booking())
    clock.on(seconds=1)
    return scene


def test_the_table_has_every_rule() -> None:
    assert set(TABLE) == set(RULES)


@pytest.mark.parametrize("condition", TABLE)
async def test_it_is_raised_once_told_and_closed_by_itself(scene: Scene, condition: str, postbox: Any) -> None:
    rule, (begins, ends) = RULES[condition], TABLE[condition]
    alarm, probe = scene.frontdesk.parts.alarm, scene.frontdesk.probe

    def raised() -> list[str]:
        return [each.condition for each in probe.of(AlertRaised) if each.condition == condition]

    def cleared() -> list[str]:
        return [each.condition for each in probe.of(AlertCleared) if each.condition == condition]

    def lines(texts: list[str]) -> list[str]:
        return [line for text in texts for line in text.splitlines() if rule.title in line]

    def mailed() -> list[str]:
        return lines([text for _, text in postbox[0].told])

    def whatsapped() -> list[str]:
        return lines([each.text for each in probe.of(StaffNotified)])

    await alarm.look()
    assert raised() == []
    await begins(scene)
    for _ in range(3):
        await alarm.look()
        scene.clock.on(seconds=2)
    assert raised() == [condition]
    assert cleared() == []
    assert len(mailed()) == (rule.severity != "info")
    assert len(whatsapped()) == (rule.severity == "critical")

    await ends(scene)
    await alarm.look()
    await alarm.look()
    assert cleared() == [condition]
    assert [line.startswith("✅ Resolvido:") for line in mailed()] == [False, True][: 2 * (rule.severity != "info")]
    assert len(whatsapped()) == 2 * (rule.severity == "critical")


async def test_the_alert_names_what_is_down(scene: Scene, postbox: Any) -> None:
    await two_services_die(scene)
    await scene.frontdesk.parts.alarm.look()
    assert any("Parte do sistema fora do ar: dialogue, rules (5 min)" in text for _, text in postbox[0].told)
