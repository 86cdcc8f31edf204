"""What is personal in a conversation: what no provider is to see."""

from collections.abc import Iterator

from contracts.llm_gateway import PersonalValue

from dialogue_service import words
from dialogue_service.decision.state import Conversation
from dialogue_service.understanding.values import Understanding


def personal_in(state: Conversation, reading: Understanding) -> tuple[PersonalValue, ...]:
    """Return every name, phone and e-mail that the conversation knows, each once; the longest first."""
    every = dict.fromkeys((*_names(state, reading), *_phones(state, reading), *_emails(state, reading)))
    return tuple(sorted(every, key=lambda each: -len(each.value)))


def _names(state: Conversation, reading: Understanding) -> Iterator[PersonalValue]:
    lead, fields = state.lead, reading.fields
    given: list[str | None] = [
        lead.parent_name,
        fields.parent_name,
        state.contact.profile_name,
        state.asked.hint if state.asked else None,
    ]
    given += [student.name for student in lead.students] + [student.name for student in fields.students]
    given += [span.text for span in fields.spans if span.field.endswith("name")]
    for name in filter(None, given):
        for part in (name, *name.split()[:1]):
            if sum(map(str.isalpha, part)) > 1:  # what somebody calls themselves on WhatsApp may be a full stop
                yield PersonalValue(kind="name", value=part)


def _phones(state: Conversation, reading: Understanding) -> Iterator[PersonalValue]:
    for number in filter(None, (state.contact.phone, state.lead.phone, reading.fields.phone)):
        yield PersonalValue(kind="phone", value=number)
        yield PersonalValue(kind="phone", value=words.phone(number))
    for span in reading.fields.spans:
        if span.field == "phone":
            yield PersonalValue(kind="phone", value=span.text)


def _emails(state: Conversation, reading: Understanding) -> Iterator[PersonalValue]:
    written = [span.text for span in reading.fields.spans if span.field == "email"]
    for address in filter(None, (state.lead.email, reading.fields.email, *written)):
        yield PersonalValue(kind="email", value=address)
