"""Spilling: the pairs of a match definition that has been answered, on disk until the run's end."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from blocking.candidates import Candidates
from linkage.results.definition_result import DefinitionResult

if TYPE_CHECKING:
    from typing import IO

__all__ = ["SpilledResult", "spilled"]

_ROW_GROUP = 1_000_000


class SpilledResult:
    """A definition's result whose pairs are in an unnamed temporary Parquet file.

    The file system removes the file with the object, and when the process ends in any way.

    Args:
        result: the result of the definition.

    Raises:
        OSError: there is no room for temporary files.
    """

    def __init__(self, result: DefinitionResult) -> None:
        found = result.candidates
        columns = {
            "left": found.left, "right": found.right, "blockers": found.blockers,
            "score": result.probability,
        }  # fmt: skip
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="linkage-")  # noqa: SIM115 - open until read
        pq.write_table(
            pa.table(columns), self._file, compression="lz4", row_group_size=_ROW_GROUP,
            use_dictionary=False,
        )  # fmt: skip
        self._names = found.names
        nothing = np.zeros(0, np.int32)
        self._rest = replace(
            result,
            candidates=Candidates(nothing, nothing, nothing.astype(np.uint32), found.names),
            probability=np.zeros(0),
            compared=len(found) if result.compared is None else result.compared,
        )

    def read(self) -> DefinitionResult:
        """The whole result, read back; the file is closed and removed."""
        self._file.seek(0)
        table = pq.read_table(self._file)
        left, right, blockers, score = (column.to_numpy() for column in table.columns)
        self._file.close()
        return replace(
            self._rest, candidates=Candidates(left, right, blockers, self._names), probability=score
        )


def spilled(result: DefinitionResult) -> SpilledResult | DefinitionResult:
    """A definition's result on disk; as it is, with a warning, where there is no room."""
    try:
        return SpilledResult(result)
    except OSError as error:
        warnings.warn(
            f"pairs stay in memory, as temporary files cannot be written: {error}", stacklevel=2
        )
        return result
