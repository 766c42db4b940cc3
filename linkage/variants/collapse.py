"""From records to forms: masks where sources are messy, raw texts where they are disciplined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.chunked import in_order
from features.arrays.distinct import sorted_distinct
from features.arrays.numbering import number_hashes, number_values
from features.kinds import Kind
from features.prepare import main_column
from features.records import Records
from features.text.cells import Cells, number_cells
from features.text.tokens import row_words
from features.variants.masking_policy import (
    MaskingPolicy,
    choose_masking_policy,
    is_unit_identifier,
    style_codes,
)
from features.variants.masks import mask_mentions
from features.variants.mentions import VariantValues, variant_values
from features.variants.variant_values import names_variants
from linkage.variants.collapsed_records import CollapsedRecords
from linkage.variants.ignored_values import Combinations, canonical, combinations

__all__ = ["collapse_records"]

#: Kinds whose values name variants; texts do not mention a photograph or a price as one.
_VARIANT_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.QUANTITY, Kind.NUMBER})
#: Records of one form that state the same values in two notations, from which it is two products.
_FEWEST_COLLISIONS, _COLLIDING = 3, 0.5
#: Share of records that may share their text and variant with another; where it is larger, sources
#: repeat offers and a repeated variant says nothing.
_REPEATED = 0.1


def collapse_records(
    records: Records,
    ignored: Sequence[str],
    source: str | None = None,
    *,
    variant_columns: Sequence[str] = (),
    threads: int = 1,
) -> CollapsedRecords:
    """Masks records and brings them to forms.

    Args:
        records: the rows with all their attributes.
        ignored: columns that the definition ignores.
        source: column that names the source of each row, if any.
        variant_columns: columns known to hold what variants differ in (ignored by another
            definition); those that this definition does not ignore count as stated. Columns of
            colours and sizes are known by their values.
        threads: threads to use; the result does not depend on it.
    """
    kinds = {name: kind for name, kind in records.kinds.items() if name not in ignored}
    sources, names = _sources(records, source)
    present = [name for name in ignored if name in records.table.column_names]
    naming = [n for n in present if records.kinds.get(n, Kind.CATEGORY) in _VARIANT_KINDS]
    raw = _Columns(records)
    raw.read([*kinds, *present], threads)
    judged = [canonical(raw.cells(n)) for n in naming or present]
    coarse = [canonical(raw.cells(n), coarse=True) for n in naming]
    units = [
        name
        for name, kind in kinds.items()
        if kind == Kind.IDENTIFIER and is_unit_identifier(raw.cells(name).code, coarse)
    ]
    table, styled = records.table, []
    for name in units:
        styles = style_codes(records.values(name))
        if not is_unit_identifier(number_cells(styles).code, coarse):
            table = table.set_column(table.column_names.index(name), name, styles)
            styled.append(name)
    # Of a number that names a variant, what names its style is kept.
    kinds = {n: kind for n, kind in kinds.items() if n not in units or n in styled}
    part = replace(records, kinds=kinds, table=table)
    main = main_column(kinds, raw.cells, threads=threads)
    variants = [variant_values(name, raw.cells(name)) for name in naming]
    part, treatments, left_alone = _treated(
        part, main, raw.cells, variants, judged, sources, names, threads
    )
    known = combinations(
        [raw.cells(name) for name in naming], sources, None if main is None else raw.cells(main)
    )
    disciplined = left_alone.get(main or "", np.ones(records.n, bool))
    clean = np.full(records.n, -1) if main is None else _clean(part.values(main), threads)
    kept = _Columns(part, raw)
    kept.read([n for n in kinds if n != main or disciplined.any()], threads)
    form = np.arange(records.n)
    if main is not None:
        keys = _keys(kept, main, disciplined, clean)
        form = _forms(keys, records.side, part.values(main), known, disciplined)
    # The left records come first: so do their forms.
    form, first = number_values(form)
    form = form.astype(np.int64)
    text = np.full(records.n, -1)
    if main is not None:
        exact = raw.cells(main).code.astype(np.int64)
        unknown = np.where(disciplined, exact, clean) < 0
        text = np.where(disciplined, exact, clean + int(exact.max(initial=-1)) + 1)
        text[unknown] = -1
    stated = {
        name: (canonical(raw.cells(name))[first], canonical(raw.cells(name), coarse=True)[first])
        for name, kind in kinds.items()
        if kind in _VARIANT_KINDS
        and name not in (main, source)
        and (name in variant_columns or names_variants(raw.cells(name)))
    }
    shared = {}
    for name in units:
        values = raw.cells(name).code
        some = values >= 0
        count = int(values.max(initial=0)) + 1
        pairs = sorted_distinct(form[some] * count + values[some])
        shared[name] = (pairs // count, pairs % count)
    usable = (known.code >= 0) & (known.repeated <= _REPEATED)
    width = max(known.width, 1)
    forms = Records(
        records.ids[first], _take(part.table, first, threads), records.side[first], kinds
    )
    return CollapsedRecords(
        records=forms, row_of_record=form, first=first, main=main, text=text[first],
        disciplined=disciplined[first], width=width, source=sources[first], shared=shared,
        stated=stated, variants=sorted_distinct(form[usable] * width + known.code[usable]),
        treatments=treatments,
    )  # fmt: skip


class _Columns:
    """Cells of the columns of some records, each numbered once.

    Args:
        records: the records.
        other: cells of records that have some of these columns.
    """

    def __init__(self, records: Records, other: _Columns | None = None) -> None:
        self._records = records
        self._known: dict[str, Cells] = {}
        if other is not None:
            table = other._records.table
            self._known = {
                name: cells
                for name, cells in other._known.items()
                if records.table.column(name).equals(table.column(name))
            }

    @property
    def names(self) -> list[str]:
        """The compared attributes."""
        return list(self._records.kinds)

    def cells(self, name: str) -> Cells:
        """Cells of a column."""
        if name not in self._known:
            self._known[name] = number_cells(self._records.values(name))
        return self._known[name]

    def read(self, names: Sequence[str], threads: int) -> None:
        """Numbers the cells of some columns, several at a time."""
        for _ in in_order(self.cells, names, threads):
            pass


def _take(table: pa.Table, rows: np.ndarray, threads: int) -> pa.Table:
    """Some rows of a table, several columns at a time."""
    at = pa.array(rows)
    columns = [column for _, column in in_order(lambda one: one.take(at), table.columns, threads)]
    return pa.table(columns, schema=table.schema)


def _sources(records: Records, source: str | None) -> tuple[np.ndarray, list[str]]:
    """Number of each record's source, and the names; the two sides of a linkage are sources."""
    if source is not None and source in records.table.column_names:
        values = pc.fill_null(records.values(source), "")
        codes, names = pd.factorize(values.to_pandas(), sort=True)
        return codes * 2 + records.side, [str(n) for n in names for _ in range(2)]
    return records.side.astype(np.int64), ["left", "right"] if records.is_linkage else [""]


