"""HTML in the cells of a string column: tags out, entities read."""

from __future__ import annotations

import html
import re

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["without_markup"]

# Elements that exporters leave in texts. Only these are tags: a title may hold "<NEW>", or "<" for
# less.
_NAMES = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|button|caption|center|cite|code|col|"
    "colgroup|dd|del|details|div|dl|dt|em|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|"
    "html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|o:p|object|ol|option|p|picture|"
    "pre|s|section|small|source|span|strike|strong|sub|summary|sup|svg|table|tbody|td|tfoot|th|"
    "thead|title|tr|tt|u|ul|video|wbr"
)
_ATTRIBUTES = r"""(?:[\s/](?:[^<>"']|"[^"]*"|'[^']*')*)?"""
# Cut off at the end of a cell, too.
_TAG = rf"(?i)</?(?:{_NAMES}){_ATTRIBUTES}>|<(?:{_NAMES})\s+[a-z-]+\s*=[^<>]*$"
_UNSEEN = (
    r"(?is)<!--.*?-->|<!\[CDATA\[|\]\]>|<!doctype[^<>]*>|<style\b[^<>]*>.*?</style\s*>|"
    r"<script\b[^<>]*>.*?</script\s*>"
)
# These stand inside a word: cm<sup>3</sup> is cm3.
_INNER = r"(?i)</?(?:sup|sub|wbr)\s*/?>"
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});"
_SUSPECT = rf"<[a-zA-Z/!]|{_ENTITY}"
#: Read by Arrow, since nearly all texts with markup have them; others are read one by one.
_COMMON = {
    "&nbsp;": " ", "&quot;": '"', "&#39;": "'", "&#34;": '"', "&lt;": "<", "&gt;": ">",
    "&#160;": " ", "&apos;": "'",
}  # fmt: skip


def without_markup(values: pa.Array) -> pa.Array:
    """Replace tags by blanks, and entities by their characters; other texts stay as they are.

    Escaped markup (``&lt;p&gt;``) is markup, too. A ``<`` that begins no tag stays.

    Args:
        values: string array, null = missing.

    Returns:
        The texts; null where nothing but markup was in the cell.

    Example:
        >>> without_markup(pa.array(["<b>1.7&nbsp;l</b>", "width < 5 cm"])).to_pylist()
        ['1.7 l', 'width < 5 cm']
    """
    # Plain searches first, which take hardly any time: most columns have no such characters.
    escaped = pc.and_(pc.match_substring(values, "&"), pc.match_substring(values, ";"))
    some = pc.or_(pc.match_substring(values, "<"), escaped).fill_null(False)
    if not pc.any(some).as_py():
        return values
    some = pc.and_(some, pc.match_substring_regex(values, _SUSPECT).fill_null(False))
    texts = values.filter(some)
    if not len(texts):
        return values
    for _ in range(2):  # exports of exports escape twice: &amp;nbsp;
        texts = _unescaped(pc.replace_substring(texts, "&amp;", "&"))
    texts = pc.replace_substring_regex(texts, _UNSEEN, " ")
    texts = pc.replace_substring_regex(texts, _INNER, "")
    texts = pc.replace_substring_regex(texts, _TAG, " ")
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"[ \t\r\n]+", " "))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
    return pc.replace_with_mask(values, some, texts)


def _unescaped(texts: pa.Array) -> pa.Array:
    for entity, character in _COMMON.items():
        texts = pc.replace_substring(texts, entity, character)
    rare = pc.match_substring_regex(texts, _ENTITY)
    if not pc.any(rare).as_py():
        return texts
    entity_of = re.compile(_ENTITY)
    read = [
        entity_of.sub(lambda found: html.unescape(found[0]), text)
        for text in texts.filter(rare).to_pylist()
    ]
    return pc.replace_with_mask(texts, rare, pa.array(read, texts.type))
