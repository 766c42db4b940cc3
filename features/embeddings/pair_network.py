"""The network of a cross-encoder: a language model that scores a pair of texts read together.

The lower layers of a sentence-transformers model read each text alone and stay as they are, so
that their output is computed once a text however often the text is paired; the upper layers read
both texts together and are trained (MacAvaney et al., "Efficient document re-ranking for
transformers by precomputing term representations", SIGIR 2020). Without lower layers this is a
cross-encoder whose word vectors are frozen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from features.embeddings.sentence_embeddings import (
    CHARACTERS_A_TOKEN,
    FEWEST_ROWS,
    has_fast_half_precision,
    without_progress_bars,
)

__all__ = ["PairNetwork", "TextStates", "drop_out"]

_ENCODED_AT_ONCE = 64
#: Generator of the running thread's dropout.
_RANDOM = threading.local()


class TextStates:
    """Token states of distinct texts, packed.

    Attributes:
        states: one row a token, preceded by a row of zeros for padding; half precision, shape
            (tokens + 1, width).
        start: first row of each text, shape (texts + 1,).
    """

    def __init__(self, states: Any, start: np.ndarray) -> None:
        self.states = states
        self.start = start

    @property
    def length(self) -> np.ndarray:
        """Tokens of each text."""
        return np.diff(self.start)

    def gather(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lays texts side by side.

        Args:
            left, right: numbers of the texts of each pair, shape (m,).

        Returns:
            Row of ``states`` of each token (0 is padding), and its side (0 left, 1 right, 2
            padding); both of shape (m, longest).
        """
        first, second = self.length[left], self.length[right]
        place = np.arange(int((first + second).max()))[None, :]
        at = np.where(
            place < first[:, None],
            self.start[left][:, None] + place,
            self.start[right][:, None] + place - first[:, None],
        )
        side = (place >= first[:, None]).astype(np.int64) + (place >= (first + second)[:, None])
        return np.where(side == 2, 0, at), side


