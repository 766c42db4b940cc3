"""Main texts without the matches of a definition's patterns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from features.records import Records

__all__ = ["PATTERN_FLAGS", "without_matches"]

#: Texts are compared without letter case, and so are patterns; ``(?-i:...)`` keeps to it.
PATTERN_FLAGS = re.IGNORECASE


def without_matches(records: Records, column: str, patterns: Sequence[str]) -> Records:
    """Return records whose texts in one column lack what the patterns match.

    What is left has single blanks. A text of which nothing but punctuation would be left stays.

    Args:
        records: the records.
        column: the column that names the product.
        patterns: regular expressions, applied one after the other.

    Example:
        ``with .* print$`` makes ``Deer Tee`` of ``Deer Tee with Floral Print``.
    """
    compiled = [re.compile(pattern, PATTERN_FLAGS) for pattern in patterns]

    def cut(text: str) -> str:
        left = text
        for pattern in compiled:
            left = pattern.sub("", left)
        changed = left != text and re.search(r"[^\W_]", left)
        return " ".join(left.split()) if changed else text

    encoded = pc.dictionary_encode(records.values(column))
    texts = encoded.dictionary.cast(pa.large_string()).to_pylist()
    values = pa.array([cut(text) for text in texts], pa.large_string()).take(encoded.indices)
    at = records.table.column_names.index(column)
    return replace(records, table=records.table.set_column(at, column, values))
