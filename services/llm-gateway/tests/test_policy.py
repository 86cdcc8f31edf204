"""What follows from each failure."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_gateway_service.policy import PAUSE_S, Again, Kind, Step, after
from llm_gateway_service.providers.errors import Unusable, of_status

KINDS = st.sampled_from(get_args(Kind))
SECONDS = st.floats(0, 30)


@pytest.mark.parametrize(
    "kind, is_last, retry_after_s, step",
    [
        ("auth", True, None, "next"),
        ("bad_request", False, None, "next"),
        ("timeout", True, None, "next"),
        ("truncated", False, None, "next"),
        ("server", False, None, "next"),
        ("server", True, None, Again(PAUSE_S)),
        ("connection", True, None, Again(PAUSE_S)),
        ("overloaded", True, 1.0, Again(1.0)),
        ("rate_limited", False, 1.0, "next"),
        ("rate_limited", True, 1.0, Again(1.0)),
        ("rate_limited", True, 2.0, "next"),
        ("rate_limited", True, 60.0, "next"),
        ("malformed", False, None, Again(repair=True)),
        ("filtered", False, None, "nobody"),
    ],
)
def test_each_failure_has_its_sequel(kind: Kind, is_last: bool, retry_after_s: float | None, step: Step) -> None:
    assert after(kind, tries=1, is_last=is_last, retry_after_s=retry_after_s, left_s=3.0) == step


@given(KINDS, st.booleans(), st.none() | SECONDS, SECONDS)
def test_nobody_is_asked_a_third_time(kind: Kind, is_last: bool, retry_after_s: float | None, left_s: float) -> None:
    step = after(kind, tries=2, is_last=is_last, retry_after_s=retry_after_s, left_s=left_s)
    assert not isinstance(step, Again)


@given(KINDS, st.booleans(), st.none() | SECONDS, SECONDS)
def test_a_pause_leaves_time_for_the_answer(
    kind: Kind, is_last: bool, retry_after_s: float | None, left_s: float
) -> None:
    step = after(kind, tries=1, is_last=is_last, retry_after_s=retry_after_s, left_s=left_s)
    if isinstance(step, Again):
        assert step.pause_s <= left_s / 2


@pytest.mark.parametrize(
    "status, code, kind, wish",
    [
        (401, "invalid_api_key", "auth", None),
        (403, "", "auth", None),
        (429, "rate_limit_exceeded", "rate_limited", 2.5),
        (503, "", "overloaded", 2.5),
        (529, "overloaded_error", "overloaded", 2.5),
        (500, "", "server", None),
        (408, "", "server", None),
        (400, "invalid_request_error", "bad_request", None),
        (404, "model_not_found", "bad_request", None),
        (400, "content_policy_violation", "filtered", None),
        (400, "content_filter", "filtered", None),
    ],
)
def test_an_http_status_is_sorted(status: int, code: str, kind: Kind, wish: float | None) -> None:
    error = of_status(status, code, "2.5")
    assert (error.kind, error.retry_after_s, error.is_billed) == (kind, wish, False)
    assert isinstance(error, Unusable) == (kind in {"bad_request", "filtered"})


@pytest.mark.parametrize("written", [None, "", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_is_no_wish(written: str | None) -> None:
    assert of_status(429, "", written).retry_after_s is None
