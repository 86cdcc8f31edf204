"""Portuguese number words up to ninety-nine, as they are written after normalisation (no accents, lower case)."""

_UNITS = {
    "zero": 0,
    "um": 1,
    "uma": 1,
    "dois": 2,
    "duas": 2,
    "tres": 3,
    "quatro": 4,
    "cinco": 5,
    "seis": 6,
    "meia": 6,
    "sete": 7,
    "oito": 8,
    "nove": 9,
}
_TEENS = {
    "dez": 10,
    "onze": 11,
    "doze": 12,
    "treze": 13,
    "catorze": 14,
    "quatorze": 14,
    "quinze": 15,
    "dezesseis": 16,
    "dezasseis": 16,
    "dezessete": 17,
    "dezoito": 18,
    "dezenove": 19,
}
_TENS = {
    "vinte": 20,
    "trinta": 30,
    "quarenta": 40,
    "cinquenta": 50,
    "sessenta": 60,
    "setenta": 70,
    "oitenta": 80,
    "noventa": 90,
}
_ORDINALS = {
    "primeir": 1,
    "segund": 2,
    "terceir": 3,
    "quart": 4,
    "quint": 5,
    "sext": 6,
    "setim": 7,
    "oitav": 8,
    "non": 9,
}
_SIMPLE_UNITS = {word: value for word, value in _UNITS.items() if word != "meia"}
# "meia" is six only when a phone or an id is dictated; elsewhere it is a half.
CARDINALS: dict[str, int] = {
    **_SIMPLE_UNITS,
    **_TEENS,
    **_TENS,
    **{f"{ten} e {unit}": a + b for ten, a in _TENS.items() for unit, b in _SIMPLE_UNITS.items() if b},
}
ORDINALS: dict[str, int] = {stem + ending: value for stem, value in _ORDINALS.items() for ending in ("o", "a")}


def _alternatives(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


ORDINAL_WORD = rf"(?:{_alternatives(ORDINALS)})"
UNIT_WORD = rf"(?:{_alternatives({**_SIMPLE_UNITS, **_TEENS})})"
_TEN = "|".join(_TENS)
_UNIT = _alternatives({word: value for word, value in _SIMPLE_UNITS.items() if value})
CARDINAL_WORD = rf"(?:(?:{_TEN})(?: e (?:{_UNIT})\b)?|{UNIT_WORD})"
CARDINAL = rf"(?:\d{{1,2}}|{CARDINAL_WORD})"


def cardinal(text: str) -> int:
    """Return the value of what `CARDINAL` matched."""
    return int(text) if text.isdigit() else CARDINALS[text]
