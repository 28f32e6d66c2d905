"""How many queries each page makes: the same with 7 capabilities and with 700, and few."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capabilities.auditing import Author
from capabilities.authoring import machine_templates, overrides
from capabilities.machines.machine import Key, Transition
from capabilities.machines.packing import pack
from capabilities.models import (
    Capability,
    ChangeRequest,
    Definition,
    Deviation,
    Kind,
    MachineTemplate,
    Note,
    Override,
    Stage,
    SwitchedOffCheck,
)

from .drifted import THREE, dump
from .factories import FAIL, PASS, QA, RESUME, SIMPLE, head, seen, template
from .people import EDITOR, HTMX, client_of
from .reviewing import proposed

BY = Author(None, "ada", "test")
FEW, MANY = 7, 700
WHO_ASKS = 4  # queries, left out below: session, user, own rights, rights of groups

NULL, TEXT = "capability/null/current", pack("[A] - <e> {no action} -> [B]\n")
PAGES = {
    "list": ("/", 12),
    "part of the list": ("/?q=std", 12),
    "comparison": ("/capabilities/std_calibration/", 15),
    "comparison of one side": ("/capabilities/std_calibration/?show=old", 15),
    "compare": ("/compare/", 5),
    "compare capabilities": (f"/compare/?old={NULL}&new=capability/std_calibration/ideal", 15),
    "compare with a template": (f"/compare/?old={NULL}&new=machine-template/{QA}", 15),
    "compare entries of the log": ("/compare/?old=entry/1/after&new=entry/2/after", 15),
    "compare texts": (f"/compare/?old=text/{TEXT}&new=text/{TEXT}", 10),
    "differences as a picture": ("/capabilities/std_calibration/differences.svg", 15),
    "editor": ("/capabilities/std_calibration/current/", 15),
    "editor with an open row": ("/capabilities/std_calibration/ideal/?add=1", 15),
    "ideal that is the same": ("/capabilities/null/ideal/", 15),
    "diagram": ("/capabilities/std_calibration/ideal/diagram/", 15),
    "findings": ("/capabilities/std_calibration/ideal/findings/", 15),
    "differences": ("/capabilities/std_calibration/ideal/differences/", 15),
    "presence": ("/capabilities/null/current/presence/", 2),
    "notes": ("/capabilities/std_calibration/ideal/notes/", 15),
    "differences as a file": ("/capabilities/std_calibration/differences.json", 15),
    "machine as a file": ("/capabilities/std_calibration/ideal.txt", 15),
    "audit": ("/audit/", 15),
    "narrowed audit": ("/audit/?differs=yes&q=std&columns=all", 15),
    "audit's progress": ("/audit/progress/", 5),
    "audit as CSV": ("/audit.csv", 15),
    "audit as Markdown": ("/audit.md?differs=yes", 15),
    "many": ("/many/?name=null&name=null_dag", 10),
    "matching": ("/matching/", 10),
    "what could be nearer": ("/matching/?show=nearer", 10),
    "deviations": ("/deviations/?state=unexplained", 12),
    "a deviation": (
        "/capabilities/std_calibration/deviations/?source=Executing&event=workflow-complete",
        15,
    ),
    "all deviations of one": ("/capabilities/std_calibration/deviations/", 15),
    "machine templates": ("/machine-templates/", 12),
    "machine template": (f"/machine-templates/{SIMPLE}/", 15),
    "machine template over another": (f"/machine-templates/{QA}/", 15),
    "its diagram": (f"/machine-templates/{SIMPLE}/diagram/", 15),
    "its users": (f"/machine-templates/{SIMPLE}/users/", 15),
    "questions": ("/questions/", 12),
    "some questions": ("/questions/?show=open&ticket=&q=e", 12),
    "questions as a file": ("/questions.csv", 3),
    "releases": ("/releases/", 5),
    "webhooks": ("/webhooks/", 3),
    "change requests": ("/change-requests/", 8),
    "some change requests": ("/change-requests/?state=open&author=ada", 8),
    "a change request": ("/change-requests/REQUEST/", 25),
    "edit of a change request": ("/change-requests/REQUEST/edit/", 10),
    "propose differences": ("/capabilities/std_calibration/propose/?key=source%3DQueued", 20),
    "propose a text": ("/capabilities/std_calibration/current/propose/", 18),
    "registry": ("/registry/", 12),
    "missing names": ("/registry/?show=missing&kind=notification&q=i", 12),
    "a name": ("/registry/term/?kind=state&name=Executing", 15),
    "register a name": ("/registry/edit/?kind=action&name=Nothing", 15),
    "rename a name": ("/registry/rename/?kind=state&name=Executing", 15),
    "remove a name": ("/registry/remove/?kind=state&name=Executing", 15),
    "new capability": ("/new-capability/", 12),
    "new machine template": ("/new-machine-template/", 12),
    "machine template's settings": (f"/machine-templates/{SIMPLE}/settings/", 10),
    "copy of a machine template": (f"/machine-templates/{SIMPLE}/copy/", 10),
    "checks": ("/checks/", 2),
    "log": ("/log/", 10),
    "filtered log": ("/log/?name=null&text=e&actor=mport", 10),
    "log of one kind of change": ("/log/?change=imported&way=page", 10),
    "log of a part of a name": ("/log/?name=std", 10),
    "older log": ("/log/?before=5&actor=importer", 10),
    "log entry": ("/log/1/", 10),
    "restore": ("/log/1/restore/", 10),
    "feed of the log": ("/log/feed.atom", 10),
    "import": ("/import/", 10),
    "export": ("/export/", 10),
    "export as fixture": ("/export/?format=fixture", 15),
    "export as notation": ("/export/?format=notation", 15),
    "export as rows": ("/export/?format=workspaces-sql", 15),
    "drift": ("/drift/", 5),
    "export as markdown": ("/export/?format=markdown", 15),
    "export as mermaid": ("/export/?format=mermaid", 15),
    "export as sphinx": ("/export/?format=sphinx", 15),
    "export as table": ("/export/?format=csv", 15),
    "machine as a state chart": ("/capabilities/std_calibration/ideal.scxml", 15),
    "admin": ("/admin/capabilities/definition/", 15),
    "admin of overrides": ("/admin/capabilities/override/", 15),
    "admin of stages": ("/admin/capabilities/stage/", 15),
    "admin of switched-off checks": ("/admin/capabilities/switchedoffcheck/", 15),
    "admin of notes": ("/admin/capabilities/note/", 15),
}
"""Each page, and the most queries that it may make (R2)."""

LOGGED = ("list", "audit's progress")
"""Pages besides the log's own that read the log."""

