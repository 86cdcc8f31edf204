"""How the services are, for those who look after them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import uvicorn
from chassis import health
from chassis.breaker import Breakers
from frontdesk_service.settings import Settings
from frontdesk_service.tokens import Account
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette

pytestmark = pytest.mark.stores


class Gateway:
    """A service's health as every service shows it, over HTTP."""

    def __init__(self) -> None:
        self.breakers = Breakers(threshold=1)
        self.works = True
        app = Starlette(routes=health.routes({"postgresql": self._works}, cast("Any", None), self.breakers))
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False))

    async def _works(self) -> bool:
        return self.works

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with asyncio.TaskGroup() as group:
        group.create_task(gateway.server.serve())
        async with asyncio.timeout(10):
            while not gateway.server.started:
                await asyncio.sleep(0.01)
        yield gateway
        gateway.server.should_exit = True


async def seen(frontdesk: Any, role: str = "operator") -> str:
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", role)))
        answer = await client.get("/sistema")
        assert answer.status_code == (403 if role == "receptionist" else 200)
        return str(answer.text)


async def test_who_looks_after_the_system_sees_what_is_away_and_what_is_left_alone(
    frontdesk: Any, gateway: Gateway
) -> None:
    frontdesk.parts.machinery._urls = {"llm-gateway": gateway.url, "rules": "http://127.0.0.1:9"}
    page = await seen(frontdesk)
    assert "Fala com a inteligência artificial" in page
    assert "Funcionando" in page
    assert "is-warning" not in page
    assert page.count("Não responde") == 1
    with pytest.raises(RuntimeError):
        async with gateway.breakers.guard("openai"):
            raise RuntimeError("an error of a provider")
    page = await seen(frontdesk)
    assert ("is-warning" in page, "Funcionando" in page) == (True, True)
    gateway.works = False
    page = await seen(frontdesk)
    assert "Sem o PostgreSQL" in page
    assert "OpenAI: falhou várias vezes; é deixado de lado por enquanto" in page
    assert "Funcionando" not in page


async def test_where_no_address_is_known_the_page_says_so(frontdesk: Any) -> None:
    assert "SERVICE_URLS" in await seen(frontdesk, "owner")


async def test_the_machinery_is_no_business_of_the_reception(frontdesk: Any) -> None:
    assert "Sistema" not in await seen(frontdesk, "receptionist")


def settings(urls: str) -> Settings:
    secret = SecretStr("s" * 32)
    return Settings(
        rabbitmq_url=SecretStr("amqp://localhost/"),
        database_url=SecretStr("postgresql://localhost/"),
        frontdesk_username="maria",
        frontdesk_password=secret,
        frontdesk_jwt_secret=secret,
        service_urls=cast("Any", urls),
    )


def test_addresses_are_given_by_name() -> None:
    given = settings("ingress=http://ingress:8000/, rules=https://rules").service_urls
    assert given == {"ingress": "http://ingress:8000", "rules": "https://rules"}
    assert settings("").service_urls == {}


@pytest.mark.parametrize("wrong", ["http://ingress:8000", "ingress=", "ingress=ftp://x", "=http://x"])
def test_an_address_without_a_name_or_a_scheme_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="name=http://host:port"):
        settings(wrong)
