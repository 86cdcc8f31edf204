"""Errors over HTTP: problem details (RFC 9457) for programs, a page in Portuguese for people."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from asyncpg import CharacterNotInRepertoireError
from chassis.errors import DeadlineExceeded, Unavailable
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from frontdesk_service.staff import Refused

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

WORDS = {
    400: "O pedido não pôde ser entendido.",
    401: "É preciso entrar primeiro.",
    403: "Isto não é permitido.",
    404: "Não encontramos o que você procura.",
    405: "Isto não pode ser feito aqui.",
    409: "Isto não combina com o estado atual.",
    422: "Há algo errado no que foi enviado.",
    429: "Tentativas demais. Espere um pouco.",
    500: "Algo deu errado do nosso lado.",
    503: "Estamos voltando. Tente de novo em instantes.",
}


class Invalid(BaseModel):
    """One thing that is wrong in what was sent: where (JSON pointer or parameter) and why."""

    pointer: str
    detail: str


class ProblemDetails(BaseModel):
    """RFC 9457. `type` is `about:blank`: the status says what kind of problem it is."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Invalid] | None = Field(default=None, description="Only with status 422.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for these statuses."""
    return {
        status: {"model": ProblemDetails, "description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
        for status in statuses
    }


def install(app: FastAPI, page: Callable[[Request, int, str], Response]) -> None:
    """Answer every error of the application; `page` renders one for people: (request, status, what happened)."""

    def answer(
        request: Request, status: int, detail: str | None = None, *, errors: list[Invalid] | None = None
    ) -> Response:
        said = detail or WORDS.get(status, HTTPStatus(status).phrase)
        if _for_people(request):
            return page(request, status, said)
        problem = ProblemDetails(
            title=HTTPStatus(status).phrase, status=status, detail=said, instance=request.url.path, errors=errors
        )
        return JSONResponse(problem.model_dump(exclude_none=True), status_code=status, media_type=MEDIA_TYPE)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # for the type checker: registered for it alone
        phrase = HTTPStatus(error.status_code).phrase
        response = answer(request, error.status_code, error.detail if error.detail != phrase else None)
        response.headers.update(error.headers or {})
        return response

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101  # same
        # What was sent is not repeated: it may be a password.
        errors = [Invalid(pointer=_pointer(each["loc"]), detail=each["msg"]) for each in error.errors()]
        return answer(request, 422, errors=errors)

    async def on_untellable(request: Request, _: Exception) -> Response:
        return answer(request, 422)  # a NUL, which PostgreSQL takes in no text

    async def on_unavailable(request: Request, _: Exception) -> Response:
        response = answer(request, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    async def on_refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)  # noqa: S101  # same
        return answer(request, error.status, error.said)

    async def on_anything(request: Request, _: Exception) -> Response:
        return answer(request, 500)

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(CharacterNotInRepertoireError, on_untellable)
    app.add_exception_handler(Unavailable, on_unavailable)
    app.add_exception_handler(DeadlineExceeded, on_unavailable)
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(Exception, on_anything)


def _pointer(place: tuple[int | str, ...]) -> str:
    return "/" + "/".join(str(part) for part in place)


def _for_people(request: Request) -> bool:
    programs = request.url.path.startswith(("/api/", "/internal/"))
    return not programs and "text/html" in request.headers.get("accept", "")
