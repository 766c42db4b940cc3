"""The masking policy of a text column: whether mentions of ignored values are masked in its texts.

Where a definition ignores attributes such as colour and size, all variants of a product match. In a
*disciplined* source all variants have the same text, byte for byte. There equal texts are the best
evidence of a match, which masking or normalising would destroy. In other sources texts mention the
variant, and the mentions are masked. Which case a source is can be measured without labels: by the
share V of its records whose text also stands in records of other variants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from features.arrays.numbering import number_values
from features.arrays.rows import row_starts
from features.text.text_buffers import string_buffers

__all__ = ["MaskingPolicy", "choose_masking_policy", "is_unit_identifier", "style_codes"]

#: A source is disciplined from this V on. Measured: 0 in a shop that writes the variant into its
#: titles, 0.5 and more where variants share them.
_DISCIPLINED = 0.25
#: Share of records that share their text with another, below which equal texts are no evidence.
_FEWEST_SHARED = 0.05
#: Share of the pairs of records of one identifier that are of different variants, from which the
#: identifier is that of a style rather than of one variant; wrong and misspelt values stay well
#: below.
_STYLE_CODE = 0.5


@dataclass(frozen=True)
class MaskingPolicy:
    """Whether the texts of one column of one source are masked, and the measures that decided it.

    Attributes:
        source: name of the source, "" where the table has one only.
        column: the text column.
        disciplined: whether the texts stay as they are; otherwise they are masked.
        spanning: share of the records with a known ignored value whose text also stands in records
            of other ignored values (V).
        shared: share of the records whose text stands in another record too.
        records: records of the source that have a text.
        masked: number of mentions masked.
    """

    source: str
    column: str
    disciplined: bool
    spanning: float
    shared: float
    records: int
    masked: int = 0

    def sentence(self) -> str:
        """The policy and its reason, as a sentence for users."""
        where = f"source {self.source}: {self.column}" if self.source else self.column
        if self.disciplined:
            return f"{where}: variants share one text (V = {self.spanning:.2f}), left as they are"
        why = f"variants rarely share a text (V = {self.spanning:.2f})"
        if self.shared < _FEWEST_SHARED:
            why = f"hardly any two records share a text (V = {self.spanning:.2f})"
        return f"{where}: {why}, {self.masked:,} mentions of ignored values masked"

    def to_dict(self) -> dict[str, Any]:
        """The policy as plain values, for run.json."""
        return {
            "source": self.source, "column": self.column, "disciplined": self.disciplined,
            "spanning": round(self.spanning, 4), "shared": round(self.shared, 4),
            "records": self.records, "masked": self.masked, "reason": self.sentence(),
        }  # fmt: skip


def choose_masking_policy(
    source: str, column: str, texts: np.ndarray, ignored: Sequence[np.ndarray]
) -> MaskingPolicy:
    """Chooses the masking policy of a text column of one source.

    Args:
        source: name of the source.
        column: name of the column.
        texts: code of the text of each record of the source, int, -1 missing.
        ignored: for each ignored attribute, the code of each record's value, int, -1 unknown.
    """
    filled = texts >= 0
    code = np.full(len(texts), -1, np.int64)
    code[filled] = number_values(texts[filled])[0]
    known = np.zeros(len(texts), bool)
    combination = np.zeros(len(texts), np.int64)
    for values in ignored:
        known |= values >= 0
        combination = combination * (int(values.max(initial=-1)) + 2) + values + 1
        combination = number_values(combination)[0].astype(np.int64)
    groups = int(code.max(initial=-1)) + 1
    size = np.bincount(code[filled], minlength=groups)
    used = filled & known
    width = int(combination.max(initial=0)) + 1
    first = number_values(code[used] * width + combination[used])[1]
    distinct = np.bincount(code[used][first], minlength=groups)
    spanning = float(np.mean(distinct[code[used]] > 1)) if used.any() else 0.0
    shared = float(np.mean(size[code[filled]] > 1)) if filled.any() else 0.0
    disciplined = spanning >= _DISCIPLINED and shared >= _FEWEST_SHARED
    # Without any known ignored value there is no mention to mask.
    return MaskingPolicy(
        source, column, disciplined or not used.any(), spanning, shared, int(filled.sum())
    )


def is_unit_identifier(code: np.ndarray, ignored: Sequence[np.ndarray]) -> bool:
    """Whether an identifier names one variant (a GTIN, a SKU) rather than a style of many variants.

    Args:
        code: code of each record's identifier, -1 unknown.
        ignored: for each ignored attribute, the code of each record's value, -1 unknown.
    """
    known = np.flatnonzero(code >= 0)
    order = known[np.argsort(code[known], kind="stable")]
    a, b = order[:-1], order[1:]
    together = code[a] == code[b]
    a, b = a[together], b[together]
    if len(a) < _FEWEST_SHARED * max(len(known), 1):
        return True
    differ, comparable = np.zeros(len(a), bool), np.zeros(len(a), bool)
    for values in ignored:
        both = (values[a] >= 0) & (values[b] >= 0)
        comparable |= both
        differ |= both & (values[a] != values[b])
    return not comparable.any() or float(np.mean(differ[comparable])) < _STYLE_CODE


def style_codes(values: pa.Array) -> pa.Array:
    """Style codes of identifiers of variants: each identifier without its last part.

    ``RDN-21971-080`` is variant 080 of style ``RDN-21971``. ``PAK-80664`` stays whole, since
    ``PAK`` has no digit. Identifiers of one part give null. Whether the codes do name styles is
    decided by `is_unit_identifier`.

    Args:
        values: string array, null = missing.
    """
    data, offsets = string_buffers(values)
    stop = np.full(len(values), -1, np.int64)
    _style_stops(data, offsets, stop)
    if values.null_count:
        stop[values.is_null().to_numpy(zero_copy_only=False)] = -1
    out_offsets = row_starts(np.where(stop < 0, 0, stop - offsets[:-1]))
    out = np.empty(out_offsets[-1], np.uint8)
    _copy_beginnings(data, offsets, out_offsets, out)
    some = pa.array(stop >= 0).buffers()[1]
    found = pa.LargeStringArray.from_buffers(
        len(values), pa.py_buffer(out_offsets), pa.py_buffer(out), some
    )
    return found.cast(values.type)


@njit(nogil=True, cache=True)
def _style_stops(data, offsets, out):
    """Where the style code of each row ends; rows of one part are left unchanged in ``out``.

    The last part is cut off if what stands before it has a digit.
    """
    for row in range(len(out)):
        begin, stop = offsets[row], offsets[row + 1]
        last = -1
        parted = False
        for k in range(begin, stop):
            if _parts(data[k]):
                last = k
                parted |= (
                    begin < k < stop - 1 and not _parts(data[k - 1]) and not _parts(data[k + 1])
                )
        if not parted:
            continue
        digit = False
        one_line = True
        for k in range(begin, last):
            digit |= 48 <= data[k] <= 57
            one_line &= data[k] != 10
        out[row] = last if digit and one_line and last < stop - 1 else stop


@njit(nogil=True, cache=True)
def _parts(byte):
    """Whether a byte stands between the parts of an identifier: one of ``-_/. ``."""
    return byte == 45 or byte == 95 or byte == 47 or byte == 46 or byte == 32


@njit(nogil=True, cache=True)
def _copy_beginnings(data, offsets, out_offsets, out):
    """Copies the beginning of each row, as much as there is room for."""
    for row in range(len(out_offsets) - 1):
        for k in range(out_offsets[row + 1] - out_offsets[row]):
            out[out_offsets[row] + k] = data[offsets[row] + k]
