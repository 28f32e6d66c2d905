"""Runs: what a machine does while events arrive, one after the other.

An event that a state does not handle changes nothing: the seed says nothing of such events, and
upstream's page does not either, so this is our reading.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .machine import Action, Key, Machine, Transition


@dataclass(frozen=True, slots=True)
class Step:
    """One event, the transition that it fired (None: the state does not handle it), and where the
    machine is after it.
    """

    event: str
    transition: Transition | None
    state: str

    @property
    def actions(self) -> tuple[Action, ...]:
        """What is done in this step, in order."""
        return self.transition.actions if self.transition else ()


Run = tuple[Step, ...]
"""Steps from a machine's initial state."""


def fire(machine: Machine, state: str, event: str) -> Step:
    """What `event` does when the machine is in `state`."""
    transition = machine.by_key.get(Key(state, event))
    return Step(event, transition, transition.target if transition else state)


def run(machine: Machine, events: Sequence[str]) -> Run:
    """What `events`, in their order, do from the initial state; () for a machine without any."""
    if machine.initial is None:
        return ()
    state, steps = machine.initial, []
    for event in events:
        step = fire(machine, state, event)
        steps.append(step)
        state = step.state
    return tuple(steps)


def runs(machine: Machine, length: int) -> Iterator[Run]:
    """Every run of at most `length` events that each fire, into a final state; the shortest first.

    There may be exponentially many.
    """
    waiting: deque[Run] = deque([()] if machine.initial is not None else [])
    while waiting:
        steps = waiting.popleft()
        state = steps[-1].state if steps else machine.initial
        if state in machine.finals:
            yield steps
        elif len(steps) < length:
            for transition in machine.by_source.get(state or "", ()):
                waiting.append((*steps, Step(transition.event, transition, transition.target)))
