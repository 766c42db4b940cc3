"""Reports of whole runs on real catalogs, and of a large one, in a browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import Viewer, browser_viewer
from report_results import made_result, scored_pairs

from linkage import Config, Linker
from linkage.io.label_files import read_labels
from linkage.io.reading import read_table
from linkage.result import Result

PARTS = ("scores", "pairs", "clusters", "blocking", "features")
#: A report is something to mail.
MOST_BYTES = 5_000_000
MOST_SECONDS = 20


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    with browser_viewer() as found:
        yield found


def look(viewer: Viewer, result: Result, folder: Path) -> Iterator[Any]:
    """Writes a report and opens it, wide and narrow, everything unfolded."""
    begun = time.process_time()
    html = result.report(folder / "report.html")
    # Of this process, so that what else the machine does has no part in it; 3 for the largest.
    assert time.process_time() - begun < MOST_SECONDS
    assert html.stat().st_size < MOST_BYTES
    several = len(result.run["definitions"]) > 1
    wanted = {"overview", "run"}
    for number, account in enumerate(result.run["definitions"].values()):
        prefix = f"m{number}-" if several else ""
        wanted |= {prefix + part for part in PARTS}
        wanted |= {f"{prefix}variants"} if account["ignore"] else set()
    for width in (1280, 390):
        with viewer.open(html, width) as opened:
            page = opened.page
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            sections = page.evaluate(
                "[...document.querySelectorAll('main > section')].map((one) => one.id)"
            )
            assert set(sections) == wanted
            for name in sections:
                assert len(page.locator(f"#{name}").inner_text()) > 40, f"{name} is empty"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            yield opened
            assert opened.faults == []


def test_a_linkage_with_labels(viewer: Viewer, data_folder: Path, tmp_path: Path) -> None:
    folder = data_folder / "abt-buy"
    left, right = (read_table(folder / f"{side}.csv") for side in ("left", "right"))
    config = Config.from_dict({"quality": "fast", "training": {"context": False}})
    linker = Linker(config).fit(left, right, read_labels(folder / "train.csv"))
    for opened in look(viewer, linker.match(left, right), tmp_path):
        assert "pairs completeness" in " ".join(opened.texts("#blocking .figures dt"))
        assert "on held-out labels" in " ".join(opened.texts("#scores .legend"))
        figures = dict(zip(opened.texts("#scores .figures dt"), opened.texts("dd"), strict=False))
        assert "F1 on held-out labels" in figures


def test_a_catalog_without_labels(viewer: Viewer, data_folder: Path, tmp_path: Path) -> None:
    table = read_table(data_folder / "wdc-products-dedupe" / "records.csv")
    for opened in look(viewer, Linker(Config(quality="fast")).match(table), tmp_path):
        assert opened.page.locator("#clusters svg.graph").count() > 0
        assert "to be expected" in " ".join(opened.texts("#scores .legend"))


def test_variants_with_photographs(viewer: Viewer, data_folder: Path, tmp_path: Path) -> None:
    table = read_table(data_folder / "venia-variants-images" / "records.csv")
    ignore = ["colour", "size", "image"]
    config = {"quality": "fast", "match": {"exact": {}, "variant": {"ignore": ignore}}}
    for opened in look(viewer, Linker(Config.from_dict(config)).match(table), tmp_path):
        pictures = opened.page.locator("img")
        assert pictures.count() > 20
        assert opened.page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
        assert "colour × size" in opened.texts("#m1-variants .bar-label")


def test_a_large_catalog(viewer: Viewer, tmp_path: Path) -> None:
    """A hundred thousand rows and more than a million pairs, as a run would leave them."""
    rows, pairs = 100_000, 1_200_000
    generator = np.random.default_rng(0)
    ids = [f"row{k:06d}" for k in range(rows)]
    text = "a title of some length that goes on about the product, number "
    columns: dict[str, list[str | None]] = {
        "id": list(ids),
        "title": [f"{text}{k // 3}" for k in range(rows)],
        "description": [text * 20] * rows,
        "gtin": [str(4_000_000_000_000 + k // 3) for k in range(rows)],
    }
    kinds = {"title": "text", "description": "text", "gtin": "identifier"}
    result = made_result(columns, kinds, [("row000000", "row000001", 0.9, "words")], [
        ids[k - k % 3] for k in range(rows)
    ])  # fmt: skip
    left = generator.integers(0, rows - 60, pairs)
    right = left + generator.integers(1, 60, pairs)
    names = np.array(ids, object)
    result.run["definitions"]["exact"]["candidates"] = pairs
    blockers = pd.Categorical.from_codes(generator.integers(0, 3, pairs), ["a", "b", "a+b"])
    frame = pd.DataFrame(
        {
            "left_id": names[left],
            "right_id": names[right],
            "score": np.where(left // 3 == right // 3, 0.9, 0.1) + generator.uniform(0, 0.1, pairs),
            "match": left // 3 == right // 3,
            "blockers": blockers,
        }
    )
    scored = scored_pairs(frame, result.clusters)
    large = Result(scored, result.clusters, result.run, result.tables)
    for opened in look(viewer, large, tmp_path):
        assert opened.page.locator("#clusters svg.graph").count() > 0
