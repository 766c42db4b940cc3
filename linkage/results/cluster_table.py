"""The tables of clusters and of groups of variants: names in place of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.records import Records
from linkage.config.nesting import starts_of
from linkage.config.resolved import ResolvedConfig
from linkage.results.column_names import cluster_column, column_prefix
from linkage.results.definition_result import DefinitionResult
from linkage.results.names import SIDES, full_names
from linkage.results.variation import variation

__all__ = ["cluster_table", "groups_of"]


def cluster_table(
    records: Records,
    results: Sequence[DefinitionResult],
    first: Mapping[str, np.ndarray],
    order: np.ndarray,
) -> pd.DataFrame:
    """Every record's clusters, each named by its first member.

    Args:
        records: the rows.
        results: the result of each definition.
        first: by definition the row of each cluster's first member.
        order: the rows in the order of the table.

    Returns:
        ``id`` (for a linkage also ``source``), then ``cluster_id, confidence``, with several
        definitions ``<name>_id`` and ``<name>_confidence`` for each.
    """
    names = full_names(records)
    table = pd.DataFrame({"id": records.ids[order]})
    if records.is_linkage:
        table["source"] = SIDES[records.given_tables[order]]
    for result in results:
        name, clustering = result.definition.name, result.clustering
        prefix = column_prefix(name, results)
        table[cluster_column(name, results)] = names[first[name][clustering.labels[order]]]
        table[f"{prefix}confidence"] = clustering.confidence[order].round(6)
    return table


def groups_of(
    records: Records,
    results: Sequence[DefinitionResult],
    first: Mapping[str, np.ndarray],
    resolved: ResolvedConfig,
) -> dict[str, pd.DataFrame]:
    """The variation of groups, by name of each definition written that ignores attributes.

    Args:
        records: the rows.
        results: the result of each definition.
        first: by definition the row of each cluster's first member.
        resolved: the definitions, and kinds that the user declares.
    """
    labels = {one.definition.name: one.clustering.labels for one in results}
    names = full_names(records)
    found = {}
    for result in results:
        definition = result.definition
        if definition.ignores and definition.output:
            stricter = starts_of(definition, resolved.match)
            before = [labels[one.name] for one in stricter if one.name in labels]
            found[definition.name] = variation(
                records,
                definition,
                labels[definition.name],
                names[first[definition.name]],
                stricter=before[0] if before else None,
                declared=resolved.authored.attributes,
            )
    return found
