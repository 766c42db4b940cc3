"""No command destroys what it reads, two runs never write one output, and signals leave nothing."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linkage.cli import app as cli
from linkage.cli.termination import Terminated, ends_in_order

ROOT = Path(__file__).parents[3]
CATALOG = "id,title,color\na,red shoe,red\nb,shoe red,red\nc,blue hat,\n"
LABELS = "left_id,right_id,label\na,b,1\na,c,0\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: results with a model, a suite, and everything that a run may read."""
    monkeypatch.setattr("linkage.cli.commands.set_up_messages", lambda options: None)
    monkeypatch.setattr("linkage.cli.profile.set_up_messages", lambda options: None)
    monkeypatch.chdir(tmp_path)
    run = {"definitions": {}, "config": {}, "catalogs": [{"path": str(tmp_path / "c.csv")}]}
    files = {
        "c.csv": CATALOG, "d.csv": CATALOG, "labels.csv": LABELS,
        "output/run.json": json.dumps(run), "output/clusters.csv": "id,cluster_id\na,1\nb,1\n",
        "output/c.csv": CATALOG, "output/labels.csv": LABELS, "output/own/labels.csv": LABELS,
        "output/own.toml": "seed = 3\n", "output/photos/a.png": "",
        "output/model/model.json": '{"definitions": {}}',
        "trained/model.json": '{"definitions": {}}', "trained/c.csv": CATALOG,
        "trained/labels.csv": LABELS,
        "labels.toml": '[training]\nlabels = "output/labels.csv"\n',
        "photos.toml": '[catalog]\nimages = "output/photos"\n',
        "variants.toml": '[match.exact]\n[match.loose]\nignore = ["color"]\n'
        'validation = "output/labels.csv"\nlabels = "labels.csv"\n',
        "board/leaderboard.json": '{"settings": {}}',
        "board/tasks/shop/task.json": "{}", "board/tasks/shop/records.csv": CATALOG,
        "board/tasks/notes.json": "{}",
        ".next.old-abcd1234/clusters.csv": "id,cluster_id\na,1\nb,1\n",
        ".next.csv.new-abcd1234/next.csv": LABELS,
        ".next.stages/learning-exact-00000000000000000000000000000000/model/model.json": "{}",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    Path("link.csv").symlink_to("output/labels.csv")
    os.link("c.csv", "hard.csv")
    return tmp_path


def state(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run(arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments.split())
    code = caught.value.code or 0
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize(
    ("arguments", "what", "output"),
    [
        ("dedupe c.csv --labels output/labels.csv -o output", "labels output/labels.csv", "output"),
        ("dedupe c.csv --labels output/own/labels.csv -o output", "labels", "output"),
        ("dedupe c.csv --labels output/clusters.csv -o output/", "labels", "output"),
        ("dedupe c.csv --labels link.csv -o output", "labels link.csv", "output"),
        ("dedupe c.csv --labels labels.csv --validation output/labels.csv -o output",
         "validation labels output/labels.csv", "output"),
        ("dedupe c.csv -c labels.toml -o output", "labels output/labels.csv", "output"),
        ("dedupe c.csv -c variants.toml -o output", "validation labels", "output"),
        ("dedupe c.csv -c photos.toml -o output", "folder of images output/photos", "output"),
        ("dedupe c.csv -c output/own.toml -o output", "configuration output/own.toml", "output"),
        ("dedupe output/c.csv -o output", "catalog output/c.csv", "output"),
        ("dedupe output/c.csv -o trained/../output", "catalog output/c.csv", "output"),
        ("dedupe c.csv --model output/model -o output", "model output/model", "output"),
        ("dedupe c.csv --model .next.stages/learning-exact-00000000000000000000000000000000/model"
         " -o next", "model", ".next.stages"),
        ("dedupe c.csv --labels .next.old-abcd1234/clusters.csv -o next", "labels", ".next.old"),
        ("score c.csv --pairs .next.csv.new-abcd1234/next.csv --model trained -o next.csv",
         "pairs", ".next.csv.new"),
        ("group output/c.csv --ignore color -o output", "catalog output/c.csv", "output"),
        ("link output/c.csv d.csv -o output", "catalog output/c.csv", "output"),
        ("link c.csv output/c.csv -o output", "right catalog output/c.csv", "output"),
        ("train trained/c.csv --model trained", "catalog trained/c.csv", "trained"),
        ("train c.csv --labels trained/labels.csv --model trained", "labels", "trained"),
        ("score c.csv --pairs labels.csv --model trained -o c.csv", "catalog c.csv", "c.csv"),
        ("score c.csv --pairs labels.csv --model trained -o hard.csv", "catalog c.csv", "hard.csv"),
        ("score c.csv --pairs link.csv --model trained -o output/labels.csv", "pairs", "labels"),
        ("score c.csv d.csv --pairs labels.csv --model trained -o d.csv", "right catalog", "d.csv"),
        ("profile c.csv -o c.csv", "catalog c.csv", "c.csv"),
        ("profile c.csv --html ./output/../c.csv", "catalog c.csv", "c.csv"),
        ("profile hard.csv --html c.csv -o x.toml", "catalog hard.csv", "c.csv"),
        ("explain output a b --html c.csv", "catalog", "c.csv"),
        ("explain output a b --catalog d.csv --json d.csv", "catalog d.csv", "d.csv"),
        ("explain output a b --json output/run.json", "a part of the results output", "run.json"),
        ("challenge board/tasks/shop -o board", "suite board/tasks/shop", "board"),
        ("challenge board/tasks -o board", "suite board/tasks", "board"),
    ],
)  # fmt: skip
def test_an_input_is_never_replaced(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: str, what: str, output: str
) -> None:
    before = state(here)
    for force in (" --force", ""):
        assert run(arguments + force) == 1
        error = capsys.readouterr().err
        assert what in error
        assert output in error.partition(what)[0] + error.partition(what)[2]
        assert "Name another output, or move what is read elsewhere." in error
        assert state(here) == before


@pytest.mark.parametrize("arguments", ["profile c.csv -o x --html x", "profile c.csv --html ."])
def test_outputs_that_cannot_be(here: Path, arguments: str) -> None:
    before = state(here)
    assert run(arguments + " --force") == 1
    assert state(here) == before


def test_standard_input_from_a_file_is_that_file(here: Path) -> None:
    command = [sys.executable, "-m", "linkage", "profile", "-", "-o", "c.csv", "--force"]
    with (here / "c.csv").open("rb") as catalog:
        done = subprocess.run(
            command, stdin=catalog, capture_output=True, text=True, env=environment(), check=False
        )
    assert done.returncode == 1
    assert "c.csv is the catalog" in done.stderr
    assert (here / "c.csv").read_text() == CATALOG


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def begun(here: Path, lock: str, *command: str) -> subprocess.Popen[str]:
    """Starts a run that has claimed its output, and waits for its catalog on standard input."""
    run = subprocess.Popen(
        [sys.executable, "-m", "linkage", *command], cwd=here, env=environment(), text=True,
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # tests under nohup, too
    )  # fmt: skip
    until = time.monotonic() + 120
    while not (here / lock).exists() or not (here / lock).read_text():
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.05)
    return run


@pytest.mark.parametrize(
    ("number", "code", "command", "lock"),
    [
        (signal.SIGTERM, 143, "dedupe - -o new/out", "new/.out.lock"),
        (signal.SIGHUP, 129, "profile - -o new/own.toml", "new/.own.toml.lock"),
    ],
)
def test_a_second_run_is_refused_and_a_signal_leaves_nothing(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    code: int,
    command: str,
    lock: str,
) -> None:
    before = state(here)
    first = begun(here, lock, *command.split())
    assert run(command.replace("-", "c.csv", 1) + " --force") == 1
    error = capsys.readouterr().err
    assert f"is being written by another run (process {first.pid} on " in error
    assert (here / lock).exists(), "it is not the second one's"
    first.send_signal(number)
    _, said = first.communicate(timeout=60)
    assert first.returncode == code
    assert f"ended by {number.name}" in said
    assert state(here) == before
    assert not (here / "new").exists()


def test_signals_that_are_ignored_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ends_in_order():
            os.kill(os.getpid(), signal.SIGHUP)
            with pytest.raises(Terminated):
                signal.raise_signal(signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)  # again, while it tidies
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
