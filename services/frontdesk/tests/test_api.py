"""The HTTP API, as interfaces §3 has it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from contracts.calendar import BookingConfirmed, CalendarConflictFound, ReminderDue, Visit, VisitRescheduled
from contracts.dialogue import HandoffPack, Lead, Slot, Student
from contracts.frontdesk import StaffReleased, StaffReplied, StaffTookOver
from frontdesk_service.tokens import LIFETIME, Account

pytestmark = pytest.mark.stores

PROBLEM = "application/problem+json"
PASSWORD = "dois gatos no telhado"


async def test_a_password_buys_a_token_that_opens_the_api(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        answer = await client.post("/api/v1/auth/token", json={"username": "maria", "password": PASSWORD})
        token = answer.raise_for_status().json()
        assert (token["token_type"], token["expires_in"]) == ("bearer", LIFETIME.total_seconds())
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert (await client.get("/api/v1/contacts/+5551987650001", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "given", [{"password": "errada"}, {"username": "ninguem"}, {"username": ""}, {"username": "maria\0"}]
)
async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(frontdesk: Any, given: dict[str, str]) -> None:
    async with frontdesk.client(signed_in=False) as client:
        answer = await client.post("/api/v1/auth/token", json={"username": "maria", "password": PASSWORD, **given})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Usuário ou senha não conferem.",
        "instance": "/api/v1/auth/token",
    }


async def test_after_five_failures_even_the_right_password_must_wait(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        for _ in range(5):
            wrong = await client.post("/api/v1/auth/token", json={"username": "maria", "password": "errada"})
            assert wrong.status_code == 401
        answer = await client.post("/api/v1/auth/token", json={"username": "maria", "password": PASSWORD})
        assert (answer.status_code, answer.headers["content-type"]) == (429, PROBLEM)
        assert 0 < int(answer.headers["retry-after"]) <= 300
    async with frontdesk.client(signed_in=False, address="192.0.2.7") as elsewhere:
        answer = await elsewhere.post("/api/v1/auth/token", json={"username": "maria", "password": PASSWORD})
        assert answer.status_code == 200, "somebody else's failures must not lock the owner out"


def forged(secret: str, algorithm: str = "HS256", **claims: Any) -> str:
    real = {"sub": "maria", "role": "owner", "exp": datetime.now(UTC) + timedelta(hours=1)}
    return jwt.encode({**real, **claims}, secret, algorithm=algorithm)


MALFORMED: list[dict[str, Any]] = [
    *({"sid": sid} for sid in ("no id", "", 5, None, ["a"], {})),
    *({"sub": sub} for sub in ("", 5, None, ["maria"], "maria\0", "\ud800")),
    *({"role": role} for role in (5, None, ["owner"], {})),
    *({"exp": exp} for exp in ("soon", None, [], float("inf"), float("nan"))),
    {"nbf": "soon"},
    {"aud": "others"},
]
"""Claims that none of our tokens has, though our secret signed them."""


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        forged("x" * 32),
        forged("s" * 32, exp=datetime.now(UTC) - timedelta(seconds=1)),
        forged("s" * 32, role="god"),
        forged("", "none"),
        forged("s" * 64, "HS512"),
        *(forged("s" * 32, **claims) for claims in MALFORMED),
    ],
    ids=["empty", "nonsense", "another secret", "expired", "unknown role", "unsigned", "another algorithm"]
    + [str(claims) for claims in MALFORMED],
)
async def test_a_token_that_is_not_ours_opens_nothing(frontdesk: Any, token: str) -> None:
    async with frontdesk.client(signed_in=False) as client:
        answer = await client.get("/api/v1/handoffs", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("claims", MALFORMED, ids=str)
async def test_a_malformed_session_leads_to_the_login(frontdesk: Any, claims: dict[str, Any]) -> None:
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", forged("s" * 32, **claims))
        answer = await client.get("/avisos", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/entrar?volta=/avisos")


def test_a_token_of_ours_names_its_account_until_it_expires(frontdesk: Any) -> None:
    account = Account("maria", "receptionist")
    assert frontdesk.tokens.read(frontdesk.tokens.mint(account)) == account
    long_ago = datetime.now(UTC) - LIFETIME - timedelta(seconds=1)
    assert frontdesk.tokens.read(frontdesk.tokens.mint(account, long_ago)) is None


@pytest.mark.parametrize("path", ["/api/v1/contacts/+5551900000000", "/api/v1/contacts/abc", "/api/v1/nothing"])
async def test_what_is_not_there_is_a_problem_of_status_404(frontdesk: Any, path: str) -> None:
    async with frontdesk.client() as client:
        answer = await client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["instance"] == path


async def test_what_was_sent_wrong_is_named_and_not_repeated(frontdesk: Any) -> None:
    async with frontdesk.client() as client:
        answer = await client.post("/api/v1/auth/token", json={"username": "segredo" * 20, "password": ["segredo"]})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/body/username", "/body/password"}
    assert "segredo" not in answer.text


async def test_a_contact_has_the_shape_that_others_rely_on(frontdesk: Any, ana: Any) -> None:
    lead = Lead(
        parent_name="Ana Souza",
        phone=ana.phone,
        students=(Student(name="Pedro", age=8, grade="ef3", subjects=("matematica",)), Student(name="Lia", age=5)),
    )
    start = ana.clock.at.replace(day=24, hour=14, minute=30)
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    later = Slot(start=start + timedelta(days=1), end=slot.end + timedelta(days=1))
    visit = Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=lead)
    moved = visit.model_copy(update={"slot": later, "version": 2})
    said = ana.says("oi")
    await frontdesk.deliver(said, ana.learns(lead, "scheduling"), ana.fact(BookingConfirmed(visit=visit)))
    await frontdesk.deliver(ana.fact(VisitRescheduled(visit=moved, previous=slot)), ana.fact(ReminderDue(visit=moved)))
    async with frontdesk.client() as client:
        shown = (await client.get("/api/v1/contacts/5551987650001")).raise_for_status().json()
    assert shown == {
        "phone": "+5551987650001",
        "profile_name": "Ana",
        "stage": "booked",
        "owner": "assistant",
        "opted_out": False,
        "lead": {
            "parent_name": "Ana Souza",
            "student_name": "Pedro",
            "phone": "+5551987650001",
            "email": None,
            "student_age": 8,
            "school_grade": "ef3",
            "subjects": ["matematica"],
            "time_preference": None,
            "completeness": 6,
            "qualified": False,
        },
        "students": [
            {"name": "Pedro", "age": 8, "grade": "ef3", "subjects": ["matematica"], "self": False},
            {"name": "Lia", "age": 5, "grade": None, "subjects": [], "self": False},
        ],
        "visits": [
            {
                "id": shown["visits"][0]["id"],
                "start": "2026-11-24T14:30:00-03:00",
                "status": "rescheduled",
                "reminded_at": None,
            },
            {
                "id": str(visit.id),
                "start": "2026-11-25T14:30:00-03:00",
                "status": "booked",
                "reminded_at": "2026-11-23T10:12:18-03:00",
            },
        ],
        "messages": [
            {
                "id": str(said.id),
                "channel_id": said.data.key.id,
                "at": "2026-11-23T10:12:03-03:00",
                "direction": "in",
                "author": "parent",
                "kind": "text",
                "text": "oi",
                "status": "received",
            }
        ],
        "handoff": None,
    }


async def test_an_old_number_without_the_ninth_digit_finds_its_owner(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client() as client:
        assert (await client.get("/api/v1/contacts/555187650001")).json()["phone"] == "+5551987650001"


async def test_a_handoff_is_open_then_taken_then_released(frontdesk: Any, ana: Any) -> None:
    pack = HandoffPack(summary=("Pediu uma pessoa.",), lead=Lead(phone=ana.phone), open_question="Posso ir hoje?")
    await frontdesk.deliver(ana.says("oi"), ana.handed_over(pack=pack))
    async with frontdesk.client() as client:
        (item,) = (await client.get("/api/v1/handoffs", params={"status": "open"})).json()["items"]
        assert item == {
            "id": item["id"],
            "phone": "+5551987650001",
            "reason": "person_request",
            "opened_at": "2026-11-23T10:12:09-03:00",
            "status": "open",
            "taken_by": None,
            "pack": pack.model_dump(mode="json"),
        }
        at = f"/api/v1/handoffs/{item['id']}"
        assert (await client.post(f"{at}/take")).json()["taken_by"] == "maria"
        assert (await client.post(f"{at}/take")).status_code == 200, "taking twice is taking once"
        assert (await client.get("/api/v1/handoffs", params={"status": "open"})).json() == {"items": []}
        assert (await client.post(f"{at}/release")).json()["status"] == "released"
        assert [each["status"] for each in (await client.get("/api/v1/handoffs")).json()["items"]] == ["released"]
    assert [fact.by for fact in frontdesk.probe.of(StaffTookOver)] == ["maria"]
    assert [fact.by for fact in frontdesk.probe.of(StaffReleased)] == ["maria"]


async def test_what_somebody_has_nobody_else_takes(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over(), ana.fact(StaffTookOver(by="joana")))
    async with frontdesk.client() as client:
        (item,) = (await client.get("/api/v1/handoffs")).json()["items"]
        answer = await client.post(f"/api/v1/handoffs/{item['id']}/take")
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert frontdesk.probe.published == []


async def test_a_reply_takes_over_first_and_is_sent_once_a_key(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    async with frontdesk.client() as client:
        (item,) = (await client.get("/api/v1/handoffs")).json()["items"]
        at, key = f"/api/v1/handoffs/{item['id']}/reply", {"Idempotency-Key": "uma vez"}
        first = await client.post(at, json={"text": "  Oi, aqui é a Maria  "}, headers=key)
        again = await client.post(at, json={"text": "Oi, aqui é a Maria"}, headers=key)
        shown = (await client.get("/api/v1/contacts/5551987650001")).json()
    assert (first.status_code, first.json()["status"]) == (202, "queued")
    assert again.json() == first.json()
    assert [type(event.data) for event in frontdesk.probe.published] == [StaffTookOver, StaffReplied]
    (replied,) = frontdesk.probe.of(StaffReplied)
    assert (replied.by, replied.text, replied.instance) == ("maria", "Oi, aqui é a Maria", "kumon")
    assert replied.contact.address == ana.contact.address
    answer = shown["messages"][-1]
    assert (answer["id"], answer["author"], answer["status"]) == (first.json()["id"], "unit", "queued")


@pytest.mark.parametrize("body", [{}, {"text": "   "}, {"text": "a" * 4097}])
async def test_an_empty_or_endless_reply_is_refused(frontdesk: Any, ana: Any, body: dict[str, str]) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    async with frontdesk.client() as client:
        (item,) = (await client.get("/api/v1/handoffs")).json()["items"]
        assert (await client.post(f"/api/v1/handoffs/{item['id']}/reply", json=body)).status_code == 422
    assert frontdesk.probe.published == []


@pytest.mark.parametrize("act", ["take", "release", "reply"])
async def test_an_unknown_handoff_is_a_problem_of_status_404(frontdesk: Any, act: str) -> None:
    async with frontdesk.client() as client:
        answer = await client.post(f"/api/v1/handoffs/{uuid4()}/{act}", json={"text": "oi"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


async def test_the_openapi_document_names_the_paths_and_the_problem(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        document = (await client.get("/api/v1/openapi.json")).raise_for_status().json()
    assert set(document["paths"]) >= {
        "/api/v1/auth/token",
        "/api/v1/contacts/{phone}",
        "/api/v1/handoffs",
        "/api/v1/handoffs/{handoff_id}/take",
        "/api/v1/handoffs/{handoff_id}/release",
        "/api/v1/handoffs/{handoff_id}/reply",
    }, "all of them, with who may use them, are in test_accounts.py"
    missing = document["paths"]["/api/v1/contacts/{phone}"]["get"]["responses"]["404"]["content"]
    assert PROBLEM in missing
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


@pytest.mark.parametrize(
    "address,headers", [("192.0.2.7", {}), ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}), ("", {})]
)
@pytest.mark.parametrize("path", ["/internal/summary", "/internal/first-account"])
async def test_what_the_machine_itself_asks_is_for_nobody_else(
    frontdesk: Any, address: str, headers: dict[str, str], path: str
) -> None:
    async with frontdesk.client(address=address) as client:
        assert (await client.get(path, headers=headers)).status_code == 404


async def test_without_its_database_the_api_says_that_it_comes_back(frontdesk: Any) -> None:
    frontdesk.store.pool.terminate()
    async with frontdesk.client() as client:
        answer = await client.get("/api/v1/handoffs")
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ["/api/v1/contacts/%00", "/api/v1/messages/%00/timeline"])
async def test_what_no_text_of_the_database_can_be_is_a_mistake_of_who_asks(frontdesk: Any, path: str) -> None:
    async with frontdesk.client() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.parametrize(
    "kind,side",
    [
        ("event_over_visit", "Compromisso da unidade “Reunião” no mesmo horário: ter., 24/11, 14h até 15h."),
        ("moved_onto_visit", "Na agenda da unidade ela foi levada para ter., 24/11, 14h até 15h."),
        ("changed_twice", "Na agenda da unidade ela foi mudada ao mesmo tempo: ter., 24/11, 14h até 15h."),
        ("not_booked", "A unidade quis marcar em ter., 24/11, 14h até 15h."),
    ],
)
async def test_a_conflict_of_the_calendar_is_a_handoff_that_says_both_sides(
    frontdesk: Any, ana: Any, kind: Any, side: str
) -> None:
    start = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    lead = Lead(parent_name="Ana Souza")
    visit = Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=lead)
    wanted = Slot(start=start - timedelta(minutes=30), end=start + timedelta(minutes=30))
    other = visit.model_copy(update={"id": uuid4(), "lead": Lead(parent_name="Bia")}) if "onto" in kind else None
    conflict = CalendarConflictFound(kind=kind, visit=visit, wanted=wanted, title="Reunião", other=other)
    event = ana.fact(conflict)
    await frontdesk.deliver(ana.says("oi"), event, event)
    async with frontdesk.client() as client:
        (item,) = (await client.get("/api/v1/handoffs?status=open")).json()["items"]
    assert (item["phone"], item["reason"], item["pack"]["lead"]["parent_name"]) == (ana.phone, "failure", "Ana Souza")
    assert item["pack"]["summary"][:3] == [
        "Conflito na agenda.",
        "Visita de Ana Souza: ter., 24/11, 14h30 até 15h.",
        side,
    ]
    assert item["pack"]["summary"][3:] == (["Nesse horário está a visita de Bia."] if other else [])
    assert item["pack"]["open_question"]
