"""Collapsing the records of a catalog for a match definition that ignores attributes.

Records that are equal in all that the definition compares become one row, so that variants of a
product are compared once. Texts of messy sources, which mention the ignored values, are masked
before; those of disciplined sources, which do not, are compared byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.chunked import in_order
from features.arrays.distinct import sorted_distinct
from features.arrays.numbering import number_values
from features.kinds import Kind
from features.prepare import main_column
from features.records import Records
from features.text.cells import Cells, number_cells
from features.variants.masking_policy import (
    MaskingPolicy,
    choose_masking_policy,
    is_unit_identifier,
    style_codes,
)
from features.variants.masks import mask_mentions
from features.variants.mentions import VariantValues, variant_values
from features.variants.variant_values import names_variants
from linkage.variants.collapsed_records import MOST_REPEATED, CollapsedRecords
from linkage.variants.collisions import collisions
from linkage.variants.ignored_values import Combinations, canonical, combinations
from linkage.variants.numbered_columns import NumberedColumns
from linkage.variants.product_keys import product_keys
from linkage.variants.row_numbers import number_rows, text_numbers, word_sets
from linkage.variants.stripped_titles import StrippedTitles, strip_options
from linkage.variants.text_patterns import without_matches

__all__ = ["collapse_records"]

#: Kinds of ignored attributes whose values texts mention; no text mentions an image or a price.
_VARIANT_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.QUANTITY, Kind.NUMBER})
#: Share of the records that are equal to another in all that is compared, below which equality may
#: be a coincidence.
_FEW_SHARED = 0.2
#: Estimated share of wrong joins from which equality is one.
_REFUTED = 0.5
#: Distinct values of a column of numbers, as a share of its cells, from which they name no variant.
_CONTINUOUS = 0.2


def collapse_records(
    records: Records,
    ignored: Sequence[str],
    source: str | None = None,
    *,
    concepts: Sequence[str] = (),
    patterns: Sequence[str] = (),
    variant_columns: Sequence[str] = (),
    strips: bool = True,
    threads: int = 1,
) -> CollapsedRecords:
    """Records with masked texts, of which those that are equal in all they keep are one row.

    Args:
        records: the records with all their attributes.
        ignored: attributes that the definition ignores.
        source: attribute that names the source of each record, if any.
        concepts: ignored concepts that titles may state (`features.variants.concepts`), with
            which prices vary, so that these are not compared either.
        patterns: regular expressions whose matches main texts lose before all else.
        variant_columns: attributes known to hold what variants differ in (ignored by another
            definition); those that this definition does not ignore are compared as stated values.
            Attributes of colours and sizes are recognised by their values.
        strips: whether titles lose the options that they state at their end or between delimiters
            (`features.variants.base_titles`), which takes time on very many records; they always
            do with concepts, which nothing else removes.
        threads: threads to use; the result does not depend on it.
    """
    if concepts:  # a pack of six costs more than a bottle, and no column says why
        records = records.without([n for n, kind in records.kinds.items() if kind == Kind.PRICE])
    sources, names = _sources(records, source)
    present = [name for name in ignored if name in records.table.column_names]
    raw = NumberedColumns(records)
    raw.read([*(name for name in records.kinds if name not in ignored), *present], threads)
    naming = [
        name
        for name in present
        if (kind := records.kinds.get(name, Kind.CATEGORY)) in _VARIANT_KINDS
        and not (kind == Kind.NUMBER and _is_continuous(raw.cells(name)))
    ]
    part, identifiers = _without_unit_identifiers(records, ignored, raw, naming)
    kinds = part.kinds
    main = main_column(kinds, raw.cells, threads=threads)
    if main is not None and patterns:
        records, part = (without_matches(one, main, patterns) for one in (records, part))
        raw = NumberedColumns(records, raw)
    stripped = (
        strip_options(
            raw.cells(main),
            [(n, raw.cells(n)) for n in naming if records.kinds.get(n) != Kind.NUMBER],
            concepts,
        )
        if main is not None and (concepts or (strips and naming))
        else None
    )
    part, policies, disciplined = _masked(
        part,
        main,
        raw.cells,
        [variant_values(name, raw.cells(name)) for name in naming],
        [canonical(raw.cells(name)) for name in naming or present],
        sources,
        names,
        stripped,
        bool(concepts),
        threads,
    )
    combined = combinations(
        [raw.cells(name) for name in naming], sources, None if main is None else raw.cells(main)
    )
    word_set = np.full(records.n, -1) if main is None else word_sets(part.values(main), threads)
    kept = NumberedColumns(part, raw)
    kept.read([n for n in kinds if n != main or disciplined.any()], threads)
    row, first = number_rows(part, kept, main, disciplined, word_set, combined)
    coincidental = _are_coincidences(row, combined, records.side)
    if coincidental:
        row, first = _equal_rows(
            [raw.cells(n).code for n in {*records.kinds, *present}], records.side
        )
    stated = [
        name
        for name, kind in kinds.items()
        if kind in _VARIANT_KINDS
        and name not in (main, source)
        and (name in variant_columns or names_variants(raw.cells(name)))
    ]
    text = text_numbers(raw, main, disciplined, word_set)
    if stripped is not None:
        text = text_numbers(kept, main, disciplined, word_set)
    others = [kept.cells(n).code[first] for n in kinds if n != main and kinds[n] != Kind.IMAGE]
    usable = (combined.code >= 0) & (combined.repeated <= MOST_REPEATED)
    width = max(combined.width, 1)
    return CollapsedRecords(
        records=Records(
            records.ids[first],
            _take(part.table, first, threads),
            records.side[first],
            kinds,
            is_swapped=records.is_swapped,
        ),
        row_of_record=row,
        first_record=first,
        main=main,
        text_number=text[first],
        key=np.arange(len(first)) if coincidental else product_keys(text[first], others),
        combination=combined.code,
        coincidental=coincidental,
        disciplined=disciplined[first],
        variants=sorted_distinct(row[usable] * width + combined.code[usable]),
        width=width,
        source=sources[first],
        unit_identifiers={name: _values_of_rows(raw.cells(name), row) for name in identifiers},
        stated={name: _stated_values(raw.cells(name), first) for name in stated},
        masking_policies=policies,
    )


def _are_coincidences(row: np.ndarray, combined: Combinations, side: np.ndarray) -> bool:
    """Return whether equal texts are coincidences: no product of the catalog has variants.

    Few records share a row, and these collide as often as records that are joined at random.

    Args:
        row: row of each record.
        combined: the ignored values of each record.
        side: table of each record.
    """
    if side.any() or combined.repeated > MOST_REPEATED:
        return False
    shared = float(np.mean(np.bincount(row)[row] > 1)) if len(row) else 0.0
    if not 0 < shared < _FEW_SHARED:
        return False
    return collisions(np.arange(len(row)), row, combined.code).share_wrong() > _REFUTED


def _equal_rows(codes: list[np.ndarray], side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of records that state the same in all columns, and the first record of each.

    Args:
        codes: number of each record's value of each column, -1 unknown.
        side: table of each record.
    """
    row = side.astype(np.int64)
    stated = np.zeros(len(row), bool)
    for code in codes:
        stated |= code >= 0
        row = number_values(row * (int(code.max(initial=-1)) + 2) + code + 1)[0].astype(np.int64)
    row, first = number_values(np.where(stated, row, -1 - np.arange(len(row))))
    return row.astype(np.int64), first


