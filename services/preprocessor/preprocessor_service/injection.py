"""Recognises attempts to instruct a machine, in Portuguese and English.

A mark, not a verdict: it makes the line careful, so it must not fall on parents. Orders about *instructions*, roles
and prompts count; orders about messages, prices or visits do not ("ignore minha mensagem anterior"), nor does what is
said about a child ("ele ignora todas as regras"): a form that is both order and statement counts only where a clause
begins.
"""

import re
import unicodedata

_BEGIN = r"(?:^|[.!?:;,] ?)"
_YOU = r"(?:voce|vc|tu)"
_DROP = (
    r"(?:\b(?:ignorem?|desconsiderem?|esquecam?|descartem?|desobedecam?|anulem?)"
    rf"|(?:{_BEGIN}|\b(?:por favor|agora|entao|{_YOU}) )(?:ignora|desconsidera|esquece|descarta|desobedece)"
    rf"|(?:{_BEGIN}|\bfavor |\b{_YOU} (?:pode|deve|precisa|vai|tem que) )(?:ignorar|desconsiderar|esquecer))\b"
)
_ORDERS = (
    r"\b(?:instruc(?:ao|oes)|prompts?|diretrizes|comandos?|regras|restricoes|ordens|orientacoes|programacao"
    r"|configuracoes)\b"
)
_GIVEN_BEFORE = (
    r"\b(?:anterior(?:es)?|acima|previas?|iniciais|originais|internas|(?:do|de) sistema|de seguranca"
    rf"|que (?:{_YOU}|te|lhe) (?:recebeu|tem|segue|deram|passaram|foram))\b"
)
_ALL_OF_YOURS = r"\b(?:suas?|seus?|tuas?|teus?|todas|todos|quaisquer)(?: as| os| suas| seus| tuas)? "
_NOT_MINE = r"(?! (?:\w+ )?que (?:eu |te |lhe |vos )*(?:mandei|enviei|passei|dei|escrevi|falei|disse|pedi))"
_DROP_EN = r"\b(?:ignore|disregard|forget|override|bypass)\b"
_ORDERS_EN = r"\b(?:instructions?|prompts?|rules|guidelines|directives|directions|programming)\b"
_SHOW = (
    r"\b(?:revel[ea]|mostr[ea]|repita|exiba|imprima|liste|escreva|envi[ea]|mand[ea]|diga|copie|transcreva|cont[ea]"
    r"|divulgue|compartilhe|traduza|resuma|pass[ea]|qual e|quais sao)\b[^.!?]{0,25}"
)
_SHOW_EN = (
    r"\b(?:reveal|show|print|repeat|output|display|tell|give|share|write|list|what (?:are|is|were))\b[^.!?]{0,30}"
)
_INSIDES = r"(?:instrucoes|prompts?|configuracoes|regras internas|codigo fonte)\b"
_HIDDEN = r"(?:internas?|iniciais|originais|secretas?|(?:do|de) sistema)\b"
_INSIDES_EN = r"(?:prompts?|instructions?|configuration|guidelines)\b"
_BOT = r"(?:dan|chatgpt|gpt|dono|chefe|administrador|hacker|desenvolvedor|robo)\b"

