import pytest
from chassis.breaker import Breakers
from chassis.errors import Unavailable


class RefusedError(Exception):
    """The other side says no, which is not a fault of it."""


async def fail(breakers: Breakers, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with breakers.guard("channel"):
            raise error


async def test_a_dependency_that_fails_again_and_again_is_left_alone() -> None:
    breakers = Breakers(threshold=3, ttl_s=60)
    for _ in range(3):
        await fail(breakers, ConnectionError("gone"))
    with pytest.raises(Unavailable, match="channel is left alone"):
        async with breakers.guard("channel"):
            pytest.fail("nothing may pass an open breaker")
    assert await breakers.states() == [{"dependency": "channel", "state": "open"}]


async def test_an_open_breaker_lets_one_through_after_its_time_and_closes_when_that_succeeds() -> None:
    breakers = Breakers(threshold=1, ttl_s=0.05)
    await fail(breakers, ConnectionError("gone"))
    passed = 0
    while not passed:  # bounded: the breaker opens its door after 0.05 s
        try:
            async with breakers.guard("channel"):
                passed += 1
        except Unavailable:
            continue
    assert await breakers.states() == [{"dependency": "channel", "state": "closed"}]


async def test_errors_that_are_no_fault_of_the_dependency_do_not_count() -> None:
    breakers = Breakers(threshold=2, ttl_s=60, exclude=(RefusedError,))
    for _ in range(5):
        await fail(breakers, RefusedError("not on WhatsApp"))
    assert await breakers.states() == [{"dependency": "channel", "state": "closed"}]


async def test_a_breaker_that_was_never_used_is_not_shown() -> None:
    assert await Breakers().states() == []
