"""E-mail addresses as written and as dictated ("ana ponto silva arroba gmail ponto com")."""

import re

from dialogue_service.understanding.normaliser import Normalised
from dialogue_service.understanding.page import Found, Page

_VALID = re.compile(
    r"[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_+-])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}[a-z]{2,12}"
)
_PROVIDERS = r"(?:gmail|hotmail|outlook|yahoo|icloud|live|msn|uol|bol|terra|ig|globo)"
_WRITTEN = re.compile(
    rf"[a-z0-9][a-z0-9._%+-]* ?@ ?(?:{_PROVIDERS}(?: ?, ?| )com(?:(?: ?, ?| |\.)br)?\b|[a-z0-9-]+(?: ?\. ?[a-z0-9-]+)+)"
)
_DOT = r"(?: ponto | ?\. ?)"
_SPOKEN = re.compile(
    rf"(?P<local>[a-z0-9][a-z0-9._%+ -]*?) ?(?: arroba |\(at\)|\[at\]|@) ?(?P<domain>[a-z0-9-]+(?:{_DOT}[a-z0-9-]+)+)"
)
_SIGNS = {
    "ponto": ".",
    "underline": "_",
    "underscore": "_",
    "anderline": "_",
    "sublinhado": "_",
    "traco": "-",
    "hifen": "-",
    "menos": "-",
    "mais": "+",
}
_LEADING = frozenset(
    {"e", "eh", "email", "mail", "e-mail", "meu", "minha", "o", "seria", "anota", "escreve", "correio", "endereco"}
)
_TOP_LEVEL = frozenset(("com", "br", "net", "org", "edu", "gov", "info", "io", "me", "pt", "us"))


_REFUSED = re.compile(
    r"\b(?:eu )?(?:nao|n) (?:tenho|uso|possuo|utilizo|lembro)(?: (?:mais|nenhum|um|o|de cabeca|do|esse))*(?: meu)?"
    r" ?e-? ?mail\b"
    r"|\b(?:sem|prefiro nao (?:passar|dar|informar)(?: o| meu)*) e-? ?mail\b"
)


def refused_email(text: str) -> tuple[int, int] | None:
    """Return where a normalised text says that there is no address to give."""
    refused = _REFUSED.search(text)
    return refused.span() if refused else None


def find_email(page: Page) -> Found[str] | None:
    """Return the first address that is complete; an address without a domain is none."""
    if "@" not in page.text and "arroba" not in page.text and "at)" not in page.text:
        return None
    return _written(page.source) or _spoken(page.source)


def _raw(source: Normalised) -> str:
    """Return the normalised text before words were written out: an address is never respelled."""
    chars = []
    for at, char in enumerate(source.text):
        original = source.original[source.starts[at]]
        low = original.lower()
        chars.append(low if low.isascii() and len(low) == 1 and source.ends[at] - source.starts[at] == 1 else char)
    return "".join(chars)


def _written(source: Normalised) -> Found[str] | None:
    raw = _raw(source)
    for match in _WRITTEN.finditer(raw):
        address = re.sub(
            r"(?<=@)(.*)$",
            lambda tail: re.sub(r" ?[, ] ?", ".", tail.group().replace(" .", ".").replace(". ", ".")),
            match.group().replace(" @", "@").replace("@ ", "@"),
        )
        address = _without_trailing_words(address)
        if _VALID.fullmatch(address):
            return Found(address, match.start(), match.end())
    return None


def _without_trailing_words(address: str) -> str:
    """`ana@gmail.com.quero` (a full stop without a space) ends at its top-level domain."""
    local, _, domain = address.rpartition("@")
    labels = domain.strip(".").split(".")
    for at, label in enumerate(labels):
        if at and label in _TOP_LEVEL and (at + 1 == len(labels) or labels[at + 1] not in _TOP_LEVEL):
            labels = labels[: at + 1]
            break
    return f"{local}@{'.'.join(labels)}"


def _spoken(source: Normalised) -> Found[str] | None:
    match = _SPOKEN.search(source.text)
    if match is None:
        return None
    local = _local_part(match["local"].split())
    domain = re.sub(_DOT, ".", match["domain"])
    address = _without_trailing_words(f"{local}@{domain}")
    return Found(address, match.start(), match.end()) if local and _VALID.fullmatch(address) else None


def _local_part(words: list[str]) -> str:
    """Read backwards from the at sign. Two plain words side by side are joined only after "tudo junto"."""
    together = "junto" in words
    words = [word for word in words if word not in {"tudo", "junto", "minusculo", "minuscula"}]
    taken: list[str] = []
    for word in reversed(words):
        sign = _SIGNS.get(word)
        touches = not taken or taken[-1] in ".-_+" or sign is not None
        if word in _LEADING and (not taken or taken[-1] not in ".-_+"):
            break
        if not (touches or together or taken[-1].isdigit() or word.isdigit()):
            return ""
        taken.append(sign or word)
    return "".join(reversed(taken))
