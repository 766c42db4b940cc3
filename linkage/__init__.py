"""Entity matching for product catalogs: one command turns a catalog into entities.

:class:`Config` says what to do, :class:`Linker` does it, :class:`Result` holds what came out;
:class:`Classifier` learns the value of a column. A name is loaded when it is first used, so that
importing the package costs nothing. Modules below this one are internal: they may move between
versions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from linkage.version import __version__

if TYPE_CHECKING:
    from linkage.classify.classifier import Classifier
    from linkage.config.authored import Config
    from linkage.config.match_definition import MatchDefinition, Rule
    from linkage.errors import LinkageError
    from linkage.evaluation.metrics import evaluate_clusters, evaluate_pairs
    from linkage.io.label_files import read_labels
    from linkage.io.reading import read_table
    from linkage.linker import Linker
    from linkage.result import Result

__all__ = [
    "Classifier",
    "Config",
    "LinkageError",
    "Linker",
    "MatchDefinition",
    "Result",
    "Rule",
    "__version__",
    "evaluate_clusters",
    "evaluate_pairs",
    "read_labels",
    "read_table",
]

_HOMES = {
    "Classifier": "linkage.classify.classifier",
    "Config": "linkage.config.authored",
    "LinkageError": "linkage.errors",
    "Linker": "linkage.linker",
    "MatchDefinition": "linkage.config.match_definition",
    "Result": "linkage.result",
    "Rule": "linkage.config.match_definition",
    "evaluate_clusters": "linkage.evaluation.metrics",
    "evaluate_pairs": "linkage.evaluation.metrics",
    "read_labels": "linkage.io.label_files",
    "read_table": "linkage.io.reading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'linkage' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
