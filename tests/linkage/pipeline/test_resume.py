"""Resuming: what is kept is used, a changed setting has its own, no kill leaves half a result."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from catalogs import example_slice

from linkage import Config, Linker, Result
from linkage.config.authored import LimitsConfig, TrainingConfig
from linkage.errors import OutputError
from linkage.io.saved.saved_files import hash_files, sealed
from linkage.linker import resumable_linker
from linkage.pipeline.checkpoints import Checkpoints
from linkage.pipeline.resume import Resuming, stages_beside

ROOT = Path(__file__).resolve().parents[3]
KILLS = 20
CONFIG = Config(
    quality="fast", threads=1, match={"exact": {}, "variant": {"ignore": ["colour", "size"]}}
)


@pytest.fixture(scope="module")
def catalog() -> pd.DataFrame:
    return example_slice(120)[0]


def run(catalog: pd.DataFrame, folder: Path, config: Config = CONFIG) -> tuple[Result, list[str]]:
    with Resuming(folder, resume=True) as resuming:
        result = resumable_linker(config, lambda step, share: None, resuming).match(catalog)
    return result, [step["name"] for step in result.run["steps"]]


def learned(names: list[str]) -> int:
    return sum(name.startswith("Learn without") for name in names)


@pytest.fixture(scope="module")
def kept(catalog: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("kept") / "stages"
    result, names = run(catalog, folder)
    assert learned(names) == 2
    return folder, result


def test_a_second_run_uses_what_was_kept(catalog: pd.DataFrame, kept: tuple[Path, Result]) -> None:
    folder, first = kept
    again, names = run(catalog.sample(frac=1, random_state=1), folder)
    assert learned(names) == 0
    pd.testing.assert_frame_equal(again.pairs, first.pairs)
    pd.testing.assert_frame_equal(
        again.clusters.sort_values("id", ignore_index=True),
        first.clusters.sort_values("id", ignore_index=True),
    )
    plain = Linker(CONFIG).match(catalog)
    pd.testing.assert_frame_equal(plain.clusters, first.clusters)


@pytest.mark.parametrize(
    ("changed", "learns"),
    [
        (replace(CONFIG, threads=2), 0),
        (replace(CONFIG, limits=LimitsConfig(max_cluster_size=3)), 0),
        (replace(CONFIG, training=TrainingConfig(recall=0.5)), 2),
        (replace(CONFIG, seed=5), 2),
    ],
    ids=["threads", "cluster size", "threshold target", "seed"],
)
def test_a_changed_setting_reruns_only_the_stages_that_depend_on_it(
    catalog: pd.DataFrame, kept: tuple[Path, Result], tmp_path: Path, changed: Config, learns: int
) -> None:
    folder = tmp_path / "stages"
    subprocess.run(["cp", "-r", kept[0], folder], check=True)
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("blocking-*")}
    result, names = run(catalog, folder, changed)
    assert learned(names) == learns
    assert {p.name: p.stat().st_mtime_ns for p in folder.glob("blocking-*")} == before
    plain = Linker(changed).match(catalog)
    pd.testing.assert_frame_equal(result.clusters, plain.clusters)


def test_stages_of_other_records_are_not_used(
    catalog: pd.DataFrame, kept: tuple[Path, Result], tmp_path: Path
) -> None:
    folder = tmp_path / "stages"
    subprocess.run(["cp", "-r", kept[0], folder], check=True)
    other = catalog.copy()
    other.loc[3, "title"] = "another thing"
    assert learned(run(other, folder)[1]) == 2


def test_a_damaged_stage_runs_again(
    catalog: pd.DataFrame, kept: tuple[Path, Result], tmp_path: Path
) -> None:
    folder = tmp_path / "stages"
    subprocess.run(["cp", "-r", kept[0], folder], check=True)
    for file in folder.rglob("*.json"):
        file.write_text(file.read_text()[:20])
    with pytest.warns(UserWarning, match="is damaged, and is made anew: stage.json: it is no JSON"):
        result, names = run(catalog, folder)
    assert learned(names) == 2
    pd.testing.assert_frame_equal(result.clusters, kept[1].clusters)
    assert learned(run(catalog, folder)[1]) == 0, "what was made anew is kept"


def test_a_model_of_columns_that_the_tables_lack_is_learned_again(
    catalog: pd.DataFrame, kept: tuple[Path, Result], tmp_path: Path
) -> None:
    folder = tmp_path / "stages"
    subprocess.run(["cp", "-r", kept[0], folder], check=True)
    (stage,) = folder.glob("learning-exact-*")
    for marker, column in ((stage / "model" / "model.json", "shade"), (stage / "stage.json", "")):
        held = json.loads(marker.read_text())
        if column:
            held["definitions"]["exact"]["kinds"][column] = "text"
        rest = {k: v for k, v in held.items() if k not in ("sha256", "files")}
        inner = [path for path in marker.parent.iterdir() if path.is_dir()]
        marker.write_text(json.dumps(sealed(rest, hash_files(inner, marker.parent))))
    with pytest.warns(UserWarning, match="learning-exact .* columns that the tables lack"):
        result, names = run(catalog, folder)
    assert learned(names) == 1
    pd.testing.assert_frame_equal(result.clusters, kept[1].clusters)


def test_a_run_that_does_not_resume_leaves_no_stages(catalog: pd.DataFrame, tmp_path: Path) -> None:
    folder = stages_beside(tmp_path / "out")
    folder.mkdir()
    (folder / ".new-half").mkdir()
    with Resuming(folder, resume=False) as resuming:
        assert not folder.exists()
        resumable_linker(
            Config(quality="fast", threads=1), lambda step, share: None, resuming
        ).match(catalog)
        assert folder.exists()
    assert not folder.exists()


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_results_that_a_disk_has_no_room_for_are_written_without_stages(
    tmp_path: Path, resume: bool, number: int
) -> None:
    stages, tried = tmp_path / "stages", []

    def write() -> None:
        tried.append(stages.exists())
        if stages.exists():
            raise OutputError("there is no room") from OSError(number, "no room")

    resuming = Resuming(stages, resume=resume)
    Checkpoints(stages).store("pairs", "1" * 40, lambda folder: None)
    if resume or number != errno.ENOSPC:
        with pytest.raises(OutputError):
            resuming.writes(write)
        assert tried == [True]
    else:
        resuming.writes(write)
        assert tried == [True, False]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked")
def test_kills_at_random_moments_leave_a_whole_result_or_none(tmp_path: Path) -> None:
    example_slice(40)[0].to_csv(tmp_path / "catalog.csv", index=False)
    script = Path(__file__).parents[2] / "helpers" / "killed_runs.py"
    command = [sys.executable, script, tmp_path / "catalog.csv", tmp_path / "out", str(KILLS), "3"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=900)
    assert done.returncode == 0, done.stderr
    whole, *runs, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) == KILLS
    assert len(whole["left"]) == 64
    assert {one["left"] for one in runs} <= {"absent", whole["left"]}
    assert sum(one["code"] == -9 for one in runs) >= KILLS // 4, "most are killed"
    assert (last["left"], last["code"]) == (whole["left"], 0)
