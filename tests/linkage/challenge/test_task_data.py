"""Tables, splits and truth of a task."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from challenge_tasks import (
    describe,
)

from linkage.challenge.task import read_task
from linkage.challenge.task_data import Split, TaskData
from linkage.challenge.task_reading import read_task_data


def read(folder: Path) -> TaskData:
    return read_task_data(read_task(folder))


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_splits_share_pairs_as_they_are_given() -> None:
    def split(*pairs: str) -> Split:
        rows = [(one[0], one[1], 1) for one in pairs]
        return Split(pd.DataFrame(rows, columns=["left_id", "right_id", "label"]), "there")

    train, test = split("ab", "cd", "fe"), split("ab", "dc", "ef")
    assert train.holds(test).tolist() == [True, False, False]
    assert train.without(test).pairs["left_id"].tolist() == ["c", "f"]
    labels = train.without(test).labels()
    assert labels.table.column("label").to_pylist() == [1, 1]
    assert labels.where == "there"


def test_records_that_stand_in_both_tables(tmp_path: Path) -> None:
    folder = describe(tmp_path)
    put(folder, "left.csv", "id,a,b\n1,x,\n2,y,u\n3,z,v\n")
    put(folder, "right.csv", "id,a,b,c\n1,x,,k\n2,y,other,k\n4,z,v,k\n")
    assert read(folder).repeated_records() == {"1"}
    put(folder, "right.csv", "id,c\n1,x\n")
    assert read(folder).repeated_records() == set(), "they share no column that could tell"
