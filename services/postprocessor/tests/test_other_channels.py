"""What Meta's and Twilio's answers mean, what is asked of them, and which of them are set up."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.errors import Unavailable
from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from postprocessor_service.channels import NotTaken, Refused, Taken, Unknown, cloud, twilio
from postprocessor_service.channels.cloud import Cloud
from postprocessor_service.channels.rest import NeverLeft, NoAnswer
from postprocessor_service.channels.twilio import Account, Twilio
from postprocessor_service.settings import Settings
from pydantic import SecretStr

ANA = Address(jid="5551991234501@s.whatsapp.net", phone="+5551991234501")
SINCE, UNTIL = datetime(2026, 11, 23, 13, tzinfo=UTC), datetime(2026, 11, 23, 14, tzinfo=UTC)
NEEDED = {
    "rabbitmq_url": "amqp://nowhere/",
    "database_url": "postgresql://nowhere/x",
    "evolution_url": "http://nowhere:8080",
    "evolution_api_key": "key",
}


class Answers:
    """A REST API that answers what it is told, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    async def post(self, path: str, body: Any, _: float) -> Any:
        self.asked.append((path, json.loads(json.dumps(body))))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    post_form = get = post


def a_cloud(*answers: Any) -> tuple[Cloud, Answers]:
    channel, said = Cloud("http://graph.test", SecretStr("token"), "123", 1), Answers(*answers)
    channel._rest = said  # type: ignore[assignment]  # it has the methods that are used
    return channel, said


def a_twilio(*answers: Any) -> tuple[Twilio, Answers]:
    account = Account("AC1", SecretStr("secret"))
    channel = Twilio("http://twilio.test", account, "+1415", content_sids={"lembrete": "HX1"}, timeout_s=1)
    said = Answers(*answers)
    channel._rest = said  # type: ignore[assignment]  # same
    return channel, said


def error(code: int) -> dict[str, Any]:
    return {"error": {"message": "…", "code": code}}


@pytest.mark.parametrize(
    "status,body,outcome",
    [
        (200, {"messages": [{"id": "wamid.1"}]}, Taken("wamid.1")),
        (200, {"messages": []}, Unknown("no_id")),
        (200, None, Unknown("no_id")),
        (400, error(131047), Refused("outside_window")),
        (400, error(131026), Refused("not_on_whatsapp")),
        (400, error(131000), NotTaken("graph_error")),
        (401, error(190), NotTaken("unauthorized")),
        (401, None, NotTaken("unauthorized")),
        (429, error(130429), NotTaken("overloaded")),
        (429, None, NotTaken("overloaded")),
        (404, None, Refused("rejected")),
        (500, error(131000), Unknown("http_500")),
    ],
)
def test_an_answer_of_meta_means_what_meta_does(status: int, body: Any, outcome: Any) -> None:
    assert cloud.outcome_of(status, body) == outcome


@pytest.mark.parametrize(
    "status,body,outcome",
    [
        (201, {"sid": "SM1", "status": "queued"}, Taken("SM1")),
        (201, {}, Unknown("no_id")),
        (400, {"code": 63016}, Refused("outside_window")),
        (400, {"code": 63024}, Refused("not_on_whatsapp")),
        (400, {"code": 99999}, Refused("rejected")),
        (401, {"code": 20003}, NotTaken("unauthorized")),
        (403, None, NotTaken("unauthorized")),
        (429, {"code": 20429}, NotTaken("overloaded")),
        (503, {"code": 20503}, Unknown("http_503")),
    ],
)
def test_an_answer_of_twilio_means_what_twilio_does(status: int, body: Any, outcome: Any) -> None:
    assert twilio.outcome_of(status, body) == outcome


@pytest.mark.parametrize("make", [a_cloud, a_twilio])
async def test_only_what_never_left_is_certainly_not_sent(make: Any) -> None:
    channel, _ = make(NeverLeft("x"), NoAnswer("TimeoutError"))
    assert await channel.send(channel.instance, ANA, "Olá!", "r:0") == NotTaken("unreachable")
    assert await channel.send(channel.instance, ANA, "Olá!", "r:0") == Unknown("TimeoutError")


@pytest.mark.parametrize("make", [a_cloud, a_twilio])
async def test_who_is_hidden_behind_a_lid_can_only_be_reached_by_evolution(make: Any) -> None:
    channel, said = make()
    assert await channel.send(channel.instance, Address(jid="2000@lid"), "Olá!", "r:0") == Refused("rejected")
    assert said.asked == []


