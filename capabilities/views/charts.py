"""Small bar charts: where each bar stands, for an HTML template to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, TALLEST = 48, 96  # units of the picture: of a bar and its gap, and of the longest bar
ABOVE, BELOW, GAP = 18, 22, 12


@dataclass(frozen=True)
class Bar:
    """One bar; `middle` is where its number and its label stand."""

    label: str
    value: int
    x: int
    y: int
    height: int
    middle: int

    @property
    def short(self) -> str:
        """The label without its year, which has no room beneath a bar."""
        return self.label[5:] if self.label[4:5] == "-" else self.label


@dataclass(frozen=True)
class Chart:
    title: str
    bars: Sequence[Bar]
    width: int
    height: int
    bar_width: int
    baseline: int


def chart(title: str, labels: Sequence[str], values: Sequence[int]) -> Chart:
    """A bar for each value, the longest as long as there is room for."""
    longest = max(values, default=0) or 1
    baseline = ABOVE + TALLEST
    bars = []
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        height = round(TALLEST * value / longest)
        x = place * WIDTH
        bars.append(Bar(label, value, x + GAP // 2, baseline - height, height, x + WIDTH // 2))
    return Chart(title, bars, len(bars) * WIDTH, baseline + BELOW, WIDTH - GAP, baseline)
