"""The rules of names: one for each kind of name that has to be registered."""

from .rule import Rule, Severity

_UNKNOWN = {
    "state": (
        "A state whose name is written in two ways is two states, and one of them leads nowhere.",
        "[Executing] - <workflow-complete> {no action} -> [Completed]",
    ),
    "event": (
        "The system never sends an event of this name, so the transition is never taken.",
        "[Awaiting QA] - <qa_pass> {QaPass} -> [Ingesting]",
    ),
    "action": (
        "The system has no action of this name, so the transition fails when it is taken.",
        "[Awaiting QA] - <qa-fail> {QAFail} -> [Failed]",
    ),
    "message": (
        "Nobody listens to a message of this name, so nobody hears it.",
        "[Executing] - <workflow-failed> {SendMessage execution-failed} -> [Failed]",
    ),
    "notification": (
        "There is no template for a notification of this name, so nobody is notified.",
        "[Ingesting] - <workflow-failed> {SendNotification ingest-failed} -> [Failed]",
    ),
}

NAME_RULES = tuple(
    Rule(
        f"unknown-{kind}",
        Severity.WARNING,
        f"{'An' if kind[0] in 'ae' else 'A'} {kind} is not registered",
        f"{why} It may be a slip of the pen: a hyphen for an underscore, a letter that is missing, "
        "or one of another alphabet that only looks right.",
        f"Take the name that is suggested. If the {kind} is new, add it to the registry.",
        example,
    )
    for kind, (why, example) in _UNKNOWN.items()
)
