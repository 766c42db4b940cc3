"""Reading a task's folder: what may be missing, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from challenge_tasks import describe

from features.kinds import Kind
from linkage.challenge.task import Published, TaskKind, find_tasks, read_task
from linkage.errors import ConfigError, InputError, LinkageError

CSV = "id,a\n1,x\n"


def folder_with(folder: Path, *tables: str, **values: Any) -> Path:
    describe(folder, **values)
    for name in tables:
        (folder / name).write_text(CSV, encoding="utf-8")
    return folder


def test_a_task_that_says_everything(tmp_path: Path) -> None:
    published = {
        "Other": {"f1": 71.9, "on": "standard test split", "from": "a paper"},
        "Share": 0.7,
    }
    folder = folder_with(
        tmp_path / "shop", "left.csv", "right.csv", "train.csv", "truth.csv",
        name="../../elsewhere", kind="linkage", title="Shops",
        attributes={"a": "id", "b": "number"},
        ignore=["a"], published=published, unknown={"key": 1},
    )  # fmt: skip
    task = read_task(folder)
    assert (task.name, task.kind, task.title) == ("shop", TaskKind.LINKAGE, "Shops")
    assert task.attributes == {"a": Kind.IDENTIFIER, "b": Kind.NUMBER}
    assert task.ignore == ("a",)
    first, second = task.published
    assert first == Published("Other", 71.9, "standard test split", "a paper")
    assert second.f1 == pytest.approx(70), "up to 1 it is a share"
    assert sorted(task.files) == ["left", "right", "train", "truth"]
    assert task.is_linkage


def test_a_task_that_says_nothing(tmp_path: Path) -> None:
    task = read_task(folder_with(tmp_path / "two", "left.csv", "right.csv"))
    assert (task.kind, task.title, task.published) == (TaskKind.LINKAGE, "", ())
    assert (task.attributes, task.ignore) == ({}, ())
    assert read_task(folder_with(tmp_path / "one", "records.csv")).kind is TaskKind.DEDUPE
    grouped = folder_with(tmp_path / "groups", "records.csv", ignore=["a"])
    assert read_task(grouped).kind is TaskKind.VARIANTS


def test_parquet_is_read_where_both_are_there(tmp_path: Path) -> None:
    task = read_task(folder_with(tmp_path, "records.csv", "records.parquet", "clusters.csv.gz"))
    assert task.files["records"].name == "records.parquet"
    assert task.files["clusters"].name == "clusters.csv.gz"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "kind",
            "linkages",
            "kind: must be one of linkage, dedupe, variants, classification, got 'linkages'",
        ),
        ("kind", 3, "kind: must be one of"),
        ("title", ["a"], "title: must be text, got ['a']"),
        ("attributes", ["a"], "attributes: must be an object of column: kind"),
        ("attributes", {"a": "txt"}, "attributes.a: unknown kind 'txt'; did you mean 'text'?"),
        ("attributes", {"a": None}, "attributes.a: unknown kind"),
        ("ignore", "a", "ignore: must be a list of column names, got 'a'"),
        ("ignore", [1], "ignore: must be a list"),
        ("published", [1], "published: must be an object"),
        ("published", {"X": {"f1": 9, "on": 1}}, "published.X.on: must be text, got 1"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, key: str, value: Any, message: str) -> None:
    folder = folder_with(tmp_path, "records.csv", "left.csv", "right.csv", **{key: value})
    with pytest.raises(ConfigError) as caught:
        read_task(folder)
    assert message in str(caught.value)
    assert str(folder / "task.json") in str(caught.value)


@pytest.mark.parametrize("figure", ["90", True, float("nan"), 101, None])
def test_a_published_figure_that_is_none_is_left_out(tmp_path: Path, figure: object) -> None:
    published = {"X": {"f1": figure}, "Y": 80}
    folder = folder_with(tmp_path, "records.csv", published=published)
    with pytest.warns(UserWarning, match=r"published\.X\.f1: must be a number from 0 to 100"):
        task = read_task(folder)
    assert [one.system for one in task.published] == ["Y"]


def test_all_wrong_values_are_named_at_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "records.csv", title=1, ignore=2, published=3)
    with pytest.raises(ConfigError) as caught:
        read_task(folder)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "must hold a JSON object, got []"),
        ("[" * 100_000, "is not valid JSON"),
        (b"\xff\xfe{}", "is not valid JSON"),
    ],
)
def test_a_broken_description(tmp_path: Path, text: str | bytes, message: str) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "task.json").write_bytes(content)
    with pytest.raises(InputError, match=r"task\.json") as caught:
        read_task(tmp_path)
    assert message in str(caught.value)


def test_a_table_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no right\.csv or right\.parquet"):
        read_task(folder_with(tmp_path / "a", "left.csv", kind="linkage"))
    with pytest.raises(InputError, match=r"a dedupe task needs the tables records"):
        read_task(folder_with(tmp_path / "b", "left.csv", "right.csv", kind="dedupe"))


def test_tasks_of_a_suite(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        folder_with(tmp_path / name, "records.csv")
    (tmp_path / "images").mkdir()
    (tmp_path / "README.md").write_text("no task", encoding="utf-8")
    assert [folder.name for folder in find_tasks(tmp_path)] == ["a", "b", "c"]
    assert [folder.name for folder in find_tasks(tmp_path, ["c", "a", "c"])] == ["a", "c"]
    assert find_tasks(tmp_path / "a") == [tmp_path / "a"]


def test_what_is_no_suite(tmp_path: Path) -> None:
    folder_with(tmp_path / "suite" / "abt-buy", "records.csv")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text(json.dumps({}), encoding="utf-8")
    for suite, names, message in (
        ("none", [], "none does not exist"),
        ("file", [], "file is a file, not a folder"),
        ("empty", [], "empty holds no task"),
        ("suite", ["abt_buy"], r"no task 'abt_buy'.\n  Did you mean 'abt-buy'?"),
    ):
        with pytest.raises(LinkageError) as caught:
            find_tasks(tmp_path / suite, names)
        assert message.replace(r"\n", "\n") in str(caught.value)
