"""Which pieces of a wish are wanted, which refused, and which speak of something else (school, work, opening hours)."""

import re

from dialogue_service.understanding.temporal.atoms import DayAtom, Days, HourAtom, Part, Placed, Sign, Stretch

_BREAK = re.compile(
    r"[!?;\n]+|,(?!\d)|\.(?!\d)(?!feira)| (?=(?:mas|porem|so que|entao|dai|por isso|porque|pois|ja que|senao"
    r"|caso contrario)\b)"
    r"| e (?=(?:so|pode|posso|consigo|prefiro|quero|queria|podemos|podia|poderia|da para|esta livre|nao|tem que ser)\b)"
)
_REFUSAL = re.compile(
    r"\b(?:so )?(?:(?:eu |a gente |ele |ela )?(?:nao|nunca|jamais) (?:vou |vai |iria )?(?:(?:posso|pode"
    r"|podemos|poderia|podem|consigo|consegue|conseguimos|conseguiria|conseguir|quero|quer|queria|gostaria"
    r"|gosto|rola|serve|funciona|poder|da|dar|daria|estou|estarei|estaria|esta|tenho|temos|tem|tera|prefiro"
    r"|convem|venho|vou|iria|marca|marque|seria|fica)\b(?: (?:ser|ir|ter|bom|boa|como|certo|disponivel"
    r"|disponibilidade|livre|conseguir|poder|vir|comparecer|horario|marcar|para mim|levar|nada|aqui|em casa"
    r"|legal|bem|disponiveis))*|precisa ser|e (?:bom|boa|legal|possivel|ideal)|(?=(?:n[ao]s? |de |a |as |no "
    r"|para |hoje|amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo)))"
    r"|menos(?! (?:de(?! (?:manha|tarde|noite)\b)|que|do que|mal))(?! as \d)(?! ou)|exceto|exclui\w*|fora(?! d[aeo])"
    r"|tirando|sem ser"
    r"|a nao ser|com excecao d[aeo]|salvo|em vez d[aeo]|ao inves d[aeo]|no lugar d[aeo]|evit\w+|nem (?:pensar|a pau)"
    r"|nem|impossivel|complicad[oa]|corrid[oa]|apertad[oa]|lotad[oa]|ruim|dificil|sem chance|sem condic\w+|nao)\b"
)
_BARE_NO = re.compile(
    r"nao|nao (?:da|posso|consigo|vai dar|rola|serve|pode|quero)(?: para mim)?|ruim|complicad[oa]|dificil"
    r"|impossivel|sem chance|sem condic\w+|nem pensar|nem a pau"
)
_PREFIX_ONLY = re.compile(
    r"menos|exceto|exclui\w*|fora|tirando|sem ser|a nao ser|com excecao d[aeo]|salvo|em vez d[aeo]|ao inves d[aeo]"
    r"|no lugar d[aeo]|evit\w+|nem"
)
_ASKS_KINDLY = re.compile(
    r"\bnao (?:tem|teria|tera|pode|podia|poderia|daria|da|seria|rola|consegue|conseguem|haveria|sobrou|fica)\b[^?]*\?"
)
# These carry a "não" that refuses no time.
_HARMLESS = re.compile(
    r"\bnao (?:sei|importa|me importo|tem problema|ha problema|tem erro|trabalh\w+|estud\w+|tem aula"
    r"|temos aula|tenho (?:aula|preferencia|certeza|compromisso|pressa)|se preocup\w+|esquec\w+|entend\w+|vi\b"
    r"|consegui\b|lembr\w+|e\b(?= (?:verdade|mesmo|isso|caro)))"
    r"|\bse nao (?:for|der|tiver|houver|rolar|puder)\b|\bsenao\b|\bmais ou menos\b|\bpelo menos\b|\bao menos\b"
    r"|\bnao so\b|\bne\b|\bpor que nao\b|\bta ruim\b"
)
_ACCEPTANCE = re.compile(
    r"\b(?:so (?=\w)|somente|apenas|prefiro|prefere|preferimos|pode ser|podemos|posso|podia|consigo"
    r"|conseguimos|melhor|ideal|quero|queria|queremos|gostaria|sim|entao|da para|daria|talvez|quem sabe"
    r"|de preferencia|preferencia|tem que ser|tem vaga|tem horario|disponivel|disponibilidade|livre"
    r"|estou livre|visita|agendar|marcar|remarcar|tranquilo|serve|funciona|fica bom|da certo|rola|vou|vamos|ir)\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:estud[ao]m?|estudando|(?:tem|vai ter|tera) aulas?|tem escola|aulas? (?:dele|dela|termina\w*|acaba\w*|vai ate"
    r"|comeca\w*)|escola|colegio|escolinha|creche|trabalh\w+|servico|expediente|plantao|futebol|natacao|bale"
    r"|ballet|judo|karate|capoeira|piano|violao|danca|catequese|terapia|fono|psicologa|medico|dentista"
    r"|consulta|reuniao da escola|prova|entra as|sai as|saio|saem?\b|chego|chega em casa|acord\w+|dorm\w+"
    r"|almoc[ao]\b|viaj\w+|ferias"
    r"|nasc\w+|aniversario|anivers\w+|faz anos|ontem|anteontem|passad[oa]|retrasad[oa]|liguei|mandei|paguei"
    r"|venceu|vence|vencimento|boleto|faltou|falt(?:a|ei|amos)|reposicao|repor|desde|conheci|estive|estivemos"
    r"|fui|foi|fomos|veio|recebi|falei|falaram|disseram)\b"
)
_OPENING_HOURS = re.compile(
    r"\b(?:abr(?:e|em|ir|irao|ira|iria)|fech(?:a|am|ado|ados|ada)|funciona(?:m|mento|ra|rao)?|abert[oa]s?"
    r"|horario de (?:voces|atendimento|funcionamento)|ate que horas?|(?:voces|kumon|unidade|ai) (?:atende"
    r"|atendem|trabalham|estao|ficam)|(?<!me )(?<!se )atend(?:e|em|imento|imentos)|que horas (?:abre|fecha"
    r"|comeca|termina))\b"
)
# Takes up the day of the question before: "sábado vocês abrem? queria ir".
_TAKES_UP = re.compile(
    r"\b(?:quero|queria|gostaria de|prefiro|posso|consigo|da para|daria para) (?:ir|passar|visitar|marcar|agendar"
    r"|(?:n?esse|n?este) (?:dia|horario))\b|\bso (?:posso|consigo|da|tenho)\b"
)
_PER = re.compile(r"\b(?:por|na|vezes na) semana\b(?! que)|\bduas vezes\b|\bvezes por\b")
_REASON = re.compile(r"^ ?(?:porque|pois|ja que)\b")
_SECOND_THOUGHT = re.compile(
    r"\b(?:na verdade|alias|quer dizer|ou melhor|digo|corrigindo|pensando bem|melhor dizendo|ops|perdao|errei"
    r"|me enganei|desculpa)\b"
)


