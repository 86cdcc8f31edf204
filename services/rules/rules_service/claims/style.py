"""Language and manner: Portuguese, WhatsApp's formatting, and the words that Cecília does not use."""

import re
from typing import Literal

from rules_service.claims.plain import remembered, words_of

_FORBIDDEN = re.compile(r"\b(?:human[oa]s?|atendentes?|agentes?|equipes?|consultor(?:a|es|as)?)\b")
_PLACEHOLDER = re.compile(
    r"\{|\}|\bNone\b|\bnull\b|\bundefined\b|\bNaN\b|%\(?\w*\)?[sd]\b|\$\{?\w*[a-zA-Z_]\w*\}|<\/?[a-zA-Z][^>\n]{0,40}>"
    r"|\[(?:[a-zA-ZÀ-ÿ_ ]{2,30})\](?!\()|\bLorem ipsum\b|\bX{3,}\b|_{3,}|\bTODO\b|\bTrue\b|\bFalse\b"
)
_MARKDOWN = re.compile(
    r"\*\*|~~|__[^_\n]+__|^\s{0,3}#{1,6}\s|\[[^\]\n]+\]\([^)\n]+\)|^\s{0,3}(?:-{3,}|\*{3,})\s*$|^\|.*\|\s*$",
    re.MULTILINE,
)
_MACHINERY = re.compile(
    r"\b(?:prompts?|system\sprompt|modelo\sde\slinguagem|language\smodel|chatgpt|gpt-?\d"
    r"|openai|anthropic|claude|llm|json|api\skey|minhas\s(?:instrucoes|diretrizes)|fui\s(?:programad|instruid|treinad)[oa])\b"
)
_ENGLISH = frozenset(
    words_of(
        """
    the your you and with please thank thanks hello sorry this that these those have has our their would could
    should which what where when how are is was were been being from about there here because want need know help
    can't don't i'm it's we're you're very welcome great sure enrollment tuition monthly fee price appointment
    schedule child children school subject subjects math english portuguese open closed today tomorrow monday
    tuesday wednesday thursday friday saturday sunday month week student students visit free lesson lessons address
    phone we our not but will be to of for it
    """
    )
)
_SPANISH = frozenset(
    words_of(
        """
    usted ustedes gracias hola nosotros buenos buenas dias tardes noches nino nina hijo hija cuanto cuesta puede
    mucho muy tambien pero donde cuando entonces gusto ayudarle los las el una unos
    """
    )
)
_ALSO_PORTUGUESE = frozenset(
    words_of(
        """
    noches el las los una dias tardes to of it be for but we not
    """
    )
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufaff]")

Flaw = Literal["language", "style"]


def flawed_manner(text: str, raw: str, own_words: frozenset[str]) -> Flaw | None:
    """Say whether a text is in another language, or in a manner that never leaves.

    `text` is plain, `raw` as it would be sent; `own_words` are names that the conversation itself brought.
    """
    if _breaks_style(text, raw):
        return "style"
    forbidden = {match[0] for match in _FORBIDDEN.finditer(text)}
    if forbidden - own_words:
        return "style"
    return "language" if _foreign(text, own_words) or _OTHER_SCRIPT.search(raw) else None


def is_suspicious(text: str, raw: str) -> bool:
    """Whether the manner of a text is flawed, or may be, depending on which names the conversation brought."""
    foreign = (_ENGLISH | _SPANISH) - _ALSO_PORTUGUESE
    return flawed_manner(text, raw, frozenset()) is not None or not foreign.isdisjoint(_WORD.findall(text))


@remembered
def _breaks_style(text: str, raw: str) -> bool:
    machinery = _PLACEHOLDER.search(raw) or _MARKDOWN.search(raw) or _MACHINERY.search(text)
    return machinery is not None or not raw.strip()


def _foreign(text: str, own_words: frozenset[str]) -> bool:
    """Whether two different words (and a fifth of all) are English or Spanish ones; two hard words always suffice."""
    words = [word for word in _WORD.findall(text) if word not in own_words]
    for language in (_ENGLISH, _SPANISH):
        found = [word for word in words if word in language]
        hard = {word for word in found if word not in _ALSO_PORTUGUESE}
        if len(hard) >= 2 or (hard and len(found) * 4 >= len(words)):
            return True
    return False
