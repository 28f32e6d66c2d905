"""Rules: every finding has one, every one can be broken; slips of the pen and what was meant."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.checks import (
    RULES,
    TEXT_RULES,
    Finding,
    Severity,
    check,
    near_capabilities,
    near_capability,
)
from capabilities.machines.machine import Key, Machine, bind
from capabilities.machines.notation import parse, read
from capabilities.machines.vocabulary import PUBLISHED, TERM_KINDS

from .test_checks import KNOWN, SOUND, changed, found
from .test_seed_page import CURRENT, IDEAL, NAMES

ERROR, WARNING, INFO = Severity

WITHOUT_INGESTION = """\
[Start] - <capability-submitted> {QueueWorkflow cal} -> [Queued]
[Queued] - <resume> {ExecuteWorkflow cal} -> [Executing]
[Executing] - <workflow-complete> {SendMessage execution_complete} -> [Complete]
[Executing] - <workflow-failed> {SendMessage execution_failed} -> [Failed]
[Executing] - <capability-cancelled> {no action} -> [Failed]
"""

BROKEN = {
    "no-transitions": (ERROR, ""),
    "no-start": (ERROR, SOUND.replace("[Start]", "[Queue]")),
    "unreachable-state": (
        ERROR,
        changed(
            "-> [Executing]\n[Executing] - <workflow-comp",
            "-> [Failed]\n[Executing] - <workflow-comp",
        ),
    ),
    "dead-end": (WARNING, changed("{QaFail} -> [Failed]", "{QaFail} -> [Over]")),
    "no-final-state": (
        ERROR,
        SOUND.replace("[Failed]", "[Start]").replace("[Complete]", "[Start]"),
    ),
    "no-cancellation": (INFO, changed("<capability-cancelled>", "<delivery>")),
    "unhandled-outcome": (ERROR, changed("<qa-fail>", "<delivery>")),
    "completion-before-qa": (WARNING, changed("{AnnounceQa}", "{SendMessage execution_complete}")),
    "qa-outcome-without-action": (WARNING, changed("{QaFail}", "{no action}")),
    "missing-argument": (ERROR, changed("{SendMessage execution_failed}", "{SendMessage}")),
    "needless-argument": (ERROR, changed("{AnnounceQa}", "{AnnounceQa loudly}")),
    "many-arguments": (ERROR, changed("execution_failed}", "execution_failed aborted}")),
    "unbound-parameter": (ERROR, changed("{QueueWorkflow cal}", "{QueueWorkflow (x)}")),
    "foreign-workflow": (WARNING, changed("{QueueWorkflow cal}", "{QueueWorkflow null}")),
    "workflow-not-started": (WARNING, changed("{QaPass} {ExecuteWorkflow cal}", "{QaPass}")),
    "unknown-state": (WARNING, SOUND.replace("[Queued]", "[Waiting]")),
    "unknown-event": (WARNING, changed("<workflow-update>", "<tick>")),
    "unknown-action": (WARNING, changed("{AnnounceQa}", "{Shout}")),
    "unknown-message": (WARNING, changed("execution_failed}", "all_is_lost}")),
    "unknown-notification": (WARNING, changed("workflow-failed}", "ingest-failed}")),
}
"""A machine that breaks each rule, and how bad it is."""


@pytest.mark.parametrize("code", BROKEN)
def test_every_rule_can_be_broken_and_says_how_bad_it_is(code: str) -> None:
    severity, text = BROKEN[code]
    told = [each for each in found(text) if each.code == code]
    assert told
    assert {(each.severity, each.rule) for each in told} == {(severity, RULES[code])}


def test_a_value_that_no_transition_takes_is_told_by_its_parameter() -> None:
    machine = parse(SOUND)
    told = check(machine, capability="cal", vocabulary=KNOWN, unused={"flow", "band"})
    assert told == (
        Finding("unused-parameter", "The parameter (band) has a value, and no transition uses it."),
        Finding("unused-parameter", "The parameter (flow) has a value, and no transition uses it."),
    )
    assert told[0].severity is WARNING


def test_a_capability_that_requires_qa_and_has_none_is_an_error() -> None:
    message = "The capability requires QA, and no transition handles “qa-pass”."
    without = parse(WITHOUT_INGESTION)
    assert check(without, capability="cal", vocabulary=KNOWN) == ()
    told = check(without, capability="cal", vocabulary=KNOWN, requires_qa=True)
    assert told == (Finding("no-qa", message),)
    assert told[0].severity is ERROR
    assert check(parse(SOUND), capability="cal", vocabulary=KNOWN, requires_qa=True) == ()


def test_every_rule_is_tried_here_and_has_all_that_a_person_needs() -> None:
    assert set(RULES) == {*BROKEN, "unused-parameter", "no-qa"}
    for rule in (*RULES.values(), *TEXT_RULES):
        assert rule.title
        assert not rule.title.endswith(".")
        assert rule.why.endswith(".")
        assert rule.mend.endswith((".", "}."))
        assert rule.example


def test_the_rule_of_texts_is_the_parser_s() -> None:
    (rule,) = TEXT_RULES
    assert [each.code for each in read(rule.example).mistakes] == [rule.code]


# -- slips of the pen


def swapped(name: str) -> str:
    """The name with the last two different neighbours swapped."""
    for place in range(len(name) - 1, 0, -1):
        one, other = name[place - 1], name[place]
        if one != other and (one + other).isalpha():
            return name[: place - 1] + other + one + name[place + 1 :]
    raise AssertionError(name)


def separators(name: str) -> str:
    if "-" in name or "_" in name or " " in name:
        return name.translate(str.maketrans("-_ ", "_--"))
    return f"{name[:2]}_{name[2:]}"


HOMOGLYPHS = str.maketrans(
    {"a": "\u0430", "e": "\u0435", "c": "\u0441", "o": "\u043e", "p": "\u0440"}
)
DIGITS = str.maketrans({"l": "1", "o": "0", "s": "5"})

SLIPS = {
    "capitals": str.swapcase,
    "separators": separators,
    "a letter left out": lambda name: name[:1] + name[2:],
    "a letter too many": lambda name: f"{name}x",
    "another letter": lambda name: f"{name[:-1]}x",
    "two letters swapped": swapped,
    "two other letters": lambda name: f"x{name[1:-1]}x",
    "letters of another alphabet": lambda name: name.translate(HOMOGLYPHS),
    "digits for letters": lambda name: name.translate(DIGITS),
    "an accent": lambda name: f"{name[:2]}\u0301{name[2:]}",
    "full width": lambda name: "".join(
        chr(ord(each) + 0xFEE0) if each.isalpha() else each for each in name
    ),
    "another hyphen": lambda name: name.replace("-", "\u2010"),
}
"""What happens to a name when it is typed, or pasted."""

SEED_KNOWN = PUBLISHED.with_workflows(set(NAMES))
TERMS = [(kind, name) for kind in TERM_KINDS for name in sorted(SEED_KNOWN.known(kind))]


def machine_with(kind: str, name: str) -> Machine:
    """A machine that has one name of a kind."""
    source, event, action = "Start", "resume", "{QaPass}"
    if kind == "state":
        source = name
    elif kind == "event":
        event = name
    elif kind == "action":
        action = f"{{{name}}}"
    elif kind == "workflow":
        action = f"{{QueueWorkflow {name}}}"
    else:
        action = f"{{Send{kind.capitalize()} {name}}}"
    return parse(f"[{source}] - <{event}> {action} -> [Failed]\n")


def letters(name: str) -> int:
    return sum(each.isalpha() for each in name)


TYPED = [
    pytest.param(kind, meant, typed, id=f"{slip}-{kind}-{meant}")
    for slip, happen in SLIPS.items()
    for kind, meant in TERMS
    # Two letters of a short name are too many.
    if (typed := happen(meant)) != meant and (slip != "two other letters" or letters(meant) >= 8)
]


@pytest.mark.parametrize(("kind", "meant", "typed"), TYPED)
def test_a_slip_of_the_pen_is_told_with_the_name_that_was_meant(
    kind: str, meant: str, typed: str
) -> None:
    machine = machine_with(kind, typed)
    # A workflow is meant to be the capability's own.
    capability = meant if kind == "workflow" else "null"
    code = "foreign-workflow" if kind == "workflow" else f"unknown-{kind}"
    told = [
        each.suggestion
        for each in check(machine, capability=capability, vocabulary=SEED_KNOWN)
        if each.code == code
    ]
    assert told == [meant]


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        (
            "\u0421omplete",
            "it only looks like “Complete”: it has U+0421 CYRILLIC CAPITAL LETTER ES.",
        ),
        ("Compl\u00e9te", "it has U+00E9 LATIN SMALL LETTER E WITH ACUTE."),
        ("C0mp1ete", "it has U+0030 DIGIT ZERO, U+0031 DIGIT ONE."),
        ("Comple\u0301te", "it has U+0301 COMBINING ACUTE ACCENT."),
        ("CompIete", "it has U+0049 LATIN CAPITAL LETTER I."),
        (
            "Ｃｏｍｐｌｅｔｅ",  # noqa: RUF001 - full width
            "it has U+FF23 FULLWIDTH LATIN CAPITAL LETTER C, "
            "U+FF4F FULLWIDTH LATIN SMALL LETTER O, "
            "U+FF4D FULLWIDTH LATIN SMALL LETTER M and 4 more.",
        ),
        ("complete", "did you mean “Complete”?"),
        ("Com_plete", "did you mean “Complete”?"),
    ],
)
def test_a_character_that_cannot_be_told_apart_is_named(typed: str, end: str) -> None:
    machine = parse(f"[Start] - <resume> {{QaPass}} -> [{typed}]\n")
    (told,) = (
        e for e in check(machine, capability="cal", vocabulary=KNOWN) if e.code == "unknown-state"
    )
    assert told.suggestion == "Complete"
    assert told.message.endswith(end)


@pytest.mark.parametrize(
    ("workflow", "capability", "message", "suggestion"),
    [
        ("std_calibraton", "std_calibration", "did you mean “std_calibration”?", "std_calibration"),
        ("null", "null_dag", "“null” is another capability's, not its own.", ""),
        ("nul_dag", "null", "did you mean “null_dag”?", "null_dag"),
        ("vlass", "null", "is neither the capability's own nor registered.", ""),
    ],
)
def test_a_workflow_that_is_not_the_own_one_is_told_with_whose_it_is(
    workflow: str, capability: str, message: str, suggestion: str
) -> None:
    machine = machine_with("workflow", workflow)
    (told,) = (
        e
        for e in check(machine, capability=capability, vocabulary=SEED_KNOWN)
        if e.code == "foreign-workflow"
    )
    assert told.message.endswith(message)
    assert told.suggestion == suggestion


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("std_calibraton", "std_calibration"),
        ("STD-Calibration", "std_calibration"),
        ("test_down1oad", "test_download"),
        ("null_tree", ""),
        ("null2", ""),
        ("null_dag_2", ""),
        ("std_calibration", ""),
        ("vlass", ""),
    ],
)
def test_a_new_capability_whose_name_is_nearly_a_known_one_s_is_found(
    name: str, meant: str
) -> None:
    assert near_capability(name, NAMES) == meant


ALIKE = st.text(alphabet="ab1l0o-_B\u0430", min_size=1, max_size=7)


@given(new=st.lists(ALIKE, max_size=6, unique=True), known=st.lists(ALIKE, max_size=4))
def test_many_new_names_are_compared_as_each_would_be(new: list[str], known: list[str]) -> None:
    new = [name for name in new if name not in known]
    alone = [(name, near_capability(name, [*known, *new[:n]])) for n, name in enumerate(new)]
    assert list(near_capabilities(new, known)) == [each for each in alone if each[1]]


def test_any_number_of_numbered_names_is_compared_and_of_others_only_so_many() -> None:
    assert not list(near_capabilities((f"std_{number:05}" for number in range(1000)), ()))
    others = ("".join(each) for each in product("bdgklmnp", repeat=3))
    with pytest.raises(ValueError, match="more than 500 names"):
        list(near_capabilities(others, ()))


def test_several_arguments_where_one_is_taken_are_one_finding_and_a_space_for_a_hyphen_none() -> (
    None
):
    old = "{SendMessage execution_failed}"
    key = Key("Executing", "workflow-failed")
    message = "“SendMessage” takes one message, and has 2: “execution_failed aborted”."
    assert found(changed(old, "{SendMessage execution_failed aborted}")) == (
        Finding("many-arguments", message, key),
    )
    (told,) = found(changed(old, "{SendMessage execution failed}"))
    assert (told.code, told.suggestion) == ("unknown-message", "execution_failed")
    assert [e.code for e in found(changed("{QueueWorkflow cal}", "{QueueWorkflow cal now}"))] == [
        "many-arguments"
    ]


# -- silence


def test_qa_in_two_stages_is_no_reason_for_an_alarm() -> None:
    second = "[Awaiting second QA]"
    text = changed(
        "[Awaiting QA] - <qa-pass> {QaPass} {ExecuteWorkflow cal} -> [Ingesting]\n",
        f"[Awaiting QA] - <qa-pass> {{AnnounceQa}} -> {second}\n"
        f"{second} - <qa-pass> {{QaPass}} {{ExecuteWorkflow cal}} -> [Ingesting]\n"
        f"{second} - <qa-fail> {{QaFail}} -> [Failed]\n",
    )
    known = replace(KNOWN, states=KNOWN.states | {"Awaiting second QA"})
    told = check(parse(text), capability="cal", vocabulary=known, requires_qa=True)
    assert told == ()


def test_the_calibration_of_the_team_s_page_has_qa() -> None:
    for machine in (CURRENT, IDEAL):
        told = check(
            bind(machine, {}), capability="std_calibration", vocabulary=SEED_KNOWN, requires_qa=True
        )
        assert "no-qa" not in {each.code for each in told}
