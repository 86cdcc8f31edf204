"""Every HTTP path of every service: bounded bodies, bounded rates, safe headers, nothing for another site's pages."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from assistant.services import SERVICES
from chassis import edge
from chassis.asyncapi import _NOWHERE
from chassis.edge import ASKED, BODY_BYTES, HEADERS, REPORTED, Edge, Rate
from chassis.service import Service
from chassis.together import build
from starlette.routing import BaseRoute, Mount, Route

EVIL = {"origin": "https://evil.example", "access-control-request-method": "POST"}
MORE = {"META_APP_SECRET": "documentation", "META_VERIFY_TOKEN": "documentation", "TWILIO_AUTH_TOKEN": "documentation"}


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**_NOWHERE, **MORE}.items():
            environment.setenv(name, value)
        return {service.name: build(service.module) for service in SERVICES}


def paths(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path, with `x` in the place of parameters."""
    for route in routes:
        if isinstance(route, Mount):
            yield from paths(list(route.routes), prefix + route.path)
            if not route.routes:
                yield "GET", f"{prefix}{route.path}/x"
        elif isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield method, prefix + "".join("x" if i % 2 else part for i, part in enumerate(_split(route.path)))
        elif included := getattr(route, "include_context", None):  # a router that FastAPI keeps as a whole
            yield from paths(list(route.original_router.routes), prefix + included.prefix)  # type: ignore[attr-defined]


def _split(path: str) -> list[str]:
    return path.replace("}", "{").split("{")


@pytest.fixture(params=[service.name for service in SERVICES])
async def asked(request: pytest.FixtureRequest, services: dict[str, Service]) -> AsyncIterator[Any]:
    service = services[request.param]
    transport = httpx.ASGITransport(
        Edge(service.http, clock=lambda: 0.0), raise_app_exceptions=False, client=("198.51.100.7", 1)
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://unit") as http:
        yield http, sorted(set(paths(list(service.http.routes))))


async def test_every_answer_carries_the_safe_headers_and_nothing_for_other_sites(asked: Any) -> None:
    http, table = asked
    assert ("GET", "/readyz") in table
    assert (("GET", "/api/v1/contacts/x") in table) == (("GET", "/agenda") in table)
    for method, path in [*table, ("GET", "/no/such/path")]:
        for answer in (await http.request(method, path, headers=EVIL), await http.options(path, headers=EVIL)):
            assert set(HEADERS) <= set(answer.headers), (method, path)
            assert not [name for name in answer.headers if name.startswith("access-control-")], (method, path)
            assert "server" not in answer.headers


async def test_no_path_takes_a_body_without_bounds(asked: Any) -> None:
    http, table = asked

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES // 50_000 + 2):
            yield b"x" * 50_000

    for method, path in table:
        if path.startswith("/webhooks/"):
            continue  # tests of ingress hold their bounds
        declared = await http.request(method, path, headers={"content-length": str(BODY_BYTES + 1)})
        assert declared.status_code == 413, (method, path)
        if method != "GET":
            answer = await http.request(method, path, content=endless(), headers={"content-type": "application/json"})
            assert 300 <= answer.status_code < 500, (method, path)
            if path == "/api/v1/auth/token" and method == "POST":  # which reads its body before all else
                assert answer.status_code == 413
                assert answer.json()["status"] == 413


async def test_nobody_may_ask_without_end(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    http, _ = asked
    monkeypatch.setattr(edge, "ASKED", Rate(burst=3, per_s=0))  # so that a slow machine gives nothing back meanwhile
    answers = [await http.get("/livez") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "1"


async def test_an_address_gets_its_rate_back_with_time_and_another_has_its_own() -> None:
    now = 0.0

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    edge = Edge(app, clock=lambda: now)

    async def status(address: str, path: str = "/") -> int:
        transport = httpx.ASGITransport(edge, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://unit") as http:
            return (await http.get(path)).status_code

    for _ in range(int(ASKED.burst)):
        assert await status("192.0.2.1") == 204
    assert (await status("192.0.2.1"), await status("192.0.2.2")) == (429, 204)
    assert await status("192.0.2.1", "/webhooks/evolution") == 204, "the channel is never held up by others' questions"
    now = 1.0
    assert await status("192.0.2.1") == 204
    edge._left["192.0.2.1", True] = (0.0, now)
    assert await status("192.0.2.1", "/webhooks/evolution") == 503
    assert REPORTED.burst >= 10 * ASKED.burst
