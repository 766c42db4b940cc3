"""Cross-encoder evidence: a fine-tuned language model for pairs whose score is uncertain."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from features.embeddings.text_vectors import EmbeddingError
from linkage.errors import ModelError
from linkage.io.saved.json_fields import Fields, parse_json

if TYPE_CHECKING:
    from features.embeddings.cross_encoder import CrossEncoder

__all__ = ["READ_WITHIN", "CrossEncoderEvidence"]

#: Distance from the threshold in log-odds within which the cross-encoder reads pairs: that takes a
#: thousand times as long as comparing them, and farther away it changes no decision.
READ_WITHIN = 5.0
_STATE = "evidence.json"
_WEIGHTS = ("own", "read", "intercept", "cut")

Progress = Callable[[float], None]


@dataclass(frozen=True)
class CrossEncoderEvidence:
    """A cross-encoder and its weight in the log-odds of a pair.

    Attributes:
        encoder: the fine-tuned model.
        own: weight of the boosters' log-odds.
        read: weight of the encoder's log-odds.
        intercept: added to the weighted sum.
        cut: log-odds of the boosters around which pairs are read.
    """

    encoder: CrossEncoder
    own: float
    read: float
    intercept: float
    cut: float

    def blend(
        self,
        texts: Sequence[str],
        left: np.ndarray,
        right: np.ndarray,
        log_odds: np.ndarray,
        threads: int,
        progress: Progress | None = None,
    ) -> np.ndarray:
        """Log-odds of the boosters, combined with the encoder's for pairs near the threshold.

        Args:
            texts: text of each record.
            left, right: rows of the pairs.
            log_odds: calibrated log-odds of the boosters.
            threads: threads to use.
            progress: called with the share done.

        Raises:
            ModelError: the encoder cannot be loaded.
        """
        out = log_odds.copy()
        unsure = np.flatnonzero(np.abs(log_odds - self.cut) < READ_WITHIN)
        if self.read <= 0 or not len(unsure):
            return out
        try:
            read = self.encoder.log_odds(
                [texts[k] for k in left[unsure]],
                [texts[k] for k in right[unsure]],
                threads=threads,
                progress=progress,
            )
        except EmbeddingError as error:  # files of a saved model that do not fit each other
            raise ModelError(str(error)) from error
        out[unsure] = self.own * log_odds[unsure] + self.read * read + self.intercept
        return out

    def write(self, folder: Path) -> None:
        """Writes ``evidence.json`` and the encoder's files into an existing folder."""
        state = {name: getattr(self, name) for name in _WEIGHTS}
        (folder / _STATE).write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        self.encoder.write(folder)

    @classmethod
    def of_folder(cls, folder: Path) -> CrossEncoderEvidence | None:
        """Reads what :meth:`write` wrote; None where there is no such folder."""
        from features.embeddings.cross_encoder import CrossEncoder

        if not folder.is_dir():
            return None
        state = Fields(parse_json((folder / _STATE).read_bytes()))
        return cls(CrossEncoder.read(folder), *(state.number(name) for name in _WEIGHTS))
