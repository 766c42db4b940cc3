"""LightGBM, loaded without scikit-learn in a process that has no other use for it."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import get_ident
from typing import Any

__all__ = ["leave_out_scikit_learn", "load_lightgbm"]

#: Whether LightGBM is to be loaded without scikit-learn.
_alone = False


class _Without:
    """A finder of modules that says, to one thread, that scikit-learn is not installed."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Refuse scikit-learn to the thread; leave all else to the other finders."""
        if name == "sklearn" and get_ident() == self._thread:
            raise ModuleNotFoundError("not wanted by LightGBM here", name=name)


def leave_out_scikit_learn() -> None:
    """Let LightGBM be loaded without scikit-learn in this process, where that is not loaded yet.

    LightGBM imports scikit-learn, which takes ten times as long as LightGBM itself, for estimators
    of scikit-learn's kind (``LGBMClassifier`` and so on) that the engine does not use, and that
    are then missing. For the command line: an application that uses the engine as a library may
    want them.
    """
    global _alone
    _alone = True


def load_lightgbm() -> Any:
    """Return the module ``lightgbm``, imported if it was not yet."""
    if not _alone or "lightgbm" in sys.modules:
        return import_module("lightgbm")
    without = _Without()
    sys.meta_path.insert(0, without)
    try:
        return import_module("lightgbm")
    finally:
        sys.meta_path.remove(without)
