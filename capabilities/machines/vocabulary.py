"""The names that a machine may use: what is known, and what kind of argument an action takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

STATE, EVENT, ACTION = "state", "event", "action"
WORKFLOW, MESSAGE, NOTIFICATION = "workflow", "message", "notification"
TERM_KINDS = (STATE, EVENT, ACTION, MESSAGE, NOTIFICATION, WORKFLOW)
ARGUMENT_KINDS = (WORKFLOW, MESSAGE, NOTIFICATION)


@dataclass(frozen=True)
class Vocabulary:
    """Known names by kind.

    `actions` gives for each action the kind of its argument, "" for an action without one.
    `finals` are the states in which a run is meant to end.
    """

    states: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    actions: Mapping[str, str] = field(default_factory=dict)
    messages: frozenset[str] = frozenset()
    notifications: frozenset[str] = frozenset()
    workflows: frozenset[str] = frozenset()
    finals: frozenset[str] = frozenset()

    def known(self, kind: str) -> frozenset[str]:
        """The known names of one kind of term."""
        if kind == ACTION:
            return frozenset(self.actions)
        names: frozenset[str] = getattr(self, f"{kind}s")
        return names

    def having(self, kind: str, name: str, *, argument: str = "", final: bool = False) -> Self:
        """This vocabulary and one name more, as if it were registered."""
        if kind == ACTION:
            return replace(self, actions={**self.actions, name: argument})
        more: dict[str, Any] = {f"{kind}s": self.known(kind) | {name}}
        return replace(self, **more, finals=self.finals | ({name} if final else frozenset()))

    def with_workflows(self, names: frozenset[str] | set[str]) -> "Vocabulary":
        """This vocabulary and the workflows `names`: each capability's is called as it is."""
        return replace(self, workflows=self.workflows | names)


PUBLISHED = Vocabulary(
    states=frozenset(
        {"Start", "Queued", "Executing", "Awaiting QA", "Ingesting", "Complete", "Failed"}
    ),
    events=frozenset(
        {
            "capability-submitted",
            "resume",
            "workflow-complete",
            "workflow-failed",
            "qa-pass",
            "qa-fail",
            "workflow-update",
            "capability-cancelled",
            "delivery",
            "capability-failed",
        }
    ),
    actions={
        "QueueWorkflow": WORKFLOW,
        "ExecuteWorkflow": WORKFLOW,
        "SendMessage": MESSAGE,
        "SendNotification": NOTIFICATION,
        "AnnounceQa": "",
        "QaPass": "",
        "QaFail": "",
    },
    messages=frozenset({"execution_complete", "execution_failed"}),
    notifications=frozenset({"workflow-complete", "workflow-failed"}),
    finals=frozenset({"Complete", "Failed"}),
)
"""What the team's page and the upstream project's public pages name as existing.

Not `ingest-failed`: the page says that its template is still to be made (line 75).
"""
