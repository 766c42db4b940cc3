"""The list of compiled kernels: what of them a run calls from Python, and with what types."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

__all__ = ["ListedKernel", "listed_kernels"]

_LIST = Path(__file__).with_name("kernels.txt")


@dataclass(frozen=True)
class ListedKernel:
    """A kernel and the types it is called with.

    Attributes:
        module: Full name of its module.
        name: Its name there.
        types: Types of its arguments in numba's notation, in parentheses.

    """

    module: str
    name: str
    types: str

    def compile(self) -> None:
        """Compile it, or load it from numba's cache if it is there; write it there otherwise.

        Raises:
            Exception: Of whatever kind, where the module or the kernel is not there, or does not
                take the types.

        """
        getattr(import_module(self.module), self.name).compile(self.types)


def listed_kernels() -> list[ListedKernel]:
    """Return the kernels of the list, in about the order in which a run needs them.

    ``scripts/list_kernels`` makes the list: first what only some runs need, then what
    the deduplication of a catalog needs, as it needs it. Kernels that only other kernels call are
    not in it: they are compiled with these.
    """
    found = []
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            called, _, types = line.partition(" ")
            module, _, name = called.rpartition(".")
            found.append(ListedKernel(module, name, types))
    return found