def _is_continuous(cells: Cells) -> bool:
    """Return whether the numbers of a column are amounts, as prices are, rather than sizes."""
    return len(cells.first) > _CONTINUOUS * max(int(np.sum(cells.code >= 0)), 1)


def _take(table: pa.Table, rows: np.ndarray, threads: int) -> pa.Table:
    """Some rows of a table, taken from several columns at a time."""
    at = pa.array(rows)
    columns = [column for _, column in in_order(lambda one: one.take(at), table.columns, threads)]
    return pa.table(columns, schema=table.schema)


def _sources(records: Records, source: str | None) -> tuple[np.ndarray, list[str]]:
    """Number of each record's source, int64, shape (n,), and name of each source.

    The two tables of a linkage are different sources, whatever their records name as one.
    """
    if source is not None and source in records.table.column_names:
        values = pc.fill_null(records.values(source), "")
        codes, names = pd.factorize(values.to_pandas(), sort=True)
        return codes * 2 + records.side, [str(n) for n in names for _ in range(2)]
    tables = ("right", "left") if records.is_swapped else ("left", "right")
    return records.side.astype(np.int64), list(tables) if records.is_linkage else [""]


def _without_unit_identifiers(
    records: Records, ignored: Sequence[str], raw: NumberedColumns, naming: Sequence[str]
) -> tuple[Records, list[str]]:
    """Records without ignored attributes and unit identifiers, and the names of the latter.

    A unit identifier is one number per variant, such as a GTIN, so that the variants of a product
    never share it. Where a part of it names the product (a style code), that part is kept.

    Args:
        records: the records with all their attributes.
        ignored: attributes that the definition ignores.
        raw: their cells.
        naming: ignored attributes whose values name variants.
    """
    kinds = {name: kind for name, kind in records.kinds.items() if name not in ignored}
    coarse = [canonical(raw.cells(name), coarse=True) for name in naming]
    identifiers = [
        name
        for name, kind in kinds.items()
        if kind == Kind.IDENTIFIER and is_unit_identifier(raw.cells(name).code, coarse)
    ]
    table, styled = records.table, []
    for name in identifiers:
        styles = style_codes(records.values(name))
        if not is_unit_identifier(number_cells(styles).code, coarse):
            table = table.set_column(table.column_names.index(name), name, styles)
            styled.append(name)
    kinds = {n: kind for n, kind in kinds.items() if n not in identifiers or n in styled}
    return replace(records, kinds=kinds, table=table), identifiers


