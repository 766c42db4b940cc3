"""Files that nobody vouches for, through whole commands: each ends in a line, none in a crash."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from catalogs import example_slice

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "linkage", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)


@pytest.fixture(scope="module")
def formulas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog whose ids, titles and one heading look like formulas."""
    signs = ("=", "+", "-x", "@", "'=", "")
    frame = example_slice(40)[0][["id", "title", "brand", "price"]]
    frame["id"] = [f"{signs[k % len(signs)]}{one}" for k, one in enumerate(frame["id"])]
    frame["title"] = "=" + frame["title"]
    path = tmp_path_factory.mktemp("formulas") / "catalog.csv"
    frame.rename(columns={"brand": "@brand"}).to_csv(path, index=False)
    return path


def test_safe_csv_guards_what_spreadsheets_run_and_is_read_back(formulas: Path) -> None:
    out = formulas.parent / "out"
    options = ("--quality", "fast", "--safe-csv", "--with-columns", "--no-report")
    done = run("dedupe", formulas, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    safe = pd.read_csv(out / "clusters.csv", dtype=str, keep_default_na=False)
    ids = pd.read_csv(formulas, dtype=str)["id"]
    assert safe["title"].str.startswith("'=").all()
    assert "'@brand" in safe.columns
    assert sum(one.startswith("'") for one in safe["id"]) == sum(one[0] in "=+-@'" for one in ids)
    assert set(pd.read_parquet(out / "clusters.parquet")["id"]) == set(ids)
    own = run("evaluate", out, "--truth", out / "clusters.csv", "--json")
    assert own.returncode == 0, own.stderr
    assert '"f1": 1.0' in own.stdout
    again = run(
        "dedupe", formulas, "-o", formulas.parent / "again", "--labels", out / "clusters.csv",
        "--quality", "fast", "--no-report",
    )  # fmt: skip
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("seed", range(3))
def test_a_resumed_run_makes_damaged_stages_anew(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    catalog = tmp_path / "catalog.csv"
    example_slice(40)[0].to_csv(catalog, index=False)
    command = ("dedupe", catalog, "-o", tmp_path / "out", "--quality", "fast", "--resume", "-q")
    assert run(*command, "--no-report").returncode == 0
    first = (tmp_path / "out" / "clusters.csv").read_bytes()
    stages = tmp_path / ".out.stages"
    boosters = sorted(stages.rglob("booster_*.txt")) or sorted(stages.rglob("pair_model.json"))
    for file in (chance.choice(boosters), chance.choice(sorted(stages.rglob("*.npy")))):
        whole = file.read_bytes()
        file.write_bytes(whole[: chance.randrange(len(whole))])
    again = run(*[one for one in command if one != "-q"], "--no-report", "--force")
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("is damaged, and is made anew") == 2
    assert (tmp_path / "out" / "clusters.csv").read_bytes() == first


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    example_slice(40)[0].to_csv(catalog, index=False)
    model = tmp_path / "model"
    assert run("train", catalog, "--model", model, "--quality", "fast", "-q").returncode == 0
    for file in sorted(path for path in model.rglob("*") if path.is_file()):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        done = run("dedupe", catalog, "-o", tmp_path / "out", "--model", model)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: The model in {model} cannot be read: "), done.stderr
        assert file.name in done.stderr
        file.write_bytes(whole)
