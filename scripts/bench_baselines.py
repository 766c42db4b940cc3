#!/usr/bin/env python3
"""Measure what simple methods reach on a catalog with known truth, given the best possible cut.

Protocol: pairwise F1 of entities over all pairs of rows, end to end. Methods:

- rows with equal titles are one entity (lower case, white space squeezed);
- tf-idf of words, cosine of the nearest neighbours, pairs above a cut;
- the same pairs clustered by connected components, or by average link (a missing pair counts as 0).

The cut is the best one by the truth itself (an oracle): no honest choice of it can do better. Each
tf-idf is taken once of the titles, and once of all the text of a row.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sparse_dot_topn import sp_matmul_topn

__all__ = ["Figure", "measure", "read_catalog"]

# Above ALL_WORDS rows, words of more than COMMON of the rows are not used to find neighbours (they
# count in the cosine): cost would grow with the square of the rows, and they tell nothing apart.
ALL_WORDS = 20_000
COMMON = 0.02


@dataclass(frozen=True)
class Figure:
    """Pairwise precision, recall and F1 of a method at the cut where F1 is best."""

    method: str
    precision: float
    recall: float
    f1: float
    cut: float | None = None


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows, the most similar first."""

    left: np.ndarray
    right: np.ndarray
    cosine: np.ndarray


class Merges:
    """Follows the pairs joined by merging clusters, and remembers the best F1 on the way."""

    def __init__(self, entity: np.ndarray) -> None:
        """Start with every row alone."""
        self.members = {row: Counter([label]) for row, label in enumerate(entity.tolist())}
        self.positives = _within(np.bincount(entity))
        self.joined = self.right = 0
        self.best = (0.0, 0.0, 0.0)
        self.cut: float | None = None

    def merge(self, one: int, two: int, cut: float) -> None:
        """Merge cluster ``two`` into ``one``."""
        large, small = self.members[one], self.members.pop(two)
        if len(large) < len(small):
            large, small = small, large
        self.joined += large.total() * small.total()
        self.right += sum(count * large[label] for label, count in small.items())
        large.update(small)
        self.members[one] = large
        scores = _scores(self.right, self.joined, self.positives)
        if scores[2] > self.best[2]:
            self.best, self.cut = scores, cut

    @property
    def over(self) -> bool:
        """Whether no further merge can raise the best F1, even were all right pairs joined."""
        return 2 * self.positives <= self.best[2] * (self.joined + self.positives)

    def figure(self, method: str) -> Figure:
        """Return the best figure seen."""
        return Figure(method, *self.best, self.cut)


def read_catalog(folder: Path, title: str) -> tuple[list[str], list[str], np.ndarray]:
    """Read the titles, all the text, and the entity of every row.

    Args:
        folder: Holds ``catalog.parquet`` or ``catalog.csv``, and ``truth.csv`` (``id, entity_id``).
        title: Name of the column of titles.
    """
    parquet = folder / "catalog.parquet"
    if parquet.exists():
        table = pd.read_parquet(parquet)
    else:
        table = pd.read_csv(folder / "catalog.csv", dtype=str, keep_default_na=False)
    for name in ("id", title):
        if name not in table:
            raise ValueError(
                f"no column {name!r} in {folder}; there are {', '.join(map(str, table))}"
            )
    truth = pd.read_csv(folder / "truth.csv", dtype=str, keep_default_na=False)
    entities = table["id"].astype(str).map(truth.set_index("id")["entity_id"])
    if entities.isna().any():
        raise ValueError(f"{int(entities.isna().sum())} ids of the catalog are not in truth.csv")
    texts = table.drop(columns="id").fillna("").astype(str)
    whole = texts.iloc[:, 0].str.cat(texts.iloc[:, 1:], sep=" ")
    return texts[title].tolist(), whole.tolist(), pd.factorize(entities)[0]


def measure(
    titles: list[str], whole: list[str], entity: np.ndarray, neighbours: int = 30
) -> list[Figure]:
    """Return the figures of all methods.

    Args:
        titles: Title of every row.
        whole: All text of every row.
        entity: Number of the entity of every row.
        neighbours: How many neighbours of each row are looked at.
    """
    figures = [_equal_titles(titles, entity)]
    for name, texts in (("titles", titles), ("all text", whole)):
        pairs = _nearest(texts, neighbours)
        figures.append(_above_cut(pairs, entity, f"tf-idf of {name}, pairs"))
        figures.append(_components(pairs, entity, f"tf-idf of {name}, components"))
        figures.append(_average_link(pairs, entity, f"tf-idf of {name}, average link"))
    return figures


