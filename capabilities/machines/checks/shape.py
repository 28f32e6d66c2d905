"""Checks of the shape of a machine: where runs begin, come to, and end."""

from collections.abc import Iterator

from ..machine import Machine
from .findings import Finding, Subject


def no_transitions(subject: Subject) -> Iterator[Finding]:
    if not subject.machine:
        yield Finding("no-transitions", "The machine has no transitions.")


def initial_state(subject: Subject) -> Iterator[Finding]:
    initial = subject.machine.initial
    if initial is not None and initial != "Start":
        message = f"The first transition leaves “{initial}”; a machine begins in “Start”."
        yield Finding("no-start", message, subject.machine.transitions[0].key, "Start")


def reachability(subject: Subject) -> Iterator[Finding]:
    machine = subject.machine
    if machine.initial is None:
        return
    reached = _reachable(machine, machine.initial)
    for state in machine.states:
        if state not in reached:
            key = next((t.key for t in machine if state in (t.source, t.target)), None)
            yield Finding("unreachable-state", f"No run reaches “{state}”.", key)
    finals = subject.vocabulary.finals
    for state in machine.states:
        if state in machine.finals and state not in finals:
            yield Finding(
                "dead-end",
                f"A run that comes to “{state}” ends there, but it is not known as a final state.",
                next((t.key for t in machine if t.target == state), None),
            )
    if not reached & machine.finals:
        yield Finding("no-final-state", "No run ever ends: no final state.")


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


def cancellation(subject: Subject) -> Iterator[Finding]:
    if subject.machine and all(t.event != "capability-cancelled" for t in subject.machine):
        yield Finding("no-cancellation", "No transition handles “capability-cancelled”.")
