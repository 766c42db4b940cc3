"""The linker: fit, match, score, save and load."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import logit

from blocking.report import RecallFloorError, blocking_report, check_recall_floor
from features.kinds import Kind
from features.records import Records
from linkage.config import Config, MatchDefinition
from linkage.decision import decide
from linkage.errors import BlockingError, ConfigError, ModelError
from linkage.expansion import spread
from linkage.forms import group_records
from linkage.inputs import Table, as_labels, as_table, ids_in_order
from linkage.labels import Labels, rows_of_pairs
from linkage.learning import learn_from_labels, learn_without_labels, score_candidates, score_pairs
from linkage.model_folder import FittedDefinition, read_model, write_model
from linkage.pair_labels import resolve_labels
from linkage.reading import build_records
from linkage.resolved import ResolvedConfig, resolve_config
from linkage.result import DefinitionResult, Result
from linkage.session import Session, without
from linkage.steps import ProgressFunction, StepLog
from linkage.suggestion import choose_pairs

if TYPE_CHECKING:
    from linkage.pair_labels import PairLabels

__all__ = ["Linker"]

#: Rounds of widening the candidates of records whose clusters fill their budget.
_WIDENING_ROUNDS = 2


class Linker:
    """Finds which rows of one table, or of two, are the same thing.

    Args:
        config: what to compare and how; everything is inferred by default.
        progress: called with a step's name and the share of it done (None: not known).

    Attributes:
        config: the configuration.
        fitted_: what was learned, by match definition; empty before fitting.

    Example:
        >>> result = Linker().match(pd.read_csv("offers.csv", dtype=str))  # doctest: +SKIP
        >>> result.clusters  # doctest: +SKIP
    """

    def __init__(
        self, config: Config | None = None, progress: ProgressFunction | None = None
    ) -> None:
        self.config = config or Config()
        self.progress = progress
        self.fitted_: dict[str, FittedDefinition] = {}
        self._log = StepLog(progress)
        self._sessions: dict[tuple[str, bool], Session] = {}
        self._tables: tuple[Table | None, Table | None] = (None, None)

    def fit(
        self,
        left: Table | None,
        right: Table | None = None,
        labels: Labels | pd.DataFrame | None = None,
        validation: Labels | pd.DataFrame | None = None,
    ) -> Linker:
        """Learns what a match is, from labels or, without them, from the tables themselves.

        Labels are of the strictest match definition; looser ones start themselves.

        Args:
            left: the table, or the left one of two. None where the labels bring records of their
                own.
            right: the table to link with.
            labels: labels as `linkage.labels.read_labels` returns them, or a frame of any of the
                shapes that it reads, such as ``left_id, right_id, label``.
            validation: labels that are not learned from: they calibrate the scores and choose the
                threshold. Without them the held-out folds of the labels do.

        Returns:
            The linker itself.

        Raises:
            LinkageError: the tables, labels and configuration do not fit together.
        """
        labels, validation = as_labels(labels), as_labels(validation, "validation")
        if labels is not None and labels.training_table is not None:
            left, right = labels.training_table, None
        elif left is None:
            raise ConfigError(
                ["training: there is nothing to learn from: give a catalog or labels."]
            )
        self.fitted_ = {}
        resolved, records = self._begin(left, right, labels.id_column if labels else None)
        for number, definition in enumerate(resolved.match):
            first = labels is not None and number == 0
            # Gaps to a record's other neighbours tell much where labels teach how to read them;
            # learning without labels already rests on neighbours.
            context = first and right is not None and self.config.training.context
            session = self._session(definition, records, resolved, context, collapse=not first)
            if labels is not None and number == 0:
                pairs = resolve_labels(labels, session.records)
                self._check_recall(session, pairs)
                checked = (
                    None if validation is None else resolve_labels(validation, session.records)
                )
                model = learn_from_labels(
                    session, pairs, self.config, checked,
                    with_prior=self.config.training.context
                    and labels.training_table is None
                    and session.grouping is None,
                )  # fmt: skip
            elif labels is not None and labels.training_table is not None:
                continue
            else:
                model = learn_without_labels(session, self.config)
            self.fitted_[definition.name] = FittedDefinition(
                kinds=session.records.kinds,
                model=model,
                statistics=session.prepared.statistics,
                quality=resolved.quality,
            )
        return self

    def match(self, left: Table, right: Table | None = None) -> Result:
        """Scores the candidate pairs of the tables and clusters their rows.

        A linker that was not fitted learns from the tables first, without labels.

        Args:
            left: the table to deduplicate, or the left one of two to link.
            right: the table to link with.

        Returns:
            Pairs, clusters and the account of the run.
        """
        if not self.fitted_:
            self.fit(left, right)
        resolved, records = self._begin(left, right, None)
        results: list[DefinitionResult] = []
        start: np.ndarray | None = None
        for definition in resolved.match:
            session = self._session(definition, records, resolved)
            if definition.name not in self.fitted_:
                # A model trained for the strictest definition only: looser ones start themselves.
                self.fitted_[definition.name] = FittedDefinition(
                    session.records.kinds,
                    learn_without_labels(session, self.config),
                    session.prepared.statistics,
                    resolved.quality,
                )
            model = self.fitted_[definition.name].model
            for rounds_left in reversed(range(_WIDENING_ROUNDS + 1)):
                probability = score_candidates(session, model)
                with self._log.step("Cluster"):
                    clustering = decide(
                        session.records,
                        session.candidates,
                        probability,
                        model.threshold,
                        one_to_one=model.one_to_one and start is None,
                        max_cluster_size=self.config.limits.max_cluster_size,
                        start=session.starting_clusters(start),
                        sources=None if definition.ignore else self._distinct_sources(records),
                    )
                # The model stays as it is: learned on wider candidates, it would drift towards mere
                # likeness.
                if model.one_to_one or not rounds_left or not session.widen(clustering.labels):
                    break
            report = blocking_report(
                session.candidates, session.prepared, largest_blocks=session.plan.largest_blocks
            )
            candidates, probability, clustering = spread(session, model, probability, clustering)
            start = clustering.labels
            results.append(
                DefinitionResult(
                    definition, model, candidates, probability, clustering, report,
                    session.grouping,
                )
            )  # fmt: skip
        result = Result.assemble(
            records, ids_in_order(left, right, resolved.id_column), results, resolved,
            self._log.steps,
            (as_table(left), None if right is None else as_table(right)),
        )  # fmt: skip
        self._log = StepLog(self.progress)
        self._sessions = {}
        return result

    def score(self, left: Table, right: Table | None, pairs: pd.DataFrame) -> pd.DataFrame:
        """Scores exactly the given pairs with the strictest definition's model.

        Args:
            left: the table, or the left one of two.
            right: the table that ``right_id`` refers to.
            pairs: columns ``left_id, right_id``.

        Returns:
            ``left_id, right_id, score, match`` in the order given. No pair is judged by the others
            given with it; but where records have one partner and ``training.context`` is on, each
            is judged beside the other candidates that the tables hold for its records.
        """
        if not self.fitted_:
            self.fit(left, right)
        resolved, records = self._begin(left, right, None)
        definition = resolved.match[0]
        session = self._session(definition, records, resolved)
        a, b = rows_of_pairs(pairs, records)
        if session.grouping is not None:
            a, b = session.grouping.form[a], session.grouping.form[b]
        model = self.fitted_[definition.name].model
        low, high = np.minimum(a, b), np.maximum(a, b)
        probability = score_pairs(session, model, low, high)
        return pd.DataFrame(
            {
                "left_id": pairs["left_id"].astype(str).to_numpy(),
                "right_id": pairs["right_id"].astype(str).to_numpy(),
                "score": probability,
                "match": probability >= model.threshold,
            }
        )

    def suggest(
        self,
        number: int,
        left: Table,
        right: Table | None = None,
        among: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Suggests pairs whose labels would teach the strictest definition's model most.

        Give the labelled pairs to :meth:`fit`, and ask again.

        Args:
            number: how many pairs to suggest.
            left: the table, or the left one of two.
            right: the table that ``right_id`` refers to.
            among: pairs (``left_id, right_id``) to choose from, such as those not labelled yet; the
                candidates of the tables by default.

        Returns:
            ``left_id, right_id, score``, most certain match first; fewer than asked for where there
            are no more.
        """
        if not self.fitted_:
            self.fit(left, right)
        resolved, records = self._begin(left, right, None)
        session = self._session(resolved.match[0], records, resolved)
        model = self.fitted_[resolved.match[0].name].model
        if among is None:
            a, b = session.candidates.left, session.candidates.right
        else:
            rows = rows_of_pairs(among, records)
            if session.grouping is not None:
                rows = session.grouping.form[rows[0]], session.grouping.form[rows[1]]
            a, b = np.minimum(*rows), np.maximum(*rows)
        probability = score_pairs(session, model, a, b)
        clipped = np.clip(probability, 1e-9, 1 - 1e-9)
        chosen = choose_pairs(logit(clipped) - logit(model.threshold), number)
        return pd.DataFrame(
            {
                "left_id": session.records.ids[a[chosen]],
                "right_id": session.records.ids[b[chosen]],
                "score": probability[chosen],
            }
        )

    def save(self, folder: str | Path, force: bool = False) -> Path:
        """Writes the fitted linker into a folder of open formats, whole or not at all."""
        from linkage import __version__

        if not self.fitted_:
            raise ModelError(
                "There is nothing to save: the linker has not been fitted.", hint="Call fit first."
            )
        return write_model(folder, self.config, self.fitted_, __version__, force=force)

    @classmethod
    def load(cls, folder: str | Path) -> Linker:
        """Reads a linker that :meth:`save` wrote."""
        config, fitted = read_model(folder)
        linker = cls(config)
        linker.fitted_ = fitted
        return linker

    def _begin(
        self, left: Table, right: Table | None, training_id: str | None
    ) -> tuple[ResolvedConfig, Records]:
        """Records of the tables, and the configuration settled for them; keeps their sessions."""
        self._log.progress = self.progress
        if self._tables[0] is not left or self._tables[1] is not right:
            self._sessions = {}
            self._tables = (left, right)
        id_column = self.config.catalog.id or training_id or "id"
        with self._log.step("Read records"):
            records = build_records(
                as_table(left),
                None if right is None else as_table(right),
                id_column=id_column,
                kinds=self._kinds(left, right),
                source_column=self.config.catalog.source,
                images=self.config.catalog.images,
            )
        resolved = resolve_config(self.config, records)
        rules = [d.name for d in resolved.match if d.must or d.cannot]
        if rules:
            raise ConfigError(
                [
                    f"match.{name}: must and cannot rules are not supported by this version."
                    for name in rules
                ]
            )
        return resolved, records

    def _kinds(self, left: Table, right: Table | None) -> dict[str, Kind] | None:
        if not self.fitted_:
            return dict(self.config.attributes) or None
        wanted = {c: k for d in self.fitted_.values() for c, k in d.kinds.items()}
        present = set(as_table(left).column_names)
        if right is not None:
            present |= set(as_table(right).column_names)
        missing = [column for column in wanted if column not in present]
        if missing:
            raise ModelError(
                "The model was trained for other attributes: "
                f"the table lacks {', '.join(missing)}. "
                f"The model compares {', '.join(wanted)}.",
                hint="Rename the table's columns, or train a model for this table.",
            )
        return wanted

    def _session(
        self,
        definition: MatchDefinition,
        records: Records,
        resolved: ResolvedConfig,
        context: bool = False,
        collapse: bool = True,
    ) -> Session:
        fitted = self.fitted_.get(definition.name)
        if fitted is not None:
            context = records.is_linkage and fitted.model.sees_neighbours
        key = definition.name, context
        if key not in self._sessions:
            part = without(records, definition.ignore)
            statistics = names = None
            if fitted is not None:
                resolved = replace(resolved, quality=fitted.quality)
                names = fitted.model.names
                part = without(records, tuple(c for c in records.kinds if c not in fitted.kinds))
                statistics = fitted.statistics
                statistics.frozen = True
            grouping = None
            if definition.ignore:
                kept = {*part.kinds, *definition.ignore}
                with self._log.step("Mask ignored values"):
                    grouping = group_records(
                        without(records, tuple(c for c in records.kinds if c not in kept)),
                        definition.ignore,
                        self.config.catalog.source,
                        variant_columns=[c for d in resolved.match for c in d.ignore],
                        collapse=collapse,
                    )
                part = grouping.forms
            session = Session(part, resolved, self._log, statistics, names, context, grouping)
            if fitted is not None and fitted.model.prior is not None:
                session.add_prior(fitted.model.prior)
            if fitted is not None and fitted.model.known is not None:
                session.add_known(fitted.model.known)
            self._sessions[key] = session
        return self._sessions[key]

    def _distinct_sources(self, records: Records) -> np.ndarray | None:
        """Source of each record, if the user says that no source lists a product twice."""
        catalog = self.config.catalog
        if not catalog.distinct_sources or catalog.source is None:
            return None
        column = records.table.column(catalog.source).to_pandas()
        codes: np.ndarray = pd.factorize(column)[0]
        return codes

    def _check_recall(self, session: Session, pairs: PairLabels) -> None:
        floor = self.config.blocking.recall_floor
        if floor is None:
            return
        matches = pairs.label == 1
        report = blocking_report(
            session.candidates,
            session.prepared,
            (pairs.left[matches], pairs.right[matches]),
            session.plan.largest_blocks,
        )
        try:
            check_recall_floor(report, floor)
        except RecallFloorError as error:
            raise BlockingError(str(error)) from error
