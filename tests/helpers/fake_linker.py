"""A linker that knows the truth of the small tasks, and remembers what it was asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from linkage.errors import LabelError


class FakeLinker:
    """Takes ids that end alike for one product; its threshold is 0.5 and a tenth a seed."""

    calls: ClassVar[list[tuple[Any, ...]]] = []
    fails: ClassVar[set[str]] = set()

    def __init__(self, config: Any, progress: Any = None) -> None:
        self.config, self.progress = config, progress
        self.calls.append(("init", config))

    def fit(self, left: Any, right: Any = None, labels: Any = None, validation: Any = None) -> Any:
        if "fit" in self.fails:
            raise LabelError("the labels have only label 1.", hint="Add others.")
        if self.progress is not None:
            self.progress("Train", 0.5)
        self.calls.append(("fit", self.config.seed, labels, validation))
        model = SimpleNamespace(threshold=0.5 + self.config.seed / 10)
        self.fitted_ = {"exact": SimpleNamespace(model=model)}
        return self

    def score(self, left: Any, right: Any, pairs: pd.DataFrame) -> pd.DataFrame:
        same = pairs["left_id"].str[1:].to_numpy() == pairs["right_id"].str[1:].to_numpy()
        # The higher the seed, the less sure of a match.
        score = np.where(same, 0.9 - self.config.seed / 5, 0.1)
        threshold = self.fitted_["exact"].model.threshold
        self.calls.append(("score", self.config.seed, len(pairs)))
        return pairs[["left_id", "right_id"]].assign(score=score, match=score >= threshold)

    def match(self, left: Any, right: Any = None) -> Any:
        if "match" in self.fails:
            raise RuntimeError("no such thing")
        self.calls.append(("match", self.config.seed))
        ids = left.column("id").to_pandas()
        if right is None:
            clusters = pd.DataFrame({"id": ids, "cluster_id": ids.str[1:], "confidence": 1.0})
            return SimpleNamespace(clusters=clusters, pairs=clusters)
        others = right.column("id").to_pandas()
        keys = pd.DataFrame({"left_id": ids, "key": ids.str[1:]})
        pairs = keys.merge(pd.DataFrame({"right_id": others, "key": others.str[1:]}), on="key")
        pairs = pairs.drop(columns="key").assign(score=0.9, match=True)
        wrong = pd.DataFrame([{"left_id": "l0", "right_id": "r1", "score": 0.2, "match": False}])
        return SimpleNamespace(pairs=pd.concat([pairs, wrong], ignore_index=True))
