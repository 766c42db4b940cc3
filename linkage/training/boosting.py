"""LightGBM boosters: the parameters of this project and training by folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.training.folds import Folds

if TYPE_CHECKING:
    import lightgbm

__all__ = ["subsampled", "train_folds", "train_small", "train_with_early_stopping"]

#: Learning from confident guesses: small, regularised trees, since the guesses are partly wrong.
_REGULARISED = {
    "num_leaves": 15,
    "learning_rate": 0.1,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "path_smooth": 5.0,
}
_REGULARISED_ROUNDS = 60
#: The same of very many guesses, so that very many pairs are scored in little time: as many pairs
#: of a class, evenly spread, teach two boosters of fewer trees as well.
_QUICK_PAIRS, _QUICK_FOLDS = 20_000, 2
_QUICK = {"num_leaves": 31, "learning_rate": 0.15}
_QUICK_REGULARISED_ROUNDS = 40
#: Learning what takes a glance to tell.
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
#: Labels above which boosters learn twice as fast: half the rounds, and on so many no worse.
_MANY_LABELS, _FASTER = 10_000, 2
_FEWEST_ROUNDS = 20
#: Pairs below which a round learns from all of them: a part could be none.
_FEWEST_TO_DRAW = 10
#: Boosters that learn from all pairs, a seed: five do no better.
_BOOSTERS_A_SEED = 3
#: Share of the time that the boosters take which leave a fold out.
_SHARE_OF_FOLDS = 0.65
#: Most rounds of small boosters.
_QUICK_ROUNDS = 80


def train_folds(
    matrix: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    fold: np.ndarray,
    *,
    folds: int,
    seed: int,
    threads: int,
    quick: bool = False,
    progress: Any = None,
    parameters: dict[str, Any] | None = None,
    hidden: Sequence[int] = (),
) -> list[lightgbm.Booster]:
    """Regularised boosters, one a fold, each trained on the pairs of the other folds.

    Where there are fewer boosters than folds of the pairs, that of a fold is the one of its number
    modulo theirs.

    Args:
        matrix: features, shape (m, f).
        target: 1 match, 0 no match, -1 not used.
        weight: weight of each pair.
        fold: fold of each pair, shape (m,), or of both of its records, shape (m, 2).
        folds: number of folds.
        seed: random seed.
        threads: threads; the boosters do not depend on it.
        quick: whether fewer pairs, folds and trees do where pairs are very many.
        progress: called with the share done.
        parameters: LightGBM parameters in place of the usual ones.
        hidden: features that the boosters do not see.
    """
    import lightgbm

    chosen = {**_REGULARISED, **_fixed(seed), **(parameters or {})}
    rounds = _REGULARISED_ROUNDS
    quick = quick and int(np.sum(target >= 0)) > 2 * _QUICK_PAIRS
    if quick:
        target, stands_for = subsampled(target, _QUICK_PAIRS)
        weight = weight * stands_for
        folds, rounds = _QUICK_FOLDS, _QUICK_REGULARISED_ROUNDS
        chosen.update(_QUICK)
    known = np.flatnonzero(target >= 0)
    target, folds_of_records = target[known], fold.reshape(len(fold), -1)[known] % folds
    matrix, weight = matrix[known], weight[known]
    matrix[:, list(hidden)] = np.nan
    whole: lightgbm.Dataset | None = None
    if quick:
        # What values a feature has, but not what they mean, is known to all folds.
        chosen["feature_pre_filter"] = False
        whole = lightgbm.Dataset(matrix, target, weight=weight, params=chosen).construct()

    def train(k: int) -> lightgbm.Booster:
        used = np.flatnonzero((folds_of_records != k).all(axis=1))
        if len(np.unique(target[used])) < 2:
            used = np.arange(len(target))
        smallest = max(2, min(_REGULARISED["min_data_in_leaf"], len(used) // 20))
        mine = {**chosen, "min_data_in_leaf": smallest}
        if whole is not None:
            return lightgbm.train(mine, whole.subset(used.tolist(), params=mine), rounds)
        data = lightgbm.Dataset(matrix[used], target[used], weight=weight[used])
        return lightgbm.train(mine, data, rounds)

    return list(_in_threads(train, range(folds), threads, progress))


def train_small(matrix: np.ndarray, target: np.ndarray, seed: int) -> lightgbm.Booster:
    """A booster of few small trees.

    Args:
        matrix: features, shape (m, f).
        target: bool, shape (m,).
        seed: random seed.
    """
    import lightgbm

    chosen = {**_fixed(seed), **_SMALL}
    return lightgbm.train(chosen, lightgbm.Dataset(matrix, target.astype(int)), _SMALL_ROUNDS)


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
    progress: Any = None,
) -> tuple[list[lightgbm.Booster], np.ndarray]:
    """Boosters from labels, with as many rounds as do best on folds that are left out.

    Boosters that each leave a fold out are stopped early on it, and judge its pairs. Those that are
    returned then learn from all pairs, with the mean of those rounds: a fold left out takes the
    pairs with it that share one record with the fold, a third of all labels.

    Args:
        matrix: features, shape (m, f).
        label: 1 match, 0 no match.
        folds: folds of the pairs.
        weight: what each pair counts; all alike by default.
        seeds: how many boosters leave each fold out.
        seed: random seed.
        threads: threads; the boosters do not depend on it.
        quick: whether boosters are small, so that very many pairs are scored in little time; those
            that leave a fold out are returned then, since so many pairs can spare one.
        progress: called with the share done.

    Returns:
        Three boosters a seed, or one a fold and seed if ``quick``; and the out-of-fold raw score of
        each pair (mean over seeds).
    """
    import lightgbm

    faster = _FASTER if quick or len(label) > _MANY_LABELS else 1

    def parameters(job: tuple[int, int], learned: int) -> dict[str, Any]:
        return {
            **_SUPERVISED,
            **_fixed(seed + 1000 * job[0] + job[1]),
            "min_data_in_leaf": max(2, min(_SUPERVISED["min_data_in_leaf"], learned // 20)),
            "learning_rate": faster * _SUPERVISED["learning_rate"],
            "bagging_freq": int(learned >= _FEWEST_TO_DRAW),
        }

    def train(job: tuple[int, int]) -> tuple[lightgbm.Booster, np.ndarray]:
        k = job[1]
        learn, check = folds.learn(k), folds.check(k, label)
        data = lightgbm.Dataset(matrix[learn], label[learn], weight=_part(weight, learn))
        booster = lightgbm.train(
            parameters(job, int(learn.sum())),
            data,
            min(_MOST_ROUNDS, _QUICK_ROUNDS) if quick else _MOST_ROUNDS,
            valid_sets=[
                lightgbm.Dataset(
                    matrix[check], label[check], weight=_part(weight, check), reference=data
                )
            ],
            callbacks=[lightgbm.early_stopping(_PATIENCE // faster, verbose=False)],
        )
        short = _shortened(booster, max(booster.best_iteration or 0, _FEWEST_ROUNDS))
        judged = matrix[folds.held_out(k)]
        score = np.asarray(short.predict(judged, raw_score=True, num_threads=1))
        return short, score

    def train_again(job: tuple[int, int]) -> lightgbm.Booster:
        data = lightgbm.Dataset(matrix, label, weight=weight)
        return lightgbm.train(parameters(job, len(label)), data, rounds)

    jobs = [(number, k) for number in range(seeds) for k in range(folds.number)]
    share = 1.0 if quick else _SHARE_OF_FOLDS
    boosters = []
    held_out = np.zeros(len(label))
    for (_, k), (booster, score) in zip(
        jobs, _in_threads(train, jobs, threads, _stretch(progress, 0.0, share)), strict=True
    ):
        boosters.append(booster)
        held_out[folds.held_out(k)] += score / seeds
    if not quick:
        rounds = round(float(np.mean([booster.current_iteration() for booster in boosters])))
        final = [(number, k) for number in range(seeds) for k in range(_BOOSTERS_A_SEED)]
        rest = _stretch(progress, share, 1.0)
        boosters = list(_in_threads(train_again, final, threads, rest))
    return boosters, held_out


def _stretch(progress: Any, start: float, stop: float) -> Any:
    """Tells of a part of the work as a stretch of the whole."""
    return None if progress is None else lambda done: progress(start + (stop - start) * done)


def _part(weight: np.ndarray | None, chosen: np.ndarray) -> np.ndarray | None:
    return None if weight is None else weight[chosen]


def _in_threads(
    work: Callable[[Any], Any], jobs: Sequence[Any], threads: int, progress: Any
) -> Iterator[Any]:
    """Results of jobs in order.

    Each booster is trained by one thread, several at a time: LightGBM's own threads wait busily for
    each other, which on small data or a shared machine costs more than it gives.
    """
    with ThreadPoolExecutor(threads) as pool:
        for done, result in enumerate(pool.map(work, jobs), 1):
            if progress:
                progress(done / len(jobs))
            yield result


def _shortened(booster: lightgbm.Booster, rounds: int) -> lightgbm.Booster:
    """The same booster with only its first rounds, as it would be after saving and loading."""
    import lightgbm

    return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=rounds))


def _fixed(seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "verbose": -1,
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
    }


#: Pairs of a class that boosters learn from; more change nothing but the time.
_MOST_TO_LEARN_FROM = 60_000


def subsampled(
    target: np.ndarray, most: int = _MOST_TO_LEARN_FROM
) -> tuple[np.ndarray, np.ndarray]:
    """Keeps at most so many targets of a kind, evenly spread; the others become -1.

    Returns:
        The targets, and weights by which the kept ones stand for all of their kind.
    """
    out, weight = np.full(len(target), -1, int), np.ones(len(target))
    for value in (0, 1):
        rows = np.flatnonzero(target == value)
        step = max(1.0, len(rows) / most)
        out[rows[(np.arange(min(len(rows), most)) * step).astype(int)]] = value
        weight[rows] = step
    return out, weight
