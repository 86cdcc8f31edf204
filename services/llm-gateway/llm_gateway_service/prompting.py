"""From a question to what a provider sees, and from what it says to an answer; pure."""

from contracts.llm_gateway import ChatMessage, Complete

from llm_gateway_service.privacy import Mask
from llm_gateway_service.privacy.masking import NOTE, UnknownPlaceholder
from llm_gateway_service.providers.answers import Answer, Prompt, Said, checked, read_data, read_text
from llm_gateway_service.providers.errors import Declined, Unusable
from llm_gateway_service.sanity import fault_of
from llm_gateway_service.schema import shape_of

MEND = "A resposta não serve: {complaint}. Responda de novo, só com o JSON corrigido."


def prompt_of(question: Complete, mask: Mask) -> Prompt:
    """Hide everybody; where somebody was hidden, say after the instructions what placeholders are.

    What stays the same from prompt to prompt keeps its place at the beginning, for the providers' caches.
    """
    messages = [ChatMessage(role=each.role, content=mask.hide(each.content)) for each in question.messages]
    schema = None if question.json_schema is None else shape_of(mask.hide_in(question.json_schema))
    if mask.has_placeholders:
        instructions = next((at for at, each in enumerate(messages) if each.role != "system"), len(messages))
        messages.insert(instructions, ChatMessage(role="system", content=NOTE))
    return Prompt(question.task, tuple(messages), schema, question.max_tokens)


def mended(prompt: Prompt, mend: Unusable, mask: Mask) -> Prompt:
    """Show a provider its answer and what is wrong with it."""
    complaint = MEND.format(complaint=mask.hide(mend.complaint))
    more = (ChatMessage(role="assistant", content=mend.said or "{}"), ChatMessage(role="user", content=complaint))
    return Prompt(prompt.task, (*prompt.messages, *more), prompt.schema, prompt.max_tokens)


def answered(question: Complete, prompt: Prompt, mask: Mask, said: Said) -> Answer:
    """Read what a provider said, with everybody back in it. Raises `Unusable`."""
    try:
        if question.json_schema is not None:
            data = mask.restore(read_data(said))
            return Answer(said.usage, data=checked(data, question.json_schema, said))
        text = read_text(said)
        if question.task == "phrase" and (fault := fault_of(text, prompt.messages)):
            raise Unusable(fault, said.usage)
        return Answer(said.usage, text=mask.restore(text))
    except UnknownPlaceholder as error:  # what the question held, a CPF for one, is no fault of the provider
        raise Declined(usage=said.usage) from error
