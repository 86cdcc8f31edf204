"""A web application in a thread of its own, for tests that speak to it over HTTP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn


@contextmanager
def served(app: Any, lifespan: Literal["auto", "on", "off"] = "auto") -> Iterator[str]:
    """Serve an ASGI application on a free port; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        interface="asgi3",
        lifespan=lifespan,
        log_level="error",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,  # longer than clients do: none meets a connection that is just being closed
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        assert not thread.is_alive()  # noqa: S101  # a test's own
