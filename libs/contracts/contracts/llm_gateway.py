"""What llm-gateway answers and says: completions, transcriptions, what they cost."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

from contracts.envelope import Fact, Question, Value

Provider = Literal["openai", "anthropic", "local"]
"""`local` is a transcriber on our own machine."""
Refusal = Literal["no_provider", "budget", "breakers_open", "deadline", "failed", "unusable_answer"]


class ChatMessage(Value):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(repr=False)


class PersonalValue(Value):
    """A value of the conversation that must not leave the house: the gateway puts a placeholder in its place."""

    kind: Literal["name", "phone", "email"]
    value: str = Field(repr=False)


class Completion(Value):
    """A completion, or the reason why there is none (a normal answer: the caller goes on without)."""

    text: str | None = Field(default=None, repr=False)
    data: dict[str, Any] | None = Field(default=None, repr=False)
    refusal: Refusal | None = None
    provider: Provider | None = None
    model: str | None = None
    cached: bool = False


class Complete(Question):
    """Ask a language model; `json_schema` asks for `data` of that shape instead of `text`.

    `personal` are the names, phones and e-mails that the conversation knows: they are replaced before anything leaves
    and restored in the answer. `prompt_version` and `facts_version` say what shaped the prompt; `cacheable`, that the
    same prompt may be answered from the cache (only ever when nothing personal was found in it). `conversation` is
    whose the cost is, the subject of `CompletionServed`.
    """

    server: ClassVar[str] = "llm"
    answer: ClassVar[type[Value]] = Completion

    task: Literal["understand", "phrase", "check"]
    messages: tuple[ChatMessage, ...]
    json_schema: dict[str, Any] | None = None
    max_tokens: int = Field(default=400, ge=1, le=4000)
    personal: tuple[PersonalValue, ...] = Field(default=(), repr=False)
    prompt_version: str | None = None
    facts_version: str | None = None
    cacheable: bool = False
    conversation: str | None = None


class Transcription(Value):
    """What a voice note says, or why it could not be heard; `confidence` is 0–1."""

    text: str | None = Field(default=None, repr=False)
    confidence: float | None = Field(default=None, ge=0, le=1)
    refusal: Refusal | None = None


class Transcribe(Question):
    """Ask for the words of a voice note; `audio` is base64, `conversation` whose the cost is."""

    server: ClassVar[str] = "llm"
    answer: ClassVar[type[Value]] = Transcription

    audio: str = Field(repr=False)
    mimetype: str
    seconds: int | None = None
    conversation: str | None = None


class LlmGatewayFact(Fact):
    """Common to all facts of llm-gateway."""

    producer: ClassVar[str] = "llm-gateway"


class CompletionServed(LlmGatewayFact):
    """A question was answered, or refused; the subject is its conversation, where it named one.

    `brl` is what it cost with the exchange rate `usd_brl` of the day `usd_brl_on` (`None`: the owner set it).
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    task: str
    provider: Provider | None = None
    model: str | None = None
    refusal: Refusal | None = None
    cached: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    brl: Decimal = Decimal(0)
    usd_brl: Decimal | None = None
    usd_brl_on: date | None = None
    duration_s: float = 0.0


class ProviderFailedOver(LlmGatewayFact):
    """A provider failed and the next one was asked; `error` is its kind, never its text."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    provider: Provider
    to: Provider | None = None
    error: str


class BudgetThresholdCrossed(LlmGatewayFact):
    """The spend of a São Paulo day passed a threshold, in BRL."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    day: str
    threshold: Decimal
    spent: Decimal
