"""The command line on stand-ins: `python dummy_cli.py up --detach` runs three dummies instead of the services."""

import signal

from assistant import services

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background may ignore it
NAMES = ("ingress", "calendar", "frontdesk")
services.SERVICES = tuple(services.Service(name, "dummy_service") for name in NAMES)

from assistant.cli import app  # noqa: E402  # it reads SERVICES when it is imported

app(prog_name="assistant")
