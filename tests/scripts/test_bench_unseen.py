"""The benchmark of runs without labels: forms of a task, baselines, halves, errors as rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from challenge_tasks import describe, linkage_task, one_table_task
from unseen_bench.forms import COPY, diluted, doubled, emptied, one_table
from unseen_bench.halves import TUNED, half_of
from unseen_bench.summary import DROP, summarise_rows, written
from unseen_bench.task_run import baseline, other_task

from linkage.challenge.protocols import Protocol
from linkage.challenge.task import read_task
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_reading import read_task_data

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bench_unseen"


def read(folder: Path) -> TaskData:
    return read_task_data(read_task(folder))


def bench(data: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, options)],
        capture_output=True,
        text=True,
        env={**os.environ, "LINKAGE_DATA": str(data)},
    )


def ids(table: Any) -> np.ndarray:
    return table.column("id").to_numpy()


def test_two_tables_are_stacked_with_the_closure_of_their_truth(tmp_path: Path) -> None:
    data = read(linkage_task(tmp_path))
    assert data.matches is not None
    one = one_table(data)
    assert one.table.num_rows == data.left.num_rows + data.right.num_rows
    assert one.entity is not None
    assert one.entity.index.tolist() == ids(one.table).tolist()
    pairs = data.matches
    same = one.entity["left-" + pairs["left_id"]].to_numpy()
    assert (same == one.entity["right-" + pairs["right_id"]].to_numpy()).all()
    assert one.entity.nunique() == one.table.num_rows - len(pairs)


def test_records_of_both_tables_are_kept_once(tmp_path: Path) -> None:
    data = read(linkage_task(tmp_path, attributes=None))
    one = one_table(TaskData(data.task, data.left, data.left, {}, matches=data.matches[:0]))
    assert one.table.num_rows == data.left.num_rows
    assert one.entity is not None
    assert one.entity.nunique() == data.left.num_rows


def test_an_emptied_table_has_one_record_an_entity(tmp_path: Path) -> None:
    for folder in (linkage_task(tmp_path / "a"), one_table_task(tmp_path / "b")):
        one = one_table(read(folder))
        assert one.entity is not None
        few = emptied(one)
        drawn = one.entity[ids(few.table)]
        assert sorted(drawn.astype(str)) == sorted(one.entity.astype(str).unique())
        assert emptied(one).table.equals(few.table), "the same in every run"


def test_a_doubled_table_has_a_copy_of_each_record(tmp_path: Path) -> None:
    one = one_table(read(one_table_task(tmp_path)))
    frame = doubled(one).table.to_pandas()
    n = one.table.num_rows
    assert (frame["id"][n:].to_numpy() == COPY + frame["id"][:n].to_numpy()).all()
    values = frame.drop(columns="id")
    pd.testing.assert_frame_equal(values[:n], values[n:].reset_index(drop=True))


def test_strangers_have_values_in_columns_of_their_kind(tmp_path: Path) -> None:
    data = read(linkage_task(tmp_path / "own"))
    folder = describe(tmp_path / "other", attributes={"cost": "number", "wine": "name"})
    rows = pd.DataFrame({"id": range(90), "cost": range(500, 590), "wine": "Merlot"})
    rows.to_csv(folder / "records.csv", index=False)
    more = diluted(data, read(folder))
    drawn = []
    for own, table in zip(data.tables, more.tables, strict=True):
        frame = table.to_pandas()
        assert frame[: own.num_rows].equals(own.to_pandas())
        added = frame[own.num_rows :]
        assert len(added) == round(own.num_rows / 3)
        by_kind = {str(kind): name for name, kind in data.kinds.items() if name in frame}
        assert set(added[by_kind["text"]]) == {"Merlot"}
        assert added[by_kind["price"]].astype(float).between(500, 590).all()
        assert "category" not in by_kind or added[by_kind["category"]].isna().all()
        drawn += added["id"].tolist()
    assert len(set(drawn)) == len(drawn)
    assert more.matches is data.matches


def test_the_task_of_strangers_is_of_another_family() -> None:
    folders = [Path(name) for name in ("wdc-a", "lego-a", "lego-b", "lego-c")]
    assert other_task(folders[1], folders) == folders[0]
    assert other_task(folders[0], folders) == folders[1]
    assert other_task(folders[1], folders[1:]) is None


@pytest.mark.parametrize(
    ("equality", "cosine", "expected"),
    [
        ({"a": {"f1": 20}, "a + b": {"f1": 31.5}}, None, 0.315),
        ({"a": 20, "b": None}, {"all pairs": {"f1": 40}, "labelled pairs": {"f1": 90}}, 0.4),
        (None, None, None),
    ],
)
def test_baselines_of_a_task(
    tmp_path: Path, equality: Any, cosine: Any, expected: float | None
) -> None:
    given = {"exact_equality_baselines": equality, "tfidf_oracle": cosine}
    task = read_task(one_table_task(tmp_path / "a", **given))
    assert baseline(task, Protocol.CLUSTER_NO_LABELS) == expected
    pairs_only = read_task(linkage_task(tmp_path / "b", truth=False, **given))
    best = 0.9 if cosine else expected
    assert baseline(pairs_only, Protocol.PAIR_SPLIT_NO_LABELS) == best


def test_halves_share_no_task() -> None:
    assert {half_of(name) for name in TUNED} == {"tuned"}
    assert half_of("a task of tomorrow") == "confirmed"


def row_of(task: str, figure: float, form: str = "plain", **more: Any) -> dict[str, Any]:
    protocol = {"protocol": "cluster, no labels"} if form in ("plain", "diluted") else {}
    return {"task": task, "half": "tuned", "form": form, "figure": figure, **protocol, **more}


def test_the_summary_names_the_worst_in_its_own_direction() -> None:
    rows = [row_of(f"t{k}", k / 10, baseline=0.35) for k in range(11)]
    rows += [row_of("t4", 0.3, "diluted"), row_of("t5", 0.5, "diluted")]
    rows += [row_of(f"t{k}", k / 10, "emptied") for k in range(11)]
    rows += [{"task": "broken", "half": "tuned", "form": "plain", "error": "why"}]
    summary = summarise_rows(rows)
    by_name = {row["name"]: row for row in summary}
    plain = by_name["cluster, no labels"]
    assert (plain["tasks"], plain["worst_task"], plain["below"]) == (11, "t0", 4)
    assert (plain["mean"], plain["median"], plain["tenth"]) == pytest.approx((0.5, 0.5, 0.1))
    assert by_name["emptied"]["worst_task"] == "t10"
    assert by_name["emptied"]["tenth"] == pytest.approx(0.9)
    assert by_name[DROP]["worst"] == pytest.approx(-0.1)
    assert "4 below a baseline" in written(summary)


def test_a_run_writes_a_row_for_each_task_and_form(tmp_path: Path) -> None:
    data = tmp_path / "data"
    one_table_task(data / "shops")
    describe(data / "broken", kind="dedupe")
    out = tmp_path / "figures.json"
    done = bench(data, "--forms", "plain", "emptied", "stacked", "--threads", 1, "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    figures = {(row["task"], row["form"]): row.get("figure") for row in rows}
    assert figures.pop(("shops", "plain")) > 0.8
    assert 0 <= figures.pop(("shops", "emptied")) <= 1
    assert set(figures) == {("broken", form) for form in ("plain", "emptied", "stacked")}
    assert all("there is no records.csv" in row["error"] for row in rows if "error" in row)


def test_the_quick_run_fails_where_a_task_is_missing(tmp_path: Path) -> None:
    one_table_task(tmp_path / "shops")
    done = bench(tmp_path, "--quick")
    assert done.returncode == 1
    assert "fodors-zagats, doubled: not run" in done.stderr
