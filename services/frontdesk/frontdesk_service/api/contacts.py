"""Everything about one person."""

from fastapi import APIRouter, Depends, HTTPException

from frontdesk_service.api import shapes
from frontdesk_service.api.auth import Bearer
from frontdesk_service.domain import known
from frontdesk_service.problems import documented
from frontdesk_service.projections import handoffs, leads, messages, persons, visits
from frontdesk_service.reading import Reads


def router(reads: Reads, bearer: Bearer) -> APIRouter:
    """`GET /contacts/{phone}`."""
    routes = APIRouter(
        tags=["contacts"], dependencies=[Depends(bearer("conversations"))], responses=documented(401, 403, 404)
    )

    @routes.get("/contacts/{phone}")
    async def contact(phone: str) -> shapes.Contact:
        """Return one person by phone, `+5551…` or digits."""
        async with reads() as connection:
            person = await persons.find(connection, phone)
            if person is None:
                raise HTTPException(404, "Ninguém escreveu deste número.")
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

    return routes
