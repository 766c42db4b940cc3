"""Entity matching for product catalogs: one command turns a catalog into entities.

The public surface is small: :class:`Config` says what to do, :class:`Linker` does it,
:class:`Result` holds what came out. Everything is loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from linkage.version import __version__

if TYPE_CHECKING:
    from linkage.config.authored import Config
    from linkage.errors import LinkageError
    from linkage.linker import Linker
    from linkage.result import Result

__all__ = ["Config", "LinkageError", "Linker", "Result", "__version__"]

_HOMES = {
    "Config": "linkage.config.authored",
    "LinkageError": "linkage.errors",
    "Linker": "linkage.linker",
    "Result": "linkage.result",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'linkage' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
