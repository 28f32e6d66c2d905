"""One signed message, sent by POST to an address that it may go to.

The name of a host is looked up once; the connection goes to the address that was checked, so no
later answer of a name server leads elsewhere. Redirects are not followed, no proxy is asked, and
nothing of an answer is kept but its status: a webhook is no window into another network.
"""

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult

from django.core.exceptions import ValidationError
from standardwebhooks import Webhook as Signer

from ..models.addresses import is_named_host, is_public, split_url

SECONDS = 10
"""How long a receiver may take for all of its answer, and a connection to come about."""

_READ = 64 * 1024  # bytes of an answer that are taken from the connection and thrown away


@dataclass(frozen=True)
class Answer:
    """What came of it: the status of the answer, or the problem that there was none."""

    status: int | None
    problem: str
    milliseconds: int


class UnreachableError(Exception):
    """It was not sent; the text says why, in words that tell nothing of other networks."""


def headers_of(message_id: str, body: str, secret: str, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: an id, when it is sent, and the signature of all of it.

    `at` is in UTC; receivers refuse what is older than some minutes.
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(message_id, at, body),
    }


def post(url: str, body: str, headers: dict[str, str]) -> Answer:
    """Send it and wait for the status; never raises, whatever happens there."""
    started = time.monotonic()
    status, problem = None, ""
    try:
        status = _status_of(split_url(url), body.encode(), headers)
        if 300 <= status < 400:
            problem = "It answered with a redirect, which is not followed."
        elif not 200 <= status < 300:
            problem = "It did not accept the message."
    except UnreachableError as error:
        problem = str(error)
    except ValidationError as error:
        problem = " ".join(error.messages)
    except ssl.SSLCertVerificationError as error:
        problem = f"Its certificate is not valid: {error.verify_message}."
    except ssl.SSLError:
        problem = "It does not speak TLS as it should."
    except TimeoutError:
        problem = f"It did not answer within {SECONDS} seconds."
    except ConnectionRefusedError:
        problem = "Nothing listens there."
    except (OSError, http.client.HTTPException, ValueError):
        problem = "The connection broke, or the answer is none."
    return Answer(status, problem, int((time.monotonic() - started) * 1000))


def _status_of(parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    held = [socket.create_connection((_address(host, port), port), timeout=SECONDS)]
    is_late = threading.Event()

    def hang_up() -> None:
        is_late.set()
        with suppress(OSError):
            held[-1].shutdown(socket.SHUT_RDWR)

    # A receiver that sends a byte now and then must not hold the sender for ever.
    limit = threading.Timer(SECONDS, hang_up)
    limit.start()
    try:
        if is_secure:
            secured = ssl.create_default_context().wrap_socket(
                held[0], server_hostname=host, do_handshake_on_connect=False
            )
            held.append(secured)
            secured.do_handshake()
        return _exchanged(held[-1], parts, body, headers)
    finally:
        limit.cancel()
        held[-1].close()
        if is_late.is_set():
            raise TimeoutError


def _exchanged(
    sock: socket.socket, parts: SplitResult, body: bytes, headers: dict[str, str]
) -> int:
    connection = http.client.HTTPConnection(parts.hostname or "")
    connection.sock = sock  # so it connects to nothing by itself
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    told = {
        "Host": parts.netloc,
        "User-Agent": "smadmin-webhooks",
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",
        **headers,
    }
    connection.request("POST", target, body=body, headers=told)
    response = connection.getresponse()
    response.read(_READ)
    return response.status


def _address(host: str, port: int) -> str:
    """Where the host is. Raises UnreachableError where that is no place to send anything to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnreachableError(f"There is no host {host}.") from error
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    if not is_named_host(host) and not all(map(is_public, addresses)):
        told = "is not on the public internet; WEBHOOK_HOSTS can allow it by name."
        raise UnreachableError(f"{host} {told}")
    return addresses[0]
