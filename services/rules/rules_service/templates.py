"""Message templates that WhatsApp approved, as `unit.toml` has them.

The rules for name, language and variables are Meta's (Cloud API, "Message templates"): it would refuse a template that
breaks them only when the first reminder leaves, so it is refused at start instead.
"""

import re
from typing import Annotated

from contracts.rules import TemplateParameter
from pydantic import AfterValidator, StringConstraints, model_validator

from rules_service.fields import Section

LONGEST_BODY = 1024
_VARIABLE = re.compile(r"\{\{(\d+)\}\}")
_AT_AN_END = re.compile(r"\A\W*\{\{\d+\}\}|\{\{\d+\}\}\s*\Z")
_UNFIT = re.compile(r"[\n\t]| {5,}")


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,512}", value):
        raise ValueError("só letras minúsculas sem acento, números e sublinhado, como no Gerenciador do WhatsApp")
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", value):
        raise ValueError("não é um código de idioma do WhatsApp, como pt_BR")
    return value


class Template(Section):
    """One approved template; `parameters` say what fills `{{1}}`, `{{2}}`, … of `body`, in order."""

    name: Annotated[str, AfterValidator(_name)]
    language: Annotated[str, AfterValidator(_language)] = "pt_BR"
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_BODY)]
    parameters: tuple[TemplateParameter, ...] = ()

    @model_validator(mode="after")
    def _variables_are_numbered(self) -> "Template":
        numbers = sorted({int(number) for number in _VARIABLE.findall(self.body)})
        if numbers != list(range(1, len(self.parameters) + 1)):
            raise ValueError("o texto (body) precisa usar {{1}}, {{2}}… sem saltos, um para cada item de parameters")
        if _AT_AN_END.search(self.body):
            raise ValueError("o texto (body) não pode começar nem terminar com {{…}}: o WhatsApp recusa")
        return self

    @property
    def without_variables(self) -> str:
        """What it says whatever it is filled with."""
        return _VARIABLE.sub("…", self.body)

    def filled(self, parameters: tuple[str, ...]) -> str | None:
        """Return what the person reads; `None` when WhatsApp would refuse these parameters."""
        if len(parameters) != len(self.parameters):
            return None
        if any(not value.strip() or _UNFIT.search(value) for value in parameters):
            return None
        return _VARIABLE.sub(lambda variable: parameters[int(variable[1]) - 1], self.body)


class Templates(Section):
    """The templates by what they are for."""

    reminder: Template | None = None
