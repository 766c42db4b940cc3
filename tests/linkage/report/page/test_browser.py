"""Pages in a browser: nothing missing, nothing wrong in its console, nothing injected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from browser import Viewer, browser_viewer
from report_results import small_result

from linkage.report.data.gather import report_data
from linkage.report.data.profile_data import profile_data
from linkage.report.page.page import Markup, Page, Section
from linkage.report.page.profile_page import profile_page
from linkage.report.page.score_section import threshold_values
from linkage.result import Result

PARTS = ["scores", "pairs", "clusters", "blocking", "features"]
REPORT = [
    "overview", *(f"m0-{part}" for part in PARTS), *(f"m1-{part}" for part in PARTS),
    "m1-variants", "run",
]  # fmt: skip
PROFILE = ["overview", "suspicious", "keys", "columns"]
EVIL = (
    '"\'><script>window.injected = 1</script></script><img src=x onerror="window.injected = 2">'
    "<svg onload=window.injected=3></style></title><iframe></iframe>{{7*7}}&lt;b&gt;${alert(1)}"
)
ACTIVE = "SCRIPT IMG IFRAME svg STYLE TITLE LINK META A BUTTON INPUT".split()
OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    with browser_viewer() as found:
        yield found


def profile_of(result: Result) -> str:
    return profile_page(profile_data(result.tables[0], "catalog"))


def spoilt_result(text: str) -> Result:
    """A result with a text in its column names, its ids, its cells and its account."""
    result = small_result(text, f"title {text}")
    table = result.tables[0]
    for name in ("id", "colour"):
        at = table.column_names.index(name)
        cells = [cell and f"{cell}{text}" for cell in table.column(name).to_pylist()]
        table = table.set_column(at, name, pa.array(cells))
    result.clusters["id"] = table.column("id").to_pylist()
    result.pairs["left_id"] += text
    result.pairs["right_id"] += text
    result.run["versions"][text] = text
    result.run["definitions"]["exact"] |= {"anchor": text, "notes": [text]}
    return replace(result, tables=(table, None))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", ["report", "profile"])
def test_pages_are_whole(
    viewer: Viewer, tmp_path: Path, kind: str, width: int, scheme: str
) -> None:
    html = tmp_path / "page.html"
    if kind == "report":
        small_result().report(html)
    else:
        html.write_text(profile_of(small_result()), encoding="utf-8")
    with viewer.open(html, width, scheme) as opened:
        page = opened.page
        sections = page.evaluate("[...document.querySelectorAll('main > section')].map(s => s.id)")
        assert sorted(sections) == sorted(REPORT if kind == "report" else PROFILE)
        for name in sections:
            assert len(page.locator(f"#{name}").inner_text()) > 25, f"{name} is empty"
        page.evaluate(OPEN_ALL)
        links = page.evaluate("[...document.querySelectorAll('nav a')].map(a => a.hash.slice(1))")
        assert links == sections
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
        assert opened.faults == []


def test_a_cluster_opens_to_its_graph(viewer: Viewer, tmp_path: Path) -> None:
    with viewer.open(small_result().report(tmp_path / "page.html")) as opened:
        cluster = opened.page.locator("#m0-clusters details", has_text="4 records").first
        cluster.locator("summary").click()
        graph = cluster.locator("svg.graph")
        assert graph.is_visible()
        assert graph.locator("circle").count() == 4
        assert graph.locator("line").count() == 5
        assert graph.locator("line.weakest title").text_content() == "3–4: 0.300"
        assert opened.faults == []


def test_the_threshold_moves(viewer: Viewer, tmp_path: Path) -> None:
    result = small_result()
    for number, definition in enumerate(report_data(result).definitions):
        scores = definition.scores
        with viewer.open(result.report(tmp_path / f"{number}.html")) as opened:
            box = opened.page.locator(f"#m{number}-scores")
            slider = box.locator("input")
            for start in (-scores.first, 0, len(scores.pairs) // 3, len(scores.pairs)):
                slider.fill(str(start))
                shown = {
                    cell.get_attribute("data-value"): cell.text_content()
                    for cell in box.locator("[data-value]").all()
                }
                expected = threshold_values(scores, start)
                assert shown["threshold"] == f"{expected['threshold']:.3f}"
                assert shown["pairs"] == str(expected["pairs"])
                for name, sign in (("gained", "+"), ("lost", "−")):
                    value = expected[name]
                    assert shown[name] == (f"{sign}{value}" if value else "0")
                for name in ("precision", "recall", "f1"):
                    if expected[name] is None:
                        assert shown[name] == "–"
                    else:
                        assert float(shown[name]) == pytest.approx(expected[name], abs=6e-4)
            box.locator("button").click()
            assert float(slider.input_value()) == -scores.first
            assert opened.faults == []


def test_light_and_dark_can_be_switched(viewer: Viewer, tmp_path: Path) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    html = small_result().report(tmp_path / "page.html")
    seen = []
    for scheme in ("light", "dark"):
        with viewer.open(html, scheme=scheme) as opened:
            before = opened.page.evaluate(colour)
            opened.page.locator("#theme").click()
            seen.append((before, opened.page.evaluate(colour)))
    (light, to_dark), (dark, to_light) = seen
    assert light != dark
    assert (to_dark, to_light) == (dark, light)


@pytest.mark.parametrize("kind", ["report", "profile"])
def test_nothing_in_a_catalog_can_inject(viewer: Viewer, tmp_path: Path, kind: str) -> None:
    tags = []
    for text in (EVIL, "harmless"):
        result = spoilt_result(text)
        html = tmp_path / f"{len(tags)}.html"
        if kind == "report":
            result.report(html)
        else:
            html.write_text(profile_of(result), encoding="utf-8")
        with viewer.open(html) as opened:
            opened.page.evaluate(OPEN_ALL)
            assert opened.page.evaluate("window.injected") is None
            assert opened.faults == []
            tags.append(opened.tags())
            assert text[:20] in opened.page.locator("main").text_content()
    # The texts decide what is marked, what varies and so the rows of tables; but no kind of element
    # may come in with them, nor one more of those that do something.
    assert set(tags[0]) == set(tags[1])
    for tag in ACTIVE:
        assert tags[0][tag] == tags[1][tag], tag


def test_markup_that_got_in_could_not_run(viewer: Viewer, tmp_path: Path) -> None:
    """The page's policy is a second wall, should escaping ever fail."""
    spoilt = Section("one", "One", Markup(EVIL))
    html = tmp_path / "page.html"
    html.write_text(Page("Title", "", [spoilt]).render(), encoding="utf-8")
    with viewer.open(html) as opened:
        assert "IMG" in opened.tags(), "the markup is really there"
        assert opened.page.evaluate("window.injected") is None
        assert any("Content Security Policy" in fault for fault in opened.faults)
