"""The tables of a run in memory: scored pairs, clusters, groups of variants, and the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.config.authored import Config
from linkage.models.model_folder import FittedDefinition
from linkage.results.pair_table import PairTable
from linkage.results.run_account import RunAccount

__all__ = ["RunTables"]


@dataclass(frozen=True)
class RunTables:
    """Pairs, clusters and the account of a run.

    Attributes:
        scored: the pairs, by rows of ``clusters``.
        clusters: ``id`` as the caller gave it (for a linkage also ``source``), then ``cluster_id,
            confidence``, or ``<name>_id`` and ``<name>_confidence``, clusters being named by text;
            rows in the order of the catalog.
        run: configuration, versions, counts, seconds and memory per step, blocking report,
            training.
        tables: the catalog's own tables, all columns as text.
        groups: where a definition ignores attributes: its groups of two records and more with
            their variation themes (``definition, cluster_id, size, entities, theme, values``, see
            :func:`linkage.results.variation.variation`); None otherwise.
        config: the configuration as authored.
        fitted: the models by match definition, which an explanation needs.
        namesakes: by match definition the row of ``clusters`` by whose record each row's cluster is
            named, int32[n]; empty for a definition of which only the names are at hand.
        identifiers: by column of identifiers the code of each row's, -1 where the row has none;
            columns that the run did not parse are left out.
        texts: the ids as text, object[n], as files and explanations have them; those of
            ``clusters`` if None.
    """

    scored: PairTable
    clusters: pd.DataFrame
    run: RunAccount
    tables: tuple[pa.Table, pa.Table | None]
    groups: pd.DataFrame | None = None
    config: Config | None = None
    fitted: Mapping[str, FittedDefinition] | None = None
    namesakes: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)
    identifiers: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)
    texts: np.ndarray | None = field(default=None, repr=False, compare=False)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """``left_id, right_id, score, match, blockers``.

        With several match definitions ``<name>_score``, ``<name>_match`` and ``<name>_blockers``
        for each.
        """
        # Millions of id strings are made only where a caller asks for them; a run needs none.
        if self.texts is None:
            return self.scored.frame(self.id_texts)
        # Two tables may have ids of two types.
        return self.scored.frame(self.clusters["id"].to_numpy()).infer_objects()

    @property
    def id_texts(self) -> np.ndarray:
        """Ids as text, object[n], in the order of ``clusters``."""
        return self.clusters["id"].to_numpy(object) if self.texts is None else self.texts
