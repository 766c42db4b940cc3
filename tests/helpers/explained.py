"""Linkers of every kind of model that the engine can fit, with the tables they were fitted on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice, two_tables
from variant_catalogs import variant_catalog

from linkage.config.authored import Config, MatchDefinition
from linkage.linker import Linker
from linkage.training import boosting as boosters

Tables = tuple[pd.DataFrame, pd.DataFrame | None]
VARIANT = {"variant": MatchDefinition("variant", ("colour", "size"))}


def _linker(**options: object) -> Linker:
    return Linker(Config(**{"threads": 1, "quality": "fast", **options}))  # type: ignore[arg-type]


def _pairs_of_two_tables(matches: int, others: int) -> pd.DataFrame:
    """Labelled pairs of :func:`catalogs.two_tables`; ids that end alike are one product."""
    rng = np.random.default_rng(1)
    numbers = np.arange(matches)
    wrong = pd.DataFrame(
        {"left": rng.integers(0, 120, others), "right": rng.integers(0, 60, others)}
    ).drop_duplicates()
    wrong = wrong[wrong["left"] != wrong["right"]]
    left = [f"l{k}" for k in (*numbers, *wrong["left"])]
    right = [f"r{k}" for k in (*numbers, *wrong["right"])]
    label = ["1"] * matches + ["0"] * len(wrong)
    return pd.DataFrame({"left_id": left, "right_id": right, "label": label})


def _self_start_by_identifier() -> tuple[Linker, Tables]:
    table, _ = example_slice(200)
    return _linker().fit(table), (table, None)


def _self_start_by_neighbours() -> tuple[Linker, Tables]:
    tables = two_tables()
    return _linker(quality="balanced").fit(*tables), tables


def _self_start_by_mixture() -> tuple[Linker, Tables]:
    table = pd.concat(two_tables(alone=0), ignore_index=True)
    return _linker().fit(table), (table, None)


def _self_start_by_contradictions() -> tuple[Linker, Tables]:
    table = example_slice(100)[0].drop(columns="gtin")
    return _linker().fit(table), (table, None)


def _identity() -> tuple[Linker, Tables]:
    # Too few candidates to learn from; twenty records of one table.
    table = two_tables()[0].iloc[:20].copy()
    table["title"] = [f"{k % 10} {chr(97 + k % 10)}lpha" for k in range(20)]
    return _linker(**_sections({"blocking": {"candidates": 1}})).fit(table), (table, None)


def _labels_dedupe() -> tuple[Linker, Tables]:
    table, truth = example_slice(80)
    known = truth.sort_index().iloc[: len(truth) // 2]
    labels = pd.DataFrame({"id": known.index, "entity_id": known.to_numpy()})
    return _linker().fit(table, labels=labels), (table, None)


def _labels_one_to_one_with_rivals() -> tuple[Linker, Tables]:
    tables = two_tables()
    labels = _pairs_of_two_tables(60, 120)
    config = {"linkage": {"one_to_one": "yes"}}
    return _linker(**_sections(config)).fit(*tables, labels=labels), tables


def _few_labels_blended() -> tuple[Linker, Tables]:
    tables = two_tables()
    return _linker().fit(*tables, labels=_pairs_of_two_tables(8, 12)), tables


def _groups() -> tuple[Linker, Tables]:
    table, _ = variant_catalog(disciplined=False)
    # Sellers add words of their own, so that the texts of a product's variants are not all equal.
    words = ["", "", "New", "Best Price", "Original", "Free Shipping"]
    added = np.random.default_rng(4).choice(words, len(table))
    table["title"] = (added + pd.Series(" ", table.index) + table["title"]).str.strip()
    return _linker(match=VARIANT).fit(table), (table, None)


def _sections(plain: dict[str, dict[str, object]]) -> dict[str, object]:
    """Sections of a configuration as its dataclasses."""
    authored = Config.from_dict(plain)
    return {name: getattr(authored, name) for name in plain}


KINDS: dict[str, Callable[[], tuple[Linker, Tables]]] = {
    "identifier": _self_start_by_identifier,
    "neighbours": _self_start_by_neighbours,
    "mixture": _self_start_by_mixture,
    "contradictions": _self_start_by_contradictions,
    "identity": _identity,
    "labels": _labels_dedupe,
    "one-to-one": _labels_one_to_one_with_rivals,
    "few labels": _few_labels_blended,
    "groups": _groups,
}


@cache
def fitted(kind: str) -> tuple[Linker, Tables]:
    """A linker of a kind of model, and its tables."""
    with pytest.MonkeyPatch.context() as patched:
        # A hundred rounds are enough for a few hundred labels.
        patched.setattr(boosters, "_MOST_ROUNDS", 100)
        return KINDS[kind]()
