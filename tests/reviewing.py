"""Change requests of the team's page: the ideal of std_calibration, proposed by ada."""

from collections.abc import Collection
from typing import Any

from capabilities.auditing import Author
from capabilities.authoring import review
from capabilities.machines.diff import diff
from capabilities.machines.machine import Key
from capabilities.machines.review import State
from capabilities.models import Capability, ChangeRequest, Kind, Review

from .factories import effective

NAME = "std_calibration"
ADA = Author(id=101, name="ada", way="page")
BEA = Author(id=102, name="bea", way="page")
CAL = Author(id=103, name="cal", way="page")
"""Who proposes, who reviews, and somebody else."""


def keys(name: str = NAME) -> list[Key]:
    """Where current and ideal differ."""
    return [each.key for each in diff(effective(name), effective(name, Kind.IDEAL))]


def proposed(chosen: Collection[Key] | None = None, **said: Any) -> ChangeRequest:
    """Ada proposes the chosen differences, or all."""
    words = {"title": "QA as it should be", "words": "As agreed.", "ticket": "WS-807", **said}
    capability = Capability.objects.get(name=NAME)
    wanted = keys() if chosen is None else chosen
    return review.propose(capability=capability, keys=wanted, **{"by": ADA, **words})


def approved(chosen: Collection[Key] | None = None) -> ChangeRequest:
    """Ada proposes, and Bea approves."""
    request = proposed(chosen)
    review.approve(request=request, seen=seen(request), by=BEA)
    return request


def applied() -> ChangeRequest:
    """Ada proposes, Bea approves, and Cal applies it."""
    request = approved()
    review.apply(request=request, seen=seen(request), by=CAL)
    return request


def seen(request: ChangeRequest) -> str:
    """The digest of what is proposed, as somebody sees it who opens the page now."""
    return Review(request).digest


def state_of(request: ChangeRequest) -> State:
    return Review(request).state
