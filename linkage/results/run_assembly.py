"""From the results of the match definitions, in rows, to the tables of the run, in ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow as pa

from features.records import Records
from linkage.config.nesting import check_nesting
from linkage.config.resolved import ResolvedConfig
from linkage.io.tables.table_metadata import notes_of
from linkage.models.model_folder import FittedDefinition
from linkage.results.cluster_table import cluster_table, groups_of
from linkage.results.definition_result import DefinitionResult, account_of
from linkage.results.names import catalog_order, first_members
from linkage.results.pair_table import pair_table
from linkage.results.run_account import NestingAccount, RunAccount, StepAccount
from linkage.results.run_tables import RunTables
from linkage.results.variation import theme_counts
from linkage.runtime import StepRecord, versions

__all__ = ["assemble_run"]

Run = TypeVar("Run", bound=RunTables)


def assemble_run(
    kind: type[Run],
    records: Records,
    results: Sequence[DefinitionResult],
    resolved: ResolvedConfig,
    steps: Sequence[StepRecord],
    tables: tuple[pa.Table, pa.Table | None],
    fitted: Mapping[str, FittedDefinition],
    given_ids: pd.Series | None = None,
    notes: Sequence[str] = (),
    decisions: pd.DataFrame | None = None,
) -> Run:
    """The tables of a run: ids in place of rows, in the order of the catalog.

    Args:
        kind: the class to make, `RunTables` or one made of it.
        records: the rows.
        results: the result of each match definition, strictest first; of those that are not
            written a note tells.
        resolved: the configuration settled for the records.
        steps: seconds and memory of the run's steps.
        tables: the catalog's tables; the second is None where there is one.
        fitted: the models by match definition.
        given_ids: the ids of all rows in the order of the catalog, as the caller gave them; None
            where they are text.
        notes: what a person should know of the run beside what the tables tell.
        decisions: those of persons that held, if there were any.
    """
    labels = {r.definition.name: r.clustering.labels for r in results}
    written = [r for r in results if r.definition.output]
    ids = [table.column(resolved.id_column) for table in tables if table is not None]
    with ThreadPoolExecutor(resolved.threads) as pool:
        paired = pool.submit(pair_table, written)
        ordered = pool.submit(catalog_order, records, ids)
        members = pool.map(partial(first_members, records), labels.values())
        described = pool.map(partial(account_of, records=records), written)
        first = dict(zip(labels, members, strict=True))
        accounts = {r.definition.name: one for r, one in zip(written, described, strict=True)}
        groups = groups_of(records, results, first, resolved)
        order, scored = ordered.result(), paired.result()
    for name, varying in groups.items():
        accounts[name]["themes"] = theme_counts(varying)
    run: RunAccount = {
        "records": {"left": len(ids[0]), "right": records.n - len(ids[0])},
        "config": resolved.to_dict(),
        "seed": resolved.authored.seed,
        "versions": versions(),
        "steps": [cast("StepAccount", asdict(step)) for step in steps],
        "definitions": accounts,
        "nesting": [
            cast("NestingAccount", pair.to_dict())
            for pair in check_nesting([r.definition for r in written], labels)
        ],
        "notes": [
            *notes_of(tables),
            *notes,
            *(_inside(r) for r in results if not r.definition.output),
        ],
    }
    if decisions is not None and len(decisions):
        run["decisions"] = cast("list[dict[str, Any]]", decisions.to_dict("records"))
    position = np.empty(len(order), np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    scored = scored.at(position)
    left, right = records.as_given(scored.left, scored.right)
    clusters = cluster_table(records, written, first, order)
    texts = None
    if given_ids is not None:
        texts = clusters["id"].to_numpy(object)
        clusters["id"] = given_ids
    return kind(
        scored=replace(scored, left=left, right=right),
        clusters=clusters,
        run=run,
        tables=tables,
        groups=pd.concat(groups.values(), ignore_index=True) if groups else None,
        config=resolved.authored,
        fitted=fitted,
        namesakes={name: position[first[name][labels[name]]][order] for name in accounts},
        identifiers={
            column: codes[order] for r in written for column, codes in r.identifiers.items()
        },
        texts=texts,
    )


def _inside(result: DefinitionResult) -> str:
    """What a user should know of a definition that is answered, but not written."""
    clusters = int(np.sum(np.bincount(result.clustering.labels) > 1))
    return (
        f"{result.definition.name} was answered inside, for looser definitions to begin with: "
        f"{clusters:,} clusters of two or more records, learned from "
        f"{result.model.training.anchor}."
    )
