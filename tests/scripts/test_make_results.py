"""The results page: it is what its JSON says, and the check for that goes off."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from boards import board, outcome, record

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/make_results.py"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name in ("results.json", "results.md"):
        shutil.copy(ROOT / "docs" / name, tmp_path / name)
    return tmp_path


def options(docs: Path) -> list[object]:
    return ["--json", docs / "results.json", "--page", docs / "results.md"]


def test_the_page_is_what_the_json_says() -> None:
    done = run("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_check_goes_off_when_the_json_is_edited(docs: Path) -> None:
    path = docs / "results.json"
    edited = json.loads(path.read_text(encoding="utf-8"))
    edited["tasks"][0]["protocols"][0]["f1"]["mean"] -= 0.01
    path.write_text(json.dumps(edited), encoding="utf-8")
    page = (docs / "results.md").read_text(encoding="utf-8")
    done = run("--check", *options(docs))
    assert done.returncode == 1
    assert "results.md is not what" in done.stderr
    assert (docs / "results.md").read_text(encoding="utf-8") == page, "a check writes nothing"
    assert run(*options(docs)).returncode == 0
    assert (docs / "results.md").read_text(encoding="utf-8") != page


def test_another_leaderboard_keeps_the_further_tables(docs: Path) -> None:
    path = docs / "results.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    held["extra"] = [{"title": "Ablation", "note": "", "columns": ["a"], "rows": [["x"]]}]
    path.write_text(json.dumps(held), encoding="utf-8")
    other = docs / "leaderboard.json"
    other.write_text(json.dumps(board(record("new", outcome("pair split", [0.5])))))
    assert run("--board", other, *options(docs)).returncode == 0
    written = json.loads(path.read_text(encoding="utf-8"))
    assert [task["task"] for task in written["tasks"]] == ["new"]
    assert written["extra"] == held["extra"]
    assert "## Ablation" in (docs / "results.md").read_text(encoding="utf-8")
