"""The page as notation and as Markdown: out, into an empty database, and out again the same."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from capabilities.authoring import (
    capabilities,
    definitions,
    imports,
    machine_templates,
    notes,
    overrides,
)
from capabilities.authoring.plans import Plan
from capabilities.deployment.formats import FORMATS
from capabilities.deployment.pages import markdown, notation, page_of
from capabilities.deployment.selection import Selection
from capabilities.machines.layers import as_layer
from capabilities.machines.machine import Action, Transition
from capabilities.machines.page import Page, parse_page, render_page
from capabilities.models import Capability, MachineTemplate

from .. import strategies
from ..factories import (
    NAMES,
    PASS,
    QA,
    RESUME,
    SEED_TEXT,
    editor_author,
    effective,
    emptied,
    machine_of,
    machines,
    seen,
    template,
    undone,
)
from ..factories import notes as notes_by_slug

ALL = Selection()
Write = Callable[[Selection], str]
PAGES = pytest.mark.parametrize("write", [notation, markdown])

NAMES_THAT_BITE = (
    "<qa-fail>",
    "QA: pending",
    "node",
    "null",
    '"quoted" it\'s',
    "a\\",
    "\\N \\G \\E",
    "[x] {y}",
    "-> -- #",
    "&lt;b&gt;",
    "状態 🛑 e\u0301",
    "no action",
)


def all_notes() -> dict[tuple[str, str, str], list[tuple[str, str, str]]]:
    """Every note by its machine; a template's by its title, for its slug may be made up."""
    titles = dict(MachineTemplate.objects.values_list("slug", "title"))
    return {
        (name, kind, titles.get(slug, "")): said
        for (name, kind, slug), said in notes_by_slug().items()
    }


def imported(text: str) -> Plan:
    return imports.run(text=text, by=editor_author())


@PAGES
def test_the_seed_comes_back_whole(seed: Plan, write: Write) -> None:
    text = write(ALL)
    before, noted = machines(), all_notes()
    emptied()
    plan = imported(text)
    assert not plan.mistakes
    assert machines() == before
    assert all_notes() == noted
    assert write(ALL) == text
    assert (effective("std_cms_imaging", "ideal"), len(noted)) == (effective("std_cms_imaging"), 4)


@PAGES
def test_an_import_of_what_was_exported_changes_nothing(seed: Plan, write: Write) -> None:
    plan = imported(write(ALL))
    assert {each.word for each in plan.planned} == {"unchanged"}
    assert not plan.changes_anything


@PAGES
def test_the_page_says_the_same_as_the_seed(seed: Plan, write: Write) -> None:
    written = parse_page(write(ALL))
    original = parse_page(SEED_TEXT)
    assert written.mistakes == ()
    assert written.templates == original.templates
    assert set(written.machines) == set(original.machines)
    assert [each.capability for each in written.machines] == [
        *("null", "null_dag", "restore_cms", "std_calibration", "std_calibration"),
        *("std_cms_imaging", "std_cms_imaging", "std_restore_imaging", "std_restore_imaging"),
        "test_download",
    ]


@PAGES
def test_names_that_bite_come_back_as_themselves(seed: Plan, write: Write) -> None:
    by = editor_author()
    for name in NAMES_THAT_BITE:
        machine_templates.add(
            title=f"{name} (x)", layer=as_layer(machine_of("[a] - <b> {no action} -> [c]")), by=by
        )
        transition = Transition(name, name, (Action("Say", name),), name)
        overrides.put(definition=seen("null"), key=None, transition=transition, by=by)
        notes.add(
            text=name, key=transition.key, capability=Capability.objects.get(name="null"),
            kind="current", by=by,
        )  # fmt: skip
        notes.add(text=name, machine_template=template(QA), by=by)
    before, noted = machines(), all_notes()
    text = write(ALL)
    emptied()
    imported(text)
    assert machines() == before
    assert {owner: sorted(said) for owner, said in all_notes().items()} == {
        owner: sorted(said) for owner, said in noted.items()
    }
    assert [t.source for t in effective("null")][4:] == list(NAMES_THAT_BITE)
    assert write(ALL) == text


