"""What Evolution's answers mean, and what is asked of it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.errors import Unavailable
from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from postprocessor_service.channels import NotTaken, Refused, Taken, Unknown
from postprocessor_service.channels.answers import outcome_of
from postprocessor_service.channels.evolution import MOST_PAGES, PAGE, Evolution
from postprocessor_service.channels.rest import NeverLeft, NoAnswer
from pydantic import HttpUrl, SecretStr

KEY = SecretStr("global-key")
SINCE, UNTIL = datetime(2026, 11, 23, 13, tzinfo=UTC), datetime(2026, 11, 23, 14, tzinfo=UTC)


def error(status: int, message: Any) -> dict[str, Any]:
    return {"status": status, "error": "…", "response": {"message": message}}


GRAPH = {"message": "(#131047) Re-engagement message", "code": 131047, "error_data": {}}


@pytest.mark.parametrize(
    "status,body,outcome",
    [
        (201, {"key": {"id": "3EB0", "fromMe": True}}, Taken("3EB0")),
        (200, {"key": {"id": "3EB0"}}, Taken("3EB0")),
        (201, {"key": {}}, Unknown("no_key")),
        (201, {"key": {"id": ""}}, Unknown("no_key")),
        (201, None, Unknown("no_key")),
        (201, GRAPH, Refused("outside_window")),
        (201, {**GRAPH, "code": 131026}, Refused("not_on_whatsapp")),
        (201, {**GRAPH, "code": 132001}, Refused("rejected")),
        (201, {**GRAPH, "code": 190}, NotTaken("unauthorized")),
        (201, {**GRAPH, "code": 130429}, NotTaken("overloaded")),
        (201, {**GRAPH, "code": 131000}, NotTaken("graph_error")),
        (201, {**GRAPH, "code": "x"}, NotTaken("graph_error")),
        (400, error(400, [{"jid": "1@s.whatsapp.net", "exists": False, "number": "1"}]), Refused("not_on_whatsapp")),
        (400, error(400, {"jid": "1@s.whatsapp.net", "exists": False}), Refused("not_on_whatsapp")),
        (400, error(400, ["Error: Connection Closed"]), NotTaken("disconnected")),
        (400, error(400, "Connection Closed"), NotTaken("disconnected")),
        (500, error(500, [["Error: Connection Closed"]]), NotTaken("disconnected")),
        (400, error(400, ["TypeError: Cannot read properties of undefined (reading 'id')"]), Unknown("graph_html")),
        (400, error(400, [['instance requires property "text"']]), Refused("rejected")),
        (400, None, Refused("rejected")),
        (413, None, Refused("rejected")),
        (401, error(401, "Unauthorized"), NotTaken("unauthorized")),
        (403, error(403, "Forbidden"), NotTaken("unauthorized")),
        (404, error(404, ['The "x" instance does not exist']), NotTaken("instance_missing")),
        (408, None, Unknown("http_408")),
        (429, None, NotTaken("overloaded")),
        (302, None, NotTaken("unreachable")),
        (500, error(500, ["Internal Server Error"]), Unknown("http_500")),
        (502, None, Unknown("http_502")),
        (503, None, Unknown("http_503")),
        (504, None, Unknown("http_504")),
    ],
)
def test_an_answer_means_what_the_channel_does(status: int, body: Any, outcome: Any) -> None:
    assert outcome_of(status, body) == outcome


class Answers:
    """A REST API that answers what it is told, and remembers what it was asked: path and body."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    async def post(self, path: str, body: Any, within_s: float) -> tuple[int, Any]:
        assert within_s > 0
        self.asked.append((path, json.loads(json.dumps(body))))
        answer = self.answers.pop(0) if self.answers else (201, {"key": {"id": "3EB0"}})
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, tuple)
        return answer

    get = post


def an_evolution(*answers: Any, timeout_s: float = 1) -> tuple[Evolution, Answers]:
    said = Answers(*answers)
    evolution = Evolution(HttpUrl("http://evolution.test/base/"), KEY, timeout_s)
    evolution._rest = said  # type: ignore[assignment]  # it has the methods that are used
    return evolution, said