async def test_meta_is_asked_as_its_reference_says() -> None:
    taken = (200, {"messages": [{"id": "wamid.1"}]})
    channel, said = a_cloud(taken, taken)
    await channel.send("cloud:123", ANA, "Olá!", "r:0")
    await channel.send_template("cloud:123", ANA, ApprovedTemplate(name="lembrete", parameters=("terça",)), "r:1")
    (path, text), (_, template) = said.asked
    common = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "5551991234501"}
    assert path == "/123/messages"
    assert text == common | {
        "type": "text",
        "text": {"body": "Olá!", "preview_url": False},
        "biz_opaque_callback_data": "r:0",
    }
    assert template == common | {
        "type": "template",
        "template": {
            "name": "lembrete",
            "language": {"code": "pt_BR"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "terça"}]}],
        },
        "biz_opaque_callback_data": "r:1",
    }


async def test_twilio_is_asked_as_its_reference_says() -> None:
    channel, said = a_twilio((201, {"sid": "SM1"}), (201, {"sid": "SM2"}))
    await channel.send("twilio:+1415", ANA, "Olá!", "")
    await channel.send_template("twilio:+1415", ANA, ApprovedTemplate(name="lembrete", parameters=("terça",)), "")
    unknown = await channel.send_template("twilio:+1415", ANA, ApprovedTemplate(name="outro"), "")
    (path, text), (_, template) = said.asked
    common = {"From": "whatsapp:+1415", "To": "whatsapp:+5551991234501"}
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert text == common | {"Body": "Olá!"}
    assert template == common | {"ContentSid": "HX1", "ContentVariables": '{"1": "terça"}'}
    assert unknown == Refused("outside_window")


def a_record(at: str, sid: str = "SM1") -> dict[str, Any]:
    return {"sid": sid, "to": "whatsapp:+5551991234501", "body": "Olá!", "date_created": at}


async def test_the_list_of_twilio_is_read_by_the_second_and_the_oldest_comes_first() -> None:
    records = [
        a_record("Mon, 23 Nov 2026 13:30:00 +0000", "b"),
        a_record("Mon, 23 Nov 2026 13:10:00 +0000", "a"),
        a_record("Mon, 23 Nov 2026 12:59:59 +0000", "before"),
    ]
    channel, _ = a_twilio((200, {"messages": records, "next_page_uri": None}))
    found = await channel.find("twilio:+1415", SINCE, UNTIL)
    assert [(one.id, one.text, one.names) for one in found] == [
        ("a", "Olá!", ("555191234501",)),
        ("b", "Olá!", ("555191234501",)),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        (500, None),
        (200, {"messages": [], "next_page_uri": "/more"}),
        (200, {"messages": [{}], "next_page_uri": None}),
        (200, {}),
        NoAnswer("x"),
    ],
)
async def test_what_is_not_the_whole_list_proves_nothing(answer: Any) -> None:
    channel, _ = a_twilio(answer)
    with pytest.raises(Unavailable):
        await channel.find("twilio:+1415", SINCE, UNTIL)


async def test_meta_has_no_list_and_so_proves_no_absence() -> None:
    channel, _ = a_cloud()
    with pytest.raises(Unavailable):
        await channel.find("cloud:123", SINCE, UNTIL)


async def test_a_wrong_key_is_named_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    (meta, _), (other, _) = a_cloud((401, error(190))), a_twilio((401, {"code": 20003}))
    await meta.send("cloud:123", ANA, "segredo", "r:0")
    await other.send("twilio:+1415", ANA, "segredo", "")
    said = "".join(f"{record.getMessage()}{record.__dict__.get('ids')}" for record in caplog.records)
    assert ("META_ACCESS_TOKEN" in said, "TWILIO_AUTH_TOKEN" in said) == (True, True)
    assert not any(hidden in said for hidden in ("segredo", "'token'", "secret", "5551991234501"))


@pytest.mark.parametrize(
    "given,names",
    [
        ({}, []),
        ({"meta_access_token": "t"}, []),
        ({"meta_access_token": "t", "meta_phone_number_id": "123"}, ["cloud_api"]),
        ({"twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": "+14155238886"}, ["twilio"]),
    ],
)
def test_a_channel_is_set_up_by_all_of_its_settings(given: dict[str, str], names: list[str]) -> None:
    assert [channel.name for channel in Settings(**NEEDED | given).fallbacks] == names  # type: ignore[arg-type]
