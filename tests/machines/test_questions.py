"""What asks, what a remark says of itself, and that it is written as it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.machine import Key, Machine
from capabilities.machines.notation import Note, read, render_with_notes
from capabilities.machines.page import parse_page, render_page
from capabilities.machines.questions import (
    Answer,
    Remark,
    asks,
    read_answer,
    read_remark,
    ticket_in,
    when,
    write_remark,
)

from ..factories import SEED_TEXT
from ..strategies import machines, note_texts, notes_on

PAGE = parse_page(SEED_TEXT)
PASS = Key("Awaiting QA", "qa-pass")
INGESTED, INGEST_FAILED = Key("Ingesting", "workflow-complete"), Key("Ingesting", "workflow-failed")


# -- the team's page


def test_exactly_these_lines_of_the_page_are_questions() -> None:
    owners: dict[str, tuple[Note, ...]] = {
        f"{each.capability} {each.kind}": each.notes for each in PAGE.machines
    }
    for template in PAGE.templates:
        owners[template.title] = template.notes
    asked: dict[tuple[str, Key | None], tuple[str, str]] = {
        (owner, note.key): (note.text[:20], note.ticket)
        for owner, notes in owners.items()
        for note in notes
        if note.is_question
    }
    in_qa: dict[Key, tuple[str, str]] = {
        PASS: ("Should we run QaFail", "WS-799"),
        INGESTED: ("Is the ingestion-com", ""),
        INGEST_FAILED: ("New email template f", ""),
    }
    restore = asked.pop(("std_restore_imaging ideal", None))
    assert restore == ("QA process will need", "")
    assert asked == {
        (owner, key): said
        for owner in ("std_calibration ideal", "Run-workflow with single-stage QA")
        for key, said in in_qa.items()
    }
    assert not any(note.answer or note.state for notes in owners.values() for note in notes)


@pytest.mark.parametrize("markdown", [False, True])
def test_the_page_is_written_without_words_before_its_remarks(markdown: bool) -> None:
    written = render_page(PAGE, markdown=markdown)
    remarks = {line for line in SEED_TEXT.split("\n") if line.startswith("-- ")}
    said = {line for line in written.split("\n") if line.startswith("-- ")}
    assert {line for line in remarks if line.lower() not in ("-- current", "-- ideal")} <= said


# -- what asks


@pytest.mark.parametrize(
    "text",
    [
        "Is it so?",
        "Is it so? We think it is.",
        "(is it so?)",
        "“Is it so?”, they said",
        "What?!",
        "Figure out what to do.",
        "This has to be figured out.",
    ],
)
def test_a_text_that_asks_is_a_question(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is so.",
        "See https://example.org/x?y=1 for it",
        "a ?? b",
        "We figured out that it is so.",
        "It has been figured out.",
        "Questionable.",
    ],
)
def test_a_text_that_does_not_is_none(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("on specific versions (WS-799)", "WS-799"),
        ("WS-1, then SSA-22", "WS-1"),
        ("in UTF-8 and ISO-8601", ""),
        ("A-1, ws-799, XWS-799x, WS-", ""),
    ],
)
def test_an_issue_key_in_a_text_is_its_ticket(text: str, ticket: str) -> None:
    assert ticket_in(text) == ticket


# -- what a remark says of itself


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        ("Ask them.", Remark("Ask them.")),
        ("Is it (WS-1)?", Remark("Is it (WS-1)?", "", True, "WS-1")),
        ("Question: Ask them.", Remark("Ask them.", "", True)),
        ("question:Ask of WS-1.", Remark("Ask of WS-1.", "", True, "WS-1")),
        ("Question (no ticket): Ask of WS-1.", Remark("Ask of WS-1.", "", True)),
        ("Question (WS-801, owner ada): Ask.", Remark("Ask.", "", True, "WS-801", "ada")),
        ("Question (owner ada, ticket 7): Ask.", Remark("Ask.", "", True, "7", "ada")),
        (r"Question (owner a\, b \(c\)): Ask.", Remark("Ask.", "", True, "", "a, b (c)")),
        ("Remark: Is it?", Remark("Is it?")),
        ("At [Awaiting QA]: Ask.", Remark("Ask.", "Awaiting QA")),
        (r"At [a\]b]: Question (WS-1): Ask.", Remark("Ask.", "a]b", True, "WS-1")),
        # What is not understood is the remark's own text.
        ("Question (for later): Ask.", Remark("Question (for later): Ask.")),
        ("Question (WS-1, WS-2): Ask.", Remark("Question (WS-1, WS-2): Ask.")),
        ("Question:", Remark("Question:")),
        ("At [ ]: Ask.", Remark("At [ ]: Ask.")),
        (f"Question (owner {'x' * 151}): A.", Remark(f"Question (owner {'x' * 151}): A.")),
    ],
)
def test_a_remark_is_read_as_what_it_says(line: str, remark: Remark) -> None:
    assert read_remark(line) == remark
    assert read_remark(write_remark(remark)) == remark


@pytest.mark.parametrize(
    ("remark", "line"),
    [
        (Remark("Is it (WS-1)?", "", True, "WS-1"), "Is it (WS-1)?"),
        (Remark("Is it (WS-1)?"), "Remark: Is it (WS-1)?"),
        (Remark("Is it (WS-1)?", "", True), "Question (no ticket): Is it (WS-1)?"),
        (Remark("Ask.", "X", True, "WS-1", "ada"), "At [X]: Question (WS-1, owner ada): Ask."),
        (Remark("Is it?", "X", True), "At [X]: Is it?"),
        (Remark("Answer: x"), "Remark: Answer: x"),
    ],
)
def test_a_remark_is_written_in_as_few_words_as_say_it(remark: Remark, line: str) -> None:
    assert write_remark(remark) == line


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("Answer: Yes.", Answer("Yes.")),
        ("Answer (ada, 2026-11-24): Yes.", Answer("Yes.", "ada", "2026-11-24")),
        ("Answer (by ada): Yes.", Answer("Yes.", "ada")),
        ("answer (2026-11-24 14:08 UTC): Yes.", Answer("Yes.", "", "2026-11-24 14:08 UTC")),
        ("Answer (by 2026-11-24, 2026-11-25): x", Answer("x", "2026-11-24", "2026-11-25")),
        ("Answer (for now): Yes.", None),
        ("Answer (ada, 2026-02-30): Yes.", None),
        ("Answer (): Yes.", None),
        ("Answer:", None),
        ("Answered: Yes.", None),
    ],
)
def test_an_answer_is_read_with_who_gave_it_when(line: str, answer: Answer | None) -> None:
    assert read_answer(line) == answer


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24 00:00 UTC", "2026-11-24"),
        ("2026-11-24 14:08:00 UTC", "2026-11-24 14:08 UTC"),
        ("2024-02-29 14:08:31 UTC", "2024-02-29 14:08:31 UTC"),
        *((text, None) for text in ("2023-02-29", "2100-02-29", "0000-01-01", "2026-13-01")),
        *((text, None) for text in ("2026-11-24 24:00 UTC", "2026-11-24 14:08", "today", "")),
    ],
)
def test_a_time_is_one_of_the_calendar(text: str, at: str | None) -> None:
    assert when(text) == at


# -- in a text


def test_an_answer_belongs_to_the_question_above_it() -> None:
    reading = read(
        "-- Is it?\n-- Answer (ada, 2026-11-24): Yes.\n-- Answer: No.\n"
        "[A] - <e> {no action} -> [B]\n-- Answer: nothing asked\n-- Why?\n\n-- Answer: So.\n"
    )
    first, second, third, fourth = reading.notes
    assert (first.answer, first.answered_by, first.answered_at) == ("Yes.", "ada", "2026-11-24")
    assert (first.line, first.answer_line) == (1, 2)
    assert (second.text, second.is_question) == ("Answer: No.", False)
    assert (third.text, third.key) == ("Answer: nothing asked", Key("A", "e"))
    assert (fourth.text, fourth.answer, fourth.answer_line) == ("Why?", "So.", 8)


def test_a_note_at_a_state_is_at_no_transition() -> None:
    (note,) = read("[A] - <e> {no action} -> [B]\n-- At [B]: What then?\n").notes
    assert note == Note("What then?", state="B", is_question=True)


@given(machines.flatmap(lambda machine: st.tuples(st.just(machine), notes_on(machine))))
def test_notes_that_are_written_down_are_read_as_the_same_notes(
    given: tuple[Machine, tuple[Note, ...]],
) -> None:
    machine, notes = given
    reading = read(render_with_notes(machine, notes))
    assert reading.mistakes == ()
    assert reading.notes == notes


@given(note_texts)
def test_any_text_is_read_as_something_that_is_written_as_it(text: str) -> None:
    remark = read_remark(text)
    assert read_remark(write_remark(remark)) == remark


@given(note_texts.filter(lambda text: read_remark(text).text == text and not read_answer(text)))
def test_a_text_with_no_word_before_it_stays_as_it_is(text: str) -> None:
    assert write_remark(read_remark(text)) == text
