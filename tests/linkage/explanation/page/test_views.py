"""Explanations on a page, in a notebook and in the terminal: complete, escaped, self-contained."""

from __future__ import annotations

from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise

import pytest
from explanations import EVIL, cluster, contribution, pair, score
from rich.console import Console

from linkage.explanation.explanations import ClusterExplanation, PairExplanation
from linkage.explanation.page.labels import percent, shown_columns
from linkage.explanation.page.terminal import print_explanation
from linkage.explanation.page.waterfall import of_feature, waterfall


class Elements(HTMLParser):
    """Collects the elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("explained", [pair(), cluster()], ids=["pair", "cluster"])
def test_a_page_escapes_all_and_asks_for_nothing(
    explained: PairExplanation | ClusterExplanation,
) -> None:
    page = explained.to_html()
    elements = Elements(page).found
    assert not [tag for tag, _ in elements if tag in ("img", "iframe", "object", "embed")]
    assert not [name for _, given in elements for name in given if name.startswith("on")]
    assert sum(tag == "script" for tag, _ in elements) == page.count("<script")
    assert "alert('x')</script>" not in page
    linked = [
        value
        for _, given in elements
        for name, value in given.items()
        if name in ("src", "href", "action")
    ]
    assert all(value and value.startswith(("#", "data:,")) for value in linked)
    assert EVIL in Elements(page).text, "shown as it is"


def test_a_page_of_a_pair_has_all_of_it() -> None:
    page = Elements(pair().to_html())
    ids = {given.get("id") for tag, given in page.found if tag == "section"}
    parts = ("verdict", "score", "blocking")
    assert ids == {"records", *(f"{part}-{number}" for part in parts for number in (0, 1))}
    for text in ("weakest link", "raw score", "calibration", "compared as", "missing", "3 of 60"):
        assert text in page.text


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    shown = cluster()._repr_html_()
    (frame,) = Elements(shown).found
    assert frame[0] == "iframe"
    assert frame[1]["srcdoc"] == cluster().to_html()
    assert frame[1]["sandbox"] == "allow-scripts"


@pytest.mark.parametrize("explained", [pair(), cluster()], ids=["pair", "cluster"])
def test_the_terminal_shows_cells_as_they_are(
    explained: PairExplanation | ClusterExplanation,
) -> None:
    out = StringIO()
    print_explanation(explained, Console(file=out, width=400, color_system=None))
    assert "[red]" in out.getvalue()
    assert "weakest" in out.getvalue()


def test_a_narrow_terminal_is_no_error() -> None:
    out = StringIO()
    print_explanation(pair(), Console(file=out, width=40, color_system=None))
    assert "raw score" in out.getvalue()


def test_the_waterfall_goes_from_the_base_to_the_score() -> None:
    bars = waterfall(score())
    assert [bar.kind for bar in bars] == ["base", "attribute", "attribute", "sum", "step", "sum"]
    assert [bar.label for bar in bars[1:3]] == [EVIL, "price"], "the largest first"
    for one, two in pairwise(bars[:3]):
        assert two.start == one.end
    assert bars[2].end == pytest.approx(1.0)
    assert bars[-1].end == pytest.approx(1.25)
    (both,) = bars[1].features
    assert both.amount == 2.5
    assert both.value == 0.5
    assert both.sources == ["boosters", "match weights"]


def test_of_one_feature_all_parts_are_added() -> None:
    sums = of_feature([contribution("x", 1.0), contribution("y", -3.0), contribution("x", 0.5)])
    assert [one.amount for one in sums] == [-3.0, 1.5]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "50.0 %"), (0.99973, "99.97 %"), (1.0, "over 99.99 %"), (0.0, "under 0.01 %")],
)
def test_shares_of_sure_scores(value: float, text: str) -> None:
    assert percent(value) == text


def test_columns_of_ids_and_empty_ones_are_not_shown() -> None:
    assert shown_columns(cluster().clusters[0]) == ["title"]
