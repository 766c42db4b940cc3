"""The comparer: from pairs of rows to the feature matrix, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from features import blocks
from features.kinds import Kind
from features.prepare import DESCRIPTION_WORDS, PreparedAttribute, PreparedRecords

__all__ = ["Comparer", "direction"]

#: Features that fall as two records become more alike; all others rise.
_FALLING = (
    "rarest_unshared_min",
    "rarest_unshared_max",
    "difference",
    "log_ratio",
    "log_days",
    "conflict",
    "unshared_max",
    "hash_difference",
    "colour_difference",
)
#: Features without a direction.
_NEUTRAL = ("common", "length_ratio")


def direction(name: str) -> int:
    """+1 where a higher value means more alike, -1 where it means less alike, 0 otherwise."""
    measure = name.rsplit(".", 1)[-1]
    if measure in _NEUTRAL:
        return 0
    return -1 if measure in _FALLING else 1


class Comparer:
    """Compares pairs of prepared records.

    Args:
        records: prepared records.
        vectors: unit vectors of the records by name, each float32 of shape (n, dimensions).
        strings: whether string measures (the dearest family) are used.
        threads: threads to use; the result does not depend on it.
        chunk: pairs compared at a time; bounds memory.
        names: the features that are wanted, in order; those that these records do not have are
            unknown. All that they have by default.
        extra: further blocks, such as those that look at the neighbours of a pair's records.
    """

    def __init__(
        self,
        records: PreparedRecords,
        *,
        vectors: dict[str, np.ndarray] | None = None,
        strings: bool = True,
        threads: int = 1,
        chunk: int = 100_000,
        names: list[str] | None = None,
        extra: Sequence[blocks.FeatureBlock] = (),
    ) -> None:
        self.threads = threads
        self.chunk = chunk
        self.blocks: list[blocks.FeatureBlock] = []
        for attribute in records.attributes.values():
            self.blocks += _attribute_blocks(attribute, records, strings, threads)
        self.blocks += _record_blocks(records)
        for name, array in (vectors or {}).items():
            self.blocks.append(blocks.VectorBlock(name, array))
        self.blocks += extra
        own = [name for block in self.blocks for name in block.names]
        self.names: list[str] = own if names is None else names
        self._order: np.ndarray | None = None
        if self.names != own:
            at = {name: k for k, name in enumerate(own)}
            self._order = np.array([at.get(name, -1) for name in self.names], int)
        self._width = len(own)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Feature matrix of pairs of rows.

        Returns:
            float32, shape (m, len(names)); NaN is unknown.
        """
        out = np.empty((len(left), len(self.names)), np.float32)
        for start, part in self.stream(left, right):
            out[start : start + len(part)] = part
        return out

    def stream(self, left: np.ndarray, right: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Yields ``(first pair, feature matrix)`` chunk by chunk."""
        left = np.ascontiguousarray(left, np.int32)
        right = np.ascontiguousarray(right, np.int32)
        with ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(left), self.chunk):
                a, b = left[start : start + self.chunk], right[start : start + self.chunk]
                yield start, self._compare_chunk(pool, a, b)

    def _compare_chunk(
        self, pool: ThreadPoolExecutor, left: np.ndarray, right: np.ndarray
    ) -> np.ndarray:
        out = np.empty((len(left), self._width), np.float32)
        column = 0
        jobs = []
        for block in self.blocks:
            columns = slice(column, column + len(block.names))
            column += len(block.names)
            if isinstance(block, blocks.StringBlock):
                out[:, columns] = block.compare(left, right)
            else:
                jobs.append((block, columns))

        def fill(job: tuple[blocks.FeatureBlock, slice]) -> None:
            block, columns = job
            out[:, columns] = block.compare(left, right)

        list(pool.map(fill, jobs))
        if self._order is None:
            return out
        wanted = np.full((len(left), len(self.names)), np.nan, np.float32)
        wanted[:, self._order >= 0] = out[:, self._order[self._order >= 0]]
        return wanted


def _attribute_blocks(
    attribute: PreparedAttribute, records: PreparedRecords, strings: bool, threads: int
) -> list[blocks.FeatureBlock]:
    kind = attribute.kind
    out: list[blocks.FeatureBlock] = []
    if kind == Kind.IMAGE:
        return [blocks.ImageBlock(attribute)]
    if kind == Kind.PRICE:
        return [blocks.NumberBlock(attribute)]
    out.append(blocks.EqualityBlock(attribute))
    if kind in (Kind.NUMBER, Kind.DATE):
        out.append(blocks.NumberBlock(attribute, is_date=kind == Kind.DATE))
        if strings:
            out.append(blocks.StringBlock(attribute, ("ratio",), threads))
        return out
    if kind == Kind.QUANTITY:
        out.append(blocks.QuantityBlock(attribute))
        return out
    assert attribute.words is not None
    assert attribute.grams is not None
    if kind == Kind.IDENTIFIER:
        if strings:
            out.append(blocks.StringBlock(attribute, ("ratio", "jaro_winkler"), threads))
        return out
    out.append(blocks.SetBlock(attribute.name, attribute.words, records.vocabulary))
    out.append(blocks.CosineBlock(attribute.name, attribute.grams))
    if kind == Kind.CATEGORY:
        return out
    out.append(blocks.FirstWordBlock(attribute))
    if strings and attribute.mean_words <= DESCRIPTION_WORDS:
        out.append(blocks.StringBlock(attribute, ("ratio", "jaro_winkler"), threads))
    return out


def _record_blocks(records: PreparedRecords) -> list[blocks.FeatureBlock]:
    out: list[blocks.FeatureBlock] = [
        blocks.SetBlock("record", records.words, records.vocabulary),
        blocks.CosineBlock("record", records.grams),
        blocks.CodeBlock(records),
        blocks.QuantityTextBlock(records.facts["quantities"]),
    ]
    for name in ("numbers", "years", "colours", "editions", "sizes"):
        out.append(blocks.AgreementBlock(name, records.facts[name]))
    main = records.attributes[records.main].words if records.main else None
    if main is not None:
        out.append(blocks.ContainmentBlock(main, records.words))
    return out