def _clean(values: pa.Array, threads: int = 1) -> np.ndarray:
    """Number of the words of each text, whatever stands between them; int64, -1 without any."""
    counts, hashes = row_words(values, threads=threads)
    out = np.full(len(counts), -1, np.int64)
    out[counts > 0] = number_hashes(hashes[counts > 0])[0]
    return out


def _treated(
    part: Records,
    main: str | None,
    cells: Callable[[str], Cells],
    variants: list[VariantValues],
    judged: list[np.ndarray],
    sources: np.ndarray,
    names: list[str],
    threads: int,
) -> tuple[Records, list[MaskingPolicy], dict[str, np.ndarray]]:
    """Masks the texts of messy sources; says for each column which rows were left alone."""
    texts = [n for n, k in part.kinds.items() if k == Kind.TEXT or n == main]
    kept = [n for n, k in part.kinds.items() if k in (Kind.NAME, Kind.CATEGORY) and n not in texts]
    table, treatments = part.table, []
    left_alone: dict[str, np.ndarray] = {}
    for column in texts:
        messy = np.zeros(part.n, bool)
        chosen = []
        for number in np.unique(sources):
            rows = np.flatnonzero(sources == number)
            treatment = choose_masking_policy(
                names[number], column, cells(column).code[rows], [code[rows] for code in judged]
            )
            messy[rows] = not treatment.disciplined
            chosen.append((treatment, rows))
        left_alone[column] = ~messy
        if messy.any() and variants:
            others = [cells(name) for name in kept]
            masked = mask_mentions(cells(column), variants, others, messy, threads=threads)
            at = table.column_names.index(column)
            table = table.set_column(at, column, masked.values)
            chosen = [
                (replace(t, masked=int(masked.mentions_by_row[rows].sum())), rows)
                for t, rows in chosen
            ]
        treatments += [treatment for treatment, _ in chosen]
    return replace(part, table=table), treatments, left_alone


def _keys(columns: _Columns, main: str, disciplined: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Number of the kept values of each record together; the name to the byte where disciplined.

    Args:
        columns: the columns of the records.
        main: the column of the name.
        disciplined: records whose name is left as it is.
        clean: number of each record's clean name, -1 unknown.
    """
    out = np.zeros(len(clean), np.int64)
    for name in columns.names:
        # What is left of masked texts may differ in punctuation only.
        codes = clean if name == main else columns.cells(name).code
        if name == main and disciplined.any():
            exact = columns.cells(name).code.astype(np.int64)
            codes = np.where(disciplined, exact, clean + int(exact.max(initial=-1)) + 2)
        out = number_values(out * (int(codes.max(initial=-1)) + 2) + codes + 1)[0].astype(np.int64)
    return out


def _forms(
    keys: np.ndarray,
    side: np.ndarray,
    names: pa.Array,
    known: Combinations,
    disciplined: np.ndarray,
) -> np.ndarray:
    """Form of each record; records without a name are forms of their own."""
    named = np.asarray(pc.is_valid(names).to_numpy(zero_copy_only=False))
    notation = known.notation
    form = keys * 2 + side
    frame = pd.DataFrame({"form": form, "c": known.code, "n": notation})
    frame = frame[named & disciplined & (known.code >= 0)]
    distinct = frame.drop_duplicates()
    clashes = distinct.groupby(["form", "c"])["n"].nunique()
    suspicious = clashes[clashes > 1].groupby("form").size()
    suspicious = suspicious[suspicious >= _FEWEST_COLLISIONS].index
    out = form * (int(notation.max(initial=0)) + 2)
    for number, rows in frame[frame["form"].isin(suspicious)].groupby("form"):
        sets = {k: set(part["c"]) for k, part in rows.groupby("n")}
        split = _clashing(sets)
        chosen = rows.index[rows["n"].isin(split)].to_numpy()
        out[chosen] = number * (int(notation.max(initial=0)) + 2) + 1 + notation[chosen]
    alone = np.flatnonzero(~named)
    out[alone] = out.max(initial=0) + 1 + np.arange(len(alone))
    return out


def _clashing(sets: dict[int, set[int]]) -> set[int]:
    """Notations that state much of what a larger one states too."""
    order = sorted(sets, key=lambda k: (-len(sets[k]), k))
    found: set[int] = set()
    for position, k in enumerate(order):
        for larger in order[:position]:
            common = len(sets[k] & sets[larger])
            if common >= max(_FEWEST_COLLISIONS, _COLLIDING * len(sets[k])):
                found.add(k)
    return found
