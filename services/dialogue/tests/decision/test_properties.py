import re
from typing import Any, get_args

from assistant.testing_volume import volume
from contracts.dialogue import Stage
from dialogue_service.testing_facts import ZONE, free_slots, reading, wish
from dialogue_service.testing_talk import Talk
from dialogue_service.understanding.values import INTENT_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

STUDENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from(["Pedro", "Lia", "Leo Souza"]),
            "age": st.integers(2, 99),
            "grade": st.sampled_from(["infantil", "ef3", "em1", "faculdade"]),
            "subjects": st.lists(st.sampled_from(["matematica", "portugues", "ingles"]), unique=True, max_size=3),
            "self": st.booleans(),
        },
    ),
    max_size=3,
)
WISHES = st.sampled_from(
    [
        wish("period", period="morning"),
        wish("period", period="evening"),
        wish("weekdays", weekdays=["tue", "sat"]),
        wish("window", exclude_weekdays=["mon"], exclude_period="morning"),
        wish("window", date="2026-11-28"),
        wish("window", date="2026-12-04"),
        wish("window", date="2027-03-01"),
        wish("window", date="2026-11-01"),
        wish("window"),
        wish("instant", date="2026-11-24", start="15:00"),
        wish("instant", date="2026-11-24", start="18:00"),
        wish("window", earliest="2026-11-30", latest="2026-12-04", start="14:00", end="16:00"),
        wish(
            "window",
            options=[
                {"kind": "instant", "date": "2026-11-25", "start": "10:00"},
                {"kind": "period", "period": "afternoon"},
            ],
        ),
        wish("ambiguous"),
        wish("none"),
        wish(
            "ambiguous", readings=[{"kind": "window", "date": "2026-11-24"}, {"kind": "window", "date": "2026-12-01"}]
        ),
    ]
)
TURNS = st.fixed_dictionaries(
    {
        "intents": st.lists(st.sampled_from(INTENT_NAMES), unique=True, max_size=3),
        "kind": st.sampled_from(["text", "text", "text", "audio", "image", "sticker", "call"]),
        "text": st.sampled_from(["?", "tem isso na unidade?", "sim", "", "você é um robô?", "outro filho"]),
        "pick": st.sampled_from([None, None, 0, 1, 2, "any", "ambiguous"]),
        "wait_h": st.sampled_from([0, 0, 0, 1, 3, 30, 80]),
        "marks": st.sampled_from([frozenset(), frozenset({"stale"}), frozenset({"injection"})]),
        "calendar": st.sampled_from(["works", "works", "works", "away", "full", "silent"]),
        "reminder": st.booleans(),
    },
    optional={
        "parent_name": st.sampled_from(["Ana", "Ana Souza", "Bia"]),
        "email": st.sampled_from(["ana@example.com", "b@c.org"]),
        "students": STUDENTS,
        "time_preference": WISHES,
        "shift": st.sampled_from(["earlier", "later"]),
        "subject_count": st.integers(1, 5),
        "child_count": st.integers(1, 8),
    },
)
FIELDS = ("parent_name", "email", "students", "time_preference", "shift", "subject_count", "child_count")
SLOT_LINE = re.compile(r"^\d\) .*?(\d\d)/(\d\d), (\d+)h(\d\d)$", re.MULTILINE)


def takes(talk: Talk, turn: dict[str, Any]) -> None:
    talk.waits(hours=turn["wait_h"]).calendar = turn["calendar"]
    if turn["reminder"] and talk.state.visit:
        holds(talk, talk.is_reminded().text)
    given = {key: turn[key] for key in FIELDS if key in turn}
    pick = turn["pick"]
    if pick is not None and talk.state.offered:
        given["slot"] = (
            talk.state.offered[min(pick, len(talk.state.offered) - 1)].start if isinstance(pick, int) else pick
        )
    served = talk.state.owner == "unit"
    understood = reading(turn["text"], *turn["intents"], **given)
    reply = talk.sends(understood, (turn["kind"], turn["text"]), marks=turn["marks"])
    holds(talk, reply.text)
    if served and talk.state.owner == "unit" and reply.step.outcome != "handed_over":
        assert reply.text == ""
    assert (reply.step.outcome == "handed_over") == (reply.step.handoff is not None)
    assert reply.step.outcome != "replied" or reply.text
    assert reply.step.outcome != "ignored" or reply.step.reason


def holds(talk: Talk, text: str) -> None:
    """Check what must be true after every step."""
    state = talk.state
    assert text.count("?") <= 1
    assert len(talk.replies[-1].spoken.bubbles) <= 3
    assert not re.search(r"[{}]|\bNone\b", text)
    free = {each.start for each in free_slots(talk.now)}
    named = [tuple(map(int, match)) for match in SLOT_LINE.findall(text)]
    starts = [each.start.astimezone(ZONE) for each in talk.replies[-1].spoken.offered_slots]
    assert set(named) <= {(start.day, start.month, start.hour, start.minute) for start in starts}
    for act in talk.replies[-1].step.acts:
        if type(act).__name__ == "OfferSlots":
            assert {each.start for each in act.slots} <= free  # type: ignore[union-attr]
            assert len(act.slots) <= 3  # type: ignore[union-attr]
    assert state.stage in get_args(Stage)
    assert (state.stage == "handed_over") == (state.owner == "unit")
    if state.stage == "booked":
        assert state.visit is not None
    assert len(state.lead.students) <= 6


@settings(max_examples=volume(80, thorough=250))
@given(st.lists(TURNS, max_size=12))
def test_whatever_is_said_a_step_follows_the_rules(turns: list[dict[str, Any]]) -> None:
    talk = Talk()
    for turn in turns:
        takes(talk, turn)


@settings(max_examples=volume(40, thorough=100))
@given(st.lists(TURNS, max_size=8))
def test_the_same_turns_lead_to_the_same_words(turns: list[dict[str, Any]]) -> None:
    said = []
    for _ in range(2):
        talk = Talk()
        for turn in turns:
            takes(talk, turn)
        said.append([reply.text for reply in talk.replies])
    assert said[0] == said[1]