def sign_each(text: str, atoms: list[Placed]) -> list[tuple[Placed, Sign]]:
    """Give each atom, in textual order, its sign."""
    signed: list[tuple[Placed, Sign]] = []
    carried = False
    asked_about: list[int] = []
    before = 0
    for start, end in _pieces(text):
        inside = [atom for atom in atoms if start <= atom.start < end]
        clause = text[start:end]
        ends_in_question = text[end : end + 1] == "?"
        signs = _signs(clause, start, inside, question=ends_in_question)
        if not inside and _lone_no(clause) and signed:
            # "Terça às 10, não, quarta": the refusal stands between commas and means what went before.
            signed[before:] = [(atom, "refused") for atom, _ in signed[before:]]
        if not inside and _TAKES_UP.search(clause):
            for at in asked_about:
                signed[at] = (signed[at][0], "wanted")
        if _OPENING_HOURS.search(clause):
            asked_about = list(range(len(signed), len(signed) + len(inside)))
        if carried and inside and all(sign == "wanted" for sign in signs) and _continues_list(clause, start, inside):
            signs = ["refused"] * len(signs)
        if inside:
            before = len(signed)
        carried = bool(signs) and signs[-1] == "refused" and _refuses_before(clause, start, inside)
        signed.extend(zip(inside, signs, strict=True))
    return _after_second_thought(text, signed)


def _pieces(text: str) -> list[tuple[int, int]]:
    pieces = []
    start = 0
    for match in _BREAK.finditer(text):
        pieces.append((start, match.start()))
        start = match.end()
    return [*pieces, (start, len(text))]


def _lone_no(clause: str) -> bool:
    return clause.strip() in {"nao", "nao da", "nao posso", "nao pode", "nao consigo", "nao serve", "nao vai dar"}


def _signs(clause: str, start: int, inside: list[Placed], *, question: bool) -> list[Sign]:
    if not inside:
        return []
    if _REASON.match(clause) or _PER.search(clause) or _OPENING_HOURS.search(clause):
        return ["silent"] * len(inside)
    calm = _HARMLESS.sub(lambda match: "." * len(match.group()), clause)
    if question and _ASKS_KINDLY.search(f"{calm}?"):
        return ["wanted"] * len(inside)
    elsewhere = _ELSEWHERE.search(_hidden(clause, start, inside))
    if elsewhere and not re.search(r"\bnao (?:trabalh|estud|tem aula|tenho aula)|\bfolg", clause):
        return [_sign_beside(clause, atom.start - start, elsewhere.start()) for atom in inside]
    return _refused_or_wanted(calm, start, inside)


