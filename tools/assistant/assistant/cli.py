"""The command line. Each command loads what it needs when it is called."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from assistant import accounts
from assistant.accounts import Role
from assistant.environment import EnvironmentFileError, effective
from assistant.home import Home, home_of, project_folder
from assistant.progress import complain, in_words

logging.basicConfig(level=logging.CRITICAL)  # clients log their retries; what matters is said in our own lines


class Commands(TyperGroup):
    """What the machine refuses (a folder, a full disk) is one clear line, like everything else that goes wrong."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read the output has seen enough
        except OSError as error:
            complain(in_words(error))
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kumon Assistant: run, look into and repair the WhatsApp reception.",
)
dead = typer.Typer(no_args_is_help=True, help="Messages that no service could handle.")
user = typer.Typer(no_args_is_help=True, help="People who may sign in at the front desk.")
grants = typer.Typer(no_args_is_help=True, help="One user a service at PostgreSQL and RabbitMQ, where these are given.")
app.add_typer(dead, name="dead")
app.add_typer(grants, name="grants")
app.add_typer(user, name="user")

EnvFile = Annotated[Path | None, typer.Option("--env-file", help="Variables, one NAME=value a line.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Message ids, as `dead list` shows them.")]
InQueue = Annotated[str | None, typer.Option("--queue", help="Only those that died in this queue.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Integration = Literal["WHATSAPP-BAILEYS", "WHATSAPP-BUSINESS"]
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def settings(env_file: Path | None = None) -> tuple[Home, dict[str, str]]:
    """Return the home and the effective environment of this call."""
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


@app.command()
def clock(
    to: Annotated[str | None, typer.Argument(metavar="ISO", help="Move the system's clock there.")] = None,
) -> None:
    """Print the system's time, or move it (only on a system started with ASSISTANT_NOW)."""
    from assistant.commands import looking

    home, _ = settings()
    looking.clock(home, to)


@app.command()
def understand(
    text: Annotated[str | None, typer.Argument(help="What a parent wrote; read from the input when absent.")] = None,
    now: Annotated[str | None, typer.Option("--now", metavar="ISO", help="The clock of the reading.")] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="A JSON line or a bare text in, a JSON line out.")] = False,
) -> None:
    """Print how a text is understood: intents and lead values, as JSON. Needs nothing running."""
    from assistant.commands import understanding

    understanding.understand(text, now, stdin=stdin)


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    as_json: AsJson = False,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="How often each is played.")] = 1,
) -> None:
    """Play written conversations on the running system (started with ASSISTANT_NOW); exit 1 when one fails."""
    from assistant.commands import scenarios

    scenarios.replay(*settings(), files, as_json=as_json, repeat=repeat)


@app.command()
def simulate(
    conversations: Annotated[int, typer.Option("--conversations", min=1)] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same run.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Let simulated parents talk to the assistant in this process; exit 1 when an aim is missed."""
    from assistant.commands import scenarios

    scenarios.simulate(conversations, seed, as_json=as_json)


@app.command()
def load(  # noqa: PLR0917 - the options of one command; typer calls it by name
    per_s: Annotated[float, typer.Option("--per-s", min=0.01, help="Conversations begun a second.")] = 1.0,
    for_s: Annotated[float, typer.Option("--for-s", min=1, help="For so many seconds.")] = 60.0,
    burst: Annotated[int, typer.Option("--burst", min=1, help="Parts in which every message comes.")] = 1,
    think_s: Annotated[float, typer.Option("--think-s", min=0, help="A parent's pause before the next message.")] = 5.0,
    model_share: Annotated[
        float, typer.Option("--model-share", min=0, max=1, help="Conversations that need a language model.")
    ] = 0.0,
    model_ms: Annotated[int, typer.Option("--model-ms", min=0, help="How long the sandbox's model thinks.")] = 800,
    as_json: AsJson = False,
) -> None:
    """Let many parents write to the running system at once, and report waits, costs and memory; exit 1 on any error."""
    from assistant.commands import loading
    from assistant.load.talking import Load

    amount = Load(per_s=per_s, for_s=for_s, burst=burst, think_s=think_s, model_share=model_share)
    loading.load(settings()[0], amount, model_ms=model_ms, as_json=as_json)


@app.command()
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    model: Annotated[
        Literal["scripted", "real"],
        typer.Option("--model", help="By heart, or the running system's gateway, which needs a provider's key."),
    ] = "scripted",
    delay_ms: Annotated[int, typer.Option("--delay-ms", min=0, help="How long the scripted model thinks.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Play scenarios in this process without a language model and with one, and compare outcomes, time and cost."""
    from assistant.commands import evaluation

    evaluation.evaluate(settings()[0], files, model, delay_ms=delay_ms, as_json=as_json)


@app.command()
def quality(write: Annotated[bool, typer.Option("--write", help="Renew docs/quality.md.")] = False) -> None:
    """Measure the reading of messages, the scenarios and the simulated parents, and print docs/quality.md with it."""
    from assistant.commands import scenarios

    scenarios.quality(settings()[0], write=write)


@app.command()
def token(role: Annotated[Role, typer.Option("--role")] = "owner") -> None:
    """Print a bearer token for the front desk's API, and nothing else."""
    home, environment = settings()
    print(accounts.token(home, environment, role))


@app.command()
def trace(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="A message (our id or the channel's), phone or trace.")],
    as_json: AsJson = False,
    sql: Annotated[bool, typer.Option("--sql", help="Show SQL statements too.")] = False,
) -> None:
    """Print what happened to a message, hop by hop, from the local store or from TRACES_URL (Jaeger or Tempo)."""
    from assistant.commands import tracing

    tracing.trace(*settings(), wanted, as_json=as_json, statements=sql)


