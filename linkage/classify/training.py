"""Learning a classifier: linear models out of fold, a ranker of candidates over them, a blend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse
from scipy.special import log_softmax, softmax

from features.kinds import Kind
from features.records import Records
from linkage.classify.blend import blended, fit_blend
from linkage.classify.candidates import candidate_features, choose_candidates
from linkage.classify.fitted import FittedClassifier
from linkage.classify.inputs import Inputs
from linkage.classify.linear_model import LinearModel, averaged, train_linear
from linkage.classify.metrics import class_metrics
from linkage.classify.ranker import train_ranker
from linkage.classify.record_terms import number_of
from linkage.classify.target import Target
from linkage.classify.text_views import TermView, VectorView, View, families
from linkage.classify.value_statistics import ValueCounts
from linkage.runtime import ProgressFunction

__all__ = ["stratified_folds", "train_classifier"]

_FOLDS = 5
#: Bins of a number in the linear models; fewer where it has fewer values.
_BINS = 16
#: Learning rates that a fold chooses between: which is best depends on how many terms a row has.
_RATES = (0.25, 1.0)


def train_classifier(
    records: Records, label: np.ndarray, target: Target, *, quality: str, seed: int, threads: int,
    progress: ProgressFunction,
) -> FittedClassifier:  # fmt: skip
    """Learn a classifier.

    Args:
        records: Training records, in an order that does not depend on that of the file.
        label: Class of each, int64[n].
        target: The classes.
        quality: ``fast`` (words, values, numbers), ``balanced`` or ``best`` (and character n-grams
            and vectors).
        seed: Of all random choices.
        threads: How many; the result does not depend on them.
        progress: Called with the name of a step and the share of it that is done.

    """
    classes = len(target.classes)
    fold = stratified_folds(label, seed)
    progress("read terms", None)
    views = _views(records, classes, quality, threads)
    inputs = Inputs.of(records, views)
    linear, scores = {}, {}
    for number, view in enumerate(views):
        progress("train linear models", number / len(views))
        linear[view.name], logits = _cross_fitted(
            inputs.matrices[view.name], label, classes, fold, seed, threads
        )
        scores[view.name] = log_softmax(logits, axis=1)
    # A class of one row is never among the training rows of its fold: what is said of it out of
    # fold tells nothing of the model.
    learnable = np.bincount(label, minlength=classes)[label] > 1
    parts = [one[learnable] for one in scores.values()]
    blend = fit_blend(parts, label[learnable], seed=seed)
    mixed = blended(list(scores.values()), blend)
    progress("train the ranker", None)
    candidates = choose_candidates(mixed)
    names, matrix = _features_out_of_fold(inputs, label, classes, fold, scores, mixed)
    row = candidates.row
    ranker, ranked = train_ranker(
        names, matrix, candidates.candidate == label[row], fold[row],
        folds=int(fold.max()) + 1, seed=seed, threads=threads,
    )  # fmt: skip
    every = [*scores.values(), candidates.spread(ranked, classes)]
    weights = fit_blend([one[learnable] for one in every], label[learnable], seed=seed)
    final = softmax(blended(every, weights), axis=1)
    named = np.array(target.classes, object)
    held_out = class_metrics(named[label], named[final.argmax(axis=1)], final, target.classes)
    return FittedClassifier(
        target=target,
        kinds=dict(records.kinds),
        quality=quality,
        views=tuple(one.frozen() if isinstance(one, VectorView) else one for one in views),
        linear=linear,
        counts={name: ValueCounts.of(k, label, classes) for name, k in inputs.keys.items()},
        blend=blend,
        ranker=ranker,
        weights=weights,
        held_out={name: value for name, value in held_out.items() if value is not None},
    )


def stratified_folds(label: np.ndarray, seed: int) -> np.ndarray:
    """Return a fold for each row, int64[n]: each class is spread evenly over the folds."""
    folds = min(_FOLDS, len(label))
    random = np.random.default_rng(seed).random(len(label))
    order = np.lexsort([random, label])
    fold = np.empty(len(label), np.int64)
    fold[order] = np.arange(len(label)) % folds
    return fold


def _views(records: Records, classes: int, quality: str, threads: int) -> tuple[View, ...]:
    bins = _bins(records)
    found: list[View] = []
    for name in families(quality):
        view = TermView.learned(name, records, bins, classes)
        if view is not None:
            found.append(view)
    if quality != "fast":
        found.append(VectorView(threads=threads))
    return tuple(found)


def _bins(records: Records) -> dict[str, np.ndarray]:
    """Edges of bins that hold about as many training rows each."""
    found = {}
    for name, kind in records.kinds.items():
        if kind in (Kind.NUMBER, Kind.PRICE, Kind.QUANTITY):
            number = number_of(records.values(name), kind)
            number = number[~np.isnan(number)]
            shares = np.linspace(0, 1, _BINS + 1)[1:-1]
            found[name] = np.unique(np.quantile(number, shares)) if len(number) else np.zeros(0)
    return found


def _cross_fitted(
    matrix: sparse.csr_array, label: np.ndarray, classes: int, fold: np.ndarray, seed: int,
    threads: int,
) -> tuple[LinearModel, np.ndarray]:  # fmt: skip
    """The mean of the models of all folds, and logits out of fold."""
    folds = int(fold.max()) + 1

    def train(held_out: int, rate: float) -> LinearModel:
        inside = fold != held_out
        return train_linear(matrix[inside], label[inside], classes, seed=seed + held_out, rate=rate)

    def loss(model: LinearModel) -> float:
        own = fold == 0
        logits = log_softmax(model.logits(matrix[own]), axis=1)
        weight = fit_blend([logits], label[own], seed=seed)
        scaled = log_softmax(weight[0] * logits, axis=1)
        return -float(scaled[np.arange(own.sum()), label[own]].mean())

    with ThreadPoolExecutor(max(1, threads)) as pool:
        first = list(pool.map(lambda rate: train(0, rate), _RATES))
        best = int(np.argmin([loss(model) for model in first]))
        rest = pool.map(lambda held_out: train(held_out, _RATES[best]), range(1, folds))
        models = [first[best], *rest]
    logits = np.zeros((len(label), classes), np.float32)
    for held_out, model in enumerate(models):
        logits[fold == held_out] = model.logits(matrix[fold == held_out])
    return averaged(models), logits


def _features_out_of_fold(
    inputs: Inputs,
    label: np.ndarray,
    classes: int,
    fold: np.ndarray,
    scores: dict[str, np.ndarray],
    blend: np.ndarray,
) -> tuple[list[str], np.ndarray]:
    """Features of all candidates, target statistics counted in the other folds."""
    names: list[str] = []
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for held_out in range(int(fold.max()) + 1):
        inside, own = fold != held_out, np.flatnonzero(fold == held_out)
        counts = {
            name: ValueCounts.of(keys[inside], label[inside], classes)
            for name, keys in inputs.keys.items()
        }
        names, matrix = candidate_features(
            inputs.at(own), {name: one[own] for name, one in scores.items()}, blend[own],
            choose_candidates(blend[own]), counts,
        )  # fmt: skip
        parts.append((own, matrix))
    width = len(parts[0][1]) // max(len(parts[0][0]), 1)
    out = np.empty((len(label), width, len(names)), np.float32)
    for own, matrix in parts:
        out[own] = matrix.reshape(len(own), width, len(names))
    return names, out.reshape(-1, len(names))
