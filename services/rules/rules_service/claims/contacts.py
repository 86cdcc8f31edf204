"""Phones, e-mails, links and addresses in a text."""

import re
from dataclasses import dataclass

from rules_service.claims.plain import remembered, unaccented

Spans = tuple[tuple[str, int, int], ...]
"""What was found, and where it stands."""

_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\]|\sarroba\s)\s?[\w-]+(?:(?:\.|\s?\sponto\s\s?)[\w-]+)+")
_LINK = re.compile(
    r"\b(?:https?|ftp|whatsapp|tel|mailto):/{0,2}\S+|\bwww\.\S+"
    r"|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|br|net|org|app|link|info|site|online|store|shop|club|edu|gov|biz|xyz|dev|page)\b"
    r"(?:[/?#]\S*)?"
    # Short endings are also words ("unidade.me avisa"): only with a path, or as the messengers' own.
    r"|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:io|me|ly|gl|gle|tv|co|ai)/\S+|\b(?:wa|t)\.me\b\S*"
)
_PHONE = re.compile(
    r"(?<![\d,.$])(?:\+|00)?\(?\d(?:[\d(). -]{5,18})\d(?!\d)"
    r"|\b0[358]00[ .-]?\d{2,3}[ .-]?\d{2,4}\b|\b[1-9]00[34][ -]\d{4}\b"
)
_DATE = re.compile(r"\d{2}[.-]\d{2}[.-]\d{4}|20\d\d-\d{2}-\d{2}")
_STREET = re.compile(
    r"\b(?P<kind>rua|r\.|avenida|av\.?|travessa|alameda|praca|rodovia|estrada|largo)\s"
    r"(?P<name>[^\d\n;!?]{2,60}?)(?:,?\s*(?:n[oº.]*\s?|numero\s)?(?P<number>\d{1,5}))(?![\d/h:])"
)
_NAMED_STREET = re.compile(
    r"\b(?:[Rr]ua|RUA|[Aa]venida|AVENIDA|[Aa]v\.|[Tt]ravessa|[Aa]lameda|[Pp]raça|PRAÇA|[Rr]odovia|[Ee]strada)\s"
    r"(?P<name>(?:(?:d[aeo]s?|D[AEO]S?)\s)?[A-ZÀ-Ý][\wÀ-ÿ]+(?:\s(?:d[aeo]s?\s)?[A-ZÀ-Ý][\wÀ-ÿ]+)*)"
)
_DISTRICT = re.compile(
    r"\b(?:[Bb]airro|[Jj]ardim|JARDIM|Vila|VILA|Parque|Centro|Shopping|Galeria|Edifício)\s"
    r"(?!III\b)(?P<name>(?:(?:d[aeo]s?|D[AEO]S?)\s)?[A-ZÀ-Ý][\wÀ-ÿ]{2,}(?:\s(?:d[aeo]s?\s)?[A-ZÀ-Ý][\wÀ-ÿ]{2,})*)"
)
_ROOMS = re.compile(
    r"\b(?P<kind>salas?|conjuntos?|lojas?|andar|bloco|apto)\s(?:n[oº.]*\s?)?(?P<rooms>\d+(?:(?:,|\se)\s\d+)*)\b|\b\d+[oº]\sandar\b"
)
_POSTCODE = re.compile(r"\bcep\b\D{0,3}(\d{5}-?\d{3})|\b\d{5}-\d{3}\b")
_LANDMARK = re.compile(
    r"\b(?:em\sfrente\s(?:a|ao|da|do)|ao\slado\sd[ao]|perto\sd[aoe]|proxim[oa]\s(?:a|ao|da|do)|esquina\scom|atras\sd[ao]|dentro\sd[ao])\s(?!unidade|voce|casa|horario)"
)
_WORDS = re.compile(r"[a-z]{2,}|\d+")


@dataclass(frozen=True)
class Contacts:
    """What may be given: the unit's and the conversation's own. Phones are digits; texts are plain."""

    phones: frozenset[str]
    emails: frozenset[str]
    links: frozenset[str]
    places: tuple[str, ...]
    """Plain texts in which streets, districts and rooms may stand."""


