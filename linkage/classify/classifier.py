"""The classifier: fit, predict, evaluate, explain, save and load."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.records import Records
from linkage.classify.explanation import contributions
from linkage.classify.fitted import FittedClassifier
from linkage.classify.inputs import Inputs
from linkage.classify.metrics import class_metrics, level_accuracy
from linkage.classify.model_files import read_classifier, write_classifier
from linkage.classify.records import in_content_order, known_records, training_records
from linkage.classify.target import Target, target_column
from linkage.classify.training import train_classifier
from linkage.config.authored import Config
from linkage.config.resolved import resolve_quality
from linkage.errors import InputError, LabelError, ModelError, nearest_hint
from linkage.io.inputs import Catalog, Table
from linkage.runtime import ProgressFunction, available_threads
from linkage.version import __version__

__all__ = ["Classifier", "class_table"]


class Classifier:
    """Learns the value of one column, such as a product type, from the other columns.

    Tables are pandas data frames, pyarrow tables, anything with the Arrow stream interface, or
    paths of files. Missing values and values never seen before are in order.

    Args:
        config: What the columns are, quality, seed and threads; everything is inferred by default.
        progress: Called with a step's name and the share of it done (None: not known).

    Attributes:
        config: The configuration.
        fitted_: What was learned; None before fitting.

    Example:
        >>> model = Classifier().fit("catalog.csv", "product_type")  # doctest: +SKIP
        >>> model.predict("new.csv")  # doctest: +SKIP

    """

    def __init__(
        self, config: Config | None = None, progress: ProgressFunction | None = None
    ) -> None:
        self.config = config or Config()
        self.progress = progress
        self.fitted_: FittedClassifier | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that were learned, in alphabetical order."""
        return self._model.target.classes

    def fit(self, table: Table, target: str) -> Classifier:
        """Learn to predict a column.

        Args:
            table: The catalog. Rows without a value in the column are not learned from.
            target: The column.

        Returns:
            The classifier itself.

        Raises:
            ConfigError: If there is no such column.
            LabelError: If it has fewer than two classes, or its values are no classes.

        """
        catalog = Catalog.of(table, self.config, self.config.catalog.id)
        values = target_column(catalog.table, target, "the catalog")
        classes = Target.of(target, values, "the catalog")
        records = training_records(catalog, target, self.config)
        row_of = {text: row for row, text in enumerate(catalog.texts.tolist())}
        label = classes.codes(values)[[row_of[text] for text in records.ids.tolist()]]
        records, label = in_content_order(records, label)
        known = np.flatnonzero(label >= 0)
        if len(known) < records.n:
            records, label = records.part(known), label[known]
        self.fitted_ = train_classifier(
            records,
            label,
            classes,
            quality=resolve_quality(self.config.quality, records.n),
            seed=self.config.seed,
            threads=self.config.threads or available_threads(),
            progress=self._tell,
        )
        return self

    def predict(self, table: Table, *, probabilities: bool = False) -> pd.DataFrame:
        """Return the most probable class of each row.

        Args:
            table: A catalog with the columns that were learned from.
            probabilities: Whether columns ``probability: CLASS`` follow, one for each class.

        Returns:
            ``id``, ``class``, ``probability``, in the order of the rows; ids as they were given.

        """
        ids, found = self._probabilities(table)
        return class_table(ids, self.classes, found, probabilities=probabilities)

    def predict_proba(self, table: Table) -> pd.DataFrame:
        """Return the probability of each class.

        Args:
            table: As of :meth:`predict`.

        Returns:
            A row a record in the order of the rows, by id; a column a class.

        """
        ids, found = self._probabilities(table)
        return pd.DataFrame(found, columns=list(self.classes), index=pd.Index(ids, name="id"))

    def evaluate(self, table: Table) -> dict[str, Any]:
        """Compare predictions with the classes of a table.

        Args:
            table: A catalog that has the target, too. Rows without a value there are left out.

        Returns:
            ``rows``, ``accuracy``, ``macro_f1``, ``log_loss`` (nats, over rows of classes that were
            learned), ``unseen`` (rows of other classes), and ``levels`` where classes have several.

        Raises:
            LabelError: If no row has a class.

        """
        catalog = Catalog.of(table, self.config, self.config.catalog.id)
        values = target_column(catalog.table, self._model.target.name, "the catalog")
        known = np.flatnonzero(~np.asarray(values.is_null()))
        if not len(known):
            raise LabelError(
                f"The catalog has no value in column '{self._model.target.name}'.",
                hint="Evaluation needs rows whose class is known.",
            )
        _, found = self._probabilities_of(catalog)
        found = found[known]
        truth = [values[int(row)].as_py() for row in known]
        predicted = np.array(self.classes, object)[found.argmax(axis=1)].tolist()
        figures: dict[str, Any] = {
            "rows": len(known), **class_metrics(truth, predicted, found, self.classes)
        }  # fmt: skip
        if self._model.target.is_hierarchical:
            figures["levels"] = level_accuracy(truth, predicted)
        return figures

    def explain(self, table: Table, label: str | None = None) -> pd.DataFrame:
        """Return what each attribute contributes to the class of each row.

        Args:
            table: As of :meth:`predict`; meant for some rows, not for a catalog.
            label: The class to explain; the predicted one of each row if None.

        Returns:
            ``class`` and a column an attribute, in log-odds over the mean of the candidate classes;
            ``(other)`` is the part that belongs to none. By id, in the order of the rows.

        """
        catalog = Catalog.of(table, self.config, self.config.catalog.id)
        records, inputs = self._read(catalog)
        if label is None:
            parts = self._model.probabilities(inputs, records.n)
            code = np.concatenate([part.argmax(axis=1) for part in parts])
        elif label in self.classes:
            code = np.full(records.n, self.classes.index(label))
        else:
            raise InputError(
                f"The model has no class '{label}'.",
                hint=nearest_hint(label, self.classes, "classes"),
            )
        found = contributions(self._model, records, inputs, code)
        found.index = pd.Index(catalog.as_given(records.ids), name="id")
        found.insert(0, "class", np.array(self.classes, object)[code])
        return found

    def save(self, folder: str | Path, force: bool = False) -> Path:
        """Write the classifier into a folder of open formats, whole or not at all."""
        return write_classifier(folder, self.config, self._model, __version__, force=force)

    @classmethod
    def load(cls, folder: str | Path) -> Classifier:
        """Read a classifier that :meth:`save` wrote."""
        config, fitted = read_classifier(folder)
        classifier = cls(config)
        classifier.fitted_ = fitted
        return classifier

    @property
    def _model(self) -> FittedClassifier:
        if self.fitted_ is None:
            raise ModelError("The classifier has not been fitted.", hint="Call fit first.")
        return self.fitted_

    def _read(self, catalog: Catalog) -> tuple[Records, Inputs]:
        self._tell("read terms", None)
        records = known_records(catalog, self._model.kinds, self.config)
        return records, Inputs.of(records, self._model.views)

    def _probabilities(self, table: Table) -> tuple[np.ndarray, np.ndarray]:
        return self._probabilities_of(Catalog.of(table, self.config, self.config.catalog.id))

    def _probabilities_of(self, catalog: Catalog) -> tuple[np.ndarray, np.ndarray]:
        """Ids as they were given, and the probabilities of the classes, in the order of rows."""
        records, inputs = self._read(catalog)
        self._tell("classify", None)
        found = np.concatenate(list(self._model.probabilities(inputs, records.n)))
        return catalog.as_given(records.ids), found

    def _tell(self, step: str, share: float | None) -> None:
        if self.progress is not None:
            self.progress(step, share)


def class_table(
    ids: Sequence[Any] | np.ndarray,
    classes: Sequence[str],
    found: np.ndarray,
    *,
    probabilities: bool,
) -> pd.DataFrame:
    """Return the most probable class of each row, and the probabilities of all if asked for.

    Args:
        ids: Of n rows.
        classes: Of k classes.
        found: Their probabilities, shape (n, k).
        probabilities: Whether there are columns of all classes.

    """
    best = found.argmax(axis=1)
    table = pd.DataFrame(
        {
            "id": ids,
            "class": np.array(classes, object)[best],
            "probability": found[np.arange(len(best)), best],
        }
    )
    if not probabilities:
        return table
    return table.join(pd.DataFrame(found, columns=[f"probability: {name}" for name in classes]))
