"""AsyncAPI 3 documents of the services: `python -m chassis.asyncapi FOLDER [--check] PACKAGE…`.

Written from the code that runs, so that they cannot say anything else; `--check` compares instead (exit code 1 when
a document is out of date).
"""

import argparse
import json
import os
import sys
from pathlib import Path

from chassis.together import build

# Building a service connects to nothing; these only satisfy its settings.
_NOWHERE = {
    "RABBITMQ_URL": "amqp://localhost/",
    "DATABASE_URL": "postgresql://localhost/",
    "REDIS_URL": "redis://localhost/",
    "EVOLUTION_URL": "http://localhost/",
    "EVOLUTION_API_KEY": "documentation",
    "EVOLUTION_WEBHOOK_SECRET": "documentation",
    "FRONTDESK_JWT_SECRET": "documentation-documentation-documentation",
    "FRONTDESK_USERNAME": "documentation",
    "FRONTDESK_PASSWORD": "documentation",
}


def document(package: str) -> str:
    """Return a service's document as indented JSON."""
    return json.dumps(build(package).transport.specification(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    """Write or check the documents; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    for name, value in _NOWHERE.items():
        os.environ.setdefault(name, value)
    stale = 0
    for package in arguments.packages:
        file: Path = arguments.folder / f"{package.removesuffix('_service').replace('_', '-')}.json"
        wanted = document(package)
        if arguments.check and (not file.exists() or file.read_text() != wanted):
            sys.stderr.write(f"{file} is out of date: python -m chassis.asyncapi {arguments.folder} {package}\n")
            stale += 1
        elif not arguments.check:
            file.write_text(wanted)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
