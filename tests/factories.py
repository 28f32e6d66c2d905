"""What tests are made of: the team's page, people who write, machines in few words, and the state
of the whole database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from capabilities import triggers
from capabilities.auditing import Author
from capabilities.authoring.definitions import Seen
from capabilities.deployment.fixtures import MODELS
from capabilities.machines.machine import Key, Machine, Transition
from capabilities.machines.notation import parse
from capabilities.models import (
    AuditEntry,
    Capability,
    Definition,
    Fleet,
    Kind,
    MachineTemplate,
    Note,
    Shelf,
)

SEED = Path(__file__).parents[1] / "capabilities" / "fixtures" / "ws-807-state-machine-audit.txt"
SEED_TEXT = SEED.read_text(encoding="utf-8")

SIMPLE, QA = "simple-run-workflow", "run-workflow-with-single-stage-qa"
LIKE_SIMPLE = (
    "null",
    "null_dag",
    "restore_cms",
    "std_cms_imaging",
    "std_restore_imaging",
    "test_download",
)
NAMES = tuple(sorted((*LIKE_SIMPLE, "std_calibration")))

SUBMITTED = Key("Start", "capability-submitted")
RESUME = Key("Queued", "resume")
COMPLETE = Key("Executing", "workflow-complete")
FAILED = Key("Executing", "workflow-failed")
PASS = Key("Awaiting QA", "qa-pass")
FAIL = Key("Awaiting QA", "qa-fail")


def editor_author(name: str = "ada") -> Author:
    """Somebody who writes on a page; every call is another request."""
    return Author(id=7, name=name, way="page")


def line(text: str) -> Transition:
    """One transition in the notation."""
    (transition,) = parse(text)
    return transition


def machine_of(*lines: str) -> Machine:
    """A machine in the notation, a line a transition."""
    return parse("\n".join(lines))


def template(slug: str) -> MachineTemplate:
    return MachineTemplate.objects.get(slug=slug)


def template_machine(slug: str) -> Machine:
    return Shelf().machine(template(slug).pk)


def definition(name: str, kind: str = Kind.CURRENT) -> Definition:
    return Definition.objects.get_by_natural_key(name, kind)


def effective(name: str, kind: str = Kind.CURRENT) -> Machine:
    """The effective machine, as it is stored now."""
    return Fleet([name]).machine(name, kind)


def seen(name: str, kind: str = Kind.CURRENT) -> Seen:
    """A definition as somebody sees it who opens its page now."""
    capability = Capability.objects.get(name=name)
    found = capability.definitions.filter(kind=kind).first()
    return Seen(capability, kind, found.version if found else 0)


def state() -> dict[str, list[dict[str, Any]]]:
    """Every row of ours, the audit's too: equal before and after when nothing was written."""
    models = apps.get_app_config("capabilities").get_models()
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models
    }


def machines() -> dict[tuple[str, str], Machine]:
    """Every effective machine of a definition, and of the machine templates by title."""
    fleet = Fleet()
    shelf = fleet.shelf
    return {
        **{key: fleet.machine(*key) for key in fleet.definitions},
        **{("", each.title): shelf.machine(pk) for pk, each in shelf.templates.items()},
    }


def notes() -> dict[tuple[str, str, str], list[tuple[str, str, str]]]:
    """Every note in its order, by the machine that it is on."""
    found: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
    for note in Note.objects.order_by("position"):
        capability, kind, slug, _ = note.natural_key()
        found.setdefault((capability, kind, slug), []).append((note.text, note.source, note.event))
    return found


def last_entries(since: int = 0) -> list[AuditEntry]:
    """The audit entries after `since`, in their order."""
    return list(AuditEntry.objects.filter(sequence__gt=since).order_by("sequence"))


def head() -> int:
    """The number of audit entries."""
    return AuditEntry.objects.count()


def emptied() -> None:
    """Take everything of ours out of the database, as if it were a new one."""
    MachineTemplate.objects.update(over=None)
    for model in reversed(MODELS):
        model._default_manager.all().delete()


@contextmanager
def undone() -> Iterator[None]:
    """Do something to the database and take it back: one example of many in one test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def tampering() -> Iterator[None]:
    """Do what the audit's triggers refuse, as somebody can who may change the tables."""
    triggers.remove(connection, triggers.AUDIT)
    yield
    triggers.install(connection, triggers.AUDIT)


def local_environment(folder: Path) -> dict[str, str]:
    """The environment of a process that is a local start with its data in `folder`."""
    ours = ("DATABASE_URL", "SECRET_KEY", "AUDIT_KEY", "AUDIT_CHECKPOINT", "CACHE_URL")
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "SMADMIN_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "smadmin.settings",
    }
