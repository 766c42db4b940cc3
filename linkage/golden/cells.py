"""The cells of golden records: chosen by a rule, made by a function, or pinned by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import ConfigError, InputError, shorten
from linkage.golden.attribute import Attribute
from linkage.golden.members import Members
from linkage.golden.ordering import Context, best_first, distinct_rows, order_records
from linkage.golden.pins import Pin
from linkage.golden.plan import Group, UserRule, rule_name
from linkage.golden.provenance import Block, lists_of
from linkage.golden.together import joint_code

__all__ = ["PINNED", "Column", "chosen_columns"]

#: The rule of pinned values.
PINNED = "pinned"
Pins = Mapping[str, Mapping[int, Pin]]


@dataclass(frozen=True)
class Column:
    """A column of golden records, with the provenance of its cells.

    Attributes:
        name: of the column.
        values: one for each of the k clusters, null where there is none.
        blocks: where they are from.
    """

    name: str
    values: pa.Array
    blocks: tuple[Block, ...]


@dataclass
class _Given:
    """Values that no record need state, by position of the cluster."""

    values: dict[int, str] = field(default_factory=dict)
    pins: dict[int, Pin] = field(default_factory=dict)

    def add(self, pins: Mapping[int, Pin]) -> None:
        self.pins.update(pins)
        self.values.update({cluster: pin.value for cluster, pin in pins.items()})


def chosen_columns(
    context: Context, group: Group, pins: Pins, records: pa.Table | None = None
) -> list[Column]:
    """The columns of attributes whose values are taken from one record of each cluster.

    Args:
        context: the records.
        group: the attributes and their rule.
        pins: by attribute and position of the cluster.
        records: all columns, which a function may read.

    Raises:
        InputError: a pin leaves open what belongs to its value.
    """
    members, attributes = context.members, group.attributes
    given = {one.name: _Given() for one in attributes}
    if isinstance(group.rule, str):
        single = len(attributes) == 1
        code = attributes[0].code if single else joint_code(attributes)
        order = order_records(context, group.rule, attributes, code)
    else:
        assert records is not None
        order = best_first(members, attributes[0].stated, [])
        given[attributes[0].name].values = _made(members, attributes[0], group.rule, records)
    winner = np.full(len(members.names), -1)
    label = members.label[order]
    first = np.append(True, label[1:] != label[:-1])[: len(label)]
    winner[label[first]] = order[first]
    if group.rule == "gtin":  # A number with a wrong check digit is none: it was mistyped.
        winner[(winner >= 0) & (attributes[0].validity[winner] == 0)] = -1
    if not isinstance(group.rule, str):
        winner[:] = -1
    for one in attributes:
        given[one.name].add(pins.get(one.name, {}))
    if len(attributes) > 1:
        _move_to_pinned(members, attributes, order, winner, given)
    return [
        _column(members, one, order, winner, rule_name(group.rule), given[one.name])
        for one in attributes
    ]


def _column(
    members: Members,
    attribute: Attribute,
    order: np.ndarray,
    winner: np.ndarray,
    rule: str,
    given: _Given,
) -> Column:
    """One attribute's column, of the records that were chosen."""
    n, k = len(members.label), len(members.names)
    pinned = np.array(sorted(given.values), np.int64)
    if len(pinned):  # They are read as the column is.
        texts = pa.array([given.values[at] for at in pinned.tolist()], attribute.values.type)
        joined = pa.concat_arrays([attribute.values, texts])
        read = Attribute(attribute.name, attribute.kind, joined)
    else:
        texts, read = pa.array([], attribute.values.type), attribute
    stated = read.code[:n] >= 0
    chosen = np.where((winner >= 0) & stated[winner], winner, -1)
    code = np.where(chosen >= 0, read.code[chosen], -1)
    code[pinned] = read.code[n:]
    source = chosen.copy()
    source[pinned] = -1
    made = np.array([at for at in pinned.tolist() if at not in given.pins], np.int64)
    rows = order[stated[order]]
    source[made] = _stating(members, rows, read, pinned, made)
    values = attribute.values.take(pa.array(chosen, mask=chosen < 0))
    is_pinned = np.zeros(k, np.bool_)
    is_pinned[pinned] = True
    values = pc.replace_with_mask(values, pa.array(is_pinned), texts)

    count = members.counts(rows)
    agreeing = members.counts(rows[read.code[rows] == code[members.label[rows]]])
    clusters = np.flatnonzero((count > 0) | is_pinned)
    others = distinct_rows(members, read.code[:n], rows)
    others = others[read.code[others] != code[members.label[others]]]
    shares = np.full(k, np.nan)
    np.divide(agreeing, count, out=shares, where=count > 0)
    pins = [given.pins.get(at) for at in clusters.tolist()] if given.pins else None
    block = Block(
        attribute.name,
        clusters,
        values.take(pa.array(clusters)),
        source[clusters],
        pa.repeat(pa.scalar(rule), len(clusters))
        if pins is None
        else pa.array([rule if pin is None else PINNED for pin in pins], pa.string()),
        shares[clusters],
        lists_of(attribute.values.take(pa.array(others)), members.label[others], clusters),
        None if pins is None else pa.array([pin and pin.who for pin in pins], pa.string()),
        None if pins is None else pa.array([pin and pin.why for pin in pins], pa.string()),
    )
    return Column(attribute.name, values, (block,))


