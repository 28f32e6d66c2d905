"""Long imports: a thread of the process that took the text does one, and tells of it in the cache.

Nothing of it is stored before its end, which is one transaction. So it can be cancelled, and a
process that dies leaves nothing behind. A plan, which is never stored, is made in a copy of the
database where it would keep others from writing. Several processes know of each other's imports
when they share a cache (CACHE_URL).
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection

from .auditing import Author
from .authoring import imports
from .authoring.plans import READING, Plan
from .models import AuditEntry
from .private_copy import private_copy

KEPT = 60 * 60  # seconds for which the cache keeps what is told of an import, and its text
GONE = 15  # seconds without a sign of life, after which the process that did it has died
TICK = 1.0  # seconds between two signs of life
OFTEN = 0.2  # seconds between two looks at whether it is to be cancelled
CHARACTERS = 60  # of a line, for the length of a text in long lines

logger = logging.getLogger(__name__)
cache = caches["imports"]


class State(StrEnum):
    """How far an import is. All but the first are its end."""

    RUNNING = "running"
    PLANNED = "planned"
    IMPORTED = "imported"
    REFUSED = "refused"
    OUTDATED = "outdated"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True)
class Import:
    """A long import: whose it is, what it is to do, and how far it is.

    `head` is the plan's that is to be carried out; without it, this makes the plan. `plan` is there
    at the end, unless it was imported by a process that died right after.
    """

    id: str
    text: str
    source: str
    message: str
    head: int | None
    by: Author
    what: str = READING
    done: int = 0
    total: int = 0
    state: State = State.RUNNING
    plan: Plan | None = None
    cancelling: bool = False

    @property
    def lines(self) -> int:
        return _lines(self.text)

    @property
    def is_running(self) -> bool:
        return self.state is State.RUNNING


class CancelledError(Exception):
    """Somebody cancelled the import."""


def is_long(text: str) -> bool:
    """Whether a text takes so long that nobody should wait for the answer to a request."""
    most: int = settings.IMPORT_LONG_LINES
    return len(text) > most * CHARACTERS or _lines(text) > most


def begin(*, text: str, source: str, head: int | None = None, message: str = "", by: Author) -> str:
    """Begin to carry out the plan of that `head`, or to make one without it; return its id."""
    work = Work(Import(uuid.uuid4().hex, text, source, message, head, by))
    work.tell()
    in_background(work.run)
    return work.now.id


def find(id: str, *, user: int) -> Import | None:
    """The import of that id as it is now, if it is this person's and still known."""
    found: Import | None = cache.get(_key(id))
    if found is None or found.by.id != user:
        return None
    found = replace(found, text=cache.get(_key(id, "text"), ""))
    if not found.is_running:
        return found
    if cache.get(_key(id, "alive")):
        return replace(found, cancelling=bool(cache.get(_key(id, "cancel"))))
    # It may have died after it had stored everything, before it could tell.
    stored = AuditEntry.objects.filter(request=found.by.request).exists()
    return replace(found, state=State.IMPORTED if stored else State.LOST)


def cancel(id: str) -> None:
    """Have an import end before it has stored anything, if it is not too late."""
    cache.set(_key(id, "cancel"), True, KEPT)


def in_background(run: Callable[[], None]) -> None:
    """Run it in a thread that ends with the process."""
    threading.Thread(target=run, daemon=True).start()


class Work:
    """One import being done, and what is told of it."""

    def __init__(self, begun: Import) -> None:
        self.text = begun.text
        self.now = replace(begun, text="")  # the text is long, and stays what it is
        self.looked = 0.0
        self.over = threading.Event()
        cache.set(_key(begun.id, "text"), begun.text, KEPT)

    def tell(self) -> None:
        cache.set(_key(self.now.id), self.now, KEPT)
        cache.set(_key(self.now.id, "alive"), True, GONE)

    def run(self) -> None:
        ticker = threading.Thread(target=self._tick, daemon=True)
        ticker.start()
        try:
            state, plan = self._outcome()
        finally:
            self.over.set()
            ticker.join()
        self.now = replace(self.now, state=state, plan=plan)
        self.tell()

    def _tick(self) -> None:
        """Give signs of life, also while one query or the reading of the text takes long."""
        while not self.over.wait(TICK):
            self.tell()

    def _watch(self, what: str, done: int, total: int) -> None:
        self.now = replace(self.now, what=what, done=done, total=total)
        if time.monotonic() - self.looked >= OFTEN or not total:
            self.looked = time.monotonic()
            self.tell()
            if cache.get(_key(self.now.id, "cancel")):
                raise CancelledError

    def _outcome(self) -> tuple[State, Plan | None]:
        now = self.now
        try:
            if now.head is None:
                with private_copy():
                    plan = imports.plan(
                        text=self.text, source=now.source, watch=self._watch, by=now.by
                    )
                return State.REFUSED if plan.mistakes else State.PLANNED, plan
            plan = imports.run(
                text=self.text,
                source=now.source,
                head=now.head,
                watch=self._watch,
                message=now.message,
                by=now.by,
            )
            return State.IMPORTED, plan
        except imports.ImportRefusedError as refused:
            return State.REFUSED, refused.plan
        except imports.PlanOutdatedError as outdated:
            return State.OUTDATED, outdated.plan
        except CancelledError:
            return State.CANCELLED, None
        except DatabaseError:
            logger.warning("The import %s failed", now.id, exc_info=True)
            return State.FAILED, None
        except Exception:
            logger.exception("The import %s failed", now.id)
            return State.FAILED, None
        finally:
            connection.close()


def _key(id: str, part: str = "job") -> str:
    return f"import:{id}:{part}"


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))
