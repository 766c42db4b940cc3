"""Files of labels in their three shapes: right ones, and ones with a fault of a known kind."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

from linkage.io.label_files import LabelShape, read_labels, read_pairs
from reliability.damage import damage_bytes
from reliability.kinds.reading import attempt

__all__ = ["draw_labels", "label_case"]

Rows = list[list[str]]


def draw_labels(chance: random.Random, ids: list[str]) -> tuple[LabelShape, Rows]:
    """Draw labels of records.

    Args:
        chance: draws.
        ids: of the records.

    Returns:
        Their shape, and the rows of their file, the header first.
    """
    shape = chance.choice(list(LabelShape))
    if shape is LabelShape.PAIRS:
        drawn = {tuple(chance.sample(ids, 2)) for _ in range(chance.randint(3, 30))}
        words = chance.choice((("1", "0"), ("true", "False"), ("1.0", "0")))
        pairs = [[a, b, chance.choice(words)] for a, b in sorted(drawn)]
        return shape, [["left_id", "right_id", "label"], *pairs]
    groups = [[one, f"g{chance.randrange(len(ids) // 2)}"] for one in ids]
    if shape is LabelShape.CLUSTERS:
        return shape, [["id", chance.choice(("cluster_id", "entity_id"))], *groups]
    sets = [[f"s{k // 6}", group, one] for k, (one, group) in enumerate(groups)]
    return shape, [["labeling_set_id", "label", "id"], *sets]


def label_case(chance: random.Random, folder: Path) -> list[str]:
    """A file of labels."""
    ids = [f"o{k}" for k in range(chance.randint(8, 40))]
    shape, rows = draw_labels(chance, ids)
    path = folder / "labels.csv"
    fault = chance.choice((None, None, "cell", "value", "column", "bytes", "pairs"))
    if fault == "pairs":
        return _pairs_to_score(chance, path, ids)
    wrong = _with_fault(chance, rows, fault)
    _write(path, rows)
    if fault == "bytes":
        path.write_bytes(damage_bytes(chance, path.read_bytes()))
    labels, error, faults = attempt(lambda: read_labels(path))
    if faults or fault == "bytes":
        return faults
    if wrong:
        return [] if error is not None else [f"labels with {wrong} were read without a word"]
    if error is not None:
        return [f"refused: {str(error)[:300]}"]
    if (labels.shape, labels.table.num_rows) != (shape, len(rows) - 1):
        return [f"{len(rows) - 1} {shape} were read as {labels.table.num_rows} {labels.shape}"]
    return []


def _with_fault(chance: random.Random, rows: Rows, fault: str | None) -> str:
    """Put a fault into rows; returns what it is."""
    row = chance.randrange(1, len(rows))
    column = chance.randrange(len(rows[0]))
    if fault == "cell":
        rows[row][column] = chance.choice(("", " "))
        return f"no {rows[0][column]}"
    if fault == "value" and rows[0][0] == "left_id":
        rows[row][2] = chance.choice(("2", "yes?", "-1", "nan", "0.5", "x" * 500, "１"))
        return "a label that is neither 0 nor 1"
    # Groups without a set or a label are clusters.
    if fault == "column" and (rows[0][0] != "labeling_set_id" or rows[0][column] == "id"):
        for one in rows:
            del one[column]
        return f"the columns {rows[0]}"
    return ""


def _pairs_to_score(chance: random.Random, path: Path, ids: list[str]) -> list[str]:
    drawn = sorted({tuple(chance.sample(ids, 2)) for _ in range(20)})
    rows = [["left_id", "right_id"], *map(list, drawn)]
    twice = chance.random() < 0.5
    if twice:
        rows.append(chance.choice(rows[1:]))
    _write(path, rows)
    pairs, error, faults = attempt(lambda: read_pairs(path))
    if faults or twice:
        return faults or ([] if error is not None else ["a pair that is there twice was read"])
    if error is not None:
        return [f"refused: {str(error)[:300]}"]
    return [] if len(pairs) == len(drawn) else [f"{len(drawn)} pairs, {len(pairs)} read"]


def _write(path: Path, rows: list[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
