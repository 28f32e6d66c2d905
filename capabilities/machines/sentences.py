"""Differences told in plain English. The same difference gives the same words, always."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .diff import ActionDifference, Difference, Kind
from .layers import START, Change, Drop
from .machine import Action, Key, Machine, Transition
from .notation import render_action, render_actions, render_transition


def verdict(differences: Sequence[Difference], *, old: str, new: str) -> str:
    """One sentence on two machines that are called `old` and `new`: "The current machine"."""
    if not differences:
        return f"{old} and {_uncapitalized(new)} are the same."
    counts = Counter(difference.kind for difference in differences)
    told = [
        f"{count(counts[kind], 'transition')} {'is' if counts[kind] == 1 else 'are'} {verb}"
        for kind, verb in (
            (Kind.CHANGED, "changed"),
            (Kind.ADDED, "added"),
            (Kind.REMOVED, "removed"),
            (Kind.MOVED, "moved"),
        )
        if counts[kind]
    ]
    return f"From {_uncapitalized(old)} to {_uncapitalized(new)}, {listed(told)}."


def headline(differences: Sequence[Difference], *, old: str, new: str) -> str:
    """The verdict; when only one thing became of one transition, what that is."""
    told = all_sentences(differences)
    if len(told) != 1:
        return verdict(differences, old=old, new=new)
    return f"From {_uncapitalized(old)} to {_uncapitalized(new)}, one thing changes: {told[0]}"


def difference_sentences(difference: Difference) -> list[str]:
    """What became of one transition, a sentence for each thing."""
    key = str(difference.key)
    old, new = difference.old, difference.new
    if difference.kind is Kind.ADDED and new:
        return [f"{key} is added: {_does(new)}, then [{new.target}]."]
    if difference.kind is Kind.REMOVED and old:
        return [f"{key} is removed; it did this: {_does(old)}, then [{old.target}]."]
    told = [_action_sentence(key, change) for change in difference.changed_actions]
    if difference.retargeted and old and new:
        told.append(f"{key} leads to [{new.target}] instead of [{old.target}].")
    if difference.moved:
        told.append(f"{key} stands at another place in the order.")
    return told


def override_sentences(changes: Iterable[Change], beneath: Machine) -> dict[str, list[str]]:
    """What overrides do to the machine beneath them, by verb: drops, overrides, moves, adds."""
    told: dict[str, list[str]] = {"drops": [], "overrides": [], "moves": [], "adds": []}
    for change in changes:
        covered = beneath.by_key.get(change.key)
        if isinstance(change, Drop):
            told["drops"].append(str(change.key))
            continue
        new, place = change.transition, _place(change.after)
        if covered is None:
            told["adds"].append(render_transition(new) + place)
        elif covered == new:
            told["moves"].append(str(new.key) + place)
        else:
            told["overrides"].append(f"{new.key}: {_rest(new)} instead of {_rest(covered)}{place}")
    return {verb: sentences for verb, sentences in told.items() if sentences}


def _place(after: Key | None) -> str:
    if after is None:
        return ""
    return ", to the beginning" if after == START else f", to after {after}"


def _rest(transition: Transition) -> str:
    return f"{render_actions(transition.actions)} -> [{transition.target}]"


def _action_sentence(key: str, change: ActionDifference) -> str:
    if change.kind is Kind.ADDED and change.new:
        return f"{key} now also does {render_action(change.new)}."
    if change.kind is Kind.REMOVED and change.old:
        return f"{key} no longer does {render_action(change.old)}."
    if change.kind is Kind.MOVED and change.new:
        return f"{key} does {render_action(change.new)} at another place in the order."
    return f"{key} does {_shown(change.new)} instead of {_shown(change.old)}."


def _shown(action: Action | None) -> str:
    return render_action(action) if action else "nothing"


def _does(transition: Transition) -> str:
    return " ".join(map(render_action, transition.actions)) or "no action"


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def count(number: int, noun: str) -> str:
    """ "1 transition", "3 transitions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _uncapitalized(text: str) -> str:
    return text[:1].lower() + text[1:] if text.startswith(("The ", "Before", "After")) else text


def all_sentences(differences: Iterable[Difference]) -> list[str]:
    return [sentence for each in differences for sentence in difference_sentences(each)]
