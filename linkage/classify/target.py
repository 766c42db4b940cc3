"""The target of a classification: its classes, their levels, and what cannot be learned from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linkage.errors import ConfigError, LabelError, nearest_hint, shorten

__all__ = ["SEPARATOR", "Target", "levels_of", "target_column"]

#: What parts the levels of a class, such as "Clothing > Women > Sneakers".
SEPARATOR = ">"
#: Most classes: the memory of a linear model is its terms times the classes.
_MOST_CLASSES = 10_000
_SHOWN = 3


def target_column(table: pa.Table, target: str, where: str) -> pa.ChunkedArray:
    """Return the column of a target.

    Raises:
        ConfigError: If the table has no such column.

    """
    if target not in table.column_names:
        raise ConfigError(
            f"target: {where} has no column '{target}'.",
            hint=nearest_hint(target, table.column_names, "columns"),
        )
    return table.column(target)


def levels_of(label: str) -> tuple[str, ...]:
    """Return the levels of a class, the widest first.

    Example:
        >>> levels_of("Clothing > Women")
        ('Clothing', 'Women')

    """
    return tuple(part.strip() for part in label.split(SEPARATOR))


@dataclass(frozen=True)
class Target:
    """The classes of a target.

    Attributes:
        name: The column.
        classes: Their labels, in alphabetical order.

    """

    name: str
    classes: tuple[str, ...]

    @classmethod
    def of(cls, name: str, values: pa.ChunkedArray, where: str) -> Target:
        """Return the target of a column; rows without a value are not learned from.

        Raises:
            LabelError: If there are fewer than two classes, or too many to be classes.

        """
        known = values.drop_null().to_pylist()
        classes, counts = np.unique(np.array(known, object).astype(str), return_counts=True)
        if len(classes) < 2:
            found = f"one class only, {shorten(str(classes[0]))}" if len(classes) else "no value"
            raise LabelError(
                f"{where}: column '{name}' has {found}; at least two classes are needed.",
                hint="Name another column with --target, or give more rows.",
            )
        if len(classes) > _MOST_CLASSES or len(classes) == len(known) > 2:
            raise LabelError(
                f"{where}: column '{name}' has {len(classes):,} distinct values in "
                f"{len(known):,} rows, too many to be classes.",
                hint=f"At most {_MOST_CLASSES:,} classes can be learned, and some of them must "
                "have two rows or more.",
            )
        alone = classes[counts == 1]
        if len(alone):
            shown = ", ".join(shorten(str(label)) for label in alone[:_SHOWN])
            warnings.warn(
                f"{where}: {len(alone):,} of {len(classes):,} classes of column '{name}' have one "
                f"row only, such as {shown}; they can hardly be learned.",
                stacklevel=2,
            )
        return cls(name, tuple(classes.tolist()))

    @property
    def is_hierarchical(self) -> bool:
        """Whether most classes have several levels."""
        several = sum(len(levels_of(label)) > 1 for label in self.classes)
        return several > len(self.classes) / 2

    def codes(self, values: pa.ChunkedArray) -> np.ndarray:
        """Return the position of each value's class, int64[n]; -1 where it is none."""
        position = {label: code for code, label in enumerate(self.classes)}
        return np.array([position.get(value, -1) for value in values.to_pylist()], np.int64)
