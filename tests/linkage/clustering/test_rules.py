"""Rules of a definition over records: what fires, what is passed on, what is joined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.kinds import Kind
from linkage.clustering.declared_rules import inherited_rules
from linkage.clustering.rule_values import rule_values
from linkage.clustering.rules import Rules
from linkage.config.authored import Config, MatchDefinition, Rule
from linkage.io.reading import build_records, from_frame

EQUAL, DIFFER = Rule("gtin", "equal"), Rule("brand", "differ")


def rules_of(columns: dict[str, list[str | None]], largest: int = 500, **verbs: list) -> Rules:
    """Rules over a table whose rows keep their order."""
    frame = pd.DataFrame(columns)
    frame.insert(0, "id", [f"r{k}" for k in range(len(frame))])
    records = build_records(from_frame(frame), kinds={"gtin": Kind.IDENTIFIER, "brand": Kind.NAME})
    rows = [int(name[1:]) for name in records.ids]
    definition = MatchDefinition("exact", **{v: tuple(r) for v, r in verbs.items()})
    rules = Rules.of(definition, [definition], records, largest=largest)
    for rule in rules.declared:
        rule.values[rows] = rule.values.copy()
    return rules


@pytest.mark.parametrize(
    ("kind", "same", "other", "unknown"),
    [
        (Kind.IDENTIFIER, ("AB 12", "ab-12", "AB12"), "AB13", "does not apply"),
        (Kind.PRICE, ("10", "10.00", "$10"), "11", "on request"),
        (Kind.QUANTITY, ("0.5 l", "500 ml", "50 cl"), "1 l", "large"),
        (Kind.DATE, ("2024-02-01", "1 Feb 2024"), "2024-02-02", "soon"),
        (Kind.NAME, ("Black & Decker", "BLACK DECKER"), "Bosch", "unknown"),
        (Kind.CATEGORY, ("T-Shirts", "t shirts"), "Hats", "N/A"),
    ],
)  # fmt: skip
def test_values_are_compared_by_kind(
    kind: Kind, same: tuple[str, ...], other: str, unknown: str
) -> None:
    codes = rule_values(pa.array([*same, other, unknown, None]), kind)
    assert len(set(codes[: len(same)])) == 1
    assert 0 <= codes[len(same)] != codes[0] >= 0
    assert codes[-2:].tolist() == [-1, -1]


def test_must_goes_to_looser_and_cannot_to_stricter_definitions() -> None:
    exact = MatchDefinition("exact", must=(EQUAL,), cannot=(Rule("mpn", "differ"),))
    colour = MatchDefinition("colour", ("colour",), cannot=(DIFFER,))
    size = MatchDefinition("size", ("size",), must=(Rule("style", "equal"),))
    found = {
        one.name: [(verb, rule.column, name) for verb, rule, name in inherited_rules(one, every)]
        for every in [[exact, colour, size]]
        for one in every
    }
    assert found == {
        "exact": [
            ("must", "gtin", "exact"), ("cannot", "mpn", "exact"), ("cannot", "brand", "colour"),
        ],
        "colour": [("must", "gtin", "exact"), ("cannot", "brand", "colour")],
        "size": [("must", "style", "size"), ("must", "gtin", "exact")],
    }  # fmt: skip


def test_unknown_values_never_fire() -> None:
    rules = rules_of(
        {"gtin": ["12345", "12345", None, None], "brand": ["A", "B", None, "B"]},
        must=[EQUAL],
        cannot=[DIFFER],
    )
    left, right = np.array([0, 0, 1, 2]), np.array([1, 2, 3, 3])
    assert rules.forbids(left, right).tolist() == [True, False, False, False]
    assert rules.demands(left, right).tolist() == [False] * 4, "cannot wins"
    score = np.full(4, 0.5)
    assert rules.overrule(left, right, score).tolist() == [0, 0.5, 0.5, 0.5]


def test_records_of_equal_values_begin_together() -> None:
    rules = rules_of({"gtin": ["12345", None, "12345", "12345", "77777"]}, must=[EQUAL])
    assert rules.start(5).tolist() == [0, 1, 0, 0, 2]
    assert rules.start(5, [np.array([0, 0, 1, 2, 3])]).tolist() == [0, 0, 0, 0, 1]
    left, right = rules.stars(rules.start(5))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 2), (0, 3)]


def test_cannot_keeps_apart_what_must_joins_and_by_no_chain() -> None:
    rules = rules_of(
        {"gtin": ["12345"] * 4, "brand": ["A", None, "B", "A"]}, must=[EQUAL], cannot=[DIFFER]
    )
    assert rules.start(4).tolist() == [0, 0, 1, 0]
    left, right = rules.stars(rules.start(4))
    assert (left.tolist(), right.tolist()) == ([0, 0], [1, 3])


def test_a_value_of_too_many_records_is_left_alone_and_named() -> None:
    rules = rules_of({"gtin": ["12345"] * 4 + ["7777"] * 2}, must=[EQUAL], largest=3)
    assert rules.start(6).tolist() == [0, 1, 2, 3, 4, 4]
    assert rules.demands(np.array([0, 4]), np.array([1, 5])).tolist() == [False, True]
    (note,) = rules.notes
    assert note.startswith("must gtin equal: 4 records have '12345', more than limits.max_cluster")


def test_a_column_without_values_is_named() -> None:
    rules = rules_of({"gtin": [None, None], "brand": ["a", "b"]}, must=[EQUAL])
    assert rules.notes == ["must gtin equal: no value of 'gtin' is known, so it never fires."]


def test_between_two_tables_only_pairs_across_are_joined() -> None:
    left = pd.DataFrame({"id": ["a", "b", "c"], "gtin": ["12345", "12345", "99999"]})
    right = pd.DataFrame({"id": ["a", "b", "c"], "gtin": ["12345", "88888", "88888"]})
    kinds = {"gtin": Kind.IDENTIFIER}
    records = build_records(from_frame(left), from_frame(right), kinds=kinds)
    exact = MatchDefinition("exact", must=(EQUAL,))
    rules = Rules.of(exact, [exact], records)
    names = np.char.add(np.array(["l", "r"])[records.side], records.ids.astype(str))
    labels = rules.start(6)
    groups = {frozenset(names[labels == k]) for k in set(labels)}
    assert groups == {frozenset(g) for g in (("la", "lb", "ra"), ("lc",), ("rb",), ("rc",))}
    one, two = rules.stars(labels)
    assert {(names[a], names[b]) for a, b in zip(one, two, strict=True)} == {
        ("la", "ra"),
        ("lb", "ra"),
    }


def test_rules_are_truthy_only_where_there_are_some() -> None:
    exact = Config().match["exact"]
    records = build_records(from_frame(pd.DataFrame({"id": ["a"], "gtin": ["1"]})))
    assert not Rules.of(exact, [exact], records)
    assert Rules.of(exact, [exact], records).start(1).tolist() == [0]


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (["6'2\"", "188 cm", "189 cm", None], [0, 0, 1, -1]),
        (["16.9 fl oz", "500 ml", "505 ml", "500 g"], [0, 0, 1, 2]),
        (["500 pcs", "501 pcs", "500 pieces", "x"], [0, 1, 0, -1]),
        (["refill pack 400 ml", "twin pack 400 ml", "400 ml", "2 x 400 ml"], [0, 1, 0, 1]),
    ],
)
def test_quantities_are_equal_within_rounding(cells: list[str | None], codes: list[int]) -> None:
    assert rule_values(pa.array(cells, pa.string()), Kind.QUANTITY).tolist() == codes
