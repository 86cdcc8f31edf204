"""One person put together from the read model, as the API shows and hands over."""

from chassis.store import Connection

from frontdesk_service.api import shapes
from frontdesk_service.domain import known
from frontdesk_service.projections import handoffs, knowledge, leads, messages, persons, visits
from frontdesk_service.projections.persons import Person


async def contact_of(connection: Connection, path: str) -> shapes.Contact | None:
    """Return one person by phone or conversation; `None` when nobody is known by it."""
    person = await persons.find(connection, path)
    return await _contact(connection, person) if person else None


async def export_of(connection: Connection, path: str) -> shapes.Export | None:
    """Return all that is kept of one person; `None` when nobody is known by the phone."""
    person = await persons.find(connection, path)
    if person is None:
        return None
    return shapes.Export(
        contact=await _contact(connection, person),
        handoffs=[shapes.Handoff.of(each) for each in await handoffs.of(connection, person.conversations)],
        unanswered_questions=await knowledge.gaps_of(connection, person.conversations),
        facts=await connection.fetchval(
            "select count(*) from facts where subject = any($1)", list(person.conversations)
        ),
    )


async def _contact(connection: Connection, person: Person) -> shapes.Contact:
    lead = known(await leads.of(connection, person.conversation), person.phone)
    handoff = await handoffs.current(connection, person.conversations)
    return shapes.Contact(
        phone=person.phone,
        profile_name=person.profile_name,
        stage=person.stage,
        owner=person.owner,
        opted_out=person.opted_out,
        lead=shapes.LeadShape.of(lead),
        students=[shapes.StudentShape.of(student) for student in lead.lead.students],
        visits=[shapes.VisitShape.of(each) for each in await visits.of(connection, person.conversations)],
        messages=[shapes.MessageShape.of(each) for each in await messages.of(connection, person.conversations)],
        handoff=shapes.ContactHandoff.model_validate(handoff, from_attributes=True) if handoff else None,
    )
