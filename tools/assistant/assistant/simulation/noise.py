"""How people really type: slang, missing accents, slips, capitals. Names, addresses and figures stay as they are."""

import re
import unicodedata
from random import Random

SLANG = {
    "você": "vc",
    "vocês": "vcs",
    "que": "q",
    "quanto": "qto",
    "para": "pra",
    "está": "tá",
    "também": "tbm",
    "hoje": "hj",
    "porque": "pq",
    "não": "n",
    "mensagem": "msg",
    "beleza": "blz",
    "obrigada": "obg",
    "qualquer": "qlqr",
    "semana": "sem",
    "quando": "qdo",
    "muito": "mto",
    "mesmo": "msm",
}
_KEEP_SHORT = {"sem"}
_WORD = re.compile(r"[^\W\d_]+")


def noisy(text: str, level: float, rng: Random, *, keep: frozenset[str] = frozenset()) -> str:
    """Return a text as it might come; `level` 0–1 is how careless the writer is, `keep` are words left alone."""
    if "@" in text:
        return text
    style = rng.random()
    no_accents = rng.random() < 0.6 * level

    def word(match: re.Match[str]) -> str:
        said = match[0]
        if said in keep:
            return said
        short = SLANG.get(said.lower())
        if short and short not in _KEEP_SHORT and rng.random() < 0.7 * level:
            return short
        said = _plain(said) if no_accents else said
        if len(said) > 5 and rng.random() < 0.06 * level:
            return _slip(said, rng)
        return said

    changed = _WORD.sub(word, text)
    if style < 0.08 * level:
        return changed.upper()
    if style < 0.4 * level:
        return changed.lower().rstrip("?.!") + ("" if "?" not in changed else "?" * rng.choice((1, 1, 2)))
    return changed + (rng.choice(("", "", " 😊", "!", " 🙏")) if rng.random() < 0.2 * level else "")


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _slip(said: str, rng: Random) -> str:
    """Swap two letters, drop one, or strike one twice; the first and the last stay."""
    at = rng.randint(1, len(said) - 3)
    kind = rng.random()
    if kind < 0.4:
        return said[:at] + said[at + 1] + said[at] + said[at + 2 :]
    if kind < 0.7:
        return said[:at] + said[at + 1 :]
    return said[:at] + said[at] + said[at:]
