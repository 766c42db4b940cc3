"""From records to forms: masks where sources are messy, raw texts where they are disciplined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.distinct import sorted_distinct
from features.kinds import Kind
from features.masks import mask_mentions
from features.mentions import VariantValues, variant_values
from features.prepare import main_column
from features.records import Records
from features.tokens import number_hashes, tokenise
from features.treatment import Treatment, choose_treatment, is_unit_identifier, style_codes
from features.variant_values import canonical_values, names_variants
from linkage.grouping import Grouping

__all__ = ["group_records"]

#: Kinds whose values name variants; texts do not mention a photograph or a price as one.
_VARIANT_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.QUANTITY, Kind.NUMBER})
#: Records of one form that state the same values in two notations, from which it is two products.
_FEWEST_COLLISIONS, _COLLIDING = 3, 0.5
#: Share of records that may share their text and variant with another; where it is larger, sources
#: repeat offers and a repeated variant says nothing.
_REPEATED = 0.1


def group_records(
    records: Records,
    ignored: Sequence[str],
    source: str | None = None,
    *,
    variant_columns: Sequence[str] = (),
    threads: int = 1,
) -> Grouping:
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
    judged = [_canonical(records.values(n)) for n in naming or present]
    coarse = [_canonical(records.values(n), coarse=True) for n in naming]
    units = [
        name
        for name, kind in kinds.items()
        if kind == Kind.IDENTIFIER and is_unit_identifier(_codes(records.values(name)), coarse)
    ]
    table, styled = records.table, []
    for name in units:
        styles = style_codes(records.values(name))
        if not is_unit_identifier(_codes(styles), coarse):
            table = table.set_column(table.column_names.index(name), name, styles)
            styled.append(name)
    # Of a number that names a variant, what names its style is kept.
    kinds = {n: kind for n, kind in kinds.items() if n not in units or n in styled}
    part = replace(records, kinds=kinds, table=table)
    main = main_column(part, threads=threads)
    variants = [variant_values(name, records.values(name)) for name in naming]
    part, treatments, left_alone = _treated(part, main, variants, judged, sources, names, threads)
    combination, notation, width, repeated = _combinations(records, naming, sources, main)
    disciplined = left_alone.get(main or "", np.ones(records.n, bool))
    clean = None if main is None else _codes(_clean(part.values(main), threads))
    keys = _keys(part, main, disciplined, clean)
    form = np.arange(records.n)
    if main is not None:
        form = _forms(keys, records.side, part.values(main), combination, notation, disciplined)
    _, first, form = np.unique(form, return_index=True, return_inverse=True)
    rows = records.side[first].astype(np.int64) * records.n + first
    order = np.argsort(rows, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    first, form = first[order], rank[form]
    text = _codes(records.values(main)) if main is not None else np.full(records.n, -1)
    if clean is not None:
        unknown = np.where(disciplined, text, clean) < 0
        text = np.where(disciplined, text, clean + int(text.max(initial=-1)) + 1)
        text[unknown] = -1
    stated = {
        name: (
            _canonical(records.values(name))[first],
            _canonical(records.values(name), True)[first],
        )
        for name, kind in kinds.items()
        if kind in _VARIANT_KINDS
        and name not in (main, source)
        and (name in variant_columns or names_variants(records.values(name)))
    }
    known = combination >= 0
    usable = known & (repeated <= _REPEATED)
    shared = {}
    for name in units:
        values = _codes(records.values(name))
        some = values >= 0
        count = int(values.max(initial=0)) + 1
        pairs = sorted_distinct(form[some] * count + values[some])
        shared[name] = (pairs // count, pairs % count)
    forms = Records(
        records.ids[first], part.table.take(pa.array(first)), records.side[first], kinds
    )
    return Grouping(
        forms=forms, form=form, first=first, main=main, text=text[first],
        disciplined=disciplined[first], width=max(width, 1), source=sources[first], shared=shared,
        stated=stated, variants=sorted_distinct(form[usable] * max(width, 1) + combination[usable]),
        treatments=treatments,
    )  # fmt: skip


def _sources(records: Records, source: str | None) -> tuple[np.ndarray, list[str]]:
    """Number of each record's source, and the names; the two sides of a linkage are sources."""
    if source is not None and source in records.table.column_names:
        values = pc.fill_null(records.values(source), "")
        codes, names = pd.factorize(values.to_pandas(), sort=True)
        return codes * 2 + records.side, [str(n) for n in names for _ in range(2)]
    return records.side.astype(np.int64), ["left", "right"] if records.is_linkage else [""]


def _codes(values: pa.Array) -> np.ndarray:
    indices = pc.fill_null(pc.dictionary_encode(values).indices, -1)
    return np.asarray(indices.to_numpy(zero_copy_only=False)).astype(np.int64)


def _canonical(values: pa.Array, coarse: bool = False) -> np.ndarray:
    """Numbers of values, one for all spellings of a value, -1 unknown."""
    encoded = pc.dictionary_encode(values)
    names = pd.factorize(pd.Index(canonical_values(encoded.dictionary.to_pylist(), coarse=coarse)))[
        0
    ]
    code = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return np.where(code < 0, -1, names[code] if len(names) else -1).astype(np.int64)


def _clean(values: pa.Array, threads: int = 1) -> pa.Array:
    return tokenise(values, threads=threads).clean_strings()


