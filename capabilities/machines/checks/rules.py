"""The rules behind the findings, in plain words for the help page."""

from .name_rules import NAME_RULES
from .rule import Rule, Severity

_SHAPE = (
    Rule(
        "no-transitions",
        Severity.ERROR,
        "The machine has no transitions",
        "A request of this capability would stay where it begins, for ever.",
        "Choose a machine template for it, or add its first transition.",
        "[Start]",
    ),
    Rule(
        "no-start",
        Severity.ERROR,
        "The machine does not begin in “Start”",
        "Every execution is made in the state “Start”. A machine whose first transition leaves "
        "another state never does anything.",
        "Put the transition that leaves “Start” first, or name its source “Start”.",
        "[Queued] - <resume> {ExecuteWorkflow null} -> [Executing]",
    ),
    Rule(
        "unreachable-state",
        Severity.ERROR,
        "No run reaches a state",
        "Its transitions are dead: they look as if something were handled, and nothing is. Often "
        "the state's name is written in two ways.",
        "Lead a transition to it, mend its name, or drop its transitions.",
        "[Ingestion] - <workflow-complete> {no action} -> [Complete]",
    ),
    Rule(
        "dead-end",
        Severity.WARNING,
        "A run can end in a state that is not meant to be final",
        "No transition leaves the state, so a request that comes to it stays there, and whoever "
        "made it waits.",
        "Add the transitions that leave it. If runs are meant to end there, mark the state as "
        "final in the registry.",
        "[Executing] - <workflow-complete> {AnnounceQa} -> [Awaiting QA]",
    ),
    Rule(
        "no-final-state",
        Severity.ERROR,
        "No run ever ends",
        "Every state that a run can reach has a way on, so no request is ever over.",
        "Lead at least one transition to “Complete” and one to “Failed”.",
        "[Executing] - <workflow-complete> {no action} -> [Executing]",
    ),
    Rule(
        "no-cancellation",
        Severity.INFO,
        "No transition handles “capability-cancelled”",
        "Somebody who cancels a request of this capability is not heard. The machines on the "
        "team's page do not handle it either, so this is only worth knowing.",
        "Add a transition for <capability-cancelled> where a request can be cancelled.",
        "[Executing] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]",
    ),
)

_QA = (
    Rule(
        "unhandled-outcome",
        Severity.ERROR,
        "A state handles one outcome and not the other one",
        "A workflow that can complete can fail, and a QA that can be passed can be failed. The "
        "outcome that is not handled leaves the request where it is.",
        "Add the transition for the other outcome: workflow-failed beside workflow-complete, "
        "qa-fail beside qa-pass.",
        "[Awaiting QA] - <qa-pass> {QaPass} -> [Ingesting]",
    ),
    Rule(
        "no-qa",
        Severity.ERROR,
        "The capability requires QA, and its machine has none",
        "Products would be given out that nobody has looked at, though the capability says that "
        "somebody must.",
        "Attach a QA stage, or say on the capability's page that it requires no QA.",
        "[Executing] - <workflow-complete> {SendMessage execution_complete} -> [Complete]",
    ),
    Rule(
        "completion-before-qa",
        Severity.WARNING,
        "“Complete” is told before QA",
        "Whoever made the request is told that it is complete, and QA may still fail it.",
        "Move the message or the notification to the transition that is taken after QA.",
        "[Executing] - <workflow-complete> {SendMessage execution_complete} -> [Awaiting QA]",
    ),
    Rule(
        "qa-outcome-without-action",
        Severity.WARNING,
        "An outcome of QA does nothing",
        "The state changes and nothing else: QA is neither passed nor failed for the rest of the "
        "system.",
        "Add {QaPass} or {QaFail}, and what has to be told.",
        "[Awaiting QA] - <qa-fail> {no action} -> [Failed]",
    ),
)

_ACTIONS = (
    Rule(
        "missing-argument",
        Severity.ERROR,
        "An action has no argument and takes one",
        "It would be called with nothing, and fail when the transition is taken.",
        "Name the message, the notification or the workflow behind the action.",
        "[Executing] - <workflow-failed> {SendMessage} -> [Failed]",
    ),
    Rule(
        "needless-argument",
        Severity.ERROR,
        "An action has an argument and takes none",
        "What stands there is not used, so whoever wrote it expected something that does not "
        "happen.",
        "Take the argument out. If the action does take one, say of what kind in the registry.",
        "[Executing] - <workflow-complete> {AnnounceQa loudly} -> [Awaiting QA]",
    ),
    Rule(
        "many-arguments",
        Severity.ERROR,
        "An action has several arguments and takes one",
        "All the words together are taken for one name, which there is not.",
        "Write an action for each: {SendMessage a} {SendMessage b}.",
        "[Executing] - <workflow-failed> {SendMessage execution_failed aborted} -> [Failed]",
    ),
    Rule(
        "unbound-parameter",
        Severity.ERROR,
        "A parameter has no value",
        "The action would be called with the placeholder itself.",
        "Give the parameter a value in the editor, or write the name in its place.",
        "[Start] - <capability-submitted> {QueueWorkflow (workflow)} -> [Queued]",
    ),
    Rule(
        "unused-parameter",
        Severity.WARNING,
        "A parameter has a value, and no transition uses it",
        "Somebody wanted the value to do something. Often the machine template was changed, or "
        "the parameter's name is written in another way there.",
        "Take the value out, or write the parameter where it belongs.",
        "(workflow) = null_dag, and no action has (workflow)",
    ),
    Rule(
        "foreign-workflow",
        Severity.WARNING,
        "A workflow is not the capability's own",
        "A capability's workflow has the capability's name. Another one was probably left there "
        "when the machine was copied, and would do another capability's work.",
        "Write the capability's own name. If the other workflow is meant, switch this check off "
        "here and say why.",
        "[Start] - <capability-submitted> {QueueWorkflow std_calibration} -> [Queued]",
    ),
    Rule(
        "workflow-not-started",
        Severity.WARNING,
        "A state waits for a workflow that nothing starts",
        "The state is left when a workflow completes or fails. When none is running, the request "
        "waits for ever.",
        "Add {ExecuteWorkflow …} to the transition that leads to the state.",
        "[Awaiting QA] - <qa-pass> {QaPass} -> [Ingesting]",
    ),
)

RULES = {rule.code: rule for rule in (*_SHAPE, *_QA, *_ACTIONS, *NAME_RULES)}
"""Every rule that a finding can be about, by its code."""

TEXT_RULES = (
    Rule(
        "duplicate-key",
        Severity.ERROR,
        "The same state and event twice",
        "A machine takes one transition for a state and an event; of two, nobody can say which. "
        "Such a text is refused, and nothing of it is saved.",
        "Put both lines' actions into one line, or give one of them another event.",
        "[Executing] - <workflow-failed> {no action} -> [Failed]\n"
        "[Executing] - <workflow-failed> {no action} -> [Complete]",
    ),
)
"""Rules that every stored machine keeps, because a text that breaks one is refused."""
