"""The part of Evolution API's REST that sets an instance up. Source: Evolution API 2.3.6 and 2.4.0-rc2."""

import re
from typing import Any
from urllib.parse import quote

import httpx

HTTP_TIMEOUT_S = 30.0


class SetupError(Exception):
    """The set-up cannot go on; the text says what to do."""


class EvolutionApi:
    """Evolution API at an address, spoken to with its global key."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url.rstrip("/")
        self._about: dict[str, Any] = {
            "headers": {"apikey": api_key, "Accept": "application/json"},
            "timeout": HTTP_TIMEOUT_S,
            "trust_env": False,
        }

    def version(self) -> tuple[int, ...]:
        """Return the version that it says it is, e.g. (2, 3, 7). Raises `SetupError`."""
        written = self._ask("GET", "/").get("version")
        found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", str(written))
        if found is None:
            raise SetupError(
                "EVOLUTION_URL: what answers there does not say which Evolution API it is; check the address"
            )
        return tuple(int(part or 0) for part in found.groups())

    def integration(self, instance: str) -> str | None:
        """Return an instance's integration, e.g. `WHATSAPP-BAILEYS`; `None` when there is no such instance."""
        answer = self._request("GET", "/instance/fetchInstances", params={"instanceName": instance})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        for each in self._read(answer):
            if each.get("name") == instance:
                return str(each.get("integration") or "WHATSAPP-BAILEYS")
        return None

    def create(self, body: dict[str, Any]) -> None:
        """Create an instance."""
        self._ask("POST", "/instance/create", body)

    def set_webhook(self, instance: str, webhook: dict[str, Any]) -> None:
        """Set where events go."""
        self._ask("POST", f"/webhook/set/{quote(instance, safe='')}", {"webhook": webhook})

    def set_rabbitmq(self, instance: str, rabbitmq: dict[str, Any]) -> None:
        """Set which events it publishes itself."""
        self._ask("POST", f"/rabbitmq/set/{quote(instance, safe='')}", {"rabbitmq": rabbitmq})

    def state(self, instance: str) -> str:
        """Return `open`, `connecting` or `close`."""
        answer = self._ask("GET", f"/instance/connectionState/{quote(instance, safe='')}")
        return str(answer.get("instance", {}).get("state"))

    def qr_code(self, instance: str) -> str | None:
        """Ask for a code to scan; `None` when there is none (it is connected, or asks too often)."""
        answer = self._ask("GET", f"/instance/connect/{quote(instance, safe='')}")
        code = answer.get("code")
        return code if isinstance(code, str) and code else None

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._read(self._request(method, path, json=body))
        return answer if isinstance(answer, dict) else {}

    def _request(self, method: str, path: str, **about: Any) -> httpx.Response:
        try:
            return httpx.request(method, f"{self._url}{path}", **self._about, **about)
        except httpx.HTTPError as error:
            raise SetupError(
                f"EVOLUTION_URL: nothing answers there ({type(error).__name__}); check the address"
            ) from error

    def _read(self, answer: httpx.Response) -> Any:
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise SetupError(
                "EVOLUTION_API_KEY: Evolution refuses this key; give its global key (AUTHENTICATION_API_KEY)"
            )
        try:
            document = answer.json()
        except ValueError as error:
            raise SetupError("EVOLUTION_URL: what answers there is no Evolution API; check the address") from error
        if answer.is_error:
            path = answer.request.url.path.rsplit("/", 1)[0]
            raise SetupError(f"Evolution refuses {answer.request.method} {path} (HTTP {answer.status_code})")
        return document
