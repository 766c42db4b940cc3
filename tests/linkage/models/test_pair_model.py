"""The pair model: its parts, the evidence of identifiers, and its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prepared import pair_keys
from scipy.special import expit, logit

from linkage.io.saved.json_fields import Fields
from linkage.io.saved.saved_files import SavedFiles, hash_files, sealed
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.evidence.score_terms import IdentifierEvidence
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.pair_model import PairModel
from linkage.models.pair_model_files import read_pair_model, write_pair_model
from linkage.models.pair_scorer import PairScorer, denoise
from linkage.models.training_account import TrainingAccount, TrainingSource
from linkage.training.boosting import train_folds

NAMES = ["gtin.equal", "title.idf_cosine", "brand.equal"]


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    matrix = rng.random((800, 3)).astype(np.float32)
    matrix[:, [0, 2]] = matrix[:, [0, 2]].round()
    matrix[rng.random((800, 3)) < 0.2] = np.nan
    label = (np.nan_to_num(matrix[:, 1], nan=0.5) > 0.6).astype(int)
    return matrix, label, np.arange(800) % 5


@pytest.fixture(scope="module")
def boosters(data: tuple[np.ndarray, ...]) -> BoosterEnsemble:
    matrix, label, fold = data
    hidden = matrix.copy()
    hidden[:, 0] = np.nan
    trained = train_folds(
        hidden, label, np.ones(800), fold, pair_keys(len(fold)), folds=5, seed=0, threads=1
    )
    return BoosterEnsemble(trained, by_fold=True, weight=0.7, centre=0.3)


def full_model(data: tuple[np.ndarray, ...], boosters: BoosterEnsemble) -> PairModel:
    matrix, label, _ = data
    scorer = PairScorer(
        NAMES,
        hidden=[0],
        ensembles=(boosters, BoosterEnsemble(boosters.boosters[:2], by_fold=False)),
        fellegi_sunter=FellegiSunter(NAMES).fit(matrix, 0.1 + 0.8 * label),
        noise=(0.9, 0.01),
        identifier=IdentifierEvidence("gtin.equal", 3.0, -2.0),
        slope=1.3,
        intercept=-0.4,
    )
    account = TrainingAccount(
        TrainingSource.LABELS, "Größe \u2713", notes=("a note",), metrics={"f1": 0.5}
    )
    return PairModel(scorer, 0.37, one_to_one=True, training=account)


def test_files_give_the_same_model(
    data: tuple[np.ndarray, ...], boosters: BoosterEnsemble, tmp_path: Path
) -> None:
    model = full_model(data, boosters)
    (tmp_path / "inner").mkdir()
    write_pair_model(model, tmp_path / "inner")
    held = Fields(sealed({}, hash_files(tmp_path.iterdir(), tmp_path)))
    again = read_pair_model(SavedFiles(tmp_path, "marker.json", held), "inner")
    matrix, _, fold = data
    np.testing.assert_array_equal(again.probability(matrix, fold), model.probability(matrix, fold))
    for name in ("names", "hidden", "noise", "identifier", "folds", "slope", "intercept"):
        assert getattr(again.scorer, name) == getattr(model.scorer, name)
    for name in ("threshold", "one_to_one", "judged_against_rivals", "training"):
        assert getattr(again, name) == getattr(model, name)
    assert again.scorer.importance() == model.scorer.importance()


def test_each_pair_is_scored_by_the_booster_of_its_fold(
    data: tuple[np.ndarray, ...], boosters: BoosterEnsemble
) -> None:
    matrix, _, fold = data
    every = np.stack([one.predict(matrix, raw_score=True) for one in boosters.boosters])
    raw = boosters.raw(matrix, fold, 1)
    np.testing.assert_allclose(raw, np.clip(every[fold, np.arange(800)], -10, 10))
    mean = BoosterEnsemble(boosters.boosters, by_fold=False).raw(matrix, fold, 2)
    np.testing.assert_allclose(mean, np.clip(every.mean(axis=0), -10, 10))


def test_the_raw_score_is_the_weighted_mean_of_the_parts(
    data: tuple[np.ndarray, ...], boosters: BoosterEnsemble
) -> None:
    matrix, _, fold = data
    model = full_model(data, boosters)
    hidden = matrix.copy()
    hidden[:, 0] = np.nan
    scorer = model.scorer
    assert scorer.fellegi_sunter is not None
    parts = 0.7 * (boosters.raw(hidden, fold, 1) - 0.3)
    parts = (
        parts + scorer.ensembles[1].raw(hidden, fold, 1) + scorer.fellegi_sunter.log_odds(hidden)
    )
    np.testing.assert_allclose(scorer.raw(matrix, fold), parts / 2.7)
    assert not np.isnan(matrix[:, 0]).all(), "the caller's features stay as they were"


def test_identifier_evidence_is_added_to_the_raw_score() -> None:
    evidence = IdentifierEvidence("gtin.equal", 3.0, -2.0)
    model = PairModel(PairScorer(NAMES, identifier=evidence, intercept=0.5))
    matrix = np.array([[1, 0, 0], [0, 0, 0], [np.nan, 0, 0]], np.float32)
    assert model.log_odds(matrix, np.zeros(3, int)).tolist() == [3.5, -1.5, 0.5]
    np.testing.assert_allclose(model.probability(matrix, np.zeros(3, int)), expit([3.5, -1.5, 0.5]))


def test_label_noise_is_removed_from_the_log_odds() -> None:
    match = np.array([0.1, 0.5, 0.9])
    equal = match * 0.8 + (1 - match) * 0.05
    np.testing.assert_allclose(expit(denoise(logit(equal), 0.8, 0.05)), match)
    assert np.all(np.isfinite(denoise(np.array([-50.0, 50.0]), 0.8, 0.05)))


def test_importance_is_a_share(data: tuple[np.ndarray, ...], boosters: BoosterEnsemble) -> None:
    importance = PairScorer(NAMES, ensembles=(boosters,)).importance()
    assert sum(importance.values()) == pytest.approx(1)
    assert next(iter(importance)) == "title.idf_cosine"
    assert "gtin.equal" not in importance, "it was hidden"
    assert PairScorer(NAMES).importance() == {}
