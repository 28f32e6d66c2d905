"""Every page, and the states of it that look different, each as a function that opens it."""

from collections.abc import Callable

from playwright.sync_api import Page

from capabilities.management.commands.up import SEED

Open = Callable[[Page], None]

MISTAKES = "null\n\n[Start] - <a> {B} ->\n[Start - <a> {B} -> [C]\n[X] - <y> {z -> [W]\n"
IDEAL = "/capabilities/std_calibration/ideal/"
QA = "/machine-templates/run-workflow-with-single-stage-qa/"


def at(path: str) -> Open:
    def open_it(page: Page) -> None:
        page.goto(path)

    return open_it


def open_form(page: Page) -> None:
    page.goto(IDEAL)
    page.locator("#change-6").click()
    page.locator("form.transition-form").wait_for()


def refused(page: Page) -> None:
    open_form(page)
    page.get_by_label("Actions").fill("{QaFail")
    page.locator("#save-transition").click()
    page.locator("#refusal").wait_for()


def ghost(page: Page) -> None:
    page.goto(IDEAL)
    page.locator("#drop-6").click()
    page.locator("tr.ghost").wait_for()


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
    page.get_by_label("Actions").fill("{SendNotification ingest-failed}")
    page.locator("#plan-transition").click()
    page.locator("#rehearsal").wait_for()


def text_mistakes(page: Page) -> None:
    page.goto(f"{IDEAL}text/")
    page.get_by_label("The machine").fill("[Start - <a> {no action} -> [Queued]")
    page.locator("#text-plan.has-mistakes").wait_for()


def picker(page: Page) -> None:
    page.goto("/capabilities/null/ideal/")
    page.get_by_text("Choose the machine template by its picture").click()


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


PAGES: dict[str, Open] = {
    "list": at("/"),
    "empty list": at("/?q=nothing-like-it"),
    "comparison": at("/capabilities/std_calibration/"),
    "editor": at("/capabilities/std_calibration/current/"),
    "editor, form open": open_form,
    "editor, refused": refused,
    "editor, ghost": ghost,
    "editor, switched-off check": switched_off,
    "editor, conflict": conflict,
    "editor, picker": picker,
    "text": at(f"{IDEAL}text/"),
    "text, mistakes": text_mistakes,
    "machine templates": at("/machine-templates/"),
    "machine template": at(QA),
    "machine template, plan": template_plan,
    "new capability": at("/new-capability/"),
    "new capability, near-miss": near_miss,
    "checks": at("/checks/#foreign-workflow"),
    "new machine template": at("/new-machine-template/"),
    "log": at("/log/"),
    "log entry": at("/log/5/"),
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
    "editor, refused",
    "new capability, near-miss",
    "editor, conflict",
    "import, mistakes",
    "404",
    "403",
}
"""The pages whose answer is an error, which the browser tells the console."""
