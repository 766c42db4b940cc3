"""What becomes of each column: chosen by a rule, alone or with others, listed, or withheld."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from features.kinds import Kind
from features.values.identifiers import trade_number_share
from features.variants.masking_policy import is_unit_identifier
from linkage.config.golden import RULES, GoldenConfig
from linkage.errors import ConfigError, nearest_hint
from linkage.golden.attribute import Attribute
from linkage.golden.column_roles import column_of, has_role
from linkage.golden.together import read_with_units, recognised_groups
from linkage.results.variation import NO_THEME

__all__ = ["Group", "Plan", "Rule", "UserRule", "make_plan", "rule_name"]

#: A rule of the user's: the values that the records of a cluster state and those records, by name,
#: to the value of the golden record; None where it has none.
UserRule: TypeAlias = Callable[[list[str], list[dict[str, Any]]], str | None]
Rule: TypeAlias = str | UserRule

#: The rule of each kind of attribute.
_USUAL = {
    Kind.TEXT: "longest",  # Of free texts, which hardly agree, the longest says the most.
    Kind.NAME: "most_frequent",  # A fact about the product: what the sources agree on.
    Kind.CATEGORY: "most_frequent",
    Kind.NUMBER: "most_frequent",  # A middle would be a number that nobody may have meant.
    Kind.QUANTITY: "most_frequent",
    Kind.DATE: "most_frequent",  # When it was released, say; golden.date has the newest.
    Kind.IDENTIFIER: "most_frequent",
    Kind.PRICE: "offers",  # A price is of an offer, not of the product: prices have no truth.
    Kind.IMAGE: "most_complete",  # Pictures never agree; a careful record has the better one.
}
#: Share of right check digits at which a column is one of trade numbers; by chance a tenth is.
_TRADE_NUMBERS = 0.5
#: Rules that choose no single value, so that nothing can be taken from the same record.
_NOT_CHOSEN = frozenset({"union", "offers"})


@dataclass(frozen=True)
class Group:
    """Attributes whose values are taken from one record; most groups have one attribute.

    Attributes:
        attributes: the columns; the rule reads the first.
        rule: by which the record is chosen.
    """

    attributes: tuple[Attribute, ...]
    rule: Rule


@dataclass(frozen=True)
class Plan:
    """What becomes of the columns of a catalog under a match definition.

    Attributes:
        groups: what is chosen by rules.
        options: the ignored attributes that are listed, each with the unit that it reads with.
        withheld: columns that a golden record of this definition has not.
        currency: the column of currencies, if there is one.
    """

    groups: tuple[Group, ...]
    options: tuple[Attribute, ...] = ()
    withheld: tuple[str, ...] = ()
    currency: Attribute | None = None
    rules: dict[str, str] = field(default_factory=dict)


def rule_name(rule: Rule) -> str:
    """A rule as the provenance names it."""
    return rule if isinstance(rule, str) else f"function {getattr(rule, '__name__', 'rule')}"


def make_plan(
    attributes: Mapping[str, Attribute],
    ignore: Sequence[str],
    config: GoldenConfig,
    rules: Mapping[str, Rule],
    *,
    looser: bool,
) -> Plan:
    """Decide what becomes of each column.

    Args:
        attributes: the columns, by name.
        ignore: those that the match definition ignores.
        config: the section ``[golden]``.
        rules: rules given in Python, which outrank those of the section.
        looser: whether the definition ignores anything, be it a column or not.

    Raises:
        ConfigError: with every column that is not there and every rule that cannot be.
    """
    wanted: dict[str, Rule] = {**(config.rules or {}), **rules}
    faults = _faults(attributes, config, wanted)
    declared = [list(group) for group in config.together or ()]
    if faults:
        raise ConfigError(faults)
    found = [
        group
        for group in recognised_groups(attributes)
        if not any(name in other for name in group for other in declared)
    ]
    together = _merged(declared) + found
    withheld = {name for name in ignore if _rule(attributes[name], wanted, config) != "offers"}
    withheld |= {name for group in together if set(group) & withheld for name in group}
    if looser:
        codes = [attributes[name].code for name in ignore]
        withheld |= {
            name
            for name, one in attributes.items()
            if one.kind == Kind.IDENTIFIER and name not in wanted and _is_of_unit(one, codes)
        }
    currency = attributes.get(column_of("currency", attributes) or "")
    groups = [
        _group([attributes[name] for name in names], wanted, config)
        for names in _partition(attributes, together)
        if not set(names) & withheld
    ]
    options = []
    for name in ignore:
        if attributes[name].kind not in NO_THEME:
            group = next((g for g in together if name in g), [name])
            read = read_with_units([attributes[one] for one in group])
            options += [one for one in read if one.name == name]
    named = {one.name: rule_name(group.rule) for group in groups for one in group.attributes}
    order = tuple(name for name in attributes if name in withheld)
    return Plan(tuple(groups), tuple(options), order, currency, named)


def _faults(
    attributes: Mapping[str, Attribute], config: GoldenConfig, wanted: Mapping[str, Rule]
) -> list[str]:
    named = [(f"golden.rules.{name}", name) for name in wanted]
    named += [part for part in config.named_columns() if part[0] == "golden.together"]
    faults = [
        f"{path}: there is no attribute '{name}'. {nearest_hint(name, attributes, 'attributes')}"
        for path, name in named
        if name not in attributes
    ]
    for name, rule in wanted.items():
        if name not in attributes:
            continue
        path = f"golden.rules.{name}"
        if isinstance(rule, str):
            needs = {"newest": config.date, "source": config.sources}
            if rule not in RULES:
                faults.append(f"{path} must be a function or one of {', '.join(RULES)}.")
            elif rule in needs and needs[rule] is None:
                faults.append(f"{path} = {rule!r} needs golden.{rule.replace('newest', 'date')}.")
            elif rule in ("min", "max", "median") and np.isnan(attributes[name].amount).all():
                faults.append(f"{path} = {rule!r}: the column has no number, quantity or date.")
        elif not callable(rule):
            faults.append(f"{path} must be a function or one of {', '.join(RULES)}.")
    return faults


def _rule(attribute: Attribute, wanted: Mapping[str, Rule], config: GoldenConfig) -> Rule:
    if attribute.name in wanted:
        return wanted[attribute.name]
    if attribute.name == config.date:
        return "max"  # When the newest record was changed, the golden one was.
    if _is_trade_number(attribute):
        return "gtin"
    if attribute.kind == Kind.TEXT and has_role(attribute.name, "title"):
        return "most_frequent"  # The longest title is the one that is stuffed with search words.
    return _USUAL[attribute.kind]


def _is_trade_number(attribute: Attribute) -> bool:
    if has_role(attribute.name, "gtin"):
        return attribute.kind != Kind.IMAGE
    if attribute.kind != Kind.IDENTIFIER:
        return False
    return trade_number_share(attribute.cells.distinct()) >= _TRADE_NUMBERS


def _is_of_unit(attribute: Attribute, ignored: Sequence[np.ndarray]) -> bool:
    """Whether an identifier is of one variant, so that a group of variants has none."""
    return _is_trade_number(attribute) or is_unit_identifier(attribute.code, ignored)


def _group(members: list[Attribute], wanted: Mapping[str, Rule], config: GoldenConfig) -> Group:
    given = [one for one in members if one.name in wanted]
    lead = (given or members)[0]
    rule = _rule(lead, wanted, config)
    if len(members) > 1:
        path = f"golden.together: {', '.join(one.name for one in members)}"
        different = {wanted[one.name] for one in given}
        if len(different) > 1:
            raise ConfigError(f"{path} have {len(different)} rules; give one of them a rule.")
        if not isinstance(rule, str) or rule in _NOT_CHOSEN:
            raise ConfigError(
                f"{path}: {lead.name} has the rule '{rule_name(rule)}', which chooses no record; "
                "give it another, or take it out of the group."
            )
    ordered = [lead, *(one for one in members if one is not lead)]
    return Group(tuple(read_with_units(ordered)), rule)


def _partition(names: Collection[str], groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """All names, those of a group together, in the order of their first."""
    home = {name: list(group) for group in groups for name in group}
    done: set[str] = set()
    parts = []
    for name in names:
        if name not in done:
            parts.append(home.get(name, [name]))
            done.update(parts[-1])
    return parts


def _merged(groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Groups that share a name as one."""
    merged: list[list[str]] = []
    for group in groups:
        touching = [one for one in merged if set(one) & set(group)]
        merged = [one for one in merged if one not in touching]
        names = [name for one in (*touching, group) for name in one]
        merged.append(list(dict.fromkeys(names)))
    return merged
