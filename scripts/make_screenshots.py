#!/usr/bin/env python3
"""Make the pictures of docs/report.md and docs/explain.md: pages of a catalog, seen in a browser.

Needs playwright and Chromium (``pip install -e .[dev]``; on Debian and Ubuntu the package
chromium). The catalog is made by ``make_catalog.py``, so that nothing in the pictures is anyone's
data.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from catalog_generator import Options, make_catalog, write_catalog

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: Enough for what the pages are drawn in, and small files.
COLOURS = 96


def make_pages(folder: Path, rows: int) -> tuple[Path, Path]:
    """Run the engine on a generated catalog; return the report and the explanation of a pair."""
    from linkage import Config, Linker, read_table

    write_catalog(make_catalog(Options(rows=rows, seed=7)), folder, "csv")
    config = {"match": {"exact": {}, "variant": {"ignore": ["colour", "size"]}}}
    result = Linker(Config.from_dict(config)).match(read_table(folder / "catalog.csv"))
    pairs = result.pairs[result.pairs["exact_match"] & result.pairs["exact_score"].notna()]
    unsure = pairs.sort_values(["exact_score", "left_id", "right_id"]).iloc[0]
    explained = folder / "explained.html"
    page = result.explain(unsure["left_id"], unsure["right_id"]).to_html()
    explained.write_text(page, encoding="utf-8")
    return result.report(folder / "report.html"), explained


def save(picture: bytes, path: Path) -> None:
    """Write a picture with few colours."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, "PNG", optimize=True)
    print(f"{path} ({path.stat().st_size / 1000:.0f} kB)")


def take(page: Any, docs: Path) -> None:
    """Take the pictures of an opened report."""
    clip = {"x": 0, "y": 0, "width": 1200, "height": 1420}
    save(page.screenshot(clip=clip), docs / "report_scores.png")
    clusters = page.locator("#m0-clusters details", has=page.locator("svg.graph"))
    # One whose graph can be taken in at a glance.
    sizes = [one.locator("circle").count() for one in clusters.all()]
    chosen = min(range(len(sizes)), key=lambda k: (abs(sizes[k] - 7), k))
    one = clusters.nth(chosen)
    one.locator("summary").click()
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    page.mouse.move(0, 0)
    clip = {
        "x": box["x"] - 20,
        "y": box["y"] - 4,
        "width": box["width"] + 40,
        "height": min(box["height"] + 8, 780),
    }
    save(page.screenshot(clip=clip), docs / "report_cluster.png")


def take_explanation(page: Any, docs: Path) -> None:
    """Take the picture of an opened explanation: both records, and what pushed the score."""
    parts = [page.locator(f"main > section[id^={name}]").first for name in ("records", "score")]
    for part in ("verdict", "blocking"):
        page.evaluate(
            f"document.querySelectorAll('main > section[id^={part}]').forEach(s => s.remove())"
        )
    records, bars = parts[0].bounding_box(), parts[1].locator(".bars").first.bounding_box()
    top = records["y"] - 12
    clip = {
        "x": records["x"] - 12,
        "y": top,
        "width": records["width"] + 24,
        "height": bars["y"] + bars["height"] + 8 - top,
    }
    save(page.screenshot(clip=clip), docs / "explain_pair.png")


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line and make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000, help="offers of the catalog (3000)")
    parser.add_argument("--report", type=Path, help="a report to use instead of making one")
    parser.add_argument("--explained", type=Path, help="an explanation to use, likewise")
    parser.add_argument("-o", "--out", type=Path, default=DOCS, help="folder (docs)")
    given = parser.parse_args(arguments)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        parser.error("playwright is not installed: pip install -e .[dev]")
    browser_path = os.environ.get("LINKAGE_BROWSER") or shutil.which("chromium")
    if browser_path is None:
        parser.error("no browser: install Chromium, or name one with LINKAGE_BROWSER")
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = given.report, given.explained
        if None in pages:
            pages = make_pages(Path(folder), given.rows)
        report, explained = pages
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 3000}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        take(page, given.out)
        page.goto(explained.resolve().as_uri())
        take_explanation(page, given.out)
        browser.close()


if __name__ == "__main__":
    main()
