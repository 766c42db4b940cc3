"""Which files in a folder of ours are ours."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from linkage.io.destination.folder_kinds import CHALLENGE, MODEL, RESULTS, FolderKind


@pytest.mark.parametrize(
    ("kind", "path", "ours"),
    [
        (RESULTS, "run.json", True),
        (RESULTS, "clusters.csv", True),
        (RESULTS, "labels.csv", False),
        (RESULTS, "notes/run.json", False),
        (RESULTS, "model/match_exact/booster_0_1.txt", True),
        (RESULTS, "model/match_exact/notes.txt", False),
        (MODEL, "model.json", True),
        (MODEL, "match_variant/base_model/pair_model.json", True),
        (MODEL, "match_variant/base_model/pairs.csv", False),
        (MODEL, "run.json", False),
        (CHALLENGE, "tasks/shop.json", True),
        (CHALLENGE, "tasks/shop/task.json", False),
    ],
)
def test_files(kind: FolderKind, path: str, ours: bool) -> None:
    assert kind.owns(PurePath(path)) == ours
    folders = list(PurePath(path).parents)[:-1]
    assert not ours or all(kind.owns_folder(folder) for folder in folders)


def test_folders() -> None:
    assert RESULTS.owns_folder(PurePath("model/match_exact/base_model"))
    assert not RESULTS.owns_folder(PurePath("models"))
    assert not MODEL.owns_folder(PurePath("model"))
