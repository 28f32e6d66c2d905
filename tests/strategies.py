"""Values of the pure core for Hypothesis, nasty ones preferred.

`EXAMPLES=20000 pytest tests/machines` tries every law on that many examples.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from capabilities.machines.layers import START, Change, Drop, Layer, Put
from capabilities.machines.machine import Action, Key, Machine, Transition, name_problem
from capabilities.machines.notation import Note, note_problem
from capabilities.machines.page import (
    CURRENT,
    IDEAL,
    Page,
    PageMachine,
    PageTemplate,
    capability_name_problem,
)

# A deadline would fail tests on a busy machine.
settings.register_profile(
    "smadmin",
    deadline=None,
    max_examples=int(os.environ.get("EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("smadmin")

NASTY_NAMES = (
    "<qa-fail>",
    "QA: pending",
    "node",
    "null",
    "no",
    "action",
    "no action",
    '"quoted"',
    "it's",
    "[Start]",
    "{SendMessage x}",
    "\\",
    "\\\\",
    "a\\",
    "\\]",
    "\\N \\G \\E",
    "->",
    "--",
    "-- Current",
    "- <event>",
    "[Start] - <e> {x} -> [B]",
    "(workflow_name)",
    "&lt;b&gt;",
    "<b>x</b>",
    "=1+1",
    "Éxécuting",
    "e\u0301",
    "状態",
    "🛑",
    "two  spaces",
    "x" * 200,
)

_SNIPPETS = (*"[]<>{}\\-()\"'&;:#=*.,|`~ ", "->", "--", "no", "action", "a", "B", "1. ", "\u00a0")

unicode_text = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1, max_size=12
)
_spliced = st.lists(st.sampled_from(_SNIPPETS), min_size=1, max_size=8).map("".join)

names: SearchStrategy[str] = st.one_of(
    st.sampled_from(NASTY_NAMES), _spliced.map(str.strip), unicode_text.map(str.strip)
).filter(lambda name: name_problem(name) is None)

arguments: SearchStrategy[str] = st.just("") | names


def _is_action(parts: tuple[str, str]) -> bool:
    return bool(parts[0]) and (parts[0].lower(), parts[1].lower()) != ("no", "action")


actions: SearchStrategy[Action] = (
    st.tuples(names.map(lambda name: "".join(name.split())), arguments)
    .filter(_is_action)
    .map(lambda parts: Action(*parts))
)

action_lists: SearchStrategy[tuple[Action, ...]] = st.lists(actions, max_size=3).map(tuple)

transitions: SearchStrategy[Transition] = st.builds(Transition, names, names, action_lists, names)


def machines_of(of: SearchStrategy[Transition], max_size: int = 6) -> SearchStrategy[Machine]:
    """Machines, the empty one included, of such transitions."""
    distinct = st.lists(of, max_size=max_size, unique_by=lambda transition: transition.key)
    return distinct.map(lambda found: Machine(tuple(found)))


machines: SearchStrategy[Machine] = machines_of(transitions)

# Of so few names, two machines have much in common, and layers meet what they are laid over.

close_keys: SearchStrategy[Key] = st.builds(Key, st.sampled_from("ABCD"), st.sampled_from("ef"))
close_actions: SearchStrategy[tuple[Action, ...]] = st.lists(
    st.sampled_from([Action("Run"), Action("Run", "x"), Action("Send", "x"), Action("Send", "y")]),
    max_size=3,
).map(tuple)
close_transitions: SearchStrategy[Transition] = st.builds(
    lambda key, actions, target: Transition(key.source, key.event, actions, target),
    close_keys,
    close_actions,
    st.sampled_from("AB"),
)
close_machines: SearchStrategy[Machine] = machines_of(close_transitions, max_size=8)

_small_actions = st.builds(Action, st.sampled_from(["P", "Q"]))
small_machines: SearchStrategy[Machine] = st.lists(
    st.builds(
        Transition,
        st.sampled_from("ABC"),
        st.sampled_from("xy"),
        st.lists(_small_actions, max_size=2).map(tuple),
        st.sampled_from("ABCD"),
    ),
    max_size=5,
    unique_by=lambda transition: transition.key,
).map(lambda transitions: Machine(tuple(transitions)))
"""Machines so small that every run of them can be tried."""

changes: SearchStrategy[Change] = st.one_of(
    st.builds(Drop, close_keys),
    st.builds(Put, close_transitions, st.one_of(st.none(), st.just(START), close_keys)),
)
layers: SearchStrategy[Layer] = st.lists(
    changes, max_size=6, unique_by=lambda change: change.key
).map(tuple)


NASTY_NOTES = (
    "Current",
    "ideal:",
    "\\Current",
    "No transitions",
    "NO TRANSITIONS:",
    "-",
    "--",
    "-- Ideal",
    "---",
    "# heading",
    "1. Simple run-workflow",
    "• bullet",
    "```",
    "Legend",
    "Skip to content",
    "[A] - <e> {x} -> [B]",
    "a\u2028[A] - <e> {x} -> [B]",
    "before\u2029after",
    "\ufeffmark",
    "tab\tinside",
    "\\",
)
NASTY_REMARKS = (
    "Is it so?",
    "Question: What?",
    "question (WS-1): x",
    "Question (no ticket, owner ada): WS-2",
    "Question (a, b): x",
    "Question:",
    "Remark: x",
    "Remark: Remark: x?",
    "Answer: x",
    "Answer (ada, 2026-11-24): x",
    "Answer (for now): x?",
    "At [A]: x",
    "At [A]: Answer: x",
    "At [A: x",
    "at [\\]]: x?",
    "Figure out WS-799 (or UTF-8)",
)
note_texts: SearchStrategy[str] = st.one_of(
    st.sampled_from(NASTY_NOTES),
    st.sampled_from(NASTY_REMARKS),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20).map(str.strip),
).filter(lambda text: note_problem(text) is None)
note_details: SearchStrategy[str] = st.one_of(
    st.sampled_from(
        ["", "WS-1", "ada", "by ada", "no ticket", "owner x", "ticket", "a, (b\\)", "2026-11-24"]
    ),
    note_texts,
)
times: SearchStrategy[str] = st.sampled_from(
    ["", "2026-11-24", "2024-02-29 00:00:01 UTC", "2026-11-24 14:08 UTC"]
)


@st.composite
def notes_at(draw: DrawFn, place: Key | None) -> Note:
    """A note at a transition; where `place` is None, at any state or on the whole machine."""
    state = draw(st.just("") | names) if place is None else ""
    if not draw(st.booleans()):
        return Note(draw(note_texts), place, state=state)
    answer = draw(st.just("") | note_texts)
    return Note(
        draw(note_texts),
        place,
        state=state,
        is_question=True,
        ticket=draw(note_details),
        owner=draw(note_details),
        answer=answer,
        answered_by=draw(note_details) if answer else "",
        answered_at=draw(times) if answer else "",
    )


@st.composite
def notes_on(draw: DrawFn, machine: Machine | None) -> tuple[Note, ...]:
    """Notes in the order in which a page has them: on the machine, then at its transitions."""
    places: list[Key | None] = [None, *(machine.by_key if machine else ())]
    found: list[Note] = []
    for place in places:
        found += draw(st.lists(notes_at(place), max_size=2))
    return tuple(found)


capability_names: SearchStrategy[str] = st.one_of(
    st.sampled_from(["null", "on", "1e3", "0755", "1.", "2.x", "std_calibration", "templates"]),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True),
).filter(lambda name: capability_name_problem(name) is None)

titles: SearchStrategy[str] = st.one_of(
    names,
    st.sampled_from(
        [
            "Run (EVLA)",
            "(x)",
            "a (b) (c)",
            "a\\",
            "a\\(b)",
            "a ((b))",
            "a (b\\)",
            "[x",
            "\\[x",
            "1.",
        ]
    ),
)


@st.composite
def page_machines(draw: DrawFn) -> list[PageMachine]:
    """What a page says of one capability."""
    capability = draw(capability_names)
    kinds = draw(
        st.sampled_from([(CURRENT,), (IDEAL,), (CURRENT, IDEAL), (IDEAL, CURRENT)]),
    )
    found: list[PageMachine] = []
    for kind in kinds:
        same = kind == IDEAL and draw(st.booleans())
        machine = None if same else draw(machines_of(transitions, max_size=3))
        found.append(PageMachine(capability, kind, machine, draw(notes_on(machine))))
    return found


@st.composite
def page_templates(draw: DrawFn) -> PageTemplate:
    machine = draw(machines_of(transitions, max_size=3))
    return PageTemplate(draw(titles), machine, draw(notes_on(machine)))


@st.composite
def pages(draw: DrawFn) -> Page:
    """Whole pages, in the order in which they are written out."""
    capabilities = draw(
        st.lists(page_machines(), max_size=2, unique_by=lambda found: found[0].capability)
    )
    templates = draw(st.lists(page_templates(), max_size=2, unique_by=lambda found: found.title))
    return Page(tuple(each for found in capabilities for each in found), tuple(templates))
