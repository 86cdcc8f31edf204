"""``python -m sandbox``."""

import uvicorn

from sandbox.app import build_app
from sandbox.settings import Settings


def main() -> None:
    """Serve until stopped. No access log: its lines would carry phone numbers."""
    settings = Settings()
    uvicorn.run(
        build_app(settings),
        host=settings.sandbox_host,
        port=settings.sandbox_port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
