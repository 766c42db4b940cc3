"""The campaigns: what they draw, how they judge, and that a case is repeated by its number."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from reliability.commands import Ended, command_faults, left_behind
from reliability.damage import damage_bytes, damage_json
from reliability.forks import Outcome, run_forked
from reliability.kinds.arguments import draw_arguments
from reliability.kinds.csv_files import csv_text
from reliability.kinds.label_files import draw_labels
from reliability.kinds.reading import attempt, lost_rows, other_cells
from reliability.kinds.toml_files import draw_config
from reliability.offers import Offers, draw_offers
from reliability.tally import Tally

from linkage.config.authored import Config
from linkage.errors import InputError
from linkage.io.label_files import LabelShape

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="cases are forks")
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_of_a_catalog_is_what_another_reader_reads(delimiter: str) -> None:
    for seed in range(20):
        offers = draw_offers(random.Random(seed), 12, odd=0.5)
        for quoted in (True, False):
            text = csv_text(offers, delimiter, "\r\n", lambda _, quoted=quoted: quoted)
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            assert rows == [offers.names, *offers.rows]


def read(offers: Offers, rows: slice = slice(None), **changed: list[str | None]) -> pa.Table:
    return pa.table({**offers.columns(), **changed}).take(list(range(len(offers.rows)))[rows])


def test_what_a_reader_loses_is_a_fault() -> None:
    offers = draw_offers(random.Random(1), 9)
    assert lost_rows(read(offers), offers) == []
    assert lost_rows(read(offers, slice(8)), offers) == ["9 rows were given and 8 read"]
    ids = [*offers.ids[:-1], "another"]
    assert lost_rows(read(offers, id=ids), offers) == ["1 ids are others"]
    assert lost_rows(read(offers, id=ids), offers, changed=1) == []
    assert other_cells(read(offers), offers) == []
    (fault,) = other_cells(read(offers, title=["x"] * 9), offers)
    assert fault.startswith("row 1, column 'title'")
    assert other_cells(read(offers).drop_columns("brand"), offers) == ["the column 'brand' is lost"]


def test_labels_and_configurations_that_are_drawn_are_valid() -> None:
    for seed in range(60):
        chance = random.Random(seed)
        Config.from_dict(draw_config(chance))
        shape, rows = draw_labels(chance, [f"o{k}" for k in range(10)])
        assert {len(row) for row in rows} == {3 if shape is not LabelShape.CLUSTERS else 2}


def test_damage_changes_one_thing_and_nothing_of_the_original() -> None:
    plain = {"a": [1, {"b": "y"}], "c": 2.5}
    for seed in range(100):
        made = damage_json(random.Random(seed), plain)
        assert plain == {"a": [1, {"b": "y"}], "c": 2.5}
        assert json.dumps(made) != json.dumps(plain)
        raw = damage_bytes(random.Random(seed), b"id,title\n1,a\n")
        assert raw == damage_bytes(random.Random(seed), b"id,title\n1,a\n")
    assert damage_bytes(random.Random(0), b"") is not None


def test_only_errors_of_the_engine_are_no_faults() -> None:
    def refuse() -> None:
        raise InputError("no")

    assert attempt(lambda: 5) == (5, None, [])
    assert str(attempt(refuse)[1]) == "no"
    (fault,) = attempt(lambda: {}["a"])[2]
    assert fault.startswith("internal error: KeyError: 'a' (test_reliability.py:")


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (Ended(0, "12 rows", ""), ""),
        (Ended(1, "", "error: no such file\n"), ""),
        (Ended(2, "", "Usage: linkage dedupe\n"), ""),
        (Ended(0, "", "warning: a column is left out\n"), ""),
        (Ended(0, "", "error: no such file\n"), "exit code 0 with an error"),
        (Ended(1, "", ""), "exit code 1 without an error"),
        (Ended(3, "", "error: no\n"), "exit code 3"),
        (Ended(1, "", "error: this should not have happened (KeyError: 'a').\n"), "KeyError: 'a'"),
        (Ended(1, "", "Traceback (most recent call last)\nKeyError: 1\n"), "KeyError: 1"),
        (Ended(1, "", "", "internal error: KeyError"), "internal error"),
    ],
)
def test_how_a_command_may_end(ended: Ended, expected: str) -> None:
    faults = command_faults(ended, ["dedupe", "a.csv"])
    assert bool(faults) == bool(expected)
    if expected:
        assert expected in faults[0]
        assert faults[-1] == "command: linkage 'dedupe' 'a.csv'"


def test_what_runs_leave_behind_is_named(tmp_path: Path) -> None:
    for name in (
        "out",
        ".out.new-abc",
        ".out.old-abc",
        ".out.lock",
        ".out.stages",
        ".newest",
        "a.new-x",
    ):
        (tmp_path / name).mkdir()
    assert left_behind(tmp_path) == [".out.lock", ".out.new-abc", ".out.old-abc", ".out.stages"]
    assert ".out.stages" not in left_behind(tmp_path, stages=True)


def case(number: int) -> list[str]:
    if number == 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 4:
        time.sleep(60)
    if number == 5:
        raise KeyError("a")
    return ["wrong"] if number == 7 else []


@pytest.mark.parametrize("batch", [1, 4, 10])
def test_a_case_costs_no_other_one(batch: int) -> None:
    outcomes = {
        one.number: one for one in run_forked(case, range(10), jobs=2, limit=3, batch=batch)
    }
    faults = {number: one.faults for number, one in outcomes.items() if one.faults}
    assert sorted(outcomes) == list(range(10))
    assert faults.keys() == {2, 4, 5, 7}
    assert faults[2] == ["died by SIGSEGV"]
    assert faults[4][0].startswith("did not end within 3 seconds")
    assert "in case" in faults[4][0], "it says where its code was"
    assert faults[5][0].startswith("internal error: KeyError: 'a'")
    assert faults[7] == ["wrong"]


def test_a_tally_counts_by_kind_and_names_the_case(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [Outcome(1, [], 0.5), Outcome(2, ["a row is lost"], 1.0), Outcome(4, [], 0.25)]
    tally = Tally(lambda number: "even" if number % 2 == 0 else "odd").watch(outcomes)
    assert tally.report(9) == 1
    out, err = capsys.readouterr()
    assert "failed: --case 2 (even): a row is lost" in out
    assert [
        line.split() for line in out.splitlines() if line.startswith(("even", "odd", "all"))
    ] == [
        ["even", "2", "1", "1.2"],
        ["odd", "1", "0", "0.5"],
        ["all", "3", "1", "1.8"],
    ]
    assert "seed 9" in out
    assert err == "1 cases failed\n"
    assert Tally(str).watch(outcomes[:1]).report(0) == 0
    assert Tally(str).report(0) == 1, "nothing was tried"


def in_a_process(code: str) -> str:
    """What a process prints that has the scripts on its path; the engine's imports are its own."""
    path = os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


