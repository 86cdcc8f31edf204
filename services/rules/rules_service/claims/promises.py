"""Promises that nobody may make: a discount, a guarantee, a vacancy, a result, a diagnosis.

Patterns are of plain text (lower case, no accents). A clause that denies ("não há desconto") promises nothing.
"""

import re

from rules_service.claims.plain import remembered

_CLAUSE = re.compile(r"[.!?;:,\n()]|\s[–—-]\s|\b(?:mas|porem|so\sque|entao|entretanto)\b")
_DENIES = re.compile(
    r"\b(?:nao|nem|nunca|jamais|sem|nenhum|nenhuma|inexist\w+|impossivel|deix(?:ar|o)\sde\sprometer)\b|\bninguem\b"
)
_DISCOUNT = re.compile(
    r"\bdescont\w*|\bpromoc(?:ao|oes)|\bpromocional|\bbolsas?\s(?:de\sestudo|integral|parcial)|\babatimento|\bcashback|\bcupo[mn]\w*"
    r"|\bisen(?:cao|to|ta|tar|tamos)|\boferta\s(?:especial|imperdivel)|\bcondic(?:ao|oes)\sespecia(?:l|is)|\bpreco\s(?:melhor|especial)"
    r"|\bvalor\s(?:especial|promocional|menor)|\bmais\sbarato\b|\b(?:negociar|negociamos|parcel\w+)\b"
)
_GIVES = re.compile(
    r"\b(?:temos|tem|tenho|ha|existe\w*|consig\w+|consegu\w+|damos|dou|dar|faco|faz|fazemos|fazer|ganh\w+|oferec\w+|garant\w+|liber\w+"
    r"|aplic\w+|vai|vou|vamos|pod\w+|poss\w+|receb\w+|conced\w+|com|de|especial|imperdivel|so\shoje|hoje|agora|para\svoce|especiais"
    r"|promocional|fica|sai)\b|%|\d"
)
_FREE = re.compile(
    r"\b(?:matricula|mensalidade|primeiro\smes|material|taxa|1o\smes)\b[^.!?\n]{0,30}\b(?:gratis|gratuit[oa]s?|de\sgraca|por\snossa\sconta|zerad[oa]|cortesia|isent[oa])\b"
    r"|\b(?:gratis|gratuit[oa]s?|cortesia)\s(?:a|o|na|no|de)\s?(?:matricula|mensalidade|primeiro\smes)\b|\bmes\s(?:gratis|gratuito)"
    r"|\b(?:metade\sdo\spreco|leve\s\d\spague|100%\s(?:gratis|gratuito)|dinheiro\sde\svolta|devolvemos\so\sdinheiro)\b"
)
_VACANCY = re.compile(
    r"\bvagas?\b[^.!?\n]{0,25}\b(?:garantid\w+|reservad\w+|assegurad\w+|cert[ao]s?|confirmad\w+|aberta\w*|disponive\w+|sobrando|esperando)\b"
    r"|\b(?:garant\w+|reserv\w+|assegur\w+|segur\w+|tem|temos|ha|restam|sobra\w*)\b[^.!?\n]{0,15}\bvagas?\b|\bultimas?\s(?:\d\s)?vagas?\b"
)
_RESULT = re.compile(
    r"\b(?:garant(?:o|imos|ido|idos|ida|idas|ia|e|em|ir|ira)|promet(?:o|emos|er|e|ido)|assegur(?:o|amos|ado)|certeza\sabsoluta)\b"
    r"|\bcom\scerteza\b[^.!?\n]{0,30}\b(?:vai|melhor|aprend|passa|consegu)\w*|\b100%\s(?:de\s)?(?:resultado|aprov|efica|garant|certo|sucesso)\w*"
    r"|\bresultados?\s(?:certo|garantid|rapid|imediat|em\s(?:poucas|poucos|\d|um|1|uma))\w*|\baprovacao\s(?:certa|garantida|no)\b"
    r"|\b(?:vai|vao|ira)\s(?:com\scerteza\s)?(?:passar\s(?:de\sano|n[oa]|em)|tirar\s(?:nota|10|dez|boas)|ser\s(?:o|a)\smelhor|dominar|virar|gabaritar"
    r"|melhorar\s(?:as|suas|muito|a\snota|o\sdesempenho|rapid)|recuperar\s(?:as|a)\snotas?)\b"
    r"|\bem\s(?:apenas\s)?(?:\d+|poucos|poucas|um|uma)\s(?:dias?|semanas?|mes(?:es)?|aulas?)\b[^.!?\n]{0,40}\b(?:vai|vao|estara|melhor\w*|aprend\w*|fluente\w*|resultado\w*|nota\w*)"
)
_EXPLAINED = re.compile(
    r"\bgarant\w*\s(?:o\s|a\s|seu\s|sua\s|esse\s|este\s)?(?:horario|visita|agendamento|lugar\sna\sagenda|seguranca|privacidade)\b"
)
_CONDITION = re.compile(
    r"\b(?:tdah|tda|autis\w+|tea|dislex\w+|discalcul\w+|disgraf\w+|superdot\w+|altas\shabilidades|deficit\sde\s\w+|hiperativ\w+|depress\w+|ansiedade|sindrome\sde\s\w+)\b"
)
_DIAGNOSES = re.compile(
    r"\b(?:el[ea]|voce|filh[oa]|crianca|menin[oa]|alun[oa])\b[^.!?\n]{0,25}\b(?:tem|possui|apresenta|parece\ster|sofre\sde|deve\ster|pode\ster|e)\b[^.!?\n]{0,20}$"
    r"|\b(?:indica|sinal|sinais|sintomas?|caracteristicas?|quadro|caso|suspeita|trata-se)\s(?:d[eao]\s)?(?:um\s|uma\s)?[^.!?\n]{0,12}$|\bdiagnostico\s(?:d[eo]|e)\s$"
)
_REPORTED = re.compile(
    r"\b(?:se|caso|quando|comentou|contou|disse|falou|mencionou|quem|criancas?\scom|alunos?\scom|pessoas?\scom|entendi)\b"
)


