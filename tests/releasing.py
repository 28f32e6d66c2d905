"""Releases of the team's page."""

from typing import Any

from capabilities.authoring import releases, texts
from capabilities.machines.notation import render
from capabilities.models import Capability, Deployment, Kind, Release

from .factories import editor_author, effective, seen

NAME = "std_calibration"
WARNINGS = {
    ("completion-before-qa", NAME): "As it has always been.",
    ("qa-outcome-without-action", NAME): "",
}
"""What the checks warn of in the current machines of the team's page."""

OF_IDEAL = {("workflow-not-started", NAME): "", ("unknown-notification", NAME): ""}


def released(title: str = "The first", **given: Any) -> Release:
    """Somebody releases every current machine, with every warning acknowledged."""
    words: dict[str, Any] = {
        "capabilities": list(Capability.objects.all()),
        "acknowledged": {**WARNINGS, **OF_IDEAL},
        "by": editor_author("rel"),
        **given,
    }
    return releases.release(title=title, **words)


def deployed(release: Release | None = None, environment: str = "dev") -> Deployment:
    """Somebody records a deployment, of a first release if of none."""
    made = release or released()
    return releases.deploy(release=made, environment=environment, by=editor_author("rel"))


def adopt_ideal() -> None:
    """Have the current machine of std_calibration be its ideal one."""
    texts.save(definition=seen(NAME), text=render(effective(NAME, Kind.IDEAL)), by=editor_author())
