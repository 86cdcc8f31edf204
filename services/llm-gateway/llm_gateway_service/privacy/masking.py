"""Placeholders in the place of people: `[NOME_1]`, `[TELEFONE_1]`, `[EMAIL_1]`, and the way back."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from contracts.llm_gateway import PersonalValue

from llm_gateway_service.privacy import patterns
from llm_gateway_service.privacy.names import Names

Kind: TypeAlias = Literal["NOME", "TELEFONE", "EMAIL", "OMITIDO"]
Span: TypeAlias = tuple[int, int, Kind, str]
"""Where, what, and what comes back in its place."""

GONE = "[OMITIDO]"
"""In the place of what is never sent, nor comes back."""
PLACEHOLDER = re.compile(r"\[?\b(NOME|TELEFONE|EMAIL|E-MAIL)[_ ](\d{1,3})\b\]?", re.IGNORECASE)
NOTE = (
    "Trechos como [NOME_1], [TELEFONE_1] ou [EMAIL_1] ficam no lugar de dados pessoais. "
    "Quando precisar deles, copie-os exatamente como estão."
)
_TOLD = frozenset({"enum", "const", "default", "examples", "description", "title"})
"""Where a JSON schema has words of its own; the rest is its language and the names of its keys."""


class UnknownPlaceholder(Exception):  # noqa: N818  # a word of the answer's reader
    """An answer has a placeholder that was never given."""


class Mask:
    """Hides the people of one conversation; the same value has the same placeholder in every text of it.

    `secrets` are texts that must never be sent.
    """

    def __init__(self, personal: Sequence[PersonalValue] = (), secrets: Sequence[str] = ()) -> None:
        of_kind: dict[str, list[str]] = {"name": [], "phone": [], "email": []}
        for each in personal:
            if each.value.strip():
                of_kind[each.kind].append(each.value.strip())
        self._names = Names(of_kind["name"])
        self._phones = [found for value in of_kind["phone"] if (found := patterns.known_phone(value))]
        self._emails = [patterns.known_text(value) for value in of_kind["email"]]
        self._secrets = [secret for secret in secrets if secret]
        self._given: dict[tuple[Kind, str], str] = {}
        self._back: dict[tuple[str, int], str] = {}
        self.has_hidden = False

    @property
    def has_placeholders(self) -> bool:
        """Whether anything was hidden that can come back."""
        return bool(self._back)

    def hide(self, text: str) -> str:
        """Return a text without anybody in it."""
        pieces, at = [], 0
        for start, end, kind, value in _apart(self._spans(text)):
            pieces += [text[at:start], self._placeholder(kind, value)]
            at = end
        return "".join((*pieces, text[at:]))

    def hide_in(self, schema: Any, *, is_told: bool = False) -> Any:
        """Return a JSON schema without anybody in its words."""
        if isinstance(schema, str):
            return self.hide(schema) if is_told else schema
        if isinstance(schema, list):
            return [self.hide_in(each, is_told=is_told) for each in schema]
        if not isinstance(schema, dict):
            return schema
        return {key: self.hide_in(value, is_told=is_told or key in _TOLD) for key, value in schema.items()}

    def restore(self, value: Any) -> Any:
        """Return an answer with everybody back in every string of it. Raises `UnknownPlaceholder`."""
        if isinstance(value, str):
            if GONE in value:
                raise UnknownPlaceholder
            return PLACEHOLDER.sub(self._restored, value) if self._back else value
        if isinstance(value, list):
            return [self.restore(each) for each in value]
        if isinstance(value, dict):
            return {key: self.restore(each) for key, each in value.items()}
        return value

    def _restored(self, found: re.Match[str]) -> str:
        kind = found[1].upper().replace("-", "")
        if (kind, int(found[2])) not in self._back:
            raise UnknownPlaceholder
        return self._back[kind, int(found[2])]

    def _placeholder(self, kind: Kind, value: str) -> str:
        self.has_hidden = True
        if kind == "OMITIDO":
            return GONE
        if (kind, value) not in self._given:
            number = 1 + sum(known == kind for known, _ in self._given)
            self._given[kind, value] = f"[{kind}_{number}]"
            self._back[kind, number] = value
        return self._given[kind, value]

    def _spans(self, text: str) -> Iterator[Span]:
        """Yield what must be hidden, the surest first: where two overlap, the first counts."""
        for known in self._phones:
            yield from ((*found.span(), "TELEFONE", found[0]) for found in known.finditer(text))
        for secret in self._secrets:
            yield from ((*found.span(), "OMITIDO", "") for found in re.finditer(re.escape(secret), text))
        for known in self._emails:
            yield from ((*found.span(), "EMAIL", found[0].lower()) for found in known.finditer(text))
        yield from _by_their_looks(text)
        for mention in self._names.mentions(text):
            yield mention.start, mention.end, "NOME", mention.name


@lru_cache(maxsize=64)
def _by_their_looks(text: str) -> tuple[Span, ...]:
    """Find what shows by itself; remembered for a while, since prompts begin with the same instructions."""
    spans: list[Span] = [(*span, "OMITIDO", "") for span in patterns.never_sent(text)]
    # What looks like a placeholder was written by somebody: it must not become a person.
    spans += [(*found.span(), "NOME", found[0]) for found in PLACEHOLDER.finditer(text)]
    spans += [(*found.span(), "EMAIL", patterns.written_out(found[0])) for found in patterns.EMAIL.finditer(text)]
    no_phones = [found.span() for found in patterns.NO_PHONE.finditer(text)]
    for found in patterns.PHONE.finditer(text):
        if not any(found.start() < end and start < found.end() for start, end in no_phones):
            spans.append((*found.span(), "TELEFONE", found[0]))
    return tuple(spans)


def _apart(spans: Iterator[Span]) -> list[Span]:
    """Return the spans in the text's order, without those that overlap a surer one."""
    kept: list[Span] = []
    for span in spans:
        if all(span[1] <= start or end <= span[0] for start, end, _, _ in kept):
            kept.append(span)
    return sorted(kept)
