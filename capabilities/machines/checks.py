"""Checks: what is wrong, or doubtful, about a machine.

`CHECKS` at the end lists them all. Each is a function that yields findings; a finding has a stable
code, a severity, the transition that it is about (if there is one) and, for a near-miss, the name
that was probably meant.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from .machine import Action, Key, Machine, Transition, parameters
from .vocabulary import (
    ACTION,
    EVENT,
    MESSAGE,
    NOTIFICATION,
    STATE,
    WORKFLOW,
    Vocabulary,
)


class Severity(StrEnum):
    """ERROR: it cannot work. WARNING: it is probably not meant. INFO: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says about a machine; `key` is the transition that it is about, if any."""

    code: str
    severity: Severity
    message: str
    key: Key | None = None
    suggestion: str = ""
    name: str = field(default="", compare=False)
    """The name that is not registered; the message tells it too."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check looks at: a bound machine, its capability, and the known names."""

    machine: Machine
    capability: str
    vocabulary: Vocabulary


Check = Callable[[Subject], Iterable[Finding]]


def check(machine: Machine, *, capability: str, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Run every check over the effective machine of a capability.

    Returns the findings, errors first, else in the order of the machine's transitions.
    """
    subject = Subject(machine, capability, vocabulary)
    findings = [finding for each in CHECKS for finding in each(subject)]
    places = {key: place for place, key in enumerate(machine.by_key)}
    severities = list(Severity)

    def order(finding: Finding) -> tuple[int, int]:
        place = places[finding.key] if finding.key else len(places)
        return severities.index(finding.severity), place

    return tuple(sorted(findings, key=order))


# -- the shape of the machine


def no_transitions(subject: Subject) -> Iterator[Finding]:
    if not subject.machine:
        yield Finding("no-transitions", Severity.ERROR, "The machine has no transitions.")


def initial_state(subject: Subject) -> Iterator[Finding]:
    initial = subject.machine.initial
    if initial is not None and initial != "Start":
        yield Finding(
            "no-start",
            Severity.ERROR,
            f"The first transition leaves “{initial}”; a machine begins in “Start”.",
            subject.machine.transitions[0].key,
            "Start",
        )


def reachability(subject: Subject) -> Iterator[Finding]:
    machine = subject.machine
    if machine.initial is None:
        return
    reached = _reachable(machine, machine.initial)
    for state in machine.states:
        if state not in reached:
            yield Finding(
                "unreachable-state",
                Severity.ERROR,
                f"No run reaches “{state}”.",
                next((t.key for t in machine if state in (t.source, t.target)), None),
            )
    finals = subject.vocabulary.finals
    for state in machine.states:
        if state in machine.finals and state not in finals:
            yield Finding(
                "dead-end",
                Severity.WARNING,
                f"A run that comes to “{state}” ends there, but it is not known as a final state.",
                next((t.key for t in machine if t.target == state), None),
            )
    if not reached & machine.finals:
        yield Finding("no-final-state", Severity.ERROR, "No run ever ends: no final state.")


def _reachable(machine: Machine, start: str) -> set[str]:
    targets: dict[str, list[str]] = {}
    for transition in machine:
        targets.setdefault(transition.source, []).append(transition.target)
    reached, waiting = {start}, [start]
    while waiting:
        for target in targets.get(waiting.pop(), []):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


_PAIRS = (("workflow-complete", "workflow-failed"), ("qa-pass", "qa-fail"))


def unhandled_outcomes(subject: Subject) -> Iterator[Finding]:
    """A state that handles one outcome of a workflow or of QA must handle the other one."""
    by_source: dict[str, dict[str, Transition]] = {}
    for transition in subject.machine:
        by_source.setdefault(transition.source, {})[transition.event] = transition
    for state, handled in by_source.items():
        for pair in _PAIRS:
            for event, other in (pair, pair[::-1]):
                if event in handled and other not in handled:
                    yield Finding(
                        "unhandled-outcome",
                        Severity.ERROR,
                        f"“{state}” handles “{event}” and not “{other}”.",
                        handled[event].key,
                    )


def cancellation(subject: Subject) -> Iterator[Finding]:
    if subject.machine and all(t.event != "capability-cancelled" for t in subject.machine):
        yield Finding(
            "no-cancellation", Severity.INFO, "No transition handles “capability-cancelled”."
        )


# -- what the actions do


def completion_before_qa(subject: Subject) -> Iterator[Finding]:
    """Nobody should be told "complete" on the way into a state that still awaits QA."""
    awaiting = {t.source for t in subject.machine if t.event in _PAIRS[1]}
    for transition in subject.machine:
        if transition.target not in awaiting:
            continue
        for action in transition.actions:
            if action in _COMPLETIONS:
                yield Finding(
                    "completion-before-qa",
                    Severity.WARNING,
                    f"“{action.argument}” is sent before QA.",
                    transition.key,
                )


_COMPLETIONS = (
    Action("SendMessage", "execution_complete"),
    Action("SendNotification", "workflow-complete"),
)


def qa_outcome_without_action(subject: Subject) -> Iterator[Finding]:
    for transition in subject.machine:
        if transition.event in _PAIRS[1] and not transition.actions:
            yield Finding(
                "qa-outcome-without-action",
                Severity.WARNING,
                f"“{transition.event}” does nothing.",
                transition.key,
            )


def workflow_not_started(subject: Subject) -> Iterator[Finding]:
    """A state that waits for a workflow's end is entered without one being started."""
    waiting = {t.source for t in subject.machine if t.event in _PAIRS[0]}
    for transition in subject.machine:
        starts = any(action.name == "ExecuteWorkflow" for action in transition.actions)
        if transition.target in waiting - {transition.source} and not starts:
            yield Finding(
                "workflow-not-started",
                Severity.WARNING,
                f"“{transition.target}” waits for a workflow that no action starts.",
                transition.key,
            )


def arguments(subject: Subject) -> Iterator[Finding]:
    for transition, action in _actions(subject.machine):
        kind = subject.vocabulary.actions.get(action.name)
        if kind is None:
            continue
        if kind and not action.argument:
            message = f"“{action.name}” takes a {kind}, and has none."
            yield Finding("missing-argument", Severity.ERROR, message, transition.key)
        elif action.argument and not kind:
            message = f"“{action.name}” takes no argument, and has “{action.argument}”."
            yield Finding("needless-argument", Severity.ERROR, message, transition.key)


def foreign_workflow(subject: Subject) -> Iterator[Finding]:
    """In the seed every workflow has its capability's own name."""
    for transition, action in _actions(subject.machine):
        if (
            subject.vocabulary.actions.get(action.name) == WORKFLOW
            and action.argument
            and not action.parameters
            and action.argument != subject.capability
        ):
            yield Finding(
                "foreign-workflow",
                Severity.WARNING,
                f"The workflow “{action.argument}” is not the capability's own.",
                transition.key,
                subject.capability,
            )


def unbound_parameters(subject: Subject) -> Iterator[Finding]:
    for transition in subject.machine:
        for name in parameters([transition]):
            yield Finding(
                "unbound-parameter",
                Severity.ERROR,
                f"The parameter ({name}) has no value.",
                transition.key,
            )


def _actions(machine: Machine) -> Iterator[tuple[Transition, Action]]:
    return ((transition, action) for transition in machine for action in transition.actions)


# -- the names


def unknown_names(subject: Subject) -> Iterator[Finding]:
    """Each name that is not registered, once, at the first transition that uses it."""
    seen: set[tuple[str, str]] = set()
    for key, kind, name in _names(subject):
        known = subject.vocabulary.known(kind)
        if name in known or (kind, name) in seen:
            continue
        seen.add((kind, name))
        meant = nearest(name, known)
        message = f"The {kind} “{name}” is not registered"
        message += f"; did you mean “{meant}”?" if meant else "."
        yield Finding(f"unknown-{kind}", Severity.WARNING, message, key, meant, name)


def _names(subject: Subject) -> Iterator[tuple[Key, str, str]]:
    for transition in subject.machine:
        yield transition.key, STATE, transition.source
        yield transition.key, EVENT, transition.event
        for action in transition.actions:
            yield transition.key, ACTION, action.name
            kind = subject.vocabulary.actions.get(action.name)
            # A workflow that is not the capability's own has its finding already.
            if kind in (MESSAGE, NOTIFICATION) and action.argument and not action.parameters:
                yield transition.key, kind, action.argument
        yield transition.key, STATE, transition.target


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant by `name`, or "".

    Case, hyphens, underscores and spaces aside, at most two letters may be wrong: one letter for
    every four, so that short names are not taken for each other.
    """
    bare = _bare(name)
    best, best_distance = "", 3
    for candidate in sorted(known):
        limit = min(2, max(len(bare), len(_bare(candidate))) // 4, best_distance - 1)
        distance = _distance(bare, _bare(candidate), limit)
        if distance <= limit:
            best, best_distance = candidate, distance
    return best


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in plain if character not in "-_ ")


def _distance(one: str, other: str, limit: int) -> int:
    """Letters to add, leave out, replace or swap to make one of the other; over `limit`: more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    previous: list[int] = []
    current = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, previous, current = previous, current, [i]
        for j, letter_of_other in enumerate(other, start=1):
            cost = min(
                previous[j] + 1,
                current[j - 1] + 1,
                previous[j - 1] + (letter != letter_of_other),
            )
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter_of_other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit and (not previous or min(previous) > limit):
            return limit + 1
    return current[-1]


CHECKS: tuple[Check, ...] = (
    no_transitions,
    initial_state,
    reachability,
    unhandled_outcomes,
    unbound_parameters,
    arguments,
    unknown_names,
    foreign_workflow,
    completion_before_qa,
    qa_outcome_without_action,
    workflow_not_started,
    cancellation,
)
