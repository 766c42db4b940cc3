"""What the blockers found, in the files of a stage: compiled loops follow its rows unchecked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from blocking.key_blocks import BlockNote
from blocking.neighbours import Neighbours
from blocking.plan import BlockingPlan
from features.records import Records
from linkage.io.saved.json_fields import FieldError, Fields
from linkage.pipeline.checkpoints import read_arrays, write_arrays

__all__ = ["read_plan", "write_plan"]

#: Blockers that the bits of a candidate can tell apart.
_MOST_BLOCKERS = 32
#: More pairs than any block has.
_MOST = 1 << 62


def write_plan(folder: Path, plan: BlockingPlan) -> None:
    """Writes a plan into an existing folder."""
    arrays, spaces = {}, []
    for number, (name, space) in enumerate(plan.spaces.items()):
        arrays[f"space_{number}_index"] = space.index
        arrays[f"space_{number}_similarity"] = space.similarity
        spaces.append([name, space.name])
    for what, pairs in (("keyed", plan.keyed), ("certain", plan.certain)):
        for number, (_, left, right) in enumerate(pairs):
            arrays[f"{what}_{number}_left"], arrays[f"{what}_{number}_right"] = left, right
    plain = {
        "spaces": spaces,
        "keyed": [name for name, _, _ in plan.keyed],
        "certain": [name for name, _, _ in plan.certain],
        "largest_blocks": [[name, asdict(note)] for name, note in plan.largest_blocks],
        "notes": plan.notes,
    }
    write_arrays(folder, arrays, plain)


def read_plan(folder: Path, records: Records) -> BlockingPlan:
    """Reads the plan of some records that :func:`write_plan` wrote.

    Raises:
        FieldError: a value is missing, or none that a plan of these records has.
    """
    arrays, plain = read_arrays(folder)
    fields = Fields(plain)
    spaces = {}
    for k, names in enumerate(fields.text_lists("spaces")):
        if len(names) != 2:
            raise fields.fault("spaces", "pairs of names")
        spaces[names[0]] = _neighbours(names[1], arrays, f"space_{k}", records)
    keyed, certain = (
        [
            (name, *_pairs(arrays, f"{what}_{k}", records))
            for k, name in enumerate(fields.texts(what))
        ]
        for what in ("keyed", "certain")
    )
    if len(spaces) + len(keyed) + len(certain) > _MOST_BLOCKERS:
        raise FieldError(f"keyed: more than {_MOST_BLOCKERS} blockers")
    blocks = fields.each("largest_blocks", _block)
    return BlockingPlan(records.n, spaces, keyed, certain, blocks, fields.texts("notes"))


def _neighbours(name: str, arrays: dict[str, np.ndarray], key: str, records: Records) -> Neighbours:
    index = _array(arrays, f"{key}_index", (np.int32, np.int64), 2)
    similarity = _array(arrays, f"{key}_similarity", (np.float32,), 2)
    if len(index) != records.n or index.shape != similarity.shape:
        raise FieldError(f"{key}_index: of {records.n} records, it has the shape {index.shape}")
    if not np.isfinite(similarity).all():
        raise FieldError(f"{key}_similarity: not all are finite")
    row, place = np.nonzero(index >= 0)
    _check_rows(f"{key}_index", row, index[row, place], records)
    if index.min(initial=0) < -1:
        raise FieldError(f"{key}_index: not all are rows, or -1")
    return Neighbours(name, index, similarity)


def _pairs(
    arrays: dict[str, np.ndarray], key: str, records: Records
) -> tuple[np.ndarray, np.ndarray]:
    left, right = (_array(arrays, f"{key}_{s}", (np.int32, np.int64), 1) for s in ("left", "right"))
    if len(left) != len(right):
        raise FieldError(f"{key}_right: {len(right)} rows instead of {len(left)}")
    _check_rows(key, left, right, records)
    return left, right


def _check_rows(key: str, left: np.ndarray, right: np.ndarray, records: Records) -> None:
    """Refuses pairs of what are no two rows, or in a linkage not of the two tables."""
    if not len(left):
        return
    if min(left.min(), right.min()) < 0 or max(left.max(), right.max()) >= records.n:
        raise FieldError(f"{key}: not all are rows of the {records.n} records")
    if records.is_linkage:
        apart = (left < records.n_left) != (right < records.n_left)
    else:
        apart = left != right
    if not apart.all():
        raise FieldError(f"{key}: not all are pairs of two records to be compared")


def _array(
    arrays: dict[str, np.ndarray], name: str, kinds: tuple[Any, ...], dimensions: int
) -> np.ndarray:
    if name not in arrays:
        raise FieldError(f"{name}: it is missing")
    found = arrays[name]
    if found.dtype not in kinds or found.ndim != dimensions:
        raise FieldError(f"{name}: it is of {found.dtype} and {found.ndim} dimensions")
    return np.ascontiguousarray(found)


def _block(path: str, value: Any) -> tuple[str, BlockNote]:
    if not isinstance(value, list) or len(value) != 2:
        raise FieldError(f"{path}: it must be a name and a block")
    note = Fields(value[1], path)
    rows, pairs, kept = (note.count(key, 0, _MOST) for key in ("rows", "pairs", "kept"))
    block = BlockNote(note.text("name"), rows, pairs, kept, note.text("treatment"))
    return Fields({path: value[0]}).text(path), block
