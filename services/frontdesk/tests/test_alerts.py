"""What somebody must know, in simulated time."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import frontdesk_service
import pytest
from chassis.testing import an_event
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import KnowledgeGapFound, Lead, Slot, TurnClosed
from contracts.frontdesk import AlertCleared, AlertRaised, StaffNotified
from contracts.ingress import ChannelStateChanged
from contracts.llm_gateway import CompletionServed
from frontdesk_service.alerting import Rules
from frontdesk_service.mail import Mail, Unsent
from frontdesk_service.parts import Outlets
from frontdesk_service.tokens import Account
from frontdesk_service.unit import read_unit_file
from pydantic import SecretStr

pytestmark = pytest.mark.stores

ROOT = next(folder for folder in Path(frontdesk_service.__file__).parents if (folder / "unit.toml").is_file())
UNIT_PHONE = "+5551996921999"


@pytest.fixture
def outlets(postbox: Any) -> Outlets:
    mail = Mail(SecretStr(f"smtp://127.0.0.1:{postbox[1]}"), "owner@example.com")
    return Outlets(mail, UNIT_PHONE, "https://desk.example")


async def look(frontdesk: Any) -> dict[str, dict[str, Any]]:
    """Look once; open alerts by condition."""
    await frontdesk.parts.alarm.look()
    async with frontdesk.client() as client:
        shown = (await client.get("/api/v1/alerts", params={"status": "open"})).raise_for_status().json()
    return {each["condition"]: each for each in shown["items"]}


async def test_a_message_without_an_answer_is_told_at_once_and_closes_itself(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    box, _ = postbox
    said = ana.says("oi")
    await frontdesk.deliver(said)
    assert "unanswered" not in await look(frontdesk)
    clock.on(seconds=61)
    alert = (await look(frontdesk))["unanswered"]
    assert (alert["severity"], alert["value"], alert["limit"]) == ("critical", 1, 0)
    assert alert["runbook"] == "docs/runbook.md#unanswered"
    ((subject, text),) = box.told
    assert "Mensagens sem resposta" in subject
    assert "https://desk.example/runbook#unanswered" in text
    assert "https://desk.example/avisos" in text
    (notice,) = frontdesk.probe.of(StaffNotified)
    assert (notice.contact.phone, notice.instance) == (UNIT_PHONE, "kumon")
    assert [each.condition for each in frontdesk.probe.of(AlertRaised)] == ["unanswered"]

    await frontdesk.deliver(*ana.turn(said))
    assert "unanswered" not in await look(frontdesk)
    (cleared,) = frontdesk.probe.of(AlertCleared)
    assert cleared.alert_id == frontdesk.probe.of(AlertRaised)[0].alert_id
    assert box.told[-1][0].startswith("✅ Resolvido: Mensagens sem resposta")
    async with frontdesk.client() as client:
        (closed,) = (await client.get("/api/v1/alerts", params={"status": "closed"})).json()["items"]
    assert closed["cleared_at"] is not None


async def test_repeats_are_merged_told_again_after_an_hour_and_no_more_once_acknowledged(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    box, _ = postbox
    await frontdesk.deliver(ana.says("oi"))
    clock.on(seconds=61)
    for _ in range(5):
        await look(frontdesk)
        clock.on(minutes=5)
    assert len(box.told) == 1
    clock.on(minutes=40)
    alert = (await look(frontdesk))["unanswered"]
    assert len(box.told) == 2
    async with frontdesk.client() as client:
        seen = (await client.post(f"/api/v1/alerts/{alert['id']}/acknowledge")).raise_for_status().json()
        assert seen["acknowledged_by"] == "maria"
        assert (await client.post(f"/api/v1/alerts/{ana.an_id()}/acknowledge")).status_code == 404
    clock.on(hours=2)
    await look(frontdesk)
    assert sum("Mensagens sem resposta" in subject for subject, _ in box.told) == 2
    assert len(frontdesk.probe.of(AlertRaised)) == 1


async def test_one_that_comes_back_soon_is_the_same_one(frontdesk: Any, clock: Any) -> None:
    async def channel(state: str) -> None:
        changed = ChannelStateChanged(instance="kumon", state=state)
        await frontdesk.deliver(an_event(changed, at=clock.on(seconds=1)))

    await channel("closed")
    clock.on(minutes=6)
    first = (await look(frontdesk))["whatsapp_disconnected"]
    await channel("open")
    assert await look(frontdesk) == {}
    await channel("closed")
    clock.on(minutes=6)
    again = (await look(frontdesk))["whatsapp_disconnected"]
    assert (again["id"], again["times"]) == (first["id"], 2)


async def test_quiet_hours_hold_a_warning_until_the_morning_and_nothing_critical(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    box, _ = postbox
    clock.at = clock.at.replace(hour=22)
    spent = CompletionServed(task="phrase", provider="openai", brl=Decimal("4.20"))
    await frontdesk.deliver(ana.fact(spent))
    clock.on(seconds=1)
    assert set(await look(frontdesk)) == {"spend_warning"}
    assert box.told == []
    await frontdesk.deliver(ana.fact(CompletionServed(task="phrase", provider="openai", brl=Decimal("0.30"))))
    clock.on(seconds=1)
    assert set(await look(frontdesk)) == {"spend_warning", "spend_critical"}
    assert ["perto do limite" in subject for subject, _ in box.told] == [True]


async def test_a_warning_of_the_night_that_still_holds_is_told_in_the_morning(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    box, _ = postbox
    clock.at = clock.at.replace(hour=6)
    await frontdesk.deliver(ana.fact(CompletionServed(task="phrase", provider="openai", brl=Decimal("4.20"))))
    clock.on(seconds=1)
    await look(frontdesk)
    assert box.told == []
    clock.at = clock.at.replace(hour=8, minute=1)
    await look(frontdesk)
    assert [subject.split("(")[0] for subject, _ in box.told] == ["🟡 Gasto com IA passou do primeiro aviso "]


async def test_what_could_not_be_mailed_is_mailed_the_next_time(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    box, _ = postbox
    box.refuses = True
    await frontdesk.deliver(ana.says("oi"))
    clock.on(seconds=61)
    await look(frontdesk)
    box.refuses = False
    await look(frontdesk)
    assert len(box.told) == 1


async def test_four_business_hours_without_a_booking_are_told(frontdesk: Any, ana: Any, clock: Any) -> None:
    slot = Slot(start=clock.at + timedelta(days=1), end=clock.at + timedelta(days=1, minutes=30))
    visit = Visit(id=ana.an_id(), slot=slot, status="booked", contact=ana.contact, lead=Lead())
    clock.at = clock.at.replace(hour=9, minute=0)
    await frontdesk.deliver(ana.fact(BookingConfirmed(visit=visit)))
    clock.at = clock.at.replace(hour=14, minute=59)
    assert "no_bookings" not in await look(frontdesk), "lunch does not count"
    clock.at = clock.at.replace(hour=15, minute=1)
    assert (await look(frontdesk))["no_bookings"]["severity"] == "critical"
    other = visit.model_copy(update={"id": ana.an_id()})
    await frontdesk.deliver(ana.fact(BookingConfirmed(visit=other)))
    clock.on(seconds=5)
    assert "no_bookings" not in await look(frontdesk)


async def test_a_system_that_has_just_begun_is_not_blamed_for_what_it_has_not_done(
    frontdesk: Any, ana: Any, clock: Any
) -> None:
    said = ana.says("oi")
    await frontdesk.deliver(said, *ana.turn(said))
    clock.on(hours=3)
    assert await look(frontdesk) == {}
    clock.on(hours=46)
    assert {"few_leads", "no_bookings"} <= set(await look(frontdesk))


async def test_failures_are_told_by_how_many_there_are(frontdesk: Any, ana: Any, clock: Any) -> None:
    def turn(reason: str | None) -> TurnClosed:
        outcome = "handed_over" if reason else "replied"
        return TurnClosed(turn_id=ana.an_id(), messages=(), outcome=outcome, reason=reason, stage="discovery")

    await frontdesk.deliver(*(ana.fact(turn(None)) for _ in range(70)))
    clock.on(minutes=1)
    assert "errors" not in await look(frontdesk)
    await frontdesk.deliver(ana.fact(turn("failure")))
    clock.on(seconds=1)
    found = await look(frontdesk)
    assert {"errors", "many_errors"} & set(found) == {"errors"}
    await frontdesk.deliver(ana.fact(turn("failure")))
    clock.on(seconds=1)
    assert (await look(frontdesk))["many_errors"]["severity"] == "critical"


async def test_questions_that_wait_for_the_unit_are_only_shown(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    await frontdesk.deliver(ana.fact(KnowledgeGapFound(question="tem piscina?")))
    clock.on(seconds=1)
    assert (await look(frontdesk))["open_questions"]["severity"] == "info"
    assert postbox[0].told == []


async def test_the_alarm_looks_again_by_itself(frontdesk: Any, ana: Any, clock: Any) -> None:
    await frontdesk.parts.alarm.arm()
    await frontdesk.deliver(ana.says("oi"))
    clock.on(seconds=61)
    assert await frontdesk.probe.fire_due(clock()) >= 1
    assert [each.condition for each in frontdesk.probe.of(AlertRaised)] == ["unanswered"]
    timers = await frontdesk.store.pool.fetch("select due_at from timer")
    assert [timer["due_at"] for timer in timers] == [clock() + timedelta(seconds=30)]


async def test_a_mail_server_that_is_away_is_no_surprise() -> None:
    with pytest.raises(Unsent):
        await Mail(SecretStr("smtp://127.0.0.1:1"), "owner@example.com").send("oi", "oi")


def test_every_condition_has_its_section_in_the_runbook() -> None:
    sections = set(re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE))
    rules = Rules.read(read_unit_file(None).ai_budget.model_dump()).rules
    assert {rule.section for rule in rules} <= sections


async def test_an_alert_leads_to_what_to_do(frontdesk: Any, ana: Any, clock: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    clock.on(seconds=61)
    await look(frontdesk)
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", "owner")))
        alerts, runbook = await client.get("/avisos"), await client.get("/runbook")
    assert 'href="/runbook#unanswered"' in alerts.text
    assert '<h2 id="unanswered">unanswered</h2>' in runbook.text
    assert "degradation.md</a>" in runbook.text
    assert 'href="degradation.md"' not in runbook.text


def test_business_hours_are_counted_over_lunch_nights_and_weekends() -> None:
    hours = read_unit_file(None).business_hours()
    monday = datetime.fromisoformat("2026-11-23T10:00-03:00")
    assert hours.ago(monday, 1) == monday.replace(hour=9)
    thursday = datetime.fromisoformat("2026-11-19T14:00-03:00")
    assert hours.ago(monday, 4) == thursday, "the 20th is a holiday"
    assert hours.ago(monday.replace(hour=13), 3) == monday.replace(hour=9)
