"""What rules answers and reviews."""

from chassis.line import Line
from contracts import Event
from contracts.dialogue import ReplyProposed
from contracts.frontdesk import KnowledgeAnswered
from contracts.rules import Assess, Assessment, DraftBlocked, ReplyDrafted

from rules_service.assess import Assessor
from rules_service.drafting import drafted
from rules_service.review import Reviewer
from rules_service.taught import Taught


def register(line: Line, assessor: Assessor, reviewer: Reviewer, facts_version: str, taught: Taught) -> None:
    """Put rules on the line."""

    @line.answers(Assess)
    async def on_assess(question: Assess) -> Assessment:
        return await assessor.assess(question)

    @line.stage(ReplyProposed, emits=(ReplyDrafted, DraftBlocked))
    async def on_reply_proposed(event: Event[ReplyProposed]) -> list[Event[ReplyDrafted] | Event[DraftBlocked]]:
        return drafted(event, reviewer.review(event.data), facts_version, now=line.clock())

    @line.stage(KnowledgeAnswered)
    async def on_knowledge_answered(event: Event[KnowledgeAnswered]) -> None:
        taught.learn([event.data.answer])