def _within(counts: np.ndarray) -> int:
    """Return the number of pairs within groups of these sizes."""
    return int((counts.astype(np.int64) * (counts - 1) // 2).sum())


def _scores(right: float, joined: float, positives: float) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    if not right:
        return 0.0, 0.0, 0.0
    return right / joined, right / positives, 2 * right / (joined + positives)


def _equal_titles(titles: list[str], entity: np.ndarray) -> Figure:
    """Join the rows of equal titles."""
    key = pd.factorize(pd.Series([" ".join(title.lower().split()) for title in titles]))[0]
    both = pd.factorize(key * (int(entity.max()) + 1) + entity)[0]
    joined, right = _within(np.bincount(key)), _within(np.bincount(both))
    return Figure("equal titles", *_scores(right, joined, _within(np.bincount(entity))))


def _nearest(texts: list[str], neighbours: int) -> Pairs:
    """Return every row's nearest neighbours by tf-idf cosine of words, each pair once."""
    vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", dtype=np.float32, sublinear_tf=True)
    matrix = vectorizer.fit_transform(texts).tocsr()
    n = matrix.shape[0]
    index = matrix.T.tocsr()
    if n > ALL_WORDS:
        rare = np.diff(index.indptr) <= COMMON * n
        index = sparse.csr_matrix(sparse.diags(rare.astype(np.float32)) @ index)
        index.eliminate_zeros()
    near = sp_matmul_topn(matrix, index, top_n=neighbours + 1, n_threads=os.cpu_count()).tocoo()
    left, right = near.row.astype(np.int64), near.col.astype(np.int64)
    keys = np.unique((np.minimum(left, right) * n + np.maximum(left, right))[left != right])
    left, right = keys // n, keys % n
    cosine = np.concatenate(
        [
            matrix[left[i : i + 100_000]].multiply(matrix[right[i : i + 100_000]]).sum(axis=1)
            for i in range(0, len(keys), 100_000)
        ]
        or [np.zeros(0)]
    )
    cosine = np.asarray(cosine).ravel()
    best = np.argsort(-cosine, kind="stable")
    return Pairs(left[best], right[best], cosine[best])


def _above_cut(pairs: Pairs, entity: np.ndarray, method: str) -> Figure:
    """Match the pairs above the best cut, whatever that means for the clusters."""
    right = np.cumsum(entity[pairs.left] == entity[pairs.right])
    if not len(right):
        return Figure(method, 0.0, 0.0, 0.0)
    positives = _within(np.bincount(entity))
    joined = np.arange(1, len(right) + 1)
    last = np.append(np.diff(pairs.cosine) != 0, True)
    best = int(np.argmax(np.where(last, right / (joined + positives), 0)))
    precision, recall, f1 = _scores(float(right[best]), float(joined[best]), positives)
    return Figure(method, precision, recall, f1, float(pairs.cosine[best]))


def _components(pairs: Pairs, entity: np.ndarray, method: str) -> Figure:
    """Join all rows that a chain of pairs above the best cut connects."""
    merges, parent = Merges(entity), list(range(len(entity)))

    def root(row: int) -> int:
        """Return the representative of a row's cluster, shortening the way for the next time."""
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for left, right, cosine in zip(
        pairs.left.tolist(), pairs.right.tolist(), pairs.cosine.tolist(), strict=True
    ):
        one, two = root(left), root(right)
        if one != two:
            parent[two] = one
            merges.merge(one, two, cosine)
            if merges.over:
                break
    return merges.figure(method)


def _average_link(pairs: Pairs, entity: np.ndarray, method: str) -> Figure:
    """Merge the two clusters of the highest mean cosine, until none are left to merge."""
    merges = Merges(entity)
    size = [1] * len(entity)
    links: list[dict[int, float]] = [{} for _ in size]
    heap = []
    for left, right, cosine in zip(
        pairs.left.tolist(), pairs.right.tolist(), pairs.cosine.tolist(), strict=True
    ):
        links[left][right] = links[right][left] = cosine
        heap.append((-cosine, left, right))
    heapq.heapify(heap)
    while heap and not merges.over:
        mean, one, two = heapq.heappop(heap)
        total = links[one].get(two)
        if total is None or -mean != total / (size[one] * size[two]):
            continue
        merges.merge(one, two, -mean)
        size[one] += size[two]
        for other, weight in links[two].items():
            del links[other][two]
            if other != one:
                links[one][other] = links[other][one] = links[one].get(other, 0.0) + weight
        links[two] = {}
        for other, weight in links[one].items():
            entry = -weight / (size[one] * size[other])
            heapq.heappush(heap, (entry, min(one, other), max(one, other)))
    return merges.figure(method)


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("catalog", type=Path, help="folder with catalog.csv and truth.csv")
    parser.add_argument("--title", default="title", help="column of titles (title)")
    parser.add_argument("--neighbours", type=int, default=30, help="neighbours of each row (30)")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = parser.parse_args(arguments)
    try:
        titles, whole, entity = read_catalog(given.catalog, given.title)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"error: {error}")
    figures = measure(titles, whole, entity, given.neighbours)
    print(f"{len(entity)} rows, {len(np.unique(entity))} entities, best cut by the truth")
    print(f"{'method':<32}{'precision':>10}{'recall':>10}{'F1':>10}{'cut':>10}")
    for figure in figures:
        cut = "" if figure.cut is None else f"{figure.cut:.3f}"
        print(
            f"{figure.method:<32}{figure.precision:>10.3f}{figure.recall:>10.3f}"
            f"{figure.f1:>10.3f}{cut:>10}"
        )
    if given.json:
        given.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")


if __name__ == "__main__":
    main()
