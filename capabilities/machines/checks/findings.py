"""What a check looks at, and what it says."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ..machine import Action, Key, Machine, Transition
from ..vocabulary import Vocabulary
from .rule import Rule, Severity
from .rules import RULES


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says about a machine; `key` is the transition that it is about, if any."""

    code: str
    message: str
    key: Key | None = None
    suggestion: str = ""
    name: str = field(default="", compare=False)
    """The name that is not registered; the message tells it too."""

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    @property
    def severity(self) -> Severity:
        return self.rule.severity


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check looks at: a bound machine, its capability, and the known names.

    `unused` are parameters that have a value and that no transition takes.
    """

    machine: Machine
    capability: str
    vocabulary: Vocabulary
    unused: tuple[str, ...] = ()
    requires_qa: bool = False

    @property
    def actions(self) -> Iterator[tuple[Transition, Action]]:
        """Every action with its transition."""
        return ((each, action) for each in self.machine for action in each.actions)


Check = Callable[[Subject], Iterable[Finding]]
