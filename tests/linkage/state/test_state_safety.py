"""A state is never between two runs: errors, kills, two at once, files that are none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalog_states import events, run

import linkage
from linkage.errors import InputError, LinkageError, OutputError
from linkage.state.catalog_state import CatalogState
from linkage.state.run_records import begin_run

ROOT = Path(linkage.__file__).parent.parent


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "catalog.linkage"
    file.write_text("id,title\n" * 5000, encoding="utf-8")
    with (
        pytest.raises(InputError, match="cannot be read as the state"),
        CatalogState.at(file).reading(),
    ):
        pass
    with (
        pytest.raises(InputError, match="There is no state"),
        CatalogState.at(tmp_path / "none").reading(),
    ):
        pass


def test_a_state_of_another_version_is_refused(state: CatalogState) -> None:
    with state.writing() as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    with pytest.raises(InputError, match="has version 999"), state.reading():
        pass


def test_an_error_leaves_the_state_as_it_was(state: CatalogState, catalog: pd.DataFrame) -> None:
    with pytest.raises(LinkageError), state.writing():
        raise LinkageError("stopped")
    assert not list(state.path.parent.iterdir())
    run(state, catalog.head(60))
    content = state.path.read_bytes()

    def stopped() -> None:
        with state.writing() as connection:
            connection.execute("DELETE FROM record")
            raise LinkageError("stopped")

    with pytest.raises(LinkageError, match="stopped"):
        stopped()
    assert state.path.read_bytes() == content


HOLDER = """
import sys
from linkage.state.catalog_state import CatalogState
with CatalogState.at(sys.argv[1]).claimed():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(state: CatalogState) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate("")


def test_two_runs_at_once_are_refused_and_readers_are_not(
    state: CatalogState, catalog: pd.DataFrame, request: pytest.FixtureRequest
) -> None:
    run(state, catalog.head(60))
    request.getfixturevalue("holder")
    with pytest.raises(OutputError, match=r"catalog\.linkage is being written by another run"):
        run(state, catalog.head(60))
    assert events(state)["kind"].unique().tolist() == ["created"]


KILLED = """
import os, signal, sys, threading, time
import pandas as pd
from linkage.state import catalog_state
from linkage.state.catalog_state import CatalogState
from linkage.state.decisions import add_decisions
from linkage.io.decision_tables import decision_table
state = CatalogState.at(sys.argv[1])
frame = pd.DataFrame({"left_id": [f"a{k}" for k in range(400)],
                      "right_id": [f"b{k}" for k in range(400)], "answer": "same"})
after = float(sys.argv[2])
threading.Thread(target=lambda: (time.sleep(after), os.kill(os.getpid(), signal.SIGKILL))).start()
with state.writing() as connection:
    connection.execute("UPDATE record SET fingerprint = fingerprint + 1")
    connection.execute("INSERT INTO run SELECT 99, 'decide', now()::TIMESTAMP, '', 0")
    add_decisions(connection, decision_table(frame), 99)
os._exit(0)
"""


def test_a_kill_leaves_the_state_before_or_after(
    state: CatalogState, catalog: pd.DataFrame
) -> None:
    run(state, catalog.head(60))
    before = state.path.read_bytes()
    seen = set()
    for after in np.linspace(0.0, 1.4, 8):
        state.path.write_bytes(before)
        state.path.with_name(f"{state.path.name}.wal").unlink(missing_ok=True)
        command = [sys.executable, "-c", KILLED, str(state.path), str(after)]
        subprocess.run(command, cwd=ROOT, check=False)
        with state.reading() as connection:
            (runs,) = connection.execute("SELECT count(*) FROM run").fetchall()
            (made,) = connection.execute("SELECT count(*) FROM decision").fetchall()
            (logged,) = connection.execute(
                "SELECT count(*) FROM event WHERE kind = 'decided'"
            ).fetchall()
        seen.add((runs[0], made[0], logged[0]))
        assert (runs[0], made[0], logged[0]) in ((1, 0, 0), (2, 400, 400))
        with state.writing() as connection:  # the next run can write
            begin_run(connection, "decide", 0)
    assert (1, 0, 0) in seen
