"""The files of a pair model: JSON and native booster files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from linkage.models.booster_ensemble import BoosterEnsemble
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
from linkage.models.tree_library import load_lightgbm

__all__ = ["read_pair_model", "write_pair_model"]

_FILE = "pair_model.json"
#: Folders of the base model and of the language model inside the model's.
_BASE_MODEL, _CROSS_ENCODER = "base_model", "cross_encoder"


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


def read_pair_model(folder: Path) -> PairModel:
    """The pair model that :func:`write_pair_model` wrote."""
    state = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    base_model, prefilter = folder / _BASE_MODEL, state["prefilter"]
    return PairModel(
        scorer=_scorer(state["scorer"], folder),
        threshold=state["threshold"],
        one_to_one=state["one_to_one"],
        judged_against_rivals=state["judged_against_rivals"],
        training=_account(state["training"]),
        base_model=read_pair_model(base_model) if base_model.is_dir() else None,
        cross_encoder=CrossEncoderEvidence.of_folder(folder / _CROSS_ENCODER),
        prefilter=Prefilter.from_dict(prefilter) if prefilter else None,
    )


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


def _scorer(state: dict[str, Any], folder: Path) -> PairScorer:
    lightgbm = load_lightgbm()

    def booster(name: str) -> Any:
        return lightgbm.Booster(model_str=(folder / name).read_text(encoding="utf-8"))

    ensembles = tuple(
        BoosterEnsemble(
            [booster(name) for name in part["files"]],
            part["by_fold"],
            part["weight"],
            part["centre"],
            part["columns"],
        )
        for part in state["ensembles"]
    )
    likelihood, linear = state["fellegi_sunter"], state["linear"]
    noise, identifier, known = state["noise"], state["identifier"], state["known"]
    return PairScorer(
        names=state["names"],
        hidden=state["hidden"],
        ensembles=ensembles,
        fellegi_sunter=_fellegi_sunter(likelihood) if likelihood else None,
        linear=LinearPart(**linear) if linear else None,
        lowest=state["lowest"],
        noise=(noise[0], noise[1]) if noise else None,
        identifier=IdentifierEvidence(**identifier) if identifier else None,
        known=KnownMatches.from_dict(known) if known else None,
        sources=HiddenSources.from_dict(state["sources"]) if state["sources"] else None,
        folds=state["folds"],
        slope=state["slope"],
        intercept=state["intercept"],
    )


def _account_state(account: TrainingAccount) -> dict[str, Any]:
    return {
        "source": account.source.value,
        "anchor": account.anchor,
        "notes": list(account.notes),
        "metrics": dict(account.metrics),
        "held_out": account.held_out.to_dict() if account.held_out else None,
    }


def _account(state: dict[str, Any]) -> TrainingAccount:
    held_out = state["held_out"]
    return TrainingAccount(
        source=TrainingSource(state["source"]),
        anchor=state["anchor"],
        notes=tuple(state["notes"]),
        metrics=state["metrics"],
        held_out=HeldOutScores.from_dict(held_out) if held_out else None,
    )


def _fellegi_sunter(state: dict[str, Any]) -> FellegiSunter | GroupedFellegiSunter:
    if "views" in state:
        return GroupedFellegiSunter.from_dict(state)
    return FellegiSunter.from_dict(state)