@remembered
def phones(text: str) -> Spans:
    """Find every telephone number in a plain text: its national digits and its span."""
    found = ((re.sub(r"\D", "", match[0]), match) for match in _PHONE.finditer(text))
    return tuple(
        (national(digits), *match.span()) for digits, match in found if _may_be_phone(digits, match[0].strip())
    )


def _may_be_phone(digits: str, written: str) -> bool:
    return 7 <= len(digits) <= 15 and not _DATE.fullmatch(written) and not _POSTCODE.fullmatch(written)


def national(digits: str) -> str:
    """Drop 00, the country code and the trunk zero: `5551996921999` → `51996921999`."""
    digits = digits.removeprefix("00")
    if len(digits) in {12, 13} and digits.startswith("55"):
        digits = digits[2:]
    return (
        digits[1:] if len(digits) in {11, 12} and digits.startswith("0") and not digits.startswith("0800") else digits
    )


@remembered
def emails(text: str) -> Spans:
    """Find every e-mail address in a plain text, also one in disguise ("fulano arroba gmail ponto com")."""
    return tuple((_address(match[0]), *match.span()) for match in _EMAIL.finditer(text))


def _address(written: str) -> str:
    undisguised = re.sub(r"\s?(?:\(at\)|\[at\]|\sarroba\s)\s?", "@", written)
    return undisguised.replace(" ponto ", ".").replace(" ", "").strip(".")


@remembered
def links(text: str) -> Spans:
    """Find every link and domain in a plain text."""
    return tuple((match[0].rstrip(".,;:!?)").rstrip("/"), *match.span()) for match in _LINK.finditer(text))


@remembered
def places(text: str) -> Spans:
    """Find every street with its number, every room and every postcode in a plain text."""
    found = (match for pattern in (_STREET, _ROOMS, _POSTCODE) for match in pattern.finditer(text))
    return tuple((match[0], *match.span()) for match in found)


def false_phone(text: str, known: Contacts) -> bool:
    """Whether a plain text gives a telephone number that is not known, with or without its area code."""
    return any(
        not any(digits == phone or (len(digits) >= 8 and phone.endswith(digits)) for phone in known.phones)
        for digits, _, _ in phones(text)
    )


def false_email(text: str, known: Contacts) -> bool:
    """Whether a plain text gives an e-mail address that is not known."""
    return any(address not in known.emails for address, _, _ in emails(text))


def false_link(text: str, known: Contacts) -> bool:
    """Whether a plain text gives a link or a domain that is not known."""
    without = _EMAIL.sub(" ", text)
    return any(link not in known.links for link, _, _ in links(without))


def false_address(text: str, cased: str, known: Contacts, *, strict: bool) -> bool:
    """Whether a text places the unit where it is not. `cased` is the same text, cleaned only.

    `strict` (a text that no template made) also refuses landmarks, which no fact knows.
    """
    for match in _STREET.finditer(text):
        if not _stands_in(f"{match['name']} {match['number']}", known.places):
            return True
    for pattern in (_NAMED_STREET, _DISTRICT):
        for match in pattern.finditer(cased):
            if not _stands_in(unaccented(match["name"]), known.places):
                return True
    if not _rooms(text) <= frozenset().union(*map(_rooms, known.places)):
        return True
    for match in _POSTCODE.finditer(text):
        if not _stands_in(match[1] or match[0], known.places):
            return True
    return strict and _LANDMARK.search(text) is not None


@remembered
def _rooms(text: str) -> frozenset[str]:
    """`salas 6 e 7` → `{"sala 6", "sala 7"}`."""
    return frozenset(
        f"{(match['kind'] or 'andar').rstrip('s')} {number}"
        for match in _ROOMS.finditer(text)
        for number in re.findall(r"\d+", match[0])
    )


def _stands_in(place: str, known: tuple[str, ...]) -> bool:
    """Whether all words of a place stand one after another, in order, in a known one ("571" is not "517")."""
    words = _WORDS.findall(place)
    return any(_in_order(words, _WORDS.findall(text)) for text in known)


def _in_order(words: list[str], text: list[str]) -> bool:
    return any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))