_FUZZ = """
from pathlib import Path
from reliability.fuzzing import Fuzzing
fuzzing = Fuzzing(Path("."), {seed}, None)
print([(n, fuzzing.kind_of(n), fuzzing._drawn(n)[1].random()) for n in {numbers}])
"""


def test_a_case_is_repeated_by_its_number() -> None:
    many = in_a_process(_FUZZ.format(seed=3, numbers="range(40)"))
    again = in_a_process(_FUZZ.format(seed=3, numbers="[17]"))
    other = in_a_process(_FUZZ.format(seed=4, numbers="[17]"))
    assert again.strip()[1:-1] in many
    assert other != again
    assert draw_arguments(random.Random("x")) == draw_arguments(random.Random("x"))


def test_digests_are_of_what_lasts(tmp_path: Path) -> None:
    from reliability.killing import digest_output

    out = tmp_path / "out"
    assert digest_output(out) == "absent"
    out.mkdir()
    (out / "clusters.csv").write_text("id\n1\n")
    (out / "run.json").write_text(json.dumps({"seed": 0, "steps": [1.5]}))
    (out / "report.html").write_text("<p>1.5 s</p></body></html>")
    first = digest_output(out)
    (out / "run.json").write_text(json.dumps({"seed": 0, "steps": [1.7]}))
    (out / "report.html").write_text("<p>1.7 s</p></body></html>")
    assert digest_output(out) == first
    (out / "report.html").write_text("<p>1.7 s</p></bo")
    assert digest_output(out) != first
    (out / "report.html").write_text("<p>1.7 s</p></body></html>")
    (out / "clusters.csv").write_text("id\n2\n")
    assert digest_output(out) != first


def full_disk(folder: Path) -> list[str]:
    from reliability.disk import small_disk

    here = folder / "here"
    here.mkdir()
    (here / "kept").write_text("kept")
    with small_disk(here, 50_000) as disk:
        assert (here / "kept").read_text() == "kept"
        with pytest.raises(OSError, match=r"No space|too large"):
            (here / "large").write_bytes(b"x" * 200_000)
        (here / "large").unlink()
        disk.give_room()
        (here / "large").write_bytes(b"x" * 200_000)
    return []


def test_a_small_disk_is_full_until_it_is_given_room(tmp_path: Path) -> None:
    (outcome,) = run_forked(lambda _: full_disk(tmp_path), [0], jobs=1, limit=20)
    assert outcome.faults == []


def test_what_a_change_moved() -> None:
    from reliability.relations import compare, copies_joined

    before = pd.Series({"l:a": 0, "l:b": 0, "l:c": 1, "l:d": 1, "l:gone": 1})
    after = pd.Series({"l:a": 5, "l:b": 5, "l:c": 5, "l:d": 7, "l:new": 7})
    moved = compare(before, after)
    assert (moved.pairs, moved.lost, moved.gained) == (2, 1, 2)
    assert moved.share == 3 / 4
    assert compare(before, before).share == 0
    copies = copies_joined(pd.Series({"a": 1, "b": 2, "copy-a": 1, "copy-b": 3}),
                           {"copy-a": "a", "copy-b": "b"})  # fmt: skip
    assert (copies.pairs, copies.lost) == (2, 1)
