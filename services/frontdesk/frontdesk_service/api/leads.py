"""A family's lead, as somebody at the unit corrects it."""

from typing import Annotated, Any, get_args

from contracts.dialogue import Grade, Subject
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from frontdesk_service.api import shapes
from frontdesk_service.api.auth import Bearer
from frontdesk_service.api.contacts import NOBODY
from frontdesk_service.lead_fields import LONGEST, OLDEST, YOUNGEST, NotAValue, Place, TimeWish, checked
from frontdesk_service.problems import documented
from frontdesk_service.projections import persons
from frontdesk_service.reading import Reads
from frontdesk_service.showing import contact_of
from frontdesk_service.staff import Desk, Unreadable
from frontdesk_service.tokens import Account

Text = Annotated[str, Field(max_length=LONGEST)]
STUDENTS = {"student_name": "name", "student_age": "age", "school_grade": "grade", "subjects": "subjects"}


class LeadValues(BaseModel):
    """The fields of `GET /contacts/{phone}`'s lead; one that is left out stays, `null` takes its value away."""

    model_config = ConfigDict(extra="forbid")

    parent_name: Text | None = None
    student_name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    student_age: Annotated[int, Field(ge=YOUNGEST, le=OLDEST)] | None = None
    school_grade: Grade | None = None
    subjects: Annotated[list[Subject], Field(max_length=len(get_args(Subject)))] = []
    time_preference: TimeWish | None = None

    def places(self) -> dict[Place, Any]:
        """Return the given values by their places. Raises `NotAValue`."""
        given = {key: getattr(self, key) for key in self.model_fields_set if key in LeadValues.model_fields}
        if self.time_preference:
            given["time_preference"] = self.time_preference.to_json()
        placed = {Place(STUDENTS[key], 0) if key in STUDENTS else Place(key): value for key, value in given.items()}
        return {place: checked(place, value) for place, value in placed.items()}


class LeadEdit(LeadValues):
    """What to write; `seen` are the values that the writer knows, so that nobody's later word is lost (409)."""

    seen: LeadValues | None = None


def router(reads: Reads, desk: Desk, bearer: Bearer) -> APIRouter:
    """`PATCH /contacts/{phone}/lead`."""
    routes = APIRouter(prefix="/contacts", tags=["contacts"], responses=documented(401, 403, 404, 409))

    @routes.patch("/{phone}/lead")
    async def edit(
        phone: str, body: LeadEdit, account: Annotated[Account, Depends(bearer("conversations"))]
    ) -> shapes.LeadShape:
        """Write fields of a family's lead, of the first student's those; what the unit writes the assistant keeps."""
        async with reads() as connection:
            person = await persons.find(connection, phone)
        if person is None:
            raise HTTPException(404, NOBODY)
        try:
            wanted, seen = body.places(), body.seen.places() if body.seen else {}
        except NotAValue as error:
            raise Unreadable(error.said) from None
        await desk.edit_lead(person.conversation, account.username, wanted, seen)
        async with reads() as connection:
            shown = await contact_of(connection, person.conversation)
        if shown is None:
            raise HTTPException(404, NOBODY)
        return shown.lead

    return routes
