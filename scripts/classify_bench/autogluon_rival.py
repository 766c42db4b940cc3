"""AutoGluon on one split, run by the interpreter of an environment of its own.

Reads ``train.csv`` and ``test.csv`` of a folder, writes ``rival.parquet``: a probability a class.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

import pandas as pd

__all__ = ["main"]


def main() -> None:
    """Train within the time and predict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--presets", default="best_quality")
    arguments = parser.parse_args()
    from autogluon.tabular import TabularPredictor

    train, test = (
        pd.read_csv(arguments.folder / f"{name}.csv", keep_default_na=False, na_values=[""])
        for name in ("train", "test")
    )
    models = arguments.folder / "models"
    begun = time.perf_counter()
    predictor = TabularPredictor(
        label=arguments.target, path=str(models), eval_metric="log_loss", verbosity=0,
        problem_type="multiclass",
    ).fit(
        train.drop(columns="id"), time_limit=arguments.seconds, presets=arguments.presets,
        dynamic_stacking=False,
    )  # fmt: skip
    found = predictor.predict_proba(test.drop(columns=["id", arguments.target]))
    seconds = time.perf_counter() - begun
    found.columns = found.columns.astype(str)
    found.to_parquet(arguments.folder / "rival.parquet")
    best = predictor.model_best
    print(f"{seconds:.1f} s, {len(predictor.model_names())} models, best {best}", file=sys.stderr)
    shutil.rmtree(models, ignore_errors=True)


if __name__ == "__main__":
    main()
