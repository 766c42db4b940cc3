"""How many cells of golden records are right, against a table of true values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind
from linkage.errors import LabelError, nearest_hint, shorten
from linkage.golden.attribute import Attribute
from linkage.golden.golden import Golden
from linkage.golden.listed import SEPARATOR
from linkage.golden.together import read_with_units

__all__ = ["AttributeAccuracy", "evaluate_golden"]


@dataclass(frozen=True)
class AttributeAccuracy:
    """How right the cells of an attribute are.

    Attributes:
        attribute: its name.
        cells: cells for which a true value is known.
        covered: those of them in which the golden record has a value.
        correct: those of these in which it is the true one, whatever its spelling.
    """

    attribute: str
    cells: int
    covered: int
    correct: int

    @property
    def coverage(self) -> float:
        """Share of the cells that have a value; NaN without cells."""
        return self.covered / self.cells if self.cells else float("nan")

    @property
    def accuracy(self) -> float:
        """Share of the covered cells that are right; NaN without any."""
        return self.correct / self.covered if self.covered else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "coverage": self.coverage, "accuracy": self.accuracy}


def evaluate_golden(golden: Golden, truth: pa.Table, where: str) -> list[AttributeAccuracy]:
    """The accuracy of each attribute that a truth has.

    Values are compared as records are: spellings of one value are equal, numbers are read with the
    unit beside them. Lists are equal if they hold the same values.

    Args:
        golden: the golden records.
        truth: strings; a row for each product: ``id``, the id of one of its records, or
            ``cluster_id``; and columns of the golden records with the true values. A list is
            written as JSON, or with ``|`` between its values; null where the truth is not known.
        where: what messages call it.

    Raises:
        LabelError: the truth has no such columns, or names a record that there is not.
    """
    keys = {"id": golden.members.records, "cluster_id": golden.members.names}
    key = next((name for name in keys if name in truth.column_names), None)
    if key is None:
        raise LabelError(
            f"{where} has no column 'id' or 'cluster_id'.",
            hint="Name in each row a record of the product, or its cluster.",
        )
    at = pc.index_in(truth.column(key).combine_chunks().cast(pa.string()), keys[key])
    if at.null_count:
        first = truth.column(key).filter(at.is_null())[0].as_py()
        raise LabelError(
            f"{where}: {at.null_count:,} values of column '{key}' are none of the run: "
            f"{shorten(first)}.",
            hint="Is it the truth of the catalog that the run read?",
        )
    clusters = golden.members.label[at.to_numpy()] if key == "id" else at.to_numpy()
    names = [name for name in golden.table.column_names if name in truth.column_names]
    names = [name for name in names if name not in keys and name != "records"]
    if not names:
        raise LabelError(
            f"{where} has no column of the golden records of '{golden.definition}'.",
            hint=nearest_hint("", golden.table.column_names[2:], "columns"),
        )
    plain = {name: _both(golden, truth, name, clusters) for name in names}
    for group in golden.together:
        held = [plain[name] for name in group if name in plain]
        plain |= {one.name: one for one in read_with_units([x for x in held if x is not None])}
    return [_accuracy(golden, truth, name, plain[name], clusters) for name in names]


def _both(golden: Golden, truth: pa.Table, name: str, clusters: np.ndarray) -> Attribute | None:
    """A column's golden values, then its true ones; None of a column of lists."""
    ours = golden.table.column(name)
    if pa.types.is_list(ours.type):
        return None
    kind = golden.kinds.get(name, Kind.NUMBER)
    parts = [
        ours.take(pa.array(clusters)).cast(pa.string()).combine_chunks(),
        truth.column(name).cast(pa.string()).combine_chunks(),
    ]
    return Attribute(name, kind, pa.concat_arrays(parts))


def _accuracy(
    golden: Golden, truth: pa.Table, name: str, both: Attribute | None, clusters: np.ndarray
) -> AttributeAccuracy:
    m = len(clusters)
    if both is None:
        ours = golden.table.column(name).take(pa.array(clusters)).to_pylist()
        theirs = truth.column(name).to_pylist()
        pairs = [(o, _items(t)) for o, t in zip(ours, theirs, strict=True) if t is not None]
        covered = [(o, t) for o, t in pairs if o]
        kind = golden.kinds.get(name.removesuffix("_options"), Kind.CATEGORY)
        correct = sum(_same_items(o, t, kind) for o, t in covered)
        return AttributeAccuracy(name, len(pairs), len(covered), correct)
    known = both.code[m:] >= 0
    covered_cells = known & (both.code[:m] >= 0)
    right = covered_cells & (both.code[:m] == both.code[m:])
    return AttributeAccuracy(name, int(known.sum()), int(covered_cells.sum()), int(right.sum()))


def _items(cell: str) -> list[str]:
    if cell.startswith("["):
        try:
            return [str(item) for item in json.loads(cell)]
        except ValueError:
            pass
    return [part.strip() for part in cell.split(SEPARATOR)]


def _same_items(ours: Sequence[str], theirs: Sequence[str], kind: Kind) -> bool:
    code = Attribute("", kind, pa.array([*ours, *theirs], pa.string())).code
    return set(code[: len(ours)]) == set(code[len(ours) :])
