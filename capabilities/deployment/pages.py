"""All machines as one page: the team's plain form, or Markdown."""

from ..machines.page import Page, PageMachine, PageTemplate, render_page
from ..models import Fleet, Kind, Note
from .selection import Selection


def notation(selection: Selection) -> str:
    """The page in the notation."""
    return render_page(page_of(selection))


def markdown(selection: Selection) -> str:
    """The page as Markdown."""
    return render_page(page_of(selection), markdown=True)


def page_of(selection: Selection) -> Page:
    """The selected machines, sorted by name, and every machine template, the shortest first.

    An ideal without a definition is left out, unless there are notes on it.
    """
    fleet = Fleet(selection.names)
    shelf = fleet.shelf
    machines = []
    for capability in sorted(fleet.capabilities, key=lambda each: each.name):
        for kind in Kind.values if selection.kind is None else [selection.kind]:
            key = (capability.name, kind)
            notes = tuple(note.value for note in fleet.notes.get(key, []))
            own = fleet.definition(*key)
            if own or notes:
                machine = fleet.machine(*key) if own else None
                machines.append(PageMachine(*key, machine, notes))
    on_templates: dict[int | None, list[Note]] = {}
    for note in Note.objects.filter(machine_template__isnull=False):
        on_templates.setdefault(note.machine_template_id, []).append(note)
    templates = [
        PageTemplate(
            template.title,
            shelf.machine(template.pk),
            tuple(note.value for note in on_templates.get(template.pk, [])),
        )
        for template in sorted(
            shelf.templates.values(),
            # Not by what lies over what: an import finds that out anew, and may find it otherwise.
            key=lambda each: (len(shelf.machine(each.pk)), each.title),
        )
    ]
    return Page(tuple(machines), tuple(templates))
