"""Why the assistant answered as she did: how, about what, from what; and what she would have said that was stopped."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contracts import Event
from contracts.dialogue import Ground, TurnClosed
from contracts.llm_gateway import CompletionServed
from contracts.rules import DraftBlocked, ReplyDrafted

from frontdesk_service.wording import measures, words


@dataclass(frozen=True)
class Stopped:
    """A bubble that was not sent: what is wrong with it, and what it said, where that was kept."""

    claim: str
    text: str | None = field(repr=False)


@dataclass(frozen=True)
class Why:
    """In Portuguese: `about` what the family asked, `how` it was answered, `purpose` of a message that answers nobody.

    `facts` are kinds of the unit's own facts, `knowledge` pieces with title and text, `asked_ai` what the AI was asked.
    """

    about: str | None = None
    how: str | None = None
    purpose: str | None = None
    facts: tuple[str, ...] = ()
    knowledge: tuple[Ground, ...] = ()
    asked_ai: tuple[str, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    facts_version: str | None = None


def why(events: Iterable[Event[Any]]) -> Why:
    """Read it from the facts about one reply."""
    facts = [event.data for event in events]
    turn = next((fact for fact in reversed(facts) if isinstance(fact, TurnClosed)), None)
    draft = next((fact for fact in reversed(facts) if isinstance(fact, ReplyDrafted)), None)
    grounds = turn.grounds if turn else ()
    return Why(
        about=_about(turn) if turn else None,
        how=words.ROUTES.get(turn.route or "") if turn else None,
        purpose=words.PURPOSES.get(draft.purpose) if draft and not turn else None,
        facts=tuple(words.GROUNDS[each.kind] for each in grounds if each.kind != "knowledge"),
        knowledge=tuple(each for each in grounds if each.kind == "knowledge"),
        asked_ai=tuple(dict.fromkeys(_asked(fact) for fact in facts if isinstance(fact, CompletionServed))),
        stopped=tuple(
            Stopped(words.CLAIMS[fact.replacement.claim], fact.text) for fact in facts if isinstance(fact, DraftBlocked)
        ),
        facts_version=draft.facts_version if draft else None,
    )


def _about(turn: TurnClosed) -> str | None:
    return ", ".join(measures.QUESTIONS[each].lower() for each in turn.intents if each in measures.QUESTIONS) or None


def _asked(answer: CompletionServed) -> str:
    task = measures.TASKS.get(answer.task, answer.task).lower()
    return f"{task}: {words.REFUSALS[answer.refusal]}" if answer.refusal else task
