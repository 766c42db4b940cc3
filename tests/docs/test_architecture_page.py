"""The page on the architecture names every room, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("linkage", "blocking", "features")


def rooms_of_the_page() -> list[str]:
    """Paths in the tree on the page, from the root of the repository."""
    found: list[str] = []
    above: list[str] = []
    for line in PAGE.split("```")[1].splitlines():
        entry = re.match(r"( *)(\S+) +\S", line)
        if entry is not None:
            depth = len(entry[1]) // 2
            above[depth:] = [entry[2].rstrip("/")]
            found.append("/".join(above))
    return found


def rooms_of_the_code() -> set[str]:
    """Folders of the packages at any depth, and modules at the top of `linkage` and `features`."""
    folders = {
        path.parent.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in ("linkage", "features")
        for path in (ROOT / package).glob("*.py")
        if path.name != "__init__.py"
    }
    return folders | modules


def test_the_tree_is_the_code() -> None:
    named = rooms_of_the_page()
    assert len(named) == len(set(named))
    assert set(named) == rooms_of_the_code()


@pytest.mark.parametrize("file", sorted(set(re.findall(r"`((?:\w+/)+\w+\.py)", PAGE))))
def test_files_and_functions_exist(file: str) -> None:
    code = (ROOT / file).read_text(encoding="utf-8")
    for names in re.findall(rf"`{file}: ([\w.]+)`", PAGE):
        for name in names.split("."):
            assert re.search(rf"\b(?:def|class) {name}\b", code), f"{file} has no {name}"


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_the_readme_links_every_page(page: str) -> None:
    assert f"docs/{page}" in (ROOT / "README.md").read_text(encoding="utf-8")


UNLABELLED = (ROOT / "docs" / "unlabelled.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w+/)+[\w.]*)`", UNLABELLED))))
def test_what_the_page_on_runs_without_labels_names_exists(path: str) -> None:
    assert (ROOT / path).exists()
