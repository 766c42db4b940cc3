"""The memory plan: what a run of very many records needs, checked before it begins.

Peak memory follows the records: their texts, what is prepared of them, and a fixed number of pairs
a record. Chunks of pairs take the same few megabytes however many there are, and so do the pairs to
learn from. So a catalog fits into the limit or it does not, and that can be told from its texts.
Scored pairs are a twentieth of it: where the limit is near, those of a definition that has been
answered wait on disk.
"""

from __future__ import annotations

from features.records import Records
from linkage.config.resolved import ResolvedConfig
from linkage.errors import ConfigError

__all__ = ["check_memory", "is_tight", "needed_memory"]

#: Bytes that the program, its libraries and the features of the pairs to learn from take.
_PROGRAM = 850_000_000
#: Bytes a record, for its pairs, values and numbers, and a byte of its compared texts. Measured on
#: generated catalogs without labels, two definitions: 100,000 rows took 1.2 GB at their peak,
#: 1,000,000 rows 3.9 GB.
_A_RECORD, _A_BYTE = 1_500, 8.0
#: Share of the limit above which memory is tight; the estimate is a rough one.
_TIGHT = 0.6
#: Records up to which any machine has room.
_FEW = 100_000


def needed_memory(records: Records) -> int:
    """Bytes that a run of quality fast takes at its peak, about."""
    text = sum(records.table.column(name).nbytes for name in records.kinds)
    return int(_PROGRAM + _A_RECORD * records.n + _A_BYTE * text)


def is_tight(records: Records, resolved: ResolvedConfig) -> bool:
    """Whether a run comes so near the limit that finished results should wait on disk."""
    return needed_memory(records) > _TIGHT * resolved.memory_bytes


def check_memory(records: Records, resolved: ResolvedConfig) -> None:
    """Refuses a catalog that would take more memory than is allowed.

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
                f"limits.memory: {records.n:,} records need about {_told(needed)}, and "
                f"{_told(allowed)} are allowed."
            ],
            hint=f'Set limits.memory = "{_told(needed * 1.1)}" if the machine has as much; or leave'
            " out columns that say little, or match parts of the catalog that share nothing.",
        )


def _told(size: float) -> str:
    return f"{max(size / 1e9, 0.1):.1f}GB"
