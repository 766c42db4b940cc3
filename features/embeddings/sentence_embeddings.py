"""Sentence-transformers models, run so that a text's vector does not depend on the other texts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["SentenceModel", "has_fast_half_precision", "without_progress_bars"]

#: Texts a batch; on one core larger batches are no faster.
BATCH = 32
#: Rows that a batch is filled up to by repeating a text: matrix products of a few rows are summed
#: in another order than those of many, and the last bits of a vector would depend on its batch.
FEWEST_ROWS = 8
#: Characters read of a text for each token kept of it, so that a huge cell costs no more than a
#: long one.
CHARACTERS_A_TOKEN = 32

_TORCH_THREADS = threading.Lock()


class SentenceModel:
    """A sentence-transformers model.

    Args:
        model: the loaded model (anything with ``preprocess`` or ``tokenize`` that is called with
            features).
        max_tokens: tokens read of a text.
    """

    def __init__(self, model: Any, max_tokens: int) -> None:
        self.model = model
        self.max_tokens = max_tokens
        limit = getattr(model, "max_seq_length", None)
        if limit is None or limit > max_tokens:
            model.max_seq_length = max_tokens

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        for name in ("get_embedding_dimension", "get_sentence_embedding_dimension"):
            if hasattr(self.model, name):
                return int(getattr(self.model, name)() or 1)
        return 1

    @classmethod
    def load(cls, name: str, max_tokens: int, *, device: str, local: bool) -> SentenceModel:
        """Loads a model by name or folder.

        Args:
            name: name on the hub, or folder.
            max_tokens: tokens read of a text.
            device: torch device.
            local: whether nothing may be fetched over the network.
        """
        from sentence_transformers import SentenceTransformer

        with without_progress_bars():
            model = SentenceTransformer(name, device=device, local_files_only=local)
        model.eval()
        if device == "cpu" and has_fast_half_precision():
            import torch

            model.to(torch.bfloat16)
        return cls(model, max_tokens)

    def encode(
        self, texts: Sequence[str], *, threads: int = 1
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Encodes distinct texts in batches of equal token length, shortest first.

        Texts of one length need no padding, and each batch runs on one thread. So a text's vector
        depends neither on the texts of its batch nor on the number of threads.

        Args:
            texts: distinct texts.
            threads: batches to run at a time.

        Yields:
            Positions in ``texts``, and their vectors (float32).
        """
        import torch

        texts = [text[: self.max_tokens * CHARACTERS_A_TOKEN] for text in texts]
        with _TORCH_THREADS:
            before = torch.get_num_threads()
            torch.set_num_threads(1)
            try:
                with ThreadPoolExecutor(
                    threads, initializer=torch.set_num_threads, initargs=(1,)
                ) as pool:
                    waiting: deque[tuple[np.ndarray, Future]] = deque()
                    for positions in self._batches(texts):
                        # Fast tokenizers are not safe to share, so texts become tokens on this
                        # thread.
                        features = self._features([texts[i] for i in positions])
                        waiting.append(
                            (positions, pool.submit(self._forward, features, len(positions)))
                        )
                        if len(waiting) >= 3 * threads:
                            done, future = waiting.popleft()
                            yield done, future.result()
                    for done, future in waiting:
                        yield done, future.result()
            finally:
                torch.set_num_threads(before)

    def _batches(self, texts: list[str]) -> Iterator[np.ndarray]:
        lengths = self._lengths(texts)
        order = np.array(sorted(range(len(texts)), key=lambda i: (lengths[i], texts[i])), np.int64)
        start = 0
        while start < len(order):
            stop = start + 1
            while (
                stop < len(order)
                and stop - start < BATCH
                and lengths[order[stop]] == lengths[order[start]]
            ):
                stop += 1
            yield order[start:stop]
            start = stop

    def _lengths(self, texts: list[str]) -> list[int]:
        tokenizer = getattr(self.model, "tokenizer", None)
        if not callable(tokenizer):
            return [len(text) for text in texts]
        lengths: list[int] = []
        limit = self.model.max_seq_length
        for start in range(0, len(texts), 10_000):
            part = tokenizer(texts[start : start + 10_000], truncation=True, max_length=limit)
            lengths.extend(len(ids) for ids in part["input_ids"])
        return lengths

    def _features(self, texts: list[str]) -> Any:
        texts = texts + texts[-1:] * (FEWEST_ROWS - len(texts))
        prompt = (getattr(self.model, "prompts", None) or {}).get(
            getattr(self.model, "default_prompt_name", None) or ""
        )
        if prompt:
            texts = [prompt + text for text in texts]
        turn = getattr(self.model, "preprocess", None) or self.model.tokenize
        return turn(texts)

    def _forward(self, features: Any, count: int) -> np.ndarray:
        import torch

        device = getattr(self.model, "device", None)
        if device is not None:
            features = {k: v.to(device) if hasattr(v, "to") else v for k, v in features.items()}
        with torch.inference_mode():
            vectors = self.model(features)["sentence_embedding"]
        return vectors[:count].float().cpu().numpy()


@cache
def has_fast_half_precision() -> bool:
    """Whether this processor multiplies bfloat16 in hardware.

    Where it does, bfloat16 is nearly three times as fast as float32 (cosine to it 0.9999);
    elsewhere it is five times slower. Read from the system, since importing torch to ask it takes
    seconds.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Holds back the progress bars that transformers draws while it loads weights."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
