"""The log as a file and as a feed; each of what the page of the log would show."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.views.decorators.http import require_safe

from ..deployment.log_files import FORMATS
from ..forms import LogForm
from .access import SEE_LOG, needs
from .answers import as_download, dated
from .log_list import Item, LogList, log_page


@needs(SEE_LOG)
@require_safe
def log_file(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """All entries that are asked for, in the format of the suffix; 422 for what cannot be asked."""
    form = LogForm(request.GET)
    if not form.is_valid():
        return log_page(request, form, status=422)
    written = FORMATS[suffix]
    lines = written.write(form.entries()) if request.method == "GET" else ()
    response = StreamingHttpResponse(lines, content_type=written.content_type)
    return as_download(response, dated("log", suffix))


@needs(SEE_LOG)
@require_safe
def log_feed(request: HttpRequest) -> HttpResponse:
    """The newest requests of what is asked for, each as one entry of an Atom feed."""
    form = LogForm(request.GET)
    if not form.is_valid():
        return log_page(request, form, status=422)
    query = request.GET.urlencode()
    url = request.build_absolute_uri(reverse("capabilities:log"))
    asked = ", ".join(form.told(name) for name in form.active)
    feed = Atom1Feed(
        title=f"smadmin: log{f' ({asked})' if asked else ''}",
        link=f"{url}?{query}" if query else url,
        description="",
        feed_url=request.build_absolute_uri(),
    )
    for item in LogList(form).listed().items:
        _add(feed, request, item)
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml")


def _add(feed: Atom1Feed, request: HttpRequest, item: Item) -> None:
    """One item; its id is that of its first entry, which stays whatever is added."""
    first = item.changes[0].first
    link = request.build_absolute_uri(first.get_absolute_url())
    at = parse_datetime(item.newest.at)
    entries = [entry for change in item.changes for entry in change.entries]
    touched = ", ".join(f"{each.name} {each.kind}".strip() for each in entries)
    more = f" and {item.left} more" if item.left else ""
    messages = dict.fromkeys(change.first.message for change in item.changes)
    told = [f"{first.change.label} by {first.actor}.", *filter(None, messages), f"{touched}{more}"]
    feed.add_item(
        title=_plain(first.summary),
        link=link,
        description=_plain("\n".join(told)),
        unique_id=get_tag_uri(link, parse_datetime(first.at)),
        author_name=_plain(first.actor),
        categories=[str(first.change)],
        pubdate=parse_datetime(first.at),
        updateddate=at,
    )


def _plain(text: str) -> str:
    """The text without the control characters that XML cannot have."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")
