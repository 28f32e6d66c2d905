"""What the tables of Workspaces are called, and their columns: the one place that says so.

THIS IS AN ASSUMPTION. Upstream's public pages name the tables, and two columns of the first one,
`capability_name` and `machine_type`. The columns of the other two are published nowhere. What is
assumed here is overridden by the setting WORKSPACES, a JSON object in the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

NAME, TEXT, NUMBER = "name", "text", "number"
"""What a column holds: a name that cannot be empty, any text, a whole number."""


TITLES = ("Simple run-workflow", "Run-workflow with single-stage QA")
"""The team's titles of the machine templates that the assumed types are of."""


@dataclass(frozen=True)
class Column:
    """A column: what it is for, what it is called, what it holds."""

    role: str
    name: str
    holds: str


@dataclass(frozen=True)
class Table:
    """A table and its columns, the one that identifies a row first."""

    role: str
    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


class WrongSettingError(ImproperlyConfigured):
    """The setting WORKSPACES says something that cannot be; the message says what."""


MACHINES, TRANSITIONS, ACTIONS = "machines", "transitions", "actions"


@dataclass(frozen=True)
class RowMapping:
    """Every name; without a position, "", the rows are in the order of their ids.

    `machine_types` has upstream's name for what a machine template makes, by its slug.
    """

    machines: str = "capability_state_machines"
    machines_capability: str = "capability_name"
    machines_type: str = "machine_type"

    transitions: str = "capability_state_transitions"
    transitions_id: str = "transition_id"
    transitions_capability: str = "capability_name"
    transitions_position: str = "position"
    transitions_source: str = "source_state"
    transitions_event: str = "event_type"
    transitions_target: str = "target_state"

    actions: str = "capability_state_actions"
    actions_id: str = "action_id"
    actions_transition: str = "transition_id"
    actions_position: str = "position"
    actions_name: str = "action_name"
    actions_argument: str = "argument"

    machine_types: Mapping[str, str] = field(
        default_factory=lambda: {
            "simple-run-workflow": "SimpleStateMachine",
            "run-workflow-with-single-stage-qa": "SingleQAStateMachine",
        }
    )

    @classmethod
    def of(cls, said: object) -> "RowMapping":
        """The assumption with what is `said` instead. Raises WrongSettingError."""
        if not isinstance(said, dict):
            raise WrongSettingError(
                "WORKSPACES is no JSON object; expected one of names, such as "
                '{"transitions_source": "from_state"}.'
            )
        known = [each.name for each in fields(cls)]
        for name, value in said.items():
            if name not in known:
                raise WrongSettingError(
                    f"WORKSPACES has no “{name}”; expected one of {', '.join(known)}."
                )
            texts = [*value, *value.values()] if isinstance(value, dict) else [value]
            is_kind = isinstance(value, dict) == (name == "machine_types")
            if not is_kind or not all(isinstance(each, str) for each in texts):
                raise WrongSettingError(
                    f"WORKSPACES says {value!r} for “{name}”; expected a name, and for "
                    "“machine_types” an object of names."
                )
            if not (all(texts) or name.endswith("_position")):
                raise WrongSettingError(f"WORKSPACES leaves “{name}” empty.")
        found = cls(**said)
        for names in (
            [table.name for table in found.tables],
            *(table.names for table in found.tables),
        ):
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise WrongSettingError(f"WORKSPACES gives the name “{twice}” twice.")
        return found

    @property
    def tables(self) -> tuple[Table, Table, Table]:
        """The three tables, each after those that its rows name."""
        return (
            self._table(MACHINES, capability=NAME, type=TEXT),
            self._table(
                TRANSITIONS,
                id=NUMBER,
                capability=NAME,
                position=NUMBER,
                source=NAME,
                event=NAME,
                target=NAME,
            ),
            self._table(
                ACTIONS, id=NUMBER, transition=NUMBER, position=NUMBER, name=NAME, argument=TEXT
            ),
        )

    def _table(self, role: str, **columns: str) -> Table:
        named = [(each, getattr(self, f"{role}_{each}"), columns[each]) for each in columns]
        return Table(role, getattr(self, role), tuple(Column(*each) for each in named if each[1]))


def configured() -> RowMapping:
    """The mapping of this installation. Raises WrongSettingError."""
    return RowMapping.of(settings.WORKSPACES)


def wrong_setting(**asked: Any) -> list[Error]:
    """The system check of the setting: what is wrong with it, so that no start overlooks it."""
    try:
        configured()
    except WrongSettingError as error:
        return [Error(str(error), id="smadmin.E001")]
    return []
