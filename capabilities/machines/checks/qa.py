"""Checks of outcomes: of workflows, and of QA."""

from collections.abc import Iterator

from ..machine import Action, Transition
from .findings import Finding, Subject

WORKFLOW_OUTCOMES = ("workflow-complete", "workflow-failed")
QA_OUTCOMES = ("qa-pass", "qa-fail")

_COMPLETIONS = (
    Action("SendMessage", "execution_complete"),
    Action("SendNotification", "workflow-complete"),
)


def unhandled_outcomes(subject: Subject) -> Iterator[Finding]:
    """A state that handles one outcome of a workflow or of QA must handle the other one."""
    by_source: dict[str, dict[str, Transition]] = {}
    for transition in subject.machine:
        by_source.setdefault(transition.source, {})[transition.event] = transition
    for state, handled in by_source.items():
        for pair in (WORKFLOW_OUTCOMES, QA_OUTCOMES):
            for event, other in (pair, pair[::-1]):
                if event in handled and other not in handled:
                    message = f"“{state}” handles “{event}” and not “{other}”."
                    yield Finding("unhandled-outcome", message, handled[event].key)


def missing_qa(subject: Subject) -> Iterator[Finding]:
    """A capability that requires QA needs a machine in which it can be passed."""
    if subject.requires_qa and all(t.event != "qa-pass" for t in subject.machine):
        yield Finding("no-qa", "The capability requires QA, and no transition handles “qa-pass”.")


def completion_before_qa(subject: Subject) -> Iterator[Finding]:
    """Nobody should be told "complete" on the way into a state that still awaits QA."""
    awaiting = {t.source for t in subject.machine if t.event in QA_OUTCOMES}
    for transition in subject.machine:
        if transition.target not in awaiting:
            continue
        for action in transition.actions:
            if action in _COMPLETIONS:
                message = f"“{action.argument}” is sent before QA."
                yield Finding("completion-before-qa", message, transition.key)


def qa_outcome_without_action(subject: Subject) -> Iterator[Finding]:
    for transition in subject.machine:
        if transition.event in QA_OUTCOMES and not transition.actions:
            message = f"“{transition.event}” does nothing."
            yield Finding("qa-outcome-without-action", message, transition.key)
