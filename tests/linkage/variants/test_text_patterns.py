"""Tests of main texts without the matches of patterns."""

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.variants.text_patterns import without_matches


def cut(texts: list[str | None], *patterns: str) -> list[str | None]:
    records = Records(
        np.array([f"{k}" for k in range(len(texts))], object),
        pa.table({"title": pa.array(texts, pa.string())}),
        np.zeros(len(texts), np.int8),
        {"title": Kind.TEXT},
    )
    return without_matches(records, "title", patterns).values("title").to_pylist()


def test_matches_are_removed_whatever_their_case() -> None:
    texts = ["Deer Tee With Floral Print", "Deer  Tee", None, "Tee with prints"]
    assert cut(texts, "with .* print$") == ["Deer Tee", "Deer  Tee", None, "Tee with prints"]
    assert cut(["Tee NEW new"], "(?-i:NEW)") == ["Tee new"]


def test_patterns_are_applied_in_turn() -> None:
    assert cut(["new Tee (sale)"], r"\(.*?\)", "^new") == ["Tee"]


def test_a_text_is_never_emptied() -> None:
    assert cut(["New!"], "new") == ["New!"]
