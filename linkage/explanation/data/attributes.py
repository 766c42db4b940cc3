"""Two records side by side, attribute by attribute: agree, differ or unknown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.kinds import Kind
from features.prepare import PreparedAttribute
from linkage.explanation.data.findings import AttributeComparison, RecordView
from linkage.scoring.session import Session

__all__ = ["align_attributes"]

_WORDED = (Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER, Kind.QUANTITY)
#: Letters of a value that are compared for likeness; its cost grows with the product of lengths.
_LONGEST = 2_000


def align_attributes(
    left: RecordView,
    right: RecordView,
    session: Session,
    rows: tuple[int, int],
    kinds: Mapping[str, Kind],
    ignored: Mapping[str, tuple[str, ...]],
    id_column: str,
) -> list[AttributeComparison]:
    """Compares all columns of two records.

    Args:
        left, right: the records.
        session: the strictest match definition's, which says how values are read.
        rows: the records' rows in it.
        kinds: kinds of all attributes that any definition compares.
        ignored: columns that each definition ignores.
        id_column: column of ids, which is left out.
    """
    out = []
    for name in dict.fromkeys([*left.values, *right.values]):
        if name == id_column:
            continue
        a, b = left.values.get(name), right.values.get(name)
        prepared = session.prepared.attributes.get(name)
        masked: tuple[str | None, str | None] = (None, None)
        if prepared is None:
            state, alike = _plain(a, b), _likeness(a, b)
        else:
            state, alike = compare_prepared(prepared, *rows)
            if session.is_collapsed and prepared.kind == Kind.TEXT:
                masked = _masked(session, name, rows, (a, b))
        out.append(
            AttributeComparison(
                name=name,
                kind=kinds[name].value if name in kinds else None,
                left=a,
                right=b,
                state=state,
                alike=None if alike is None else round(alike, 4),
                ignored_by=[d for d, columns in ignored.items() if name in columns],
                left_compared=masked[0],
                right_compared=masked[1],
            )
        )
    return out


def compare_prepared(attribute: PreparedAttribute, a: int, b: int) -> tuple[str, float | None]:
    """Whether an attribute of two rows agrees, and how alike it is.

    Returns:
        ``agree``, ``differ`` or ``unknown``; and a likeness from 0 to 1, None where unknown.
    """
    if attribute.kind == Kind.IMAGE and attribute.images is not None:
        return _compare_images(attribute, a, b)
    if attribute.number is not None:
        x, y = float(attribute.number[a]), float(attribute.number[b])
        if np.isnan(x) or np.isnan(y):
            return "unknown", None
        if x == y:
            return "agree", 1.0
        largest = max(abs(x), abs(y))
        is_date = attribute.kind == Kind.DATE
        return "differ", None if is_date else max(0.0, 1.0 - abs(x - y) / largest)
    if attribute.identifiers is not None:
        codes = attribute.identifiers.code
        return _state(int(codes[a]), int(codes[b])), None
    values = attribute.values
    both = values[a] >= 0 and values[b] >= 0
    state = _state(int(values[a]), int(values[b]))
    if attribute.quantity is not None and state == "differ":
        q = attribute.quantity
        same = q.dimension[a] == q.dimension[b] >= 0 and q.amount[a] == q.amount[b]
        packs = (q.packs[a], q.packs[b])
        if same and (packs[0] == packs[1] or np.isnan(packs).all()):
            return "agree", 1.0
    if not both or attribute.kind not in _WORDED:
        return state, None
    return state, _likeness(attribute.strings[values[a]], attribute.strings[values[b]])


def _compare_images(attribute: PreparedAttribute, a: int, b: int) -> tuple[str, float | None]:
    images = attribute.images
    assert images is not None
    if min(images.content[a], images.content[b]) < 0:
        return "unknown", None
    hashed = bool(images.is_hashed[a] and images.is_hashed[b])
    alike = 1 - int(np.bitwise_count(images.bits[a] ^ images.bits[b])) / 64 if hashed else None
    if images.nature[a] != images.nature[b]:
        return "unknown", alike
    return _state(int(images.content[a]), int(images.content[b])), alike


def _state(a: int, b: int) -> str:
    if a < 0 or b < 0:
        return "unknown"
    return "agree" if a == b else "differ"


def _plain(a: str | None, b: str | None) -> str:
    if a is None or b is None:
        return "unknown"
    return "agree" if " ".join(a.casefold().split()) == " ".join(b.casefold().split()) else "differ"


def _likeness(a: str | None, b: str | None) -> float | None:
    from rapidfuzz import fuzz

    if a is None or b is None:
        return None
    return float(fuzz.token_sort_ratio(a[:_LONGEST].casefold(), b[:_LONGEST].casefold())) / 100


def _masked(
    session: Session, name: str, rows: tuple[int, int], cells: tuple[str | None, str | None]
) -> tuple[str | None, str | None]:
    """Texts that were compared in place of the cells; None where it was the cell itself."""
    column = session.records.table.column(name)
    compared = [column[row].as_py() for row in rows]
    shown = [text if text != cell else None for text, cell in zip(compared, cells, strict=True)]
    return shown[0], shown[1]
