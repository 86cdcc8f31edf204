"""Phone numbers, Brazilian when no country is given, as E.164."""

import re

import phonenumbers

from dialogue_service.understanding.page import Found, Page

_CANDIDATE = re.compile(r"(?<![\w./-])\+?\(?\d[\d ().-]{7,18}\d(?![\w/])")
# CPF, CNPJ and dates have as many digits as a phone.
_OTHER_NUMBER = re.compile(r"\d{3}\.\d{3}\.\d{3}-?\d{2}|\d{2}\.\d{3}\.\d{3}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")


def find_phone(page: Page) -> Found[str] | None:
    """Return the first valid number; one without its area code is none."""
    for match in _CANDIDATE.finditer(page.rest):
        if _OTHER_NUMBER.search(match.group()):
            continue
        number = _parse(match.group())
        if number is not None:
            return Found(number, match.start(), match.end())
    return None


def _parse(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
