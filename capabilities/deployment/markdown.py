"""Markdown for GitLab: texts as they are, and what is different in one capability."""

import re

from ..machines.effects import effects
from ..machines.sentences import CALLED, difference_sentences, effect_sentence, verdict
from ..machines.union import Union

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|&~!@$%]|:(?=[\w+-]+:)|^[+-]")


def escaped(text: str) -> str:
    """A text as Markdown shows it: no HTML, links or cells, nothing that GitLab would expand."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def differences(name: str, union: Union) -> str:
    """What is different from a capability's current to its ideal machine, and what it does."""
    lines = [f"## {escaped(name)}", "", verdict(union.differences, **CALLED), ""]
    for each in union.differences:
        lines += [f"- `{each.sign}` {escaped(said)}" for said in difference_sentences(each)]
    found = effects(union.old, union.new)
    if found:
        lines += ["", "What will be done differently:", ""]
    lines += [f"- {escaped(effect_sentence(each, **CALLED))}" for each in found]
    return "\n".join(lines).rstrip() + "\n"