@pytest.mark.parametrize(
    "jid,number",
    [
        ("5551991234501@s.whatsapp.net", "5551991234501"),
        ("200000000000001@lid", "200000000000001@lid"),
        ("5551991234501", "5551991234501"),
        ("5551991234501:3@s.whatsapp.net", "5551991234501"),
    ],
)
async def test_a_message_is_asked_for_as_evolution_wants_it(jid: str, number: str) -> None:
    evolution, said = an_evolution()
    assert await evolution.send("kumon/1", Address(jid=jid), "Olá!") == Taken("3EB0")
    assert said.asked == [
        ("/message/sendText/kumon%2F1", {"number": number, "text": "Olá!", "linkPreview": False}),
    ]


@pytest.mark.parametrize(
    "trouble,outcome",
    [
        (NeverLeft("ClientConnectorError"), NotTaken("unreachable")),
        (NoAnswer("ServerDisconnectedError"), Unknown("ServerDisconnectedError")),
    ],
)
async def test_only_what_never_left_is_certainly_not_sent(trouble: Exception, outcome: Any) -> None:
    evolution, _ = an_evolution(trouble)
    assert await evolution.send("kumon", Address(jid="1@lid"), "Olá!") == outcome


def a_page(page: int, pages: int, *ids: str) -> tuple[int, Any]:
    records = [
        {"key": {"id": one, "fromMe": True, "remoteJid": "1@lid"}, "message": {"conversation": one}} for one in ids
    ]
    return (200, {"messages": {"pages": pages, "currentPage": page, "records": records}})


async def test_every_page_is_read_and_the_oldest_comes_first() -> None:
    evolution, said = an_evolution(a_page(1, 2, "c", "b"), a_page(2, 2, "a"))
    assert [one.id for one in await evolution.find("kumon", SINCE, UNTIL)] == ["a", "b", "c"]
    bodies = [body for _, body in said.asked]
    assert [(one["page"], one["offset"]) for one in bodies] == [(1, PAGE), (2, PAGE)]
    assert bodies[0]["where"]["key"] == {"fromMe": True}
    bounds = bodies[0]["where"]["messageTimestamp"]
    assert [datetime.fromisoformat(bounds[bound]) for bound in ("gte", "lte")] == [SINCE, UNTIL]


async def test_only_texts_from_the_units_number_are_told() -> None:
    records = [
        {"key": {"id": "in", "fromMe": False, "remoteJid": "1@lid"}, "message": {"conversation": "Olá!"}},
        {"key": {"id": "image", "fromMe": True, "remoteJid": "1@lid"}, "message": {"imageMessage": {}}},
        {"key": {"id": "none", "fromMe": True, "remoteJid": "1@lid"}, "message": None},
        {
            "key": {"id": "long", "fromMe": True, "remoteJid": "1@lid", "remoteJidAlt": "551@s.whatsapp.net"},
            "message": {"extendedTextMessage": {"text": "Olá!"}},
        },
    ]
    evolution, _ = an_evolution((200, {"messages": {"pages": 1, "records": records}}))
    (one,) = await evolution.find("kumon", SINCE, UNTIL)
    assert (one.id, one.text, one.names) == ("long", "Olá!", ("1@lid", "551"))


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (404, {}),
        (200, {"messages": []}),
        (200, {"messages": {"records": [{}], "pages": 1}}),
        (200, {"messages": {"records": []}}),
        (200, None),
        NeverLeft("x"),
    ],
)
async def test_what_is_not_the_whole_list_proves_nothing(answer: Any) -> None:
    evolution, _ = an_evolution(answer)
    with pytest.raises(Unavailable):
        await evolution.find("kumon", SINCE, UNTIL)


async def test_an_old_doubt_is_cleared_behind_all_that_was_sent_since() -> None:
    evolution, _ = an_evolution(*(a_page(page, MOST_PAGES, str(page)) for page in range(1, MOST_PAGES + 1)))
    recorded = await evolution.find("kumon", SINCE, UNTIL)
    assert [one.id for one in recorded[:2]] == [str(MOST_PAGES), str(MOST_PAGES - 1)]


async def test_a_list_without_end_proves_nothing() -> None:
    evolution, _ = an_evolution(*(a_page(page, 1000, "a") for page in range(1, 2 + MOST_PAGES)))
    with pytest.raises(Unavailable):
        await evolution.find("kumon", SINCE, UNTIL)


