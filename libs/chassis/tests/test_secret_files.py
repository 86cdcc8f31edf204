"""Secrets may come in files, as orchestrators mount them."""

import os
import subprocess
import sys
from pathlib import Path

SHOWN = "from chassis.settings import ServiceSettings as S; print(S().rabbitmq_url.get_secret_value())"


def shown(**variables: str) -> str:
    environment = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run([sys.executable, "-c", SHOWN], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_file_of_the_secrets_folder_is_a_variable_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "rabbitmq_url").write_text("amqp://from-a-file/\n")
    assert shown(SECRETS_DIR=str(tmp_path)) == "amqp://from-a-file/"
    assert shown(SECRETS_DIR=str(tmp_path), RABBITMQ_URL="amqp://given/") == "amqp://given/"