def _hidden(clause: str, start: int, inside: list[Placed]) -> str:
    """Return the clause without the atoms themselves: "depois do almoço" speaks of no lunch."""
    for atom in inside:
        clause = clause[: atom.start - start] + "#" * (atom.end - atom.start) + clause[atom.end - start :]
    return clause


def _sign_beside(clause: str, position: int, elsewhere: int) -> Sign:
    """In a clause about school or work only what is expressly wanted counts ("saio às 17h, posso às 18h")."""
    accepted = [match.start() for match in _ACCEPTANCE.finditer(clause)]
    before = [at for at in accepted if at < position]
    between = before and before[-1] > elsewhere
    leads = before and before[-1] < elsewhere and position < elsewhere
    after = any(at > position for at in accepted) and position > elsewhere and False
    return "wanted" if between or leads or after else "silent"


def _refused_or_wanted(clause: str, start: int, inside: list[Placed]) -> list[Sign]:
    signs: list[Sign] = ["wanted"] * len(inside)
    for refusal in _REFUSAL.finditer(clause):
        before = [n for n, atom in enumerate(inside) if atom.start - start < refusal.start() and signs[n] == "wanted"]
        after = [n for n, atom in enumerate(inside) if atom.start - start >= refusal.end()]
        before = _nearest(before, inside, clause, start, refusal.start())
        if _PREFIX_ONLY.fullmatch(refusal.group()):
            before = []
        if before and after and _same_kind(inside[before[-1]], inside[after[0]]):
            after = []
        stop = next((m.start() for m in _ACCEPTANCE.finditer(clause, refusal.end())), len(clause))
        if before and not after and clause[refusal.end() :].strip().startswith("sim"):
            before = []
        for n in before:
            signs[n] = "refused"
        for n in after:
            if inside[n].start - start < stop:
                signs[n] = "refused"
    return signs


def _nearest(before: list[int], inside: list[Placed], clause: str, start: int, limit: int) -> list[int]:
    """Of the atoms before a refusal, those after the last word of acceptance ("pode ser terça, quarta não")."""
    accepted = [m.end() for m in _ACCEPTANCE.finditer(clause, 0, limit)]
    last = accepted[-1] if accepted else -1
    return [n for n in before if inside[n].start - start >= last]


def _same_kind(one: Placed, other: Placed) -> bool:
    return isinstance(one.value, Days | Stretch) == isinstance(other.value, Days | Stretch) and isinstance(
        one.value, Part
    ) == isinstance(other.value, Part)


def _refuses_before(clause: str, start: int, inside: list[Placed]) -> bool:
    refusal = _REFUSAL.search(clause)
    return bool(refusal and inside and refusal.start() < inside[0].start - start)


def _continues_list(clause: str, start: int, inside: list[Placed]) -> bool:
    """Whether a clause of nothing but names goes on refusing ("não posso segunda, terça e quarta")."""
    words = clause
    for atom in inside:
        words = words[: atom.start - start] + " " * (atom.end - atom.start) + words[atom.end - start :]
    joined = inside[0].value if len(inside) == 1 else None
    several = isinstance(joined, Days) and len(joined.names) > 1 and " ou " not in clause
    return (several or len(inside) > 1) and not words.replace(" e ", " ").replace("nem", "").strip(" na")


def _after_second_thought(text: str, signed: list[tuple[Placed, Sign]]) -> list[tuple[Placed, Sign]]:
    for match in reversed(list(_SECOND_THOUGHT.finditer(text))):
        later = [pair for pair in signed if pair[0].start >= match.end() and pair[1] == "wanted"]
        earlier = [pair for pair in signed if pair[0].start < match.start()]
        if later and earlier:
            kept = [pair for pair in earlier if pair[1] == "wanted" and _stands(pair[0], later)]
            return kept + [pair for pair in signed if pair[0].start >= match.end()]
    return signed


def _stands(earlier: Placed, later: list[tuple[Placed, Sign]]) -> bool:
    """Whether a second thought leaves it: "segunda de tarde, ops, de manhã" is still on Monday."""
    day = isinstance(earlier.value, DayAtom)
    return isinstance(earlier.value, DayAtom | HourAtom) and all(
        isinstance(atom.value, HourAtom if day else DayAtom) for atom, _ in later
    )
