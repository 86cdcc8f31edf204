"""What the assistant's answers cost, in reais and in claims that review had to replace."""

from contracts import Event
from contracts.llm_gateway import CompletionServed
from contracts.rules import DraftBlocked

from frontdesk_service.projections.writes import Writes


def served(writes: Writes, event: Event[CompletionServed]) -> None:
    """Keep what one question to the AI cost; a refusal costs nothing and is kept, too."""
    answer = event.data
    writes.add(
        """insert into completions (id, conversation, at, task, model, refusal, cached, brl)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing""",
        event.id,
        event.subject,
        event.time,
        answer.task,
        answer.model,
        answer.refusal,
        answer.cached,
        answer.brl,
    )


def blocked(writes: Writes, event: Event[DraftBlocked]) -> None:
    """Keep that a bubble claimed what no fact says; what it said stays in the journal."""
    writes.add(
        """insert into blocked_claims (id, conversation, reply_id, bubble, claim, at) values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do nothing""",
        event.id,
        event.subject,
        event.data.reply_id,
        event.data.replacement.bubble,
        event.data.replacement.claim,
        event.time,
    )
