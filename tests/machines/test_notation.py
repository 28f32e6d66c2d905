"""The notation: everything goes out and comes in, and whatever cannot be read is reported."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from capabilities.machines.machine import ACTIONS_LIMIT, Action, Key, Machine, Transition
from capabilities.machines.notation import (
    NO_ACTION,
    NotationError,
    Note,
    lines_of,
    note_problem,
    parse,
    read,
    read_actions,
    read_transition,
    render,
    render_actions,
    render_transition,
)
from tests.strategies import action_lists, machines, transitions

GOOD = "[A] - <e> {x} -> [B]"
READ = Transition("A", "e", (Action("x"),), "B")
EN_DASH = "\u2013"  # what an office program makes of a hyphen


def mistakes_in(text: str) -> list[str]:
    return [str(mistake) for mistake in read(text).mistakes]


# -- laws


@given(machines)
def test_a_machine_that_is_written_down_is_read_as_the_same_machine(machine: Machine) -> None:
    assert parse(render(machine)) == machine


@given(machines)
def test_a_machine_takes_a_line_for_each_transition(machine: Machine) -> None:
    assert len(lines_of(render(machine))) == len(machine) + 1


@given(action_lists)
def test_actions_that_are_written_down_are_read_as_the_same_actions(
    actions: tuple[Action, ...],
) -> None:
    assert read_actions(render_actions(actions)) == actions


@given(st.text() | st.text("[]<>{}\\-> \n\rA", max_size=40))
@example("\ufeff")
@example("\ud800")
@example("[\0] - <\0> {\0} -> [\0]")
def test_whatever_is_read_each_line_is_a_transition_a_note_a_mistake_or_blank(text: str) -> None:
    reading = read(text)
    told = {
        *reading.lines.values(),
        *(note.line for note in reading.notes),
        *(mistake.line for mistake in reading.mistakes),
    }
    lines = dict(enumerate(lines_of(text), start=1))
    says_something = {n for n, line in lines.items() if line.strip() and line.strip() != "--"}
    assert told == says_something
    assert all(mistake.text == lines[mistake.line] for mistake in reading.mistakes)
    assert all(1 <= m.column <= len(m.text) + 1 for m in reading.mistakes)
    assert Machine(reading.transitions).by_key.keys() == reading.lines.keys()


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """A good line, and the same with one character inserted, left out or replaced."""
    line = render_transition(draw(transitions))
    place = draw(st.integers(0, len(line) - 1))
    character = draw(st.sampled_from([*"[]<>{}\\- \tAx\0\r→", EN_DASH, "\u2028", "\ud800", ""]))
    width = draw(st.integers(0, 1)) if character else 1
    return line, line[:place] + character + line[place + width :]


@given(mutated())
def test_a_good_line_with_one_wrong_character_is_read_or_reported(lines: tuple[str, str]) -> None:
    _, line = lines
    assume(not line.startswith("--"))
    transition, mistakes = read_transition(line, 7)
    if transition is None:
        assert {mistake.line for mistake in mistakes} == {7}
    else:
        assert mistakes == []
        assert parse(render_transition(transition)) == Machine((transition,))


@given(transitions)
def test_leaving_out_any_bracket_of_the_notation_itself_is_reported(transition: Transition) -> None:
    plain = Transition("A", "e", transition.actions, "B")
    line = render_transition(plain)
    for place in (0, 2, 6, 8, len(line) - 3, len(line) - 1):
        assert line[place] in "[]<>"
        assert read_transition(line[:place] + line[place + 1 :])[0] is None


@pytest.mark.parametrize(
    "line",
    [
        "[A] - <e> " + "({...} )" * 25_000,
        "[A] - <e> " + "{...} " * 33_000,
        "[A] - <e> " + "{}" * 100_000,
        "[" * 200_000,
        "[A] - <" + "\\" * 200_000,
        "[A] - <e> {" + " " * 200_000,
        " " * 200_000 + "x",
        "[A] - <e> {x} " + "-" * 200_000,
    ],
    ids=lambda line: f"{line[:15]}...",
)
def test_a_hostile_line_of_200_000_characters_is_reported(line: str) -> None:
    transition, mistakes = read_transition(line)
    assert transition is None
    assert mistakes
    assert all(len(str(mistake)) < 600 for mistake in mistakes)


# -- what is read as what


@pytest.mark.parametrize(
    "line",
    [
        GOOD,
        "[A]-<e>{x}->[B]",
        "  [ A ]  -  < e >\t{ x }  ->  [ B ]  ",
        "[A] - <e> {x\u00a0} -> [B]",
        "[A]\u00a0- <e> {x} -> [B]",
        "\ufeff[A] - <e> {x} -> [B]\r\n",
    ],
)
def test_white_space_between_the_parts_means_nothing(line: str) -> None:
    assert parse(line) == Machine((READ,))


@pytest.mark.parametrize(
    "actions", ["{no action}", "{No Action}", "{ no\t action }", "", "{no action} {no action}"]
)
def test_no_action_is_the_absence_of_actions(actions: str) -> None:
    assert parse(f"[A] - <e> {actions} -> [B]") == Machine((Transition("A", "e", (), "B"),))
    assert render_actions(read_actions(actions)) == NO_ACTION


def test_an_action_has_everything_after_its_name_as_its_argument() -> None:
    assert read_actions("{Send a  b} {Send} {Send (x)}") == (
        Action("Send", "a  b"),
        Action("Send"),
        Action("Send", "(x)"),
    )


def test_brackets_inside_names_are_escaped_where_they_would_be_misread() -> None:
    transition = Transition("[A]", "<qa-fail> [{x}]", (Action("{x}", "[<y>] \\ z"),), "a\\")
    written = r"[\[A\]] - <\<qa-fail\> \[\{x}]> {\{x\} [<y>] \\ z} -> [a\\]"
    assert render_transition(transition) == written
    assert parse(written) == Machine((transition,))


def test_a_backslash_before_another_character_is_a_backslash() -> None:
    assert parse(r"[\N \A] - <e\.> {x} -> [B]") == Machine(
        (Transition(r"\N \A", r"e\.", (Action("x"),), "B"),)
    )


def test_names_that_mean_something_elsewhere_mean_nothing_here() -> None:
    text = "[QA: pending] - <null> {node -> --} -> [--]\n"
    machine = Machine((Transition("QA: pending", "null", (Action("node", "-> --"),), "--"),))
    assert (parse(text), render(machine)) == (machine, text)


def test_lines_end_at_lf_and_crlf_and_nowhere_else() -> None:
    assert lines_of("\ufeffa\nb\r\nc\rd\u2028e\x0bf\x0cg\x85h\u2029i\n\n") == [
        "a",
        "b",
        "c\rd\u2028e\x0bf\x0cg\x85h\u2029i",
        "",
        "",
    ]


def test_a_line_separator_in_a_remark_does_not_smuggle_a_transition_in() -> None:
    reading = read(f"-- a\u2028{GOOD}\n{GOOD}\n")
    assert reading.transitions == (READ,)
    assert reading.lines == {READ.key: 2}
    assert [(note.text, note.key, note.line) for note in reading.notes] == [
        (f"a\u2028{GOOD}", None, 1)
    ]


def test_line_numbers_are_those_that_an_editor_shows() -> None:
    text = f"\ufeff\r\n{GOOD}\r\n\r\n-- a remark\r\n[B] - <f> {{y}} -> [C]\r\n"
    reading = read(text)
    assert reading.lines == {Key("A", "e"): 2, Key("B", "f"): 5}
    assert [(note, note.line) for note in reading.notes] == [(Note("a remark", READ.key), 4)]


def test_remarks_belong_to_the_transition_before_them() -> None:
    reading = read(f"-- first\n{GOOD}\n--second\n  --  third  \n--\n")
    assert reading.notes == (
        Note("first", None),
        Note("second", READ.key),
        Note("third", READ.key),
    )


def test_a_remark_after_a_line_that_cannot_be_read_does_not_slide_to_the_one_before() -> None:
    assert read(f"{GOOD}\n[B - <f> {{y}} -> [C]\n-- about B\n").notes == (Note("about B", None),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        (" \u2028", "is empty"),
        ("a\0", "has the unusable character U+0000"),
        ("a\nb", "has the unusable character U+000A"),
        ("a\ud800", "has the unusable character U+D800"),
        ("a\tb\u2028c", None),
    ],
)
def test_a_note_is_one_line_of_any_text(text: str, problem: str | None) -> None:
    assert note_problem(text) == problem


# -- what is reported, and how


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "A] - <e> {x} -> [B]",
            "line 1, column 1: expected “[” before the source state, found “A”\n"
            "    A] - <e> {x} -> [B]\n"
            "    ^",
        ),
        (
            "[A - <e> {x} -> [B]",
            "line 1, column 17: expected “]” after the source state, found “[” "
            "(write “\\[” if it belongs to the name)\n"
            "    [A - <e> {x} -> [B]\n"
            "                    ^",
        ),
        (
            "[A] - e> {x} -> [B]",
            "line 1, column 7: expected “<” before the event, found “e”\n"
            "    [A] - e> {x} -> [B]\n"
            "          ^",
        ),
        (
            "[A] - <e {x} -> [B]",
            "line 1, column 10: expected “>” after the event, found “{” "
            "(write “\\{” if it belongs to the name)\n"
            "    [A] - <e {x} -> [B]\n"
            "             ^",
        ),
        (
            "[A] - <e> x} -> [B]",
            "line 1, column 11: expected “{” before an action or “->”, found “x”\n"
            "    [A] - <e> x} -> [B]\n"
            "              ^",
        ),
        (
            "[A] - <e> {x -> [B]",
            "line 1, column 11: expected “}” to close the action, the line ends\n"
            "    [A] - <e> {x -> [B]\n"
            "              ^",
        ),
        (
            "[A] - <e> {x {y} -> [B]",
            "line 1, column 14: expected “}” after the action, found “{” "
            "(write “\\{” if it belongs to the name)\n"
            "    [A] - <e> {x {y} -> [B]\n"
            "                 ^",
        ),
        (
            "[A] - <e> {x} -> B]",
            "line 1, column 18: expected “[” before the target state, found “B”\n"
            "    [A] - <e> {x} -> B]\n"
            "                     ^",
        ),
        (
            "[A] - <e> {x} -> [B",
            "line 1, column 18: expected “]” to close the target state, the line ends\n"
            "    [A] - <e> {x} -> [B\n"
            "                     ^",
        ),
        (
            f"[A] {EN_DASH} <e> {{x}} -> [B]",
            "line 1, column 5: expected “-” between the source state and the event, "
            f"found “{EN_DASH}”\n"
            f"    [A] {EN_DASH} <e> {{x}} -> [B]\n"
            "        ^",
        ),
        (
            "[A] - <e> {x} → [B]",
            "line 1, column 15: expected “{” before an action or “->”, found “→”\n"
            "    [A] - <e> {x} → [B]\n"
            "                  ^",
        ),
        (
            "[A] - <e> {x}",
            "line 1, column 14: expected “->” before the target state, the line ends\n"
            "    [A] - <e> {x}\n"
            "                 ^",
        ),
        (
            "[A] - <e> {x} -> [B] -- why",
            "line 1, column 22: expected the end of the line, found “-” "
            "(a remark stands on a line of its own that begins with “--”)\n"
            "    [A] - <e> {x} -> [B] -- why\n"
            "                         ^",
        ),
        (
            "[A] - <e> {} -> [B]",
            "line 1, column 11: the action's name is empty; "
            "expected “{Name argument}”, “{Name}” or “{no action}”\n"
            "    [A] - <e> {} -> [B]\n"
            "              ^",
        ),
        (
            "[] - <e> {x} -> [B]",
            "line 1, column 2: the source state is empty; expected a name\n"
            "    [] - <e> {x} -> [B]\n"
            "     ^",
        ),
        (
            "[A] - <e> {x} {no action} -> [B]",
            "line 1, column 15: {no action} means that nothing is done; "
            "expected it alone, or the actions without it\n"
            "    [A] - <e> {x} {no action} -> [B]\n"
            "                  ^",
        ),
        (
            "\t[A] - <e\u200b> {x} -> [B]",
            "line 1, column 9: the event has the unusable character U+200B; expected a name\n"
            "    \t[A] - <e\u200b> {x} -> [B]\n"
            "    \t       ^",
        ),
        (
            "-- a\0b",
            "line 1, column 5: this remark has the unusable character U+0000; remove it\n"
            "    -- a\0b\n"
            "        ^",
        ),
        (
            "--\t\ud800",
            "line 1, column 4: this remark has the unusable character U+D800; remove it\n"
            "    --\t\ud800\n"
            "      \t^",
        ),
    ],
)
def test_a_mistake_says_where_what_was_expected_and_what_is_there(line: str, told: str) -> None:
    assert mistakes_in(line) == [told]


def test_a_key_that_stands_twice_is_reported_with_the_line_of_the_first() -> None:
    assert mistakes_in(f"{GOOD}\n\n  [A] - <e> {{y}} -> [C]\n") == [
        "line 3, column 3: [A] - <e> stands on line 1 already; "
        "expected each source and event once in a machine\n"
        "      [A] - <e> {y} -> [C]\n"
        "      ^"
    ]


def test_too_many_actions_are_reported() -> None:
    line = f"[A] - <e> {'{x}' * (ACTIONS_LIMIT + 1)} -> [B]"
    [mistake] = read(line).mistakes
    assert (mistake.code, mistake.message) == (
        "too-many-actions",
        "expected at most 50 actions, found 51",
    )
    assert not read(line.replace("{x}", "", 1)).mistakes


def test_three_mistakes_are_reported_at_once_in_the_order_of_the_text() -> None:
    text = "[] - <e> {} -> [B]\n[B] - <f> {y} -> [C]\n[C] - <g {z} -> [D]\n"
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert [(m.line, m.column, m.code) for m in caught.value.mistakes] == [
        (1, 2, "bad-name"),
        (1, 10, "bad-action"),
        (3, 10, "unclosed"),
    ]
    assert str(caught.value) == "\n".join(mistakes_in(text))


def test_of_a_long_line_a_mistake_shows_the_part_around_it() -> None:
    [mistake] = read(f"[A] - <e> {{x {'y' * 190}}} => {{z}} -> [B]").mistakes
    assert mistake.column == 206
    assert mistake.excerpt.split("\n") == [
        f"    {'y' * 105}}} => {{z}} -> [B]",
        f"    {' ' * 107}^",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "{x} y",
            "line 1, column 5: expected “{”, found “y”\n    {x} y\n        ^",
        ),
        (
            "{x} -> {y}",
            "line 1, column 5: expected “{”, found “-”\n    {x} -> {y}\n        ^",
        ),
        (
            "{x",
            "line 1, column 1: expected “}” to close the action, the line ends\n    {x\n    ^",
        ),
    ],
)
def test_a_list_of_actions_that_cannot_be_read_is_refused(text: str, told: str) -> None:
    with pytest.raises(NotationError) as caught:
        read_actions(text)
    assert str(caught.value) == told
