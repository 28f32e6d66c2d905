"""`manage.py up`: a real process, from nothing to a signed-in page, and once more."""

import http.cookiejar
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import waitress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from capabilities.authoring import capabilities
from capabilities.models import Capability, MachineTemplate

from ..factories import editor_author, emptied, local_environment
from .running import run

pytestmark = pytest.mark.django_db


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(folder: Path, port: int) -> Iterator[list[str]]:
    """The product, started with `folder` for its data; gives the lines that it prints.

    Ends it as Ctrl+C does, and checks that it ends well.
    """
    process = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "up", "--no-browser", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env=local_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell's background jobs, which these tests may be, ignore Ctrl+C, and so their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("smadmin is at"):
                break
        wait_until_it_answers(f"http://127.0.0.1:{port}/healthz")
        yield lines
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
        lines += rest.splitlines()
        assert process.returncode == 0, lines
        assert "Traceback" not in "\n".join(lines)
    finally:
        process.kill()
        process.wait()


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310  # our own http address
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


class Visitor:
    """A browser's cookies and forms, and nothing else of it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def get(self, path: str) -> tuple[str, str]:
        """The address that it led to, and the page."""
        with self.opener.open(f"{self.address}{path}", timeout=5) as answer:
            return answer.url.removeprefix(self.address), answer.read().decode()

    def sign_in(self, name: str, password: str) -> tuple[str, str]:
        path, page = self.get("/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        fields = {
            "username": name,
            "password": password,
            "csrfmiddlewaretoken": token[1],
            "next": "/",
        }
        request = urllib.request.Request(  # noqa: S310
            f"{self.address}{path}",
            data=urllib.parse.urlencode(fields).encode(),
            headers={"Referer": f"{self.address}{path}"},
        )
        with self.opener.open(request, timeout=5) as answer:
            return answer.url.removeprefix(self.address), answer.read().decode()


def test_the_first_start_makes_everything_and_the_second_one_keeps_it(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as lines:
        assert lines[0] == (
            "Imported ws-807-state-machine-audit.txt: 7 capabilities. "
            "Added “Run-workflow with two-stage QA”."
        )
        assert lines[1] == "Made the first account. Keep its password, it is shown only now:"
        assert lines[2] == "  name      admin"
        password = lines[3].removeprefix("  password  ")
        assert len(password) >= 16
        assert lines[4] == f"smadmin is at http://127.0.0.1:{port}/  (Ctrl+C ends it)"
        visitor = Visitor(port)
        assert visitor.get("/healthz")[0] == "/healthz"
        path, page = visitor.get("/")
        assert path == "/admin/login/?next=/"
        assert "std_calibration" not in page
        path, page = visitor.sign_in("admin", "not the password")
        assert path.startswith("/admin/login/")
        path, page = visitor.sign_in("admin", password)
        assert path == "/"
        assert "std_calibration" in page
        path, page = visitor.get("/machine-templates/run-workflow-with-two-stage-qa/")
        assert "Awaiting second QA" in page
        # Whoever else is on the network has nothing to do with it.
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address_of_this_machine(), port), timeout=1)
    assert lines[-1] == "Ended."
    assert (tmp_path / "smadmin.sqlite3").exists()
    for key in ("secret-key", "audit-key"):
        assert (tmp_path / key).stat().st_mode & 0o077 == 0
    with started(tmp_path, port) as lines:
        assert lines == [f"smadmin is at http://127.0.0.1:{port}/  (Ctrl+C ends it)"]
        path, page = Visitor(port).sign_in("admin", password)
        assert path == "/"
        assert "std_calibration" in page


def address_of_this_machine() -> str:
    """Another address than the loopback's, as far as there is one: never listened at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.2"
        address: str = probe.getsockname()[0]
        return address if not address.startswith("127.") else "127.0.0.2"


class _Server:
    def run(self) -> None:
        """Ends at once."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything but serving itself; the addresses that a browser was opened at."""
    opened: list[str] = []
    monkeypatch.setattr(waitress, "create_server", lambda *_, **__: _Server())
    monkeypatch.setattr(webbrowser, "open", opened.append)
    return opened


def test_a_port_in_use_is_refused_before_anything_is_written() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run("up", "--port", str(port), "--no-browser")
    assert ran.code == 2
    assert ran.refusal.startswith(f"Port {port} cannot be used (")
    assert ran.refusal.endswith(
        f"Is smadmin running already? Else choose another: manage.py up --port {port + 1}"
    )
    assert not Capability.objects.exists()


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
def test_a_port_that_there_is_not_is_refused(port: str) -> None:
    ran = run("up", "--port", port, "--no-browser")
    assert ran.code == 2
    assert ran.refusal == f"There is no port {port}; choose one from 1 to 65535."
    assert not Capability.objects.exists()


def test_data_of_one_s_own_is_not_added_to(served: list[str]) -> None:
    capabilities.add(name="vlass", machine_template=None, by=editor_author())
    get_user_model().objects.create_user("ada", password="x")
    ran = run("up", "--port", str(free_port()), "--no-browser")
    assert ran.code == 0
    assert "Imported" not in ran.out
    assert not MachineTemplate.objects.exists()
    assert "password" not in ran.out
    assert list(Capability.objects.values_list("name", flat=True)) == ["vlass"]
    assert get_user_model().objects.count() == 1


def test_the_password_is_another_one_each_time_and_opens_the_account(served: list[str]) -> None:
    passwords = []
    for _ in range(2):
        ran = run("up", "--port", str(free_port()), "--no-browser")
        match = re.search(r"password  (\S+)", ran.out)
        assert match
        passwords.append(match[1])
        user = get_user_model().objects.get()
        assert user.check_password(match[1])
        assert user.is_superuser
        user.delete()
        emptied()
    assert passwords[0] != passwords[1]


def test_the_browser_is_opened_unless_told_not_to_or_there_is_no_screen(
    served: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class AtOnce:
        def __init__(self, _: float, call: object, arguments: list[str]) -> None:
            self.start = lambda: call(*arguments)  # type: ignore[operator]

    monkeypatch.setattr(threading, "Timer", AtOnce)
    monkeypatch.setenv("DISPLAY", ":0")
    port = free_port()
    call_command("up", "--port", str(port), "--no-browser")
    assert served == []
    call_command("up", "--port", str(port))
    assert served == [f"http://127.0.0.1:{port}/"]
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    call_command("up", "--port", str(port))
    assert len(served) == 1
