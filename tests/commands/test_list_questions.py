"""The questions for scripts."""

from capabilities.authoring import notes
from capabilities.authoring.plans import Plan
from capabilities.models import Note

from ..factories import editor_author
from .running import run


def test_open_questions_are_listed_and_are_a_finding(seed: Plan) -> None:
    ran = run("list_questions")
    assert ran.code == 1
    assert ran.out.startswith(
        "? open std_calibration ideal at [Awaiting QA] - <qa-pass> (WS-799): Should we run QaFail"
    )
    assert "? open machine template Run-workflow with single-stage QA at " in ran.out
    assert ran.out.endswith("7 questions, 7 open.\n")


def test_when_all_are_answered_it_is_fine_and_the_answers_are_told(seed: Plan) -> None:
    for note in Note.objects.filter(is_question=True):
        notes.answer(note=note, answer="Yes.", by=editor_author("bea"))
    ran = run("list_questions")
    assert ran.code == 0
    assert "✓ answered std_calibration ideal at " in ran.out
    assert "\n    Yes. (bea, 2" in ran.out
    assert ran.out.endswith("7 questions, 0 open.\n")
    assert run("list_questions", "--open").out == "7 questions, 0 open.\n"


def test_the_json_has_every_part(seed: Plan) -> None:
    note = Note.objects.get(capability__name="std_calibration", text__startswith="Should we")
    notes.answer(note=note, answer="Yes.", by=editor_author("bea"))
    ran = run("list_questions", "--json")
    assert (ran.code, ran.json["open"], len(ran.json["questions"])) == (1, 6, 7)
    found = ran.json["questions"][-1]
    assert found.pop("answered_at").endswith(" UTC")
    assert found == {
        "capability": "std_calibration",
        "kind": "ideal",
        "machine_template": None,
        "source": "Awaiting QA",
        "event": "qa-pass",
        "state": None,
        "text": note.text,
        "ticket": "WS-799",
        "owner": "",
        "open": False,
        "answer": "Yes.",
        "answered_by": "bea",
    }
    assert len(run("list_questions", "--json", "--open").json["questions"]) == 6


def test_without_questions_it_is_fine(db: None) -> None:
    ran = run("list_questions")
    assert (ran.code, ran.out) == (0, "0 questions, 0 open.\n")
