"""Small catalogs whose every cell is known, for cases to be made of and judged by."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Offers", "draw_offers", "missing_as_none"]

_BRANDS = "Alder Birch Cedar Hazel Juniper Larch Rowan Żubr Öland 海尔".split()
_THINGS = "lamp kettle blanket mirror clock chair Stuhl bañera чайник сковорода 水壶 كرسي".split()
_COLOURS = "red blue green black rot noir".split()
#: What cells of real catalogs hold that breaks readers.
_ODD = (
    'he said "so"', "a, b; c|d", "one\ttab", "two\nlines", "=1+2", "@SUM(A1)", "5\" TV", "'", '"',
    "\\", "a\\", "\u200b", "e\u0301", "\U0001f4a1 lamp", "<b>bold</b>", "&amp;", "-", "0", "1e400",
    "\x1b[31mred", "\u202eright", "\ufeff", "x" * 3000, "#", "%s %d {}", "None None", "१२३",
)  # fmt: skip


@dataclass(frozen=True)
class Offers:
    """A catalog.

    Attributes:
        names: of the columns; the first one holds the ids.
        rows: cells as text, empty where missing.
    """

    names: list[str]
    rows: list[list[str]]

    @property
    def ids(self) -> list[str]:
        """The ids, in order."""
        return [row[0] for row in self.rows]

    def columns(self) -> dict[str, list[str | None]]:
        """The columns by name, None where a cell is blank."""
        return {
            name: [missing_as_none(row[k]) for row in self.rows]
            for k, name in enumerate(self.names)
        }


def missing_as_none(cell: str) -> str | None:
    """Return a cell as a reader should give it."""
    return cell if cell.strip() else None


def draw_offers(chance: random.Random, rows: int, *, odd: float = 0.0) -> Offers:
    """Draw a catalog of products, most of them in two offers.

    Args:
        chance: draws.
        rows: how many.
        odd: share of cells that hold what breaks readers.
    """
    names = ["id", "title", "brand", "price", "colour"]
    made: list[list[str]] = []
    while len(made) < rows:
        brand, thing = chance.choice(_BRANDS), chance.choice(_THINGS)
        title = f"{brand} {thing} {chance.choice('ABCX')}{chance.randrange(100, 9999)}"
        price = chance.uniform(3, 300)
        for spelled in (title, title.lower() + " new")[: chance.randint(1, 2)]:
            cells = [
                f"o{len(made)}", spelled, brand, f"{price:.2f}", chance.choice(_COLOURS),
            ]  # fmt: skip
            for k in range(1, len(cells)):
                if chance.random() < odd:
                    cells[k] = chance.choice(_ODD)
                elif k > 1 and chance.random() < 0.15:
                    cells[k] = ""
            made.append(cells)
    return Offers(names, made[:rows])
