import os
import secrets
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any

import waitress
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db import transaction

from ... import sending
from ...auditing import Author
from ...authoring import imports, shipped
from ...models import Capability, MachineTemplate
from ..base import MachineCommand

SEED = Path(__file__).parents[2] / "fixtures" / "ws-807-state-machine-audit.txt"
HOST = "127.0.0.1"
THREADS = 8


class Command(MachineCommand):
    help = (
        "Start here: bring the database up to date, import the team's page into an empty one, make "
        "a first account if there is none, serve on this machine alone and open the browser. "
        "What is stored stays."
    )
    example = "  manage.py up --port 8001 --no-browser"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="8000 unless said otherwise")
        parser.add_argument("--no-browser", action="store_true", help="do not open the browser")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        _require_free(port)
        call_command("migrate", verbosity=0, interactive=False)
        self._import_seed()
        self._make_account()
        address = f"http://{HOST}:{port}/"
        server = waitress.create_server(
            get_wsgi_application(), host=HOST, port=port, threads=THREADS
        )
        self.say(f"smadmin is at {address}  (Ctrl+C ends it)")
        self.stdout.flush()
        if not options["no_browser"] and _has_screen():
            threading.Timer(0.5, webbrowser.open, [address]).start()
        sending.wake()  # for what waited when it ended the last time
        server.run()  # returns at Ctrl+C
        self.say("Ended.")

    def _import_seed(self) -> None:
        if Capability.objects.exists() or MachineTemplate.objects.exists():
            return
        by = Author.of_command("up")
        with transaction.atomic():
            plan = imports.run(text=SEED.read_text(encoding="utf-8"), source=SEED.name, by=by)
            added = shipped.add_two_stage_qa(by=by)
        names = {each.name for each in plan.planned if each.subject == "definition"}
        self.say(f"Imported {SEED.name}: {len(names)} capabilities. Added “{added}”.")

    def _make_account(self) -> None:
        users = get_user_model()
        if users.objects.exists():
            return
        password = secrets.token_urlsafe(12)
        users.objects.create_superuser("admin", password=password)
        self.say("Made the first account. Keep its password, it is shown only now:")
        self.say("  name      admin")
        self.say(f"  password  {password}")


def _require_free(port: int) -> None:
    """Raise CommandError when the port cannot be listened at."""
    if not 0 < port < 65536:
        raise CommandError(f"There is no port {port}; choose one from 1 to 65535.")
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if port < 65535 else 8000
            raise CommandError(
                f"Port {port} cannot be used ({error}). Is smadmin running already? "
                f"Else choose another: manage.py up --port {other}"
            ) from error


def _has_screen() -> bool:
    """Whether a browser window can open; a terminal browser would take this terminal over."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
