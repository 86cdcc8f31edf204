"""The API under requests that its own document makes up, valid and not: never an error of ours."""

from typing import Any

import httpx
import pytest
import schemathesis
from frontdesk_service.tokens import Account
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

pytestmark = pytest.mark.stores

EXAMPLES = 25
"""Requests made up for each path and method."""


def cases(document: dict[str, Any]) -> list[Any]:
    """Make up requests, the same ones in every run."""
    made: list[Any] = []
    schema = schemathesis.openapi.from_dict(document)
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def collect(case: Any) -> None:
            made.append(case)

        collect()
    return made


async def test_no_request_makes_the_api_fail(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    bearer = {"Authorization": f"Bearer {frontdesk.tokens.mint(Account('maria', 'owner'))}"}
    async with frontdesk.client(signed_in=False) as client:
        document = (await client.get("/api/v1/openapi.json")).json()
        tried = cases(document)
        assert len({(case.method, case.path) for case in tried}) == sum(map(len, document["paths"].values()))
        failed, told = [], set()
        for case in tried:
            answer = await send(client, case, bearer)
            told.add(answer.status_code)
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                failed.append((case.method, case.formatted_path, case.query, case.body, answer.status_code))
    assert failed == []
    assert told >= {200, 404, 422}, "requests of every kind were made up"


async def send(client: httpx.AsyncClient, case: Any, bearer: dict[str, str]) -> httpx.Response:
    """Send a request as schemathesis would, through the application in this process."""
    made = case.as_transport_kwargs(base_url="http://frontdesk.test", headers=bearer)
    kept = {name: made.get(name) for name in ("method", "url", "headers", "params", "json", "data")}
    return await client.request(**{name: value for name, value in kept.items() if value is not None})
