"""A folder replaces an earlier one in one step; files that are not ours stay where they are."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.errors import OutputError
from linkage.io.destination import replacement
from linkage.io.destination.claims import claim_folder
from linkage.io.destination.folder_kinds import MODEL, RESULTS
from linkage.io.output import Writer, write_file, write_folder, write_json, write_text

MARKER = {"definitions": {}}


def results(text: str) -> dict[str, Writer]:
    return {"run.json": write_json(MARKER), "clusters.csv": write_text(text)}


def state(folder: Path) -> dict[str, str]:
    """Every file below a folder with its text; links as they are, empty folders too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = path.read_text(encoding="utf-8")
        elif not any(path.iterdir()):
            found[name] = "empty folder"
    return found


@pytest.fixture(params=["exchange", "three steps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How folders change places: in one step, or as systems that have no such step do it."""
    if request.param == "three steps":
        monkeypatch.setattr(replacement, "_exchange", lambda a, b: False)
    return str(request.param)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a file": lambda out: (out / "notes.txt").write_text("mine"),
    "a hidden file": lambda out: (out / ".DS_Store").write_text("mine"),
    "a folder": lambda out: ((out / "photos").mkdir(), (out / "photos" / "a.png").write_text("p")),
    "an empty folder": lambda out: (out / "later").mkdir(),
    "a link": lambda out: (out / "labels.csv").symlink_to("../labels.csv"),
    "a link to a folder": lambda out: (out / "all").symlink_to(".."),
    "a file in a folder of ours": lambda out: (
        (out / "model").mkdir(),
        (out / "model" / "labels.csv").write_text("mine"),
    ),
    "a folder in one of ours": lambda out: (
        (out / "model" / "match_exact" / "old").mkdir(parents=True),
        (out / "model" / "match_exact" / "old" / "pair_model.json").write_text("mine"),
    ),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_not_ours_is_kept(tmp_path: Path, way: str, what: str) -> None:
    (tmp_path / "labels.csv").write_text("id\n")
    out = write_folder(tmp_path / "out", results("old"))
    before = state(out)
    FOREIGN[what](out)
    foreign = {name: text for name, text in state(out).items() if name not in before}
    assert foreign
    for text in ("new", "newer"):
        write_folder(out, results(text), force=True)
        assert {**foreign, "clusters.csv": text}.items() <= state(out).items()
    assert set(state(out)) == {*before, *foreign}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "out"]


def test_what_has_no_place_any_more_stays_beside(tmp_path: Path, way: str) -> None:
    out = write_folder(tmp_path / "out", {"run.json": write_json(MARKER)})
    (out / "clusters.csv").mkdir()
    (out / "clusters.csv" / "mine.txt").write_text("mine")
    with pytest.warns(UserWarning, match="was not written by this program and is kept there"):
        write_folder(out, results("new"), force=True)
    (aside,) = (path for path in tmp_path.iterdir() if path != out)
    assert (aside / "clusters.csv" / "mine.txt").read_text() == "mine"
    assert state(out)["clusters.csv"] == "new"


@pytest.mark.parametrize("broken", ["[]", "{", '{"experiment": 3}', ""])
@pytest.mark.parametrize("kind", [RESULTS, MODEL])
def test_a_marker_of_others_is_no_marker(tmp_path: Path, kind: object, broken: str) -> None:
    marker = tmp_path / kind.marker  # type: ignore[attr-defined]
    marker.write_text(broken)
    with pytest.raises(OutputError, match=f"{marker.name} is no .* of this program"):
        write_folder(tmp_path, results("new"), force=True, kind=kind)  # type: ignore[arg-type]
    assert state(tmp_path) == {marker.name: broken}


def test_the_old_folder_stays_when_the_new_one_cannot_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    out = write_folder(tmp_path / "out", results("old"))
    (out / "notes.txt").write_text("mine")
    before = state(tmp_path)

    def refuse(*_: object) -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    if way == "exchange":
        monkeypatch.setattr(replacement, "_exchange", refuse)
    else:
        rename = os.rename
        monkeypatch.setattr(
            os, "rename", lambda a, b: refuse() if Path(b) == out and ".old-" in a.name
            and a.parent == tmp_path else rename(a, b),
        )  # fmt: skip
    with pytest.raises(OutputError, match="Input/output error"):
        write_folder(out, results("new"), force=True)
    assert state(tmp_path) == before


class Dead(BaseException):
    """Stands for the end of the process."""


def dies_at(moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the process die, as by SIGKILL, at one of the renames of a replacement."""

    rename, count = os.rename, iter(range(100))

    def until(a: Path, b: Path) -> None:
        if next(count) >= moment:
            raise Dead
        rename(a, b)

    monkeypatch.setattr(os, "rename", until)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)


@pytest.mark.filterwarnings("ignore:An earlier run ended")
@pytest.mark.parametrize("moment", range(6))
def test_the_next_run_repairs_and_tidies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, moment: int
) -> None:
    out = write_folder(tmp_path / "out", results("old"))
    (out / "notes.txt").write_text("mine")
    with monkeypatch.context() as dying:
        dies_at(moment, dying)
        with contextlib.suppress(Dead):
            write_folder(out, results("new"), force=True)
    with claim_folder(out, force=True):
        found = state(out)
        assert found.pop("clusters.csv") in ("old", "new")
        assert sorted(found) == ["notes.txt", "run.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", [RESULTS, MODEL])
def test_a_folder_that_was_moved_aside_comes_back_with_a_word(tmp_path: Path, kind: object) -> None:
    aside = tmp_path / ".out.old-abcd1234"
    (aside / "out").mkdir(parents=True)
    (aside / "out" / kind.marker).write_text('{"definitions": {}}')  # type: ignore[attr-defined]
    out = tmp_path / "out"
    with (
        pytest.warns(UserWarning, match="ended while it replaced .*out; the results .* are back"),
        pytest.raises(OutputError, match="already holds results"),
    ):
        write_folder(out, results("new"), kind=kind)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_only_what_dead_runs_left_of_this_output_is_removed(tmp_path: Path) -> None:
    for name in (".out.new-abcd1234", ".out.old-a_cd1234", ".x.csv.new-00000000"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
    kept = [".out.new-x.new-abcd1234", ".out.new-", ".outer.new-abcd1234", "out.new-abcd1234"]
    for name in kept:
        (tmp_path / name).mkdir()
    write_folder(tmp_path / "out", results("new"))
    write_folder(tmp_path / "out", results("new"), force=True)
    write_file(tmp_path / "x.csv", write_text("id\n"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "out", "x.csv"])


def test_results_appear_in_a_folder_of_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    write_folder(tmp_path / "out", results("new"))
    assert (tmp_path / "out").is_symlink()
    assert state(tmp_path / "real")["clusters.csv"] == "new"
