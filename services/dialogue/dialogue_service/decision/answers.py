"""Answers: from the unit's facts and its knowledge, or the honest word that there is none."""

import re
from collections.abc import Iterator, Mapping, Sequence

from contracts.dialogue import KnowledgeGapFound

from dialogue_service.decision.acts import (
    AdmitGap,
    AnyAct,
    BackToKumon,
    GiveAddress,
    GiveHolidays,
    GiveHours,
    GivePassage,
    GivePrices,
    GiveVisit,
    MeetObjection,
    Objection,
    RefuseDiscount,
    SayWhoIAm,
)
from dialogue_service.decision.handoff import hand_over
from dialogue_service.decision.insisting import insists, presses, subject_of
from dialogue_service.decision.lead import plain
from dialogue_service.decision.machine import asks_about_machine
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.turn import Turn, topics_of
from dialogue_service.understanding.intents import asked_in, halves
from dialogue_service.understanding.page import Page
from dialogue_service.understanding.values import IntentName, Understanding

OBJECTIONS: tuple[Objection, ...] = ("object_price", "object_distance", "object_time", "object_child")
_INTERROGATIVE = re.compile(
    r"\b(qual|quais|que|quem|como|quando|onde|quanto|quantos|quantas|tem|tem que|voces|vcs|pode|posso|aceita|aceitam|"
    r"existe|precisa|funciona|da para|da pra|por que|porque|fica|e possivel|sera)\b"
)


_ABOUT_A_TIME: tuple[IntentName, ...] = ("book", "choose_slot", "reschedule_visit", "reject_slots", "affirm", "deny")
_ABOUT_THE_VISIT = re.compile(
    r"\b(agend\w*|marc\w+|remarc\w+|visit\w*|horarios?|vagas?|conhecer|ir|levar|dia|dias|hoje|amanha|semana|manha|tarde"
    r"|segunda|terca|quarta|quinta|sexta|sabado|domingo|cedo|opcao|opcoes|outro|outra|outros|outras|confirm\w+|\d+)\b"
)


_FROM_FACTS = {"ask_price", "ask_hours", "ask_address", "ask_holidays", "ask_visit_info"}
_ABOUT_ACCESS = re.compile(r"\b(estacion\w+|parar o carro|vaga|elevador|rampa|cadeirante|onibus|metro|carro)\b")
_OF_CLASSES = re.compile(r"\b(aulas?|turmas?)\b")
_NOW = re.compile(
    r"\b(agora|neste momento|nesse momento|(?:esta|estao|continua) (?:abert[oa]s?|funcionando|atendendo))\b"
)
_DAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_WHEN_IT_IS = re.compile(
    r"\b(que horas?|(?:qual|que) (?:e )?(?:o )?(?:dia|horario|hora|data)|quando|marcad[oa]|confirmad[oa]|agendad[oa]"
    r"|(?:minha|meu|nossa) (?:visita|horario|agendamento)|onde|endereco)\b"
)
_HELLO = frozenset({"bom", "boa", "boas", "dia", "tarde", "noite", "ola"})
MORE_THAN_HELLO = 3
"""Words of a subject from which a greeting is taken for more than one."""
LONGEST_QUESTION = 14
"""Words up to which a message without a question mark is taken for the question itself."""


def question_for_rules(turn: Turn) -> str | None:
    """Return what to look up: an open question, else the wording of one about a topic of which much is known."""
    topics = set(topics_of(turn.understanding))
    from_facts = topics & _FROM_FACTS and not any(_is_particular(topic, turn) for topic in topics)
    if len(topics) != 1 or from_facts or turn.injected:
        return open_question(turn)
    asked = [part.strip() for part in re.split(r"(?<=[.!?\n])", turn.text) if part.strip().endswith("?")]
    return asked[-1] if asked else turn.text if len(turn.text.split()) <= LONGEST_QUESTION else None


def _is_particular(topic: str, turn: Turn) -> bool:
    """Whether a question that the facts answer asks for more than they say."""
    match topic:
        case "ask_address":
            return _ABOUT_ACCESS.search(Page.of(turn.text).text) is not None
        case "ask_hours":
            return _OF_CLASSES.search(Page.of(turn.text).text) is not None
        case "ask_visit_info":
            return _WHEN_IT_IS.search(Page.of(turn.text).text) is None
        case _:
            return False


def open_question(turn: Turn) -> str | None:
    """Return the question that no known topic covers, to be looked up in the knowledge base."""
    understanding = turn.understanding
    if not turn.text.strip():
        return None
    if topics_of(understanding):
        return _open_half(turn)
    if understanding.has("not_understood", "off_topic") or _says_more_than_hello(turn):
        return turn.text
    if understanding.has("cancel_visit", "request_person", "negotiate", *OBJECTIONS):
        return None
    asked = [part.strip() for part in re.split(r"(?<=[.!?\n])", turn.text) if part.strip().endswith("?")]
    real = [part for part in asked if len(part.split()) >= 3 and _INTERROGATIVE.search(plain(part))]
    real = [part for part in real if subject_of(part) - _HELLO]  # "tudo bem com vocês?" asks nothing
    if understanding.fields.slot or _wants_a_time(understanding) or understanding.has(*_ABOUT_A_TIME):
        # What is asked beside it counts ("pode marcar. tem van escolar?"), the time itself is scheduling's.
        real = [part for part in real if part != turn.text.strip() and not _ABOUT_THE_VISIT.search(plain(part))]
    return real[-1] if real else None


