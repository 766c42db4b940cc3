"""A cache of trained weights on disk, one file each, with the account of their training."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np

from features.embeddings.embedding_cache import replace_file

__all__ = ["read_weights", "write_weights"]

_LOG = logging.getLogger(__name__)


def write_weights(path: Path, weights: dict[str, np.ndarray], account: dict[str, Any]) -> bool:
    """Writes weights as safetensors; returns whether they could be written."""
    from safetensors.numpy import save

    content = save(weights, {"account": json.dumps(account)})
    return replace_file(path, lambda file: file.write(content))


def read_weights(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Reads what :func:`write_weights` wrote; None where there is nothing that can be read."""
    from safetensors import safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as file:
            names = list(file.keys())
            account = json.loads(file.metadata()["account"])
            return {name: file.get_tensor(name) for name in names}, account
    except Exception as error:  # safetensors has an error class of its own for damaged files
        _LOG.warning("the cache file %s is damaged and is made again: %s", path, error)
        return None