def _masked(
    part: Records,
    main: str | None,
    cells: Callable[[str], Cells],
    variants: list[VariantValues],
    ignored_values: list[np.ndarray],
    sources: np.ndarray,
    names: list[str],
    stripped: StrippedTitles | None,
    by_words: bool,
    threads: int,
) -> tuple[Records, list[MaskingPolicy], np.ndarray]:
    """Records with the texts of messy sources masked, and the masking policies.

    Args:
        part: the records without ignored attributes.
        main: the attribute that names the product, if any.
        cells: gives the cells of an attribute, before masking.
        variants: the values to mask, by ignored attribute.
        ignored_values: number of each record's value, by ignored attribute, -1 unknown.
        sources: number of each record's source.
        names: name of each source.
        stripped: main texts without the options that they state, if these are removed.
        by_words: whether all of these are compared by their words: no column tells which text
            states an option.
        threads: threads to use; the result does not depend on it.

    Returns:
        The records; the policy of each source for each text; and which records have a main text of
        a disciplined source, bool, shape (n,): all of them without a main attribute.
    """
    texts = [n for n, k in part.kinds.items() if k == Kind.TEXT or n == main]
    kept = [n for n, k in part.kinds.items() if k in (Kind.NAME, Kind.CATEGORY) and n not in texts]
    table, policies = part.table, []
    disciplined = np.ones(part.n, bool)
    stated = np.zeros(part.n, bool)
    for code in ignored_values:
        stated |= code >= 0
    for column in texts:
        messy = np.zeros(part.n, bool)
        chosen = []
        for number in np.unique(sources):
            rows = np.flatnonzero(sources == number)
            policy = choose_masking_policy(
                names[number],
                column,
                cells(column).code[rows],
                [code[rows] for code in ignored_values],
            )
            messy[rows] = not policy.disciplined
            chosen.append((policy, rows))
        now = cells(column)
        if column == main and stripped is not None:
            in_words = stripped.compared_by_words(messy | ~stated | by_words)
            now = number_cells(stripped.values(now, in_words))
            at = table.column_names.index(column)
            table = table.set_column(at, column, now.values)
            disciplined = ~in_words
        elif column == main:
            disciplined = ~messy
        if messy.any() and variants:
            others = [cells(name) for name in kept]
            masked = mask_mentions(now, variants, others, messy, threads=threads)
            at = table.column_names.index(column)
            table = table.set_column(at, column, masked.values)
            chosen = [
                (replace(policy, masked=int(masked.mentions_by_row[rows].sum())), rows)
                for policy, rows in chosen
            ]
        policies += [policy for policy, _ in chosen]
    # Without an ignored column there is nothing that a policy could go by.
    return replace(part, table=table), policies if ignored_values else [], disciplined


def _stated_values(cells: Cells, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the value of each row's first record, and of that value's group (all blues)."""
    return canonical(cells)[first], canonical(cells, coarse=True)[first]


def _values_of_rows(cells: Cells, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct (row, value) pairs of a column, sorted: the rows, and numbers of the values."""
    values = cells.code
    some = values >= 0
    count = int(values.max(initial=0)) + 1
    pairs = sorted_distinct(row[some] * count + values[some])
    return pairs // count, pairs % count
