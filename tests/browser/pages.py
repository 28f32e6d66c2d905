"""Every page, and the states of it that look different, each as a function that opens it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from capabilities import importing
from capabilities.auditing import Author
from capabilities.authoring import overrides, review
from capabilities.machines.notation import render
from capabilities.machines.packing import pack
from capabilities.management.commands.up import SEED
from capabilities.models import Capability, Review, Shelf, Webhook
from tests.deciding import INGESTED, NOT_INGESTED, decide_some
from tests.drifted import (
    dump,
    known,
    machine_missing,
    one_broken,
    one_changed,
    one_missing,
    typo,
)
from tests.factories import COMPLETE, SIMPLE, line, template
from tests.factories import seen as seen_definition
from tests.receiving import attempted, webhook
from tests.releasing import NAME, adopt_ideal, deployed, released
from tests.reviewing import ADA, BEA, CAL, applied, approved, proposed, seen

Open = Callable[[Page], None]

MISTAKES = "null\n\n[Start] - <a> {B} ->\n[Start - <a> {B} -> [C]\n[X] - <y> {z -> [W]\n"
IDEAL = "/capabilities/std_calibration/ideal/"
TEXT = pack(MISTAKES.splitlines()[2].removesuffix("->") + "-> [B]\n")
MISSING = "?kind=notification&name=ingest-failed"
PROPOSE = "/capabilities/std_calibration/propose/"
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


def _answer(page: Page, text: str) -> None:
    page.goto("/questions/")
    page.locator("summary[id^=answer-]").first.click()
    page.get_by_label("Answer", exact=True).first.fill(text)
    page.get_by_role("button", name="Save the answer").first.click()


def questions_answered(page: Page) -> None:
    _answer(page, "Yes, when the versions can be chosen.")
    page.get_by_text("Answered the question.").wait_for()


def questions_refused(page: Page) -> None:
    _answer(page, "two\nlines")
    page.locator(".errorlist").wait_for()


def notes_open(page: Page) -> None:
    page.goto(IDEAL)
    page.locator("summary[id^=answer-]").first.click()
    page.locator("summary[id^=note-]").first.click()
    page.locator("#add-note").click()


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


def on_its_own(page: Page) -> None:
    """A machine without a machine template, and the offer of what is nearest to it."""
    page.goto("/capabilities/null/current/text/")
    text = page.locator("#id_text").input_value()
    page.goto("/capabilities/null/current/")
    page.get_by_text("Choose the machine template by its picture").click()
    page.get_by_role("radio", name="no machine template").check()
    page.get_by_role("button", name="Use this machine template").click()
    page.get_by_text("The machine template is none.").wait_for()
    page.goto("/capabilities/null/current/text/")
    page.get_by_role("button", name="Use the plain text box").click()
    page.locator("#id_text").fill(text)
    page.get_by_role("button", name="Save").click()
    page.locator("#nearest").wait_for()


def nearer(page: Page) -> None:
    on_its_own(page)
    page.goto("/matching/")
    page.get_by_label("Choose null current").check()


def adopt_plan(page: Page) -> None:
    nearer(page)
    page.get_by_role("button", name="Show the plan").click()
    page.locator("#adopt-plan").wait_for()


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


def more_formats(page: Page) -> None:
    page.goto("/capabilities/std_calibration/")
    page.locator("#more-formats-current").click()


def decisions(page: Page, path: str = "/capabilities/std_calibration/") -> None:
    """A difference of each standing, and a decision that closed."""
    decide_some()
    page.goto(path)


def comparison_decided(page: Page) -> None:
    decisions(page)
    page.locator("#deviations summary").click()


def deciding(page: Page) -> None:
    decisions(page)
    page.locator("#decide-2").click()
    page.locator("#save-decision-2").wait_for()


def deciding_refused(page: Page) -> None:
    deciding(page)
    page.locator("#decision-2-ticket").fill("")
    page.locator("#decision-2-state").select_option("planned")
    page.locator("#save-decision-2").click()
    page.locator(".errorlist").wait_for()


def deciding_late(page: Page) -> None:
    """What the slower one of two people sees."""
    deciding(page)
    other = page.context.new_page()
    other.goto("/capabilities/std_calibration/")
    other.locator("#decide-2").click()
    other.locator("#save-decision-2").click()
    other.get_by_text("Decided on").wait_for()
    other.close()
    page.locator("#save-decision-2").click()
    page.locator("#refusal").wait_for()


def reopened(page: Page) -> None:
    """The page of a difference that is another one since it was decided."""
    key = urlencode(INGESTED._asdict())
    decisions(page, f"/capabilities/std_calibration/deviations/?{key}")


def closed(page: Page) -> None:
    """The page of a decision whose difference is gone."""
    key = urlencode(NOT_INGESTED._asdict())
    decisions(page, f"/capabilities/std_calibration/deviations/?{key}")


def deviations(page: Page) -> None:
    decisions(page, "/deviations/")


def drift_told(page: Page) -> None:
    """Drift that is known, drift that is not, a row that is broken, a decision that closed."""
    known()
    known(machine_missing)
    page.goto("/drift/")
    page.get_by_label("The dump").fill(dump(one_missing, one_changed, one_broken, typo))
    page.get_by_role("button", name="Compare").click()
    page.locator("#verdict").wait_for()


def drift_against_a_release(page: Page) -> None:
    """Drift against what an environment should have, which is not all that is deployed."""
    text = dump(one_missing, one_changed)
    deployed(released(capabilities=list(Capability.objects.exclude(name="restore_cms"))))
    page.goto("/releases/1/")
    page.get_by_role("link", name="Compare with what is deployed").click()
    page.get_by_label("Compare with").select_option("dev")
    page.get_by_label("The dump").fill(text)
    page.get_by_role("button", name="Compare").click()
    page.locator("#ignored summary").click()


def drift_decided(page: Page) -> None:
    drift_told(page)
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Until").fill("2099-12-31")
    page.get_by_label("Why").fill("The next release mends it.")
    page.get_by_role("button", name="Decide").click()
    page.locator(".messagelist").wait_for()
    page.locator("#closed summary").click()


def drift_refused(page: Page) -> None:
    drift_told(page)
    page.get_by_role("button", name="Decide").click()
    page.locator(".errorlist").first.wait_for()


def drift_unreadable(page: Page) -> None:
    page.goto("/drift/")
    page.get_by_label("The dump").fill("capability_name\nnull\n")
    page.get_by_role("button", name="Compare").click()
    page.locator(".errorlist").wait_for()


def plan(page: Page) -> None:
    text = SEED.read_text(encoding="utf-8").replace("{QaPass}", "{QaPassed}")
    _import(page, text.replace("null_dag", "null_tree"))


def mistakes(page: Page) -> None:
    _import(page, MISTAKES)


def broken_rows(page: Page) -> None:
    """Mistakes that stand on no line, but in a row of a table."""
    _import(page, dump(one_broken))


def progress(page: Page) -> None:
    """A long import that is half done."""
    _long_import(page, done=617, total=1234, what="machines")
    page.locator("progress[value]").wait_for()


def cancelled(page: Page) -> None:
    _long_import(page, state=importing.State.CANCELLED)
    page.locator(".refusal").wait_for()


def _long_import(page: Page, **how_far: Any) -> None:
    eve = User.objects.get(username="eve")
    by = Author(eve.pk, eve.username, "page")
    work = importing.Work(importing.Import("5" * 32, MISTAKES, "page.txt", "", None, by, **how_far))
    work.tell()
    page.goto(f"/import/{UUID('5' * 32)}/")


def _import(page: Page, text: str) -> None:
    page.goto("/import/")
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Show the plan").click()
    page.locator("#plan").wait_for()


def audit(page: Page) -> None:
    """The whole page, its progress having come."""
    page.goto("/audit/")
    page.get_by_role("heading", name="Progress over time").wait_for()
    page.locator("#filters-summary").click()
    page.locator("#progress-table").click()


def empty_audit(page: Page) -> None:
    Capability.objects.all().delete()
    page.goto("/audit/")


def rename_plan(page: Page) -> None:
    page.goto(f"/registry/rename/{MISSING}&new=workflow-failed")
    page.locator("#plan-rename").click()
    page.locator("#rehearsal").wait_for()


def rename_refused(page: Page) -> None:
    page.goto("/registry/rename/?kind=event&name=qa-fail&new=qa-pass")
    page.locator("#plan-rename").click()
    page.locator(".errorlist").first.wait_for()


def comparison_open(page: Page) -> None:
    page.goto("/capabilities/std_calibration/")
    page.get_by_text("Text of both, line by line").click()
    page.get_by_text("3 unchanged").click()


def compare_errors(page: Page) -> None:
    page.goto("/compare/")
    page.locator("#id_old-capability").fill("nul")
    page.locator("#new").get_by_label("a text").check()
    page.locator("#id_new-text").fill("[Start] - <e> {Send x -> [End]")
    page.get_by_role("button", name="Compare").click()
    page.locator(".mistakes").wait_for()


def compare_below(page: Page) -> None:
    page.goto(f"/compare/?old=entry/1/after&new=machine-template/{QA.split('/')[2]}")
    page.get_by_text("Compare something else").click()


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


def two_releases() -> None:
    """The second one has the ideal of std_calibration; the first one is still in production."""
    deployed(released(), "production")
    adopt_ideal()
    deployed(released("QA before completion", notes="Restart the scheduler."), "dev")


def releases(page: Page) -> None:
    two_releases()
    page.goto("/releases/")


def a_release(page: Page) -> None:
    two_releases()
    page.goto("/releases/2/")
    page.get_by_text("Transition by transition").click()


def deployment_refused(page: Page) -> None:
    a_release(page)
    page.get_by_label("Environment").select_option("dev")
    page.locator("#deploy").click()
    page.get_by_text("Release 2 is in dev already.").wait_for()


def a_webhook() -> Webhook:
    """One whose messages arrived, were given up, and wait."""
    made = webhook()
    for status in (204, 410, 503):
        attempted(made, status)
    return made


def a_list_of_webhooks(page: Page) -> None:
    a_webhook()
    webhook(title="Another", url="https://chat.example.org/hooks/" + "x" * 200)
    page.goto("/webhooks/")


def webhook_messages(page: Page) -> None:
    page.goto(a_webhook().get_absolute_url())
    page.locator(".deliveries summary").first.click()
    page.locator(".more summary").click()


def webhook_refused(page: Page) -> None:
    page.goto("/webhooks/new/")
    page.get_by_label("Title").fill("Chat")
    page.get_by_label("Address").fill("http://169.254.169.254/")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Write an address that begins with https://.").wait_for()


def webhook_made(page: Page) -> None:
    page.goto("/webhooks/new/")
    page.get_by_label("Title").fill("Chat")
    page.get_by_label("Address").fill("https://example.org/hook")
    page.get_by_label("a release").check()
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Its secret, shown only now").wait_for()


def new_release_plan(page: Page) -> None:
    released()
    adopt_ideal()
    page.goto(f"/releases/new/?name=null&name={NAME}")


def new_release_refused(page: Page) -> None:
    page.goto("/releases/new/")
    page.get_by_label("Title").fill("The first")
    page.locator("#acknowledge-1").check()
    page.locator("#release").click()
    page.locator("#refusal").wait_for()


def new_release_late(page: Page) -> None:
    page.goto("/releases/new/")
    adopt_ideal()
    page.get_by_label("Title").fill("The first")
    page.locator("#release").click()
    page.locator("#refusal").wait_for()


def requests(page: Page) -> None:
    """An applied change request, one that waits, and one whose approval an edit withdrew."""
    change_request_edited(page)
    proposed(title="Waits")
    applied()
    page.goto("/change-requests/")


def change_request(page: Page) -> None:
    request = proposed()
    review.comment(request=request, seen=seen(request), words="Is it so?\nIt is.", by=BEA)
    page.goto(request.get_absolute_url())


def change_request_refused(page: Page) -> None:
    change_request(page)
    page.locator("#refuse").click()
    page.get_by_text("Say it in words.").wait_for()


def change_request_edited(page: Page) -> None:
    request = approved()
    text = f"{render(Review(request).proposed)}[X] - <y> {{no action}} -> [Complete]\n"
    review.edit(request=request, seen=seen(request), text=text, words="One more.", by=ADA)
    page.goto(request.get_absolute_url())
    page.locator("#history summary").click()


def change_request_moved(page: Page) -> None:
    """The machine moved, at one place where the request changes it too."""
    request = approved()
    other = line(f"{COMPLETE} {{QaPass}} -> [Complete]")
    overrides.put(definition=seen_definition(NAME), key=COMPLETE, transition=other, by=CAL)
    page.goto(request.get_absolute_url())
    page.locator("#moved").wait_for()


def change_request_plan(page: Page) -> None:
    """What applying the change of a machine template would do."""
    text = f"{render(Shelf().machine(template(SIMPLE).pk))}[X] - <y> {{no action}} -> [Complete]\n"
    subject = review.Subject.of_template(SIMPLE)
    request = review.propose_text(subject=subject, text=text, title="One more", by=ADA)
    review.approve(request=request, seen=seen(request), by=BEA)
    page.goto(request.get_absolute_url())
    page.locator("#apply").click()
    page.locator("#confirm-plan").wait_for()


def change_request_applied(page: Page) -> None:
    page.goto(applied().get_absolute_url())


def edit_of_request(page: Page) -> None:
    page.goto(f"{approved().get_absolute_url()}edit/")


def rewording(page: Page) -> None:
    """The words of a request that is approved, and that its author has reworded before."""
    eve = User.objects.get(username="eve")
    request = proposed(by=(by := Author(eve.pk, eve.username, "page")))
    review.approve(request=request, seen=seen(request), by=BEA)
    review.reword(request=request, seen=seen(request), title="QA", by=by)
    page.goto(f"{request.get_absolute_url()}words/")


def change_request_reworded(page: Page) -> None:
    rewording(page)
    page.get_by_label("Title").fill("QA, in other words")
    page.locator("#save-words").click()
    page.locator("#history summary").last.click()


def propose_refused(page: Page) -> None:
    page.goto(f"{PROPOSE}?key=source%3DExecuting%26event%3Dworkflow-complete")
    page.get_by_label("Title").fill(" ")
    page.locator("#send-proposal").click()
    page.locator(".errorlist").wait_for()


PAGES: dict[str, Open] = {
    "list": at("/"),
    "list, ticked": ticked,
    "empty list": at("/?q=nothing-like-it"),
    "comparison": at("/capabilities/std_calibration/"),
    "comparison, old alone": at("/capabilities/std_calibration/?show=old"),
    "comparison, new alone": at("/capabilities/std_calibration/?show=new"),
    "comparison, no difference": at("/capabilities/null/"),
    "comparison, all open": comparison_open,
    "compare": at("/compare/"),
    "compare, errors": compare_errors,
    "compare, text": at(f"/compare/?old=capability/null/current&new=text/{TEXT}"),
    "compare, form below": compare_below,
    "comparison, decided": comparison_decided,
    "comparison, deciding": deciding,
    "comparison, deciding refused": deciding_refused,
    "comparison, deciding late": deciding_late,
    "deviation, reopened": reopened,
    "deviation, closed": closed,
    "deviations of one": at("/capabilities/std_calibration/deviations/"),
    "deviations": deviations,
    "deviations, nothing": at("/deviations/?owner=nobody"),
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
    "matching": at("/matching/"),
    "matching, nearer": nearer,
    "matching, plan": adopt_plan,
    "editor, nearer": on_its_own,
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
    "questions": at("/questions/"),
    "questions, nothing": at("/questions/?q=nothing-like-it"),
    "questions, answered": questions_answered,
    "questions, refused": questions_refused,
    "notes, open": notes_open,
    "audit": audit,
    "audit, narrowed": at("/audit/?differs=yes&findings=warning&q=std"),
    "audit, nothing": at("/audit/?q=nothing-like-it"),
    "audit, empty": empty_audit,
    "audit, progress": at("/audit/progress/"),
    "releases": releases,
    "webhooks": a_list_of_webhooks,
    "webhooks, nothing": at("/webhooks/"),
    "webhook, new": at("/webhooks/new/"),
    "webhook, refused": webhook_refused,
    "webhook, just made": webhook_made,
    "webhook, its messages": webhook_messages,
    "releases, nothing": at("/releases/"),
    "release": a_release,
    "release, deployment refused": deployment_refused,
    "new release": at("/releases/new/"),
    "new release, plan": new_release_plan,
    "new release, refused": new_release_refused,
    "new release, late": new_release_late,
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
    "change requests": requests,
    "change requests, none": at("/change-requests/?state=refused"),
    "change request": change_request,
    "change request, refused": change_request_refused,
    "change request, edited": change_request_edited,
    "change request, moved": change_request_moved,
    "change request, plan": change_request_plan,
    "change request, applied": change_request_applied,
    "change request, edit": edit_of_request,
    "change request, rewording": rewording,
    "change request, reworded": change_request_reworded,
    "propose": at(PROPOSE),
    "propose, refused": propose_refused,
    "propose, text": at("/capabilities/null/current/propose/"),
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
    "import, broken rows": broken_rows,
    "import, progress": progress,
    "import, cancelled": cancelled,
    "export": at("/export/"),
    "drift": at("/drift/"),
    "drift, told": drift_told,
    "drift, against a release": drift_against_a_release,
    "drift, decided": drift_decided,
    "drift, refused": drift_refused,
    "drift, unreadable": drift_unreadable,
    "export, refused": at("/export/?format=scxml&kind=future&capability=null"),
    "comparison, more formats": more_formats,
    "404": at("/nothing-here/"),
    "403": at("/import/"),
    "login": at("/admin/login/"),
    "admin": at("/admin/"),
    "admin, terms": at("/admin/capabilities/term/"),
    "admin, one term": at("/admin/capabilities/term/add/"),
}

VISITORS = {
    "403": "vic",
    "login": "",
    **{name: "rel" for name in PAGES if name.startswith(("release, ", "new release", "webhook"))},
    **dict.fromkeys(("change request", "change request, refused", "change request, plan"), "rhea"),
}
"""Who opens a page, where it is not the editor."""

REFUSED = {
    *("editor, refused", "editor, conflict", "import, mistakes", "404", "403"),
    "import, broken rows",
    *("many, refused", "many, conflict", "compare, errors"),
    *("comparison, deciding refused", "comparison, deciding late"),
    "name, rename refused",
    *("change request, refused", "propose, refused"),
    "log entry, restore refused",
    "new capability, near-miss",
    "questions, refused",
    *("drift, refused", "drift, unreadable"),
    "webhook, refused",
    *("release, deployment refused", "new release, refused", "new release, late"),
    "export, refused",
}
"""The pages whose answer is an error, which the browser tells the console."""
