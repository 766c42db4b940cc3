"""Columns that hold several values: distinct ones, options of variants, ranges of offers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind
from linkage.golden.attribute import Attribute
from linkage.golden.cells import PINNED, Column
from linkage.golden.members import Members
from linkage.golden.ordering import Context, best_first, distinct_rows, order_records, votes
from linkage.golden.pins import Pin
from linkage.golden.provenance import Block, lists_of
from linkage.results.variation import option_rank

__all__ = ["SEPARATOR", "offers_columns", "option_column", "union_column"]

#: Between the values of a pinned union.
SEPARATOR = "|"


def union_column(context: Context, attribute: Attribute, pins: Mapping[int, Pin]) -> Column:
    """All distinct values of each cluster as a list, those that more records state first."""
    order = order_records(context, "union", (attribute,), attribute.code)
    rows = distinct_rows(context.members, attribute.code, order)
    return _listed(context.members, attribute, rows, attribute.name, "union", pins)


def option_column(members: Members, attribute: Attribute) -> Column:
    """The values of an ignored attribute as a list ``<name>_options``, sizes from small to large.

    Spellings of one value count once, as in the variation of groups.
    """
    values, kind = attribute.values, attribute.kind
    if attribute.reading is not None:
        values, kind = attribute.reading, Kind.QUANTITY
    if kind in (Kind.NAME, Kind.TEXT):  # by which colours of few records may be taken for names
        kind = Kind.CATEGORY
    read = Attribute(attribute.name, kind, values)
    texts = read.cells.distinct().to_pylist()
    place = {key: at for at, key in enumerate(sorted({option_rank(text) for text in texts}))}
    of_text = np.array([place[option_rank(text)] for text in texts] + [0], np.int64)
    everyone = np.ones(len(members.label), np.bool_)
    keys = [votes(members, code, everyone) for code in (read.code, read.cells.code)]
    rows = distinct_rows(members, read.code, best_first(members, read.stated, keys))
    use = np.zeros(len(members.label), np.bool_)
    use[rows] = True
    rows = best_first(members, use, [-of_text[read.cells.code]])
    return _listed(members, read, rows, f"{attribute.name}_options", "option", {})


def offers_columns(
    context: Context, attribute: Attribute, currency: Attribute | None, current: pa.Array | None
) -> list[Column]:
    """The range of a price, ``<name>_min`` and ``<name>_max``, and the number of its offers.

    Prices are of offers and are not fused: every one is kept in the provenance with its record.

    Args:
        context: the records.
        attribute: the prices.
        currency: the column of currencies, if there is one.
        current: the currency of each golden record, k strings: the range is of offers in it, and
            of those that name none.
    """
    members, name = context.members, attribute.name
    order = order_records(context, "offers", (attribute,), attribute.code)
    every, k = members.counts(order), len(members.names)
    label = members.label[order]
    count = votes(members, attribute.code, np.ones(len(attribute.code), np.bool_))
    none = pa.array([[]] * len(order), pa.list_(pa.string()))
    offers = Block(
        name,
        label,
        attribute.values.take(pa.array(order)),
        order,
        pa.repeat(pa.scalar("offers"), len(order)),
        count[order] / every[label],
        none,
    )
    known = order[~np.isnan(attribute.amount[order])]
    if currency is not None and current is not None:
        own = current.take(pa.array(members.label[known]))
        theirs = currency.values.take(pa.array(known))
        same = pc.equal(pc.utf8_upper(own), pc.utf8_upper(theirs)).fill_null(True)
        known = known[same.to_numpy(zero_copy_only=False)]
    columns = []
    use = np.zeros(len(attribute.code), np.bool_)
    use[known] = True
    for rule, sign in (("min", -1.0), ("max", 1.0)):
        rows = best_first(members, use, [sign * np.nan_to_num(attribute.amount)])
        at = members.label[rows]
        rows = rows[np.append(True, at[1:] != at[:-1])[: len(at)]]
        at = members.label[rows]
        amounts = np.full(k, np.nan)
        amounts[at] = attribute.amount[rows]
        block = Block(
            f"{name}_{rule}",
            at,
            attribute.values.take(pa.array(rows)),
            rows,
            pa.repeat(pa.scalar(rule), len(rows)),
            count[rows] / every[at],
            pa.array([[]] * len(rows), pa.list_(pa.string())),
        )
        blocks = (offers, block) if rule == "min" else (block,)
        columns.append(Column(f"{name}_{rule}", pa.array(amounts, mask=np.isnan(amounts)), blocks))
    return [*columns, Column(f"{name}_offers", pa.array(every), ())]


def _listed(
    members: Members,
    attribute: Attribute,
    rows: np.ndarray,
    name: str,
    rule: str,
    pins: Mapping[int, Pin],
) -> Column:
    """The values of some rows, by cluster, as a list for each cluster, with their provenance."""
    every = members.counts(np.flatnonzero(attribute.stated))
    same = votes(members, attribute.code, np.ones(len(attribute.code), np.bool_))
    rows = rows[~np.isin(members.label[rows], list(pins))]
    label, values = members.label[rows], attribute.values.take(pa.array(rows))
    agreement = same[rows] / every[label]
    rules, who, why = [rule] * len(rows), None, None
    if pins:
        parts = [
            (at, part.strip()) for at, pin in pins.items() for part in pin.value.split(SEPARATOR)
        ]
        joined = np.concatenate([label, [at for at, _ in parts]]).astype(np.int64)
        at = np.argsort(joined, kind="stable")
        texts = pa.array([text for _, text in parts], values.type)
        values = pa.concat_arrays([values, texts]).take(pa.array(at))
        label = joined[at]
        rows = np.concatenate([rows, np.full(len(parts), -1)])[at]
        agreement = np.concatenate([agreement, np.full(len(parts), np.nan)])[at]
        own = [pins.get(cluster) for cluster in label.tolist()]
        rules = [rule if pin is None else PINNED for pin in own]
        who = pa.array([pin and pin.who for pin in own], pa.string())
        why = pa.array([pin and pin.why for pin in own], pa.string())
    block = Block(
        attribute.name,
        label,
        values,
        rows,
        pa.array(rules, pa.string()),
        agreement,
        pa.array([[]] * len(label), pa.list_(pa.string())),
        who,
        why,
    )
    return Column(name, lists_of(values, label, np.arange(len(members.names))), (block,))
