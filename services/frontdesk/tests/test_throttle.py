"""Guessing is slowed down."""

import asyncio
from typing import Any

import pytest
from argon2 import Type
from frontdesk_service.accounts import HASHER, Accounts, TooManyAttempts
from frontdesk_service.throttle import KEYS, Throttle
from pydantic import SecretStr

KEY = ("maria", "192.0.2.7")


class Ticking:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_the_fifth_failure_locks_until_the_first_one_is_old_enough() -> None:
    clock = Ticking()
    throttle = Throttle(failures=5, window_s=300, clock=clock)
    for _ in range(5):
        assert throttle.wait_s(KEY) == 0
        throttle.failed(KEY)
        clock.at += 10
    assert throttle.wait_s(KEY) == 250
    assert throttle.wait_s(("maria", "198.51.100.1")) == 0
    clock.at += 250
    assert throttle.wait_s(KEY) == 0


def test_a_success_forgets_the_failures() -> None:
    throttle = Throttle(failures=1)
    throttle.failed(KEY)
    throttle.succeeded(KEY)
    assert throttle.wait_s(KEY) == 0


def test_inventing_names_does_not_fill_the_memory() -> None:
    throttle = Throttle()
    for number in range(KEYS + 10):
        throttle.failed((str(number), ""))
    assert len(throttle._failed) == KEYS


@pytest.mark.stores
async def test_guesses_that_come_all_at_once_count_like_guesses_in_a_row(frontdesk: Any) -> None:
    accounts = Accounts(frontdesk.store, Throttle(failures=3))
    guesses = [accounts.sign_in("maria", SecretStr(f"palpite {n}"), "192.0.2.7") for n in range(20)]
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(result, TooManyAttempts) for result in results) == 17
    assert results.count(None) == 3


def test_checking_a_password_costs_what_owasp_asks_for() -> None:
    assert HASHER.type is Type.ID
    assert (HASHER.time_cost, HASHER.memory_cost) >= (2, 19 * 1024)


@pytest.mark.stores
async def test_a_changed_password_replaces_the_old_one_and_is_kept_as_a_hash(frontdesk: Any) -> None:
    await frontdesk.accounts.ensure("maria", SecretStr("outra senha, maior"))
    assert await frontdesk.accounts.sign_in("maria", SecretStr("dois gatos no telhado"), "") is None
    account = await frontdesk.accounts.sign_in("maria", SecretStr("outra senha, maior"), "")
    assert (account.username, account.role) == ("maria", "owner")
    (stored,) = await frontdesk.store.pool.fetch("select * from users")
    assert stored["password_hash"].startswith("$argon2id$")
    assert "outra senha" not in str(dict(stored))


@pytest.mark.stores
async def test_a_start_gives_the_configured_password_only_when_that_changed(frontdesk: Any) -> None:
    first, own, second = (SecretStr(each) for each in ("dois gatos no telhado", "só eu a conheço", "três gatos"))

    async def opens(password: SecretStr) -> bool:
        return await frontdesk.accounts.sign_in("maria", password, "") is not None

    async def is_as_configured() -> bool:
        async with frontdesk.client(signed_in=False) as client:
            told = (await client.get("/internal/first-account")).raise_for_status().json()
        return bool(told["as_configured"])

    assert await is_as_configured()
    await frontdesk.accounts.change_password("maria", own)
    assert not await is_as_configured()
    await frontdesk.accounts.ensure("maria", first)  # as at every start
    assert (await opens(own), await opens(first)) == (True, False)
    await frontdesk.accounts.disable("maria", disabled=True)
    await frontdesk.accounts.ensure("maria", first)
    assert not await opens(own), "who was sent away stays away"
    await frontdesk.accounts.ensure("maria", second)
    assert (await opens(second), await opens(own), await is_as_configured()) == (True, False, True)
    await frontdesk.accounts.disable("maria", disabled=True)
    assert not await is_as_configured(), "it lets nobody in"
    assert await frontdesk.accounts.give("maria", own, "receptionist") == "owner"
    await frontdesk.accounts.ensure("maria", second)
    assert await opens(own)