async def test_messages_are_marked_as_read_except_behind_a_lid() -> None:
    evolution, said = an_evolution()
    await evolution.mark_read("kumon", Address(jid="1@lid"), ["3A"])
    await evolution.mark_read("kumon", Address(jid="551@s.whatsapp.net"), [])
    assert said.asked == []
    await evolution.mark_read("kumon", Address(jid="551@s.whatsapp.net"), ["3A"])
    assert said.asked[0][1] == {"readMessages": [{"id": "3A", "remoteJid": "551@s.whatsapp.net", "fromMe": False}]}


async def test_what_is_read_at_the_same_moment_is_told_in_one_call_and_later_ones_in_the_next() -> None:
    evolution, said = an_evolution()
    ana, bia = Address(jid="551@s.whatsapp.net"), Address(jid="552@s.whatsapp.net")
    both = (("kumon", ana, ["3A", "3B"]), ("kumon", bia, ["3A"]), ("kumon", ana, ["3B"]), ("other", bia, ["3C"]))
    await asyncio.gather(*(evolution.mark_read(*each) for each in both))
    await evolution.mark_read("kumon", ana, ["3D"])
    told = [[(key["remoteJid"][:3], key["id"]) for key in body["readMessages"]] for _, body in said.asked]
    assert told == [[("551", "3A"), ("551", "3B"), ("552", "3A")], [("552", "3C")], [("551", "3D")]]


@pytest.mark.parametrize("answer", [(400, None), NeverLeft("x"), NoAnswer("x")])
async def test_a_courtesy_that_fails_is_not_an_error(answer: Any) -> None:
    evolution, said = an_evolution(answer, answer)
    await evolution.mark_read("kumon", Address(jid="551@s.whatsapp.net"), ["3A"])
    await evolution.show_typing("kumon", Address(jid="551@s.whatsapp.net"), 0.1)
    assert len(said.asked) == 2


def an_instance(integration: str, name: str = "kumon") -> tuple[int, Any]:
    return (200, [{"name": name, "integration": integration, "connectionStatus": "open"}])


@pytest.mark.parametrize("integration,has_it", [("WHATSAPP-BUSINESS", True), ("WHATSAPP-BAILEYS", False)])
async def test_whether_an_instance_has_the_window_is_asked_once(integration: str, has_it: bool) -> None:
    evolution, said = an_evolution(an_instance(integration))
    assert [await evolution.has_window("kumon") for _ in range(2)] == [has_it, has_it]
    assert said.asked == [("/instance/fetchInstances", {"instanceName": "kumon"})]


@pytest.mark.parametrize("answer", [(500, None), (200, {}), an_instance("x", "other"), NeverLeft("x")])
async def test_an_instance_that_nobody_tells_of_is_asked_about_again(answer: Any) -> None:
    evolution, _ = an_evolution(answer, an_instance("WHATSAPP-BUSINESS"))
    with pytest.raises(Unavailable):
        await evolution.has_window("kumon")
    assert await evolution.has_window("kumon")


async def test_a_template_is_asked_for_as_evolution_wants_it() -> None:
    evolution, said = an_evolution()
    template = ApprovedTemplate(name="lembrete", parameters=("terça", "14h30"))
    assert await evolution.send_template("kumon", Address(jid="551@s.whatsapp.net"), template) == Taken("3EB0")
    await evolution.send_template("kumon", Address(jid="551@s.whatsapp.net"), ApprovedTemplate(name="oi"))
    (path, filled), (_, plain) = said.asked
    assert path == "/message/sendTemplate/kumon"
    assert filled == {
        "number": "551",
        "name": "lembrete",
        "language": "pt_BR",
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "terça"}, {"type": "text", "text": "14h30"}]}
        ],
    }
    assert plain["components"] == []


async def test_neither_the_key_nor_a_text_is_in_what_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    evolution, _ = an_evolution((401, None), NoAnswer("x"))
    with caplog.at_level("DEBUG"):
        for _ in range(2):
            await evolution.send("kumon", Address(jid="5551991234501@s.whatsapp.net"), "segredo")
    said = "".join(f"{record.getMessage()}{record.__dict__.get('ids')}" for record in caplog.records)
    assert "channel_refuses_our_key" in said
    assert not any(secret in said for secret in ("segredo", "global-key", "5551991234501"))
