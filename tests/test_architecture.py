"""The shape of the code: imports run one way and stay light, files stay short, and so on."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("features", "blocking", "linkage")
#: What each package may import of the others.
BELOW = {"features": (), "blocking": ("features",), "linkage": ("features", "blocking")}
#: Slow to load, so that only functions which need them import them.
HEAVY = (
    "torch", "faiss", "sentence_transformers", "transformers", "imagehash", "PIL", "matplotlib",
    "altair",
)  # fmt: skip
LONGEST_FILE = 350
#: Files that may be longer, each with its reason.
LONG_FILES = {
    "linkage/cli/app.py": "the commands, each a list of its options",
    "linkage/linker.py": "the object that users hold, with the reference of its methods",
    "linkage/scoring/session.py": "what is known under one definition, each piece made once",
    "tests/linkage/cli/test_app.py": "one small test for each command and option",
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


MODULES = [path for package in PACKAGES for path in modules(package)]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> set[str]:
    """Top-level packages that a file imports anywhere, in functions and for type checkers too."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"
            found.add(str(node.module).partition(".")[0])
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    package = name_of(path).partition("/")[0]
    above = imported(path) & set(PACKAGES) - {package, *BELOW[package]}
    assert not above, f"{name_of(path)} imports {above}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_module_says_what_is_public(path: Path) -> None:
    for node in tree(path).body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        if isinstance(target, ast.Name) and target.id == "__all__":
            assert all(isinstance(name, str) for name in ast.literal_eval(node.value))
            return
    pytest.fail(f"{name_of(path)} has no __all__")


def loaded_by(*names: str) -> set[str]:
    """Top-level packages that a fresh process has loaded after importing some modules."""
    code = f"import {', '.join(names)}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("name", [*PACKAGES, "linkage.cli.app"])
def test_importing_a_package_is_light(name: str) -> None:
    # The command line must answer --help at once, and so loads no library that computes either.
    heavy = {*HEAVY, "numba", "scipy", "pandas", "pyarrow", "lightgbm", "sklearn"}
    assert not loaded_by(name) & heavy


def test_importing_every_module_is_light() -> None:
    names = [
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in MODULES
        if path.name != "__main__.py"
    ]
    assert not loaded_by(*names) & set(HEAVY)


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {plain(requirement) for requirement in project["dependencies"]}
    homes = packages_distributions()
    missing = {
        f"{name} ({name_of(path)})"
        for path in MODULES
        for name in imported(path) - set(PACKAGES) - sys.stdlib_module_names
        if not {plain(home) for home in homes.get(name, [name])} & declared
    }
    assert not missing


def plain(requirement: str) -> str:
    """A requirement's name alone, spelled the one way."""
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_files_stay_short() -> None:
    lines = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for folder in (*PACKAGES, "scripts", "tests")
        for path in modules(folder)
    }
    too_long = {name: count for name, count in lines.items() if count > LONGEST_FILE}
    assert not set(too_long) - set(LONG_FILES), (
        f"split these or list them with a reason: {too_long}"
    )
    assert not set(LONG_FILES) - set(too_long), "listed as long and no longer so"


def tracked_files() -> list[Path]:
    """Files of the repository, those not yet added included."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs git and the repository: asks which files are tracked")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"(?<![\w.~])/(?:tmp|work|root|farm|home|Users)/\w", "paths of one machine"),
        (r"\b(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|io)\b", "hosts of package registries"),
    ],
)
def test_no_file_depends_on_one_machine(pattern: str, what: str) -> None:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" in content or path.name == "LICENSE":
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert not found, f"{what}: {found}"
