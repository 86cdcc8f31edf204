"""The answers of llm-gateway: a completion or a transcription, or the reason why there is none."""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.errors import Transient
from chassis.logging import get_logger
from contracts.llm_gateway import Complete, Completion, Provider, Transcribe, Transcription

from llm_gateway_service.asking import Asking
from llm_gateway_service.cache import Cache
from llm_gateway_service.domain import Choice, longest, most_used
from llm_gateway_service.outcome import Candidate, Outcome
from llm_gateway_service.privacy import Mask
from llm_gateway_service.prompting import answered, mended, prompt_of
from llm_gateway_service.providers.answers import Answer, Completer, Patience, Prompt, Transcriber
from llm_gateway_service.providers.errors import Declined, Unusable
from llm_gateway_service.routing import Routing

log = get_logger(__name__)

SWEEP_EVERY_S = 15.0


@dataclass(frozen=True)
class Gateway:
    """Answers with whoever is configured; `secrets` are what no prompt may carry."""

    asking: Asking
    routing: Routing
    cache: Cache
    completers: Mapping[Provider, Completer]
    transcribers: Sequence[Transcriber] = ()
    secrets: tuple[str, ...] = ()

    async def complete(self, question: Complete) -> Completion:
        """Complete a prompt. A refusal is a normal answer; this raises nothing."""
        mask = Mask(question.personal, self.secrets)
        prompt = prompt_of(question, mask)
        shape = [] if prompt.schema is None else [json.dumps(prompt.schema)]
        most = most_used([*(each.content for each in prompt.messages), *shape], prompt.max_tokens)
        choices = self.routing.choices(question.task, most)
        outcome = Outcome(question.task, question.conversation)
        may_cache = question.cacheable and not mask.has_hidden
        if may_cache and (known := await self.cache.find(question, prompt, choices)):
            self.asking.closing.begin(outcome, cached=known)
            return known
        candidates = [
            Candidate(
                *(each.provider, each.model, self.routing.catalogue.of(each.model).price, most),
                ask=_Completing(self.completers[each.provider], each, question, prompt, mask),
            )
            for each in choices
        ]
        completion = _completion(await self.asking.ask(outcome, candidates))
        if may_cache and completion.refusal is None:
            self.asking.closing.beside(self.cache.keep(question, prompt, completion))
        return completion

    async def transcribe(self, question: Transcribe) -> Transcription:
        """Listen to a voice note. A refusal is a normal answer; this raises nothing."""
        candidates, most = [], longest(question.seconds, len(question.audio) * 3 // 4)
        for each in self.transcribers:
            model, price = self.routing.listens(each.name)
            candidates.append(Candidate(each.name, model, price, most, _Listening(each, model, question)))
        outcome = await self.asking.ask(Outcome("transcribe", question.conversation), candidates)
        if outcome.answer is None:
            return Transcription(refusal=outcome.refusal)
        return Transcription(text=outcome.answer.text, confidence=outcome.answer.confidence)

    async def run(self) -> None:
        """Book what crashes left, now and then; at the end, what is still to be booked, and close the connections."""
        try:
            while True:
                await self._sweep()
                await asyncio.sleep(SWEEP_EVERY_S)
        finally:
            await self.asking.closing.all_closed()
            for close in {each.close for each in self.completers.values()} | {each.close for each in self.transcribers}:
                await close()
            await self.cache.close()

    async def _sweep(self) -> None:
        try:
            while await self.asking.calling.ledger.sweep():
                pass
        except Transient as error:
            log.warning("ledger_away", error=type(error).__name__)


@dataclass(frozen=True)
class _Completing:
    """Asks one provider for one completion."""

    completer: Completer
    choice: Choice
    question: Complete
    prompt: Prompt
    mask: Mask

    async def __call__(self, patience: Patience, mend: Unusable | None) -> Answer:
        prompt = self.prompt if mend is None else mended(self.prompt, mend, self.mask)
        said = await self.completer.complete(prompt, self.choice.model, patience)
        return answered(self.question, prompt, self.mask, said)


@dataclass(frozen=True)
class _Listening:
    """Asks one provider for one transcription."""

    transcriber: Transcriber
    model: str
    question: Transcribe

    async def __call__(self, patience: Patience, _: Unusable | None) -> Answer:
        try:
            audio = base64.b64decode(self.question.audio, validate=True)
        except binascii.Error as error:
            raise Declined("bad_request", is_billed=False) from error
        return await self.transcriber.transcribe(audio, self.question.mimetype, self.model, patience)


def _completion(outcome: Outcome) -> Completion:
    if outcome.answer is None or outcome.by is None:
        return Completion(refusal=outcome.refusal)
    by, answer = outcome.by, outcome.answer
    return Completion(text=answer.text, data=answer.data, provider=by.provider, model=by.model)
