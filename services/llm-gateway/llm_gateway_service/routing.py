"""Which provider is asked with which model, and in which order."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from contracts.llm_gateway import Provider

from llm_gateway_service.domain import FREE, Catalogue, Choice, Dollar, Price, Usage, in_turn
from llm_gateway_service.ledger import Ledger
from llm_gateway_service.providers.answers import Completer
from llm_gateway_service.settings import Settings

SMALL = "understand"
"""The task that small models do."""


@dataclass(frozen=True)
class Routing:
    """Chooses by task, by the owner's order, and by what is left of the day's budget."""

    settings: Settings
    catalogue: Catalogue
    completers: Mapping[Provider, Completer]
    ledger: Ledger
    dollar: Dollar

    def choices(self, task: str, most: Usage) -> list[Choice]:
        """Return who is asked, in turn; once the budget is thin small models are, the cheapest first."""
        thrifty = self.ledger.is_thin
        models = {name: self._model(name, SMALL if thrifty else task) for name in self.completers}
        worst = {name: self._worst(model, most) for name, model in models.items()}
        order = in_turn(self.settings.llm_order, random.random(), worst, thrifty=thrifty)  # noqa: S311  # no secret
        return [Choice(name, models[name]) for name in order]

    def listens(self, provider: Provider) -> tuple[str, Price]:
        """Return the model with which a transcriber listens, and its price."""
        if provider == "local" and self.settings.whisper_model is not None:
            return self.settings.whisper_model.name, FREE
        model = self.catalogue.serving(self.catalogue.transcriber, self.ledger.today)
        return model, self.catalogue.of(model).price

    def _model(self, provider: Provider, task: str) -> str:
        chosen = self.settings.model_for(provider, task)
        return chosen or self.catalogue.serving(self.catalogue.tasks[task][provider], self.ledger.today)

    def _worst(self, model: str, most: Usage) -> Decimal:
        return self.catalogue.of(model).price.brl(most, self.dollar.brl)
