"""Whatever the scores and the rules: clusters of definitions nest, and no rule is broken."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustering.cluster_pairs import decide_edges
from linkage.clustering.declared_rules import DeclaredRule, inherited_rules
from linkage.clustering.rules import Rules
from linkage.config.match_definition import MatchDefinition, Rule
from linkage.config.nesting import check_nesting, is_looser, starts_of

COLUMNS = ("a", "b", "c")


@st.composite
def definition_sets(draw: st.DrawFn) -> list[MatchDefinition]:
    """Some definitions, nested or not, with rules."""
    subsets = [s for k in range(4) for s in itertools.combinations(("x", "y", "z"), k)]
    chosen = draw(st.lists(st.sampled_from(subsets), min_size=1, max_size=5, unique=True))
    must = st.builds(Rule, st.sampled_from(COLUMNS), st.just("equal"))
    cannot = st.builds(Rule, st.sampled_from(COLUMNS), st.sampled_from(["equal", "differ"]))
    return [
        MatchDefinition(
            "m" + "".join(ignore),
            ignore,
            tuple(draw(st.lists(must, max_size=1))),
            tuple(draw(st.lists(cannot, max_size=2, unique=True))),
        )
        for ignore in sorted(chosen, key=len)
    ]


@settings(max_examples=100, deadline=None)
@given(definition_sets(), st.data())
def test_definitions_nest_and_rules_hold(
    definitions: list[MatchDefinition], data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, 9))
    column = st.lists(st.integers(-1, 2), min_size=n, max_size=n).map(np.array)
    values = {name: data.draw(column) for name in COLUMNS}
    pairs = list(itertools.combinations(range(n), 2))
    labels: dict[str, np.ndarray] = {}
    for definition in definitions:
        declared = [
            DeclaredRule(verb, rule, name, values[rule.column])
            for verb, rule, name in inherited_rules(definition, definitions)
        ]
        rules = Rules(tuple(declared))
        before = [labels[one.name] for one in starts_of(definition, definitions)]
        edges = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
        left, right = np.array(edges, dtype=np.int64).reshape(-1, 2).T
        score = np.array(
            data.draw(st.lists(st.floats(0, 1), min_size=len(left), max_size=len(left)))
        )
        found = decide_edges(
            n, left, right, rules.overrule(left, right, score), 0.5,
            one_to_one=False, max_cluster_size=n, start=rules.start(n, before),
            constraints=rules.constraints,
        ).labels  # fmt: skip
        labels[definition.name] = found
        a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        together = found[a] == found[b]
        assert not (together & rules.forbids(a, b)).any(), "a cannot rule is broken"
        apart = rules.demands(a, b) & ~together
        assert rules.cannot or not apart.any(), "a must rule is broken without need"
    for pair in check_nesting(definitions, labels):
        free = not any(one.cannot for one in definitions)
        assert pair.violations == 0 or not (pair.starts or free)
    names = {one.name: one for one in definitions}
    checked = {(pair.stricter, pair.looser) for pair in check_nesting(definitions, labels)}
    assert checked == {
        (a, b) for a, b in itertools.permutations(names, 2) if is_looser(names[b], names[a])
    }
