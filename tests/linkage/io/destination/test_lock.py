"""One run at a time has an output; what a dead one left locks nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from linkage.errors import OutputError
from linkage.io.destination.claims import claim_files, claim_folder
from linkage.io.destination.lock import lock_file, locked

OWNER = """
import sys
from pathlib import Path
from linkage.io.destination.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "out"
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, out], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"locked\n"
        account = json.loads(lock_file(out).read_text())
        assert account["pid"] == owner.pid
        said = rf"out is being written by another run \(process {owner.pid} on .+, since \d{{4}}-"
        for claim in (claim_folder(out, force=True), claim_files(out, force=True)):
            with pytest.raises(OutputError, match=said), claim:
                pass
        owner.kill()
    assert lock_file(out).exists(), "it had no time to remove it"
    with claim_folder(out):
        assert json.loads(lock_file(out).read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == [tmp_path / "runs"]
    assert list((tmp_path / "runs").iterdir()) == []


def test_another_thread_is_refused(tmp_path: Path) -> None:
    said: list[str] = []

    def other() -> None:
        try:
            with locked(tmp_path / "out"):
                said.append("locked")
        except OutputError as error:
            said.append(str(error))

    with locked(tmp_path / "out"), locked(tmp_path / "out"), locked(tmp_path / "else"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(said) == 1
    assert f"process {os.getpid()} on" in said[0]
    assert list(tmp_path.iterdir()) == []


def test_one_output_by_two_paths_is_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    said: list[object] = []

    def other() -> None:
        with pytest.raises(OutputError) as caught, claim_folder(tmp_path / "real" / ".." / "real"):
            pass
        with pytest.raises(OutputError), claim_files(tmp_path / "real" / "x.csv"):
            pass
        said.append(caught.value)

    with claim_folder(tmp_path / "link"), claim_files(tmp_path / "link" / "x.csv"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(said) == 1


@pytest.mark.parametrize("text", ["", "half a li", '{"pid": 1}', "[]"])
def test_what_stands_in_a_lock_file_does_not_matter(tmp_path: Path, text: str) -> None:
    lock_file(tmp_path / "out").write_text(text)
    with locked(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_folders_that_were_made_for_the_lock_go_with_it(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path / "a" / "b" / "out"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path / "a" / "b" / "out"):
        (tmp_path / "a" / "b" / "out").mkdir()
    assert (tmp_path / "a" / "b" / "out").is_dir()
