"""docker-compose.yml agrees with the services, with .env.example and with what an image needs to be left alone."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from assistant.grants import users
from assistant.services import SERVICES, Service
from assistant.variables import VARIABLES

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)["services"]
OURS = {name: each for name, each in COMPOSE.items() if each["image"].startswith("kumon-assistant:")}
FIXED = {"FORWARDED_ALLOW_IPS"}
EVERYBODYS = {"SECRETS_DIR"}
IN_THE_IMAGE = {"UNIT_FILE", "KNOWLEDGE_DIR"}


def test_every_service_of_the_workspace_is_there_and_may_be_scaled() -> None:
    for service in SERVICES:
        assert COMPOSE[service.name]["command"] == [service.module]
        assert not {"ports", "container_name", "hostname"} & set(COMPOSE[service.name])
    assert set(OURS) == {*(service.name for service in SERVICES), "setup", "sandbox"}


def test_every_variable_that_it_wants_is_explained_in_the_example_file() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    explained = set(re.findall(r"^#([A-Z_0-9]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert wanted - explained == set()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_is_told_all_that_it_can_be_told_and_nothing_that_is_anothers(service: Service) -> None:
    settings = import_module(f"{service.module}.settings").Settings
    read = {name.upper() for name in settings.model_fields} & set(VARIABLES) - IN_THE_IMAGE
    told = {name for name in COMPOSE[service.name]["environment"] if not name.startswith("OTEL_")}
    assert told - FIXED == read | EVERYBODYS


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_connects_as_its_own_user(service: Service) -> None:
    environment = COMPOSE[service.name]["environment"]
    urls = [environment["RABBITMQ_URL"], *([environment["DATABASE_URL"]] if service.has_schema else [])]
    assert all(f"//{users.user(service.name)}:${{{users.variable(service.name)}:?}}@" in url for url in urls)
    assert ("DATABASE_URL" in environment) == service.has_schema


def test_the_secrets_that_must_be_given_are_those_that_one_command_makes() -> None:
    made = {line.partition("=")[0] for line in users.new().splitlines()}
    assert set(re.findall(r"\$\{([A-Z_]+):\?", TEXT)) == made


def test_images_are_pinned_to_a_release() -> None:
    images = {each["image"] for each in COMPOSE.values()}
    images.add(re.findall(r"^ARG PYTHON=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0])
    assert [image for image in images if not re.search(r":v?\d+\.\d+\.?\d*", image)] == []


@pytest.mark.parametrize("name", OURS)
def test_our_containers_write_nothing_and_may_do_nothing(name: str) -> None:
    container = COMPOSE[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in container["security_opt"]
    assert container["mem_limit"]
    assert container["pids_limit"]
    assert re.search(r"^USER \d+:\d+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_no_password_stands_on_a_command_line() -> None:
    commands = [str(each.get("command", "")) + str(each.get("healthcheck", "")) for each in COMPOSE.values()]
    assert not [command for command in commands if re.search(r"\$\{[A-Z_]*(PASSWORD|SECRET|KEY)", command)]


def test_a_volume_that_ours_write_to_is_theirs_in_the_image() -> None:
    named = {
        mount.split(":")[1]
        for each in OURS.values()
        for mount in each["volumes"]
        if not mount.startswith(".") and not mount.endswith(":ro")
    }
    made = re.findall(
        r"install --directory --owner=10001 --group=10001 (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    assert named == set(made) == {"/definitions"}
