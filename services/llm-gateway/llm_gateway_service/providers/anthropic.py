"""Anthropic through its own client: messages; a shape is asked for as the input of a tool that must be used.

Source: the API reference of Anthropic (Messages, tool use).
"""

from typing import Any

import anthropic
from contracts.llm_gateway import Complete
from contracts.llm_gateway import Provider as Name
from pydantic import SecretStr

from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.answers import Answer, read_data, read_text
from llm_gateway_service.providers.errors import ProviderFailed, Unusable, of_connection, of_status

TOOL = "answer"


class Anthropic:
    """Asks Anthropic; every method raises `ProviderFailed`."""

    name: Name = "anthropic"

    def __init__(self, api_key: SecretStr, base_url: str, model: str) -> None:
        self.model = model
        self._client = anthropic.AsyncAnthropic(api_key=api_key.get_secret_value(), base_url=base_url, max_retries=0)

    async def complete(self, question: Complete, timeout_s: float) -> Answer:
        """Answer a question within a time."""
        body = _body(question)
        asked = self._client.messages.create(
            model=self.model, max_tokens=question.max_tokens, timeout=timeout_s, **body
        )
        return _read(await _sorted(asked), question.json_schema)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


def _body(question: Complete) -> dict[str, Any]:
    """Say system messages apart, as Anthropic wants them; a conversation of nothing else is the user's."""
    system = "\n\n".join(each.content for each in question.messages if each.role == "system")
    said = [{"role": each.role, "content": each.content} for each in question.messages if each.role != "system"]
    body: dict[str, Any] = {"messages": said or [{"role": "user", "content": system}]}
    if said and system:
        body["system"] = system
    if question.json_schema is not None:
        tool = {"name": TOOL, "description": "Give the answer.", "input_schema": question.json_schema}
        body |= {"tools": [tool], "tool_choice": {"type": "tool", "name": TOOL}}
    return body


async def _sorted(asked: Any) -> Any:
    try:
        return await asked
    except anthropic.APITimeoutError as error:
        raise ProviderFailed("timeout", is_billed=True) from error
    except anthropic.APIConnectionError as error:
        raise of_connection(error) from error
    except anthropic.APIStatusError as error:
        raise of_status(error.status_code) from error
    except (anthropic.AnthropicError, ValueError) as error:  # a body that is not the API's
        raise Unusable from error


def _read(message: Any, schema: dict[str, Any] | None) -> Answer:
    usage = None
    try:
        used = message.usage
        read = used.input_tokens + (used.cache_creation_input_tokens or 0) + (used.cache_read_input_tokens or 0)
        usage = Usage(read, used.output_tokens)
        blocks, is_whole = list(message.content), message.stop_reason in {"end_turn", "stop_sequence", "tool_use"}
    except (AttributeError, TypeError) as error:
        raise Unusable(usage) from error
    if not is_whole:
        raise Unusable(usage)
    if schema is None:
        return read_text("".join(block.text for block in blocks if block.type == "text"), usage)
    given = next((block.input for block in blocks if block.type == "tool_use" and block.name == TOOL), None)
    return read_data(given, schema, usage)
