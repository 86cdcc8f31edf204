"""OpenAI through its own client: chat completions with structured outputs, and transcriptions.

Source: the API reference of OpenAI; a compatible server behind another address is asked in the same way.
"""

import math
from typing import TYPE_CHECKING, Any

import openai
from contracts.llm_gateway import Complete
from contracts.llm_gateway import Provider as Name
from pydantic import SecretStr

from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.answers import TRANSCRIPTION_CONFIDENCE, Answer, read_data, read_text
from llm_gateway_service.providers.errors import ProviderFailed, Unusable, of_connection, of_status
from llm_gateway_service.schema import is_strict

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

_EXTENSIONS = {"mpeg": "mp3", "mp3": "mp3", "mp4": "m4a", "m4a": "m4a", "aac": "m4a", "wav": "wav", "webm": "webm"}


class OpenAi:
    """Asks OpenAI; every method raises `ProviderFailed`."""

    name: Name = "openai"

    def __init__(self, api_key: SecretStr, base_url: str, model: str, transcriber: str) -> None:
        self.model = model
        self.transcriber = transcriber
        self._client = openai.AsyncOpenAI(api_key=api_key.get_secret_value(), base_url=base_url, max_retries=0)

    async def complete(self, question: Complete, timeout_s: float) -> Answer:
        """Answer a question within a time."""
        body: dict[str, Any] = {
            "messages": [{"role": each.role, "content": each.content} for each in question.messages]
        }
        schema = question.json_schema
        if schema is not None:
            shape = {"name": question.task, "schema": schema, "strict": is_strict(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        create = self._client.chat.completions.create
        asked = create(model=self.model, max_completion_tokens=question.max_tokens, timeout=timeout_s, **body)
        completion: ChatCompletion = await _sorted(asked)
        return _read(completion, schema)

    async def transcribe(self, audio: bytes, mimetype: str, timeout_s: float) -> Answer:
        """Listen to a voice note."""
        asked = self._client.audio.transcriptions.create(
            model=self.transcriber,
            file=(f"voice.{_extension(mimetype)}", audio, mimetype.partition(";")[0]),
            language="pt",
            response_format="json",
            include=["logprobs"],
            timeout=timeout_s,
        )
        return _read_transcription(await _sorted(asked))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


async def _sorted(asked: Any) -> Any:
    try:
        return await asked
    except openai.APITimeoutError as error:
        raise ProviderFailed("timeout", is_billed=True) from error
    except openai.APIConnectionError as error:
        raise of_connection(error) from error
    except openai.APIStatusError as error:
        raise of_status(error.status_code) from error
    except (openai.OpenAIError, ValueError) as error:  # a body that is not the API's
        raise Unusable from error


def _read(completion: "ChatCompletion", schema: dict[str, Any] | None) -> Answer:
    usage = None
    try:
        if completion.usage:
            usage = Usage(completion.usage.prompt_tokens, completion.usage.completion_tokens)
        choice = completion.choices[0]
        said, is_whole = choice.message.content, choice.finish_reason == "stop" and not choice.message.refusal
    except (AttributeError, TypeError, IndexError) as error:
        raise Unusable(usage) from error
    if usage is None or not is_whole:
        raise Unusable(usage)
    return read_text(said, usage) if schema is None else read_data(said or "", schema, usage)


def _read_transcription(heard: Any) -> Answer:
    said = getattr(heard, "text", None)
    if not isinstance(said, str):
        raise Unusable
    used = getattr(heard, "usage", None)
    usage = Usage(
        getattr(used, "input_tokens", 0), getattr(used, "output_tokens", 0), float(getattr(used, "seconds", 0) or 0)
    )
    if usage == Usage():
        raise Unusable
    return Answer(usage, text=said.strip(), confidence=_confidence(getattr(heard, "logprobs", None)))


def _confidence(tokens: Any) -> float:
    """Return the geometric mean of the tokens' probabilities."""
    logs = [each.logprob for each in tokens or () if each.logprob is not None]
    return min(math.exp(math.fsum(logs) / len(logs)), 1.0) if logs else TRANSCRIPTION_CONFIDENCE


def _extension(mimetype: str) -> str:
    """Name the format as OpenAI wants it: by the file's name."""
    kind = mimetype.partition(";")[0].partition("/")[2].removeprefix("x-").lower()
    return _EXTENSIONS.get(kind, "ogg")
