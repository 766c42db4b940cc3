"""The real command line from a file to evaluated results; small benchmark tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from catalogs import example_slice

from linkage import Config, Linker
from linkage.cli import app as cli
from linkage.evaluation.metrics import evaluate_pairs
from linkage.io.destination.folder_kinds import MODEL, RESULTS, FolderKind
from linkage.io.reading import read_table


def run(*arguments: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    assert (caught.value.code or 0) == code


def is_known(path: Path, folder: Path, kind: FolderKind) -> bool:
    """Whether a file or folder that a run wrote is known as ours, so that it is replaced."""
    inside = path.relative_to(folder)
    return kind.owns_folder(inside) if path.is_dir() else kind.owns(inside)


def refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


@pytest.fixture(autouse=True)
def quiet_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line sets up logging and warnings for a whole process; the tests share one."""
    monkeypatch.setattr("linkage.cli.commands.set_up_messages", lambda options: None)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    catalog, truth = example_slice(50)
    catalog.to_csv(folder / "catalog.csv", index=False)
    truth.rename_axis("id").reset_index().to_csv(folder / "truth.csv", index=False)
    return folder


def test_dedupe_and_evaluate(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shop / "out"
    run("dedupe", shop / "catalog.csv", "-o", out, "--threads", 1, "--with-columns")
    printed = capsys.readouterr().out
    assert "clusters of two or more records" in printed
    assert str(out) in printed
    assert {path.name for path in out.iterdir()} == {
        "pairs.parquet", "clusters.parquet", "clusters.csv", "run.json", "report.html", "model",
    }  # fmt: skip

    assert [path for path in out.rglob("*") if not is_known(path, out, RESULTS)] == []

    catalog = pd.read_csv(shop / "catalog.csv", dtype=str)
    pairs, clusters = (pd.read_parquet(out / f"{name}.parquet") for name in ("pairs", "clusters"))
    assert list(pairs) == ["left_id", "right_id", "score", "match", "blockers"]
    assert list(clusters) == ["id", "cluster_id", "confidence"]
    assert clusters["id"].tolist() == catalog["id"].tolist()
    readable = pd.read_csv(out / "clusters.csv", dtype=str)
    assert readable["cluster_id"].tolist() == clusters["cluster_id"].tolist()
    assert readable["title"].tolist() == catalog["title"].tolist()

    account = json.loads((out / "run.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert account["records"] == {"left": len(catalog), "right": 0}
    assert account["config"]["quality"] == "balanced"
    assert account["seed"] == 0
    assert {"linkage", "python", "lightgbm", "recordlinkage"} <= set(account["versions"])
    names = [step["name"] for step in account["steps"]]
    for name in ("Read records", "Find candidates", "Compare candidates", "Cluster"):
        assert name in names
    assert all(step["seconds"] >= 0 and step["peak_memory_mb"] > 0 for step in account["steps"])
    definition = account["definitions"]["exact"]
    assert definition["candidates"] == len(pairs)
    assert definition["matches"] == int(pairs["match"].sum())
    assert definition["blocking"]

    run("evaluate", out, "--truth", shop / "truth.csv", "--json")
    report = capsys.readouterr().out
    assert "f1" in report
    run("evaluate", out, "--truth", shop / "truth.csv")
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    f1 = next(float(words[-2]) for words in rows if words[1:3] == ["pairwise", "F1"])
    assert f1 >= 0.9


def test_results_are_replaced_only_by_force(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = shop / "small.csv"
    small.write_text("id,title\na,red shoe\nb,red shoe\nc,blue hat\n", encoding="utf-8")
    run("dedupe", small, "-o", shop / "again", "--quiet")
    before = (shop / "again" / "run.json").read_bytes()
    notes = shop / "again" / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    run("dedupe", small, "-o", shop / "again", code=1)
    assert "--force" in capsys.readouterr().err
    assert (shop / "again" / "run.json").read_bytes() == before
    run("dedupe", small, "-o", shop / "again", "--force", "--quiet")
    assert (shop / "again" / "run.json").read_bytes() != before
    assert notes.read_text(encoding="utf-8") == "mine"
    assert not [path for path in shop.iterdir() if path.name.startswith(".")]


def test_train_then_score_and_match_by_the_model(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = pd.read_csv(shop / "truth.csv", dtype=str)
    truth[:80].to_csv(shop / "labels.csv", index=False)
    catalog, model = shop / "catalog.csv", shop / "model"
    run("train", catalog, "--labels", shop / "labels.csv", "--model", model, "--quality", "fast")
    assert not list(model.rglob("*.pickle")) + list(model.rglob("*.pkl"))
    suffixes = {path.suffix for path in model.rglob("*") if path.is_file()}
    assert suffixes == {".json", ".txt", ".parquet"}
    assert [path for path in model.rglob("*") if not is_known(path, model, MODEL)] == []

    rows = truth[80:].reset_index(drop=True)
    pairs = pd.DataFrame({"left_id": rows["id"], "right_id": rows["id"].shift(-1)})[:-1]
    known = dict(zip(truth["id"], truth["entity_id"], strict=True))
    same = pairs["left_id"].map(known) == pairs["right_id"].map(known)
    pairs.assign(label=same.astype(int)).to_csv(shop / "pairs.csv", index=False)
    arguments = ["score", catalog, "--pairs", shop / "pairs.csv", "--model", model]
    run(*arguments, "-o", shop / "scores.csv")
    assert f"{len(pairs)} pairs" in capsys.readouterr().out
    scores = pd.read_csv(shop / "scores.csv")
    assert scores["left_id"].tolist() == pairs["left_id"].tolist()
    assert scores["score"].between(0, 1).all()
    assert scores.loc[same.to_numpy(), "score"].mean() > scores["score"].mean()

    run("dedupe", catalog, "--model", model, "-o", shop / "by_model", "--quiet")
    matched = pd.read_parquet(shop / "by_model" / "pairs.parquet")
    both = matched.merge(scores, on=["left_id", "right_id"])
    assert both["score_x"].tolist() == pytest.approx(both["score_y"].tolist())

    other = shop / "other.csv"
    pd.read_csv(catalog, dtype=str).drop(columns="brand").to_csv(other, index=False)
    run("dedupe", other, "--model", model, "-o", shop / "none", code=1)
    assert "the table lacks brand" in capsys.readouterr().err
    assert not (shop / "none").exists()


@pytest.mark.parametrize("task", ["abt-buy", "fodors-zagats"])
def test_linking_benchmark_tables_without_labels(data_folder: Path, task: str) -> None:
    folder = data_folder / task
    left, right = (read_table(folder / f"{side}.csv") for side in ("left", "right"))
    result = Linker(Config(quality="fast")).match(left, right)
    found = result.pairs[result.pairs["match"]]
    truth = pd.read_csv(folder / "truth.csv", dtype=str)
    assert evaluate_pairs(found, truth).f1 >= 0.90
