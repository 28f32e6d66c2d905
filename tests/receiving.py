"""A receiver of webhooks on this machine, which answers as it is told and keeps what came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from capabilities.authoring import webhooks
from capabilities.models import Delivery, EventType, Webhook

from .factories import editor_author

HOST = "127.0.0.1"


@dataclass
class Receiver:
    """Answers with the next of `statuses`, the last one for ever; `came` is what was posted."""

    statuses: list[int] = field(default_factory=lambda: [204])
    came: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    location: str = ""
    drips: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/hook?token=abc"

    def answer(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """Listen on some port while this lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            receiver.came.append((self.path, dict(self.headers), body))
            if receiver.drips:
                return self.drip()
            self.send_response(receiver.answer())
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.end_headers()
            return None

        def drip(self) -> None:
            """A byte of a header now and then, for longer than anybody should wait."""
            try:
                self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                for _ in range(100):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                return  # the sender hung up, as it should

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def webhook(url: str = "https://example.org/hook", title: str = "Chat", **words: Any) -> Webhook:
    """A webhook that is told of everything."""
    given = {"events": EventType.values, "by": editor_author("rel"), **words}
    return webhooks.add(title=title, url=url, **given)


def attempted(made: Webhook, status: int | None = 204, problem: str = "") -> Delivery:
    """A message to it that was tried once."""
    delivery = webhooks.send_test(webhook=made, by=editor_author("rel"))
    webhooks.record_attempt(
        delivery=delivery, at=delivery.created_at, status=status, problem=problem, milliseconds=7
    )
    return delivery
