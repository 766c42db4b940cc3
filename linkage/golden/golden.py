"""The golden records of a match definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind
from linkage.errors import InputError, nearest_hint, shorten
from linkage.golden.cells import Column, chosen_columns
from linkage.golden.listed import offers_columns, option_column, union_column
from linkage.golden.members import Members
from linkage.golden.ordering import Context
from linkage.golden.pins import Pin, check_pins
from linkage.golden.plan import Group, Plan, Rule, make_plan
from linkage.golden.provenance import provenance_table
from linkage.golden.source import GoldenSource

__all__ = ["Golden", "golden_records"]

_ID, _SIZE = "cluster_id", "records"


@dataclass(frozen=True)
class Golden:
    """The golden records of the k clusters of a match definition.

    Attributes:
        definition: its name.
        table: ``cluster_id`` (ascending), ``records`` (how many the cluster has), then the
            attributes: text, null where nothing is stated. ``union`` attributes are lists; of
            prices there are ``<name>_min``, ``<name>_max`` and ``<name>_offers``; of ignored
            attributes ``<name>_options``, a list.
        provenance: a row for each cell, of lists and offers for each value: ``cluster_id,
            attribute, value, record_id, rule, agreement, losers, who, why``.
        members: the clusters.
        rules: rule of each attribute that has one.
        kinds: of the attributes.
        together: attributes that were taken from one record.
        withheld: attributes that these golden records have not.
    """

    definition: str
    table: pa.Table
    provenance: pa.Table
    members: Members
    rules: dict[str, str]
    kinds: dict[str, Kind]
    together: list[list[str]]
    withheld: list[str]

    def account(self) -> dict[str, Any]:
        """What was done, as plain values."""
        return {
            "clusters": self.table.num_rows,
            "records": len(self.members.label),
            "rules": dict(self.rules),
            "together": self.together,
            "withheld": self.withheld,
            "pinned": pc.sum(pc.equal(self.provenance["rule"], "pinned")).as_py() or 0,
        }


def golden_records(
    source: GoldenSource,
    definition: str,
    rules: Mapping[str, Rule] | None = None,
    pins: Sequence[Pin] = (),
    *,
    several: bool = False,
) -> Golden:
    """The golden records of a match definition: one for each cluster, alone or not.

    Args:
        source: the catalog and its clusters.
        definition: the name of the match definition.
        rules: rules by attribute, names or functions, which outrank those of ``source.golden``.
        pins: values that a person set.
        several: whether those of other definitions are made too, so that pins must say of which
            they are.

    Raises:
        ConfigError: a rule or a column is not there.
        InputError: a pin does not fit.
    """
    source.check_definition(definition)
    members = source.members(definition)
    attributes = source.attributes
    plan = make_plan(
        attributes,
        source.ignored(definition),
        source.golden,
        rules or {},
        looser=source.is_looser(definition),
    )
    context = source.context(members)
    own = _own_pins(source, definition, members, plan, list(pins), several=several)
    found: dict[str, list[Column]] = {}
    for group in plan.groups:
        if group.rule != "offers":
            for attribute, columns in _columns(context, group, own, source.records):
                found[attribute] = columns
    # The range of prices is of the currency that was chosen.
    current = found.get(plan.currency.name) if plan.currency is not None else None
    for group in plan.groups:
        if group.rule == "offers":
            prices = group.attributes[0]
            values = current[0].values if current else None
            found[prices.name] = offers_columns(context, prices, plan.currency, values)
    found |= {option.name: [option_column(members, option)] for option in plan.options}
    ordered = [column for name in attributes for column in found.get(name, ())]
    table = {_ID: members.names, _SIZE: pa.array(members.sizes)}
    for column in ordered:
        name = column.name
        while name in table:  # The catalog may have a column named as one that is made.
            name = f"golden_{name}"
        table[name] = column.values
    blocks = [block for column in ordered for block in column.blocks]
    return Golden(
        definition,
        pa.table(table),
        provenance_table(members, blocks),
        members,
        plan.rules,
        {name: one.kind for name, one in attributes.items()},
        [[one.name for one in g.attributes] for g in plan.groups if len(g.attributes) > 1],
        list(plan.withheld),
    )


def _columns(
    context: Context, group: Group, pins: Mapping[str, Mapping[int, Pin]], records: pa.Table
) -> list[tuple[str, list[Column]]]:
    """The columns of each attribute of a group."""
    if group.rule == "union":
        attribute = group.attributes[0]
        column = union_column(context, attribute, pins.get(attribute.name, {}))
        return [(attribute.name, [column])]
    if not isinstance(group.rule, str) and "id" not in records.column_names:
        records = records.add_column(0, "id", context.members.records)
    return [(one.name, [one]) for one in chosen_columns(context, group, pins, records)]


def _own_pins(
    source: GoldenSource,
    definition: str,
    members: Members,
    plan: Plan,
    pins: list[Pin],
    *,
    several: bool,
) -> dict[str, dict[int, Pin]]:
    """The pins of the definition, by attribute and position of the cluster."""
    for pin in pins:
        if pin.definition is not None and pin.definition not in source.definitions:
            raise InputError(
                f"{pin.place}, column definition: the run has no match definition "
                f"{shorten(pin.definition)}.",
                hint=nearest_hint(pin.definition, source.definitions, "definitions"),
            )
    names = sorted({pin.cluster for pin in pins})
    at = pc.index_in(pa.array(names, pa.string()), members.names).to_pylist()
    clusters = {name: place for name, place in zip(names, at, strict=True) if place is not None}
    groups = [group for group in plan.groups if group.rule != "offers"]
    single = [one.name for group in groups for one in group.attributes]
    return check_pins(pins, definition, several=several, clusters=clusters, attributes=single)
