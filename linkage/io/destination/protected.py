"""What a run reads, which its output must not replace, whatever path it is named by."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import OutputError
from linkage.io.destination.folder_kinds import KINDS

__all__ = ["Input", "refuse_file_over_inputs", "refuse_folder_over_inputs"]

_HINT = "Name another output, or move what is read elsewhere."


@dataclass(frozen=True)
class Input:
    """A file or a folder that a run reads.

    Attributes:
        what: what messages call it, such as ``labels``.
        path: as the user named it; ``-`` is standard input.
    """

    what: str
    path: Path

    @property
    def places(self) -> list[Path]:
        """Where it is, absolute: the name itself, in its real folder, and what links lead to."""
        # Standard input may come from a file, whose path the system knows.
        path = Path("/dev/stdin") if str(self.path) == "-" else self.path
        real = Path(os.path.realpath(path))
        named = real if path.name in ("", "..") else path.parent.resolve() / path.name
        return list(dict.fromkeys((named, real)))


def refuse_folder_over_inputs(folder: Path, inputs: Iterable[Input]) -> None:
    """Refuse to write a folder that is, or that holds, something that the run reads.

    Args:
        folder: the folder to write, absolute, links followed; it need not exist.
        inputs: what the run reads.

    Raises:
        OutputError: with the input and the output.
    """
    for one in inputs:
        for place in one.places:
            if _is_same(place, folder):
                raise OutputError(
                    f"The output {folder} is the {one.what} that this run reads.", hint=_HINT
                )
            if any(_is_same(parent, folder) for parent in place.parents):
                raise OutputError(
                    f"The output {folder} holds the {one.what} {one.path}, which this run reads.",
                    hint=_HINT,
                )


def refuse_file_over_inputs(file: Path, inputs: Iterable[Input]) -> None:
    """Refuse to write a file that is, by any path, one that the run reads.

    Args:
        file: the file to write, absolute; it need not exist.
        inputs: what the run reads; of folders the files that the engine wrote into them.

    Raises:
        OutputError: with the input and the output.
    """
    own = Input("", file).places
    for one in inputs:
        for place in one.places:
            if any(_is_same(path, place) for path in own):
                raise OutputError(
                    f"The output {file} is the {one.what} {one.path} that this run reads.",
                    hint=_HINT,
                )
            for path in own if place.is_dir() else ():
                inside = path.is_relative_to(place) and path.relative_to(place)
                if inside and any(kind.owns(inside) for kind in KINDS):
                    raise OutputError(
                        f"The output {file} is a part of the {one.what} {one.path}, which this run "
                        "reads.",
                        hint=_HINT,
                    )


def _is_same(a: Path, b: Path) -> bool:
    """Whether two paths are one file: by name, by a hard link, or as the file system folds them."""
    if a == b:
        return True
    with contextlib.suppress(OSError, ValueError):
        return os.path.samefile(a, b)
    return False
