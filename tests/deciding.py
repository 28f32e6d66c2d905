"""Decisions on what is different in the team's page: all of it in std_calibration."""

from datetime import date
from typing import Any

from django.utils import timezone

from capabilities.authoring import deviations
from capabilities.machines.deviations import Standing
from capabilities.machines.machine import Key
from capabilities.models import Capability, Deviation, Fleet, deviations_of

from .factories import COMPLETE, editor_author

NAME = "std_calibration"
INGESTED, NOT_INGESTED = Key("Ingesting", "workflow-complete"), Key("Ingesting", "workflow-failed")
PLANNED = {"state": "planned", "ticket": "WS-812", "owner": "ada"}


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
