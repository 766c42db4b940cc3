"""Fine-tuning a pair network on labelled pairs; the result does not depend on the threads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.embeddings.labelled_texts import PairNumbers
from features.embeddings.pair_network import PairNetwork, TextStates, drop_out
from features.embeddings.torch_workers import SHARDS

__all__ = [
    "FineTuning",
    "PairNumbers",
    "choose_pairs",
    "fine_tune",
    "tokens_a_second",
]

_LOG = logging.getLogger(__name__)
#: Batches sorted by length together, so that little is padding.
_SORTED_TOGETHER = 8
_LARGEST_NORM = 1.0
#: Steps after which the remaining time is estimated.
_TIMED_STEPS = 20


@dataclass(frozen=True)
class FineTuning:
    """How a pair network is trained.

    Attributes:
        epochs: times that each pair is seen.
        fewest_steps: where the pairs are few they are seen more often, until there are this many
            steps.
        learning_rate: peak learning rate of the encoder; it rises linearly over the first
            ``warm_up`` of training and falls to zero at the end.
        head_rate: peak learning rate of the head, whose weights start at random.
        batch: pairs a step.
        warm_up: share of training over which the learning rate rises.
        dropout: share of activations dropped in training.
        frozen_layers: lower layers that read each text alone and are not trained; None for half
            of them, which halves the time of training and scoring and costs some accuracy.
        max_tokens: tokens read of a text.
        resting: share of the pairs already classified with confidence that are skipped in each
            later epoch.
        most_tokens: tokens read in training over all epochs; if there are more, pairs are sampled.
        minutes: approximate limit on training time, None for no limit but ``most_tokens``. With a
            limit the result depends on the speed of the machine.
    """

    epochs: int = 3
    fewest_steps: int = 150
    learning_rate: float = 3e-4
    head_rate: float = 1e-3
    batch: int = 32
    warm_up: float = 0.1
    dropout: float = 0.0
    frozen_layers: int | None = None
    max_tokens: int = 40
    resting: float = 0.75
    most_tokens: int = 3_000_000
    minutes: float | None = None


def choose_pairs(label: np.ndarray, most: int, random: np.random.Generator) -> np.ndarray:
    """A random sample of the pairs, to train on where all are too many.

    Matches are kept, up to half of the sample. Non-matches are sampled uniformly: keeping those
    that another model finds hardest lost most of the accuracy in experiments, presumably because
    such a sample teaches that similar texts do not match.

    Args:
        label: 1 match, 0 no match.
        most: pairs to keep.
        random: random generator.

    Returns:
        Positions, ascending.
    """
    if len(label) <= most:
        return np.arange(len(label))
    order = random.permutation(len(label))
    matches, others = order[label[order] == 1], order[label[order] != 1]
    few = min(len(matches), max(most // 2, most - len(others)))
    return np.sort(np.concatenate([matches[:few], others[: most - few]]))


def fine_tune(
    network: PairNetwork,
    texts: TextStates,
    pairs: PairNumbers,
    settings: FineTuning,
    pool: ThreadPoolExecutor,
    *,
    seed: int,
    judge: Callable[[], float] | None = None,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Fine-tunes a network in place.

    Args:
        network: the network.
        texts: states of the texts.
        pairs: labelled pairs.
        settings: how to train.
        pool: threads of :func:`torch_workers`.
        seed: of sampling and dropout.
        judge: scores the network on held-out pairs; called after each epoch, and the weights of the
            best epoch are kept.
        progress: called with the share done.

    Returns:
        Account of the training: pairs, epochs, pair passes, seconds, and the judge's scores.
    """
    import torch

    random = np.random.default_rng(seed)
    layers, head = network.parameters()
    weights = [*layers, *head]
    for weight in weights:
        weight.requires_grad_(True)
    optimizer = torch.optim.AdamW(
        [
            {"params": layers, "lr": settings.learning_rate, "largest": settings.learning_rate},
            {"params": head, "lr": settings.head_rate, "largest": settings.head_rate},
        ],
        weight_decay=0.01,
        fused=True,
    )
    length = texts.length[pairs.left] + texts.length[pairs.right]
    told = np.zeros(len(pairs.label), bool)
    best: tuple[float, list[Any]] | None = None
    judged: list[float] = []
    passes, begun = 0, time.perf_counter()

    def shard(part: tuple[int, np.ndarray, int]) -> tuple[Any, np.ndarray]:
        number, rows, count = part
        with drop_out(settings.dropout, seed * 1_000_003 + number, network.device):
            return _gradients(network, texts, pairs, rows, count, weights)

    def step(gradients: list[Any], share: float) -> None:
        total = list(gradients[0])
        for more in gradients[1:]:
            torch._foreach_add_(total, list(more))
        for weight, gradient in zip(weights, total, strict=True):
            weight.grad = gradient
        torch.nn.utils.clip_grad_norm_(weights, _LARGEST_NORM)
        for group in optimizer.param_groups:
            group["lr"] = group["largest"] * _rate(share, settings.warm_up)
        optimizer.step()

    number, steps = 0, 0
    # A GPU runs the parts of a batch no faster than the whole.
    shards = SHARDS if network.device == "cpu" else 1
    epochs = max(settings.epochs, -(-settings.fewest_steps * settings.batch // len(told)))
    for epoch in range(epochs):
        active = np.flatnonzero(~(told & (random.random(len(told)) < settings.resting)))
        batches = _batches(active, length, settings.batch, random)
        for k, batch in enumerate(batches):
            parts = []
            for rows in np.array_split(batch, min(shards, -(-len(batch) // 4))):
                number += 1
                parts.append((number, rows, len(batch)))
            done = list(pool.map(shard, parts))
            share = (epoch + k / len(batches)) / epochs
            pool.submit(step, [gradients for gradients, _ in done], share).result()
            for (_, rows, _), (_, logits) in zip(parts, done, strict=True):
                told[rows] = np.where(pairs.label[rows] == 1, logits, -logits) > 3.5
            passes += len(batch)
            if progress is not None:
                progress(min((epoch + (k + 1) / len(batches)) / epochs, 0.999))
            steps += 1
            if steps == _TIMED_STEPS:
                _tell_time(begun, share)
        if judge is not None:
            judged.append(judge())
            if best is None or judged[-1] > best[0]:
                best = judged[-1], [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        for position, weight in enumerate(weights):
            if best is not None:
                weight.copy_(best[1][position])
            weight.requires_grad_(False)
            weight.grad = None
    return {
        "pairs": len(pairs.label),
        "epochs": epochs,
        "passes": passes,
        "seconds": round(time.perf_counter() - begun, 1),
        "judged": judged,
    }


def tokens_a_second(
    network: PairNetwork,
    texts: TextStates,
    pairs: PairNumbers,
    settings: FineTuning,
    pool: ThreadPoolExecutor,
) -> float:
    """Measures how many tokens a second this machine can train on; changes no weight."""
    weights = [weight for part in network.parameters() for weight in part]
    for weight in weights:
        weight.requires_grad_(True)
    middle = np.argsort(texts.length[pairs.left] + texts.length[pairs.right], kind="stable")
    middle = middle[max(len(middle) // 2 - settings.batch, 0) :][: 2 * settings.batch]
    parts = np.array_split(middle, min(2 * SHARDS, len(middle)))

    def measure(rows: np.ndarray) -> None:
        _gradients(network, texts, pairs, rows, len(rows), weights)

    measure(parts[0])
    begun = time.perf_counter()
    for _ in pool.map(measure, parts):
        pass
    length = texts.length[pairs.left[middle]] + texts.length[pairs.right[middle]]
    return float(length.sum()) / max(time.perf_counter() - begun, 1e-6)


def _gradients(
    network: PairNetwork,
    texts: TextStates,
    pairs: PairNumbers,
    rows: np.ndarray,
    count: int,
    weights: list[Any],
) -> tuple[Any, np.ndarray]:
    """Gradients of some pairs' share of the mean loss of ``count`` pairs, and their log-odds."""
    import torch

    logits = network.logits(texts, pairs.left[rows], pairs.right[rows])
    label = torch.from_numpy(pairs.label[rows].astype(np.float32)).to(network.device)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, label, reduction="sum")
    return torch.autograd.grad(loss / count, weights), logits.detach().cpu().numpy()


def _batches(
    active: np.ndarray, length: np.ndarray, size: int, random: np.random.Generator
) -> list[np.ndarray]:
    order = active[random.permutation(len(active))]
    out = []
    for at in range(0, len(order), size * _SORTED_TOGETHER):
        part = order[at : at + size * _SORTED_TOGETHER]
        part = part[np.argsort(length[part], kind="stable")]
        out += [part[k : k + size] for k in range(0, len(part), size)]
    return [out[k] for k in random.permutation(len(out))]


def _rate(share: float, warm_up: float) -> float:
    return min((share + 1e-3) / warm_up, (1 - share) / (1 - warm_up))


def _tell_time(begun: float, share: float) -> None:
    spent = time.perf_counter() - begun
    _LOG.info("fine-tuning will take about %.0f s more", spent / max(share, 1e-6) - spent)