@app.command()
def doctor(env_file: EnvFile = None, as_json: AsJson = False) -> None:
    """Check every variable and all that it names, AI providers by a tiny paid call; exit 1 when something is wrong."""
    from assistant.commands import looking

    home, environment = settings(env_file)
    looking.doctor(home, environment, as_json=as_json)


@app.command()
def chat(phone: Annotated[str, typer.Option(help="The parent's number.")] = "+5551988887777") -> None:
    """Talk to the assistant in the terminal, as a parent on the sandbox's WhatsApp."""
    from assistant.commands import looking

    home, _ = settings()
    looking.chat(home, phone)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")], env_file: EnvFile = None, as_json: AsJson = False
) -> None:
    """Write all that the services keep, and the unit's own files, to one file; the system may run. No secrets."""
    from assistant.commands import backup as backups

    backups.backup(*settings(env_file), file, as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Stop the system, and replace what it holds.")] = False,
    env_file: EnvFile = None,
    as_json: AsJson = False,
) -> None:
    """Make the system what it was at a backup; refuses while it runs or holds data. It is stopped then."""
    from assistant.commands import backup as backups

    backups.restore(*settings(env_file), file, force=force, as_json=as_json)


@app.command("setup-evolution")
def setup_evolution(
    *,
    webhook: Annotated[
        str | None, typer.Option(help="Where Evolution reaches ingress. Not given: this machine.")
    ] = None,
    integration: Annotated[
        Integration, typer.Option(help="How a new instance speaks to WhatsApp.")
    ] = "WHATSAPP-BAILEYS",
    token: Annotated[str | None, typer.Option(envvar="META_TOKEN", help="Cloud API: the Graph token.")] = None,
    number: Annotated[str | None, typer.Option(help="Cloud API: the phone number's id.")] = None,
    business_id: Annotated[str | None, typer.Option(help="Cloud API: the business account's id.")] = None,
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for the code to be scanned.")] = 120,
    env_file: EnvFile = None,
    as_json: AsJson = False,
) -> None:
    """Create or adopt the Evolution API instance, point its events at us, and show the code to scan."""
    from assistant.commands import evolution

    given = {"webhook": webhook, "integration": integration, "token": token, "number": number}
    given["business_id"] = business_id
    evolution.setup(*settings(env_file), given, wait_s=wait_s, as_json=as_json)


