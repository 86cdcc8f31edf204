"""What happened to a message, step by step, in Portuguese; never what it says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from contracts import Event, Fact
from contracts.dialogue import HandoffRequested, LeadUpdated, TurnClosed, TurnOpened
from contracts.frontdesk import StaffReplied
from contracts.ingress import ReceiptReceived
from contracts.llm_gateway import CompletionServed, ProviderFailedOver
from contracts.postprocessor import DeliveryFailed, ReplyDelivered, ReplyRead
from contracts.preprocessor import MessageRejected, MessageSanitized
from contracts.rules import DraftBlocked, ReplyDrafted

from frontdesk_service.wording import measures, words

Lines: TypeAlias = list[tuple[datetime, str, str | None]]
"""When, what, and the rest of it."""


@dataclass(frozen=True)
class Step:
    """One step: `what` in a word or two, `detail` the rest; `fact` is the routing key that told it."""

    at: datetime
    what: str
    detail: str | None
    fact: str


def steps(events: Iterable[Event[Any]]) -> list[Step]:
    """Return the steps, oldest first; the same step of several bubbles is one."""
    told: list[Step] = []
    for event in events:
        tell = TELL.get(type(event.data))
        for at, what, detail in tell(event.data, event.time) if tell else []:
            if not any((each.what, each.detail) == (what, detail) for each in told):
                told.append(Step(at, what, detail, type(event.data).routing_key()))
    return sorted(told, key=lambda step: step.at)


def summary(told: Sequence[Step]) -> str:
    """`áudio de 14 s → transcrito → preço conferido → enviado → lido`."""
    return " → ".join(dict.fromkeys(step.what for step in told))


def trace_id(events: Iterable[Event[Any]]) -> str | None:
    """Return the trace (32 hex digits) that the message began, if it was traced."""
    traced = (event.traceparent for event in events if event.traceparent)
    return next((each.split("-")[1] for each in traced), None)


def _received(message: MessageSanitized, at: datetime) -> Lines:
    kind = words.KINDS[message.kind].lower() if message.kind != "text" else "mensagem"
    length = f" de {message.seconds} s" if message.seconds else ""
    first = "primeira mensagem desta família" if "first_contact" in message.marks else None
    received = (message.received_at, f"{kind}{length}", first)
    if message.transcription_confidence is None:
        return [received]
    return [received, (at, "transcrito", f"{message.transcription_confidence:.0%} de certeza")]


def _decided(turn: TurnClosed, at: datetime) -> Lines:
    about = ", ".join(measures.QUESTIONS[each].lower() for each in turn.intents if each in measures.QUESTIONS) or None
    read = _read(turn, at)
    match turn.outcome:
        case "replied":
            how = words.ROUTES.get(turn.route or "")
            return [*read, (at, "resposta decidida", ", ".join(filter(None, (about, how))) or None)]
        case "handed_over":
            return [*read, (at, "encaminhada", words.REASONS.get(turn.reason or "", about))]
        case "ignored":
            return [*read, (at, "sem resposta", words.IGNORED.get(turn.reason or "", turn.reason))]


def _asked_ai(answer: CompletionServed, at: datetime) -> Lines:
    task = measures.TASKS.get(answer.task, answer.task).lower()
    if answer.refusal:
        return [(at, "IA não usada", f"{task}: {words.REFUSALS[answer.refusal]}")]
    return [(at, "IA consultada", f"{task}, {measures.measure(float(answer.brl), 'brl')}")]


def _checked(draft: ReplyDrafted, at: datetime) -> Lines:
    changed = ", ".join(dict.fromkeys(words.CLAIMS[each.claim] for each in draft.replaced))
    facts = f"ficha da unidade, versão {draft.facts_version[:6]}"
    return [(at, "resposta conferida", f"trocado: {changed}" if changed else facts)]


def _rejected(message: MessageRejected, at: datetime) -> Lines:
    return [(message.sent_at, "recebida", None), (at, "não trabalhada", words.NOTES.get(message.reason))]


def _read(turn: TurnOpened | TurnClosed, at: datetime) -> Lines:
    others = len(turn.messages) - 1
    return [(at, "lida", f"junto com mais {others} da mesma hora" if others else None)]


def _sent(reply: ReplyDelivered, at: datetime) -> Lines:
    tries = f"na {reply.attempts}ª tentativa" if reply.attempts > 1 else None
    return [(reply.bubbles[0].sent_at if reply.bubbles else at, "enviada", tries)]


def _receipt(receipt: ReceiptReceived, at: datetime) -> Lines:
    return [(at, words.RECEIPTS[receipt.status], None)] if receipt.status in words.RECEIPTS else []


TELL: dict[type[Fact], Callable[[Any, datetime], Lines]] = {
    MessageSanitized: _received,
    MessageRejected: _rejected,
    TurnOpened: _read,
    TurnClosed: _decided,
    LeadUpdated: lambda lead, at: [(at, "ficha atualizada", f"{lead.completeness} de 8")],
    CompletionServed: _asked_ai,
    ProviderFailedOver: lambda failed, at: [(at, "IA trocada", f"{failed.provider} não respondeu")],
    ReplyDrafted: _checked,
    DraftBlocked: lambda blocked, at: [(at, "informação trocada", words.CLAIMS[blocked.replacement.claim])],
    HandoffRequested: lambda handoff, at: [(at, "passada para a unidade", words.REASONS[handoff.reason])],
    StaffReplied: lambda reply, at: [(at, "respondida pela unidade", reply.by)],
    ReplyDelivered: _sent,
    ReceiptReceived: _receipt,
    ReplyRead: lambda reply, _: [(reply.read_at, "lida pela família", None)],
    DeliveryFailed: lambda failed, at: [(at, "não enviada", words.FAILURES[failed.reason])],
}
