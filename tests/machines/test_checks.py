"""Checks: each finding where it is due, and silence where it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.checks import CHECKS, Finding, Severity, check, nearest
from capabilities.machines.machine import Key, Machine
from capabilities.machines.notation import parse
from capabilities.machines.vocabulary import PUBLISHED, TERM_KINDS, Vocabulary
from tests.strategies import close_machines, machines

KNOWN = PUBLISHED.with_workflows({"cal"})

# Everything is as it should be here; each finding is one step away.
SOUND = """\
[Start] - <capability-submitted> {QueueWorkflow cal} -> [Queued]
[Queued] - <resume> {ExecuteWorkflow cal} -> [Executing]
[Executing] - <workflow-complete> {AnnounceQa} -> [Awaiting QA]
[Executing] - <workflow-failed> {SendMessage execution_failed} -> [Failed]
[Executing] - <workflow-update> {no action} -> [Executing]
[Executing] - <capability-cancelled> {no action} -> [Failed]
[Awaiting QA] - <qa-pass> {QaPass} {ExecuteWorkflow cal} -> [Ingesting]
[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]
[Ingesting] - <workflow-complete> {SendMessage execution_complete} -> [Complete]
[Ingesting] - <workflow-failed> {SendNotification workflow-failed} -> [Failed]
"""

ERROR, WARNING, INFO = Severity


def found(text: str) -> tuple[Finding, ...]:
    return check(parse(text), capability="cal", vocabulary=KNOWN)


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1
    return SOUND.replace(old, new)


def test_a_sound_machine_has_no_findings() -> None:
    assert found(SOUND) == ()


def test_a_machine_without_transitions_is_an_error() -> None:
    assert found("") == (Finding("no-transitions", "The machine has no transitions."),)


def test_a_machine_that_does_not_begin_in_start_is_an_error() -> None:
    first, rest = SOUND.split("\n", 1)
    assert found(f"{rest}{first}\n") == (
        Finding(
            "no-start",
            "The first transition leaves “Queued”; a machine begins in “Start”.",
            Key("Queued", "resume"),
            "Start",
        ),
        Finding(
            "unreachable-state",
            "No run reaches “Start”.",
            Key("Start", "capability-submitted"),
        ),
    )


def test_a_state_that_no_run_reaches_is_an_error() -> None:
    text = changed("{QaPass} {ExecuteWorkflow cal} -> [Ingesting]", "{QaPass} -> [Complete]")
    assert found(text) == (
        Finding(
            "unreachable-state",
            "No run reaches “Ingesting”.",
            Key("Ingesting", "workflow-complete"),
        ),
    )


def test_a_state_without_a_way_out_that_is_not_known_as_final_is_a_warning() -> None:
    until_qa = SOUND[: SOUND.index("[Awaiting QA] - ")]
    assert found(until_qa) == (
        Finding(
            "dead-end",
            "A run that comes to “Awaiting QA” ends there, but it is not known as a final state.",
            Key("Executing", "workflow-complete"),
        ),
    )


def test_a_machine_whose_runs_never_end_is_an_error() -> None:
    text = (
        "[Start] - <capability-submitted> {no action} -> [Queued]\n"
        "[Queued] - <capability-cancelled> {no action} -> [Start]\n"
    )
    assert found(text) == (Finding("no-final-state", "No run ever ends: no final state."),)


@pytest.mark.parametrize(
    ("without", "state", "event", "other"),
    [
        (
            "[Ingesting] - <workflow-failed> {SendNotification workflow-failed} -> [Failed]\n",
            "Ingesting",
            "workflow-complete",
            "workflow-failed",
        ),
        (
            "[Ingesting] - <workflow-complete> {SendMessage execution_complete} -> [Complete]\n",
            "Ingesting",
            "workflow-failed",
            "workflow-complete",
        ),
        (
            "[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]\n",
            "Awaiting QA",
            "qa-pass",
            "qa-fail",
        ),
    ],
)
def test_an_outcome_that_is_handled_without_its_other_one_is_an_error(
    without: str, state: str, event: str, other: str
) -> None:
    assert found(changed(without, "")) == (
        Finding(
            "unhandled-outcome",
            f"“{state}” handles “{event}” and not “{other}”.",
            Key(state, event),
        ),
    )


def test_a_machine_that_cannot_be_cancelled_is_worth_knowing() -> None:
    text = changed("[Executing] - <capability-cancelled> {no action} -> [Failed]\n", "")
    assert found(text) == (
        Finding("no-cancellation", "No transition handles “capability-cancelled”."),
    )


@pytest.mark.parametrize(
    ("action", "argument"),
    [
        ("{SendMessage execution_complete}", "execution_complete"),
        ("{SendNotification workflow-complete}", "workflow-complete"),
    ],
)
def test_saying_complete_before_qa_is_a_warning(action: str, argument: str) -> None:
    assert found(changed("{AnnounceQa}", action)) == (
        Finding(
            "completion-before-qa",
            f"“{argument}” is sent before QA.",
            Key("Executing", "workflow-complete"),
        ),
    )
    # After QA, and on the way to a state that awaits none, it is what should be said.
    assert found(changed("{SendMessage execution_complete}", action)) == ()


@pytest.mark.parametrize(
    ("old", "new", "event"),
    [
        ("{QaFail}", "{no action}", "qa-fail"),
        ("{QaPass} {ExecuteWorkflow cal} -> [Ingesting]", "{no action} -> [Ingesting]", "qa-pass"),
    ],
)
def test_an_outcome_of_qa_that_does_nothing_is_a_warning(old: str, new: str, event: str) -> None:
    nothing = Finding(
        "qa-outcome-without-action",
        f"“{event}” does nothing.",
        Key("Awaiting QA", event),
    )
    assert [each for each in found(changed(old, new)) if each.code == nothing.code] == [nothing]


@pytest.mark.parametrize(
    ("old", "new", "state", "key"),
    [
        ("{QaPass} {ExecuteWorkflow cal}", "{QaPass}", "Ingesting", Key("Awaiting QA", "qa-pass")),
        (
            "{ExecuteWorkflow cal} -> [Exec",
            "{no action} -> [Exec",
            "Executing",
            Key("Queued", "resume"),
        ),
        (
            "{ExecuteWorkflow cal} -> [Exec",
            "{QueueWorkflow cal} -> [Exec",
            "Executing",
            Key("Queued", "resume"),
        ),
    ],
)
def test_waiting_for_a_workflow_that_nothing_starts_is_a_warning(
    old: str, new: str, state: str, key: Key
) -> None:
    assert found(changed(old, new)) == (
        Finding(
            "workflow-not-started",
            f"“{state}” waits for a workflow that no action starts.",
            key,
        ),
    )


def test_staying_in_a_state_that_waits_starts_no_workflow_anew() -> None:
    assert "[Executing] - <workflow-update> {no action} -> [Executing]" in SOUND
    assert "workflow-not-started" not in {each.code for each in found(SOUND)}


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "{SendMessage execution_failed}",
            "{SendMessage}",
            Finding(
                "missing-argument",
                "“SendMessage” takes a message, and has none.",
                Key("Executing", "workflow-failed"),
            ),
        ),
        (
            "{QueueWorkflow cal}",
            "{QueueWorkflow}",
            Finding(
                "missing-argument",
                "“QueueWorkflow” takes a workflow, and has none.",
                Key("Start", "capability-submitted"),
            ),
        ),
        (
            "{AnnounceQa}",
            "{AnnounceQa loudly}",
            Finding(
                "needless-argument",
                "“AnnounceQa” takes no argument, and has “loudly”.",
                Key("Executing", "workflow-complete"),
            ),
        ),
        (
            "{QueueWorkflow cal}",
            "{QueueWorkflow (workflow_name)}",
            Finding(
                "unbound-parameter",
                "The parameter (workflow_name) has no value.",
                Key("Start", "capability-submitted"),
            ),
        ),
        (
            "{SendMessage execution_failed}",
            "{SendMessage (message)}",
            Finding(
                "unbound-parameter",
                "The parameter (message) has no value.",
                Key("Executing", "workflow-failed"),
            ),
        ),
        (
            "{QueueWorkflow cal}",
            "{QueueWorkflow null}",
            Finding(
                "foreign-workflow",
                "The workflow “null” is neither the capability's own nor registered.",
                Key("Start", "capability-submitted"),
            ),
        ),
        (
            "{SendMessage execution_failed}",
            "{SendMessage all_is_lost}",
            Finding(
                "unknown-message",
                "The message “all_is_lost” is not registered.",
                Key("Executing", "workflow-failed"),
            ),
        ),
        (
            "{SendMessage execution_failed}",
            "{SendMessage execution-failed}",
            Finding(
                "unknown-message",
                "The message “execution-failed” is not registered; "
                "did you mean “execution_failed”?",
                Key("Executing", "workflow-failed"),
                "execution_failed",
            ),
        ),
        (
            "{SendNotification workflow-failed}",
            "{SendNotification ingest-failed}",
            Finding(
                "unknown-notification",
                "The notification “ingest-failed” is not registered.",
                Key("Ingesting", "workflow-failed"),
            ),
        ),
        (
            "{AnnounceQa}",
            "{AnnounceQA}",
            Finding(
                "unknown-action",
                "The action “AnnounceQA” is not registered; did you mean “AnnounceQa”?",
                Key("Executing", "workflow-complete"),
                "AnnounceQa",
            ),
        ),
        (
            "<workflow-update>",
            "<tick>",
            Finding(
                "unknown-event",
                "The event “tick” is not registered.",
                Key("Executing", "tick"),
            ),
        ),
    ],
)
def test_an_action_or_a_name_that_is_wrong_is_found_at_its_transition(
    old: str, new: str, finding: Finding
) -> None:
    assert found(changed(old, new)) == (finding,)


def test_an_unknown_state_is_told_once_at_the_first_transition_that_uses_it() -> None:
    assert found(SOUND.replace("[Executing]", "[Exectuing]")) == (
        Finding(
            "unknown-state",
            "The state “Exectuing” is not registered; did you mean “Executing”?",
            Key("Queued", "resume"),
            "Executing",
        ),
    )


def test_errors_come_first_and_else_the_order_is_the_machine_s() -> None:
    text = changed("{QueueWorkflow cal}", "{QueueWorkflow null}")
    text = text.replace("{AnnounceQa}", "{AnnounceQa x}").replace("{QaFail}", "{QaFail x}")
    text = text.replace("<capability-cancelled>", "<delivery>")
    assert [(each.severity, each.code, each.key and each.key.event) for each in found(text)] == [
        (ERROR, "needless-argument", "workflow-complete"),
        (ERROR, "needless-argument", "qa-fail"),
        (WARNING, "foreign-workflow", "capability-submitted"),
        (INFO, "no-cancellation", None),
    ]


@given(machines | close_machines)
def test_no_machine_makes_a_check_fail_and_each_finding_is_about_a_transition_of_it(
    machine: Machine,
) -> None:
    findings = check(machine, capability="cal", vocabulary=KNOWN)
    assert all(each.key is None or each.key in machine.by_key for each in findings)
    assert all(each.message.endswith((".", "?")) for each in findings)
    assert {each.code for each in findings} >= ({"no-transitions"} if not machine else set())


def test_every_check_stands_in_the_list_once() -> None:
    assert len(CHECKS) == len(set(CHECKS)) == 13


# -- near-misses


@pytest.mark.parametrize(
    ("name", "kind", "meant"),
    [
        ("start", "state", "Start"),
        ("AWAITING QA", "state", "Awaiting QA"),
        ("Awaiting_QA", "state", "Awaiting QA"),
        ("AwaitingQA", "state", "Awaiting QA"),
        ("workflow_complete", "notification", "workflow-complete"),
        ("execution-complete", "message", "execution_complete"),
        ("Complet", "state", "Complete"),
        ("Completed", "state", "Complete"),
        ("Cimplete", "state", "Complete"),
        ("Execuitng", "state", "Executing"),
        ("Exceutnig", "state", "Executing"),
        ("\u0421omplete", "state", "Complete"),  # a Cyrillic letter that looks like a C
        ("qa-\u0440ass", "event", "qa-pass"),  # and one that looks like a p
        ("Ｃｏｍｐｌｅｔｅ", "state", "Complete"),  # noqa: RUF001 - full width
        ("capability-canceled", "event", "capability-cancelled"),
        ("SendMesage", "action", "SendMessage"),
    ],
)
def test_a_near_miss_suggests_the_name_that_was_meant(name: str, kind: str, meant: str) -> None:
    assert nearest(name, PUBLISHED.known(kind)) == meant


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("qa-pass", ["qa-fail"]),
        ("qa", ["qc"]),
        ("on", ["no"]),
        ("cal", ["car"]),
        ("Fail", ["Failed"]),
        ("null", ["null_dag"]),
        ("workflow-failed", ["workflow-complete", "ingest-failed"]),
        ("ingest-failed", ["workflow-failed"]),
        ("Start", []),
        ("QaFail", ["QaPass"]),
    ],
)
def test_names_that_are_short_or_far_apart_are_not_taken_for_each_other(
    name: str, known: list[str]
) -> None:
    assert nearest(name, known) == ""


def test_of_several_names_the_nearest_is_suggested_and_else_the_first_by_the_alphabet() -> None:
    assert nearest("Executin", ["Executions", "Executing"]) == "Executing"
    assert nearest("release-x", ["release-b", "release-a"]) == "release-a"


@given(st.sampled_from(sorted(PUBLISHED.states)), st.data())
def test_one_wrong_letter_in_a_name_of_four_or_more_still_suggests_it(
    name: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("xyz"))
    assert nearest(name[:place] + letter + name[place + 1 :], PUBLISHED.states) == name


def test_a_vocabulary_knows_its_names_by_kind() -> None:
    known = Vocabulary(
        states=frozenset("s"),
        events=frozenset("e"),
        actions={"a": "message"},
        messages=frozenset("m"),
        notifications=frozenset("n"),
        workflows=frozenset("w"),
    ).with_workflows({"v"})
    assert {kind: sorted(known.known(kind)) for kind in TERM_KINDS} == {
        "state": ["s"],
        "event": ["e"],
        "action": ["a"],
        "message": ["m"],
        "notification": ["n"],
        "workflow": ["v", "w"],
    }
