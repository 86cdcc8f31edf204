"""The report of a day, a week, a month by e-mail."""

import asyncio
import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from frontdesk_service import projections
from frontdesk_service.hours import Period
from frontdesk_service.mail import Mail, Unsent
from frontdesk_service.parts import Outlets
from frontdesk_service.report_mail import Rest, bars, render
from frontdesk_service.reports import REPORT, Reporting, Schedule
from frontdesk_service.testing_month import Month
from frontdesk_service.wording import measures
from pydantic import SecretStr

pytestmark = pytest.mark.stores

SCHEDULE = Schedule({"day": time(7, 30), "week": time(7, 40), "month": time(7, 50)})
TO = "dona@example.com, socio@example.com"


@pytest.fixture
def outlets(postbox: Any) -> Outlets:
    mail = Mail(SecretStr(f"smtp://127.0.0.1:{postbox[1]}"), TO)
    return Outlets(page="https://desk.example", reports=mail, schedule=SCHEDULE)


async def lived(frontdesk: Any, clock: Any, conversations: int = 80) -> None:
    """Fold the facts of a month that begins on the first of November 2026."""
    clock.at = datetime.fromisoformat("2026-11-01T00:00-03:00")
    for family in Month(clock.at, conversations).families():
        async with frontdesk.store.unit() as tx:
            await projections.apply(tx.connection, *family, now=clock())


async def test_each_period_is_reported_once_in_the_morning_after(frontdesk: Any, clock: Any, postbox: Any) -> None:
    await lived(frontdesk, clock)
    clock.at = datetime.fromisoformat("2026-11-23T00:10-03:00")  # a Monday
    await frontdesk.parts.reporting.arm()
    while clock.at < datetime.fromisoformat("2026-12-01T12:00-03:00"):
        await frontdesk.probe.fire_due(clock())
        clock.on(minutes=25)
    days = [
        f"Resumo do dia: {measures.span(Period.of('day', clock.at.date() - timedelta(days=back)))}"
        for back in range(1, 10)
    ]
    weeks = ["Resumo da semana: 16 a 22 de novembro", "Resumo da semana: 23 a 29 de novembro"]
    assert sorted(postbox[0].subjects) == sorted([*days, *weeks, "Resumo do mês: novembro de 2026"])


async def test_two_copies_and_a_restart_send_one(frontdesk: Any, clock: Any, outlets: Outlets, postbox: Any) -> None:
    await lived(frontdesk, clock, 5)
    clock.at = datetime.fromisoformat("2026-11-24T07:31-03:00")
    mine = frontdesk.parts
    other = Reporting(
        frontdesk.store, mine.reads, mine.numbers, clock, mail=outlets.reports, schedule=SCHEDULE, page=None
    )
    await asyncio.gather(*(each.send("day") for each in (mine.reporting, other) * 3))
    await mine.reporting.arm()  # a restart
    await frontdesk.probe.fire_due(clock())
    assert postbox[0].subjects == ["Resumo do dia: segunda, 23/11"]
    assert await frontdesk.store.pool.fetchval("select due_at from timer where name = $1 and key = 'day'", REPORT) == (
        clock.at.replace(day=25, minute=30)
    )


async def test_what_the_mail_server_refuses_is_sent_when_it_takes_it(frontdesk: Any, clock: Any, postbox: Any) -> None:
    box, _ = postbox
    await lived(frontdesk, clock, 5)
    clock.at = datetime.fromisoformat("2026-11-24T07:31-03:00")
    box.refuses = True
    with pytest.raises(Unsent):
        await frontdesk.parts.reporting.send("day")
    box.refuses = False
    await frontdesk.parts.reporting.send("day")
    await frontdesk.parts.reporting.send("day")
    assert len(box.mails) == 1


async def test_nothing_is_reported_of_a_time_before_the_system(
    frontdesk: Any, ana: Any, clock: Any, postbox: Any
) -> None:
    clock.at = datetime.fromisoformat("2026-11-24T07:31-03:00")
    await frontdesk.deliver(ana.says("oi"))
    for name in ("day", "week", "month"):
        await frontdesk.parts.reporting.send(name)
    assert postbox[0].mails == []


async def test_both_parts_of_the_mail_say_what_the_page_says(frontdesk: Any, clock: Any, postbox: Any) -> None:
    await lived(frontdesk, clock)
    clock.at = datetime.fromisoformat("2026-12-01T08:00-03:00")
    await frontdesk.parts.reporting.send("month")
    (mail,) = postbox[0].mails
    assert (mail["To"], mail["Message-ID"]) == (TO, "<report.month.2026-11-01@example.com>")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    report = await frontdesk.parts.numbers.report("month", datetime.fromisoformat("2026-11-15").date())
    for shown in report.shown:
        if shown.value is not None:
            value = measures.measure(shown.value, shown.indicator.unit)
            assert f"{shown.indicator.title}: {value}" in text
            assert value in html.replace("&nbsp;", "\xa0"), shown.indicator.name
    assert "https://desk.example/numeros?por=mes&dia=2026-11-01" in text
    assert not re.search(r"<(script|img|svg|link|style)", html), "a mail program shows none of them"


async def test_a_bar_is_as_high_as_its_value(frontdesk: Any, clock: Any) -> None:
    await lived(frontdesk, clock)
    report = await frontdesk.parts.numbers.report("week", datetime.fromisoformat("2026-11-18").date())
    shown = report.of("conversations")
    values = [value for _, value in shown.trend]
    heights = bars(shown)
    assert [heights.index(max(heights))] == [values.index(max(values))]
    assert all(
        (one > other) >= (high > low)
        for one, other, high, low in zip(values[1:], values[:-1], heights[1:], heights[:-1], strict=True)
    )
    assert render(report, Rest(2, None))[1].count("2 avisos abertos agora.") == 1
