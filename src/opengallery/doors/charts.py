"""Pictures of figures, drawn by the server: bars as plain SVG."""

from collections.abc import Sequence
from typing import Any

from opengallery.kit.money import Money

WIDTH, HEIGHT, BASE, TALLEST = 640, 180, 150, 125


def bars_of(figures: Sequence[tuple[str, Money]]) -> dict[str, Any]:
    """One bar for each (label, amount), as high as its share of the largest; what components/bars.html draws."""
    most = max((amount.units for _, amount in figures), default=0) or 1
    step = WIDTH / max(len(figures), 6)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "base": BASE,
        "bars": [
            {
                "label": label,
                "amount": amount,
                "figure": amount.print().partition(" ")[0],
                "x": round((place + 0.15) * step),
                "width": round(0.7 * step),
                "middle": round((place + 0.5) * step),
                "height": (high := round(max(amount.units, 0) / most * TALLEST)),
                "y": BASE - high,
                "words": BASE - high - 6,
            }
            for place, (label, amount) in enumerate(figures)
        ],
    }