def _stating(
    members: Members, rows: np.ndarray, read: Attribute, given: np.ndarray, made: np.ndarray
) -> np.ndarray:
    """For each value that a function made, the first record of its cluster that states it, or -1.

    Args:
        members: the clusters.
        rows: those that state something, by cluster.
        read: the column, the given values at its end.
        given: the clusters of these.
        made: the clusters of those that functions made.
    """
    spelling, n = read.cells.code, len(members.label)
    wanted = np.full(len(members.names), -1)
    wanted[given] = spelling[n:]
    hits = rows[spelling[rows] == wanted[members.label[rows]]][::-1]
    found = np.full(len(members.names), -1)
    found[members.label[hits]] = hits
    return found[made]


def _made(
    members: Members, attribute: Attribute, rule: UserRule, records: pa.Table
) -> dict[int, str]:
    """What a function of the user's makes of each cluster that states a value."""
    rows = best_first(members, attribute.stated, [])
    label = members.label[rows]
    starts = np.flatnonzero(np.append(True, label[1:] != label[:-1])[: len(label)])
    made = {}
    for start, stop in zip(starts, np.append(starts[1:], len(rows)), strict=True):
        some = pa.array(rows[start:stop])
        found = rule(attribute.values.take(some).to_pylist(), records.take(some).to_pylist())
        if found is not None and not isinstance(found, str):
            raise ConfigError(
                f"golden.rules.{attribute.name}: {rule_name(rule)} returned {shorten(found)}, "
                f"which is no text, for cluster {members.names[int(label[start])]}."
            )
        if found is not None:
            made[int(label[start])] = found
    return made


def _move_to_pinned(
    members: Members,
    attributes: Sequence[Attribute],
    order: np.ndarray,
    winner: np.ndarray,
    given: Mapping[str, _Given],
) -> None:
    """Take what belongs to a pinned value from a record that states the value, or refuse."""
    names = [one.name for one in attributes]
    for cluster in sorted({at for one in given.values() for at in one.pins}):
        pinned = {name: given[name].pins[cluster] for name in names if cluster in given[name].pins}
        if len(pinned) == len(names):
            continue
        rows = order[members.label[order] == cluster]
        for one in attributes:
            if one.name in pinned:
                wanted = pa.array([pinned[one.name].value], one.values.type)
                joined = pa.concat_arrays([one.values.take(pa.array(rows)), wanted])
                code = Attribute(one.name, one.kind, joined).code
                rows = rows[code[:-1] == code[-1]]
        if not len(rows):
            pin = next(iter(pinned.values()))
            left = [name for name in names if name not in pinned]
            raise InputError(
                f"{pin.place}: no record of cluster {shorten(pin.cluster)} has {pin.attribute} "
                f"{shorten(pin.value)}, so that it does not say what {', '.join(left)} would be.",
                hint=f"Pin {', '.join(left)} as well: they belong together.",
            )
        winner[cluster] = rows[0]
