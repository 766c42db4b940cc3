"""The memory limit: an estimate of what a run of very many records needs, checked at its start.

Peak memory grows with the records: their texts, what is prepared of them, and a fixed number of
pairs a record. Chunks of pairs, and the pairs to learn from, take the same few megabytes however
many records there are. So the estimate follows from the number of records and the size of their
texts. Scored pairs are a twentieth of it: where the limit is near, those of a finished match
definition are kept on disk.
"""

from __future__ import annotations

from features.records import Records
from linkage.config.resolved import ResolvedConfig
from linkage.errors import ConfigError

__all__ = ["check_memory", "is_tight", "needed_memory"]

#: Bytes of the program, its libraries and the features of the pairs to learn from.
_PROGRAM = 850_000_000
#: Bytes for each record (its pairs, values and numbers) and for each byte of its texts. Measured on
#: generated catalogs without labels, two definitions: 100,000 rows took 1.2 GB at their peak,
#: 1,000,000 rows 3.9 GB.
_A_RECORD, _A_BYTE = 1_500, 8.0
#: Share of the limit above which memory is tight; the estimate is a rough one.
_TIGHT = 0.6
#: Records up to which any machine has room.
_FEW = 100_000


def needed_memory(records: Records) -> int:
    """Return an estimate of the peak memory of a run of quality fast, in bytes."""
    text = sum(records.table.column(name).nbytes for name in records.kinds)
    return int(_PROGRAM + _A_RECORD * records.n + _A_BYTE * text)


def is_tight(records: Records, resolved: ResolvedConfig) -> bool:
    """Return whether a run comes so near the limit that finished results are kept on disk."""
    return needed_memory(records) > _TIGHT * resolved.memory_bytes


def check_memory(records: Records, resolved: ResolvedConfig) -> None:
    """Refuse a catalog that would take more memory than is allowed.

    Args:
        records: the records.
        resolved: says the limit.

    Raises:
        ConfigError: with what is needed, what is allowed, and what to do.
    """
    if resolved.quality != "fast" or records.n <= _FEW:
        return
    needed, allowed = needed_memory(records), resolved.memory_bytes
    if needed > allowed:
        raise ConfigError(
            [
                f"limits.memory: {records.n:,} records need about {_gigabytes(needed)}, and "
                f"{_gigabytes(allowed)} are allowed."
            ],
            hint=f'Set limits.memory = "{_gigabytes(needed * 1.1)}" if the machine has as much; or '
            "leave out columns that say little, or match parts of the catalog that share nothing.",
        )


def _gigabytes(size: float) -> str:
    return f"{max(size / 1e9, 0.1):.1f}GB"
