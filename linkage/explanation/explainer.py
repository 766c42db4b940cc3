"""The explainer of a run: explanations of any of its pairs and clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from features.records import Records
from linkage.clustering.rules import Rules
from linkage.config.authored import Config
from linkage.errors import InputError
from linkage.explanation.data.attributes import align_attributes
from linkage.explanation.data.blocking_view import explain_blocking
from linkage.explanation.data.clusters_view import joining_path, view_cluster
from linkage.explanation.data.findings import DefinitionExplanation, RecordView
from linkage.explanation.data.rules import rules_between, rules_of_pair
from linkage.explanation.data.run_view import Key, RunView, ScoredPairs
from linkage.explanation.data.scores import explain_score
from linkage.explanation.data.verdicts import verdict
from linkage.explanation.explanations import ClusterExplanation, PairExplanation
from linkage.models.model_folder import FittedDefinition
from linkage.pipeline.run import Run
from linkage.results.names import SIDES
from linkage.results.run_account import what_is_ignored
from linkage.runtime import ProgressFunction, StepLog
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.session import Session

__all__ = ["Explainer"]

#: The records of a run, and by match definition the session and the rules that hold under it.
_OpenedRun: TypeAlias = tuple[Records, dict[str, tuple[Session, Rules]]]
#: Difference of a score from the run's above which they are not the same.
_SAME_SCORE = 1e-6


class Explainer:
    """Explains the pairs and clusters of a run.

    Records are prepared when the first pair is asked for, and kept.

    Args:
        view: the run's pairs and clusters.
        config: its configuration.
        fitted: its models by match definition.
        tables: the catalog's tables; the second is None where there is one.
        progress: called with a step's name and the share done, while records are prepared.
    """

    def __init__(
        self,
        view: RunView,
        config: Config,
        fitted: Mapping[str, FittedDefinition],
        tables: tuple[pa.Table, pa.Table | None],
        progress: ProgressFunction | None = None,
    ) -> None:
        self._view = view
        self._config = config
        self._fitted = dict(fitted)
        self._tables = tables
        self._log = StepLog(progress)
        self._id_column = config.catalog.id or "id"
        self._ids: dict[str, pd.Index] = {}
        self._opened: _OpenedRun | None = None

    def pair(self, a: str, b: str) -> PairExplanation:
        """Explains two records: side by side, scored, proposed and joined, or why not.

        Args:
            a, b: their ids; in a linkage one of the left and one of the right table, as
                ``left:ID`` or ``right:ID`` where both tables have the id.

        Raises:
            InputError: there is no such record, or the two are not a pair.
        """
        one, two = self._view.find(a, "left"), self._view.find(b, "right")
        if self._view.is_linkage and one[0] == two[0] and one != two:
            raise InputError(
                f"{a} and {b} are both of the {one[0]} table; pairs of two linked tables are "
                "across them.",
                hint="Give one id of each table; explain either of them alone to see its cluster.",
            )
        if one == two:
            raise InputError(
                f"{a} and {b} are the same record.", hint=f"Give two ids, or {a} alone."
            )
        if one[0] == "right":
            one, two = two, one
        definitions = [
            self._definition(name, session, rules, one, two)
            for name, (session, rules) in self._open()[1].items()
        ]
        left, right = self._record(one), self._record(two)
        first, _ = next(iter(self._open()[1].values()))
        kinds = {column: kind for d in self._fitted.values() for column, kind in d.kinds.items()}
        ignored = {d.name: tuple(d.ignore) for d in definitions if d.ignore}
        attributes = align_attributes(
            left, right, first, self._pair_rows(first, one, two), kinds, ignored, self._id_column
        )
        return PairExplanation(left, right, attributes, definitions)

    def cluster(self, a: str) -> ClusterExplanation:
        """Explains the clusters of a record.

        Args:
            a: its id; in a linkage ``left:ID`` or ``right:ID`` where both tables have it.

        Raises:
            InputError: there is no such record.
        """
        key = self._view.find(a)
        position = self._view.position(key)
        views = [
            view_cluster(self._view, name, position, self._record)
            for name in self._view.definitions
        ]
        return ClusterExplanation(self._record(key), views)

    def _open(self) -> _OpenedRun:
        """The records of the run, prepared when first asked for, and kept."""
        if self._opened is None:
            merged = {
                name: self._view.began_with(name)
                for name, account in self._view.run["definitions"].items()
                if (masking := account.get("masking")) and masking["merged"]
            }
            run = Run(
                self._config, *self._tables, self._log, self._fitted,
                id_column=self._id_column, keeps_words=True,
                decisions=pd.DataFrame(self._view.run.get("decisions", [])),
            )  # fmt: skip
            self._opened = run.records, run.sessions_of_run(merged)
        return self._opened

    def _definition(
        self, name: str, session: Session, declared: Rules, one: Key, two: Key
    ) -> DefinitionExplanation:
        view, model = self._view, self._fitted[name].model
        positions = view.position(one), view.position(two)
        clusters = view.cluster(name, positions[0]), view.cluster(name, positions[1])
        match = clusters[0] == clusters[1]
        a, b = self._pair_rows(session, one, two)
        score = explain_score(session, model, min(a, b), max(a, b))
        pairs = view.pairs_of(name, np.array(positions))
        recorded, blockers = self._recorded(session, pairs, positions, (a, b), name)
        counts = [int(np.sum((pairs.left == p) | (pairs.right == p))) for p in positions]
        rows = self._row(one), self._row(two)
        rules = rules_of_pair(declared, session, model, rows, (min(a, b), max(a, b)))
        sizes = [len(view.members(name, cluster)) for cluster in clusters]
        notes = []
        if rules and recorded in (0.0, 1.0):
            notes.append(f"The rule sets the score to {recorded:.0f}, whatever the features say.")
        elif recorded is not None and abs(recorded - score.score) > _SAME_SCORE:
            notes.append(
                f"The run scored this pair {recorded:.6f}, and the same model now {score.score:.6f}"
                ": the version or the settings differ."
            )
        if recorded is None:
            notes.append(
                "The run never scored this pair; the score shown is what the model gives it."
            )
        is_edge = recorded is not None and recorded >= model.threshold
        path = joining_path(view, name, *positions) if match and not is_edge else None
        if is_edge and not match:
            members = [self._members(name, cluster) for cluster in clusters]
            rules += rules_between(declared, members[0], members[1], self._id)
        rivals = view.rivals(name, positions)
        account = view.run["definitions"][name]
        ignore = list(what_is_ignored(account))
        return DefinitionExplanation(
            name=name,
            ignore=ignore,
            match=match,
            verdict=verdict(
                match=match,
                score=recorded,
                threshold=model.threshold,
                one_to_one=bool(account["one_to_one"]),
                rules=rules,
                path=path,
                rivals=rivals,
                inherited=self._inherited(name, positions),
                too_large=sum(sizes) > self._config.limits.max_cluster_size,
            ),
            left_cluster=clusters[0],
            right_cluster=clusters[1],
            recorded=recorded,
            score=score,
            blocking=explain_blocking(
                session, a, b, blockers=blockers, candidates=(counts[0], counts[1])
            ),
            rules=rules,
            path=path,
            rivals=rivals,
            notes=notes,
        )

    def _recorded(
        self,
        session: Session,
        pairs: ScoredPairs,
        positions: tuple[int, int],
        rows: tuple[int, int],
        name: str,
    ) -> tuple[float | None, list[str] | None]:
        """The run's score of a pair and its blockers; None where it was no candidate."""
        low, high = min(positions), max(positions)
        at = np.flatnonzero(
            (np.minimum(pairs.left, pairs.right) == low)
            & (np.maximum(pairs.left, pairs.right) == high)
        )
        if not len(at) and isinstance(session, CollapsedSession):
            # Of two collapsed records that stand for many records each, pairs.parquet has only
            # some of the pairs.
            at, pairs = self._pairs_of_collapsed(session, name, rows)
        if not len(at):
            return None, None
        edge = self._view.edge(name, pairs, int(at[0]))
        return edge.score, edge.blockers

    def _pairs_of_collapsed(
        self, session: CollapsedSession, name: str, rows: tuple[int, int]
    ) -> tuple[np.ndarray, ScoredPairs]:
        """The run's pairs between the records that two collapsed records stand for.

        Returns:
            Positions of those pairs, and the pairs that these are positions in.
        """
        row_of_record = session.collapsed.row_of_record
        members = [
            np.array([self._position(int(row)) for row in np.flatnonzero(row_of_record == one)])
            for one in rows
        ]
        pairs = self._view.pairs_of(name, members[0])
        across = np.isin(pairs.left, members[0]) & np.isin(pairs.right, members[1])
        back = np.isin(pairs.right, members[0]) & np.isin(pairs.left, members[1])
        return np.flatnonzero(across | back), pairs

    def _inherited(self, name: str, positions: tuple[int, int]) -> str | None:
        """The stricter definition under which two records are in one cluster, if any."""
        view = self._view
        for stricter in view.stricter(name):
            if view.cluster(stricter, positions[0]) == view.cluster(stricter, positions[1]):
                return stricter
        return None

    def _pair_rows(self, session: Session, one: Key, two: Key) -> tuple[int, int]:
        """Rows of two records in a session: their own, or those of their collapsed records."""
        a, b = self._row(one), self._row(two)
        rows = session.rows_of_records(np.array([a, b]))
        return int(rows[0]), int(rows[1])

    def _row(self, key: Key) -> int:
        """Row of a record among the engine's."""
        records = self._open()[0]
        rows = records.rows_of(int(key[0] == "right"))
        return rows.start + int(pd.Index(records.ids[rows]).get_loc(key[1]))

    def _id(self, row: int) -> str:
        """Id of one of the engine's rows."""
        return str(self._open()[0].ids[row])

    def _members(self, name: str, cluster: str) -> np.ndarray:
        """The engine's rows of a cluster."""
        members = self._view.members(name, cluster)
        return np.array([self._row(self._view.key(int(position))) for position in members])

    def _position(self, row: int) -> int:
        """Position among the run's of one of the engine's rows."""
        records = self._open()[0]
        table = str(SIDES[records.given_tables[row]]) if records.is_linkage else ""
        return self._view.position((table, str(records.ids[row])))

    def _record(self, key: Key) -> RecordView:
        """A record with the cells that the catalog has of it."""
        table = self._tables[1] if key[0] == "right" else self._tables[0]
        assert table is not None
        if key[0] not in self._ids:
            self._ids[key[0]] = pd.Index(table.column(self._id_column).to_pandas())
        at = int(self._ids[key[0]].get_indexer(pd.Index([key[1]]))[0])
        cells = table.slice(at, 1).to_pylist()[0]
        return RecordView(key[1], key[0], cells)
