"""Sizes of every kind of product, each in the three forms in which sellers write it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Size", "size_schemes"]


@dataclass(frozen=True)
class Size:
    """A size.

    Attributes:
        forms: Compact, plain and unusual spelling.
        price: Factor on the product's price.
    """

    forms: tuple[str, str, str]
    price: float = 1.0


def _number(value: float, language: str) -> str:
    """Write a number without needless zeros, with the decimal sign of the language."""
    text = f"{value:g}"
    return text.replace(".", ",") if language == "de" else text


def _amount(value: int, unit: str, large: str, language: str) -> tuple[str, str, str]:
    """Write an amount in its unit, and in a larger unit as the unusual form."""
    if unit == "ml" and value < 250:
        unusual = f"{_number(value / 10, language)} cl"
    else:
        unusual = f"{_number(value / 1000, language)} {large}"
    return f"{value}{unit}", f"{value} {unit}", unusual


def _packs(
    amounts: tuple[int, ...], counts: tuple[int, ...], unit: str, large: str, language: str
) -> list[Size]:
    """Return every amount as a single piece and in packs of several."""
    sizes = []
    for amount in amounts:
        compact, plain, unusual = _amount(amount, unit, large, language)
        for count in counts:
            price = (amount / amounts[0]) ** 0.8 * count**0.9
            if count == 1:
                sizes.append(Size((compact, plain, unusual), price))
                continue
            pack = f"{count}er-Pack" if language == "de" else f"Pack of {count}"
            forms = (f"{count}x{compact}", f"{count} x {plain}", f"{plain} ({pack})")
            sizes.append(Size(forms, price))
    return sizes


def _storage(gigabytes: int, language: str) -> Size:
    """Return a storage capacity; from 1,000 GB up it is written in TB."""
    price = (gigabytes / 64) ** 0.22
    if gigabytes >= 1000:
        base = 1024 if gigabytes % 1024 == 0 else 1000
        text = _number(gigabytes / base, language)
        return Size((f"{text}TB", f"{text} TB", f"{gigabytes}GB"), price)
    return Size((f"{gigabytes}GB", f"{gigabytes} GB", f"{gigabytes} Gb"), price)


def _board(width: int, depth: int) -> Size:
    """Return the size of a table top or a rug."""
    forms = (f"{width}x{depth}cm", f"{width} x {depth} cm", f"{width * 10} x {depth * 10} mm")
    return Size(forms, (width * depth / 4800) ** 0.5)


def _clothes() -> dict[str, list[Size]]:
    """Return the sizes of clothes and shoes."""
    apparel = (
        ("XS", "X-Small", "Extra Small"),
        ("S", "Small", "Sml"),
        ("M", "Medium", "Med"),
        ("L", "Large", "Lrg"),
        ("XL", "X-Large", "Extra Large"),
        ("XXL", "2XL", "XX-Large"),
        ("3XL", "XXXL", "XXX-Large"),
    )
    jeans = [(w, length) for w in (28, 30, 31, 32, 33, 34, 36, 38) for length in (30, 32, 34)]
    american = ("4", "4.5", "5.5", "6.5", "7", "8", "8.5", "9.5", "10", "11", "12", "13")
    return {
        "apparel": [Size(forms) for forms in apparel],
        "jeans": [Size((f"W{w} L{n}", f"{w}/{n}", f"{w}W x {n}L")) for w, n in jeans],
        "shoe": [
            Size((f"EU {size}", f"{size}", f"US {us}"))
            for size, us in zip(range(36, 48), american, strict=True)
        ],
    }


def size_schemes(language: str) -> dict[str, list[Size]]:
    """Return every size scheme, its sizes from small to large.

    Args:
        language: ``en`` or ``de``.
    """
    german = language == "de"
    litre = "l" if german else "L"
    bags = ("Btl.", "Beutel", "Teebeutel") if german else ("ct", "bags", "teabags")
    seats = ("er", "-Sitzer", " Sitzplätze") if german else (" Seats", "-Seater", " Seater")
    boards = [(80, 60), (100, 50), (120, 60), (120, 80), (140, 80), (160, 80), (180, 90)]
    rugs = [(90, 60), (150, 80), (170, 120), (200, 140), (230, 160), (290, 200)]
    return _clothes() | {
        "storage": [_storage(size, language) for size in (32, 64, 128, 256, 512, 1024)],
        "drive": [_storage(size, language) for size in (250, 500, 1000, 2000, 4000)],
        "watch": [Size((f"{mm}mm", f"{mm} mm", f"{mm}MM")) for mm in (38, 40, 42, 44, 46)],
        "drink": _packs((250, 330, 500, 1000), (1, 6, 12, 24), "ml", litre, language),
        "weight": _packs((250, 500, 1000), (1, 2, 4), "g", "kg", language),
        "pack": _packs((80, 100, 150, 200, 300), (1, 5, 10), "g", "kg", language),
        "bags": [
            Size((f"{n}{bags[0]}", f"{n} {bags[1]}", f"{n} {bags[2]}"), (n / 20) ** 0.8)
            for n in (20, 25, 40, 50, 80, 100)
        ],
        "bottle": _packs((100, 200, 250, 300, 400, 500, 750), (1,), "ml", litre, language),
        "flacon": _packs((15, 30, 50, 75, 100), (1,), "ml", litre, language),
        "board": [_board(*board) for board in boards],
        "rug": [_board(*rug) for rug in rugs],
        "seats": [
            Size((f"{n}{seats[0]}", f"{n}{seats[1]}", f"{n}{seats[2]}"), n**0.6) for n in (2, 3, 4)
        ],
    }
