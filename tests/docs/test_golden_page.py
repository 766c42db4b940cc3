"""Every command of the page on golden records runs, and writes what the page shows."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage.cli import app as cli

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "golden.md"


def blocks() -> list[tuple[str, str, str]]:
    """Language, content and the line before each code block of the page."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.finditer(r"([^\n]*)\n\n```(\w*)\n(.*?)```", text, re.DOTALL)
    return [(match[2], match[3], match[1]) for match in found]


def run(command: str) -> str:
    """What a command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as caught:
        cli.main(shlex.split(command)[1:])
    assert not caught.value.code, command
    return out.getvalue()


def refused(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The error of a command."""
    with pytest.raises(SystemExit) as caught:
        cli.main(shlex.split(command)[1:])
    assert caught.value.code
    return capsys.readouterr().err


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """The folder in which the page was followed, what was printed, and names of its Python."""
    folder, printed = tmp_path_factory.mktemp("page"), ""
    names: dict[str, Any] = {}
    (folder / "examples").symlink_to(ROOT / "examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for language, content, _ in blocks():
            if language == "sh":
                printed += "".join(map(run, content.strip().splitlines()))
            elif language == "python":
                exec(compile(content, str(PAGE), "exec"), names)
        yield folder, printed, names


def test_files_hold_what_the_page_shows(ran: tuple[Path, str, dict[str, Any]]) -> None:
    shown = [(content, before) for language, content, before in blocks() if language == "csv"]
    assert len(shown) == 4
    for content, before in shown:
        (name,) = re.findall(r"`([\w/]+\.csv)`", before)
        expected = list(csv.DictReader(io.StringIO(content)))
        with (ran[0] / name).open(encoding="utf-8", newline="") as file:
            held = [{key: row[key] for key in expected[0]} for row in csv.DictReader(file)]
        for row in expected:
            assert row in held, name


def test_the_accuracy_is_as_shown(ran: tuple[Path, str, dict[str, Any]]) -> None:
    (shown,) = [content for language, content, _ in blocks() if language == "text"]
    printed = [re.sub(r"[^\w.]+", " ", line).strip() for line in ran[1].splitlines()]
    for line in shown.splitlines():
        assert re.sub(r"[^\w.]+", " ", line).strip() in printed, line


def test_the_configuration_is_that_of_the_example() -> None:
    (shown,) = [content for language, content, _ in blocks() if language == "toml"]
    assert shown in (ROOT / "examples" / "offers.toml").read_text(encoding="utf-8")


def test_a_function_of_python(ran: tuple[Path, str, dict[str, Any]]) -> None:
    golden = ran[2]["golden"]
    titles = dict(
        zip(*golden.table.select(["cluster_id", "title"]).to_pydict().values(), strict=True)
    )
    assert titles["a1"] == "Harbour T-Shirt"
    assert golden.rules["title"] == "function shortest"


def test_commands_that_cannot_be_are_refused(
    ran: tuple[Path, str, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert "-o is missing" in refused("linkage golden offers", capsys)
    assert "Did you mean 'shopify'" in refused("linkage golden offers --as shoppify -o x", capsys)
    assert "holds files that are not" in refused("linkage golden offers -o examples", capsys)
    assert "already exists" in refused("linkage golden offers --as google -o shopify.csv", capsys)
    wrong = refused("linkage golden offers --force --as google -o offers/clusters.csv", capsys)
    assert "is a part of the results offers" in wrong
    pins = tmp_path / "pins.csv"
    pins.write_text("cluster_id,attribute,value\na1,brand,X\n", encoding="utf-8")
    wrong = refused(f"linkage golden offers --pins {pins} -o other", capsys)
    assert f"{pins}, row 1: of which match definition is cluster 'a1'" in wrong
    assert not Path("other").exists()
    wrong = refused("linkage golden offers --definition exakt -o other", capsys)
    assert "Did you mean 'exact'" in wrong
    wrong = refused("linkage golden offers --truth examples/offers_truth.csv", capsys)
    assert "--truth exact=FILE" in wrong


def test_golden_records_are_replaced_and_other_files_kept(
    ran: tuple[Path, str, dict[str, Any]],
) -> None:
    own = ran[0] / "golden" / "notes.txt"
    own.write_text("ours", encoding="utf-8")
    before = (ran[0] / "golden" / "golden_exact.csv").read_bytes()
    run("linkage golden offers --pins examples/offers_pins.csv -o golden --force")
    assert own.read_text(encoding="utf-8") == "ours"
    assert (ran[0] / "golden" / "golden_exact.csv").read_bytes() == before
    run("linkage golden offers --definition variant -o golden --force")
    held = sorted(path.name for path in (ran[0] / "golden").iterdir())
    assert held == [
        "golden.csv",
        "golden.json",
        "golden.parquet",
        "golden_provenance.csv",
        "golden_provenance.parquet",
        "notes.txt",
    ]
