"""Change requests: the list of them, and the page of one, which is the comparison to decide on."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ..auditing import Author
from ..authoring import making, review
from ..authoring.conflicts import ConflictError
from ..authoring.rehearsal import NotConfirmedError, carry_out
from ..forms import WordsForm, key_as_text, read_choices
from ..machines.diff import diff
from ..machines.machine import Transition
from ..machines.notation import render_transition
from ..machines.review import SIGNS, WRITES, State, Verb, contested, lapsed
from ..machines.sentences import all_sentences
from ..models import (
    Capability,
    ChangeRequest,
    Fleet,
    MachineTemplate,
    Review,
    ReviewEvent,
    states_of,
)
from ..models.review import machine_of
from .access import PROPOSE, REVIEW, SEE, may, needs
from .answers import page
from .comparing import compared
from .proposing import CALLED, WORDS
from .writing import tell, tell_written

PER_PAGE = 50

RIGHTS: dict[str, tuple[str, ...]] = {
    "approve": (REVIEW,),
    "ask": (REVIEW,),
    "refuse": (REVIEW,),
    "comment": (PROPOSE, REVIEW),
    "apply": (PROPOSE, REVIEW),
    "update": (PROPOSE,),
    "withdraw": (PROPOSE,),
}
"""What can be done on the page of a request, and the rights of which one is needed for it."""

_DONE = {
    "approve": "Approved",
    "ask": "Asked for changes of",
    "refuse": "Refused",
    "comment": "Commented on",
    "apply": "Applied",
    "update": "Brought up to date",
    "withdraw": "Withdrew",
}
_VERB_SIGNS = {
    Verb.PROPOSED: "+",
    Verb.EDITED: "~",
    Verb.REWORDED: "“",
    Verb.APPROVED: SIGNS[State.APPROVED],
    Verb.CHANGES_ASKED: SIGNS[State.CHANGES_ASKED],
    Verb.REFUSED: SIGNS[State.REFUSED],
    Verb.COMMENTED: "»",
    Verb.WITHDRAWN: SIGNS[State.WITHDRAWN],
    Verb.APPLIED: SIGNS[State.APPLIED],
}


# -- the list


@dataclass(frozen=True)
class Listed:
    """A change request, as the list shows it."""

    request: ChangeRequest
    state: State

    @property
    def sign(self) -> str:
        return SIGNS[self.state]

    def word(self, name: str) -> str:
        """What a filter of that name goes by."""
        return str(self.state.value if name == "state" else getattr(self.request, name))


@needs(SEE)
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """All change requests, the open ones first; `?state=`, `?author=` and `?name=` narrow it."""
    asked = {name: request.GET.get(name, "") for name in ("state", "author", "name")}
    rows = list(ChangeRequest.objects.defer("words"))
    states = states_of(rows)
    found = [Listed(each, states[each.pk]) for each in rows]
    order = list(State)
    found.sort(key=lambda each: order.index(each.state))  # and the newest first, as they come
    shown = [each for each in found if _fits(each, asked)]
    context = {
        "title": "Change requests",
        "filters": [
            (name, label, _links(found, asked, name, order))
            for name, label in (("state", "State"), ("author", "Proposed by"), ("name", "About"))
        ],
        "shown": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "query": urlencode(asked),
        "is_any": bool(found),
        "narrowed": any(asked.values()),
        "is_single_user": review.is_single_user(),
    }
    return page(request, "review/list.html", context)


def _fits(each: Listed, asked: dict[str, str], but: str = "") -> bool:
    return all(not word or name == but or each.word(name) == word for name, word in asked.items())


def _links(
    found: Iterable[Listed], asked: dict[str, str], name: str, order: Iterable[State]
) -> list[dict[str, object]]:
    """A link for each value of a filter, with how many fit; none where all have the same one."""
    counts = Counter(each.word(name) for each in found if _fits(each, asked, but=name))
    signs = {each.value: SIGNS[each] for each in order} if name == "state" else {}
    words = list(signs) or sorted({*(each.word(name) for each in found), asked[name]} - {""})
    if len(words) < 2 and not asked[name]:
        return []
    return [
        {
            "label": f"{signs.get(word, '')} {word or 'all'}".strip(),
            "count": counts[word] if word else counts.total(),
            "url": f"?{urlencode({**asked, name: word})}",
            "is_here": word == asked[name],
        }
        for word in ("", *words)
    ]


# -- one


@needs(SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def change_request(request: HttpRequest, number: int) -> HttpResponseBase:
    """One change request; a POST does to it what `verb` says, see RIGHTS."""
    opened = _Opened(request, get_object_or_404(ChangeRequest, pk=number))
    return opened.answer() if request.method == "POST" else opened.show()


class _Opened:
    """The page of one change request."""

    def __init__(self, request: HttpRequest, found: ChangeRequest) -> None:
        self.request, self.found = request, found
        self.by = Author.of(request)
        posted = request.POST if request.method == "POST" else None
        self.form = WordsForm(posted)

    def answer(self) -> HttpResponseBase:
        """Do what is posted, or say why not."""
        verb = self.request.POST.get("verb", "")
        rights = RIGHTS.get(verb, (PROPOSE, REVIEW))
        if not any(may(self.request.user, each) for each in rights):
            raise PermissionDenied
        if verb not in RIGHTS:
            return self.show(status=422, problems=["The form did not say what to do."])
        if not (seen := self.request.POST.get("seen", "")):
            told = "The form did not say what it showed; nothing was saved. Reload the page."
            return self.show(status=428, problems=[told])
        if not self.form.is_valid():
            return self.show(status=422)
        try:
            self._write(verb, seen, self.form.cleaned_data["words"])
        except NotConfirmedError as asked:
            outdated = "plan" in self.request.POST
            return self.show(status=409 if outdated else 200, plan=asked.plan, outdated=outdated)
        except ConflictError as conflict:
            return self.show(status=409, conflict=conflict)
        except ValidationError as error:
            tell(self.form, error)
            is_own = getattr(error, "code", "") == review.OWN_REQUEST
            return self.show(status=403 if is_own else 422)
        tell_written(self.request, f"{_DONE[verb]} {self.found}.")
        return redirect(self.found)

    def _write(self, verb: str, seen: str, words: str) -> None:
        verbs: dict[str, Callable[..., ChangeRequest]] = {
            "approve": review.approve,
            "ask": review.ask_for_changes,
            "refuse": review.refuse,
            "comment": review.comment,
            "withdraw": review.withdraw,
            "apply": review.apply,
        }
        given: dict[str, Any] = {"request": self.found, "seen": seen, "words": words}
        given["by"] = self.by
        if verb == "update":
            found = Review(self.found)
            keys = [each.key for each in _contested(found)]
            choices = read_choices(self.request.POST, keys)
            review.bring_up_to_date(**given, proposed_at=choices)
        elif verb == "apply" and self.found.is_of_template:
            confirmed = self.request.POST.get("plan", "")
            carry_out(lambda: review.apply(**given), confirmed=confirmed)
        else:
            verbs[verb](**given)

    def show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page, of what is stored now."""
        found = Review(self.found)
        rights = self._rights(found)
        if not rights["decides"]:
            self.form.fields["words"].help_text = "Needed to comment."
        context = {
            "title": self.found.title,
            "change_request": self.found,
            "review": found,
            "url": self.found.get_absolute_url(),
            "about_url": _about_url(self.found),
            "seen": found.digest,
            "form": self.form,
            **rights,
            **_moved(found),
            "answered": _answered(found),
            "made_of": _made_of(found),
            "history": list(_history(found)),
            "is_single_user": review.is_single_user(),
            **compared(self.request, found.base, found.proposed, called=CALLED, words=WORDS),
            **more,
        }
        return page(self.request, "review/request.html", context, status=status)

    def _rights(self, found: Review) -> dict[str, Any]:
        """What this person may do now, and why they may not decide."""
        user = self.request.user
        can = {
            verb: found.is_under_review and any(may(user, right) for right in rights)
            for verb, rights in RIGHTS.items()
        }
        why_not = review.why_not_decide(found, self.by)
        if not may(user, REVIEW):
            why_not = "Reviewers decide about change requests; you are not a reviewer."
        decides = can["approve"] and not why_not
        is_up_to_date = found.is_under_review and not found.has_moved
        return {
            "decides": decides,
            "why_not": why_not,
            "may_approve": decides and is_up_to_date and found.state is not State.APPROVED,
            "may_apply": can["apply"] and is_up_to_date and found.state is State.APPROVED,
            "may_change": can["update"],
            "may_reword": can["update"] and not review.why_not_reword(self.found, self.by),
            "may_withdraw": can["withdraw"] and self.by.id == self.found.author_id,
            "may_comment": any(may(user, right) for right in RIGHTS["comment"]),
        }


