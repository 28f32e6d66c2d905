"""What a dump is compared with: the current machines, or a release, perhaps an environment's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..machines.drift import TypedMachine
from ..models import Environment, Kind, Release, present_deployments
from .mapping import RowMapping
from .workspaces import machines_of, machines_released

CURRENT = "current"
_RELEASE = re.compile(r"release-([1-9][0-9]{0,8})\Z")

Choices = list[tuple[str, str | list[tuple[str, str]]]]
"""Names and their labels, some of them in groups, as a form takes them."""


class UnknownAgainstError(LookupError):
    """There is nothing of that name to compare a dump with."""


@dataclass(frozen=True)
class Against:
    """The machines that should be deployed. A release says nothing of those that it does not have.

    `name` is the one by which `read_against` finds it, `title` tells it in a sentence.
    """

    name: str
    title: str
    machines: Mapping[str, TypedMachine]
    release: int | None = None
    environment: str = ""

    def tells_of(self, capability: str) -> bool:
        """Whether it says what should be deployed of a capability, if only that nothing should."""
        return self.release is None or capability in self.machines

    @property
    def plain(self) -> dict[str, object]:
        """It for JSON. What is not there is None."""
        return {
            "title": self.title,
            "release": self.release,
            "environment": self.environment or None,
        }


def of_release(number: int) -> str:
    """The name by which a release is found."""
    return f"release-{number}"


def read_against(name: str, mapping: RowMapping) -> Against:
    """Find what a name stands for: `current`, `release-3`, or an environment, for what is deployed
    there. Raises UnknownAgainstError, saying what is missing.
    """
    if name == CURRENT:
        return Against(name, "the current machines", machines_of(mapping=mapping))
    environment = name if name in Environment.values else ""
    number = _deployed(environment) if environment else _number(name)
    release = Release.objects.prefetch_related("machines").filter(number=number).first()
    if release is None:
        raise UnknownAgainstError(f"There is no release {number}.")
    is_ideal = any(each.kind == Kind.IDEAL for each in release.machines.all())
    ideal = "the ideal machines of " if is_ideal else ""
    deployed = f", which is in {environment}" if environment else ""
    return Against(
        name,
        f"{ideal}release {number} “{release.title}”{deployed}",
        machines_released(release, mapping),
        number,
        environment,
    )


def choices() -> Choices:
    """Everything that a dump can be compared with."""
    found: Choices = [(CURRENT, "the current machines")]
    deployed = [
        (each.environment, f"{each.environment}: release {each.release_id}")
        for each in present_deployments()
    ]
    titles = Release.objects.order_by("-number").values_list("number", "title")
    released = [(of_release(number), f"release {number}: {title}") for number, title in titles]
    found += [("What is deployed there last", deployed)] if deployed else []
    found += [("A release", released)] if released else []
    return found


def _deployed(environment: str) -> int:
    for each in present_deployments():
        if each.environment == environment:
            return each.release_id
    raise UnknownAgainstError(f"No release is deployed in {environment}.")


def _number(name: str) -> int:
    if found := _RELEASE.match(name):
        return int(found[1])
    if name.startswith("release-"):
        raise UnknownAgainstError(f"There is no release {name.removeprefix('release-')}.")
    known = ", ".join([CURRENT, "release-1", *Environment.values])
    raise UnknownAgainstError(f"“{name}” is nothing to compare with; expected one of {known}.")
