"""Dumps of what is deployed: as it should be, and with something otherwise."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from capabilities.authoring import known_drift, machine_templates
from capabilities.authoring.known_drift import ChosenDrift
from capabilities.deployment.deployed import read_rows
from capabilities.deployment.mapping import RowMapping
from capabilities.deployment.workspaces import json_text, machines_of, rows_of
from capabilities.machines.drift import Drift, TypedMachine, drifts
from capabilities.machines.machine import Machine
from capabilities.models import KnownDrift, newest_known

from .factories import RESUME, SIMPLE, editor_author, template
from .releasing import adopt_ideal, deployed

MACHINES, TRANSITIONS, ACTIONS = (table.name for table in RowMapping().tables)

Rows = dict[str, list[dict[str, Any]]]
Change = Callable[[Rows], None]


def rows() -> Rows:
    """The rows of the current machines, as they should be deployed."""
    return rows_of(machines_of(), RowMapping())


def dump(*changes: Change) -> str:
    """A dump as JSON, each of `changes` made."""
    found = rows()
    for change in changes:
        change(found)
    return json_text(found)


IN_SQL = f"""
DELETE FROM {ACTIONS} WHERE action_id = 1;
INSERT INTO {TRANSITIONS} VALUES (900, 'null', 9, 'Queued', 'capability-cancelled', 'Failed');
UPDATE {ACTIONS} SET argument = 'workflow-faild' WHERE action_id = 43;
"""  # noqa: S608
"""What THREE does, done to a database."""


def as_csv(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Each table as psql writes it by `\\copy … csv header`."""
    texts = {}
    for table in RowMapping().tables:
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(table.names)
        lines.writerows([row[name] for name in table.names] for row in found[table.name])
        texts[table.name] = out.getvalue()
    return texts


def one_missing(found: Rows) -> None:
    """The action that queues the workflow of `null`."""
    del found[ACTIONS][0]


def one_extra(found: Rows) -> None:
    """A transition that nobody drew."""
    found[TRANSITIONS].append(
        {
            "transition_id": 900,
            "capability_name": "null",
            "position": 9,
            "source_state": "Queued",
            "event_type": "capability-cancelled",
            "target_state": "Failed",
        }
    )


def one_changed(found: Rows) -> None:
    """A notification with a typo, in test_download."""
    found[ACTIONS][-1]["argument"] = "workflow-faild"


def one_broken(found: Rows) -> None:
    """An action of a transition that there is not."""
    found[ACTIONS].append({**found[ACTIONS][0], "action_id": 901, "transition_id": 777})


def machine_missing(found: Rows) -> None:
    """A capability that was never deployed: the last one."""
    del found[MACHINES][-1], found[TRANSITIONS][-4:], found[ACTIONS][-6:]


def typo(found: Rows) -> None:
    """A machine of another name, so one is extra and one missing: restore_cms."""
    for table in (MACHINES, TRANSITIONS):
        for row in found[table]:
            if row["capability_name"] == "restore_cms":
                row["capability_name"] = "restore_cm"


THREE = (one_missing, one_extra, one_changed)
TOLD = [
    "[Start] - <capability-submitted> does not do {QueueWorkflow null}, which it should.",
    "[Queued] - <capability-cancelled> is extra; it does this: {no action}, then [Failed].",
    "[Executing] - <workflow-failed> does {SendNotification workflow-faild}; "
    "it should do {SendNotification workflow-failed}.",
]
"""What is told of THREE, and nothing else."""


def typed(**machines: Machine) -> dict[str, TypedMachine]:
    """Machines of no type, by capability."""
    return {name: TypedMachine(machine) for name, machine in machines.items()}


AGAINST = {
    "current": "the current machines",
    "release-1": "release 1 “The first”",
    "production": "release 1 “The first”, which is in production",
}
"""What a dump can be compared with, by its name, and how that is told."""


def should_be(against: str) -> None:
    """Have the machines of now be what should be deployed by this name, one of AGAINST, alone."""
    if against == "current":
        return
    deployed(environment="production")
    adopt_ideal()
    simple = template(SIMPLE)
    machine_templates.drop(
        machine_template=simple, key=RESUME, version=simple.version, by=editor_author()
    )


def tables_of(text: str) -> Rows:
    found: Rows = json.loads(text)["tables"]
    return found


def drift_of(*changes: Change) -> tuple[Drift, ...]:
    """The drift of a dump with these changes, against the machines of now."""
    found = rows()
    for change in changes:
        change(found)
    return drifts(read_rows(found, RowMapping()).machines, machines_of())


def chosen(*found: Drift) -> list[ChosenDrift]:
    """Drift as somebody sees it who opens the page now."""
    newest = {each.subject: each.number for each in newest_known()}
    return [ChosenDrift(each.subject, each.text, newest.get(each.subject, 0)) for each in found]


def known(*changes: Change, until: date | None = None) -> list[KnownDrift]:
    """Somebody decides that all drift of a dump with these changes, or with THREE, is known."""
    found = drift_of(*(changes or THREE))
    return known_drift.decide(
        chosen=chosen(*found),
        there=found,
        owner="ada",
        reason="Until the release.",
        until=until or timezone.now().date() + timedelta(days=30),
        by=editor_author(),
    )