def _about_url(found: ChangeRequest) -> str:
    """The page of what a request is about; "" where it was removed since."""
    if found.is_of_template:
        is_there = MachineTemplate.objects.filter(slug=found.name).exists()
        return reverse("capabilities:machine-template", args=[found.name]) if is_there else ""
    is_there = Capability.objects.filter(name=found.name).exists()
    return reverse("capabilities:comparison", args=[found.name]) if is_there else ""


def _answered(found: Review) -> ReviewEvent | None:
    """Who asked for changes or refused, and in which words, while that is how it stands."""
    verbs = {State.CHANGES_ASKED: Verb.CHANGES_ASKED, State.REFUSED: Verb.REFUSED}
    verb = verbs.get(found.state)
    return next((each for each in reversed(found.events) if each.verb == verb), None)


def _contested(found: Review) -> tuple[Any, ...]:
    if found.now is None or not found.is_under_review:
        return ()
    return contested(found.base, found.now, found.proposed)


def _moved(found: Review) -> dict[str, Any]:
    """What is different from what it was proposed for to now, and where both changed the same."""
    if not found.is_under_review or not found.has_moved:
        return {}
    if found.now is None:
        return {"is_gone": True}
    return {
        "moved": all_sentences(diff(found.base, found.now)),
        "contested": [
            {
                "key": each.key,
                "value": key_as_text(each.key),
                "now": _line(each.theirs),
                "proposed": _line(each.mine),
            }
            for each in _contested(found)
        ],
    }


def _line(transition: Transition | None) -> str:
    return render_transition(transition) if transition else "no transition"


def _made_of(found: Review) -> str:
    """What the machine will be made of, in a sentence; "" where nothing will be applied."""
    request = found.request
    if not found.is_under_review or found.has_moved:
        return ""
    if request.is_of_template:
        return "Its rows will be written anew; every machine that uses it changes with it."
    made = making.making(Fleet([request.name]), request.name, request.kind, found.proposed)
    return made.sentence


@dataclass(frozen=True)
class Told:
    """One event, as the history shows it: `changed` says what an edit did to what is proposed."""

    event: ReviewEvent
    is_lapsed: bool
    changed: list[str]

    @property
    def sign(self) -> str:
        return _VERB_SIGNS[Verb(self.event.verb)]


def _history(found: Review) -> Iterator[Told]:
    gone = lapsed(found.values)
    before: ReviewEvent | None = None
    for event in found.events:
        changed = []
        if event.verb in WRITES:
            if before is not None:
                machines = machine_of(before.proposed), machine_of(event.proposed)
                changed = all_sentences(diff(*machines))
            before = event
        yield Told(event, event.pk in gone, changed)
