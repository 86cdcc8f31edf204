"""Voice notes of numbers without an Evolution between: where their files are, and who is shown the secret."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from chassis.breaker import Breakers
from chassis.errors import Permanent, Unavailable
from contracts.ingress import ChannelKey, Media
from preprocessor_service.business_files import MetaFiles, TwilioFiles, business_files
from preprocessor_service.recordings import Recording, Recordings
from preprocessor_service.settings import Settings
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

OGG = Recording(base64.b64encode(b"OggS").decode(), "audio/ogg")
TWILIO = "/twilio/2010-04-01/Accounts/AC1/Messages/SM1/Media/ME1"


@dataclass
class World:
    """Meta's Graph, Twilio and its delivery network, each with one file; `shown` are the secrets that came, by path."""

    url: str = ""
    shown: list[tuple[str, str]] = field(default_factory=list)
    describes: Callable[[], Response] | None = None

    async def describe(self, request: Request) -> Response:
        self._note(request)
        return self.describes() if self.describes else JSONResponse({"id": "771", "url": f"{self.url}/lookaside"})

    async def file(self, request: Request) -> Response:
        self._note(request)
        return Response(b"OggS", media_type="audio/ogg")

    async def lead(self, request: Request) -> Response:
        self._note(request)
        return RedirectResponse(f"{self.url}/delivered", 307)

    def _note(self, request: Request) -> None:
        self.shown.append((request.url.path, request.headers.get("authorization", "")))


@pytest.fixture
def world(serve: Callable[..., Any]) -> Iterator[World]:
    it = World()
    routes = (
        Route("/graph/771", it.describe),
        Route("/lookaside", it.file),
        Route(TWILIO, it.lead),
        Route("/delivered", it.file),
    )
    with serve(*routes) as it.url:
        yield it


def a_voice_note(instance: str, **media: Any) -> tuple[ChannelKey, Media]:
    return ChannelKey(instance=instance, id="m1"), Media(voice_note=True, **media)


def recordings(world: World, breakers: Breakers | None = None) -> Recordings:
    """What the settings of both channels lead to."""
    settings = Settings(
        rabbitmq_url=SecretStr("amqp://nowhere/"),
        database_url=SecretStr("postgresql://nowhere/"),
        redis_url=SecretStr("redis://nowhere/"),
        meta_access_token=SecretStr("token"),
        meta_base_url=f"{world.url}/graph/",
        twilio_account_sid="AC1",
        twilio_auth_token=SecretStr("secret"),
        twilio_base_url=f"{world.url}/twilio",
    )
    breakers = breakers or Breakers()
    return Recordings(None, breakers, business_files(settings, breakers))


async def test_meta_is_asked_where_a_file_is_and_both_steps_show_the_token(world: World) -> None:
    assert await recordings(world).of(*a_voice_note("cloud:123", id="771")) == OGG
    assert world.shown == [("/graph/771", "Bearer token"), ("/lookaside", "Bearer token")]


async def test_twilio_leads_to_a_file_and_the_secret_stays_with_twilio(world: World) -> None:
    assert await recordings(world).of(*a_voice_note("twilio:+1", url=f"{world.url}{TWILIO}")) == OGG
    basic = f"Basic {base64.b64encode(b'AC1:secret').decode()}"
    assert world.shown == [(TWILIO, basic), ("/delivered", "")]


@pytest.mark.parametrize(
    "instance,media",
    [
        ("cloud:123", {}),
        ("cloud:123", {"id": "../me"}),
        ("cloud:123", {"id": "771?fields=url"}),
        ("twilio:+1", {}),
        ("twilio:+1", {"url": "https://elsewhere.example/file"}),
    ],
)
async def test_what_names_no_file_of_the_channel_is_not_asked_for(
    world: World, instance: str, media: dict[str, str]
) -> None:
    with pytest.raises(Permanent):
        await recordings(world).of(*a_voice_note(instance, **media))
    assert world.shown == []


@pytest.mark.parametrize(
    "answer,error",
    [
        (lambda: JSONResponse({"error": {"code": 100}}, 400), Permanent),
        (lambda: JSONResponse(["url"]), Permanent),
        (lambda: Response("<html>", 200), Unavailable),
        (lambda: JSONResponse({}, 503), Unavailable),
    ],
    ids=["unknown", "list", "html", "down"],
)
async def test_without_an_address_there_is_no_file(world: World, answer: Any, error: type[Exception]) -> None:
    world.describes = answer
    with pytest.raises(error):
        await recordings(world).of(*a_voice_note("cloud:123", id="771"))


async def test_a_channel_that_knows_no_such_file_is_not_broken(world: World) -> None:
    breakers = Breakers(threshold=2)
    world.describes = lambda: JSONResponse({}, 404)
    for _ in range(3):
        with pytest.raises(Permanent):
            await recordings(world, breakers).of(*a_voice_note("cloud:123", id="771"))
    assert await breakers.states() == [{"dependency": "meta", "state": "closed"}]


def test_a_channel_that_is_not_set_up_has_no_files() -> None:
    settings = Settings(
        rabbitmq_url=SecretStr("amqp://nowhere/"),
        database_url=SecretStr("postgresql://nowhere/"),
        redis_url=SecretStr("redis://nowhere/"),
    )
    assert business_files(settings, Breakers()) == {}
    assert {MetaFiles, TwilioFiles} == {type(each) for each in recordings(World("http://here"))._others.values()}
