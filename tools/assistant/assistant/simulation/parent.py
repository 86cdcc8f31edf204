"""What a simulated parent writes next: they remember what they told, answer what they are asked, have their moods."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from assistant.simulation.hearing import Heard
from assistant.simulation.noise import noisy
from assistant.simulation.people import PHRASES, Child, Person
from assistant.simulation.wishes import a_wish

SHORT_PAUSE = (15, 90)
LONG_PAUSE = (3 * 3600, 20 * 3600)
_ORDINALS = {1: "o primeiro", 2: "o segundo", 3: "o terceiro"}


@dataclass
class Writes:
    """The next messages, after so many seconds; none ends the conversation."""

    messages: tuple[str, ...] = ()
    pause_s: int = 40


@dataclass
class Parent:
    """One simulated parent in one conversation. `told` are lead fields that they have said, by child where it has one.

    `moods` are what they have done once and do not do again.
    """

    person: Person
    rng: Random
    told: set[str] = field(default_factory=set)
    moods: set[str] = field(default_factory=set)
    rounds: int = 0
    wished: int = 0
    discounts: int = 0
    _now_told: list[str] = field(default_factory=list)

    @property
    def _aim(self) -> str:
        return self.person.persona.aim

    def begins(self) -> Writes:
        """Write the first message."""
        persona = self.person.persona
        opening = self.person.says(self.rng, "opening", persona.opens)
        if persona.adult:
            self.told.add("student_name:0")
        if persona.tells_all and self.rng.random() < persona.tells_all and not persona.adult:
            everything = [self._tell_all(child) for child in self.person.children]
            return self._write([opening, *everything], together=True)
        return self._write([opening])

    def answers(self, heard: Heard) -> Writes:
        """Write in answer to a reply."""
        self.rounds += 1
        persona, rng = self.person.persona, self.rng
        if self._aim != "visit":
            return self._without_aim(heard)
        said = self._answer(heard)
        if rng.random() < persona.asks and heard.question not in {"confirm", "clarify"}:
            question = self.person.says(rng, "question", rng.choice(list(PHRASES["question"])))
            said = [question] if rng.random() < 0.3 else [*said, question]
            if len(said) == 1:
                self._take_back()
        if persona.objects and "objected" not in self.moods and rng.random() < persona.objects:
            self.moods.add("objected")
            said = [self.person.says(rng, "objection", rng.choice(list(PHRASES["objection"])))]
            self._take_back()
        pause_s = rng.randint(*SHORT_PAUSE)
        if persona.goes_silent and rng.random() < persona.goes_silent and "silent" not in self.moods:
            self.moods.add("silent")
            pause_s = rng.randint(*LONG_PAUSE)
            said = [self.person.says(rng, "answer", "back")]
            self._take_back()
        return self._write(said, pause_s=pause_s)

    # What is asked, and answered

    def _answer(self, heard: Heard) -> list[str]:
        self._now_told = []
        if heard.question in {"student_name", "age", "grade", "subjects"}:
            return [self._tell_of_child(heard)]
        if heard.question in {"confirm", "choose"}:
            return self._confirm() if heard.question == "confirm" else self._choose(heard)
        answers: dict[str, Callable[[], str]] = {
            "hint": lambda: self._tell("parent_name", "hint_yes"),
            "parent_name": lambda: self._tell("parent_name", "parent_name"),
            "email": lambda: self._tell("email", "email"),
            "clarify": lambda: self._pick_reading(heard.sentence),
            "move": lambda: self.person.says(self.rng, "answer", "no_visit"),
            "time": self._wish,
        }
        return [answers.get(heard.question, self._push)()]

    def _tell(self, key: str, phrase: str) -> str:
        self._note(key)
        return self.person.says(self.rng, "answer", phrase)

    def _note(self, key: str) -> None:
        self._now_told.append(key)
        self.told.add(key)

    def _take_back(self) -> None:
        """Forget that it was told, when something else is said instead."""
        self.told.difference_update(self._now_told)

    def _tell_of_child(self, heard: Heard) -> str:
        field_name = {"student_name": "student_name", "age": "age", "grade": "grade"}.get(heard.question, "subjects")
        index = self._which_child(heard, field_name)
        child = self.person.children[index]
        persona = self.person.persona
        if persona.corrects and field_name == "grade" and self.rng.random() < persona.corrects:
            corrected = self.person.says(self.rng, "answer", "correct_age", child)
            if f"age:{index}" in self.told and "corrected" not in self.moods:
                self.moods.add("corrected")
                return corrected
        if field_name == "student_name" and self.rng.random() < persona.tells_all:
            for each in ("student_name", "age", "grade", "subjects"):
                self._note(f"{each}:{index}")
            return self.person.says(self.rng, "answer", "all", child)
        self._note(f"{field_name}:{index}")
        phrase = f"own_{field_name}" if persona.adult and field_name in {"age", "grade"} else field_name
        return self.person.says(self.rng, "answer", phrase, child)

    def _which_child(self, heard: Heard, field_name: str) -> int:
        for index, child in enumerate(self.person.children):
            if re.search(rf"\b{child.name}\b", heard.sentence):
                return index
        nth = {"primeira": 0, "segunda": 1}.get(next(iter(re.findall(r"primeira|segunda", heard.sentence)), ""))
        if nth is not None and nth < len(self.person.children):
            return nth
        ages = re.findall(r"de (\d+) anos", heard.sentence)
        by_age = [index for index, child in enumerate(self.person.children) if ages and str(child.age) == ages[0]]
        untold = [nth for nth in range(len(self.person.children)) if f"{field_name}:{nth}" not in self.told]
        return (by_age or untold or [0])[0]

    def _tell_all(self, child: Child) -> str:
        index = self.person.children.index(child)
        self.told |= {f"{each}:{index}" for each in ("student_name", "age", "grade", "subjects")}
        return self.person.says(self.rng, "answer", "all", child)

    # The visit

    def _wish(self) -> str:
        self.wished += 1
        return a_wish(self.rng)

    def _confirm(self) -> list[str]:
        persona = self.person.persona
        if "changed" not in self.moods and self.rng.random() < persona.changes_mind:
            self.moods.add("changed")
            if self.rng.random() < 0.5:
                return [self.person.says(self.rng, "answer", "deny_slot")]
            return [f"pensando bem, melhor {a_wish(self.rng)}"]
        return [self.person.says(self.rng, "answer", "confirm")]

    def _choose(self, heard: Heard) -> list[str]:
        rng, persona = self.rng, self.person.persona
        if "rejected" not in self.moods and rng.random() < persona.rejects:
            self.moods.add("rejected")
            return [self.person.says(rng, "answer", "reject")]
        offers = heard.offers or {1: dt.datetime.min.replace(tzinfo=dt.UTC)}
        nth = rng.choice(list(offers))
        chosen = self.person.says(rng, "answer", "choose", nth=nth)
        if rng.random() < 0.3 and nth in _ORDINALS:
            chosen = self.person.says(rng, "answer", "ordinal", ordinal=_ORDINALS[nth])
        same_hour = [
            slot for slot in offers.values() if (slot.hour, slot.minute) == (offers[nth].hour, offers[nth].minute)
        ]
        if heard.offers and len(same_hour) == 1 and rng.random() < 0.2:
            chosen = f"às {offers[nth].hour}h{offers[nth].minute or ''}".replace("h0", "h")
        if heard.wants_email and "email" not in self.told and rng.random() < 0.6:
            self._note("email")
            return [chosen, self.person.email]
        return [chosen]

    def _pick_reading(self, sentence: str) -> str:
        """Repeat the first of the readings that were asked back."""
        said = re.search(r"(?:quer dizer|seria) (.+?)(?: ou |\?)", sentence)
        return said[1].strip() if said else self._wish()

    def _push(self) -> str:
        """Say what one wants when one is asked nothing."""
        if self.person.persona.adult and "adult" not in self.moods:
            self.moods.add("adult")
            return self.person.says(self.rng, "opening", "adult")
        return self.person.says(self.rng, "answer", "want_visit")

    # Who wants something else

    def _without_aim(self, heard: Heard) -> Writes:
        if self._aim == "bargain":
            self.discounts += 1
            return self._write([self.person.says(self.rng, "answer", "discount")]) if self.discounts < 5 else Writes()
        if self._aim == "information" and self.rounds < 4:
            if heard.question in {"parent_name", "hint"} and self.rng.random() < 0.5:
                return self._write(self._answer(heard))
            return self._write([self.person.says(self.rng, "question", self.rng.choice(list(PHRASES["question"])))])
        if self.rounds == 4:
            phrase = "no_visit" if heard.question != "none" else "bye"
            return self._write([self.person.says(self.rng, "answer", phrase)])
        return Writes()

    def _write(self, said: list[str], *, pause_s: int = 40, together: bool = False) -> Writes:
        persona, rng = self.person.persona, self.rng
        words = frozenset(word for child in self.person.children for word in child.name.split())
        keep = words | frozenset(self.person.full.split())
        texts = [noisy(text, persona.noise, rng, keep=keep) for text in said]
        if len(texts) > 1 and (not together or rng.random() < 0.5) and rng.random() < max(persona.bursts, 0.3):
            return Writes(tuple(texts), pause_s)
        joined = ". ".join(texts) if len(texts) > 1 else texts[0]
        if rng.random() < persona.bursts and ", " in joined and "@" not in joined:
            return Writes(tuple(part.strip() for part in joined.split(", ") if part.strip()), pause_s)
        return Writes((joined,), pause_s)
