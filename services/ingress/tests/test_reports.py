"""What is told of what was understood: whose an echo is, which names belong together, and no storm twice."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from chassis.errors import DeadlineExceeded, Unavailable
from chassis.testing import Probe
from contracts import conversation_id
from contracts.ingress import ChannelStateChanged, MessageEchoed, MessageReceived, NamesSeen
from contracts.postprocessor import Recognise, Recognised
from ingress_service.channels.evolution import parse
from ingress_service.channels.results import Ignored

PN = "5551987654321@s.whatsapp.net"
LID = "190000000000017@lid"
WEB_ID = "3EB0C767D71D7B9D1A2B3C"
PHONE_ID = "3AA4C767D71D7B9D1A2B"


def upsert(message_id: str, *, from_me: bool = False, **key: Any) -> dict[str, Any]:
    data = {
        "key": {"remoteJid": PN, "fromMe": from_me, "id": message_id, **key},
        "message": {"conversation": "Oi, aqui é a Marta"},
        "messageTimestamp": 1795340225,
    }
    return {"event": "messages.upsert", "instance": "kumon", "data": data}


def connection(state: str, at: str) -> dict[str, Any]:
    return {"event": "connection.update", "instance": "kumon", "date_time": at, "data": {"state": state}}


async def test_an_echo_of_ours_that_comes_as_typed_is_told_as_ours(desk: Any) -> None:
    desk.probe.answer(Recognise, Recognised(ours=True))
    await desk.post(upsert(WEB_ID, from_me=True))
    (echo,) = desk.probe.of(MessageEchoed)
    assert (echo.origin, echo.unsure) == ("api", False)


async def test_what_somebody_typed_on_whatsapp_web_is_told_as_typed(desk: Any) -> None:
    desk.probe.answer(Recognise, Recognised(ours=False))
    await desk.post(upsert(WEB_ID, from_me=True))
    (echo,) = desk.probe.of(MessageEchoed)
    assert (echo.origin, echo.unsure) == ("phone", False)
    (asked,) = desk.probe.asked
    assert (asked.key.id, asked.text) == (WEB_ID, "Oi, aqui é a Marta")


@pytest.mark.parametrize("message_id", [PHONE_ID, "AC" + "0" * 30, "AC" + "0" * 19])
async def test_whose_id_a_phone_made_needs_no_question(desk: Any, message_id: str) -> None:
    await desk.post(upsert(message_id, from_me=True))
    assert [(each.origin, each.unsure) for each in desk.probe.of(MessageEchoed)] == [("phone", False)]
    assert desk.probe.asked == []


@pytest.mark.parametrize("error", [Unavailable("postprocessor is away"), DeadlineExceeded("it is slow")])
async def test_while_nobody_knows_what_we_sent_an_echo_is_told_as_doubtful(desk: Any, error: Exception) -> None:
    desk.probe.answer(Recognise, error)
    assert (await desk.post(upsert(WEB_ID, from_me=True))).status_code == httpx.codes.OK
    assert [(each.origin, each.unsure) for each in desk.probe.of(MessageEchoed)] == [("phone", True)]


async def test_two_names_of_one_person_are_told_once_beside_whatever_showed_them(desk: Any) -> None:
    await desk.post(upsert(PHONE_ID, from_me=True, remoteJidAlt=LID))
    await desk.post(upsert("3AA4C767D71D7B9D1A2C", from_me=True, remoteJidAlt=LID))
    (seen,) = desk.probe.of(NamesSeen)
    assert (seen.address.phone, seen.address.lid) == ("+5551987654321", LID)
    (event,) = (each for each in desk.probe.published if isinstance(each.data, NamesSeen))
    assert event.subject == conversation_id("+5551987654321")


async def test_a_message_tells_its_own_names(desk: Any) -> None:
    await desk.post(upsert("3A01", remoteJidAlt=LID))
    await desk.post(upsert(PHONE_ID, from_me=True, remoteJidAlt=LID))
    assert len(desk.probe.of(MessageReceived)) == 1
    assert desk.probe.of(NamesSeen) == []


async def test_a_group_is_not_for_us_and_still_shows_who_is_who(desk: Any) -> None:
    await desk.post(upsert("3A01", remoteJid="120363000000000001@g.us", participant=LID, participantAlt=PN))
    assert [type(each.data) for each in desk.probe.published] == [NamesSeen]


@pytest.mark.parametrize(
    "author", [{"participant": LID}, {"participant": PN}, {"participant": LID, "participantAlt": "oi"}, {}]
)
def test_a_group_that_shows_one_name_shows_nothing(author: dict[str, str]) -> None:
    body = upsert("3A01", remoteJid="120363000000000001@g.us", **author)
    (result,) = parse(body, now=datetime(2026, 11, 23, tzinfo=UTC))
    assert result == Ignored("group")


async def states(probe: Probe) -> list[str]:
    return [each.state for each in probe.of(ChannelStateChanged)]


async def test_a_storm_of_connections_is_told_once(desk: Any) -> None:
    for number in range(50):
        await desk.post(connection("connecting", f"2026-11-22T09:37:{number % 60:02}Z"))
        await desk.post(connection("close", f"2026-11-22T09:37:{number % 60:02}.5Z"))
    assert await states(desk.probe) == ["connecting", "closed"]
    await desk.post(connection("open", "2026-11-22T09:39:00Z"))
    await desk.post(connection("open", "2026-11-22T09:39:01Z"))
    await desk.post(connection("close", "2026-11-22T09:39:02Z"))
    assert await states(desk.probe) == ["connecting", "closed", "open", "closed"]


async def test_every_code_to_scan_is_told(desk: Any) -> None:
    for code in ("2@one", "2@two"):
        data = {"qrcode": {"code": code}}
        await desk.post({"event": "qrcode.updated", "instance": "kumon", "date_time": code, "data": data})
    assert [each.qr for each in desk.probe.of(ChannelStateChanged)] == ["2@one", "2@two"]
