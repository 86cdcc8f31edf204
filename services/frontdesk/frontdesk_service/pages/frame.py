"""What every page of somebody signed in has in common."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from chassis.clock import Clock
from fastapi import Request
from jinja2 import Environment
from starlette.responses import Response

from frontdesk_service.domain import local
from frontdesk_service.pages.rendering import page_of
from frontdesk_service.pages.session import Sessions
from frontdesk_service.tokens import Account


@dataclass(frozen=True)
class Frame:
    """Renders pages; their forms are of this browser, each good for doing one thing once."""

    environment: Environment
    sessions: Sessions
    clock: Clock

    def page(self, request: Request, account: Account, name: str, *, status: int = 200, **values: Any) -> Response:
        """Render one."""
        seed = self.sessions.seed(request)
        common = {
            "account": account,
            "now": local(self.clock()),
            "form_token": self.sessions.token_for(seed),
            "nonce": uuid4().hex,
        }
        response = page_of(self.environment, name, status=status, **common, **values)
        self.sessions.form_token(request, response, seed)
        return response
