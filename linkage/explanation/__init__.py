"""Explanations: why a pair scored as it did, who proposed it, and what joined a cluster.

Plain data first (`linkage.explanation.data`, to JSON and back); a terminal view and a page are made
from the data alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linkage.explanation.data import ClusterExplanation, PairExplanation
    from linkage.explanation.explainer import Explainer

__all__ = ["ClusterExplanation", "Explainer", "PairExplanation"]

_HOMES = {
    "ClusterExplanation": "linkage.explanation.data",
    "Explainer": "linkage.explanation.explainer",
    "PairExplanation": "linkage.explanation.data",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'linkage.explanation' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
