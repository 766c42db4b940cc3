"""The files of a pair model: JSON and native booster files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from linkage.io.saved.json_fields import FieldError, Fields, parse_json
from linkage.io.saved.saved_files import DamagedFileError, SavedFiles, naming_file
from linkage.models.booster_ensemble import BoosterEnsemble
from linkage.models.booster_text import SavedBooster
from linkage.models.cross_encoder import CrossEncoderEvidence
from linkage.models.evidence.hidden_sources import HiddenSources
from linkage.models.evidence.known_matches import KnownMatches
from linkage.models.evidence.score_terms import IdentifierEvidence, LinearPart
from linkage.models.fellegi_sunter import FellegiSunter
from linkage.models.grouped_fellegi_sunter import GroupedFellegiSunter
from linkage.models.held_out_scores import HeldOutScores
from linkage.models.pair_model import PairModel
from linkage.models.pair_scorer import PairScorer
from linkage.models.prefilter import Prefilter
from linkage.models.training_account import TrainingAccount, TrainingSource

__all__ = ["read_pair_model", "write_pair_model"]

_FILE = "pair_model.json"
#: Folders of the base model and of the language model inside the model's.
_BASE_MODEL, _CROSS_ENCODER = "base_model", "cross_encoder"
#: Values of all features by which a scorer is tried: of every bin, and unknown.
_TRIED = (-1e9, 0.0, 1.0, 1e9, np.nan)
#: More folds than any training has.
_MOST_FOLDS = 1000


def write_pair_model(model: PairModel, folder: Path) -> None:
    """Writes ``pair_model.json`` and native booster files into an existing folder.

    A base model goes into the folder ``base_model`` inside of it, a language model into
    ``cross_encoder``.
    """
    state: dict[str, Any] = {
        "scorer": _scorer_state(model.scorer, folder),
        "threshold": model.threshold,
        "one_to_one": model.one_to_one,
        "judged_against_rivals": model.judged_against_rivals,
        "training": _account_state(model.training),
        "prefilter": model.prefilter.to_dict() if model.prefilter else None,
    }
    if model.base_model is not None:
        (folder / _BASE_MODEL).mkdir()
        write_pair_model(model.base_model, folder / _BASE_MODEL)
    if model.cross_encoder is not None:
        (folder / _CROSS_ENCODER).mkdir()
        model.cross_encoder.write(folder / _CROSS_ENCODER)
    text = json.dumps(state, indent=1, ensure_ascii=False)
    (folder / _FILE).write_text(text, encoding="utf-8")


def read_pair_model(files: SavedFiles, folder: str) -> PairModel:
    """The pair model that :func:`write_pair_model` wrote.

    Args:
        files: the files of the saved model.
        folder: the pair model's folder inside of it.

    Raises:
        DamagedFileError: a file is missing, altered, or holds what it cannot.
    """
    name = f"{folder}/{_FILE}"
    base_model, encoder = f"{folder}/{_BASE_MODEL}", f"{folder}/{_CROSS_ENCODER}"
    with files.reading(name) as raw:
        fields = Fields(parse_json(raw))
        scorer = _scorer(fields.part("scorer"), files, folder)
        prefilter = fields.part_or_none("prefilter")
        model = PairModel(
            scorer=scorer,
            threshold=fields.number("threshold", 0, 1),
            one_to_one=fields.flag("one_to_one"),
            judged_against_rivals=fields.flag("judged_against_rivals"),
            training=_account(fields.part("training")),
            base_model=read_pair_model(files, base_model) if files.inside(base_model) else None,
            cross_encoder=_cross_encoder(files, encoder) if files.inside(encoder) else None,
            prefilter=None if prefilter is None else Prefilter.from_dict(prefilter),
        )
        files.require_unaltered()
        if model.base_model is not None and not {*model.base_model.names} <= {*scorer.names}:
            raise FieldError("scorer.names: they lack features of the base model")
        # What parts expect of each other.
        tried = scorer.log_odds(_tried(len(scorer.names)), np.zeros(len(_TRIED), np.int64))
        if not np.isfinite(tried[:-1]).all():
            raise FieldError("scorer: scores are no finite numbers")
        return model


def _tried(features: int) -> np.ndarray:
    """Features of pairs by which a scorer is tried, float32, shape (pairs, features)."""
    return np.repeat(np.array(_TRIED, np.float32)[:, None], features, axis=1)


def _cross_encoder(files: SavedFiles, folder: str) -> CrossEncoderEvidence | None:
    """The language model, of whose files libraries read only what was written."""
    path = files.folder / folder
    for name in files.inside(folder):
        with files.reading(name):
            pass
    for found in path.rglob("*"):
        name = found.relative_to(files.folder).as_posix()
        if not found.is_dir() and name not in files:
            raise DamagedFileError(name, "it is not among the files of the model")
    files.require_unaltered()
    with naming_file(folder):
        return CrossEncoderEvidence.of_folder(path)


def _scorer_state(scorer: PairScorer, folder: Path) -> dict[str, Any]:
    """The scorer as plain values; its boosters are written into the folder."""
    ensembles = []
    for number, ensemble in enumerate(scorer.ensembles):
        files = [f"booster_{number}_{k}.txt" for k in range(len(ensemble.boosters))]
        for name, booster in zip(files, ensemble.boosters, strict=True):
            (folder / name).write_text(booster.model_to_string(), encoding="utf-8")
        ensembles.append(
            {
                "files": files,
                "by_fold": ensemble.by_fold,
                "weight": ensemble.weight,
                "centre": ensemble.centre,
                "columns": ensemble.columns,
            }
        )
    return {
        "names": scorer.names,
        "hidden": list(scorer.hidden),
        "ensembles": ensembles,
        "fellegi_sunter": scorer.fellegi_sunter.to_dict() if scorer.fellegi_sunter else None,
        "linear": vars(scorer.linear) if scorer.linear else None,
        "lowest": scorer.lowest,
        "noise": scorer.noise,
        "identifier": vars(scorer.identifier) if scorer.identifier else None,
        "known": scorer.known.to_dict() if scorer.known else None,
        "sources": scorer.sources.to_dict() if scorer.sources else None,
        "folds": scorer.folds,
        "slope": scorer.slope,
        "intercept": scorer.intercept,
    }


def _scorer(fields: Fields, files: SavedFiles, folder: str) -> PairScorer:
    names = fields.texts("names")
    likelihood, linear, noise, identifier, known, sources = (
        None if fields.get(key) is None else key
        for key in ("fellegi_sunter", "linear", "noise", "identifier", "known", "sources")
    )
    found = PairScorer(
        names=names,
        hidden=fields.counts("hidden", 0, len(names) - 1),
        ensembles=tuple(
            _ensemble(part, len(names), files, folder) for part in fields.parts("ensembles")
        ),
        fellegi_sunter=_fellegi_sunter(fields.part(likelihood)) if likelihood else None,
        linear=_linear(fields.part(linear)) if linear else None,
        lowest=fields.flag("lowest"),
        noise=_noise(fields) if noise else None,
        identifier=_identifier(fields.part(identifier)) if identifier else None,
        known=KnownMatches.from_dict(fields.part(known)) if known else None,
        sources=HiddenSources.from_dict(fields.part(sources)) if sources else None,
        folds=fields.count("folds", 1, _MOST_FOLDS),
        slope=fields.number("slope"),
        intercept=fields.number("intercept"),
    )
    if found.fellegi_sunter is not None and found.fellegi_sunter.names != names:
        raise FieldError(f"{fields.path('fellegi_sunter')}.names: they are not those of the scorer")
    return found


def _ensemble(fields: Fields, features: int, files: SavedFiles, folder: str) -> BoosterEnsemble:
    columns = None
    if fields.get("columns") is not None:
        columns = fields.counts("columns", 0, features - 1)
    boosters = []
    for name in fields.texts("files"):
        if "/" in name:
            raise fields.fault("files", "names of files in the same folder")
        with files.reading(f"{folder}/{name}") as raw:
            booster = SavedBooster(raw.decode("utf-8"))
            wanted = features if columns is None else len(columns)
            if booster.num_feature() != wanted:
                raise FieldError(
                    f"max_feature_idx: it has {booster.num_feature()} features instead of {wanted}"
                )
            boosters.append(booster)
    if not boosters:
        raise fields.fault("files", "at least one booster")
    return BoosterEnsemble(
        boosters, fields.flag("by_fold"), fields.number("weight"), fields.number("centre"), columns
    )


def _linear(fields: Fields) -> LinearPart:
    numbers = (fields.number(key) for key in ("slope", "intercept", "weight"))
    return LinearPart(fields.text("feature"), *numbers)


def _identifier(fields: Fields) -> IdentifierEvidence:
    return IdentifierEvidence(
        fields.text("feature"), fields.number("equal"), fields.number("differ")
    )


def _noise(fields: Fields) -> tuple[float, float]:
    equal_share, chance = fields.numbers("noise", 2)
    if not 0 <= chance < equal_share <= 1:
        raise fields.fault("noise", "two shares, the larger one first")
    return equal_share, chance


def _account_state(account: TrainingAccount) -> dict[str, Any]:
    return {
        "source": account.source.value,
        "anchor": account.anchor,
        "notes": list(account.notes),
        "metrics": dict(account.metrics),
        "held_out": account.held_out.to_dict() if account.held_out else None,
    }


def _account(fields: Fields) -> TrainingAccount:
    metrics, held_out = fields.part("metrics"), fields.part_or_none("held_out")
    try:
        source = TrainingSource(fields.text("source"))
    except ValueError:
        raise fields.fault("source", f"one of {', '.join(TrainingSource)}") from None
    return TrainingAccount(
        source=source,
        anchor=fields.text("anchor"),
        notes=tuple(fields.texts("notes")),
        metrics={name: metrics.number(name) for name in metrics.names()},
        held_out=None if held_out is None else HeldOutScores.from_dict(held_out),
    )


def _fellegi_sunter(fields: Fields) -> FellegiSunter | GroupedFellegiSunter:
    if "views" in fields:
        return GroupedFellegiSunter.from_dict(fields)
    return FellegiSunter.from_dict(fields)