PAGE = """restore_cms

[Start] - <capability-submitted> {QueueWorkflow restore_cms} -> [Complete]
"""


def grow(names: Iterator[str]) -> None:
    """More capabilities, fast: each third with an ideal, overrides, a stage, and notes."""
    simple, qa = template(SIMPLE), template(QA)
    made = Capability.objects.bulk_create(Capability(name=name) for name in names)
    current = Definition.objects.bulk_create(
        Definition(capability=each, kind=Kind.CURRENT, machine_template=simple) for each in made
    )
    Definition.objects.bulk_create(
        Definition(capability=each, kind=Kind.IDEAL, machine_template=qa) for each in made[::3]
    )
    Override.objects.bulk_create(
        Override(definition=each, drop=True, source=RESUME.source, event=RESUME.event)
        for each in current[::3]
    )
    Stage.objects.bulk_create(Stage(definition=each, machine_template=qa) for each in current[1::3])
    SwitchedOffCheck.objects.bulk_create(
        SwitchedOffCheck(capability=each, kind=Kind.CURRENT, code="no-cancellation", reason="x")
        for each in made[::3]
    )
    Deviation.objects.bulk_create(
        Deviation(capability=each, source=source, event="qa-pass", state="planned", ticket="x")
        for each in made[::3]
        for source in ("Awaiting QA", "Gone")
    )
    Note.objects.bulk_create(
        Note(capability=each, kind=Kind.CURRENT, position=position, text="x", is_question=True)
        for each in made[::3]
        for position in range(2)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As it does by itself before long; until then, its plans may take minutes.
            cursor.execute("ANALYZE")


def queries(client: Client, url: str) -> int:
    """How many a page makes when its pictures are drawn already."""
    if "REQUEST" in url:
        url = url.replace("REQUEST", str(ChangeRequest.objects.earliest("pk").pk))
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as made:
        client.get(url)
    return len(made) - WHO_ASKS


@pytest.fixture
def editor(seed: object) -> Client:
    proposed()
    return client_of(EDITOR)


def test_no_page_makes_more_queries_with_700_capabilities_than_with_7(editor: Client) -> None:
    few = {name: queries(editor, url) for name, (url, _) in PAGES.items()}
    grow(f"more_{number:03}" for number in range(MANY - FEW))
    assert Capability.objects.count() == MANY
    assert {name: queries(editor, url) for name, (url, _) in PAGES.items()} == few


@pytest.mark.parametrize("name", PAGES)
def test_a_page_makes_few_queries(editor: Client, name: str) -> None:
    url, most = PAGES[name]
    assert queries(editor, url) <= most


def test_no_page_makes_more_queries_with_more_machine_templates(editor: Client) -> None:
    few = {name: queries(editor, url) for name, (url, _) in PAGES.items()}
    for number in range(5):
        machine_templates.add(title=f"Another {number}", over=template(QA), by=BY)
    assert MachineTemplate.objects.count() == 7
    assert {name: queries(editor, url) for name, (url, _) in PAGES.items()} == few


def test_no_page_makes_more_queries_with_a_longer_log(editor: Client) -> None:
    pages = {name: url for name, (url, _) in PAGES.items() if "log" in name or name in LOGGED}
    few = {name: queries(editor, url) for name, url in pages.items()}
    for _ in range(25):
        overrides.drop(definition=seen("null"), key=RESUME, by=BY)
        overrides.restore(definition=seen("null"), key=RESUME, by=BY)
    assert head() > 50
    assert {name: queries(editor, url) for name, url in pages.items()} == few


def test_no_page_makes_more_queries_with_more_change_requests(editor: Client) -> None:
    pages = {name: url for name, (url, _) in PAGES.items() if "request" in name}
    few = {name: queries(editor, url) for name, url in pages.items()}
    for number in range(25):
        proposed(title=f"Another {number}")
    assert {name: queries(editor, url) for name, url in pages.items()} == few


def written(client: Client, url: str, data: dict[str, str], status: int) -> int:
    with CaptureQueriesContext(connection) as made:
        assert client.post(url, data, headers=HTMX).status_code == status
    return len(made)


def plan_and_save(client: Client) -> tuple[int, int]:
    """Queries of the plan of a small page, and of one transition that is dropped."""
    version = str(seen("null").version)
    drop = {"verb": "drop", "version": version, "source": "Queued", "event": "resume"}
    client.get("/capabilities/null/current/")
    planned = written(client, "/import/", {"text": PAGE}, 200)
    saved = written(client, "/capabilities/null/current/transitions/", drop, 200)
    overrides.restore(definition=seen("null"), key=RESUME, by=BY)
    return planned, saved


def test_a_plan_and_a_save_make_as_many_queries_with_700_capabilities_as_with_7(
    editor: Client,
) -> None:
    plan_and_save(editor)
    few = plan_and_save(editor)
    grow(f"more_{number:03}" for number in range(MANY - FEW))
    assert plan_and_save(editor) == few


def compared_dump(client: Client) -> int:
    with CaptureQueriesContext(connection) as made:
        assert client.post("/drift/", {"text": dump(*THREE)}).status_code == 200
    return len(made)


def test_a_dump_is_compared_in_as_many_queries_with_700_capabilities_as_with_7(
    editor: Client,
) -> None:
    few = compared_dump(editor)
    grow(f"more_{number:03}" for number in range(MANY - FEW))
    assert compared_dump(editor) == few
    assert few <= 25


def plan_of_many(client: Client, names: list[str], kind: str) -> int:
    data = {"name": names, "kind": kind, "what": "attach", "machine_template": QA}
    with CaptureQueriesContext(connection) as made:
        assert client.post("/many/", data).status_code == 200
    return len(made)


@pytest.mark.parametrize("kind", Kind.values)
def test_a_plan_of_many_machines_makes_hardly_more_queries_than_one_of_few(
    editor: Client, kind: str
) -> None:
    names = [f"more_{number:03}" for number in range(210)]
    grow(iter(names))
    simple = names[2::3]  # without stage, override and ideal
    few = plan_of_many(editor, simple[:7], kind)
    # SQLite takes so many rows in one query and no more: the log needs a second one.
    assert plan_of_many(editor, simple, kind) <= few + 1
    assert few <= 75


def plan_of_adopting(client: Client, names: list[str]) -> int:
    data = {"machine": [f"current/{name}" for name in names]}
    with CaptureQueriesContext(connection) as made:
        assert client.post("/matching/adopt/", data).status_code == 200
    return len(made)


def test_a_plan_of_adopting_makes_hardly_more_queries_for_many_than_for_few(
    editor: Client,
) -> None:
    names = [f"more_{number:03}" for number in range(210)]
    grow(iter(names))
    Definition.objects.filter(capability__name__in=names).update(machine_template=template(QA))
    Override.objects.bulk_create(
        Override(definition=each, drop=True, source=key.source, event=key.event)
        for each in Definition.objects.filter(capability__name__in=names[2::3])
        for key in (PASS, FAIL, Key("Ingesting", "workflow-complete"))
    )
    few = plan_of_adopting(editor, names[2::3][:7])
    # The log and the machine templates need a second one there.
    assert plan_of_adopting(editor, names[2::3]) <= few + 2
    assert few <= 80


def plan_and_rename(client: Client) -> tuple[int, int]:
    """Queries of the plan of a rename that changes one machine, and of the rename."""
    client.get("/registry/")
    found = []
    for old, new in (("one", "other"), ("other", "one")):
        url = f"/registry/rename/?kind=event&name={old}"
        planned = written(client, url, {"new": new, "verb": "plan"}, 200)
        data = {"new": new, "verb": "rename", "head": str(head())}
        found.append((planned, written(client, url, data, 302)))
    assert found[0] == found[1]
    return found[0]


def test_a_rename_makes_as_many_queries_with_70_capabilities_as_with_7(editor: Client) -> None:
    put = Transition("Queued", "one", (), "Failed")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    few = plan_and_rename(editor)
    grow(f"more_{number:03}" for number in range(63))
    assert plan_and_rename(editor) == few