def _says_more_than_hello(turn: Turn) -> bool:
    """Whether something stands behind a greeting that was not understood."""
    return turn.understanding.names == ("greeting",) and len(subject_of(turn.text) - _HELLO) >= MORE_THAN_HELLO


def _open_half(turn: Turn) -> str | None:
    """Return the half of "qual o telefone e o endereço?" that no known topic covers, when the other one is covered."""
    open_ones = [half for half, _ in halves(Page.of(turn.text).text) if not asked_in(half)]
    return open_ones[0] if len(open_ones) == 1 else None


def _wants_a_time(understanding: Understanding) -> bool:
    """Whether the question is about when to come ("pode ser sábado?"): slots answer it."""
    wish = understanding.fields.time_preference
    return wish is not None and wish.kind != "none"


def answer(scene: Scene) -> Scene:
    """Answer everything that was asked, in the order of the text."""
    about = {topic: tuple(_about(scene, topic)) for topic in topics_of(scene.understanding)}
    answers = tuple(_answers(scene, about))
    scene = scene.say(*answers)
    if answers and scene.state.counters.unanswered:
        scene = scene.but(counters=scene.state.counters.model_copy(update={"unanswered": ()}))
    if not all(about.values()):
        return _admit_gap(scene, scene.turn.text)
    return _answer_open(scene)


def _answers(scene: Scene, about: Mapping[str, Sequence[AnyAct]]) -> Iterator[AnyAct]:
    said: list[AnyAct] = []
    for topic, acts in about.items():
        if topic == "ask_hours" and scene.search and scene.search.others:
            continue  # "tem outros horários?" asks for slots, which follow
        said += [act for act in acts if act not in said]
    yield from said
    yield from (MeetObjection(objection=each) for each in OBJECTIONS if scene.has(each))
    if scene.has("negotiate"):
        yield RefuseDiscount()


def _about(scene: Scene, topic: str) -> Iterator[AnyAct]:
    assessment, visit = scene.assessment, scene.state.visit_ahead(scene.now)
    particular = _is_particular(topic, scene.turn)
    if topic == "ask_price" and assessment.quote:
        named = any(line.subjects for line in assessment.quote.lines)
        yield GivePrices(quote=assessment.quote, asked_count=None if named else scene.understanding.subject_count)
    elif topic == "ask_hours" and not particular:
        yield _hours(scene)
    elif topic == "ask_address" and not particular:
        yield GiveAddress()
    elif topic == "ask_holidays" and assessment.closed_days:
        yield GiveHolidays(days=tuple((each.day, each.name) for each in assessment.closed_days))
    elif topic == "ask_visit_info" and visit and not particular:
        yield GiveVisit(slot=visit.slot)
    elif topic in assessment.topics:
        passage = assessment.topics[topic]
        yield GivePassage(topic=topic, title=passage.title, text=passage.text)


def _hours(scene: Scene) -> GiveHours:
    """Give the hours, and what they say of the moment or the day that the question names."""
    opening, said = scene.assessment.opening, Page.of(scene.turn.text).text
    words = re.findall(r"[a-z]+", said.replace("fim de semana", "sabado"))
    days = {_DAYS.index(name) for name in words if name in _DAYS}
    if not days and _NOW.search(said):
        return GiveHours(opening=opening, about="now")
    return GiveHours(opening=opening, about="closed_day" if days and days.isdisjoint(opening.weekdays) else None)


def _answer_open(scene: Scene) -> Scene:
    """Answer an open question from the passages that were found, or admit that they do not say."""
    if asks_about_machine(scene.turn):
        return _understood(scene.say(SayWhoIAm()))
    best = scene.assessment.passages[0] if scene.assessment.confident and scene.assessment.passages else None
    if best is None and (scene.has("off_topic") or scene.turn.injected or topics_of(scene.understanding)):
        return scene
    question = open_question(scene.turn)
    if question is None:
        return scene
    if best:
        return _understood(scene.say(GivePassage(topic=best.topic, title=best.title, text=best.text, open=True)))
    asks = _is_question(question) or presses(question, scene.taken.unanswered)
    if _says_more_than_hello(scene.turn) or (scene.has("not_understood") and not asks):
        return scene
    return _admit_gap(scene, question)


def _is_question(text: str) -> bool:
    return "?" in text and len(text.split()) >= 2 and bool(subject_of(text))


def _understood(scene: Scene) -> Scene:
    """Forget failures: an open question that was answered is none."""
    calm = scene.state.counters.model_copy(update={"not_understood": 0, "unanswered": ()})
    return scene.but(counters=calm)


def _admit_gap(scene: Scene, question: str) -> Scene:
    """Say that nobody told us, note it for the owner; who insists, and takes no time in it, is given to the unit."""
    gap = KnowledgeGapFound(question=question, facts_version=scene.assessment.facts_version)
    scene = scene.tell(gap)
    unanswered = scene.taken.unanswered
    if insists(question, unanswered) and not scene.understanding.fields.slot:
        return hand_over(scene, "beyond_knowledge")
    noted = scene.state.counters.model_copy(update={"not_understood": 0, "unanswered": (*unanswered, question)})
    return scene.but(counters=noted).say(AdmitGap())


def turn_back(scene: Scene) -> Scene:
    """Bring somebody back to Kumon who wants something else, or who instructs a machine."""
    answered = any(isinstance(act, GivePassage | SayWhoIAm | AdmitGap) for act in scene.acts)
    if scene.turn.injected or (scene.has("off_topic") and not answered and not scene.taken.changes):
        return scene.end() if scene.asks else scene.say(BackToKumon()).end()
    return scene
