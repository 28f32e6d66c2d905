"""The list of capabilities, one compared, and a new one."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import capabilities
from capabilities.machines import effects
from capabilities.models import AuditEntry, Capability, Definition, Note
from tests.factories import NAMES, QA, SIMPLE, effective, state, template
from tests.html import Element, read
from tests.people import ANONYMOUS, HTMX, STAFF, VIEWER, client_of

from .answers import is_page, message, root

BY = Author(None, "ada", "test")


def row(tree: Element, name: str) -> Element:
    """The row of the list that begins with a name."""
    rows = [each for each in tree.all("tr") if [n.text for n in each.all(class_="name")] == [name]]
    assert len(rows) == 1, name
    return rows[0]


def test_the_list_has_a_row_for_each_capability(viewer: Client) -> None:
    tree = read(viewer.get("/"))
    assert [each.text for each in tree.all("a", class_="name")] == list(NAMES)
    assert tree.one("h1").text == "Capabilities"


def test_a_row_says_what_both_machines_are_made_of_and_how_far_they_are_apart(
    viewer: Client,
) -> None:
    shown = row(read(viewer.get("/")), "std_calibration")
    assert shown.says("Simple run-workflow")
    assert shown.says("+ 3 overrides")
    assert shown.says("Run-workflow with single-stage QA")
    assert shown.says("~ 5 differences")


def test_a_row_says_that_the_ideal_is_the_same_as_current(viewer: Client) -> None:
    shown = row(read(viewer.get("/")), "null")
    assert shown.one("a", href="/capabilities/null/ideal/").text == "same as current"
    assert "differences" not in shown.text


def test_a_row_counts_findings_by_severity(viewer: Client) -> None:
    Definition.objects.filter(capability__name="null").update(machine_template=None)
    badge = row(read(viewer.get("/")), "null").one("a", class_="error")
    assert badge["href"] == "/capabilities/null/current/#findings"
    assert badge.says("1 error")


def test_a_row_counts_the_notes_of_both_kinds(viewer: Client) -> None:
    null = Capability.objects.get(name="null")
    for kind in ("current", "ideal"):
        Note.objects.create(capability=null, kind=kind, text="x")
    cells = row(read(viewer.get("/")), "null").all("td", class_="number")
    assert [cell.text.removesuffix(" notes") for cell in cells] == ["2"]


def test_a_row_links_to_the_last_entry_of_the_log_for_those_who_may_see_it(viewer: Client) -> None:
    last = AuditEntry.objects.filter(name="null").first()
    assert last
    assert row(read(viewer.get("/")), "null").all("a", href=f"/log/{last.sequence}/")
    user = viewer.get("/").context["user"]
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename="view_capability"))
    assert not row(read(viewer.get("/")), "null").all("a", href=f"/log/{last.sequence}/")


def test_a_part_of_a_name_finds_its_capabilities(viewer: Client) -> None:
    tree = read(viewer.get("/", {"q": " CALIB "}))
    assert [each.text for each in tree.all("a", class_="name")] == ["std_calibration"]
    assert tree.one("input", name="q")["value"] == "CALIB"


def test_a_name_that_nothing_has_is_told_with_the_way_back(viewer: Client) -> None:
    empty = read(viewer.get("/", {"q": "<nothing>"})).one("p", class_="empty")
    assert empty.says("No capability has “<nothing>” in its name.")
    assert empty.one("a")["href"] == "/"


def test_htmx_gets_the_table_alone(viewer: Client) -> None:
    asked = {**HTMX, "HX-Target": "capability-list"}
    response = viewer.get("/", {"q": "null"}, headers=asked)
    assert not is_page(response)
    assert root(response)["id"] == "capability-list"
    assert [each.text for each in root(response).all("a", class_="name")] == ["null", "null_dag"]


def test_more_than_a_hundred_capabilities_are_shown_in_pages(viewer: Client) -> None:
    Capability.objects.bulk_create(Capability(name=f"more_{number:03}") for number in range(100))
    first = read(viewer.get("/", {"q": "_"})).one("nav", class_="pages")
    assert first.says("100 of 106")
    assert first.one("a")["href"] == "?q=_&page=2"
    last = read(viewer.get("/", {"q": "_", "page": "2"}))
    assert last.one("nav", class_="pages").says("106 of 106")
    assert len(last.all("a", class_="name")) == 6


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000])
def test_a_page_that_is_not_there_is_answered_with_one_that_is(viewer: Client, page: str) -> None:
    assert read(viewer.get("/", {"page": page})).all("a", class_="name")


def test_an_empty_list_says_how_to_begin(db: None) -> None:
    assert read(client_of(VIEWER).get("/")).says("There are no capabilities yet.")


def test_the_way_to_a_new_capability_is_shown_to_those_who_may(
    viewer: Client, editor: Client
) -> None:
    assert read(editor.get("/")).one("a", href="/new-capability/").text == "New capability"
    assert not read(viewer.get("/")).all("a", href="/new-capability/")


# -- one compared


def test_a_comparison_says_of_both_what_they_are_made_of_and_where_they_are(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    for kind, layers in (
        ("current", ["Simple run-workflow"]),
        ("ideal", ["Simple run-workflow", "Run-workflow with single-stage QA"]),
    ):
        side = tree.one("section", aria_labelledby=f"{kind}-title")
        assert [each.text for each in side.all("span", class_="chip")] == layers
        links = {each["href"] for each in side.all("a")}
        url = f"/capabilities/std_calibration/{kind}"
        assert links >= {f"{url}/", f"{url}.svg", f"{url}.txt"}
    assert tree.one("section", aria_labelledby="current-title").says("+ 3 overrides")
    assert tree.one("figure").one("svg")["aria-label"] == (
        "Diagram of both: The current machine and The ideal machine"
    )


def test_a_comparison_is_told_in_this_order(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    places = {id(each): place for place, each in enumerate(tree)}
    parts = [
        tree.one("p", class_="verdict"),
        tree.one("figure", class_="diagram"),
        tree.one("table", class_="differences"),
        tree.one("details", class_="texts"),
        tree.one("details", class_="transitions-of"),
        tree.one(id="requires-qa"),
        tree.one(id="notes"),
    ]
    order = [places[id(part)] for part in parts]
    assert order == sorted(order)


def test_a_comparison_begins_with_the_verdict_and_tells_each_row_that_changed(
    viewer: Client,
) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    assert tree.one("p", class_="verdict").text == (
        "From the current machine to the ideal machine, "
        "3 transitions are changed and 2 transitions are added."
    )
    table = tree.one("table", class_="differences")
    rows = [each for each in table.one("tbody").all("tr") if each["class"] != "decision-row"]
    kinds = [each.one("span", class_="badge").text for each in rows]
    assert kinds == ["~ changed", "↳ retargeted", "~ changed", "+ added", "+ added"]
    assert table.says("+ {QaFail} new")
    unchanged = tree.one("details", class_="transitions-of")
    assert unchanged.one("summary").text == "3 unchanged"
    assert "open" not in unchanged.attributes
    assert len(unchanged.one("tbody").all("tr")) == 3


def test_the_text_of_both_has_a_sign_before_each_line_that_only_one_has(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    text = tree.one("details", class_="texts").one("pre")
    lines = [line.text for line in text.children if isinstance(line, Element)]
    assert (
        lines[0] == "[Start] - <capability-submitted> {QueueWorkflow std_calibration} -> [Queued]"
    )
    assert "+ [Awaiting QA] - <qa-fail> {QaFail} -> [Failed]" in lines
    assert "− [Awaiting QA] - <qa-fail> {no action} -> [Failed]" in lines
    assert [each.text for each in text.all("mark")][-2:] == ["{no action}", "{QaFail}"]


def test_the_picture_of_a_comparison_marks_each_difference_by_sign_and_word(
    viewer: Client,
) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    svg = tree.one("figure").one("svg")
    assert len(svg.all("g", class_="added")) == 3  # two transitions and a state
    assert len(svg.all("g", class_="changed")) == 2
    assert len(svg.all("g", class_="retargeted")) == 2
    assert svg.says("+ added workflow-failed")
    assert svg.says("(added)")
    legend = tree.one("p", class_="legend")
    assert [each.text for each in legend.all("span", class_="sign")] == ["+", "−", "~", "↳"]


def test_a_side_alone_is_the_same_picture_without_the_other_one(viewer: Client) -> None:
    url = "/capabilities/std_calibration/"
    shapes, texts = {}, {}
    for show in ("both", "old", "new"):
        tree = read(viewer.get(url, {"show": show}))
        links = tree.one("nav", aria_label="What the picture shows").all("a")
        assert [each["id"] for each in links if each["aria-current"]] == [f"show-{show}"]
        assert [each["href"] for each in links] == [f"{url}?", f"{url}?show=old", f"{url}?show=new"]
        svg = tree.one("figure").one("svg")
        texts[show] = {each.text for each in svg.all("text")}
        states = svg.all("g", class_="node")
        shapes[show] = {each.one("title").text: each.all("path")[0]["d"] for each in states}
    assert shapes["old"].items() <= shapes["both"].items()
    assert shapes["new"].items() <= shapes["both"].items()
    assert len(shapes["both"]) - len(shapes["old"]) == 1  # Ingesting
    assert len(shapes["new"]) == len(shapes["both"])
    assert "↳ retargeted (old) qa-pass ?" in texts["old"] - texts["new"]
    assert "↳ retargeted (new) qa-pass ?" in texts["new"] - texts["old"]
    assert "+ {QaFail}" in texts["new"] - texts["old"]


def test_a_picture_that_is_not_offered_is_the_one_of_both(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/?show=nothing"))
    assert len(tree.one("figure").one("svg").all("g", class_="retargeted")) == 2


def test_every_link_in_a_diagram_leads_to_a_row_of_the_page(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    ids = [each["id"] for each in tree if each["id"]]
    links = {each["href"] for svg in tree.all("svg") for each in svg.all("a")}
    assert len(links) == 8
    assert links <= {f"#{each}" for each in ids}
    assert len(ids) == len(set(ids))


def test_a_capability_without_an_ideal_is_the_same_as_current(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/null/"))
    assert tree.one("p", class_="verdict").says("nobody has begun an ideal of its own")
    assert tree.one("section", aria_labelledby="ideal-title").says("same as current")
    assert not tree.all("table", class_="differences")
    assert not tree.all("nav", aria_label="What the picture shows")
    assert not tree.all("details", class_="texts")
    assert len([each for each in tree.all("svg") if each["role"]]) == 1
    table = tree.one("details", class_="transitions-of")
    assert "open" in table.attributes
    assert len(table.one("tbody").all("tr")) == 4


def test_the_notes_stand_at_the_kind_that_they_are_about(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/"))
    notes = tree.one("ul", class_="notes")
    assert notes.says("Is the ingestion-complete notification getting sent properly?")
    assert tree.says("Notes ideal")
    assert not tree.says("Notes current")


@pytest.mark.parametrize("name", ["nobody", "NULL", "null ", "%3Cscript%3E"])
def test_a_capability_that_is_not_there_is_not_found(viewer: Client, name: str) -> None:
    assert viewer.get(f"/capabilities/{name}/").status_code == 404


def test_what_is_not_found_or_not_allowed_leads_on(viewer: Client) -> None:
    for path, told, status in (
        ("/nowhere/", "Not found", 404),
        ("/capabilities/nobody/", "Not found", 404),
        ("/import/", "Not for you", 403),
    ):
        answer = viewer.get(path)
        assert answer.status_code == status
        tree = read(answer)
        assert tree.one("title").text == f"{told} · smadmin"
        assert tree.one("div", class_="breadcrumbs").text.endswith(told)
        pages = tree.one("nav", class_="primary")
        assert pages.says("Machine templates")
        assert not any(each["aria-current"] for each in pages.all("a"))


def test_who_is_not_signed_in_is_shown_no_navigation(db: None) -> None:
    answer = client_of(ANONYMOUS).get("/nowhere/", follow=True)
    assert not read(answer).all("nav", class_="primary")


def test_who_logs_out_is_told_so_and_led_to_the_capabilities_again(viewer: Client) -> None:
    tree = read(viewer.post("/admin/logout/"))
    assert tree.one("h1").text == "Logged out"
    assert tree.one("main").says("You are logged out of smadmin.")
    assert [each["href"] for each in tree.one("main").all("a")] == ["/"]


# -- a new one


def test_a_new_capability_takes_a_name_and_a_machine_template_and_is_complete(
    editor: Client,
) -> None:
    given = {"name": "std_new", "machine_template": SIMPLE, "message": "because"}
    response = editor.post("/new-capability/", given, follow=True)
    assert response.redirect_chain == [("/capabilities/std_new/current/", 302)]
    assert message(response) == "Added std_new."
    assert len(effective("std_new")) == 4
    entry = AuditEntry.objects.filter(name="std_new").get()
    assert (entry.actor, entry.way, entry.message) == ("editor", "page", "because")


def test_a_new_capability_can_begin_with_nothing(editor: Client) -> None:
    assert editor.post("/new-capability/", {"name": "std_new"}).status_code == 302
    assert len(effective("std_new")) == 0


def test_the_machine_template_that_most_definitions_have_is_chosen_already(editor: Client) -> None:
    form = read(editor.get("/new-capability/")).one("form", class_="page-form")
    assert form.typed["machine_template"] == SIMPLE
    assert len(form.all("svg")) == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "This field is required."),
        ("null", "Capability with this Name already exists."),
        ("two words", "may have only letters"),
        ("Ideal", "is a word with a meaning of its own on the page"),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_a_name_that_cannot_be_is_refused_at_its_field_and_kept(
    editor: Client, name: str, told: str
) -> None:
    before = state()
    given = {"name": name, "machine_template": QA, "message": "because"}
    response = editor.post("/new-capability/", given)
    assert response.status_code == 422
    form = read(response).one("form", class_="page-form")
    assert told in form.one("ul", id="id_name_error").text
    assert form.one("input", name="name")["aria-invalid"] == "true"
    assert {name: form.typed[name] for name in given} == given
    assert state() == before


@pytest.mark.parametrize("slug", ["nothing", "\0", "<b>", "x" * 10_000])
def test_a_machine_template_that_is_not_there_is_refused(editor: Client, slug: str) -> None:
    response = editor.post("/new-capability/", {"name": "std_new", "machine_template": slug})
    assert response.status_code == 422
    assert read(response).one("form", class_="page-form").one("ul", class_="errorlist").text
    assert not Capability.objects.filter(name="std_new").exists()


def test_an_empty_form_is_refused_like_any_other(editor: Client) -> None:
    assert editor.post("/new-capability/").status_code == 422


def test_a_name_that_somebody_takes_in_between_is_refused(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = capabilities.add

    def add_later(**given: object) -> object:
        add(name="std_new", machine_template=template(SIMPLE), by=BY)
        return add(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(capabilities, "add", add_later)
    response = editor.post("/new-capability/", {"name": "std_new"})
    assert response.status_code == 422
    assert read(response).one("ul", id="id_name_error").says("already exists")
    assert len(effective("std_new")) == 4


def test_a_new_capability_is_only_posted(editor: Client) -> None:
    assert editor.put("/new-capability/").status_code == 405
    assert editor.post("/").status_code == 405
    assert editor.post("/capabilities/null/").status_code == 405


def test_the_pages_are_only_for_those_with_a_right(seed: object, way: Mapping[str, str]) -> None:
    for url in ("/", "/capabilities/null/", "/new-capability/"):
        assert client_of(STAFF).get(url, headers=way).status_code == 403
    assert client_of(VIEWER).get("/new-capability/", headers=way).status_code == 403


def test_the_comparison_says_what_will_be_sent_differently_and_by_which_run(
    viewer: Client,
) -> None:
    section = read(viewer.get("/capabilities/std_calibration/")).one("section", class_="effects")
    told = [summary.text for summary in section.all("summary")]
    assert len(told) == 8
    assert told[0].startswith(
        "The message “execution_complete” and the notification “workflow-complete” are sent later: "
        "by the current machine before [Awaiting QA] and [Ingesting]"
    )
    steps = [row.text for row in section.all("table")[0].all("tr")[1:]]
    assert len(steps) == 5
    assert "ignored, stays in Complete" in steps[4]
    same = read(viewer.get("/capabilities/null/"))
    assert not same.all(id="effects-title")


def test_machines_too_large_for_every_run_are_told(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "capabilities.views.comparing.effects",
        lambda old, new: effects.effects(old, new, budget=5),
    )
    page = read(viewer.get("/capabilities/std_calibration/"))
    assert page.says("too large for every run to be tried")
