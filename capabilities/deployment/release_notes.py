"""A release told in Markdown: what it is, what it changes, which machines it has."""

from ..machines.release_plan import Change, ReleasePlan
from ..models import Release, ReleaseMachine
from .markdown import escaped


def as_markdown(release: Release, plan: ReleasePlan) -> str:
    """The notes of a release; the same release gives the same bytes."""
    lines = [
        f"# Release {release.number}: {escaped(release.title)}",
        "",
        f"Released {release.at:%Y-%m-%d %H:%M} UTC by {escaped(release.by)}.",
    ]
    if release.notes:
        lines += ["", *(f"> {escaped(line)}".rstrip() for line in release.notes.split("\n"))]
    lines += ["", "## What changes", "", escaped(plan.verdict)]
    for change in plan.changed:
        lines += _change(change)
    for title, names in (("New", plan.added), ("No longer in it", plan.removed)):
        if names and not plan.is_first:
            lines += ["", f"### {title}", "", *(f"- {escaped(name)}" for name in names)]
    lines += ["", "## Machines", "", "| Machine | Kind | Made of | QA |", "|---|---|---|---|"]
    lines += [_machine(each) for each in release.machines.all()]
    if release.warnings:
        lines += ["", "## Acknowledged warnings", ""]
        lines += [_warning(each) for each in release.warnings]
    lines += [
        "",
        "## What it is checked by",
        "",
        f"- SHA-256 of the export: `{release.digest}`",
        f"- Audit log up to entry {release.sequence}: `{release.head_digest or 'empty'}`",
    ]
    return "\n".join(lines) + "\n"


def _change(change: Change) -> list[str]:
    return [
        "",
        f"### For {escaped(change.title)}",
        "",
        *(f"- {escaped(each)}" for each in change.for_users),
        "",
        "Transition by transition:",
        "",
        *(f"- {escaped(each)}" for each in change.sentences),
    ]


def _machine(each: ReleaseMachine) -> str:
    qa = "required" if each.requires_qa else ""
    return f"| {' | '.join(map(escaped, (each.name, each.kind, each.title, qa)))} |"


def _warning(each: dict[str, str]) -> str:
    words = f" — “{each['words']}”" if each["words"] else ""
    return escaped(f"{each['code']}, {each['machine']}: {each['message']}{words}").join(("- ", ""))
