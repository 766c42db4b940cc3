"""Labels of every shape become pairs of rows, or an error that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.records import Records
from linkage.errors import LabelError
from linkage.io.label_files import (
    parse_labels,
    read_labels,
    read_pairs,
)
from linkage.io.missing_values import blank_to_null
from linkage.io.pair_ids import check_pair_ids
from linkage.io.reading import build_records, from_frame
from linkage.training.pair_labels import PairLabels, resolve_labels


def records_of(left: Iterable[str], right: Iterable[str] | None = None) -> Records:
    tables = [
        None if ids is None else from_frame(pd.DataFrame({"id": list(ids), "title": "some text"}))
        for ids in (left, right)
    ]
    assert tables[0] is not None
    return build_records(tables[0], tables[1])


def write(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def named(pairs: PairLabels, records: Records) -> dict[tuple[str, str], int]:
    found = {}
    for left, right, label in zip(pairs.left, pairs.right, pairs.label, strict=True):
        ids = (records.ids[left], records.ids[right])
        found[ids if records.is_linkage else tuple(sorted(ids))] = int(label)
    return found


def message_of(folder: Path, text: str, records: Records | None = None) -> str:
    path = write(folder, text)
    with pytest.raises(LabelError) as caught:
        resolve_labels(read_labels(path), records_of("abcd") if records is None else records)
    assert "labels.csv" in str(caught.value)
    return str(caught.value)


def test_pairs_of_one_table(tmp_path: Path) -> None:
    records = records_of("abcd")
    text = "left_id,right_id,label\na,b,1\nd,a,0\nb,a,true\nc,d,False\n"
    pairs = resolve_labels(read_labels(write(tmp_path, text)), records)
    assert named(pairs, records) == {("a", "b"): 1, ("a", "d"): 0, ("c", "d"): 0}
    assert (pairs.left.dtype, pairs.right.dtype, pairs.label.dtype) == (np.int32, np.int32, np.int8)
    assert (pairs.left < pairs.right).all()


def test_pairs_of_two_tables(tmp_path: Path) -> None:
    records = records_of("ab", "abx")
    text = "left_id,right_id,label\na,a,1\na,b,0\nb,x,0\n"
    pairs = resolve_labels(read_labels(write(tmp_path, text)), records)
    assert named(pairs, records) == {("a", "a"): 1, ("a", "b"): 0, ("b", "x"): 0}
    assert (pairs.right >= records.n_left).all()


def test_groups_with_ids(tmp_path: Path) -> None:
    records = records_of("abcde")
    text = "labeling_set_id,label,id\n1,x,a\n1,x,b\n1,y,c\n2,z,d\n2,z,e\n"
    labels = read_labels(write(tmp_path, text))
    assert labels.training_table is None
    pairs = resolve_labels(labels, records)
    assert named(pairs, records) == {
        ("a", "b"): 1,
        ("a", "c"): 0,
        ("b", "c"): 0,
        ("d", "e"): 1,
    }


def test_groups_that_hold_their_records(tmp_path: Path) -> None:
    text = "labeling_set_id,label,title\n1,x,red shoe\n1,x,shoe red\n1,y,blue hat\n"
    labels = read_labels(write(tmp_path, text))
    assert labels.training_table is not None
    assert labels.training_table.to_pydict() == {
        "id": ["1", "2", "3"],
        "title": ["red shoe", "shoe red", "blue hat"],
    }
    records = build_records(labels.training_table)
    pairs = resolve_labels(labels, records)
    assert named(pairs, records) == {("1", "2"): 1, ("1", "3"): 0, ("2", "3"): 0}


def test_clusters(tmp_path: Path) -> None:
    records = records_of("abcdef")
    text = "id,entity_id\na,1\nb,1\nc,2\nd,2\ne,3\n"
    pairs = resolve_labels(read_labels(write(tmp_path, text)), records)
    found = named(pairs, records)
    assert {pair for pair, label in found.items() if label} == {("a", "b"), ("c", "d")}
    assert 0 in found.values()
    assert pairs.entity is not None
    row = {name: int(place) for place, name in enumerate(records.ids)}
    ends = [sorted((row[a], row[b])) for a, b in ("ab", "ac", "af")]
    left, right = np.array(ends).T
    assert pairs.label_of(left, right).tolist() == [1, 0, -1]


@pytest.mark.parametrize("heading", ["id,cluster_id", "record_id,entity_id", "id,group_id"])
def test_known_groups_by_other_names(tmp_path: Path, heading: str) -> None:
    text = f"{heading}\na,1\nb,1\nc,2\n"
    labels = read_labels(write(tmp_path, text), id_column="sku")
    assert labels.shape == "clusters"
    assert named(resolve_labels(labels, records_of("abc")), records_of("abc"))[("a", "b")] == 1


def test_a_large_cluster_gives_a_bounded_number_of_matches(tmp_path: Path) -> None:
    ids = [f"r{k:03}" for k in range(200)]
    text = "id,cluster_id\n" + "".join(f"{name},{int(k > 190)}\n" for k, name in enumerate(ids))
    pairs = resolve_labels(read_labels(write(tmp_path, text)), records_of(ids))
    assert (pairs.label == 1).sum() <= 10 * len(ids)


def test_clusters_across_two_tables(tmp_path: Path) -> None:
    records = records_of(["a", "b", "c"], ["x", "y", "c"])
    text = "id,entity_id,source\na,1,left\nb,1,left\nx,1,right\ny,2,right\nc,2,left\n"
    pairs = resolve_labels(read_labels(write(tmp_path, text)), records)
    found = named(pairs, records)
    assert {pair for pair, label in found.items() if label} == {("a", "x"), ("b", "x"), ("c", "y")}
    message = message_of(tmp_path, "id,entity_id\na,1\nc,1\n", records)
    assert "1 ids are in both tables: 'c' (row 2)" in message


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=12))
def test_groups_agree_with_plain_python(rows: list[tuple[int, int]]) -> None:
    ids = [f"r{row}" for row in range(len(rows))]
    expected = {
        (ids[i], ids[j]) if ids[i] < ids[j] else (ids[j], ids[i]): int(rows[i][1] == rows[j][1])
        for i, j in combinations(range(len(rows)), 2)
        if rows[i][0] == rows[j][0]
    }
    frame = pd.DataFrame(rows, columns=["labeling_set_id", "label"]).assign(id=ids)
    labels = parse_labels(from_frame(frame))
    records = records_of(ids)
    if len(set(expected.values())) < 2:
        with pytest.raises(LabelError):
            resolve_labels(labels, records)
    else:
        assert named(resolve_labels(labels, records), records) == expected


def test_pairs_of_a_large_set_stay_bounded() -> None:
    n = 2_000
    ids = [f"r{row}" for row in range(n)]
    frame = pd.DataFrame(
        {"labeling_set_id": "1", "label": [row % 3 for row in range(n)], "id": ids}
    )
    pairs = resolve_labels(parse_labels(from_frame(frame)), records_of(ids))
    assert len(pairs) < 200 * n
    assert 0.2 < pairs.label.mean() < 0.9


def test_label_of_knows_only_what_is_labelled() -> None:
    pairs = PairLabels(
        np.array([0, 1], np.int32), np.array([2, 3], np.int32), np.array([1, 0], np.int8)
    )
    left, right = np.array([0, 1, 0, 2]), np.array([2, 3, 1, 3])
    assert pairs.label_of(left, right).tolist() == [1, 0, -1, -1]


def test_ids_that_do_not_exist(tmp_path: Path) -> None:
    message = message_of(tmp_path, "left_id,right_id,label\na,z,1\nq,b,0\na,b,1\n")
    assert "1 values of column 'left_id' are no ids of the catalog: 'q' (row 2)" in message
    assert "1 values of column 'right_id' are no ids of the catalog: 'z' (row 1)" in message
    swapped = message_of(tmp_path, "left_id,right_id,label\nx,a,1\n", records_of("ab", "xy"))
    assert "no ids of the left table: 'x' (row 1) (1 of them are ids of the other" in swapped
    group = message_of(tmp_path, "labeling_set_id,label,id\n1,x,a\n1,x,zz\n")
    assert "1 values of column 'id' are no ids of the catalog: 'zz' (row 2)" in group


@pytest.mark.parametrize("second", ["a,b,0", "b,a,0"])
def test_pairs_of_both_labels_are_set_aside(tmp_path: Path, second: str) -> None:
    records = records_of("abcd")
    text = f"left_id,right_id,label\na,b,1\nc,d,1\na,c,0\n{second}\n"
    with pytest.warns(UserWarning, match=r"1 pair is labelled both 0 and 1 .* \((a, b|b, a)\)"):
        pairs = resolve_labels(read_labels(write(tmp_path, text)), records)
    assert named(pairs, records) == {("a", "c"): 0, ("c", "d"): 1}


def test_contradictions_that_leave_nothing_are_an_error(tmp_path: Path) -> None:
    labels = read_labels(write(tmp_path, "left_id,right_id,label\na,b,1\na,b,0\n"))
    with (
        pytest.warns(UserWarning, match="both 0 and 1"),
        pytest.raises(LabelError, match="no pair"),
    ):
        resolve_labels(labels, records_of("abcd"))


def test_contradicting_groups_and_clusters(tmp_path: Path) -> None:
    group = message_of(tmp_path, "labeling_set_id,label,id\n1,x,a\n1,y,a\n1,x,b\n")
    assert "record 'a' occurs in one set with two labels" in group
    cluster = message_of(tmp_path, "id,entity_id\na,1\nb,1\na,2\n")
    assert "1 records are in two entities; the first is 'a'" in cluster


@pytest.mark.parametrize(
    "text",
    [
        "left_id,right_id,label\na,b,1\nc,d,1\n",
        "labeling_set_id,label,id\n1,x,a\n1,x,b\n",
        "id,entity_id\na,1\nb,1\nc,1\n",
    ],
)
def test_only_one_class(tmp_path: Path, text: str) -> None:
    message = message_of(tmp_path, text)
    assert "only label 1" in message
    assert "both matches (1) and non-matches (0) are needed" in message


def test_sets_of_one_row_label_nothing(tmp_path: Path) -> None:
    assert "no pair" in message_of(tmp_path, "labeling_set_id,label,id\n1,x,a\n2,x,b\n")


def test_labels_that_are_neither_0_nor_1(tmp_path: Path) -> None:
    message = message_of(tmp_path, "left_id,right_id,label\na,b,1\na,c,maybe\n")
    assert "1 values of column 'label' are neither 0 nor 1: 'maybe' (row 2)" in message


def test_record_paired_with_itself(tmp_path: Path) -> None:
    message = message_of(tmp_path, "left_id,right_id,label\na,b,1\nc,c,0\n")
    assert "1 pairs are of a record with itself: 'c' (row 2)" in message


def test_missing_values_and_columns(tmp_path: Path) -> None:
    message = message_of(tmp_path, "left_id,right_id,label\na,,1\n")
    assert "1 of 1 rows have no value in column 'right_id': row 1" in message
    assert "pairs without labels" in message_of(tmp_path, "left_id,right_id\na,b\n")
    message = message_of(tmp_path, "leftid,right_id,label\na,b,1\n")
    assert "'leftid' looks like 'left_id'" in message
    assert "columns of no known shape" in message


def test_group_file_without_attributes() -> None:
    table = blank_to_null(from_frame(pd.DataFrame({"id": ["1"], "labeling_set_id": "1"})))
    table = table.drop_columns(["id"]).append_column("label", table.column("id"))
    with pytest.raises(LabelError, match="neither the id column 'id' nor any attribute"):
        parse_labels(table)


def test_pairs_to_score(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, "left_id,right_id,label,note\na,b,1,x\nb,c,0,\n"))
    assert pairs.columns.tolist() == ["left_id", "right_id", "label", "note"]
    assert pairs["label"].tolist() == [1, 0]
    check_pair_ids(pairs, np.array(["a", "b", "c"], object))
    with pytest.raises(LabelError, match="no ids of the right table: 'b'"):
        check_pair_ids(pairs, np.array(["a", "b"], object), np.array(["c"], object))


def test_bad_pairs_to_score(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"no column 'right_id' \(columns: left_id, b\)"):
        read_pairs(write(tmp_path, "left_id,b\na,b\n"))
    with pytest.raises(LabelError, match="no value in column 'left_id': row 2"):
        read_pairs(write(tmp_path, "left_id,right_id\na,b\n,b\n"))
    with pytest.raises(LabelError, match=r"1 pairs occur more than once.*\(a, b\), in rows 1, 3"):
        read_pairs(write(tmp_path, "left_id,right_id\na,b\na,c\na,b\n"))


def test_weights_of_pairs_stay_with_their_pairs(tmp_path: Path) -> None:
    text = (
        "left_id,right_id,score,weight,label\nc,b,.9,12.5,1\na,b,.2,1e3,0\na,b,.2,7,0\na,c,.1,1,1\n"
    )
    records = records_of("abc")
    pairs = resolve_labels(read_labels(write(tmp_path, text)), records)
    weight = dict(zip(named(pairs, records), pairs.weight.tolist(), strict=True))
    assert weight == {("a", "b"): 1000.0, ("a", "c"): 1.0, ("b", "c"): 12.5}
    text = "left_id,right_id,label\na,b,1\na,c,0\n"
    assert resolve_labels(read_labels(write(tmp_path, text)), records).weight is None


@pytest.mark.parametrize("value", ["0", "-2", "inf", "nan", "heavy", "1,5"])
def test_a_weight_that_is_no_positive_number_is_named(tmp_path: Path, value: str) -> None:
    text = f'left_id,right_id,label,weight\na,b,1,2\na,c,0,"{value}"\n'
    message = message_of(tmp_path, text)
    assert "labels.csv" in message
    assert "'weight'" in message
    assert "row 2" in message


def test_a_missing_weight_is_named(tmp_path: Path) -> None:
    message = message_of(tmp_path, "left_id,right_id,label,weight\na,b,1,\na,c,0,1\n")
    assert "no value in column 'weight'" in message
    assert "row 1" in message
