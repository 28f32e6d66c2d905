"""Differences told in plain English. The same difference gives the same words, always."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .diff import ActionDifference, Difference, Kind
from .effects import ActionEffect, Effect, EffectKind, EndEffect, OrderEffect, Way
from .layers import START, Change, Drop
from .machine import Action, Key, Machine, Transition
from .notation import render_action, render_actions, render_transition
from .runs import Run, Step
from .vocabulary import MESSAGE, NOTIFICATION, PUBLISHED

CALLED = {"old": "The current machine", "new": "The ideal machine"}
"""What the two machines of a capability are called, where one is compared with the other."""


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


def effect_sentence(effect: Effect, *, old: str, new: str) -> str:
    """What an effect is and when it comes, for machines that are called `old` and `new`."""
    low_old, low_new = _uncapitalized(old), _uncapitalized(new)
    if isinstance(effect, OrderEffect):
        first, second = _named((effect.first,)), _named((effect.second,))
        return (
            f"{_capitalized(first)} comes before {second} {_when(effect.way)}; "
            f"{low_old} has them the other way round."
        )
    when = _whens(effect.ways)
    if isinstance(effect, EndEffect):
        if effect.old_is_final and effect.new_is_final:
            return f"A run ends in [{effect.new}] instead of [{effect.old}] {when}."
        if effect.old_is_final:
            return (
                f"{new} goes on in [{effect.new}] where {low_old} ends in [{effect.old}], {when}."
            )
        return f"{new} ends in [{effect.new}] where {low_old} goes on in [{effect.old}], {when}."
    things, verb = _capitalized(_named(effect.actions)), _verb(effect.actions)
    them = "it" if len(effect.actions) == 1 else "them"
    match effect.kind:
        case EffectKind.NO_LONGER:
            return f"{things} {verb.replace(' ', ' no longer ')}{_once(effect, when)}."
        case EffectKind.NEWLY:
            return (
                f"{things} {verb.replace(' ', ' now ' if effect.always else ' now also ')} {when}."
            )
        case EffectKind.TWICE:
            return f"{things} {verb} more than once {when}; {low_old} does {them} once."
        case EffectKind.ONCE:
            return f"{things} {verb} only once {when}; {low_old} does {them} more than once."
    return f"{things} {verb} {effect.kind}: {_moment(effect, low_old, low_new)}."


def _moment(effect: ActionEffect, old: str, new: str) -> str:
    """When either machine does what is done earlier or later, and what lies between."""
    way, is_later = effect.ways[0], effect.kind is EffectKind.LATER
    was, now = _doing(effect, way.old), _doing(effect, way.new)
    slower = way.new if is_later else way.old
    between = slower[min(was, now) : max(was, now)]
    states = listed(list(dict.fromkeys(f"[{step.state}]" for step in between)))
    at_old, at_new = _at(way.old[was]), _at(way.new[now])
    if is_later:
        return f"by {old} before {states}, {at_old}; by {new} only after, {at_new}"
    return f"by {old} only after {states}, {at_old}; by {new} before, {at_new}"


def _once(effect: ActionEffect, when: str) -> str:
    return ", in any run" if effect.always else f" {when}"


def _doing(effect: ActionEffect, steps: Run) -> int:
    """The index of the first step that does it."""
    return next(i for i, step in enumerate(steps) if effect.actions[0] in step.actions)


def _whens(ways: Sequence[Way], shown: int = 3) -> str:
    """When the last event of each way comes: "when … or when …, and in 2 other ways"."""
    told = [_when(way) for way in ways[:shown]]
    more = len(ways) - len(told)
    rest = f", and in {more} other way{'' if more == 1 else 's'}" if more else ""
    return " or ".join(told) + rest


def _when(way: Way) -> str:
    steps = way.new if way.new and (way.new[-1].transition or not way.old) else way.old
    return _at(steps[-1])


def _at(step: Step) -> str:
    where = f" in [{step.transition.source}]" if step.transition else ""
    return f"when <{step.event}> arrives{where}"


def _named(actions: Sequence[Action]) -> str:
    """ "the message “execution_complete” and {AnnounceQa}"."""
    told = []
    for action in actions:
        kind = PUBLISHED.actions.get(action.name)
        is_sent = kind in (MESSAGE, NOTIFICATION) and action.argument
        told.append(f"the {kind} “{action.argument}”" if is_sent else render_action(action))
    return listed(told)


def _verb(actions: Sequence[Action]) -> str:
    kinds = {PUBLISHED.actions.get(action.name) for action in actions}
    return f"{'is' if len(actions) == 1 else 'are'} {'sent' if kinds <= _SENT else 'done'}"


_SENT = {MESSAGE, NOTIFICATION}


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


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def all_sentences(differences: Iterable[Difference]) -> list[str]:
    return [sentence for each in differences for sentence in difference_sentences(each)]
