"""Who the simulated parents are, and whom they write for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

PHRASES: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8")
)
SUBJECTS = {"matematica": "matemática", "portugues": "português", "ingles": "inglês"}
NUMBERS = ("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez")
_ORDINALS = ("", "primeiro", "segundo", "terceiro", "quarto", "quinto", "sexto", "sétimo", "oitavo", "nono")
Aim = Literal["visit", "information", "admin", "bargain"]


@dataclass(frozen=True)
class Persona:
    """A kind of parent. Everything but the aim is a chance, 0–1, of doing it once in a conversation or a turn."""

    name: str
    aim: Aim = "visit"
    opens: str = "interest"
    children: int = 1
    adult: bool = False
    tells_all: float = 0.15
    asks: float = 0.15
    objects: float = 0.0
    changes_mind: float = 0.0
    rejects: float = 0.1
    corrects: float = 0.05
    goes_silent: float = 0.0
    bursts: float = 0.1
    noise: float = 0.3


PERSONAS = (
    Persona("direct", opens="visit"),
    Persona("price first", opens="price", asks=0.25),
    Persona("tells everything at once", tells_all=1.0),
    Persona("writes in bursts", bursts=0.8, asks=0.2),
    Persona("two children", children=2),
    Persona("studies themselves", opens="adult", adult=True),
    Persona("hurried, with typos", noise=1.0, bursts=0.3),
    Persona("undecided", changes_mind=0.8, rejects=0.7, corrects=0.4),
    Persona("goes silent", goes_silent=0.25),
    Persona("sceptical", opens="price", objects=0.5, asks=0.3),
    Persona("only asks", aim="information", opens="price", asks=0.5),
    Persona("enrolled family", aim="admin", opens="admin"),
    Persona("bargains", aim="bargain", opens="price"),
)


@dataclass(frozen=True)
class Child:
    """Whom it is for; `grade` in the parent's words."""

    name: str
    girl: bool
    age: int
    grade: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """One parent: what is true, and what they may tell."""

    persona: Persona
    full: str
    woman: bool
    email: str
    children: tuple[Child, ...] = field(default_factory=tuple)

    @property
    def first(self) -> str:
        """The first name."""
        return self.full.split(maxsplit=1)[0]

    def says(self, rng: Random, group: str, key: str, child: Child | None = None, **more: Any) -> str:
        """Draw a phrase and fill it in."""
        values = {"full": self.full, "first": self.first, "email": self.email, "article": "a" if self.woman else "o"}
        if child:
            values |= {
                "name": child.name,
                "age": str(child.age),
                "words": NUMBERS[child.age] if child.age < len(NUMBERS) else str(child.age),
                "grade": child.grade,
                "article": "a" if child.girl else "o",
                "subjects": " e ".join(SUBJECTS[each] for each in child.subjects),
            }
        return rng.choice(PHRASES[group][key]).format_map({**values, **more})


def somebody(persona: Persona, rng: Random) -> Person:
    """Make a person up."""
    woman = rng.random() < 0.75
    full = rng.choice(PHRASES["names"]["mothers" if woman else "fathers"])
    host = rng.choice(("gmail.com", "hotmail.com", "outlook.com", "yahoo.com.br"))
    address = full.lower().replace(" ", ".").translate(str.maketrans("áéíóúâêôãõç", "aeiouaeoaoc"))
    if persona.adult:
        age = rng.randint(19, 60)
        grade = rng.choice(("faculdade", "não estudo"))
        children: tuple[Child, ...] = (Child(full, woman, age, grade, (rng.choice(list(SUBJECTS)),)),)
    else:
        girls = rng.sample(PHRASES["names"]["girls"], persona.children)
        boys = rng.sample(PHRASES["names"]["boys"], persona.children)
        children = tuple(_child(girls[nth], boys[nth], rng) for nth in range(persona.children))
    return Person(persona, full, woman, f"{address}@{host}", children)


def _child(girl: str, boy: str, rng: Random) -> Child:
    is_girl = rng.random() < 0.5
    age = rng.randint(4, 16)
    subjects = tuple(rng.sample(list(SUBJECTS), rng.choice((1, 1, 1, 2))))
    return Child(girl if is_girl else boy, is_girl, age, _grade(age, rng), subjects)


def _grade(age: int, rng: Random) -> str:
    if age <= 5:
        return rng.choice(("pré", "jardim", "educação infantil"))
    if age <= 14:
        year = age - 5
        return rng.choice((f"{year}º ano", f"{year}o ano", f"{year} ano", f"{_ORDINALS[year]} ano"))
    year = age - 14
    return rng.choice((f"{year}º ano do ensino médio", f"{_ORDINALS[year]} do ensino médio"))
