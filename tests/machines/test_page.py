"""The wiki page: what opens a machine, what is a note, what is ignored; nothing is lost."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from capabilities.machines.formats.mermaid import mermaid
from capabilities.machines.machine import Action, Key, Machine, Transition
from capabilities.machines.notation import Note, lines_of, render, render_transition
from capabilities.machines.page import (
    CURRENT,
    IDEAL,
    Ignored,
    Page,
    PageMachine,
    PageTemplate,
    capability_name_problem,
    parse_page,
    render_page,
)
from tests.strategies import pages, transitions

LINE = "[A] - <e> {x} -> [B]"
READ = Transition("A", "e", (Action("x"),), "B")
NEXT_LINE = "[B] - <f> {y} -> [C]"
READ_NEXT = Transition("B", "f", (Action("y"),), "C")
ONE, BOTH = Machine((READ,)), Machine((READ, READ_NEXT))


def current(machine: Machine | None, *notes: Note) -> PageMachine:
    return PageMachine("cap", CURRENT, machine, notes)


def mistakes_in(text: str) -> list[str]:
    return [str(mistake) for mistake in parse_page(text).mistakes]


def accounted_lines(page: Page) -> list[int]:
    """The lines of a page that are a heading, a transition, a note or ignored, each as often."""
    found = [ignored.line for ignored in page.ignored]
    items: list[PageMachine | PageTemplate] = [*page.machines, *page.templates]
    for item in items:
        found += [*item.headings, *item.lines.values()]
        # What stands in parentheses behind a template's title is a note on the heading's line.
        found += [note.line for note in item.notes if note.line not in item.headings]
        found += [note.answer_line for note in item.notes if note.answer_line]
    return sorted(found)


def written_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(lines_of(text), start=1) if line.strip()]


# -- laws


@given(pages(), st.booleans())
def test_a_page_that_is_written_out_is_read_as_the_same_page(page: Page, markdown: bool) -> None:
    text = render_page(page, markdown=markdown)
    read = parse_page(text)
    assert read.mistakes == ()
    assert read == page
    assert render_page(read, markdown=markdown) == text


@given(pages(), st.booleans())
def test_each_line_of_a_page_is_accounted_for_exactly_once(page: Page, markdown: bool) -> None:
    text = render_page(page, markdown=markdown)
    assert accounted_lines(parse_page(text)) == written_lines(text)


_page_lines = st.lists(
    st.sampled_from(
        [
            "",
            "",
            LINE,
            NEXT_LINE,
            "null",
            "std cms",
            "## heading",
            "### 1. title",
            "-- Current",
            "-- Ideal",
            "### Ideal",
            "-- No transitions",
            "-- remark",
            "--",
            "---",
            "```",
            "Prose, at some length.",
            "A title",
            "• bullet",
            "1. Template (aside) (more)",
            "1. (aside)",
            "Legend",
            "- <e> {Action 1} ->",
            "Edited by N",
            "\x00",
            "[broken",
        ]
    ),
    max_size=14,
).map("\n".join)


@given(st.text() | _page_lines)
@example("\ufeff")
@example("# ")
@example("\ud800\n\n[A]")
def test_whatever_is_read_no_line_of_a_page_vanishes(text: str) -> None:
    page = parse_page(text)
    told = set(accounted_lines(page)) | {mistake.line for mistake in page.mistakes}
    if all(mistake.code != "duplicate-machine" for mistake in page.mistakes):
        assert told == set(written_lines(text))
    if not page.mistakes:
        assert accounted_lines(page) == written_lines(text)
        assert parse_page(render_page(page)) == page


@given(transitions, st.data())
def test_a_line_with_one_wrong_character_is_never_silently_ignored(
    transition: Transition, data: st.DataObject
) -> None:
    line = render_transition(transition)
    place = data.draw(st.integers(0, len(line) - 1))
    character = data.draw(st.sampled_from([*"[]<>{}\\-#=.1 \tAx\0\r`→\u2013\u2028", ""]))
    width = data.draw(st.integers(0, 1)) if character else 1
    changed = line[:place] + character + line[place + width :]
    assume(not changed.strip().startswith("--"))  # that is a remark
    for before, after in (("-- Current\n", ""), ("", "\n"), ("", "---\n"), ("\n", "\n")):
        page = parse_page(f"cap\n\n{before}{changed}\n{after}")
        where = 3 + before.count("\n")
        read = {line: key for machine in page.machines for key, line in machine.lines.items()}
        assert (where in read) != (where in {mistake.line for mistake in page.mistakes})


@pytest.mark.parametrize(
    "text",
    [
        "1. " + "()" * 100_000 + f"\n{LINE}",
        "1. " + "(" * 200_000 + f"\n{LINE}",
        "# " * 100_000,
        "-- " + "\\" * 200_000,
        "[A] - <e> " + "({...} )" * 25_000,
        "word " * 40_000 + f"\n{LINE}",
        "-" * 200_000,
    ],
    ids=lambda text: f"{text[:15]}...",
)
def test_a_page_with_a_hostile_line_of_200_000_characters_is_read(text: str) -> None:
    page = parse_page(f"cap\n\n{text}\n")
    assert page.mistakes or page.ignored or page.machines[0].notes


# -- capabilities and their machines


def test_a_word_before_a_machine_opens_a_capability_whose_current_machine_it_is() -> None:
    text = f"null\n\n{LINE}\n\nnull_dag\n{LINE}\n{NEXT_LINE}\n"
    assert parse_page(text).machines == (
        PageMachine("null", CURRENT, ONE),
        PageMachine("null_dag", CURRENT, BOTH),
    )


def test_current_and_ideal_are_told_by_remarks_or_by_headings() -> None:
    plain = f"cap\n\n-- Current\n{LINE}\n\n--ideal:\n{NEXT_LINE}\n"
    markdown = f"## cap\n\n### Current\n```text\n{LINE}\n```\n\n### Ideal:\n~~~\n{NEXT_LINE}\n~~~\n"
    ideal = PageMachine("cap", IDEAL, Machine((READ_NEXT,)))
    assert parse_page(plain).machines == (current(ONE), ideal)
    assert parse_page(markdown).machines == (current(ONE), ideal)
    assert [m.headings for m in parse_page(plain).machines] == [(1, 3), (6,)]
    assert [m.line for m in parse_page(markdown).machines] == [3, 8]


def test_prose_alone_leaves_the_ideal_machine_the_same_as_the_current_one() -> None:
    page = parse_page(f"cap\n\n-- Current\n{LINE}\n\n-- Ideal\nLeave it.\n\nMore to come\n")
    assert page.machines == (
        current(ONE),
        PageMachine("cap", IDEAL, None, (Note("Leave it."), Note("More to come"))),
    )


def test_a_machine_without_transitions_says_so() -> None:
    page = parse_page(f"cap\n\n-- Current\n{LINE}\n\n-- Ideal\n-- no transitions\n")
    assert page.machines == (current(ONE), PageMachine("cap", IDEAL, Machine()))
    assert page.machines[1].headings == (6, 7)


def test_no_transitions_beside_transitions_is_a_mistake() -> None:
    assert mistakes_in(f"cap\n\n{LINE}\n-- No transitions\n") == [
        "line 4, column 1: “-- No transitions” means that the machine has none; "
        "expected it alone, or the transitions without it\n"
        "    -- No transitions\n"
        "    ^"
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("null", None),
        ("0755", None),
        ("a.b-c_d", None),
        ("", "is empty"),
        (
            "two words",
            "may have only letters, digits, “_”, “-” and “.”, and begins with a letter or digit",
        ),
        (
            "_a",
            "may have only letters, digits, “_”, “-” and “.”, and begins with a letter or digit",
        ),
        ("é", "may have only letters, digits, “_”, “-” and “.”, and begins with a letter or digit"),
        ("Legend", "is a word with a meaning of its own on the page"),
        ("IDEAL", "is a word with a meaning of its own on the page"),
        ("x" * 201, "is longer than 200 characters"),
    ],
)
def test_a_capability_says_why_it_cannot_be_called_so(name: str, problem: str | None) -> None:
    assert capability_name_problem(name) == problem


@pytest.mark.parametrize("name", ["std calibration", "_cap", "café"])
def test_a_heading_of_a_machine_that_is_no_capability_name_is_a_mistake(name: str) -> None:
    problem = "may have only letters, digits, “_”, “-” and “.”, and begins with a letter or digit"
    told = (
        f"line 4, column 1: this stands where a capability's name does, but it {problem} "
        f"(a remark begins with “--”)\n    {name}\n    ^"
    )
    assert mistakes_in(f"cap\n{LINE}\n\n{name}\n\n-- Current\n{NEXT_LINE}\n") == [told]
    assert mistakes_in(f"cap\n{LINE}\n\n{name}\n\n{NEXT_LINE}\n") == [told]


def test_a_misspelt_capability_does_not_leave_its_machine_to_the_one_before() -> None:
    text = f"cap\n\n-- Ideal\nLeave it.\n\nstd restore imaging\n\n{LINE}\n"
    assert [(m.line, m.code) for m in parse_page(text).mistakes] == [(6, "bad-capability")]
    assert parse_page(text).machines[0] == PageMachine("cap", IDEAL, None, (Note("Leave it."),))


def test_a_machine_that_stands_twice_is_a_mistake() -> None:
    text = f"cap\n\n{LINE}\n\n1. T\n{LINE}\n\ncap\n\n{LINE}\n\n2. T (x)\n{LINE}\n"
    assert mistakes_in(text) == [
        "line 8, column 1: the current machine of “cap” stands on line 1 already; "
        "expected it once on a page\n    cap\n    ^",
        "line 12, column 1: the machine template “T” stands on line 5 already; "
        "expected it once on a page\n    2. T (x)\n    ^",
    ]


@pytest.mark.parametrize("before", ["", "1. T\n[A] - <e> {x} -> [B]\n\n"])
def test_a_kind_without_a_capability_is_a_mistake(before: str) -> None:
    [mistake] = parse_page(f"{before}-- Ideal\n").mistakes
    assert (mistake.code, mistake.message, mistake.text) == (
        "no-capability",
        "“Ideal” belongs to no capability; expected the capability's name "
        "on a line of its own above it",
        "-- Ideal",
    )


def test_a_transition_without_a_machine_is_a_mistake() -> None:
    assert mistakes_in(f"Some prose, at length.\n  {LINE}\n") == [
        "line 2, column 3: this transition belongs to no machine; expected the capability's name "
        f"on a line of its own above it\n      {LINE}\n      ^"
    ]


def test_mistakes_in_several_machines_are_reported_at_once_in_the_order_of_the_text() -> None:
    text = f"1. T\n[A - <e>\n\ncap\n\n{LINE}\n{LINE}\n\n-- Ideal\n[A] - <e> {{}} -> [B]\n"
    assert [(m.line, m.column, m.code) for m in parse_page(text).mistakes] == [
        (2, 1, "unclosed"),
        (7, 1, "duplicate-key"),
        (10, 11, "bad-action"),
    ]


# -- transitions are never ignored


@pytest.mark.parametrize(
    "text",
    [
        f"cap\n\n{LINE}\n\n{NEXT_LINE}\n\n",
        f"cap\n\n{LINE}\n---\n{NEXT_LINE}\n===\n",
        f"cap\n\n{LINE}\n\n\n\n   {NEXT_LINE}",
    ],
)
def test_a_transition_stays_in_its_machine_whatever_stands_around_it(text: str) -> None:
    page = parse_page(text)
    assert (page.mistakes, page.machines) == ((), (current(BOTH),))


def test_a_transition_that_speaks_of_a_template_is_no_heading() -> None:
    page = parse_page("cap\n\n[A] - <e> {template} -> [B]\n\n")
    assert page.machines == (current(Machine((Transition("A", "e", (Action("template"),), "B"),))),)


@pytest.mark.parametrize("mark", ["1. ", "# ", "* ", "- ", "> "])
def test_a_transition_behind_a_mark_of_markdown_is_a_mistake(mark: str) -> None:
    text = f"cap\n\n{LINE}\n\n{mark}{NEXT_LINE}\n\n"
    assert mistakes_in(text) == [
        f"line 5, column 1: expected “[” before the source state, found “{mark[0]}”\n"
        f"    {mark}{NEXT_LINE}\n    ^"
    ]


# -- templates


def test_a_number_before_a_machine_opens_a_template() -> None:
    text = f"1. Simple run\n{LINE}\n1) Another\n\n```\n{NEXT_LINE}\n```\n"
    assert parse_page(text).templates == (
        PageTemplate("Simple run", ONE),
        PageTemplate("Another", Machine((READ_NEXT,))),
    )


def test_what_stands_in_parentheses_behind_a_title_is_a_note() -> None:
    [template] = parse_page(f"### 2. Run (with) QA (in flux)  (EVLA)\n\n{LINE}\n").templates
    assert template == PageTemplate("Run (with) QA", ONE, (Note("(in flux) (EVLA)"),))
    assert [(note.line, template.headings) for note in template.notes] == [(1, (1,))]


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Run (EVLA)", "1. Run \\(EVLA)"),
        ("a\\", "1. a\\\\"),
        ("a\\(b)", "1. a\\\\\\(b)"),
        ("[x", "1. \\[x"),
        ("\\[x", "1. \\\\[x"),
        ("a [x]", "1. a [x]"),
        (LINE, f"1. \\{LINE}"),
    ],
)
def test_a_title_is_escaped_where_it_would_be_misread(title: str, written: str) -> None:
    page = Page(templates=(PageTemplate(title, ONE),))
    assert render_page(page).split("\n")[-3:] == [written, LINE, ""]
    assert parse_page(render_page(page)) == page


def test_a_title_that_is_only_a_remark_is_a_mistake() -> None:
    assert mistakes_in(f"1. (x)\n{LINE}\n") == [
        "line 1, column 1: the machine template's title is empty; expected a title\n"
        "    1. (x)\n    ^"
    ]


# -- notes


def test_notes_belong_to_the_transition_before_them_and_prose_to_the_machine() -> None:
    text = f"cap\n\n-- first\n{LINE}\n-- about A\n• a bullet\n{NEXT_LINE}\n-- about B\n  Prose.\n"
    [machine] = parse_page(text).machines
    assert [(note.text, note.key, note.line) for note in machine.notes] == [
        ("first", None, 3),
        ("a bullet", None, 6),
        ("Prose.", None, 9),
        ("about A", Key("A", "e"), 5),
        ("about B", Key("B", "f"), 8),
    ]


def test_a_rule_below_a_remark_does_not_make_a_heading_of_it() -> None:
    page = parse_page(f"cap\n\n{LINE}\n-- a remark\n---\n")
    assert page.machines == (current(ONE, Note("a remark", READ.key)),)
    assert page.ignored == (Ignored(5, "---"),)


def test_a_note_that_would_mean_something_is_written_behind_a_backslash() -> None:
    notes = (Note("Ideal"), Note("\\No transitions:"), Note("Ideals"))
    page = Page((current(ONE, *notes),))
    text = render_page(page)
    assert "-- \\Ideal\n-- \\\\No transitions:\n-- Ideals\n" in text
    assert parse_page(text) == page


def test_a_line_separator_in_a_note_does_not_smuggle_a_transition_in() -> None:
    [machine] = parse_page(f"cap\n\n{LINE}\n-- a\u2028{NEXT_LINE}\n").machines
    assert machine == current(ONE, Note(f"a\u2028{NEXT_LINE}", READ.key))


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [("-- a\0b", 5, "U+0000"), ("Prose \ud800", 7, "U+D800"), ("  • a\x85b", 6, "U+0085")],
)
def test_a_note_that_no_database_takes_is_a_mistake(line: str, column: int, code: str) -> None:
    [mistake] = parse_page(f"cap\n\n{LINE}\n{line}\n").mistakes
    assert (mistake.line, mistake.column, mistake.code) == (4, column, "bad-character")
    assert (mistake.message, mistake.text) == (
        f"this remark has the unusable character {code}; remove it",
        line,
    )


# -- the text around


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    text = f"cap\n\n-- Current\n{LINE}\n-- a remark\n\n-- Ideal\nProse.\n\n1. T (x)\n{LINE}\n"
    windows = "\ufeff" + text.replace("\n", "\r\n")
    assert parse_page(windows) == parse_page(text)
    assert parse_page(windows).machines[0].lines == {READ.key: 4}
    assert [item.line for item in parse_page(windows).machines] == [3, 7]
    assert not parse_page(windows).mistakes


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert parse_page(f"\ufeffcap\n\n{LINE}\n").machines == (current(ONE),)


def test_the_legend_and_the_prose_around_are_ignored_and_listed() -> None:
    text = f"Legend\n\n- [State]\n- <event> {{Action}} ->\n\ncap\n{LINE}\n\nFurther reading\n\nX\n"
    page = parse_page(text)
    assert (page.mistakes, page.machines) == ((), (current(ONE),))
    assert page.ignored == (
        Ignored(1, "Legend"),
        Ignored(3, "- [State]"),
        Ignored(4, "- <event> {Action} ->"),
        Ignored(9, "Further reading"),
        Ignored(11, "X"),
    )


def test_an_empty_page_says_nothing() -> None:
    assert parse_page("") == Page()
    assert parse_page(render_page(Page())) == Page()


# -- the two forms, as they are written

EXAMPLE = Page(
    (
        current(ONE, Note("on the machine"), Note("on A", READ.key)),
        PageMachine("cap", IDEAL, None, (Note("Leave it."),)),
        PageMachine("null", IDEAL, Machine()),
    ),
    (PageTemplate("Simple (x)", BOTH),),
)


def test_a_page_in_the_plain_form_looks_like_the_team_s_own() -> None:
    assert render_page(EXAMPLE) == (
        "Capability State Machines\n\nLegend\n\n"
        "- [State Name]\n- <event> {Action 1} {Action 2} ... {Action N} ->\n\n"
        f"cap\n\n-- Current\n-- on the machine\n{LINE}\n-- on A\n\n-- Ideal\n-- Leave it.\n\n"
        "null\n\n-- Ideal\n-- No transitions\n\n"
        f"Current Templates\n\n1. Simple \\(x)\n{LINE}\n{NEXT_LINE}\n"
    )


def test_a_page_in_markdown_has_headings_fences_a_table_and_diagrams() -> None:
    picture = f"```mermaid\n{mermaid(ONE)}```\n\n"
    assert render_page(EXAMPLE, markdown=True) == (
        "# Capability State Machines\n\n## Legend\n\n"
        "```text\n- [State Name]\n- <event> {Action 1} {Action 2} ... {Action N} ->\n```\n\n"
        "## Machines\n\n"
        "| Capability | Kind | States | Transitions | Actions |\n|---|---|---:|---:|---:|\n"
        "| `cap` | current | 2 | 1 | 1 |\n"
        "| `cap` | ideal, same as current | | | |\n"
        "| `null` | ideal | 0 | 0 | 0 |\n\n"
        "## cap\n\n### Current\n\n"
        f"```text\n-- on the machine\n{LINE}\n-- on A\n```\n\n{picture}"
        "### Ideal\n\n```text\n-- Leave it.\n```\n\n"
        "## null\n\n### Ideal\n\n```text\n-- No transitions\n```\n\n"
        "## Current Templates\n\n"
        f"### 1. Simple \\(x)\n\n```text\n{LINE}\n{NEXT_LINE}\n```\n\n"
        f"```mermaid\n{mermaid(BOTH)}```\n"
    )


def test_a_diagram_on_a_page_is_passed_over_and_accounted_for() -> None:
    text = f"cap\n\n{LINE}\n\n```mermaid\nstateDiagram-v2\n\n  {NEXT_LINE}\n```\n\n-- noted"
    page = parse_page(text)
    assert page.mistakes == ()
    assert page.machines == (current(ONE, Note("noted", READ.key)),)
    assert [each.line for each in page.ignored] == [5, 6, 8, 9]


def test_a_diagram_without_an_end_hides_nothing() -> None:
    page = parse_page(f"cap\n\n```mermaid\n{LINE}\n")
    assert page.machines[0].machine == ONE
    assert [each.line for each in page.ignored] == [3]


def test_machines_on_a_page_are_written_as_they_are_alone() -> None:
    assert render(BOTH) in render_page(EXAMPLE)