def _treated(
    part: Records,
    main: str | None,
    variants: list[VariantValues],
    judged: list[np.ndarray],
    sources: np.ndarray,
    names: list[str],
    threads: int,
) -> tuple[Records, list[Treatment], dict[str, np.ndarray]]:
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
            values = part.values(column).take(pa.array(rows))
            treatment = choose_treatment(
                names[number], column, values, [code[rows] for code in judged]
            )
            messy[rows] = not treatment.disciplined
            chosen.append((treatment, rows))
        left_alone[column] = ~messy
        if messy.any() and variants:
            masked = mask_mentions(
                part.values(column),
                variants,
                [part.values(name) for name in kept],
                messy,
                threads=threads,
            )
            at = table.column_names.index(column)
            table = table.set_column(at, column, masked.values)
            chosen = [
                (replace(t, masked=int(masked.mentions_by_row[rows].sum())), rows)
                for t, rows in chosen
            ]
        treatments += [treatment for treatment, _ in chosen]
    return replace(part, table=table), treatments, left_alone


def _combinations(
    records: Records, naming: list[str], sources: np.ndarray, main: str | None
) -> tuple[np.ndarray, np.ndarray, int, float]:
    """Each record's ignored values as one number, and their notation as another.

    The values are compared clean and whatever column they stand in; the notation is which columns
    state them, and in what case.

    Returns:
        Numbers of the values (-1: none known) and of the notation, how many values there are, and
        the share of records that share source, text and values with another.
    """
    if not naming:
        nothing = np.full(records.n, -1)
        return nothing, np.zeros(records.n, np.int64), 0, 0.0
    clean = [pc.dictionary_encode(_clean(records.values(n))) for n in naming]
    words = pd.factorize(
        np.concatenate([np.array(c.dictionary.to_pylist(), object) for c in clean])
    )[0]
    before = np.cumsum([0, *(len(c.dictionary) for c in clean)])
    stated = np.column_stack(
        [_looked_up(words[at:], c.indices) for c, at in zip(clean, before, strict=False)]
    )
    known = stated >= 0
    # Known values first, in the order of their columns.
    stated = np.take_along_axis(stated, np.argsort(~known, axis=1, kind="stable"), axis=1)
    combination = np.where(known.any(axis=1), _rows_as_numbers(stated), -1)
    combination = pd.factorize(pd.Series(combination).where(combination >= 0))[0]
    marks = []
    for name in naming:
        raw = pc.dictionary_encode(records.values(name))
        cases = np.array([_CASES.index(_case(v)) for v in raw.dictionary.to_pylist()], np.int64)
        marks.append(_looked_up(cases, raw.indices))
    notation = _rows_as_numbers(np.column_stack(marks))
    repeated = 0.0
    if main is not None:
        whole = pd.DataFrame({"s": sources, "t": _codes(records.values(main)), "c": combination})
        whole = whole[(whole["c"] >= 0) & (whole["t"] >= 0)]
        repeated = float(whole.duplicated(keep=False).mean()) if len(whole) else 0.0
    return combination, notation, int(combination.max(initial=-1)) + 1, repeated


def _looked_up(values: np.ndarray, indices: pa.Array) -> np.ndarray:
    """Value of each index, -1 where there is none, int64."""
    at = pc.fill_null(indices, -1).to_numpy(zero_copy_only=False)
    return np.append(values, -1)[at].astype(np.int64)


def _rows_as_numbers(columns: np.ndarray) -> np.ndarray:
    """One number for all rows of the same values, which are -1 or more; int64, shape (n,)."""
    out = np.zeros(len(columns), np.int64)
    for values in columns.T:
        width = int(values.max(initial=-1)) + 2
        out = np.unique(out * width + values + 1, return_inverse=True)[1]
    return out


#: Cases of a word.
_CASES = ("lower", "upper", "title", "other")


def _case(value: str) -> str:
    """Case of the last word of a value: lower, upper, title, or without letters."""
    word = value.split()[-1] if value.split() else ""
    if word.islower():
        return "lower"
    return "upper" if word.isupper() else "title" if word.istitle() else "other"


def _keys(
    part: Records, main: str | None, disciplined: np.ndarray, clean: np.ndarray | None
) -> np.ndarray:
    """Number of the kept values of each record together; the name to the byte where disciplined.

    Args:
        part: the records.
        main: the column of the name.
        disciplined: records whose name is left as it is.
        clean: number of each record's clean name, -1 unknown.
    """
    out = np.zeros(part.n, np.int64)
    for name in part.kinds:
        codes = _codes(part.values(name))
        if name == main and clean is not None:
            # What is left of masked texts may differ in punctuation only.
            codes = np.where(disciplined, codes, clean + int(codes.max(initial=-1)) + 2)
        out = out * (int(codes.max(initial=-1)) + 2) + codes + 1
        out = number_hashes(out.astype(np.uint64))[0].astype(np.int64)
    return out


def _forms(
    keys: np.ndarray,
    side: np.ndarray,
    names: pa.Array,
    combination: np.ndarray,
    notation: np.ndarray,
    disciplined: np.ndarray,
) -> np.ndarray:
    """Form of each record; records without a name are forms of their own."""
    named = np.asarray(pc.is_valid(names).to_numpy(zero_copy_only=False))
    form = keys * 2 + side
    frame = pd.DataFrame({"form": form, "c": combination, "n": notation})
    frame = frame[named & disciplined & (combination >= 0)]
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
