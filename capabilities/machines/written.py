"""What machines of one type are written from: one machine with a parameter for each one's name.

It is found from the machines alone. Where it can be several ones, the most general one holds that
writes none of the machines that are said to be of another type, or of none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress, islice, product

from .machine import Action, Machine, Transition, name_problem, parameters
from .survey import is_bound

_TRIES = 64  # of ways to tell a name from a word that is spelt the same
_PLACES = 5  # of a name inside one argument


def written_from(
    machines: Mapping[str, Machine], parameter: str, others: Mapping[str, Machine]
) -> Machine | None:
    """The machine that, with its `parameter` bound to each name, is exactly each of `machines`.

    It writes none of the `others`, if that can be. None when there is no such machine, and when
    one of `machines` says the parameter.
    """
    shapes = {_shape(machine) for machine in machines.values()}
    says_it = any(parameter in parameters(machine) for machine in machines.values())
    if len(shapes) != 1 or says_it:
        return None
    names = list(machines)
    arguments = zip(*(_arguments(machine) for machine in machines.values()), strict=True)
    possible = [_patterns(dict(zip(names, each, strict=True)), parameter) for each in arguments]
    near = [(name, each) for name, each in others.items() if _shape(each) in shapes]
    first: Machine | None = None
    for chosen in islice(product(*possible), _TRIES):
        tried = _with(machines[names[0]], chosen)
        if not any(is_bound(other, tried, {parameter: name}) for name, other in near):
            return tried
        first = tried if first is None else first
    return first


def _shape(machine: Machine) -> tuple[object, ...]:
    """A machine without the arguments of its actions."""
    return tuple((t.key, t.target, tuple(action.name for action in t.actions)) for t in machine)


def _arguments(machine: Machine) -> list[str]:
    return [action.argument for t in machine for action in t.actions]


def _patterns(arguments: Mapping[str, str], parameter: str) -> list[str]:
    """What an argument can be with the parameter in it, by what it is for each name.

    First the name as a whole, then no name at all, then the name inside it.
    """
    placeholder = f"({parameter})"
    name, argument = max(arguments.items(), key=lambda each: len(each[0]))
    return [
        pattern
        for pattern in dict.fromkeys((placeholder, argument, *_inside(name, argument, placeholder)))
        if all(pattern.replace(placeholder, own) == said for own, said in arguments.items())
        and (not pattern or name_problem(pattern) is None)
    ]


def _inside(name: str, argument: str, placeholder: str) -> Iterator[str]:
    """Each way to put the placeholder for some of the places where `argument` says `name`."""
    starts = [at for at in range(len(argument)) if argument.startswith(name, at)]
    if len(starts) > _PLACES:
        return
    for chosen in product((True, False), repeat=len(starts)):
        pattern = argument
        # From the end, so that the places before it stay where they are.
        for at in reversed(list(compress(starts, chosen))):
            pattern = pattern[:at] + placeholder + pattern[at + len(name) :]
        yield pattern


def _with(machine: Machine, arguments: Sequence[str]) -> Machine:
    """The machine with these arguments in the places of its own."""
    left = iter(arguments)

    def changed(action: Action) -> Action:
        return replace(action, argument=next(left))

    def rewritten(transition: Transition) -> Transition:
        return replace(transition, actions=tuple(map(changed, transition.actions)))

    return Machine(tuple(map(rewritten, machine)))
