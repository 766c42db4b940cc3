"""Pages of explanations in a browser: whole, quiet, narrow enough, and nothing injected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Viewer, browser_viewer
from explanations import EVIL, cluster, pair

from linkage.explanation.explanations import ClusterExplanation, PairExplanation

OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"
SECTIONS = {
    "pair": ["records", *(f"{p}-{k}" for k in (0, 1) for p in ("verdict", "score", "blocking"))],
    "cluster": ["cluster-0", "cluster-1"],
}


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    with browser_viewer() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("explained", [pair(), cluster()], ids=["pair", "cluster"])
def test_pages_are_whole(
    viewer: Viewer,
    tmp_path: Path,
    explained: PairExplanation | ClusterExplanation,
    width: int,
    scheme: str,
) -> None:
    html = tmp_path / "page.html"
    html.write_text(explained.to_html(), encoding="utf-8")
    with viewer.open(html, width, scheme) as opened:
        page = opened.page
        sections = page.evaluate("[...document.querySelectorAll('main > section')].map(s => s.id)")
        assert sections == SECTIONS["pair" if isinstance(explained, PairExplanation) else "cluster"]
        page.evaluate(OPEN_ALL)
        for name in sections:
            assert len(page.locator(f"#{name}").inner_text()) > 25, f"{name} is empty"
        assert page.evaluate("window.x") is None
        assert page.locator("img").count() == 0
        assert EVIL in page.locator("main").text_content()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
        assert opened.faults == []


def test_the_bars_of_the_waterfall_hang_together(viewer: Viewer, tmp_path: Path) -> None:
    html = tmp_path / "page.html"
    html.write_text(pair().to_html(), encoding="utf-8")
    with viewer.open(html) as opened:
        bars = opened.page.locator("#score-0 > .bars .track i")
        boxes = [bars.nth(k).bounding_box() for k in range(3)]
        base, first, second = ((box["x"], box["x"] + box["width"]) for box in boxes)
        assert base[0] == pytest.approx(first[0], abs=2), "from the base up"
        assert second[1] == pytest.approx(first[1], abs=2), "and from there down"


def test_a_small_cluster_is_drawn(viewer: Viewer, tmp_path: Path) -> None:
    html = tmp_path / "page.html"
    html.write_text(cluster().to_html(), encoding="utf-8")
    with viewer.open(html) as opened:
        assert opened.page.locator("#cluster-0 svg").count() == 0, "too large"
        assert opened.page.locator("#cluster-1 svg circle").count() == 2
        assert opened.page.locator("#cluster-1 svg line.weakest").count() == 1
