"""Every page, and the states of it that look different, each as a function that opens it."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from capabilities.management.commands.up import SEED

Open = Callable[[Page], None]

MISTAKES = "null\n\n[Start] - <a> {B} ->\n[Start - <a> {B} -> [C]\n[X] - <y> {z -> [W]\n"
IDEAL = "/capabilities/std_calibration/ideal/"
MISSING = "?kind=notification&name=ingest-failed"
QA = "/machine-templates/run-workflow-with-single-stage-qa/"


def at(path: str) -> Open:
    def open_it(page: Page) -> None:
        page.goto(path)

    return open_it


def open_form(page: Page) -> None:
    page.goto(IDEAL)
    page.locator("#change-6").click()
    page.locator("form.transition-form").wait_for()


def type_actions(page: Page, text: str) -> None:
    """Type the actions of the open row in the notation."""
    page.locator("#as-text").click()
    page.get_by_label("Actions in the notation").fill(text)


def refused(page: Page) -> None:
    open_form(page)
    type_actions(page, "{QaFail")
    page.locator("#save-transition").click()
    page.locator("#refusal").wait_for()


def ghost(page: Page) -> None:
    page.goto(IDEAL)
    page.locator("#drop-6").click()
    page.locator("tr.ghost").wait_for()


def saved(page: Page) -> None:
    """What is offered after a save: to undo it."""
    ghost(page)
    page.get_by_role("button", name="Undo").wait_for()


def undone(page: Page) -> None:
    saved(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: ").wait_for()


def switched_off(page: Page) -> None:
    page.goto("/capabilities/std_calibration/current/")
    page.locator("#switch-off-1").click()
    page.get_by_label("Why every").first.fill("The message is for the operators only.")
    page.locator("#switch-off-1-save").click()
    page.locator("#switched-off-summary").click()
    page.locator("#switch-off-1").click()


def near_miss(page: Page) -> None:
    page.goto("/new-capability/")
    page.locator("#id_name").fill("std_calibraton")
    page.get_by_role("button", name="Add the capability").click()
    page.locator("#near-miss").wait_for()


def template_plan(page: Page) -> None:
    page.goto("/machine-templates/simple-run-workflow/")
    page.locator("#change-4").click()
    type_actions(page, "{SendNotification ingest-failed}")
    page.locator("#save-transition").click()
    page.locator("#rehearsal").wait_for()


def template_drop_plan(page: Page) -> None:
    page.goto("/machine-templates/simple-run-workflow/")
    page.locator("#drop-2").click()
    page.locator("#rehearsal").wait_for()


def template_settings_plan(page: Page) -> None:
    page.goto(f"{QA}settings/")
    page.locator("#over-over").select_option("")
    page.locator("#save-over").click()
    page.locator("#rehearsal").wait_for()


def ticked(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Choose null", exact=True).check()
    page.get_by_label("Choose std_calibration", exact=True).check()
    page.get_by_label("What to do").select_option("attach the stage")
    page.get_by_label("Machine template").select_option("Run-workflow with single-stage QA")


def many_plan(page: Page) -> None:
    ticked(page)
    page.get_by_role("button", name="Show the plan").click()
    page.locator("#many-plan").wait_for()


def many_refused(page: Page) -> None:
    page.goto("/many/?name=null&what=attach")
    page.get_by_role("button", name="Show the plan").click()
    page.locator(".errorlist").wait_for()


def many_conflict(page: Page) -> None:
    """What the slower one of two people sees."""
    many_plan(page)
    other = page.context.new_page()
    other.goto("/capabilities/null/current/")
    other.locator("#drop-2").click()
    other.locator("tr.ghost").wait_for()
    other.close()
    page.get_by_role("button", name="Do it").click()
    page.locator("#refusal").wait_for()


def stages(page: Page) -> None:
    """Both stages of QA on a simple machine."""
    page.goto("/machine-templates/")
    page.get_by_role("button", name="Add “Run-workflow with two-stage QA”").click()
    page.goto("/capabilities/null/ideal/")
    for count, stage in enumerate(("single", "two"), start=1):
        page.locator(f"#attach-run-workflow-with-{stage}-stage-qa").click()
        page.locator(f".stage >> nth={count - 1}").wait_for()


def text_mistakes(page: Page) -> None:
    page.goto(f"{IDEAL}text/")
    replace_text(page, "[Start - <a> {SendMessage execution_complete} {QaPass} -> [Queued]")
    page.locator("#text-plan.has-mistakes").wait_for()
    page.locator(".ace_gutter-cell.ace_error").wait_for()


def text_names(page: Page) -> None:
    page.goto(f"{IDEAL}text/")
    replace_text(page, "[")
    page.keyboard.press("Control+Space")
    page.locator(".ace_autocomplete .ace_line").first.wait_for()


def text_plain(page: Page) -> None:
    page.goto(f"{IDEAL}text/")
    page.get_by_role("button", name="Use the plain text box").click()


def text_plan(page: Page) -> None:
    """The ideal machine over the current one: what has to be overridden."""
    page.goto(f"{IDEAL}text/")
    ideal = page.locator("#id_text").input_value()
    page.goto("/capabilities/std_calibration/current/text/")
    replace_text(page, ideal)
    page.locator("#text-plan dl.told").wait_for()


def replace_text(page: Page, text: str) -> None:
    """Type a whole text into the editor of the text mode, or paste it."""
    page.locator("#text-editor .ace_text-input").focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def picker(page: Page) -> None:
    page.goto("/capabilities/null/ideal/")
    page.get_by_text("Choose the machine template by its picture").click()


def draft(page: Page) -> None:
    open_form(page)
    page.get_by_label("Target").fill("Queued")
    page.get_by_text("draft, not saved").wait_for()


def draft_with_mistakes(page: Page) -> None:
    draft(page)
    page.get_by_label("Event").fill("")
    page.locator("#draft.has-mistakes").wait_for()


def keys(page: Page) -> None:
    page.goto(IDEAL)
    page.locator("#keys-button").click()
    page.get_by_role("dialog", name="Keyboard").wait_for()


def conflict(page: Page) -> None:
    """What the slower one of two people sees."""
    open_form(page)
    other = page.context.new_page()
    other.goto(IDEAL)
    other.locator("#drop-6").click()
    other.locator("tr.ghost").wait_for()
    other.close()
    page.locator("#save-transition").click()
    page.locator("#refusal").wait_for()


def two_here(page: Page) -> None:
    """Somebody else has the same editor open."""
    cache.clear()
    client = Client()
    client.force_login(User.objects.create_superuser("bea"))
    client.get(IDEAL)
    page.goto(IDEAL)
    page.get_by_text("has this open too").wait_for()


def plan(page: Page) -> None:
    text = SEED.read_text(encoding="utf-8").replace("{QaPass}", "{QaPassed}")
    _import(page, text.replace("null_dag", "null_tree"))


def mistakes(page: Page) -> None:
    _import(page, MISTAKES)


def _import(page: Page, text: str) -> None:
    page.goto("/import/")
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Show the plan").click()
    page.locator("#plan").wait_for()


def rename_plan(page: Page) -> None:
    page.goto(f"/registry/rename/{MISSING}&new=workflow-failed")
    page.locator("#plan-rename").click()
    page.locator("#rehearsal").wait_for()


def rename_refused(page: Page) -> None:
    page.goto("/registry/rename/?kind=event&name=qa-fail&new=qa-pass")
    page.locator("#plan-rename").click()
    page.locator(".errorlist").first.wait_for()


def log_history(page: Page) -> None:
    """The entries of one machine, two of them chosen."""
    ghost(page)
    page.goto("/log/?name=std_calibration&kind=ideal")
    page.locator("#log-compare").wait_for()


def restore_plan(page: Page) -> None:
    ghost(page)
    page.goto("/log/?name=std_calibration&kind=ideal")
    page.locator(".log tbody td > a").last.click()
    page.locator("#restore-after button").click()
    page.locator("#rehearsal").wait_for()


def restored(page: Page) -> None:
    restore_plan(page)
    page.locator("#restore-it").click()
    page.get_by_text("Restored std_calibration ideal").first.wait_for()


def restore_refused(page: Page) -> None:
    """What is so already."""
    page.goto("/log/5/restore/")
    page.locator("#restore-it").click()
    page.locator("#refusal").wait_for()


PAGES: dict[str, Open] = {
    "list": at("/"),
    "list, ticked": ticked,
    "empty list": at("/?q=nothing-like-it"),
    "comparison": at("/capabilities/std_calibration/"),
    "editor": at("/capabilities/std_calibration/current/"),
    "editor, form open": open_form,
    "editor, refused": refused,
    "editor, ghost": ghost,
    "editor, draft": draft,
    "editor, draft with mistakes": draft_with_mistakes,
    "editor, keys": keys,
    "editor, saved": saved,
    "editor, undone": undone,
    "editor, switched-off check": switched_off,
    "editor, conflict": conflict,
    "editor, two here": two_here,
    "editor, picker": picker,
    "editor, stages": stages,
    "many": at("/many/?name=null&name=null_dag"),
    "many, plan": many_plan,
    "many, refused": many_refused,
    "many, conflict": many_conflict,
    "text": at(f"{IDEAL}text/"),
    "text, mistakes": text_mistakes,
    "text, names": text_names,
    "text, plain": text_plain,
    "text, plan": text_plan,
    "machine templates": at("/machine-templates/"),
    "machine template": at(QA),
    "machine template, plan": template_plan,
    "machine template, plan of a drop": template_drop_plan,
    "machine template, copy": at(f"{QA}copy/"),
    "machine template, settings": at(f"{QA}settings/"),
    "machine template, settings, plan": template_settings_plan,
    "registry": at("/registry/"),
    "registry, unused events": at("/registry/?kind=event&show=unused"),
    "registry, nothing": at("/registry/?q=nothing-like-it"),
    "name": at("/registry/term/?kind=state&name=Executing"),
    "name, missing": at(f"/registry/term/{MISSING}"),
    "name, register": at("/registry/edit/?kind=action&name=AskTwice"),
    "name, register any": at("/registry/edit/"),
    "name, rename": at(f"/registry/rename/{MISSING}"),
    "name, rename plan": rename_plan,
    "name, rename refused": rename_refused,
    "name, remove": at("/registry/remove/?kind=state&name=Executing"),
    "new capability": at("/new-capability/"),
    "new capability, near-miss": near_miss,
    "checks": at("/checks/#foreign-workflow"),
    "new machine template": at("/new-machine-template/"),
    "log": at("/log/"),
    "log, filtered": at("/log/?change=imported&kind=ideal&since=2020-01-01"),
    "log, nothing": at("/log/?text=nothing-like-it"),
    "log, mistake": at("/log/?since=tomorrow&actor=a"),
    "log, one machine": log_history,
    "log entry": at("/log/5/"),
    "log entry, restore": at("/log/5/restore/"),
    "log entry, restore plan": restore_plan,
    "log entry, restored": restored,
    "log entry, restore refused": restore_refused,
    "import": at("/import/"),
    "import, plan": plan,
    "import, mistakes": mistakes,
    "export": at("/export/"),
    "404": at("/nothing-here/"),
    "403": at("/import/"),
    "login": at("/admin/login/"),
    "admin": at("/admin/"),
    "admin, terms": at("/admin/capabilities/term/"),
    "admin, one term": at("/admin/capabilities/term/add/"),
}

VISITORS = {"403": "vic", "login": ""}
"""Who opens a page, where it is not the editor."""

REFUSED = {
    *("editor, refused", "editor, conflict", "import, mistakes", "404", "403"),
    *("many, refused", "many, conflict"),
    "name, rename refused",
    "log entry, restore refused",
    "new capability, near-miss",
}
"""The pages whose answer is an error, which the browser tells the console."""
