"""Decisions on what is different in the team's page: all of it in std_calibration."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from capabilities.authoring import deviations, overrides
from capabilities.machines.deviations import Standing
from capabilities.machines.machine import Key
from capabilities.models import Capability, Deviation, Fleet, Kind, Note, deviations_of

from .factories import COMPLETE, FAIL, PASS, editor_author, line
from .factories import seen as seen_definition

NAME = "std_calibration"
INGESTED, NOT_INGESTED = Key("Ingesting", "workflow-complete"), Key("Ingesting", "workflow-failed")
PLANNED: dict[str, Any] = {"state": "planned", "ticket": "WS-812", "owner": "ada"}


def capability() -> Capability:
    return Capability.objects.get(name=NAME)


def standings(today: date | None = None) -> dict[Key, Standing]:
    """How each difference stands, by its key."""
    found = deviations_of(Fleet(), today or timezone.now().date())
    assert {name for name, each in found.items() if each} <= {NAME}
    return {each.key: each for each in found[NAME]}


def seen(key: Key) -> str:
    """The difference as somebody sees it who opens the page now."""
    return standings()[key].seen


def decided(key: Key = COMPLETE, **said: Any) -> Deviation:
    """Somebody decides; without `said`, that it is planned."""
    words: dict[str, Any] = {"by": editor_author(), **PLANNED, **said}
    words.setdefault("capability", Capability.objects.filter(name=NAME).first())
    if "seen" not in words:
        words["seen"] = seen(key)
    return deviations.decide(key=key, **words)


def decide_some() -> None:
    """One decision overdue, one accepted, one blocked, one reopened, and one that closed."""
    today, by = timezone.now().date(), editor_author()
    decided(COMPLETE, until=today, reason="With the release of the next month.")
    yesterday = today - timedelta(days=1)
    Deviation.objects.update(until=yesterday)  # nobody can decide that
    later = today + timedelta(days=90)
    decided(PASS, state="accepted", ticket="", until=later, reason="Nobody looks at it.")
    question = Note.objects.filter(capability=capability(), is_question=True).first()
    decided(FAIL, state="blocked", ticket="", owner="bea", question=question)
    for key in (INGESTED, NOT_INGESTED):
        decided(key)
    transition = line(f"{INGESTED} {{SendMessage execution_complete}} -> [Failed]")
    ideal = seen_definition(NAME, Kind.IDEAL)
    overrides.put(definition=ideal, key=INGESTED, transition=transition, by=by)
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=NOT_INGESTED, by=by)
