"""Names of the columns of results, which carry the match definition where there are several."""

from __future__ import annotations

from collections.abc import Sized

__all__ = ["cluster_column", "column_prefix"]


def column_prefix(definition: str, definitions: Sized) -> str:
    """What the columns ``score``, ``match``, ``blockers`` and ``confidence`` begin with.

    Args:
        definition: name of the match definition.
        definitions: all of the run's.

    Example:
        >>> column_prefix("exact", ["exact"]), column_prefix("exact", ["exact", "variant"])
        ('', 'exact_')
    """
    return "" if len(definitions) == 1 else f"{definition}_"


def cluster_column(definition: str, definitions: Sized) -> str:
    """The column of the clusters' ids: ``cluster_id``, or ``<name>_id``; arguments as above."""
    return "cluster_id" if len(definitions) == 1 else f"{definition}_id"
