from __future__ import annotations

import json
import re

from linkage.report.data.text import shorten
from linkage.report.page.page import Markup, Page, Section, embed_json, join
from linkage.report.page.parts import (
    Aligned,
    Bar,
    bars,
    details,
    figures,
    note,
    side_by_side,
    table,
    thumbnail,
)

EVIL = "</script><script>alert('x')</script><img src=x onerror=\"alert(1)\">&amp;'\""


def page(**more: object) -> str:
    return Page(EVIL, EVIL, [Section("one", EVIL, Markup("<p>body</p>"), EVIL)], **more).render()  # type: ignore[arg-type]


def test_page_escapes_all_that_it_is_given() -> None:
    html = page(data={"data": {EVIL: [EVIL]}}, footer=EVIL)
    assert "<img" not in html
    assert html.count("<script") == html.count("</script>") == 2
    assert "<p>body</p>" in html


def test_page_asks_for_nothing_from_elsewhere() -> None:
    html = page()
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", html)
    assert "http:" not in html
    assert "https:" not in html
    assert "default-src 'none'" in html.replace("&#39;", "'")


def test_embedded_json_reads_back() -> None:
    value = {"text": EVIL, "separator": "\u2028", "number": 1.5, "missing": float("nan")}
    html = str(embed_json("data", value))
    assert html.count("<") == 2
    inside = html[html.index(">") + 1 : html.rindex("</")]
    assert json.loads(inside) == {**value, "missing": None}


def test_parts_escape_their_values() -> None:
    shown = [
        figures([(EVIL, EVIL), (EVIL, EVIL, EVIL)]),
        table([EVIL], [[EVIL], [None]], numeric=[0], caption=EVIL),
        bars([Bar(EVIL, EVIL, 0.5, hint=EVIL)], EVIL),
        side_by_side([Aligned(EVIL, EVIL, "other")], (EVIL, EVIL)),
        details(EVIL, join([EVIL])),
        note(EVIL),
        thumbnail("https://elsewhere/" + EVIL, EVIL),
        thumbnail('data:image/png;base64,"' + EVIL, EVIL),
    ]
    for html in shown:
        assert "<script" not in html
        assert "<img src=x" not in html
        assert 'onerror="' not in html


def test_side_by_side_marks_words_that_only_one_record_has() -> None:
    html = side_by_side([Aligned("title", "Red Shirt XL", "red shirt M blue")], ("1", "2"))
    assert "Red Shirt <mark>XL</mark>" in html
    assert "red shirt <mark>M blue</mark>" in html


def test_side_by_side_knows_three_states() -> None:
    rows = [
        Aligned("a", "Red  shirt", "red shirt"),
        Aligned("b", "1", "2"),
        Aligned("c", None, "2"),
    ]
    html = side_by_side(rows, ("1", "2"))
    assert [html.count(f'<tr class="{state}">') for state in ("agree", "differ", "unknown")] == [
        1, 1, 1,
    ]  # fmt: skip
    assert html.count("<mark>") == 2


def test_a_word_said_twice_is_marked_where_the_other_says_it_once() -> None:
    html = side_by_side([Aligned("a", "pack pack", "pack")], ("1", "2"))
    assert "pack <mark>pack</mark>" in html


def test_bars_below_zero_share_the_middle() -> None:
    html = bars([Bar("up", "+1", 1.0), Bar("down", "-0.5", -0.5)])
    assert "left:50.00%;width:50.00%" in html
    assert "left:25.00%;width:25.00%" in html


def test_shorten_says_that_it_cut() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"
