"""`python -m chassis.healthy`: exit 0 when the service in this container is ready; its image's health check."""

import os
import sys
from urllib.error import URLError
from urllib.request import urlopen


def main() -> int:
    """Ask `/readyz` on this machine, at the port of the service, or of ingress where all run together."""
    port = os.environ.get("INGRESS_PORT") or os.environ.get("SERVICE_PORT") or "8000"
    try:
        with urlopen(f"http://127.0.0.1:{int(port)}/readyz", timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
