"""What rules is made of."""

from functools import partial

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.encoder import shared
from chassis.line import Line
from chassis.service import Service

from rules_service.assess import Assessor
from rules_service.catching_up import catch_up
from rules_service.handlers import register
from rules_service.index import qdrant_index
from rules_service.loading import found, load_facts
from rules_service.review import Reviewer
from rules_service.search import KnowledgeSearch
from rules_service.settings import Settings
from rules_service.taught import Taught


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` with a line for each mistake of the owner's."""
    facts = load_facts(settings.unit_file or found("unit.toml"), settings.knowledge_dir or found("knowledge"))
    line = Line("rules", clock=now)
    breakers = Breakers()
    taught = Taught(now)
    search = KnowledgeSearch(facts.knowledge, shared(), qdrant_index(settings.qdrant_url), breakers, taught)
    register(line, Assessor(facts, search), Reviewer(facts, taught), facts.version, taught)
    return Service(settings, line, breakers=breakers, background=[partial(catch_up, line, taught, now)])
