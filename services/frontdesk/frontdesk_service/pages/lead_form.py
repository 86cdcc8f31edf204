"""The form that corrects a family's lead."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from frontdesk_service.lead_fields import NotAValue, Place, Values, checked, place_of
from frontdesk_service.pages.conversations import found
from frontdesk_service.pages.session import Sessions
from frontdesk_service.reading import Reads
from frontdesk_service.staff import Desk, Unreadable
from frontdesk_service.tokens import Account
from frontdesk_service.wording.lead import wish_of

AS_IT_IS = "keep"
"""A wish that is finer than the form."""


def router(sessions: Sessions, reads: Reads, desk: Desk) -> APIRouter:
    """`POST /conversas/{digits}/ficha`; it leads back to the page."""
    forms = APIRouter(dependencies=[Depends(sessions.check_form)])

    @forms.post("/conversas/{path}/ficha")
    async def edit(
        path: str, request: Request, account: Annotated[Account, Depends(sessions.may("conversations"))]
    ) -> Response:
        form = await request.form()
        try:
            seen = _seen(form)
            wanted = _written(form, seen)
        except NotAValue as error:
            raise Unreadable(error.said) from None
        except ValueError:
            raise HTTPException(422) from None
        async with reads() as connection:
            person = await found(connection, path)
        await desk.edit_lead(person.conversation, account.username, wanted, seen)
        return RedirectResponse(f"/conversas/{path}", status_code=303)

    return forms


def _seen(form: FormData) -> dict[Place, Any]:
    """Return the values that the form was made with. Raises `ValueError`."""
    seen = json.loads(str(form.get("was", "")))
    if not isinstance(seen, dict):
        raise ValueError("not what the form was made with")  # noqa: TRY004  # wrong input, not a wrong type of ours
    return {place_of(key): value for key, value in seen.items()}


def _written(form: FormData, seen: Values) -> dict[Place, Any]:
    """Return what stands in the form now, field by field. Raises `NotAValue`."""
    as_it_is = form.get("time_preference") == AS_IT_IS
    places = [place for place in seen if not (as_it_is and place.field == "time_preference")]
    return {place: checked(place, _raw(form, place)) for place in places}


def _raw(form: FormData, place: Place) -> Any:
    match place.field:
        case "time_preference":
            return wish_of(str(form.get(str(place), "")), tuple(map(str, form.getlist("days"))))
        case "subjects":
            return [str(each) for each in form.getlist(str(place))]
        case _:
            return str(form.get(str(place), ""))
