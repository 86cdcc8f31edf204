"""The answers of llm-gateway: a completion or a transcription, or the reason why there is none."""

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass
from functools import partial

from contracts.llm_gateway import Complete, Completion, Transcribe, Transcription

from llm_gateway_service.asking import Asking
from llm_gateway_service.domain import longest, most_used
from llm_gateway_service.outcome import Candidate
from llm_gateway_service.providers.answers import Answer, Completer, Transcriber
from llm_gateway_service.providers.errors import Refused


@dataclass(frozen=True)
class Gateway:
    """Answers with whoever is configured, in their order."""

    asking: Asking
    completers: tuple[Completer, ...]
    transcriber: Transcriber | None

    async def complete(self, question: Complete) -> Completion:
        """Complete a prompt. A refusal is a normal answer; this raises nothing."""
        texts = [message.content for message in question.messages]
        shape = [] if question.json_schema is None else [json.dumps(question.json_schema)]
        most = most_used([*texts, *shape], question.max_tokens)
        outcome = await self.asking.ask(
            question.task,
            [Candidate(each.name, each.model, most, partial(each.complete, question)) for each in self.completers],
        )
        if outcome.answer is None or outcome.by is None:
            return Completion(refusal=outcome.refusal)
        by, answer = outcome.by, outcome.answer
        return Completion(text=answer.text, data=answer.data, provider=by.provider, model=by.model)

    async def transcribe(self, question: Transcribe) -> Transcription:
        """Listen to a voice note. A refusal is a normal answer; this raises nothing."""
        candidates = []
        if self.transcriber is not None:
            name, model = self.transcriber.name, self.transcriber.transcriber
            most = longest(question.seconds, len(question.audio) * 3 // 4)
            candidates.append(Candidate(name, model, most, partial(_listen, self.transcriber, question)))
        outcome = await self.asking.ask("transcribe", candidates)
        if outcome.answer is None:
            return Transcription(refusal=outcome.refusal)
        return Transcription(text=outcome.answer.text, confidence=outcome.answer.confidence)

    async def run(self) -> None:
        """Give the connections back when the service stops."""
        try:
            await asyncio.Event().wait()
        finally:
            for each in self.completers:
                await each.close()


async def _listen(transcriber: Transcriber, question: Transcribe, timeout_s: float) -> Answer:
    try:
        audio = base64.b64decode(question.audio, validate=True)
    except binascii.Error as error:
        raise Refused from error
    return await transcriber.transcribe(audio, question.mimetype, timeout_s)
