"""Every variable: what it means, its default, how it is checked. `.env.example` is written from here."""

from dataclasses import dataclass
from textwrap import wrap

from assistant import checks
from assistant.checks import Check


@dataclass(frozen=True)
class Variable:
    """One variable. `default` is shown, not applied: each service applies its own; empty means none."""

    name: str
    meaning: str
    default: str = ""
    check: Check = checks.anything


V = Variable
web = checks.url("http", "https")
GROUPS: dict[str, tuple[Variable, ...]] = {
    "Stores. Each one that is not given is started privately, with its data under ASSISTANT_HOME.": (
        V(
            "DATABASE_URL",
            "PostgreSQL 15 or later, with an existing empty database.",
            "postgresql://user:password@host:5432/receptionist",
            checks.url("postgresql", "postgres"),
        ),
        V("RABBITMQ_URL", "RabbitMQ 3.10 or later.", "amqp://user:password@host:5672/", checks.url("amqp", "amqps")),
        V(
            "REDIS_URL",
            "Redis 6 or later; it holds only what may be lost.",
            "redis://host:6379/0",
            checks.url("redis", "rediss", "unix"),
        ),
        V(
            "QDRANT_URL",
            "A Qdrant server for the knowledge search. Not given: embedded in the rules service.",
            "http://host:6333",
            web,
        ),
    ),
    "Users of stores that are given: all of these or none. Not given: everybody uses the addresses above as they are. "
    "`./assistant grants` makes passwords, roles and users.": (
        V(
            "INGRESS_STORES_PASSWORD",
            "Password of this service's user (receptionist_ingress) at RabbitMQ and PostgreSQL; so the next seven.",
            "",
            checks.long_enough(16),
        ),
        *(
            V(f"{name}_STORES_PASSWORD", "", "", checks.long_enough(16))
            for name in (
                *("PREPROCESSOR", "DIALOGUE", "RULES", "LLM_GATEWAY"),
                *("CALENDAR", "POSTPROCESSOR", "FRONTDESK"),
            )
        ),
    ),
    "Stores that docker-compose.yml starts. `./assistant grants new` makes these, too.": (
        V(
            "POSTGRES_PASSWORD",
            "Of the user `receptionist`, who owns everything; so the next two.",
            "",
            checks.long_enough(16),
        ),
        V("RABBITMQ_PASSWORD", "", "", checks.long_enough(16)),
        V("REDIS_PASSWORD", "", "", checks.long_enough(16)),
    ),
    "WhatsApp, through an Evolution API. Without EVOLUTION_URL the sandbox, a WhatsApp for trying, is started.": (
        V("EVOLUTION_URL", "The Evolution API's base address.", "https://evolution.example.com", web),
        V("EVOLUTION_API_KEY", "Its API key (generated for the sandbox)."),
        V("EVOLUTION_INSTANCE", "The name of the instance that holds the unit's number.", "receptionist"),
        V(
            "EVOLUTION_WEBHOOK_SECRET",
            "Secret of the webhooks: the header X-Webhook-Secret and Evolution's jwt_key alike "
            "(generated for the sandbox).",
            "",
            checks.long_enough(16),
        ),
    ),
    "Evolution's own RabbitMQ events, read beside its webhooks when the address is given.": (
        V(
            "EVOLUTION_RABBITMQ_URL",
            "The broker that Evolution publishes to; a virtual host of its own, since its names are its instances'.",
            "amqp://user:password@host:5672/evolution",
            checks.url("amqp", "amqps"),
        ),
        V(
            "EVOLUTION_RABBITMQ_EXCHANGE",
            "Its exchange. Not given: the one named like the instance (RABBITMQ_GLOBAL_ENABLED has another).",
        ),
    ),
    "AI. Without a key the assistant works deterministically: it qualifies, answers and books all the same.": (
        V("OPENAI_API_KEY", "The first provider: answers and transcription of voice notes."),
        V(
            "OPENAI_BASE_URL",
            "Another address of the same API, /v1 included.",
            "https://api.openai.com/v1",
            checks.url("http", "https", ends_with="/v1"),
        ),
        V(
            "OPENAI_MODEL",
            "The model for everything. Not given: by task, a small one to read and a better one to write.",
            "gpt-4o-mini",
        ),
        V("OPENAI_PHRASE_MODEL", "The model that writes to families, where it is to be another.", "gpt-4.1-mini"),
        V("ANTHROPIC_API_KEY", "The second provider, asked when the first one fails."),
        V(
            "ANTHROPIC_BASE_URL",
            "Another address of the same API, without /v1.",
            "https://api.anthropic.com",
            checks.url("http", "https", never_ends_with="/v1"),
        ),
        V("ANTHROPIC_MODEL", "The model for everything.", "claude-haiku-4-5"),
        V("ANTHROPIC_PHRASE_MODEL", "The model that writes to families, where it is to be another."),
        V(
            "LLM_ORDER",
            "Who is asked first, then whom; with weights (openai=3,anthropic=1), how often each is first.",
            "openai,anthropic",
            checks.provider_order,
        ),
        V(
            "LLM_HEDGE",
            "Ask the second provider too when the first one is slower than usual; both are paid.",
            "true",
            checks.one_of("true", "false"),
        ),
        V(
            "WHISPER_MODEL",
            "Folder of a Whisper model, to hear voice notes on this machine; ./assistant transcriber makes one.",
            "",
            checks.folder,
        ),
        V(
            "WHISPER_LONGEST_S",
            "The longest voice note, in seconds, that this machine listens to.",
            "60",
            checks.number(1, 300),
        ),
        V(
            "LISTEN_ORDER",
            "Who hears voice notes, in turn. With local alone none of them leaves this machine.",
            "openai,local",
            checks.listeners,
        ),
        V(
            "USD_BRL",
            "Reais per dollar, for the AI budget. Not given: the rate that ships with the price list.",
            "",
            checks.positive,
        ),
    ),
    "Google Calendar, as a projection of the visits and of the unit's other appointments.": (
        V("GOOGLE_CALENDAR_ID", "The calendar's id."),
        V(
            "GOOGLE_SERVICE_ACCOUNT_JSON",
            "Key of a service account that may write to it: the file's path, its content, or base64 of that.",
            "",
            checks.service_account,
        ),
        V(
            "GOOGLE_API_ENDPOINT",
            "Another address of the same API.",
            "https://www.googleapis.com/calendar/v3/",
            checks.url("http", "https", ends_with="/calendar/v3/"),
        ),
    ),
    "Fallback channel: Meta's Cloud API without anybody between, used while Evolution is away.": (
        V("META_ACCESS_TOKEN", "A system user's token; without it, or the next, nothing is sent there."),
        V(
            "META_PHONE_NUMBER_ID",
            "The id of the number that messages come from (not the number).",
            "",
            checks.number(1, whole=True),
        ),
        V("META_BASE_URL", "Another address of the same API.", "https://graph.facebook.com/v23.0", web),
        V("META_APP_SECRET", "Signs Meta's webhooks; without it, or the next, they are not taken."),
        V("META_VERIFY_TOKEN", "What Meta shows when the webhook's address is entered there."),
    ),
    "Fallback channel: WhatsApp through Twilio, used while Evolution is away. All of them or none.": (
        V("TWILIO_ACCOUNT_SID", "The account."),
        V("TWILIO_AUTH_TOKEN", "Its secret; it also signs Twilio's webhooks."),
        V("TWILIO_FROM", "The number that messages come from.", "+14155238886", checks.phone),
        V("TWILIO_BASE_URL", "Another address of the same API.", "https://api.twilio.com", web),
        V(
            "TWILIO_CONTENT_SIDS",
            "Twilio's names of the approved templates, by ours.",
            '{"lembrete_de_visita": "HX…"}',
        ),
        V(
            "TWILIO_WEBHOOK_URL",
            "The address that Twilio's webhooks were sent to, which it signs. Not given: as the request has it.",
            "https://unit.example.com/webhooks/twilio",
            web,
        ),
    ),
    "Alerts to the owner.": (
        V(
            "SMTP_URL",
            "Mail server for alerts and reports.",
            "smtp://user:password@host:587",
            checks.url("smtp", "smtps"),
        ),
        V("ALERT_EMAIL", "Who gets alerts and reports by e-mail.", "owner@example.com", checks.email),
        V("ALERT_WHATSAPP", "Who gets critical alerts by WhatsApp.", "+5551996921999", checks.phone),
        V("REPORT_EMAIL", "Who gets the reports, one or several with commas. Not given: ALERT_EMAIL.", ""),
        V("REPORT_DAY_AT", "When yesterday's report is sent, in the unit's time. `off`: never.", "07:30"),
        V("REPORT_WEEK_AT", "When last week's is sent, on Mondays.", "07:30"),
        V("REPORT_MONTH_AT", "When last month's is sent, on the first day of the next one.", "07:30"),
        V(
            "SERVICE_URLS",
            "Where each service listens, for the page that shows how they are. `up` knows it.",
            "ingress=http://ingress:8000,rules=http://rules:8000",
            checks.named_urls,
        ),
    ),
    "Handoffs told to another system (Chatwoot, a CRM).": (
        V("HANDOFF_WEBHOOK_URL", "Where events are posted. Not given: nowhere.", "https://crm.example.com/hook", web),
        V("HANDOFF_WEBHOOK_SECRET", "Signs them (Standard Webhooks): whsec_… in base64, or any text.", ""),
    ),
    "Front desk, the page of the unit.": (
        V(
            "FRONTDESK_URL",
            "Where the unit's people reach it, for links in Google Calendar. Not given: this machine.",
            "",
            web,
        ),
        V("FRONTDESK_USERNAME", "The first user, with the role owner.", "owner"),
        V(
            "FRONTDESK_PASSWORD",
            "The first user's first password. Not given: made at the first `up` and printed.",
            "",
            checks.long_enough(8),
        ),
        V(
            "FRONTDESK_JWT_SECRET",
            "Signs the API's tokens (HS256). Not given: made at the first `up`.",
            "",
            checks.long_enough(32),
        ),
    ),
    "The unit's facts and knowledge.": (
        V("UNIT_FILE", "Prices, hours, address, subjects.", "unit.toml", checks.file),
        V("KNOWLEDGE_DIR", "Folder of the knowledge pages (*.md).", "knowledge", checks.folder),
    ),
    "Behaviour.": (
        V(
            "BURST_WINDOW_S",
            "Seconds that further messages are waited for before a turn is answered. Not given: adaptive. "
            "0: none, and no typing delay before sending either.",
            "",
            checks.number(0, 120),
        ),
        V(
            "TURN_DEADLINE_S",
            "A turn's seconds from its closing to its proposal; a later one is answered deterministically.",
            "8",
            checks.number(0.1, 120),
        ),
        V("CHANNEL_TIMEOUT_S", "Seconds of one REST call to the channel.", "30", checks.number(0.1, 300)),
        V(
            "RESEND_AFTER_S",
            "A send whose outcome is unknown may be repeated only so many seconds after it began, and only "
            "when the channel proves that it is absent.",
            "45",
            checks.number(0),
        ),
        V(
            "CHANNEL_PER_USER_S",
            "Least seconds between messages to one person (bursts of 10 are free). 0: off.",
            "6",
            checks.number(0),
        ),
        V(
            "CHANNEL_PER_NUMBER_S",
            "Least seconds between messages from the unit's number. 0: off.",
            "0.05",
            checks.number(0),
        ),
        V(
            "RATE_LIMIT_PER_HOUR",
            "Inbound messages of one number in an hour. 0: off.",
            "50",
            checks.number(0, whole=True),
        ),
        V(
            "FALLBACK_AFTER_S",
            "Seconds that Evolution is away before a fallback channel stands in.",
            "60",
            checks.number(0, 86_400),
        ),
        V("STALE_AFTER_MIN", "A draft older than so many minutes is not sent as it is.", "30", checks.positive),
        V(
            "CATCH_UP_EVERY_S",
            "Seconds between looks for messages that the channel has and we do not.",
            "60",
            checks.positive,
        ),
        V(
            "CATCH_UP_BACK_H",
            "How old, in hours, a message may be that is caught up with; an older one is left to the unit.",
            "24",
            checks.number(0, 336),
        ),
        V(
            "WEBHOOK_LIMIT_MB",
            "Largest webhook that is accepted, in MB; a larger one is answered with 413.",
            "40",
            checks.number(1, 100, whole=True),
        ),
        V(
            "WEBHOOK_MEMORY_MB",
            "MB that all webhooks being read may take together; further ones are answered with 503.",
            "120",
            checks.number(1, 2000, whole=True),
        ),
        V("CALENDAR_SYNC_S", "Seconds between imports from Google Calendar.", "60", checks.positive),
    ),
    "Running.": (
        V(
            "SECRETS_DIR",
            "A folder with a file for each secret, named like its variable in lower case.",
            "/run/secrets",
        ),
        V("ASSISTANT_HOME", "Data, logs and run state. Two homes are two systems side by side.", ".local"),
        V(
            "ASSISTANT_NOW",
            "Start the system's clock at this time (demos, tests, replays); it then ticks on.",
            "2026-11-23T10:12:00-03:00",
            checks.moment,
        ),
        V(
            "LOG_LEVEL",
            "The least level that services log.",
            "INFO",
            checks.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        ),
        V(
            "INGRESS_PORT",
            "Webhooks. A port that is given must be free; one that is not is chosen free.",
            "8000",
            checks.port,
        ),
        V("FRONTDESK_PORT", "Front desk: page and API.", "8080", checks.port),
        V("SANDBOX_PORT", "The sandbox and its WhatsApp page.", "8090", checks.port),
        V("PREPROCESSOR_PORT", "Health of this service; so the next five.", "", checks.port),
        *(
            V(f"{name}_PORT", "", "", checks.port)
            for name in ("DIALOGUE", "RULES", "LLM_GATEWAY", "CALENDAR", "POSTPROCESSOR")
        ),
    ),
    "Telemetry: the standard OpenTelemetry variables, all of which are passed on; the usual ones are": (
        V(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "Where traces and metrics go (OTLP over HTTP). Not given: traces are kept for `assistant trace` only.",
            "http://localhost:4318",
            web,
        ),
        V("OTEL_EXPORTER_OTLP_HEADERS", "Headers for it, e.g. an API key."),
        V(
            "OTEL_TRACES_SAMPLER",
            "Which traces are kept, beside those with an error or a delay: the standard's names, or parentbased_rate, "
            "so many new ones a second. always_off keeps none at all.",
            "parentbased_rate",
        ),
        V("OTEL_TRACES_SAMPLER_ARG", "The sampler's argument: a rate, or a share such as 0.1.", "5"),
        V("TRACES_URL", "Jaeger's or Tempo's API, for `assistant trace`.", "http://localhost:3200", web),
        V("OTEL_RESOURCE_ATTRIBUTES", "Further attributes.", "deployment.environment.name=production"),
    ),
    "Tests: stores to use instead of private ones.": (
        V(
            "TEST_DATABASE_URL",
            "PostgreSQL; databases named test_* are made and dropped.",
            "",
            checks.url("postgresql", "postgres"),
        ),
        V("TEST_RABBITMQ_URL", "RabbitMQ.", "", checks.url("amqp", "amqps")),
        V("TEST_REDIS_URL", "Redis.", "", checks.url("redis", "rediss", "unix")),
    ),
}
VARIABLES = {variable.name: variable for group in GROUPS.values() for variable in group}


def example() -> str:
    """Return the text of `.env.example`."""
    lines = [
        *("# Every variable, all optional. Copy to .env, or name the file: ./assistant up --env-file FILE", "#"),
        "# The environment wins over the named file, that over .env, that over the defaults. Empty counts as unset.",
        "# `./assistant doctor` checks them.",
    ]
    for title, group in GROUPS.items():
        lines += ["", "", *wrap(title, 118, initial_indent="## ", subsequent_indent="## ")]
        for variable in group:
            lines += (
                ["", *wrap(variable.meaning, 118, initial_indent="# ", subsequent_indent="# ")]
                if variable.meaning
                else []
            )
            lines.append(f"#{variable.name}={variable.default}")
    return "\n".join(lines) + "\n"
