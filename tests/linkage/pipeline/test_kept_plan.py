"""What blockers found, kept in files: it comes back, and no rows beyond the records do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from blocking.key_blocks import BlockNote
from blocking.neighbours import Neighbours
from blocking.plan import BlockingPlan
from features.records import Records
from linkage.io.reading import build_records, from_frame
from linkage.io.saved.json_fields import FieldError
from linkage.pipeline.kept_plan import read_plan, write_plan

N = 6


def records(linkage: bool) -> Records:
    frame = pd.DataFrame({"id": [f"r{k}" for k in range(N)], "title": list("abcdef")})
    if not linkage:
        return build_records(from_frame(frame))
    return build_records(from_frame(frame[:3]), from_frame(frame[3:]))


def plan() -> BlockingPlan:
    """A plan that suits one table of six rows as well as two of three."""
    index = np.array([[3, 4], [5, -1], [4, 3], [0, 1], [2, -1], [1, 0]], np.int32)
    similarity = np.where(index < 0, 0, 0.5).astype(np.float32)
    left, right = np.array([0, 1], np.int32), np.array([3, 5], np.int32)
    return BlockingPlan(
        N,
        {"words": Neighbours("words", index, similarity)},
        [("brand", left, right)],
        [("gtin", right, left)],
        [("brand", BlockNote("acme", 4, 6, 6, "whole"))],
        ["a note"],
    )


@pytest.mark.parametrize("linkage", [False, True])
def test_a_plan_comes_back(tmp_path: Path, linkage: bool) -> None:
    write_plan(tmp_path, plan())
    found, wanted = read_plan(tmp_path, records(linkage)), plan()
    np.testing.assert_array_equal(found.spaces["words"].index, wanted.spaces["words"].index)
    for one, other in zip(found.keyed + found.certain, wanted.keyed + wanted.certain, strict=True):
        assert one[0] == other[0]
        np.testing.assert_array_equal(one[1:], other[1:])
    assert (found.largest_blocks, found.notes) == (wanted.largest_blocks, wanted.notes)


@pytest.mark.parametrize("linkage", [False, True])
@pytest.mark.parametrize("file", ["space_0_index", "keyed_0_left", "certain_0_right"])
def test_rows_beyond_the_records_are_refused(tmp_path: Path, linkage: bool, file: str) -> None:
    write_plan(tmp_path, plan())
    path = tmp_path / f"{file}.npy"
    good = np.load(path)
    partner = {"space_0_index": 0, "keyed_0_left": 3, "certain_0_right": 3}[file]
    for row in (N, -2, 2**31 - 1, -(2**31), partner, *([4] if linkage and partner else [])):
        bad = good.copy()
        bad.flat[0] = row
        np.save(path, bad)
        with pytest.raises(FieldError, match=rf"^{file[:7]}"):
            read_plan(tmp_path, records(linkage))


@pytest.mark.parametrize("file", ["space_0_index", "space_0_similarity", "keyed_0_left"])
def test_arrays_of_another_shape_or_type_are_refused(tmp_path: Path, file: str) -> None:
    write_plan(tmp_path, plan())
    path = tmp_path / f"{file}.npy"
    good = np.load(path)
    for bad in (good[:-1], good[..., None], good.astype(np.float64), good.astype("S4"), good[:0]):
        np.save(path, bad)
        with pytest.raises(FieldError, match=rf"^{file[:7]}"):
            read_plan(tmp_path, records(False))
    path.unlink()
    with pytest.raises(FieldError, match=f"^{file}: it is missing"):
        read_plan(tmp_path, records(False))


def test_similarities_are_finite(tmp_path: Path) -> None:
    write_plan(tmp_path, plan())
    bad = plan().spaces["words"].similarity
    bad[2, 1] = np.nan
    np.save(tmp_path / "space_0_similarity.npy", bad)
    with pytest.raises(FieldError, match="finite"):
        read_plan(tmp_path, records(False))


@pytest.mark.parametrize("key", ["spaces", "keyed", "certain", "largest_blocks", "notes"])
@pytest.mark.parametrize("value", [None, 3, [3], [[3]], [["a"]], ["x"] * 40, [["x", {}]]])
def test_plain_values_of_another_sort_are_refused(tmp_path: Path, key: str, value: object) -> None:
    write_plan(tmp_path, plan())
    path = tmp_path / "plain.json"
    held = json.loads(path.read_text())
    if key == "notes" and value == ["x"] * 40:
        pytest.skip("these are notes")
    path.write_text(json.dumps({**held, key: value}))
    with pytest.raises(FieldError):
        read_plan(tmp_path, records(False))