@PAGES
def test_stages_and_bindings_come_back_as_the_machines_that_they_make(
    seed: Plan, write: Write
) -> None:
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    definitions.bind_parameters(
        definition=seen("null_dag"), values={"workflow_name": "null"}, by=editor_author()
    )
    overrides.drop(definition=seen("restore_cms"), key=RESUME, by=editor_author())
    before, text = machines(), write(ALL)
    emptied()
    imported(text)
    assert machines() == before


@PAGES
def test_an_empty_machine_and_an_empty_template_come_back(seed: Plan, write: Write) -> None:
    capabilities.add(name="by_hand", machine_template=None, by=editor_author())
    machine_templates.add(title="Nothing yet", by=editor_author())
    before, text = machines(), write(ALL)
    emptied()
    imported(text)
    assert machines() == before
    assert len(before["by_hand", "current"]) == 0


@PAGES
def test_templates_that_an_import_lays_over_each_other_come_out_in_the_same_order(
    seed: Plan, write: Write
) -> None:
    """Two that stand alone today; the import finds that one of them can lie over the other."""
    lines = ["[A] - <e> {x} -> [B]", "[B] - <e> {x} -> [C]", "[C] - <e> {x} -> [D]"]
    for title, machine in (("B short", lines[:2]), ("A long", lines)):
        layer = as_layer(machine_of(*machine))
        machine_templates.add(title=title, layer=layer, by=editor_author())
    text = write(ALL)
    emptied()
    imported(text)
    assert template("a-long").over == template("b-short")
    assert write(ALL) == text


def test_one_kind_of_machine_is_selected(seed: Plan) -> None:
    page = page_of(Selection.of(kind="ideal"))
    assert [(each.capability, each.kind) for each in page.machines] == [
        ("std_calibration", "ideal"),
        ("std_cms_imaging", "ideal"),
        ("std_restore_imaging", "ideal"),
    ]
    assert [each.machine is None for each in page.machines] == [False, True, True]
    page = page_of(Selection.of(kind="current"))
    assert [each.capability for each in page.machines] == list(NAMES)
    assert {each.kind for each in page.machines} == {"current"}


def test_some_capabilities_are_selected(seed: Plan) -> None:
    page = page_of(Selection.of(["test_download", "null"]))
    assert [(each.capability, each.kind) for each in page.machines] == [
        ("null", "current"),
        ("test_download", "current"),
    ]
    assert len(page.templates) == 2


def test_an_ideal_without_a_definition_is_on_the_page_when_there_are_notes_on_it(
    seed: Plan,
) -> None:
    assert "null_dag\n\n-- Ideal" not in notation(ALL)
    notes.add(
        text="Later.",
        key=PASS,
        capability=Capability.objects.get(name="null_dag"),
        kind="ideal",
        by=editor_author(),
    )
    (machine,) = page_of(Selection.of(["null_dag"], "ideal")).machines
    assert machine.machine is None
    assert [note.text for note in machine.notes] == ["Later."]
    assert "\n\n-- Ideal\n-- Later.\n" in notation(ALL)


def test_the_formats_are_written_by_what_they_are_called(seed: Plan) -> None:
    assert list(FORMATS)[:3] == ["fixture", "notation", "markdown"]
    assert FORMATS["notation"].write(ALL) == notation(ALL)
    assert FORMATS["markdown"].write(ALL) == markdown(ALL)
    assert str(FORMATS["markdown"].write(ALL)).startswith("# Capability State Machines\n")
    assert str(FORMATS["fixture"].write(ALL)).startswith("[\n")
    assert "```text\n[Start] - <capability-submitted>" in markdown(ALL)


@pytest.mark.django_db
@given(page=strategies.pages())
@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.explain},
)
def test_any_page_comes_back_from_an_empty_database(page: Page) -> None:
    with undone():
        plan = imports.plan(text=render_page(page), by=editor_author())
        if plan.mistakes:
            assert {mistake.code for mistake in plan.mistakes} <= {"no-machines", "refused"}
            return
        imported(render_page(page))
        before, noted = machines(), all_notes()
        texts = [(write, write(ALL)) for write in (notation, markdown)]
        for write, text in texts:
            emptied()
            imported(text)
            assert machines() == before
            assert all_notes() == noted
            assert write(ALL) == text
