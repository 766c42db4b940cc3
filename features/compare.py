"""The comparer: from pairs of rows to the feature matrix, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import numpy as np

from features import blocks
from features.cheap_blocks import block_makers, fact_blocks, make_blocks
from features.chunked import in_order
from features.kinds import Kind
from features.ordering import stable_order
from features.overlap import OverlapBlock
from features.prepare import DESCRIPTION_WORDS, PreparedAttribute, PreparedRecords

__all__ = ["Comparer", "direction"]

Made = TypeVar("Made")

#: Features that fall as two records become more alike; all others rise.
_FALLING = (
    "rarest_unshared_min",
    "rarest_unshared_max",
    "difference",
    "log_ratio",
    "log_days",
    "conflict",
    "none_shared",
    "unshared_max",
    "hash_difference",
    "colour_difference",
)
#: Pairs whose cheap features are computed at once: they stay in the cache while blocks fill them.
_AT_ONCE = 16_384
#: Blocks that look at many words: most of the time of cheap features.
_DEAR = (blocks.SetBlock, OverlapBlock)
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
        cheap: whether only features are computed that take under two microseconds a pair: what
            words, codes and facts two records share, and letter by letter only the words of the
            main attribute that differ.
        threads: threads to use; the result does not depend on it.
        chunk: pairs compared at a time; bounds memory.
        names: the features that are wanted, in order; those that these records do not have are
            unknown. All that they have by default.
        extra: further blocks, such as those that look at the neighbours of a pair's records.
        places: place of each record, int32, shape (n,), in an order in which records that are
            compared stand near each other (`blocking.locality`): what cheap features look at is
            copied into that order, since memory far apart takes as long to read as all else.
        made: the blocks of cheap features in the order of the places, where they were made before
            (`features.cheap_blocks`); made from the records by default.
    """

    def __init__(
        self,
        records: PreparedRecords,
        *,
        vectors: dict[str, np.ndarray] | None = None,
        cheap: bool = False,
        threads: int = 1,
        chunk: int = 100_000,
        names: list[str] | None = None,
        extra: Sequence[blocks.FeatureBlock] = (),
        places: np.ndarray | None = None,
        made: Sequence[blocks.FeatureBlock] | None = None,
    ) -> None:
        self.threads = threads
        self.chunk = chunk
        self.cheap = cheap
        self.blocks: list[blocks.FeatureBlock] = []
        self._places = places if cheap else None
        #: Row at each place.
        self._rows = None if self._places is None else stable_order(self._places)
        if cheap:
            if made is None:
                made = make_blocks(block_makers(records, self._rows), threads)
            self.blocks += made
        else:
            for attribute in records.attributes.values():
                self.blocks += _attribute_blocks(attribute, records, threads)
            self.blocks += _record_blocks(records)
        #: Whether each block takes places rather than rows, and can write features in place.
        self._placed = [self._places is not None] * len(self.blocks)
        self._filling = [isinstance(block, blocks.FillingBlock) for block in self.blocks]
        for name, array in (vectors or {}).items():
            self._append(blocks.VectorBlock(name, array))
        for block in extra:
            self._append(block)
        own = [name for block in self.blocks for name in block.names]
        self.names: list[str] = own if names is None else names
        self._order: np.ndarray | None = None
        if self.names != own:
            at = {name: k for k, name in enumerate(own)}
            self._order = np.array([at.get(name, -1) for name in self.names], int)
        self._width = len(own)

    def add(self, block: blocks.FeatureBlock) -> None:
        """Compares pairs in one more respect, or in another way in the same one.

        New columns come last; a block takes the place of one with the same columns.
        """
        assert self._order is None, "the columns of a saved model are settled"
        for k, known in enumerate(self.blocks):
            if known.names == block.names:
                self.blocks[k], self._placed[k] = self._settled(block)
                self._filling[k] = isinstance(self.blocks[k], blocks.FillingBlock)
                return
        self._append(block)
        self.names = [*self.names, *block.names]
        self._width += len(block.names)

    def _append(self, block: blocks.FeatureBlock) -> None:
        settled, placed = self._settled(block)
        self.blocks.append(settled)
        self._placed.append(placed)
        self._filling.append(isinstance(settled, blocks.FillingBlock))

    def _settled(self, block: blocks.FeatureBlock) -> tuple[blocks.FeatureBlock, bool]:
        """The block in the order of the places, if it can be, and whether it is."""
        if self._rows is not None and isinstance(block, blocks.PlacingBlock):
            return block.placed(self._rows), True
        return block, False

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
        return self.map(left, right, lambda start, matrix: matrix)

    def map(
        self, left: np.ndarray, right: np.ndarray, work: Callable[[int, np.ndarray], Made]
    ) -> Iterator[tuple[int, Made]]:
        """Yields ``(first pair, work(first pair, feature matrix))`` chunk by chunk, in order.

        Cheap features are computed a chunk a thread, and the work is done there too; others block
        by block, since string measures bring threads of their own.
        """
        left, right = (np.ascontiguousarray(rows, np.int32) for rows in (left, right))
        starts = range(0, len(left), self.chunk)

        def part(start: int) -> tuple[np.ndarray, np.ndarray]:
            return left[start : start + self.chunk], right[start : start + self.chunk]

        if self.cheap:
            yield from in_order(
                lambda start: work(start, self._compare_cheaply(*part(start))[1]),
                starts,
                self.threads,
            )
            return
        with ThreadPoolExecutor(self.threads) as pool:
            for start in starts:
                yield start, work(start, self._compare_chunk(pool, *part(start)))

    @property
    def quick_columns(self) -> list[int]:
        """Columns that take a fraction of the time: all but what words are shared.

        Empty where features are not cheap, or in another order than the blocks'.
        """
        if not self.cheap or self._order is not None:
            return []
        quick: list[int] = []
        column = 0
        for block in self.blocks:
            if not isinstance(block, _DEAR):
                quick += range(column, column + len(block.names))
            column += len(block.names)
        return quick

    def map_promising(
        self,
        left: np.ndarray,
        right: np.ndarray,
        promising: Callable[[np.ndarray], np.ndarray],
        work: Callable[[int, np.ndarray, np.ndarray], Made],
    ) -> Iterator[tuple[int, Made]]:
        """As :meth:`map`, but only what is promising by its cheapest features is compared in full.

        Args:
            left, right: rows of the pairs.
            promising: which pairs are, bool, from a matrix in which only `quick_columns` are filled
                in.
            work: takes the first pair of a chunk, the positions in it of promising pairs, and their
                feature matrix.
        """
        assert self.quick_columns
        left, right = (np.ascontiguousarray(rows, np.int32) for rows in (left, right))

        def look(start: int) -> Made:
            part = slice(start, start + self.chunk)
            return work(start, *self._compare_cheaply(left[part], right[part], promising))

        yield from in_order(look, range(0, len(left), self.chunk), self.threads)

    def _compare_chunk(
        self, pool: ThreadPoolExecutor, left: np.ndarray, right: np.ndarray
    ) -> np.ndarray:
        out = np.empty((len(left), self._width), np.float32)
        column, jobs = 0, []
        for block in self.blocks:
            columns = slice(column, column + len(block.names))
            column += len(block.names)
            if isinstance(block, blocks.StringBlock):
                out[:, columns] = block.compare(left, right)
            else:
                jobs.append((block, columns))

        def fill(job: tuple[blocks.FeatureBlock, slice]) -> None:
            block, columns = job
            if isinstance(block, blocks.FillingBlock):  # one kernel, compiled for columns
                block.fill(left, right, out[:, columns])
            else:
                out[:, columns] = block.compare(left, right)

        list(pool.map(fill, jobs))
        return self._ordered(out)

    def _compare_cheaply(
        self,
        left: np.ndarray,
        right: np.ndarray,
        promising: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Positions of the promising pairs (all without ``promising``), and their features."""
        kept, matrices = [], []
        whole = np.empty((0 if promising else len(left), self._width), np.float32)
        for start in range(0, len(left), _AT_ONCE):
            part = np.arange(start, min(start + _AT_ONCE, len(left)))
            rows = left[part], right[part]
            if promising is None:
                self._fill(*rows, whole[start : start + len(part)])
                continue
            out = np.empty((len(part), self._width), np.float32)
            self._fill(*rows, out, dear=False)
            chosen = np.flatnonzero(promising(out))
            out = out[chosen]
            self._fill(rows[0][chosen], rows[1][chosen], out, quick=False)
            kept.append(part[chosen])
            matrices.append(out)
        if promising is None:
            return np.arange(len(left)), self._ordered(whole)
        return np.concatenate(kept), np.concatenate(matrices)

    def _fill(
        self,
        left: np.ndarray,
        right: np.ndarray,
        out: np.ndarray,
        *,
        quick: bool = True,
        dear: bool = True,
    ) -> None:
        """Writes the features of few pairs, those of quick blocks, of dear ones, or of both."""
        rows = places = left, right
        if self._places is not None:
            places = self._places[left], self._places[right]
        column = 0
        for block, placed, filling in zip(self.blocks, self._placed, self._filling, strict=True):
            place = out[:, column : column + len(block.names)]
            column += len(block.names)
            if not (dear if isinstance(block, _DEAR) else quick):
                continue
            a, b = places if placed else rows
            if filling:
                cast(blocks.FillingBlock, block).fill(a, b, place)
            else:
                place[:] = block.compare(a, b)

    def _ordered(self, out: np.ndarray) -> np.ndarray:
        """The wanted features in the order in which they are wanted."""
        if self._order is None:
            return out
        wanted = np.full((len(out), len(self.names)), np.nan, np.float32)
        wanted[:, self._order >= 0] = out[:, self._order[self._order >= 0]]
        return wanted


def _attribute_blocks(
    attribute: PreparedAttribute, records: PreparedRecords, threads: int
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
        out.append(blocks.StringBlock(attribute, threads))
        return out
    if kind == Kind.QUANTITY:
        out.append(blocks.QuantityBlock(attribute))
        return out
    assert attribute.words is not None
    assert attribute.grams is not None
    if kind == Kind.IDENTIFIER:
        out.append(blocks.StringBlock(attribute, threads))
        return out
    out.append(blocks.SetBlock(attribute.name, attribute.words, records.vocabulary))
    out.append(blocks.CosineBlock(attribute.name, attribute.grams))
    if kind == Kind.CATEGORY:
        return out
    out.append(blocks.FirstWordBlock(attribute))
    if attribute.mean_words <= DESCRIPTION_WORDS:
        out.append(blocks.StringBlock(attribute, threads))
    return out


def _record_blocks(records: PreparedRecords) -> list[blocks.FeatureBlock]:
    out: list[blocks.FeatureBlock] = [
        blocks.SetBlock("record", records.words, records.vocabulary),
        blocks.CosineBlock("record", records.grams),
        blocks.CodeBlock(records),
        blocks.QuantityTextBlock(records.facts["quantities"]),
    ]
    out += fact_blocks(records.facts)
    main = records.attributes[records.main].words if records.main else None
    if main is not None:
        out.append(blocks.ContainmentBlock(main, records.words))
    return out
