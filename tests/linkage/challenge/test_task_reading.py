"""Reading tables, splits and truth of a task."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from challenge_tasks import (
    ATTRIBUTES,
    EXTRA,
    PRICE,
    TITLE,
    describe,
    linkage_task,
    one_table_task,
)
from pandas.testing import assert_frame_equal

from features.kinds import Kind
from linkage.challenge.task import read_task
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_reading import digest, read_task_data, task_kinds
from linkage.errors import ConfigError, InputError, LabelError, LinkageError


def read(folder: Path) -> TaskData:
    return read_task_data(read_task(folder))


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    text = read(linkage_task(tmp_path / "text"))
    binary = read(linkage_task(tmp_path / "binary", parquet=True))
    for one, other in zip(text.tables, binary.tables, strict=True):
        assert one.equals(other)
    assert text.kinds == binary.kinds
    for name in ("train", "valid", "test"):
        assert_frame_equal(getattr(text, name).pairs, getattr(binary, name).pairs)
    assert text.matches is not None
    assert_frame_equal(text.matches, binary.matches)
    assert len(text.matches) == 60


def test_a_number_may_turn_out_to_be_a_price(tmp_path: Path) -> None:
    data = read(linkage_task(tmp_path))
    assert data.kinds == {TITLE: Kind.TEXT, PRICE: Kind.PRICE, EXTRA: Kind.CATEGORY}
    assert EXTRA not in data.tables[1].column_names


def test_declared_kinds_hold_but_for_numbers() -> None:
    columns = {
        "price": ["1.5", "2.5", "$3"],
        "weight": ["5 kg", "200 g", "3 kg"],
        "pages": ["11", "12", "13"],
        "title": ["1.5", "2.5", "3.5"],
    }
    table = pa.table({"id": ["a", "b", "c"], **columns})
    declared = dict.fromkeys(columns, Kind.NUMBER) | {"title": Kind.TEXT, "id": Kind.IDENTIFIER}
    assert task_kinds(declared, [table]) == {
        "price": Kind.PRICE,
        "weight": Kind.QUANTITY,
        "pages": Kind.NUMBER,
        "title": Kind.TEXT,
    }
    assert task_kinds({}, [table]) == {}


def test_what_may_be_missing(tmp_path: Path) -> None:
    data = read(linkage_task(tmp_path / "a", splits=("test",), truth=False, test_labels=False))
    assert (data.train, data.valid, data.matches) == (None, None, None)
    assert data.test is not None
    assert not data.test.labelled
    assert data.test.positives is None
    data = read(one_table_task(tmp_path / "b", truth=False, attributes=None))
    assert (data.right, data.entities, data.kinds) == (None, None, {})


def test_an_empty_label_column_is_none(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path, splits=())
    put(folder, "test.csv", "left_id,right_id,label\nl0,r0,\nl1,r1,\n")
    data = read(folder)
    assert data.test is not None
    assert list(data.test.pairs.columns) == ["left_id", "right_id"]


def test_ids_may_be_in_the_first_column(tmp_path: Path) -> None:
    folder = describe(tmp_path)
    put(folder, "left.csv", "artikel,a\nNA,x\nB,y\n")
    put(folder, "right.csv", "nummer,a\n1,x\n2,y\n")
    data = read(folder)
    assert [table.column_names for table in data.tables] == [["id", "a"], ["id", "a"]]
    assert data.left.column("id").to_pylist() == ["NA", "B"]


def test_a_pair_may_be_there_twice(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path, splits=())
    put(folder, "test.csv", "left_id,right_id,label\nl0,r0,1\nl0,r0,1\nl1,r2,0\n")
    data = read(folder)
    assert data.test is not None
    assert len(data.test) == 3


def test_a_pair_of_both_labels_is_set_aside(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path, splits=())
    both = "left_id,right_id,label\nl0,r0,1\nl0,r0,0\n"
    put(folder, "train.csv", both + "l1,r1,1\nl1,r2,0\n")
    with pytest.warns(UserWarning, match=r"1 pair is labelled both 0 and 1 .*\(l0, r0\)"):
        data = read(folder)
    assert data.train is not None
    assert data.train.pairs["label"].tolist() == [1, 0]
    put(folder, "train.csv", both)
    with (
        pytest.warns(UserWarning, match="both 0 and 1"),
        pytest.raises(LabelError, match="no pair has one label only"),
    ):
        read(folder)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train.csv", "left_id,right_id\nl0,r0\n", "has no labels"),
        ("valid.csv", "left_id,right_id,label\nl0,r0,\n", "has no labels"),
        ("train.csv", "left_id,right_id,label\nl0,r0,maybe\n", "neither 0 nor 1"),
        ("test.csv", "links,right_id\nl0,r0\n", "no column 'left_id'"),
        ("test.csv", "left_id,right_id\nl0,r0\nl1,\n", "no value in column 'right_id'"),
        ("test.csv", "left_id,right_id\nl0,zz\n", "'zz'"),
        ("truth.csv", "left_id,right_id\nzz,r0\n", "'zz'"),
        ("left.csv", "id,a\n1,x\n1,y\n", "not unique"),
        ("right.csv", "", "is empty"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    folder = linkage_task(tmp_path, attributes=None)
    put(folder, name, text)
    with pytest.raises(LinkageError) as caught:
        read(folder)
    assert message in str(caught.value)
    assert str(folder / name) in str(caught.value)


def test_columns_that_no_table_has(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path, attributes={**ATTRIBUTES, "Bezeichnug": "text"}, ignore=["x"])
    with pytest.raises(ConfigError) as caught:
        read(folder)
    assert "task.json: 2 faults" in str(caught.value)
    assert "attributes.Bezeichnug: no table has a column" in str(caught.value)
    assert "ignore: no table has a column 'x'" in str(caught.value)


def test_truths_of_one_table(tmp_path: Path) -> None:
    folder = describe(tmp_path)
    put(folder, "records.csv", "id,a\n1,x\n2,y\n3,z\n4,w\n")
    put(folder, "truth.csv", "left_id,right_id\n1,2\n2,3\n")
    entities = read(folder).entities
    assert entities is not None
    assert entities["1"] == entities["2"] == entities["3"] != entities["4"]
    put(folder, "clusters.csv", "id,entity_id\n1,a\n2,a\n")
    entities = read(folder).entities
    assert entities is not None
    assert entities.to_dict() == {"1": "a", "2": "a"}, "clusters come first, and may be of a part"
    for text, message in (
        ("id,entity_id\n1,a\n1,b\n", "'1' occurs more than once"),
        ("id,entity_id\n9,a\n", "not in records.csv; the first is '9'"),
        ("id,entity_id\n1,\n", "1 rows lack a value"),
        ("id,x,y\n1,2,3\n", "columns of no known shape"),
    ):
        put(folder, "clusters.csv", text)
        with pytest.raises((InputError, LabelError), match=message):
            read(folder)


def test_truth_pairs_with_labels_are_the_matches_among_them(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path, splits=())
    put(folder, "truth.csv", "left_id,right_id,label\nl0,r0,1\nl1,r2,0\n")
    matches = read(folder).matches
    assert matches is not None
    assert matches.to_numpy().tolist() == [["l0", "r0"]]


def test_images_are_found_in_the_folder_and_only_there(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"x")
    folder = describe(tmp_path / "task", attributes={"photo": "image", "a": "text"})
    (folder / "images").mkdir()
    (folder / "images" / "1.jpg").write_bytes(b"x")
    values = ["images/1.jpg", "../secret.jpg", "images/none.jpg", "e08dc796ca9acb94", "x" * 999, ""]
    rows = "".join(f"{number},{value},images/1.jpg\n" for number, value in enumerate(values))
    put(folder, "records.csv", f"id,photo,a\n{rows}")
    table = read(folder).left
    whole = str(folder / "images" / "1.jpg")
    assert table.column("photo").to_pylist() == [whole, *values[1:5], None]
    assert table.column("a").to_pylist() == ["images/1.jpg"] * 6


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path, splits=("test",))
    before = digest(read_task(folder))
    assert digest(read_task(folder)) == before
    put(folder, "notes.txt", "not part of the task")
    assert digest(read_task(folder)) == before
    with (folder / "test.csv").open("a", encoding="utf-8") as file:
        file.write("l0,r0,1\n")
    assert digest(read_task(folder)) != before
