"""Whether a conversation must go to the unit (reception: "Handing over to the unit")."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from contracts.dialogue import HandoffReason
from contracts.rules import Verdict

# A count includes the turn being assessed: the second insistence on a price is `negotiation: 2`.
THRESHOLDS: tuple[tuple[str, int, HandoffReason], ...] = (
    ("sensitive", 1, "sensitive"),
    ("failure", 1, "failure"),
    ("no_slots", 1, "no_slots"),
    ("negotiation", 2, "negotiation"),
    ("beyond_knowledge", 2, "beyond_knowledge"),
    ("not_understood", 3, "not_understood"),
    ("repeated_question", 4, "repeated_question"),
)

# The most telling reason first: who insults and asks for a person is handed over as an insult.
INTENTS: tuple[tuple[str, HandoffReason], ...] = (
    ("insult", "abuse"),
    ("complain", "complaint"),
    ("class_admin", "class_admin"),
    ("request_person", "person_request"),
)

# Meanings, not words: "processar vocês" is legal, "o processo de matrícula" is not. Lower case, no accents.
SENSITIVE = re.compile(
    r"""
    # legal
      \b(?:advogad[oa]s?|procon|boletim\sde\socorrencia|conselho\stutelar|ministerio\spublico|liminar|indenizacao)\b
    | \bprocess(?:ar|arei)\s(?:voces|a\sunidade|o\skumon)\b | \bprocesso\sjudicial\b | \bmedida\sprotetiva\b
    | \bentrar\s(?:na|com)\s(?:a\s|uma\s)?(?:justica|acao|processo)\b | \bguarda\s(?:judicial|compartilhada)\b
    # a child's safety
    | \b(?:denunci(?:a|ar|ei|o)|sofreu\sabuso|abus(?:ou|ada|ado)\b|abuso\ssexual)\b
    | \b(?:assedi(?:o|ou|ada|ado)|maus[\s-]tratos)\b
    | \b(?:agrediu|agrediram|agredid[oa]|agressao|automutila\w+|suicid\w+|se\smachucou|se\sferiu|se\scortando)\b
    | \b(?:bateu|bateram|machucou|machucaram|empurrou|gritou|tocou)\s(?:(?:n[oa]|em|com|[oa])\s)?
      (?:meu|minha|(?:n|d)?el[ea]|filh[oa]|crianca)\b
    | \b(?:filh[oa]|el[ea]|menin[oa])\s(?:apanhou|levou\sum\s(?:soco|tapa))\b
    | \b(?:filh[oa]|el[ea]|crianca|menin[oa])\s(?:fugiu|sumiu|desapareceu)\b | \bpassou\smal\b | \b(?:se|me)\smatar\b
    | \b(?:quem\spode|estranho|pessoa\serrada|nao\s(?:deix|entreg)\w+)\b.{0,40}
      \b(?:buscar|pegar|retirar|levar)\s(?:el[ea]|[oa]\s|meu|minha)
    # medical
    | \b(?:remedios?|medicac(?:ao|oes)|medicamentos?|ritalina|venvanse|risperidona)\b
    | \b(?:dosagem|insulina|cirurgia|internad[oa])\b
    | \b(?:convuls(?:ao|oes)|epilep\w+|alergi(?:a|co|ca|as)|anafila\w+|diabet\w+)\b
    | \bdiagnosticar?\s(?:se|meu|minha|autismo|tdah|dislexia)\b
    """,
    re.VERBOSE,
)


def verdict(intents: Sequence[str], counters: Mapping[str, int], said: str | None = None) -> Verdict:
    """Decide on the intents of the turn, the escalation counts (this turn included) and what was written.

    Somebody's safety comes before everything else; then what the person did now; then what has added up.
    """
    if counters.get("sensitive", 0) or (said is not None and is_sensitive(said)):
        return Verdict(handoff=True, reason="sensitive")
    for intent, reason in INTENTS:
        if intent in intents:
            return Verdict(handoff=True, reason=reason)
    for counter, at_least, reason in THRESHOLDS:
        if counters.get(counter, 0) >= at_least:
            return Verdict(handoff=True, reason=reason)
    return Verdict()


def is_sensitive(text: str) -> bool:
    """Whether a text is about something medical, legal or about a child's safety."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return SENSITIVE.search(" ".join(plain.split())) is not None
