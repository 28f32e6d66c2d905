"""Webhooks: who is told of what, and what became of each message."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import sending
from ..auditing import Author
from ..authoring import webhooks
from ..forms.webhooks import ChangedWebhookForm, WebhookForm
from ..models import Delivery, Webhook
from .access import CHANGE_WEBHOOKS, SEE_WEBHOOKS, may, needs
from .answers import page
from .writing import is_part, logged, number_of, tell

PER_PAGE = 50
SHOWN_ONCE = "webhook-shown-once"
"""Where a session keeps of which webhook the secret is shown, on the next page alone."""


@needs(SEE_WEBHOOKS)
@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """Every webhook, and what became of its last message."""
    newest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-id")
    rows = Webhook.objects.annotate(
        last_state=Subquery(newest.values("state")[:1]),
        last_at=Subquery(newest.values("created_at")[:1]),
    )
    context = {"title": "Webhooks", "webhooks": rows}
    return page(request, "webhooks/list.html", context)


@needs(SEE_WEBHOOKS, CHANGE_WEBHOOKS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook(request: HttpRequest) -> HttpResponseBase:
    """Add a webhook; its page then shows its secret, once."""
    form = WebhookForm(request.POST) if request.method == "POST" else WebhookForm()
    if form.is_valid():
        by = Author.of(request)
        try:
            added = logged(request, ADDITION, lambda: webhooks.add(**form.cleaned_data, by=by))
        except ValidationError as error:
            tell(form, error)
        else:
            messages.success(request, f"Added the {added}.")
            request.session[SHOWN_ONCE] = added.pk
            return redirect(added)
    context = {"title": "New webhook", "form": form}
    return page(request, "webhooks/new.html", context, status=422 if form.is_bound else 200)


@needs(SEE_WEBHOOKS)
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook, and what became of each message to it; HTMX gets the messages alone."""
    return _show(request, get_object_or_404(Webhook, pk=pk))


@needs(SEE_WEBHOOKS, CHANGE_WEBHOOKS)
@require_POST
def change_webhook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Do what `verb` says, one of VERBS."""
    found = get_object_or_404(Webhook, pk=pk)
    if do := VERBS.get(request.POST.get("verb", "")):
        try:
            return do(request, found)
        except Webhook.DoesNotExist as error:
            raise Http404("It was removed in the meantime.") from error
    return _show(request, found, status=422, problems=["The form did not say what to do."])


def _save(request: HttpRequest, found: Webhook) -> HttpResponseBase:
    form = ChangedWebhookForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form=form, status=422)
    given, by = form.cleaned_data, Author.of(request)
    try:
        logged(request, CHANGE, lambda: webhooks.change(webhook=found, **given, by=by))
    except ValidationError as error:
        tell(form, error)
        return _show(request, Webhook.objects.get(pk=found.pk), form=form, status=422)
    sending.wake()  # what waited while it was switched off
    messages.success(request, f"Saved the {found}.")
    return redirect(found)


def _renew(request: HttpRequest, found: Webhook) -> HttpResponseBase:
    by = Author.of(request)
    logged(request, CHANGE, lambda: webhooks.renew_secret(webhook=found, by=by))
    messages.success(request, f"The {found} has a new secret.")
    request.session[SHOWN_ONCE] = found.pk
    return redirect(found)


def _remove(request: HttpRequest, found: Webhook) -> HttpResponseBase:
    by = Author.of(request)
    logged(request, DELETION, lambda: webhooks.remove(webhook=found, by=by))
    messages.success(request, f"Removed the {found}.")
    return redirect("capabilities:webhooks")


def _test(request: HttpRequest, found: Webhook) -> HttpResponseBase:
    return _sent(request, found, lambda by: webhooks.send_test(webhook=found, by=by))


def _again(request: HttpRequest, found: Webhook) -> HttpResponseBase:
    number = number_of(request, "delivery")
    again = get_object_or_404(found.deliveries, pk=number)
    return _sent(request, found, lambda by: webhooks.send_again(delivery=again, by=by))


VERBS = {"save": _save, "test": _test, "again": _again, "renew": _renew, "remove": _remove}


def _sent(request: HttpRequest, found: Webhook, send: Callable[[Author], object]) -> HttpResponse:
    try:
        send(Author.of(request))
    except ValidationError as error:
        return _show(request, found, status=422, problems=error.messages)
    sending.wake()
    messages.success(request, "It is on its way.")
    return redirect(f"{found.get_absolute_url()}#messages-title")


def _show(
    request: HttpRequest,
    found: Webhook,
    *,
    form: ChangedWebhookForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    rows = found.deliveries.prefetch_related("attempts")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": f"Webhook {found.title}",
        "webhook": found,
        "shown": shown,
        "is_sending": any(each.is_under_way for each in shown),
        **more,
    }
    if is_part(request) and request.method == "GET":
        return page(request, "webhooks/_messages.html", context)
    stored = {name: getattr(found, name) for name in ChangedWebhookForm.base_fields}
    context |= {
        "form": form or ChangedWebhookForm(initial=stored),
        "secret": found.secret if _shows_secret(request, found) else "",
    }
    return page(request, "webhooks/webhook.html", context, status=status)


def _shows_secret(request: HttpRequest, found: Webhook) -> bool:
    """Whether this is the one time that the secret is shown, to whoever made it."""
    may_see = may(request.user, CHANGE_WEBHOOKS)
    return (
        may_see and request.session.get(SHOWN_ONCE) == found.pk and request.session.pop(SHOWN_ONCE)
    )
