"""LightGBM boosters: their parameters, and training by folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.models.tree_library import load_lightgbm
from linkage.scoring.sampling import least_keys
from linkage.training.folds import Folds
from linkage.training.informative_pairs import informative_pairs
from linkage.training.progress import ShareFunction, part_of_progress

if TYPE_CHECKING:
    import lightgbm

__all__ = ["subsampled", "train_folds", "train_small", "train_with_early_stopping"]

#: Learning from estimated labels: small, regularised trees, since these labels are partly wrong.
#: All pairs are used, few features a tree, and small steps: a random part of the pairs would be
#: another one with every pair more, and what few pairs change is averaged out. Of 8,000 pairs ten
#: left out move the scores by 0.03 of their deviation; with bagging and steps of 0.1, by 0.1.
_REGULARISED = {
    "num_leaves": 15,
    "learning_rate": 0.05,
    "feature_fraction": 0.2,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "path_smooth": 5.0,
}
_REGULARISED_ROUNDS = 120
#: The same where there are very many pairs, which are then scored in less time: on this many evenly
#: spread pairs of a class two boosters of fewer trees are as good.
_QUICK_PAIRS, _QUICK_FOLDS = 20_000, 2
_QUICK = {"num_leaves": 31, "learning_rate": 0.15}
_QUICK_REGULARISED_ROUNDS = 40
#: Pairs above which boosters learn from the informative ones, in fewer bins than LightGBM's 255 and
#: larger steps, which take half the time; and pairs that tell which these are.
_MANY_PAIRS, _FIRST_LOOK = 25_000, 6_000
_OF_MANY = {"max_bin": 63, "learning_rate": 0.1, "feature_fraction": 0.5}
_ROUNDS_OF_MANY = 60
#: Learning a prefilter.
_SMALL = {"num_leaves": 15, "learning_rate": 0.2, "min_data_in_leaf": 20}
_SMALL_ROUNDS = 25
#: Learning from labels: deeper and slower, stopped early.
_SUPERVISED = {
    "num_leaves": 31,
    "learning_rate": 0.05,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 10,
    "lambda_l2": 1.0,
}
_MOST_ROUNDS = 1000
_PATIENCE = 60
#: Labels above which the learning rate is twice as high: half the rounds, and no worse.
_MANY_LABELS, _FASTER = 10_000, 2
_FEWEST_ROUNDS = 20
#: Pairs below which there is no bagging: a sample could be empty.
_FEWEST_TO_SAMPLE = 10
#: Boosters of each seed that learn from all pairs: five are no better.
_BOOSTERS_A_SEED = 3
#: Share of the time that boosters with a held-out fold take.
_SHARE_OF_FOLDS = 0.65
#: Most rounds of small boosters.
_QUICK_ROUNDS = 80


def train_folds(
    matrix: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    fold: np.ndarray,
    keys: np.ndarray,
    *,
    folds: int,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: ShareFunction | None = None,
    parameters: dict[str, Any] | None = None,
    hidden: Sequence[int] = (),
    probability: np.ndarray | None = None,
) -> list[lightgbm.Booster]:
    """Return regularised boosters, one for each fold, trained on the pairs of the other folds.

    Where pairs have more folds than there are boosters, fold numbers are taken modulo theirs.

    Args:
        matrix: features, shape (m, f).
        target: 1 match, 0 no match, -1 not used.
        weight: weight of each pair.
        fold: fold of each pair, shape (m,), or of both of its records, shape (m, 2).
        keys: hashes of the pairs, uint64, by which very many are thinned out.
        folds: number of folds.
        seed: random seed.
        threads: threads; the boosters do not depend on it.
        quick: whether fewer pairs, folds and trees are used where there are very many pairs.
        progress: called with the share done.
        parameters: LightGBM parameters in place of the usual ones.
        hidden: features that the boosters do not see.
        probability: what an earlier model gives each pair, if there is one; it tells which of very
            many pairs are informative.
    """
    library = load_lightgbm()
    chosen = {**_REGULARISED, **_common_parameters(seed), **(parameters or {})}
    rounds = _REGULARISED_ROUNDS
    quick = quick and int(np.sum(target >= 0)) > 2 * _QUICK_PAIRS
    if quick:
        target, sample_weight = subsampled(target, keys, _QUICK_PAIRS)
        weight = weight * sample_weight
        folds, rounds = _QUICK_FOLDS, _QUICK_REGULARISED_ROUNDS
        chosen.update(_QUICK)
    labelled = np.flatnonzero(target >= 0)
    folds_of_records = fold.reshape(len(fold), -1)[labelled] % folds
    matrix, target, weight = matrix[labelled], target[labelled], weight[labelled]
    keys = keys[labelled]
    matrix[:, list(hidden)] = np.nan
    many = len(target) > _MANY_PAIRS
    if many and not quick:
        if probability is None:
            some = least_keys(keys, _FIRST_LOOK)
            first_look = train_small(matrix[some], target[some] == 1, seed)
            probability = np.asarray(first_look.predict(matrix, num_threads=threads))
        else:
            probability = probability[labelled]
        kept, factor = informative_pairs(target, np.abs(target - probability), keys)
        matrix, target, weight = matrix[kept], target[kept], weight[kept] * factor
        folds_of_records = folds_of_records[kept]
        chosen.update(_OF_MANY)
        rounds = _ROUNDS_OF_MANY
    whole: lightgbm.Dataset | None = None
    if quick or many:
        # All folds share the bins of the features, but not the targets.
        chosen["feature_pre_filter"] = False
        whole = library.Dataset(matrix, target, weight=weight, params=chosen).construct()

    def train(k: int) -> lightgbm.Booster:
        used = np.flatnonzero((folds_of_records != k).all(axis=1))
        if len(np.unique(target[used])) < 2:
            used = np.arange(len(target))
        smallest = max(2, min(_REGULARISED["min_data_in_leaf"], len(used) // 20))
        parameters_of_fold = {**chosen, "min_data_in_leaf": smallest}
        if whole is None:
            data = library.Dataset(matrix[used], target[used], weight=weight[used])
        else:
            data = whole.subset(used.tolist(), params=parameters_of_fold)
        return library.train(parameters_of_fold, data, rounds)

    return list(_in_threads(train, range(folds), threads, progress))


def train_small(matrix: np.ndarray, target: np.ndarray, seed: int) -> lightgbm.Booster:
    """Return a booster of few small trees.

    Args:
        matrix: features, shape (m, f).
        target: bool, shape (m,).
        seed: random seed.
    """
    library = load_lightgbm()
    chosen = {**_common_parameters(seed), **_SMALL}
    return library.train(chosen, library.Dataset(matrix, target.astype(int)), _SMALL_ROUNDS)


def train_with_early_stopping(
    matrix: np.ndarray,
    label: np.ndarray,
    folds: Folds,
    *,
    weight: np.ndarray | None = None,
    seeds: int,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: ShareFunction | None = None,
) -> tuple[list[lightgbm.Booster], np.ndarray]:
    """Return boosters trained on labels, and the held-out score of each pair.

    Boosters with a held-out fold are stopped early on it, and score its pairs. The returned ones
    are then trained on all pairs, with the mean of those rounds: without a fold, and the pairs that
    share one record with it, a third of all labels would be lost.

    Args:
        matrix: features, shape (m, f).
        label: 1 match, 0 no match.
        folds: folds of the pairs.
        weight: weight of each pair; all equal by default.
        seeds: number of boosters for each held-out fold.
        seed: random seed.
        threads: threads; the boosters do not depend on it.
        quick: whether boosters are small, so that very many pairs are scored in less time; those
            with a held-out fold are returned then.
        progress: called with the share done.

    Returns:
        Three boosters for each seed, or one for each fold and seed if ``quick``; and the held-out
        raw score of each pair (mean over seeds).
    """
    library = load_lightgbm()
    faster = _FASTER if quick or len(label) > _MANY_LABELS else 1

    def parameters(job: tuple[int, int], pairs: int) -> dict[str, Any]:
        return {
            **_SUPERVISED,
            **_common_parameters(seed + 1000 * job[0] + job[1]),
            "min_data_in_leaf": max(2, min(_SUPERVISED["min_data_in_leaf"], pairs // 20)),
            "learning_rate": faster * _SUPERVISED["learning_rate"],
            "bagging_freq": int(pairs >= _FEWEST_TO_SAMPLE),
        }

    def train(job: tuple[int, int]) -> tuple[lightgbm.Booster, np.ndarray]:
        k = job[1]
        training, stopping = folds.training(k), folds.early_stopping(k, label)
        data = library.Dataset(matrix[training], label[training], weight=_part(weight, training))
        booster = library.train(
            parameters(job, int(training.sum())),
            data,
            min(_MOST_ROUNDS, _QUICK_ROUNDS) if quick else _MOST_ROUNDS,
            valid_sets=[
                library.Dataset(
                    matrix[stopping],
                    label[stopping],
                    weight=_part(weight, stopping),
                    reference=data,
                )
            ],
            callbacks=[library.early_stopping(_PATIENCE // faster, verbose=False)],
        )
        best = _truncated(booster, max(booster.best_iteration or 0, _FEWEST_ROUNDS))
        held_out = matrix[folds.held_out(k)]
        score = np.asarray(best.predict(held_out, raw_score=True, num_threads=1))
        return best, score

    def train_on_all(job: tuple[int, int]) -> lightgbm.Booster:
        data = library.Dataset(matrix, label, weight=weight)
        return library.train(parameters(job, len(label)), data, rounds)

    jobs = [(number, k) for number in range(seeds) for k in range(folds.number)]
    share = 1.0 if quick else _SHARE_OF_FOLDS
    boosters = []
    scores = np.zeros(len(label))
    for (_, k), (booster, score) in zip(
        jobs, _in_threads(train, jobs, threads, part_of_progress(progress, 0.0, share)), strict=True
    ):
        boosters.append(booster)
        scores[folds.held_out(k)] += score / seeds
    if not quick:
        rounds = round(float(np.mean([booster.current_iteration() for booster in boosters])))
        final = [(number, k) for number in range(seeds) for k in range(_BOOSTERS_A_SEED)]
        rest = part_of_progress(progress, share, 1.0)
        boosters = list(_in_threads(train_on_all, final, threads, rest))
    return boosters, scores


def _part(weight: np.ndarray | None, chosen: np.ndarray) -> np.ndarray | None:
    """Return the weights of some pairs."""
    return None if weight is None else weight[chosen]


def _in_threads(
    work: Callable[[Any], Any],
    jobs: Sequence[Any],
    threads: int,
    progress: ShareFunction | None,
) -> Iterator[Any]:
    """Yield the results of jobs in order.

    Each booster is trained by one thread, several at a time: LightGBM's own threads wait for each
    other by spinning, which on small data or a shared machine takes more time than they save.
    """
    with ThreadPoolExecutor(threads) as pool:
        for done, result in enumerate(pool.map(work, jobs), 1):
            if progress:
                progress(done / len(jobs))
            yield result


def _truncated(booster: lightgbm.Booster, rounds: int) -> lightgbm.Booster:
    """Return the booster with its first rounds only, as it would be after saving and loading."""
    return load_lightgbm().Booster(model_str=booster.model_to_string(num_iteration=rounds))


def _common_parameters(seed: int) -> dict[str, Any]:
    """Return the parameters that all boosters share."""
    return {
        "objective": "binary",
        "verbose": -1,
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
    }


#: Pairs of a class that boosters learn from; more take time, and are no better.
_MOST_TO_LEARN_FROM = 60_000


def subsampled(
    target: np.ndarray, keys: np.ndarray, most: int = _MOST_TO_LEARN_FROM
) -> tuple[np.ndarray, np.ndarray]:
    """Return at most so many targets of each class, drawn by keys; the others become -1.

    Args:
        target: 1 match, 0 non-match, -1 not used.
        keys: hashes of the pairs, uint64.
        most: number of targets of each class to keep.

    Returns:
        The targets, and weights by which the kept ones count for all of their class.
    """
    out, weight = np.full(len(target), -1, int), np.ones(len(target))
    for value in (0, 1):
        rows = np.flatnonzero(target == value)
        out[rows[least_keys(keys[rows], most)]] = value
        weight[rows] = max(1.0, len(rows) / most)
    return out, weight
