"""Phones, e-mails and what is never sent, as people write them: found by their looks, or as values that are known."""

import re
from collections.abc import Iterator

_GAP = r"[\s().\-–]{0,3}"
_DIGIT_WORDS = "zero|uma?|dois|duas|tr[eê]s|quatro|cinco|seis|meia|sete|oito|nove"
_DOT = r"(?:\.|\s+\.\s+|\s+ponto\s+)"
_LOCAL = rf"(?<![\w.+-])[\w+-]+(?:(?:{_DOT}|\s+(?:underline|tra[cç]o)\s+)[\w+-]+){{0,6}}"
_AT = r"\s*(?:@|\barroba\b|\((?:at|arroba)\)|\[(?:at|arroba)\])\s*"

EMAIL = re.compile(
    rf"{_LOCAL}{_AT}[\w-]+(?:{_DOT}[a-z][\w-]*)+|{_LOCAL}\s+arroba\s+[\w-]+",
    re.IGNORECASE,
)
PHONE = re.compile(
    "|".join(
        (
            rf"(?<![\w+])\+{_GAP}\d(?:{_GAP}\d){{8,13}}(?!\d)",
            # A mobile, then a landline, with their area code, in any grouping.
            rf"(?<!\w)(?:(?:00)?55{_GAP})?(?:0{_GAP})?\(?[1-9]{_GAP}[1-9]{_GAP}9(?:{_GAP}\d){{8}}(?!\d)",
            rf"(?<!\w)(?:(?:00)?55{_GAP})?(?:0{_GAP})?\(?[1-9]{_GAP}[1-9]{_GAP}[2-5](?:{_GAP}\d){{7}}(?!\d)",
            # The same without an area code.
            r"(?<![\w,.])9[\s.\-–]?\d{4}[\s.\-–]?\d{4}(?!\d)",
            r"(?<![\w,.])(?!(?:19|20)\d\d\D(?:19|20))[2-5]\d{3}[\s.\-–]\d{4}(?!\d)",
            r"(?<![\w,.])[2-5]\d{7}(?!\d)",
            r"(?<![\w,.])0[38]00" + rf"(?:{_GAP}\d){{6,8}}(?!\d)",
            rf"\b(?:{_DIGIT_WORDS})(?:[\s,.\-]+(?:{_DIGIT_WORDS})){{7,13}}\b",
        )
    ),
    re.IGNORECASE,
)
NO_PHONE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T[\d:.,+-]+Z?)?"  # ISO
    r"|(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})(?!\d)"
    r"|(?<!\d)(?:[0-2]\d|3[01])(?:0\d|1[0-2])20\d\d(?!\d)"
    r"|R\$\s?[\d.,]+"
    r"|(?<![\d-])\d{5}-\d{3}(?!\d)"  # a postal code
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
"""Digits that look like a phone and are none."""

_CPF = re.compile(r"(?<!\d)\d{3}[.\s]?\d{3}[.\s]?\d{3}[-.\s/]?\d{2}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){12,18}(?!\d)")
_KEY = re.compile(r"\bsk-[\w-]{16,}|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")
_NINTH = 11
"""Digits of a Brazilian mobile with its area code."""


def known_phone(value: str) -> re.Pattern[str] | None:
    """Return what finds a phone in any grouping, with or without country code, area code and ninth digit."""
    digits = re.sub(r"\D", "", value)
    if len(digits) < 8:
        return None
    gap = r"\W{0,3}"
    if digits.startswith("55") and len(digits) in {12, 13}:
        digits = digits[2:]
    if len(digits) not in {10, _NINTH}:
        return re.compile(rf"(?<!\d)\+?{gap.join(digits)}(?!\d)")
    area, last = digits[:2], digits[-8:]
    before = rf"(?:(?:\+{gap}|00{gap})?5{gap}5{gap})?(?:\(?(?:0{gap})?{gap.join(area)}{gap})?(?:9{gap})?"
    return re.compile(rf"(?<!\d){before}{gap.join(last)}(?!\d)")


def known_text(value: str) -> re.Pattern[str]:
    """Return what finds a value as it is, in small or large letters."""
    return re.compile(re.escape(value.strip()), re.IGNORECASE)


def written_out(email: str) -> str:
    """Return an e-mail that was spoken, or spaced, as one writes it; as it is where it is not whole."""
    said = re.sub(r"\s+(?:underline)\s+", "_", email, flags=re.IGNORECASE)
    said = re.sub(r"\s+(?:tra[cç]o)\s+", "-", said, flags=re.IGNORECASE)
    said = re.sub(r"\s+ponto\s+|\s+\.\s+", ".", said, flags=re.IGNORECASE)
    said = re.sub(_AT, "@", said, flags=re.IGNORECASE).lower()
    return said if "." in said.partition("@")[2] and " " not in said else email


def never_sent(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a text has what nobody outside may see: CPFs, card numbers, keys."""
    for found in _CPF.finditer(text):
        if "." in found[0] or _is_cpf(re.sub(r"\D", "", found[0])):
            yield found.span()
    for found in _CARD.finditer(text):
        if _is_card(re.sub(r"\D", "", found[0])):
            yield found.span()
    for found in _KEY.finditer(text):
        yield found.span()


def _is_cpf(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False

    def check(size: int) -> str:
        total = sum(int(digit) * weight for digit, weight in zip(digits[:size], range(size + 1, 1, -1), strict=True))
        return str(total * 10 % 11 % 10)

    return check(9) == digits[9] and check(10) == digits[10]


def _is_card(digits: str) -> bool:
    """Luhn's sum (ISO/IEC 7812)."""
    doubled = [int(digit) * (1 + nth % 2) for nth, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(each - 9 * (each > 9) for each in doubled) % 10 == 0
