"""The kinds of folders that the engine writes: how one is known, and which files in it are ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

__all__ = ["CHALLENGE", "CLASSIFIER", "GOLDEN", "KINDS", "MODEL", "RESULTS", "FolderKind"]


@dataclass(frozen=True)
class FolderKind:
    """A kind of folder that the engine writes.

    Attributes:
        marker: the file by which such a folder is known; a JSON object.
        key: a key that the marker has, and a file of the same name by others hardly has.
        what: what messages call the marker.
        files: what the engine writes, relative to the folder; each part a pattern.
    """

    marker: str
    key: str
    what: str
    files: tuple[str, ...]

    def is_marked(self, folder: Path) -> bool:
        """Whether the marker of a folder is one that the engine wrote."""
        try:
            held = json.loads((folder / self.marker).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(held, dict) and self.key in held

    def owns(self, relative: PurePath) -> bool:
        """Whether a path inside such a folder is that of a file of ours."""
        return any(_fits(relative.parts, file.split("/")) for file in self.files)

    def owns_folder(self, relative: PurePath) -> bool:
        """Whether a path inside such a folder is that of a folder of ours."""
        depth = len(relative.parts)
        folders = (file.split("/")[:-1] for file in self.files)
        return any(len(f) >= depth and _fits(relative.parts, f[:depth]) for f in folders)


def _fits(parts: tuple[str, ...], pattern: list[str]) -> bool:
    return len(parts) == len(pattern) and all(map(fnmatchcase, parts, pattern))


_PAIR_MODEL = (
    "pair_model.json", "statistics.parquet", "booster_*_*.txt", "cross_encoder/*.json",
    "cross_encoder/*.safetensors", "cross_encoder/*.txt", "cross_encoder/*.model",
)  # fmt: skip
_MODEL = (
    "model.json",
    *(f"match_*/{inner}{file}" for inner in ("", "base_model/") for file in _PAIR_MODEL),
)

#: A trained model, as `linkage.models.model_folder` writes it.
MODEL = FolderKind("model.json", "definitions", "saved model", _MODEL)
#: A trained classifier, as `linkage.classify.model_files` writes it.
CLASSIFIER = FolderKind(
    "classifier.json",
    "target",
    "saved classifier",
    ("classifier.json", "arrays.safetensors", "booster_*.txt"),
)
#: The results of a run, as `linkage.result.Result.write` writes them.
RESULTS = FolderKind(
    "run.json",
    "definitions",
    "account of a run",
    (
        "run.json", "report.html", "pairs.parquet", "clusters.parquet", "clusters.csv",
        "groups.parquet", "groups.csv", "to_label*.csv", *(f"model/{file}" for file in _MODEL),
    ),
)  # fmt: skip
#: The results of a challenge, as `linkage.challenge.folder` writes them.
CHALLENGE = FolderKind(
    "leaderboard.json",
    "settings",
    "leaderboard",
    ("leaderboard.json", "leaderboard.md", "tasks/*.json", "submission/*.csv"),
)
#: Golden records, as `linkage.golden.folder` writes them.
GOLDEN = FolderKind(
    "golden.json",
    "definitions",
    "account of golden records",
    ("golden.json", "golden*.parquet", "golden*.csv"),
)
KINDS = (RESULTS, MODEL, CLASSIFIER, CHALLENGE, GOLDEN)
