"""Markdown of values that come from anywhere."""

from __future__ import annotations

import pytest

from linkage.challenge.markdown import escape, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, 1.5 (of 2)", "plain text, 1.5 (of 2)"),
        ("a|b", "a\\|b"),
        ("back\\slash|", "back\\\\slash\\|"),
        ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"),
        ("a & b &lt;", "a &amp; b &amp;lt;"),
        ("*bold* _thin_ `code` ~gone~", "\\*bold\\* \\_thin\\_ \\`code\\` \\~gone\\~"),
        ("[text](address)", "\\[text\\](address)"),
        ("two\nlines\r\n and\ttabs", "two lines and tabs"),
        ("# heading", "\\# heading"),
        (7, "7"),
    ],
)
def test_escape(text: object, expected: str) -> None:
    assert escape(text) == expected


def test_table() -> None:
    assert table(["a", "b", "c"], [["x", "y", "1"]], texts=2) == (
        "| a | b | c |\n| --- | --- | ---: |\n| x | y | 1 |\n"
    )
