"""The family's card: where each value comes from."""

import re
from typing import Any

import pytest
from contracts.dialogue import FieldChange, Lead, LeadUpdated, Student
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores


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
