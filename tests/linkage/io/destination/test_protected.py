"""What a run reads is no output, by whatever path it is named."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.errors import OutputError
from linkage.io.destination.protected import (
    Input,
    refuse_file_over_inputs,
    refuse_folder_over_inputs,
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: an output with labels and a model inside, and a catalog beside it."""
    for name in ("out/deep/labels.csv", "out/model/model.json", "catalog.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id\n")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def linked(target: str, link: str) -> str:
    Path(link).symlink_to(target)
    return link


def hard(target: str, link: str) -> str:
    os.link(target, link)
    return link


#: Ways to name what lies in the folder ``out``.
INSIDE: dict[str, Callable[[], str]] = {
    "relative": lambda: "out/deep/labels.csv",
    "absolute": lambda: str(Path("out/deep/labels.csv").absolute()),
    "by the parent": lambda: "other/../out/deep/../deep/labels.csv",
    "a link to it": lambda: linked("out/deep/labels.csv", "link.csv"),
    "a link to a link": lambda: linked(linked("out/deep/labels.csv", "one.csv"), "two.csv"),
    "through a linked folder": lambda: linked("out/deep", "deep") + "/labels.csv",
    "a link in it to elsewhere": lambda: linked("../catalog.csv", "out/catalog.csv"),
    "a folder in it": lambda: "out/model/",
    "itself": lambda: "out",
    "itself by a link": lambda: linked("out", "same"),
    "itself from inside": lambda: "out/deep/..",
}


@pytest.mark.parametrize("way", INSIDE)
def test_a_folder_with_an_input_is_refused(here: Path, way: str) -> None:
    one = Input("labels", Path(INSIDE[way]()))
    with pytest.raises(OutputError, match=rf"{here}/out (?:holds|is) the labels") as caught:
        refuse_folder_over_inputs(here / "out", [Input("catalog", Path("catalog.csv")), one])
    assert caught.value.hint
    for free in ("other", "out/deep/new", "none"):
        refuse_folder_over_inputs(here / free, [one])


#: Ways to name the file ``catalog.csv``.
SAME: dict[str, Callable[[], str]] = {
    "relative": lambda: "catalog.csv",
    "by the parent": lambda: "other/../catalog.csv",
    "a link": lambda: linked("catalog.csv", "link.csv"),
    "a hard link": lambda: hard("catalog.csv", "hard.csv"),
    "through a linked folder": lambda: linked("..", "other/up") + "/catalog.csv",
}


@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_file_that_is_an_input_is_refused(here: Path, way: str, swapped: bool) -> None:
    names = (SAME[way](), "catalog.csv")
    read, written = names[::-1] if swapped else names
    with pytest.raises(OutputError, match="is the catalog"):
        refuse_file_over_inputs(Path(written).absolute(), [Input("catalog", Path(read))])
    refuse_file_over_inputs(here / "out" / "catalog.csv", [Input("catalog", Path(read))])


def test_files_of_ours_in_a_folder_that_is_read_are_refused(here: Path) -> None:
    read = [Input("results", Path("out"))]
    for name in ("run.json", "report.html", "model/model.json"):
        with pytest.raises(OutputError, match="is a part of the results out"):
            refuse_file_over_inputs(here / "out" / name, read)
    for name in ("pair.html", "deep/run.json"):
        refuse_file_over_inputs(here / "out" / name, read)


def test_inputs_that_are_not_there_are_left_to_their_readers(here: Path) -> None:
    Path("loop").symlink_to("loop")
    missing = [Input("labels", Path(name)) for name in ("none.csv", "none/a/b.csv", "loop", "-")]
    refuse_folder_over_inputs(here / "other", missing)
    refuse_file_over_inputs(here / "new.csv", missing)
