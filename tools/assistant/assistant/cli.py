"""The command line. Each command loads what it needs when it is called."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.environment import EnvironmentFileError, effective
from assistant.home import Home, home_of, project_folder
from assistant.progress import complain

logging.basicConfig(level=logging.CRITICAL)  # clients log their retries; what matters is said in our own lines

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kumon Assistant: run, look into and repair the WhatsApp reception.",
)
dead = typer.Typer(no_args_is_help=True, help="Messages that no service could handle.")
user = typer.Typer(no_args_is_help=True, help="People who may sign in at the front desk.")
app.add_typer(dead, name="dead")
app.add_typer(user, name="user")

EnvFile = Annotated[Path | None, typer.Option("--env-file", help="Variables, one NAME=value a line.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings(env_file: Path | None = None) -> tuple[Home, dict[str, str]]:
    """The home and the effective environment of this call."""
    project = project_folder()
    try:
        environment = effective(os.environ, project, env_file)
    except EnvironmentFileError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    return home_of(environment, project), environment


@app.command()
def up(
    env_file: EnvFile = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready.")] = False,
    single_process: Annotated[bool, typer.Option("--single-process", help="All services in one process.")] = False,
) -> None:
    """Start everything that is missing; return, or stay until Ctrl-C, when every service is ready."""
    from assistant.commands import running

    home, environment = settings(env_file)
    running.up(home, environment, detach=detach, single_process=single_process)


@app.command()
def down(wipe: Annotated[bool, typer.Option("--wipe", help="Also remove the data.")] = False) -> None:
    """Stop everything that `up` started, and nothing else."""
    from assistant.commands import running

    home, _ = settings()
    running.down(home, wipe=wipe)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Services, stores, queues and breakers; exit 0 when all is ready."""
    from assistant.commands import running

    home, environment = settings()
    sys.exit(running.status(home, environment, as_json=as_json))
