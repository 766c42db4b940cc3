"""The structure of the code: rooms import lower rooms only, imports stay light, files stay short.

A room is a folder or a module at the top of a package. An import counts wherever it stands: at the
top of a module, in a function, or for type checkers alone.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import networkx as nx
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
#: The rooms of a package, lowest first: a module imports its own room and those before it. Rooms
#: in one line are one level, and may import each other.
ORDER = {
    "features": (
        ("feature_names",),
        ("arrays",),
        ("text",),
        ("values",),
        ("variants",),
        ("embeddings",),
        ("images",),
        (
            "header_words", "kinds", "records", "attributes", "statements", "prepare",
            "record_texts",
        ),
        ("compare",),
    ),
    "linkage": (
        ("version",),
        ("errors",),
        ("runtime",),
        ("config",),
        ("io",),
        ("variants",),
        ("models",),
        ("clustering",),
        ("evaluation",),
        ("scoring",),
        ("training",),
        ("results",),
        ("golden",),
        ("pipeline",),
        ("report",),
        ("explanation",),
        ("result",),
        ("state",),
        ("linker",),
        ("classify",),
        ("challenge",),
        ("cli",),
        ("__main__",),
    ),
}  # fmt: skip
LONGEST_FILE = 350
#: How the sentence of a module's docstring begins that says why the file is longer.
LONG_REASON = re.compile(r"(?:^|[.\n] *)Long because ")
MOST_FILES = 20


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


def module_of(path: Path) -> str:
    """The dotted name by which a file is imported."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


PATHS = {module_of(path): path for path in MODULES}


@cache
def imported_modules(module: str) -> dict[str, int]:
    """Modules of ours that a module imports anywhere, with the line of the first such import."""
    found: dict[str, int] = {}
    for node in ast.walk(tree(PATHS[module])):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in PATHS else str(node.module) for name in whole]
        else:
            continue
        for name in names:
            if name in PATHS and name != module:
                found[name] = min(node.lineno, found.get(name, node.lineno))
    return found


def level_of(module: str) -> int:
    """The place of a module's room in the order of its package; the package itself is on top."""
    package, _, rest = module.partition(".")
    if not rest:
        return len(ORDER[package])
    room = rest.partition(".")[0]
    found = [level for level, rooms in enumerate(ORDER[package]) if room in rooms]
    assert found, f"the room {package}/{room} has no place in ORDER"
    return found[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_packages_import_one_way(path: Path) -> None:
    package = name_of(path).partition("/")[0]
    above = imported(path) & set(PACKAGES) - {package, *BELOW[package]}
    assert not above, f"{name_of(path)} imports {above}"


@pytest.mark.parametrize("package", ORDER)
def test_rooms_import_lower_rooms_only(package: str) -> None:
    upward = [
        f"{name_of(PATHS[module])}:{line} imports {other}"
        for module in PATHS
        if module.partition(".")[0] == package
        for other, line in imported_modules(module).items()
        if other.partition(".")[0] == package and level_of(other) > level_of(module)
    ]
    assert not upward, "\n".join(upward)


@pytest.mark.parametrize("package", ORDER)
def test_every_room_of_the_order_exists(package: str) -> None:
    here = {path.stem for path in (ROOT / package).glob("*") if path.suffix in ("", ".py")}
    assert not {room for rooms in ORDER[package] for room in rooms} - here


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = nx.DiGraph((module, other) for module in PATHS for other in imported_modules(module))
    circles = [sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1]
    assert not circles, "\n".join(", ".join(circle) for circle in sorted(circles))


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
    names = [module_of(path) for path in MODULES if path.name != "__main__.py"]
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


FILES = [path for folder in (*PACKAGES, "scripts", "tests") for path in modules(folder)]


def test_files_stay_short() -> None:
    too_long = {}
    for path in FILES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        reason = LONG_REASON.search(ast.get_docstring(tree(path)) or "")
        if lines > LONGEST_FILE and reason is None:
            too_long[name_of(path)] = lines
        assert reason is None or lines > LONGEST_FILE, f"{name_of(path)} is no longer long"
    assert not too_long, f"split these, or say why in a sentence 'Long because': {too_long}"


def test_folders_stay_small() -> None:
    counts = Counter(name_of(path.parent) for path in FILES)
    large = {folder: count for folder, count in counts.items() if count > MOST_FILES}
    assert not large, f"more than {MOST_FILES} Python files: {large}"


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
