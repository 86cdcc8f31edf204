"""The services, as data."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """One service: `python -m <module>`, listening on the port of the variable `port_variable`.

    `port` is used when the variable is not given and the port is free; None means any free port. `has_schema` says that
    it keeps something in PostgreSQL.
    """

    name: str
    module: str
    port: int | None = None
    has_schema: bool = True

    @property
    def port_variable(self) -> str:
        """The variable that fixes the port, e.g. `LLM_GATEWAY_PORT`."""
        return f"{self.name.upper().replace('-', '_')}_PORT"

    @property
    def argv(self) -> tuple[str, ...]:
        """The command that runs it."""
        return (sys.executable, "-m", self.module)


SERVICES = (
    Service("ingress", "ingress_service", 8000, has_schema=False),
    Service("preprocessor", "preprocessor_service"),
    Service("dialogue", "dialogue_service"),
    Service("rules", "rules_service", has_schema=False),
    Service("llm-gateway", "llm_gateway_service"),
    Service("calendar", "calendar_service"),
    Service("postprocessor", "postprocessor_service"),
    Service("frontdesk", "frontdesk_service", 8080),
)
SANDBOX = Service("sandbox", "sandbox", 8090, has_schema=False)
TOGETHER = Service("together", "chassis.together")  # all of SERVICES in one process
