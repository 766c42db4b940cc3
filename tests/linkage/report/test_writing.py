"""Reports as files: beside the results, or by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_results import small_result

from linkage.report import writing
from linkage.report.page import run_page


def test_results_come_with_their_report(tmp_path: Path) -> None:
    folder = small_result().write(tmp_path / "out")
    assert {path.name for path in folder.iterdir()} == {
        "pairs.parquet", "clusters.parquet", "clusters.csv", "run.json", "report.html",
    }  # fmt: skip
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_results_without_a_report(tmp_path: Path) -> None:
    folder = small_result().write(tmp_path / "out", report=False)
    assert not (folder / "report.html").exists()


def test_a_report_that_fails_costs_no_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(data: object) -> str:
        raise KeyError("broken")

    monkeypatch.setattr(run_page, "run_page", fail)
    with pytest.warns(UserWarning, match=r"report\.html could not be made \(KeyError: 'broken'\)"):
        folder = small_result().write(tmp_path / "out")
    assert (folder / "clusters.csv").exists()
    assert not (folder / "report.html").exists()


def test_a_report_that_grows_too_large_shows_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = small_result("long words " * 40)
    whole = result.report(tmp_path / "whole.html").stat().st_size
    monkeypatch.setattr(writing, "_LARGEST", whole - 1)
    assert result.report(tmp_path / "less.html").stat().st_size < whole


def test_the_same_result_has_the_same_report(tmp_path: Path) -> None:
    one = small_result().report(tmp_path / "one.html").read_bytes()
    assert small_result().report(tmp_path / "two.html").read_bytes() == one


def test_notebooks_show_a_short_summary() -> None:
    html = small_result()._repr_html_()
    assert "7 records in 1.8 s" in html
    assert "<td>variant</td>" in html
    assert "<script" not in html
