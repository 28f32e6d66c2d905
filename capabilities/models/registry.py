"""The registry: the names that machines may use."""

from typing import Any

from django.db import models
from django.db.models import Q, Value

from ..fields import NameField
from ..machines import vocabulary as words
from ..machines.vocabulary import Vocabulary


class TermManager(models.Manager["Term"]):
    def get_by_natural_key(self, kind: str, name: str) -> "Term":
        return self.get(kind=kind, name=name)


class Term(models.Model):
    """A known name of one kind."""

    class Kind(models.TextChoices):
        STATE = words.STATE
        EVENT = words.EVENT
        ACTION = words.ACTION
        MESSAGE = words.MESSAGE
        NOTIFICATION = words.NOTIFICATION
        WORKFLOW = words.WORKFLOW

    ARGUMENTS = (("", "no argument"), *((kind, kind) for kind in words.ARGUMENT_KINDS))

    kind = models.CharField(max_length=20, choices=Kind)
    name = NameField()
    argument = models.CharField(
        max_length=20,
        choices=ARGUMENTS,
        blank=True,
        help_text="For an action: the kind of name that it takes.",
    )
    final = models.BooleanField(default=False, help_text="For a state: runs are meant to end here.")
    description = models.TextField(blank=True)

    objects = TermManager()

    class Meta:
        ordering = ("kind", "name")
        constraints = (
            models.UniqueConstraint(fields=("kind", "name"), name="one_term_a_kind_and_name"),
            models.CheckConstraint(
                condition=Q(argument="") | Q(kind=words.ACTION), name="only_actions_take_arguments"
            ),
            models.CheckConstraint(
                condition=Q(final=False) | Q(kind=words.STATE), name="only_states_are_final"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def natural_key(self) -> tuple[str, str]:
        return self.kind, self.name


def vocabulary() -> Vocabulary:
    """The registry as a value, with every capability's own workflow, in one query."""
    from .definitions import Capability  # the registry is read by definitions, not the reverse

    names: dict[str, set[str]] = {kind: set() for kind in words.TERM_KINDS}
    actions: dict[str, str] = {}
    finals: set[str] = set()
    columns = ("kind", "name", "argument", "final")
    own = Capability.objects.order_by().annotate(
        kind=Value(words.WORKFLOW), argument=Value(""), final=Value(False)
    )
    rows: Any = Term.objects.order_by().values_list(*columns).union(own.values_list(*columns))
    for kind, name, argument, final in rows:
        names[kind].add(name)
        if kind == words.ACTION:
            actions[name] = argument
        if final:
            finals.add(name)
    return Vocabulary(
        states=frozenset(names[words.STATE]),
        events=frozenset(names[words.EVENT]),
        actions=actions,
        messages=frozenset(names[words.MESSAGE]),
        notifications=frozenset(names[words.NOTIFICATION]),
        workflows=frozenset(names[words.WORKFLOW]),
        finals=frozenset(finals),
    )
