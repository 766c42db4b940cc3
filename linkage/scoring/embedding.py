"""Embeddings of the main attribute, by the model that the configuration or the quality names."""

from __future__ import annotations

import numpy as np

from features.embeddings.text_vectors import MINILM, STATIC, Embedder, EmbeddingError
from features.prepare import PreparedRecords
from linkage.config.resolved import ResolvedConfig
from linkage.errors import ConfigError
from linkage.runtime import StepLog

__all__ = ["embed_main"]

#: The model of each quality, where none is configured.
_MODELS = {"fast": None, "balanced": STATIC, "best": MINILM}


def embed_main(
    prepared: PreparedRecords, resolved: ResolvedConfig, log: StepLog
) -> np.ndarray | None:
    """Embeddings of the main attribute, float32[n, d].

    None without a main attribute, or where the quality uses no embeddings.

    Args:
        prepared: the records.
        resolved: the configuration.
        log: where the step is recorded.

    Raises:
        ConfigError: the model cannot be loaded.
    """
    chosen = resolved.authored.embedding.model
    model = _MODELS[resolved.quality] if chosen == "auto" else chosen
    if model is None or prepared.main is None:
        return None
    with log.step("Embed texts") as tell:
        embedder = Embedder(model, threads=resolved.threads)
        try:
            return embedder.embed(
                prepared.records.table.column(prepared.main).to_pylist(),
                statistics=prepared.statistics,
                progress=tell,
            )
        except EmbeddingError as error:
            raise ConfigError([f"embedding.model: {error}"]) from error