@remembered
def promises(text: str, *, strict: bool) -> bool:
    """Whether a plain text promises what nobody may promise.

    `strict` (a text that no template made) also refuses every undenied word of discounts, and diagnoses.
    """
    if not _MIGHT.search(text):
        return False
    denied = False
    for clause in _CLAUSE.split(text):
        denies = bool(_DENIES.search(clause))
        if _clause_promises(clause, denied=denied or denies, denies=denies, strict=strict):
            return True
        # "Não há desconto, promoção ou bolsa": a clause without a verb of its own goes on denying.
        denied = denies or (denied and not _GIVES.search(clause))
    return strict and _diagnoses(text)


def _clause_promises(clause: str, *, denied: bool, denies: bool, strict: bool) -> bool:
    if _DISCOUNT.search(clause) and not denies:
        gives = bool(_GIVES.search(_DISCOUNT.sub(" ", clause)))
        if gives or (strict and not denied):
            return True
    if denies:
        return False
    return any(pattern.search(_EXPLAINED.sub(" ", clause)) for pattern in (_FREE, _VACANCY, _RESULT))


def _diagnoses(text: str) -> bool:
    for match in _CONDITION.finditer(text):
        sentence = re.split(r"[.!?\n]", text[: match.start()])[-1]
        if _DIAGNOSES.search(sentence) and not _REPORTED.search(sentence) and not _DENIES.search(sentence):
            return True
    return False


_MIGHT = re.compile("|".join(pattern.pattern for pattern in (_DISCOUNT, _FREE, _VACANCY, _RESULT, _CONDITION)))
"""A quick look: most texts promise nothing."""
