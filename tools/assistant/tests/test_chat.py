"""`assistant chat`: what is typed goes to the sandbox, whatever it is."""

import io
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from assistant.commands import looking
from assistant.home import Home
from assistant.plan import Plan
from typer import Exit

PHONE = "+5551988887777"


@pytest.fixture
def told() -> list[dict[str, str]]:
    """What the sandbox was told."""
    return []


@pytest.fixture
def home(tmp_path: Path, told: list[dict[str, str]]) -> Iterator[Home]:
    """An installation whose sandbox takes messages of one phone."""

    class Sandbox(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, {"items": []})

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["content-length"])))
            told.append(message)
            self.answer(200 if message["phone"] == PHONE else 422, {})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            pass

    home = Home(tmp_path, tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Sandbox) as server:
        threading.Thread(target=server.serve_forever).start()
        Plan(ports={"sandbox": server.server_port}).write(home)
        yield home
        server.shutdown()


def typed(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))


def test_bytes_that_are_no_text_go_as_the_sign_for_it(
    home: Home, told: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(b"oi \xff\n", monkeypatch)
    looking.chat(home, PHONE)
    assert [message["text"] for message in told] == ["oi \N{REPLACEMENT CHARACTER}"]


def test_what_is_no_phone_is_said_to_be_none(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(b"oi\n", monkeypatch)
    with pytest.raises(Exit):
        looking.chat(home, "nonsense")
    assert "the sandbox refuses that (422); is nonsense a phone number?\n" in capsys.readouterr().err
