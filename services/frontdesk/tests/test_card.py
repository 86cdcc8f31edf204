"""The family's card: where each value comes from."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest
from contracts.dialogue import FieldChange, Lead, LeadUpdated, Student
from contracts.frontdesk import LeadEditedByStaff
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores

AT = "/conversas/5551987650001"


async def test_each_value_leads_to_the_message_in_which_it_was_said(frontdesk: Any, ana: Any) -> None:
    name, age, better = ana.says("sou a Ana Souza"), ana.says("o Pedro tem 7"), ana.says("na verdade 8")
    lead = Lead(parent_name="Ana Souza", phone=ana.phone, students=(Student(name="Pedro", age=8),))

    def told(*changes: FieldChange) -> Any:
        return ana.fact(LeadUpdated(contact=ana.contact, lead=lead, changes=changes, completeness=4, stage="discovery"))

    first = told(
        FieldChange(field="parent_name", message=name.id),
        *(FieldChange(field=field, student=0, message=age.id) for field in ("name", "age")),
    )
    second = told(FieldChange(field="age", student=0, message=better.id))
    await frontdesk.deliver(name, age, better, second, first)
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", "receptionist")))
        page = (await client.get("/conversas/5551987650001")).raise_for_status().text
    card = page[page.index('id="card-body"') :]
    said = dict(re.findall(r"<dt>([^<]+)</dt><dd>[^<]+<a class=\"said\" href=\"#m-([^\"]+)\"", card))
    assert said == {"Responsável": str(name.id), "Nome": str(age.id), "Idade": str(better.id)}
    assert all(f'id="m-{message}"' in page for message in said.values())


def family(ana: Any, **values: Any) -> Lead:
    known = {"name": "Pedro", "age": 8, "grade": "ef3", "subjects": ("matematica",)}
    student = Student(**{key: values.pop(key, value) for key, value in known.items()})
    return Lead(**{"parent_name": "Ana Souza", "phone": ana.phone, "students": (student,), **values})


class Form:
    """The card's form in somebody's browser, sent as it stands but for what they change."""

    def __init__(self, client: httpx.AsyncClient, frontdesk: Any, who: str = "maria") -> None:
        self._client = client
        self._frontdesk = frontdesk
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account(who, "receptionist")))
        self.page = ""

    async def open(self) -> str:
        self.page = (await self._client.get(AT)).raise_for_status().text
        return self.page[self.page.index('id="card-body"') :]

    async def send(self, **changes: Any) -> httpx.Response:
        form = self.page[self.page.index('id="lead-form"') :]
        form = form[: form.index("</form>")]
        fields: dict[str, Any] = {
            name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)" maxlength', form)
        }
        fields |= {name: unescape(value) for name, value in re.findall(r'hidden" name="([^"]+)" value="([^"]*)"', form)}
        for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', form, re.DOTALL):
            fields[name] = re.findall(r'value="([^"]*)" selected', options)[0]
        for name, value in re.findall(r'name="([^"]+)" value="([^"]*)" checked', form):
            fields.setdefault(name, []).append(value)
        self._frontdesk.clock.on(seconds=1)
        return await self._client.post(f"{AT}/ficha", data={**fields, **changes}, headers={"Accept": "text/html"})


@pytest.fixture
async def form(frontdesk: Any) -> AsyncIterator[Form]:
    async with frontdesk.client(signed_in=False) as client:
        yield Form(client, frontdesk)


async def lead_of(frontdesk: Any) -> dict[str, Any]:
    async with frontdesk.client() as client:
        lead: dict[str, Any] = (await client.get("/api/v1/contacts/5551987650001")).raise_for_status().json()["lead"]
    return lead


def edits(frontdesk: Any) -> list[LeadEditedByStaff]:
    found: list[LeadEditedByStaff] = frontdesk.probe.of(LeadEditedByStaff)
    return found


async def test_what_the_unit_types_is_shown_told_and_never_overwritten(frontdesk: Any, ana: Any, form: Form) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana)))
    await form.open()
    changes = {"email": " Ana@Example.com ", "age:0": "9", "subjects:0": ["portugues", "ingles"]}
    assert (await form.send(**changes)).status_code == 303
    (edit,) = edits(frontdesk)
    assert {(change.field, change.student) for change in edit.changes} == {("email", None), ("age", 0), ("subjects", 0)}
    assert edit.by == "maria"
    await frontdesk.deliver(ana.learns(family(ana, age=7, grade="ef2")))
    lead = await lead_of(frontdesk)
    assert (lead["email"], lead["student_age"], lead["school_grade"]) == ("ana@example.com", 9, "ef2")
    assert lead["subjects"] == ["portugues", "ingles"]
    card = await form.open()
    assert card.count("digitado por maria") == 3


async def test_a_form_that_is_sent_as_it_was_changes_nothing(frontdesk: Any, ana: Any, form: Form) -> None:
    fine = {"kind": "instant", "date": "2026-11-26", "start": "15:00"}
    for wish in (None, fine, {"kind": "ambiguous"}, {"kind": "window"}, {"kind": "weekdays", "weekdays": ["mon"]}):
        await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana, time_preference=wish)))
        await form.open()
        assert (await form.send()).status_code == 303
    assert edits(frontdesk) == []


async def test_a_wish_is_days_and_a_part_of_the_day(frontdesk: Any, ana: Any, form: Form) -> None:
    await frontdesk.deliver(ana.says("oi"))
    expected = {
        ("afternoon", ("mon", "wed")): {"kind": "window", "period": "afternoon", "weekdays": ["mon", "wed"]},
        ("", ("tue",)): {"kind": "weekdays", "weekdays": ["tue"]},
        ("morning", ()): {"kind": "period", "period": "morning"},
        ("any", ()): {"kind": "window"},
        ("", ()): None,
    }
    for (part, days), wish in expected.items():
        await form.open()
        await form.send(time_preference=part, days=list(days))
        assert (await lead_of(frontdesk))["time_preference"] == wish
    assert len(edits(frontdesk)) == len(expected)


async def test_whoever_edits_is_told_what_changed_meanwhile_and_may_save_again(
    frontdesk: Any, ana: Any, form: Form
) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana)))
    await form.open()
    await frontdesk.deliver(ana.learns(family(ana, age=7, email="ana@example.com")))
    refused = await form.send(**{"age:0": "9"})
    assert refused.status_code == 409
    assert "A assistente mudou Idade para 7 anos enquanto você escrevia." in refused.text
    assert edits(frontdesk) == []
    await form.open()
    assert (await form.send(**{"age:0": "9"})).status_code == 303
    lead = await lead_of(frontdesk)
    assert (lead["student_age"], lead["email"]) == (9, "ana@example.com")


async def test_of_two_who_edit_the_slower_is_told_who_was_faster(frontdesk: Any, ana: Any, form: Form) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana)))
    async with frontdesk.client(signed_in=False) as client:
        joao = Form(client, frontdesk, "joao")
        await joao.open()
        await form.open()
        await joao.send(email="ana@example.com")
        assert (await form.send(email="ana@example.com")).status_code == 303, "the same word twice is no conflict"
        await form.open()
        await joao.open()
        await joao.send(email="")
        refused = await form.send(email="outra@example.com")
    assert refused.status_code == 409
    assert "joao apagou E-mail" in refused.text or "A assistente apagou E-mail" in refused.text
    assert (await lead_of(frontdesk))["email"] is None


async def test_what_the_unit_took_away_comes_back_when_the_family_says_it(frontdesk: Any, ana: Any, form: Form) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana, email="ana@example.com")))
    await form.open()
    await form.send(email="", **{"subjects:0": []})
    lead = await lead_of(frontdesk)
    assert (lead["email"], lead["subjects"]) == (None, [])
    await frontdesk.deliver(ana.learns(family(ana, email="nova@example.com")))
    assert (await lead_of(frontdesk))["email"] == "nova@example.com"


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"phone": "123"}, "Confira o telefone"),
        ({"email": "ana@"}, "Confira o e-mail"),
        ({"age:0": "130"}, "A idade vai de 2 a 99 anos."),
        ({"parent_name": "123"}, "Confira o nome."),
        ({"name:0": "Pe\u0000dro"}, "Confira o nome."),
        ({"grade:0": "ef12"}, "Escolha uma série"),
        ({"subjects:0": "latim"}, "Escolha matérias"),
        ({"time_preference": "midnight"}, "Confira o melhor horário."),
        ({"was": "[]"}, "Há algo errado"),
        ({"was": '{"age:99": 1}'}, "Há algo errado"),
    ],
)
async def test_what_cannot_be_is_refused_and_said(
    frontdesk: Any, ana: Any, form: Form, changes: dict[str, str], said: str
) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana)))
    await form.open()
    refused = await form.send(**changes)
    assert refused.status_code == 422
    assert said in refused.text
    assert edits(frontdesk) == []


async def test_only_who_sees_conversations_edits_and_only_from_our_pages(frontdesk: Any, ana: Any, form: Form) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana)))
    await form.open()
    assert (await form.send(form_token="made up", email="x@example.com")).status_code == 403
    async with frontdesk.client(signed_in=False) as client:
        client.headers["Authorization"] = f"Bearer {frontdesk.tokens.mint(Account('otto', 'operator'))}"
        refused = await client.patch("/api/v1/contacts/5551987650001/lead", json={"email": "x@example.com"})
    assert refused.status_code == 403
    assert edits(frontdesk) == []
    await form.send(email="ana@example.com")
    acts = await frontdesk.store.pool.fetch("select username, act from audit where act like '%ficha'")
    assert [tuple(row) for row in acts] == [("maria", "POST /conversas/{path}/ficha")]


async def test_the_api_edits_the_same_fields(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(family(ana)))
    path = "/api/v1/contacts/5551987650001/lead"
    async with frontdesk.client() as client:
        wish = {"kind": "instant", "date": "2026-11-26", "start": "15:00"}
        given = {"student_age": 9, "phone": "51 98765-0002", "time_preference": wish, "email": None}
        lead = (await client.patch(path, json=given)).raise_for_status().json()
        assert (lead["student_age"], lead["phone"], lead["time_preference"]) == (9, "+5551987650002", wish)
        late = await client.patch(path, json={"student_age": 10, "seen": {"student_age": 8}})
        assert (late.status_code, late.headers["content-type"]) == (409, "application/problem+json")
        knowing = {"student_age": 10, "parent_name": "Ana Lima", "seen": {"student_age": 9}}
        assert (await client.patch(path, json=knowing)).status_code == 200
        assert (await client.patch(path, json={"email": "ana@"})).status_code == 422
        assert (await client.patch(path, json={"time_preference": {"kind": "instant"}})).status_code == 422
        assert (await client.patch("/api/v1/contacts/5551900000000/lead", json={})).status_code == 404
    assert len(edits(frontdesk)) == 2
