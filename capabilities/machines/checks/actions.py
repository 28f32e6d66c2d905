"""Checks of what the actions do, and with which arguments."""

from collections.abc import Iterator

from ..machine import parameters
from ..vocabulary import WORKFLOW
from .findings import Finding, Subject
from .nearness import has_many_names, nearest, told_nearest
from .qa import WORKFLOW_OUTCOMES


def parameter_values(subject: Subject) -> Iterator[Finding]:
    """Each parameter needs a value, and each value a parameter."""
    for transition in subject.machine:
        for name in parameters([transition]):
            message = f"The parameter ({name}) has no value."
            yield Finding("unbound-parameter", message, transition.key)
    for name in subject.unused:
        message = f"The parameter ({name}) has a value, and no transition uses it."
        yield Finding("unused-parameter", message)


def arguments(subject: Subject) -> Iterator[Finding]:
    for transition, action in subject.actions:
        kind = subject.vocabulary.actions.get(action.name)
        if kind is None:
            continue
        if kind and not action.argument:
            message = f"“{action.name}” takes a {kind}, and has none."
            yield Finding("missing-argument", message, transition.key)
        elif action.argument and not kind:
            message = f"“{action.name}” takes no argument, and has “{action.argument}”."
            yield Finding("needless-argument", message, transition.key)
        elif kind and has_many_names(action, subject.vocabulary.known(kind)):
            names = action.argument.split()
            message = (
                f"“{action.name}” takes one {kind}, and has {len(names)}: “{action.argument}”."
            )
            yield Finding("many-arguments", message, transition.key)


def foreign_workflow(subject: Subject) -> Iterator[Finding]:
    """In the seed every workflow has its capability's own name."""
    own = subject.capability
    others = subject.vocabulary.workflows - {own}
    for transition, action in subject.actions:
        name = action.argument
        if (
            subject.vocabulary.actions.get(action.name) != WORKFLOW
            or name in ("", own)
            or action.parameters
            or has_many_names(action, {own, *others})
        ):
            continue
        meant = nearest(name, {own}) or ("" if name in others else nearest(name, others))
        if name in others:
            message = f"The workflow “{name}” is another capability's, not its own."
        else:
            told = told_nearest(name, meant)
            message = f"The workflow “{name}” is neither the capability's own nor registered{told}"
        yield Finding("foreign-workflow", message, transition.key, meant)


def workflow_not_started(subject: Subject) -> Iterator[Finding]:
    """A state that waits for a workflow's end is entered without one being started."""
    waiting = {t.source for t in subject.machine if t.event in WORKFLOW_OUTCOMES}
    for transition in subject.machine:
        starts = any(action.name == "ExecuteWorkflow" for action in transition.actions)
        if transition.target in waiting - {transition.source} and not starts:
            message = f"“{transition.target}” waits for a workflow that no action starts."
            yield Finding("workflow-not-started", message, transition.key)
