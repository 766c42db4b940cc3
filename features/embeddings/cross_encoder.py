"""Cross-encoders: language models fine-tuned to predict whether two records match."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from features.embeddings.embedding_cache import VectorCache, cache_folder, text_keys
from features.embeddings.fine_tuning import FineTuning, choose_pairs, fine_tune, tokens_a_second
from features.embeddings.labelled_texts import canonical_pairs, number_texts, ordered_sides
from features.embeddings.pair_scoring import average_precision, score_pairs
from features.embeddings.text_vectors import MINILM, Embedder, EmbeddingError, failure_reason
from features.embeddings.torch_workers import torch_workers
from features.embeddings.weight_cache import read_weights, write_weights

__all__ = ["CrossEncoder"]

#: Raised when weights or scores come about in another way, so that old caches are not read.
_VERSION = 1
_SETTINGS, _WEIGHTS = "cross_encoder.json", "cross_encoder.safetensors"
#: Pairs whose texts are held in memory together.
_PAIRS_AT_ONCE = 20_000
#: Between the two texts of a cached score's key.
_BETWEEN = "\x1f"


class CrossEncoder:
    """Scores pairs of texts by a fine-tuned language model.

    On a CPU the weights and scores depend on the labelled pairs, the seed, the settings and the
    kind of processor, and on nothing else: neither the order of the pairs, nor ``threads``, nor
    the other pairs that are scored (unless the settings limit the time). On a GPU they are
    reproducible up to rounding. Weights and scores are cached, so that a second run computes
    nothing.

    Args:
        model: ``"minilm"``, or the folder or name of a sentence-transformers model built like
            BERT.
        settings: how to train.
        symmetric: whether the two sides are of one kind, so that their order must not matter.
        cache: cache folder; by default `features.embeddings.embedding_cache.cache_folder`; False
            for none.
        device: torch device; by default a GPU where there is one.

    Attributes:
        account: what the training was: pairs, pair passes, seconds, score of each epoch.

    Example:
        >>> model = CrossEncoder().fit(["pen"], ["red pen"], [1])  # doctest: +SKIP
        >>> model.log_odds(["pen"], ["red pen"])  # doctest: +SKIP
    """

    def __init__(
        self,
        model: str = MINILM,
        *,
        settings: FineTuning | None = None,
        symmetric: bool = False,
        cache: Path | str | bool | None = None,
        device: str | None = None,
    ) -> None:
        self.model = str(model)
        self.settings = FineTuning() if settings is None else settings
        self.symmetric = symmetric
        self.cache = cache
        self.device = device
        self.account: dict[str, Any] = {}
        self._digest = ""
        self._trained: dict[str, np.ndarray] = {}
        self._network: Any = None
        self._folder: Path | None = None  # of a saved model

    def fit(
        self,
        left_texts: Sequence[str],
        right_texts: Sequence[str],
        label: np.ndarray,
        *,
        validation: tuple[Sequence[str], Sequence[str], np.ndarray] | None = None,
        seed: int = 0,
        threads: int = 1,
        progress: Callable[[float], None] | None = None,
    ) -> CrossEncoder:
        """Fine-tunes the model.

        Args:
            left_texts, right_texts: texts of the labelled pairs.
            label: 1 match, 0 no match, shape (m,).
            validation: texts and labels of further pairs; the epoch with the best average
                precision on them is kept (by default the last).
            seed: of the head's first weights and the order of the pairs.
            threads: threads to use.
            progress: called with the share done, in (0, 1].

        Raises:
            EmbeddingError: the model cannot be loaded, or is of a kind that cannot be fine-tuned.
            ValueError: lengths differ, or one of the two labels does not occur.
        """
        left, right, label = canonical_pairs(left_texts, right_texts, label, self.symmetric)
        if len(np.unique(label)) < 2:
            raise ValueError("labels must hold both matches (1) and others (0)")
        judged = None
        if validation is not None:
            judged = canonical_pairs(*validation, self.symmetric)
        self._network, self._folder = None, None
        self._digest = self._key(left, right, label, judged, seed)
        if not self._from_cache():
            self._train(left, right, label, judged, seed, threads, progress)
        if progress is not None:
            progress(1.0)
        return self

    def log_odds(
        self,
        left_texts: Sequence[str],
        right_texts: Sequence[str],
        *,
        threads: int = 1,
        progress: Callable[[float], None] | None = None,
    ) -> np.ndarray:
        """Log-odds that the texts of each pair match, float64, shape (m,).

        They are rounded to half precision, so that computed and cached ones are the same, and
        are not calibrated.

        Args:
            left_texts, right_texts: texts of the pairs.
            threads: threads to use.
            progress: called with the share done, in (0, 1].

        Raises:
            EmbeddingError: the model cannot be loaded.
            ValueError: lengths differ, or the model was not trained.
        """
        if not self._digest:
            raise ValueError("a cross-encoder must be trained or read before it scores pairs")
        left, right = ordered_sides(left_texts, right_texts, self.symmetric)
        if not len(left):
            return np.zeros(0)
        keys = text_keys([f"{a}{_BETWEEN}{b}" for a, b in zip(left, right, strict=True)])
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        inverse = inverse.reshape(-1)
        folder = self._cache_folder()
        cache = None if folder is None else VectorCache(folder / "pair_scores" / self._digest)
        scores = np.zeros(len(first))
        missing = np.arange(len(first))
        if cache is not None:
            found, known = cache.look_up(keys[first])
            if known is not None:
                scores[found] = known[found, 0]
            missing = np.flatnonzero(~found)
        # Chunks of neighbouring pairs share texts.
        missing = missing[np.argsort(first[missing], kind="stable")]
        for start in range(0, len(missing), _PAIRS_AT_ONCE):
            part = missing[start : start + _PAIRS_AT_ONCE]
            rows = first[part]
            tell = _within(progress, start / len(missing), len(part) / len(missing))
            made = self._score([left[k] for k in rows], [right[k] for k in rows], threads, tell)
            scores[part] = made.astype(np.float16)
            if cache is not None:
                cache.add(keys[rows], scores[part][:, None])
        if progress is not None:
            progress(1.0)
        return scores[inverse]

    def write(self, folder: Path | str) -> None:
        """Writes the model into an existing folder: JSON, safetensors and tokenizer files."""
        from safetensors.numpy import save_file

        folder = Path(folder)
        network = self._loaded()
        network.save_encoder(folder)
        head = {name: value for name, value in network.trained().items() if "head." in name}
        save_file(head, folder / _WEIGHTS)
        state = {
            "version": _VERSION,
            "digest": self._digest,
            "symmetric": self.symmetric,
            "settings": asdict(self.settings),
            "account": self.account,
        }
        text = json.dumps(state, indent=1)
        (folder / _SETTINGS).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(
        cls,
        folder: Path | str,
        *,
        cache: Path | str | bool | None = None,
        device: str | None = None,
    ) -> CrossEncoder:
        """Reads what :meth:`write` wrote.

        Raises:
            EmbeddingError: the folder does not hold a model that this version can read.
        """
        from safetensors.numpy import load_file

        folder = Path(folder)
        try:
            state = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
            if state["version"] != _VERSION:
                raise ValueError(f"it is of version {state['version']}, not {_VERSION}")
            settings = FineTuning(**state["settings"])
            made = cls(str(folder), settings=settings, symmetric=bool(state["symmetric"]),
                       cache=cache, device=device)  # fmt: skip
            made._trained = load_file(folder / _WEIGHTS)
            made.account, made._digest = state["account"], str(state["digest"])
        except Exception as error:
            raise EmbeddingError(
                str(folder), failure_reason(error), "train and write the model again"
            ) from error
        made._folder = folder
        return made

    def _train(
        self,
        left: list[str],
        right: list[str],
        label: np.ndarray,
        judged: Any,
        seed: int,
        threads: int,
        progress: Callable[[float], None] | None,
    ) -> None:
        network, settings = self._loaded(seed), self.settings
        random = np.random.default_rng(seed)
        every = [*left, *right] + ([*judged[0], *judged[1]] if judged else [])
        numbers = {text: k for k, text in enumerate(sorted(set(every)))}
        pairs = number_texts(numbers, left, right, label)
        with torch_workers(threads) as pool:
            texts = network.states(list(numbers), pool.map)
            length = texts.length[pairs.left] + texts.length[pairs.right]
            most = settings.most_tokens
            if settings.minutes is not None:
                rate = tokens_a_second(network, texts, pairs, settings, pool)
                most = min(most, int(rate * 60 * settings.minutes))
            keep = max(int(most / (settings.epochs * max(length.mean(), 1))), 2)
            pairs = pairs.part(choose_pairs(label, keep, random))
            judge = None
            if judged is not None:
                checks = number_texts(numbers, *judged)

                def judge() -> float:
                    scores = score_pairs(network, texts, checks.left, checks.right, pool)
                    return average_precision(checks.label, scores)

            self.account = fine_tune(
                network, texts, pairs, settings, pool, seed=seed, judge=judge, progress=progress
            )
        self._trained = network.trained()
        folder = self._cache_folder()
        if folder is not None:
            write_weights(self._cached(folder), self._trained, self.account)

    def _score(
        self,
        left: list[str],
        right: list[str],
        threads: int,
        progress: Callable[[float], None] | None,
    ) -> np.ndarray:
        network = self._loaded()
        numbers = {text: k for k, text in enumerate(sorted({*left, *right}))}
        pairs = number_texts(numbers, left, right, np.zeros(len(left), np.int64))
        with torch_workers(threads) as pool:
            texts = network.states(list(numbers), pool.map)
            return score_pairs(network, texts, pairs.left, pairs.right, pool, progress)

    def _loaded(self, seed: int = 0) -> Any:
        """The network, with the trained weights where there are any."""
        if self._network is None:
            from features.embeddings.pair_network import PairNetwork

            folder = self._folder or self._embedder().folder
            try:
                self._network = PairNetwork.load(
                    self.model if folder is None else str(folder),
                    local=folder is not None,
                    frozen_layers=self.settings.frozen_layers,
                    max_tokens=self.settings.max_tokens,
                    seed=seed,
                    device=self._device(),
                )
                self._network.take(self._trained)
            except Exception as error:
                raise EmbeddingError(self.model, failure_reason(error)) from error
        return self._network

    def _embedder(self) -> Embedder:
        return Embedder(
            self.model, max_tokens=self.settings.max_tokens, cache=False, device=self._device()
        )

    def _device(self) -> str:
        if self.device is None:
            import torch

            self.device = "cuda" if torch.cuda.is_available() else "cpu"
        return self.device

    def _cache_folder(self) -> Path | None:
        if self.cache is False:
            return None
        return cache_folder() if self.cache is None or self.cache is True else Path(self.cache)

    def _cached(self, folder: Path) -> Path:
        return folder / "cross_encoders" / f"{self._digest}.safetensors"

    def _from_cache(self) -> bool:
        """Takes trained weights from the cache; whether it had them."""
        folder = self._cache_folder()
        found = None if folder is None else read_weights(self._cached(folder))
        self._trained, self.account = found or ({}, {})
        return found is not None

    def _key(self, left, right, label, judged, seed: int) -> str:
        """Digest of all that the trained weights depend on."""
        digest = blake2b(digest_size=12)
        settings = asdict(self.settings)
        told = [_VERSION, self._embedder().fingerprint, settings, self.symmetric, seed]
        digest.update(json.dumps(told, sort_keys=True).encode())
        for part in ((left, right, label), judged):
            if part is not None:
                digest.update(text_keys(part[0]).tobytes() + text_keys(part[1]).tobytes())
                digest.update(part[2].tobytes())
        return digest.hexdigest()


def _within(
    progress: Callable[[float], None] | None, start: float, size: float
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    return lambda share: progress(min(start + share * size, 0.999))
