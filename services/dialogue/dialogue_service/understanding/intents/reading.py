"""Reads the intents of a turn and puts them in order."""

from collections.abc import Iterable, Iterator, Mapping

from dialogue_service.understanding.intents.answers import read_answers
from dialogue_service.understanding.intents.halves import halves
from dialogue_service.understanding.intents.objections import OBJECTIONS
from dialogue_service.understanding.intents.privacy import PRIVACY
from dialogue_service.understanding.intents.questions import INFORMATION, QUESTIONS
from dialogue_service.understanding.intents.rule import SURE, Rule, Said, Sentence, sentences
from dialogue_service.understanding.intents.social import CORRECT, GOODBYE, GREETING, OFF_TOPIC, THANKS
from dialogue_service.understanding.intents.trouble import ABSENCE, TROUBLE
from dialogue_service.understanding.intents.visiting import REJECTS, VISIT_WITHOUT_OFFER, VISITING
from dialogue_service.understanding.values import Context, Intent, IntentName

_ALWAYS: tuple[Rule, ...] = (
    *TROUBLE,
    *PRIVACY,
    *VISITING,
    *QUESTIONS,
    *OBJECTIONS,
    CORRECT,
    THANKS,
    GOODBYE,
    GREETING,
    OFF_TOPIC,
)
# What is said first when several hold; questions share a rank and stand in the order of the text.
_RANK: dict[str, int] = {
    name: rank
    for rank, name in enumerate(
        (
            "injection",
            "erase_request",
            "opt_out",
            "data_request",
            "insult",
            "complain",
            "class_admin",
            "request_person",
            "cancel_visit",
            "reschedule_visit",
            "choose_slot",
            "reject_slots",
            "negotiate",
            "book",
            "ask",
            "object_price",
            "object_distance",
            "object_time",
            "object_child",
            "correct",
            "provide",
            "affirm",
            "deny",
            "off_topic",
            "thanks",
            "goodbye",
            "greeting",
            "not_understood",
        )
    )
}
# An intent on the left that holds makes those on the right a misreading of the same sentence.
_OUTWEIGHS_BESIDE: dict[IntentName, frozenset[IntentName]] = {
    "ask_holidays": frozenset({"ask_hours"}),
    "ask_results": frozenset({"ask_duration", "ask_difference"}),
    "ask_subjects": frozenset({"ask_results"}),
    "ask_special_needs": frozenset({"ask_age_range", "object_child", "ask_results"}),
    "off_topic": frozenset({"ask_difference", "ask_price", "ask_duration"}),
    "negotiate": frozenset({"ask_price", "object_price"}),
    "object_price": frozenset({"ask_price"}),
    "object_distance": frozenset({"ask_address"}),
}
# The same, wherever in the turn it stands.
_OUTWEIGHS: dict[IntentName, frozenset[IntentName]] = {
    "opt_out": frozenset({"cancel_visit", "complain", "deny", "object_child", "reject_slots", "class_admin"}),
    "erase_request": frozenset({"data_request", "opt_out", "cancel_visit"}),
    "injection": frozenset({"off_topic", "ask_price", "book", "affirm", "ask_method", "correct", "data_request"}),
    "data_request": frozenset({"ask_method"}),
    "class_admin": frozenset(
        {
            "ask_material",
            "ask_payment",
            "ask_hours",
            "cancel_visit",
            "reschedule_visit",
            "object_child",
            "ask_duration",
            "book",
        }
    ),
    "insult": frozenset({"object_price"}),
    "complain": frozenset({"ask_payment"}),
    "reschedule_visit": frozenset({"cancel_visit", "book", "ask_visit_info", "reject_slots", "object_time"}),
    "request_person": frozenset({"deny"}),
    "cancel_visit": frozenset({"deny", "book", "object_time", "ask_visit_info", "object_child"}),
    "reject_slots": frozenset({"book", "object_time", "deny"}),
    "ask_visit_info": frozenset({"ask_duration", "ask_hours", "ask_trial"}),
    "correct": frozenset({"deny", "affirm"}),
}


_SOCIAL = frozenset({"greeting", "thanks", "goodbye", "affirm", "correct"})


def read_intents(text: str, context: Context) -> list[Said]:
    """Every intent that the words of a normalised turn say, unordered; lead values are not looked at."""
    found: dict[IntentName, Said] = {}
    for sentence in sentences(text):
        for said in _in_sentence(sentence, context):
            found.setdefault(said.name, said)
    for half, start in halves(text):
        for name in asked_in(half):
            found.setdefault(name, Said(name, start))
    for said in read_answers(text, context, found):
        found.setdefault(said.name, said)
    if context.asked == "confirm_slot" and "affirm" in found:
        found.pop("book", None)  # "pode marcar" says yes to what was read back
    if set(found) <= _SOCIAL:
        for sentence in sentences(text):
            at = INFORMATION.find(sentence)
            if at is not None:
                found.setdefault(INFORMATION.name, Said(INFORMATION.name, at, INFORMATION.confidence))
    weaker = frozenset[IntentName]().union(*(_OUTWEIGHS.get(name, frozenset()) for name in found))
    return [said for said in found.values() if said.name not in weaker and not _outweighed(said, found, text)]


def asked_in(question: str) -> tuple[IntentName, ...]:
    """Name what a normalised question asks of the school."""
    found = (each.name for each in _in_sentence(Sentence(question, 0), Context()))
    return tuple(dict.fromkeys(name for name in found if name.startswith("ask_")))


def _outweighed(said: Said, found: Mapping[IntentName, Said], text: str) -> bool:
    """Whether its sentence is better read as something else."""
    stronger = [other for name, other in found.items() if said.name in _OUTWEIGHS_BESIDE.get(name, frozenset())]
    return any(_of_one_thought(said, other, text) for other in stronger)


def _of_one_thought(said: Said, other: Said, text: str) -> bool:
    """Whether both stand in one sentence; what is listed ("idade mínima, horários, autistas") is asked by itself."""
    first, last = sorted((said.start, other.start))
    listed = said.name == "ask_age_range" and "," in text[first:last]
    return not listed and _sentence_of(other, text) == _sentence_of(said, text)


def _sentence_of(said: Said, text: str) -> int:
    return max((each.start for each in sentences(text) if each.start <= said.start), default=0)


def _in_sentence(sentence: Sentence, context: Context) -> Iterator[Said]:
    text, asks = sentence.text, sentence.asks
    # Nearly every rule finds nothing in nearly every sentence; that is known before it is asked where.
    for each in [each for each in _ALWAYS if (asks or not each.asks) and each.says.search(text)]:
        at = each.find(sentence)
        if at is not None:
            yield Said(each.name, at, each.confidence)
    choosing = REJECTS if context.offered else VISIT_WITHOUT_OFFER
    for each in (choosing,) if context.stage == "booked" else (choosing, ABSENCE):
        at = each.find(sentence)
        if at is not None:
            yield Said(each.name, at, each.confidence)


def by_importance(said: Iterable[Said]) -> tuple[Intent, ...]:
    """Return the intents, each once, most important first."""
    unique: dict[IntentName, Said] = {}
    for each in said:
        unique.setdefault(each.name, each)
    ordered = sorted(unique.values(), key=lambda each: (_rank(each.name), each.start))
    return tuple(Intent(name=each.name, confidence=min(each.confidence, SURE)) for each in ordered)


def _rank(name: IntentName) -> int:
    return _RANK["ask" if name.startswith("ask_") else name]