_DROP_WHAT_YOU_WERE_TOLD = (
    rf"{_DROP}[^.!?]{{0,30}}{_ORDERS}{_NOT_MINE}[^.!?]{{0,20}}{_GIVEN_BEFORE}{_NOT_MINE}",
    rf"{_DROP}[^.!?]{{0,20}}{_ALL_OF_YOURS}{_ORDERS}(?! d[aeo]s? ){_NOT_MINE}",
    rf"{_DROP} tudo (?:o )?(?:que )?(?:esta |vem |veio |foi dito )?(?:acima|antes disso)\b",
    rf"{_DROP} tudo (?:o )?que (?:foi dito|te (?:disseram|ensinaram|mandaram)|{_YOU} (?:sabe|aprendeu|recebeu))\b",
    rf"{_DROP_EN}[^.!?]{{0,30}}{_ORDERS_EN}",
    rf"{_DROP_EN} (?:everything|all|anything)(?: of)?(?: that| the)? (?:above|before|previous|prior|you)\b",
    r"\bnovas? (?:instruc(?:ao|oes)|diretrizes|ordens)(?: do sistema)? ?:",
)
_BE_SOMEBODY_ELSE = (
    # "você agora é a Cecília?" and "vc agora é só online?" are questions of parents.
    rf"\b{_YOU} agora (?:e|es|sera|vai ser|se chama)(?! (?:d[aeo]s?|mais|quem|que|so|muito|[ao]s?)\b) [a-z]",
    rf"\b{_YOU} agora (?:e|es|sera) [ao] {_BOT}",
    rf"\bagora {_YOU} (?:e|sera|vai ser) (?:uma?\b|outr[oa]\b|(?:[ao] )?{_BOT})",
    rf"\ba partir de agora,? {_YOU} (?:e (?:uma?|[ao]) |sera\b)",
    rf"\ba partir de agora,? {_YOU} (?:vai|deve|ira|tem que) (?:ser|agir|atuar|responder|fingir|ignorar|obedecer)\b",
    rf"(?:{_BEGIN}|\b(?:que|por favor|agora|deve|vai|e|entao|{_YOU}) )(?:aja|atue|agir|atuar|se comporte) como\b",
    rf"(?:{_BEGIN}|\b(?:que|por favor|agora|{_YOU}) )(?:responda|fale|escreva) como (?:se (?:{_YOU} )?fosse|uma?)\b",
    rf"\bcomporte se como\b|\bfinja (?:que|ser)\b|\bfaca de conta que (?:{_YOU}|e)\b",
    r"\b(?:assuma|interprete) o papel de\b|\bsimule (?:ser|que)\b|\bentre no personagem\b|\brole ?play\b",
    r"\b(?:act|behave|respond) as (?:an?|if|my|the)\b|\bpretend (?:to be|that you|you)\b",
    r"\byou are now\b|\bfrom now on,? you\b",
)
_SHOW_HOW_YOU_ARE_MADE = (
    r"\b(?:system|initial|hidden|developer) (?:prompt|instructions?)\b|\bprompt (?:do|de) sistema\b",
    r"\bprompt (?:inicial|original|oculto|completo|interno)\b|\b(?:seu|teu|your) prompt\b|\bprompt injection\b",
    rf"{_SHOW}\b(?:suas?|seus?|tuas?|teus?) {_INSIDES}(?! (?:de|para|pra|sobre|d[ao]s?) (?!sistema))",
    rf"{_SHOW}\b[ao]s? (?:{_INSIDES}|(?:regras|diretrizes|mensagens?|texto)) {_HIDDEN}",
    rf"{_SHOW_EN}\b(?:your|the) (?:(?:system|initial|original|hidden|secret) )?{_INSIDES_EN}",
    r"\brepita (?:\w+ ){0,4}acima\b|\brepeat (?:\w+ ){0,5}above\b",
)
_LEAVE_THE_RULES = (
    r"\bjail ?break|\bdo anything now\b|\b(?:developer|god|dan) mode\b",
    r"\bmodo (?:desenvolvedor|dan|deus|debug|root|admin\w*|irrestrito|sem (?:restricoes|filtros?|censura))\b",
    r"\bresponda (?:\w+ ){0,4}sem (?:restricoes|filtros?|censura)\b",
)
_MARKERS = (
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>",
    r"\[/?INST\]|<</?SYS>>|</?(?:system|assistant|instructions?)>",
    r"^[ #*]*(?:system|assistant|developer|instructions?)[ *]*:",
)
_PHRASES = (*_DROP_WHAT_YOU_WERE_TOLD, *_BE_SOMEBODY_ELSE, *_SHOW_HOW_YOU_ARE_MADE, *_LEAVE_THE_RULES)
# All of them begin with a word or a clause: nothing is tried anywhere else.
_PHRASE = re.compile(rf"(?=\b\w|[.!?:;,])(?:{'|'.join(_PHRASES)})")
_MARKER = re.compile("|".join(f"(?:{each})" for each in _MARKERS), re.IGNORECASE | re.MULTILINE)


def instructs_a_machine(text: str) -> bool:
    """Whether somebody tries to give instructions to the machine that reads this; `text` is clean."""
    return bool(_MARKER.search(text) or _PHRASE.search(_folded(text)))


def _folded(text: str) -> str:
    """Lower case without accents, quotes and emphasis, on one line."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return re.sub(r"[\s*_~`\"'“”‘’()\[\]–—-]+", " ", plain).strip()
