"""Checks: what is wrong, or doubtful, about a machine.

`CHECKS` lists them all. Each is a function that yields findings; a finding has a stable code, the
transition that it is about (if there is one) and, for a near-miss, the name that was probably
meant. Its severity and its help are its rule's, in `RULES`.
"""

from collections.abc import Collection

from ..machine import Machine
from ..vocabulary import Vocabulary
from .actions import arguments, foreign_workflow, parameter_values, workflow_not_started
from .findings import Check, Finding, Subject
from .names import unknown_names
from .nearness import near_capabilities, near_capability, nearest, told_nearest
from .qa import completion_before_qa, missing_qa, qa_outcome_without_action, unhandled_outcomes
from .rule import Rule, Severity
from .rules import RULES, TEXT_RULES
from .shape import cancellation, initial_state, no_transitions, reachability

__all__ = [
    "CHECKS",
    "RULES",
    "TEXT_RULES",
    "Check",
    "Finding",
    "Rule",
    "Severity",
    "Subject",
    "check",
    "near_capabilities",
    "near_capability",
    "nearest",
    "told_nearest",
]

CHECKS: tuple[Check, ...] = (
    no_transitions,
    initial_state,
    reachability,
    unhandled_outcomes,
    missing_qa,
    parameter_values,
    arguments,
    unknown_names,
    foreign_workflow,
    completion_before_qa,
    qa_outcome_without_action,
    workflow_not_started,
    cancellation,
)


def check(
    machine: Machine,
    *,
    capability: str,
    vocabulary: Vocabulary,
    unused: Collection[str] = (),
    requires_qa: bool = False,
) -> tuple[Finding, ...]:
    """Run every check over the effective machine of a capability.

    `unused` are parameters that have a value and that no transition takes; `requires_qa` says that
    no product of the capability may be given out without QA. Returns the findings, errors first,
    else in the order of the machine's transitions.
    """
    subject = Subject(machine, capability, vocabulary, tuple(sorted(unused)), requires_qa)
    findings = [finding for each in CHECKS for finding in each(subject)]
    places = {key: place for place, key in enumerate(machine.by_key)}
    severities = list(Severity)

    def order(finding: Finding) -> tuple[int, int]:
        place = places[finding.key] if finding.key else len(places)
        return severities.index(finding.severity), place

    return tuple(sorted(findings, key=order))