@app.command("test", context_settings=PASS_ON)
def run_tests(
    context: typer.Context,
    *,
    thorough: Annotated[bool, typer.Option("--thorough", help="Repeat what tests repeat as often as CI does.")] = False,
    chaos: Annotated[bool, typer.Option("--chaos", help="Run the chaos suite instead: everything breaks.")] = False,
    seed: Annotated[int, typer.Option(help="Chaos: the same seed, the same storm.")] = 1,
    messages: Annotated[int, typer.Option(min=1, help="Chaos: how many parents write.")] = 10_000,
    conversations: Annotated[int, typer.Option(min=1, help="Chaos: of how many parents.")] = 500,
    kills: Annotated[int, typer.Option(min=0, help="Chaos: how often a service is killed.")] = 200,
    outages: Annotated[int, typer.Option(min=0, help="Chaos: how often a store or the channel is away.")] = 24,
    copies: Annotated[int, typer.Option(min=1, help="Chaos: of every service.")] = 1,
    rate: Annotated[float, typer.Option(min=0.1, help="Chaos: messages a second.")] = 8.0,
) -> None:
    """Run the tests; all other arguments go to pytest. Installs the stores and a browser if they are missing."""
    from assistant import packages, testing

    home, _ = settings()
    try:
        testing.prepare(home)
    except packages.PackagesError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if chaos:
        amounts = {"seed": seed, "messages": messages, "conversations": conversations, "kills": kills}
        testing.run_chaos(home, {**amounts, "outages": outages, "copies": copies, "rate": rate}, context.args)
    testing.run(home, context.args, thorough=thorough)


@app.command()
def transcriber(
    model: Annotated[str, typer.Argument(help="Its model: tiny, base, small, medium; a larger one hears better.")] = "",
) -> None:
    """Install the transcriber that hears voice notes on this machine, and fetch its model when one is named."""
    from assistant import transcriber as transcribers

    home, _ = settings()
    try:
        transcribers.install(home.project)
        if model:
            print(f"WHISPER_MODEL={transcribers.fetch(model, home.root / 'whisper')}")
    except transcribers.TranscriberError as error:
        complain(str(error))
        raise typer.Exit(1) from error


@app.command(hidden=True)
def lock(upgrade: Annotated[bool, typer.Option("--upgrade", help="Take the newest versions.")] = False) -> None:
    """Write the locks and .env.example from what they are made of (for developers)."""
    from assistant import locking, shipped, variables

    project = project_folder()
    (project / ".env.example").write_text(variables.example(), encoding="utf-8")
    (project / "docs/licences.md").write_text(shipped.table(), encoding="utf-8")
    sys.exit(locking.lock(project, upgrade=upgrade))


@dead.command("list")
def dead_list(as_json: AsJson = False) -> None:
    """Show every dead letter; none is lost or moved by looking."""
    from assistant.commands import dead_letters

    dead_letters.show_all(*settings(), as_json=as_json)


@dead.command("show")
def dead_show(message_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """Show a dead letter with its body (which may hold what people wrote)."""
    from assistant.commands import dead_letters

    dead_letters.show_one(*settings(), message_id, as_json=as_json)


@dead.command("replay")
def dead_replay(ids: Ids = None, queue: InQueue = None, every: All = False) -> None:
    """Send dead letters back to the queues where they died."""
    from assistant.commands import dead_letters

    dead_letters.replay(*settings(), ids or [], queue, every=every)


@dead.command("drop")
def dead_drop(ids: Ids = None, queue: InQueue = None, every: All = False) -> None:
    """Forget dead letters for good."""
    from assistant.commands import dead_letters

    dead_letters.drop(*settings(), ids or [], queue, every=every)


@user.command("add")
def user_add(
    name: str,
    role: Annotated[Role, typer.Option("--role")] = "receptionist",
    password: Annotated[str | None, typer.Option(envvar="NEW_PASSWORD", help="Made and printed if not given.")] = None,
) -> None:
    """Let somebody sign in at the front desk, or give them a new password."""
    from assistant.commands import looking

    looking.add_user(*settings(), name, role, password)


@grants.command("new")
def grants_new() -> None:
    """Print a new value for every secret, as lines for the environment file of an installation elsewhere."""
    from assistant.commands import grants as making

    making.new()


@grants.command("sql")
def grants_sql(env_file: EnvFile = None) -> None:
    """Print the SQL that makes the services' roles and schemas; it holds no password and may run again."""
    from assistant.commands import grants as making

    making.sql(settings(env_file)[1])


@grants.command("definitions")
def grants_definitions(env_file: EnvFile = None) -> None:
    """Print the services' users as RabbitMQ's definitions (`rabbitmqctl import_definitions`); it holds hashes only."""
    from assistant.commands import grants as making

    making.definitions(settings(env_file)[1])


@grants.command("apply")
def grants_apply(
    env_file: EnvFile = None,
    definitions: Annotated[Path | None, typer.Option(help="Where to write RabbitMQ's definitions.")] = None,
) -> None:
    """Make the roles at DATABASE_URL, whose user must be allowed to."""
    from assistant.commands import grants as making

    making.apply(settings(env_file)[1], definitions)