class PairNetwork:
    """Tokenizer, encoder and head.

    Args:
        encoder: a BERT-like transformers model: ``encoder.layer`` lists its layers.
        tokenizer: its tokenizer.
        frozen_layers: lower layers that read each text alone and are not trained; None for half
            of them.
        max_tokens: tokens read of a text.
        seed: of the head's first weights.
        device: torch device.
    """

    def __init__(
        self,
        encoder: Any,
        tokenizer: Any,
        *,
        frozen_layers: int | None,
        max_tokens: int,
        seed: int,
        device: str = "cpu",
    ) -> None:
        import torch

        self.encoder = encoder.eval().to(device)
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.device = device
        layers = self.encoder.encoder.layer
        self.frozen_layers = len(layers) // 2 if frozen_layers is None else frozen_layers
        if not 0 <= self.frozen_layers < len(layers):
            raise ValueError(
                f"{self.frozen_layers} layers cannot be frozen of a model that has {len(layers)}"
            )
        self.layers = layers[self.frozen_layers :]
        _seed_dropout(self.layers)
        width = self.encoder.config.hidden_size
        random = torch.Generator().manual_seed(seed)

        def matrix(rows: int, columns: int, scale: float = 1.0) -> Any:
            values = torch.randn(rows, columns, generator=random) * scale / columns**0.5
            return values.to(device)

        self.head = {
            "side": _second_side(self.encoder).to(device),
            "hidden.weight": matrix(width, 3 * width),
            "hidden.bias": torch.zeros(width, device=device),
            "out.weight": matrix(1, width, 0.1),
            "out.bias": torch.zeros(1, device=device),
        }
        half = has_fast_half_precision() if device == "cpu" else True
        self._precision = (
            (lambda: torch.autocast(device.split(":")[0], dtype=torch.bfloat16))
            if half
            else nullcontext
        )

    @classmethod
    def load(cls, folder: str, *, local: bool, **options: Any) -> PairNetwork:
        """Loads the encoder of a sentence-transformers model.

        Args:
            folder: folder, or name on the hub.
            local: whether nothing may be fetched over the network.
            options: of the constructor.
        """
        from transformers import AutoModel, AutoTokenizer

        place = Path(folder)
        if local and (place / "0_Transformer").is_dir():
            place = place / "0_Transformer"
        with without_progress_bars():
            encoder = AutoModel.from_pretrained(
                str(place) if local else folder, local_files_only=local
            )
        tokenizer = AutoTokenizer.from_pretrained(
            str(place) if local else folder, local_files_only=local
        )
        if not hasattr(getattr(encoder, "encoder", None), "layer"):
            raise ValueError(
                f"a {encoder.config.model_type} model cannot be fine-tuned on pairs, only models "
                "built like BERT"
            )
        return cls(encoder.float(), tokenizer, **options)

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of texts, special tokens included, cut to ``max_tokens``."""
        if not len(texts):
            return []
        cut = [text[: self.max_tokens * CHARACTERS_A_TOKEN] for text in texts]
        return self.tokenizer(
            cut, truncation=True, max_length=self.max_tokens, return_attention_mask=False,
            return_token_type_ids=False,
        )["input_ids"]  # fmt: skip

    def states(self, texts: Sequence[str], run: Any = map) -> TextStates:
        """Runs the lower layers over distinct texts.

        Args:
            texts: distinct texts.
            run: ``map`` of the workers.
        """
        import torch

        tokens = self.tokens(texts)
        length = np.array([len(ids) for ids in tokens], np.int64)
        start = np.concatenate([[1], 1 + np.cumsum(length)])
        width = self.encoder.config.hidden_size
        out = torch.zeros(int(start[-1]), width, dtype=torch.float16, device=self.device)
        order = np.argsort(length, kind="stable")
        batches = [
            order[at : at + _ENCODED_AT_ONCE] for at in range(0, len(order), _ENCODED_AT_ONCE)
        ]
        # Texts of one length only, so that no state depends on padding.
        batches = [
            part
            for batch in batches
            for part in np.split(batch, np.flatnonzero(np.diff(length[batch])) + 1)
        ]

        def encode(batch: np.ndarray) -> None:
            filled = [tokens[k] for k in batch]
            filled += filled[-1:] * (FEWEST_ROWS - len(filled))
            ids = torch.tensor(filled, device=self.device)
            with torch.inference_mode(), self._precision():
                made = self.encoder.embeddings(input_ids=ids)
                for layer in self.encoder.encoder.layer[: self.frozen_layers]:
                    made = layer(made)
            for k, rows in zip(batch, made[: len(batch)].to(torch.float16), strict=True):
                out[start[k] : start[k] + length[k]] = rows

        for _ in run(encode, batches):
            pass
        return TextStates(out, start)

    def parameters(self) -> tuple[list[Any], list[Any]]:
        """Trained weights: those of the upper layers, and those of the head."""
        return list(self.layers.parameters()), list(self.head.values())

    def trained(self) -> dict[str, np.ndarray]:
        """Copies of all trained weights by name."""
        layers = {f"layer.{name}": value for name, value in self.layers.state_dict().items()}
        head = {f"head.{name}": value for name, value in self.head.items()}
        return {
            name: value.detach().float().cpu().numpy().copy()
            for name, value in (layers | head).items()
        }

    def take(self, trained: dict[str, np.ndarray]) -> None:
        """Puts weights of :meth:`trained` in place; those not given stay."""
        import torch

        values = {name: torch.from_numpy(value) for name, value in trained.items()}
        layers = {
            name.removeprefix("layer."): value
            for name, value in values.items()
            if name.startswith("layer.")
        }
        if layers:
            self.layers.load_state_dict(layers)
        for name in self.head:
            if f"head.{name}" in values:
                self.head[name].copy_(values[f"head.{name}"])

    def save_encoder(self, folder: Path) -> None:
        """Writes the encoder and its tokenizer as transformers files."""
        with without_progress_bars():
            self.encoder.save_pretrained(folder, safe_serialization=True)
        self.tokenizer.save_pretrained(folder)

    def logits(self, texts: TextStates, left: np.ndarray, right: np.ndarray) -> Any:
        """Log-odds of pairs of texts, shape (m,)."""
        import torch
        from torch.nn.functional import gelu, linear

        at, side = texts.gather(left, right)
        sides = torch.from_numpy(side).to(self.device)
        with self._precision():
            hidden = texts.states[torch.from_numpy(at).to(self.device)].float()
            second = (sides == 1).unsqueeze(-1).float()
            hidden = hidden + second * self.head["side"]
            mask = None
            if (side == 2).any():
                mask = (sides != 2)[:, None, None, :]
            for layer in self.layers:
                hidden = layer(hidden, mask)
            hidden = hidden.float()
            one = (sides == 0).unsqueeze(-1).float()
            u = (hidden * one).sum(1) / one.sum(1).clamp(min=1)
            v = (hidden * second).sum(1) / second.sum(1).clamp(min=1)
            scale = self.encoder.config.hidden_size**0.5
            u, v = _unit(u) * scale, _unit(v) * scale
            # Sum, absolute difference and product of the two texts' means: a head on the mean of
            # all tokens alone learns much more slowly.
            seen = torch.cat([u + v, (u - v).abs(), u * v], 1)
            inner = gelu(linear(seen, self.head["hidden.weight"], self.head["hidden.bias"]))
            inner = _drop(inner)
            return linear(inner, self.head["out.weight"], self.head["out.bias"])[:, 0].float()


def _unit(vectors: Any) -> Any:
    return vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-6)


def _second_side(encoder: Any) -> Any:
    """What is added to the states of the second text: the model's own mark of a second segment."""
    import torch

    marks = getattr(encoder.embeddings, "token_type_embeddings", None)
    if marks is not None and marks.weight.shape[0] > 1:
        return (marks.weight[1] - marks.weight[0]).detach().clone()
    return torch.full((encoder.config.hidden_size,), 0.02)


@contextmanager
def drop_out(share: float, seed: int, device: str = "cpu") -> Iterator[None]:
    """Context in which dropout is on in this thread, with a seed."""
    import torch

    _RANDOM.share = share
    _RANDOM.generator = torch.Generator(device).manual_seed(seed) if share > 0 else None
    try:
        yield
    finally:
        _RANDOM.generator = None


def _seed_dropout(layers: Any) -> None:
    """Lets dropout draw from the generator of the running thread, and only while it has one."""
    import torch

    class SeededDropout(torch.nn.Module):
        def forward(self, values: Any) -> Any:
            return _drop(values)

    for module in list(layers.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Dropout):
                setattr(module, name, SeededDropout())


def _drop(values: Any) -> Any:
    import torch

    random = getattr(_RANDOM, "generator", None)
    if random is None:
        return values
    kept = torch.empty_like(values).bernoulli_(1 - _RANDOM.share, generator=random)
    return values * kept / (1 - _RANDOM.share)
