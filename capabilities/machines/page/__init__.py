r"""The team's wiki page: capabilities, their current and ideal machines, and machine templates.

What is read as what (the seed, `ws-807-state-machine-audit.txt`, is the model):

* a line of one word before a machine, `std_calibration`, or a Markdown heading of one word, opens a
  capability; `-- Current` and `-- Ideal`, or such headings, open one of its machines;
* `1. Simple run-workflow` before a machine opens a machine template; what stands in parentheses
  behind the title is a note;
* lines of a machine are in the notation; remarks and prose in a machine are notes, of which those
  that ask are questions (`questions` says when, and how their answers are written); prose alone
  under Ideal leaves the ideal the same as the current machine; `-- No transitions` says that it has
  none;
* everything else (legend, prose between the machines, what the web page puts around) is ignored,
  and listed as ignored. A line that looks like a transition is never ignored.
"""

from .reading import parse_page
from .values import (
    CURRENT,
    IDEAL,
    KINDS,
    Ignored,
    Page,
    PageMachine,
    PageTemplate,
    capability_name_problem,
)
from .writing import render_page

__all__ = [
    "CURRENT",
    "IDEAL",
    "KINDS",
    "Ignored",
    "Page",
    "PageMachine",
    "PageTemplate",
    "capability_name_problem",
    "parse_page",
    "render_page",
]
