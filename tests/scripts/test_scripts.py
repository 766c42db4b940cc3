"""The shell scripts: they parse, they can be run, and their alarms go off."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ["scripts/setup_environment", "scripts/demo", "scripts/test", ".ci/run"]
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="the scripts are for bash, which is not here")


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_parse_and_can_be_run(script: str) -> None:
    done = run(BASH, "-n", ROOT / script)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(ROOT / script, os.X_OK)
    assert "set -euo pipefail" in (ROOT / script).read_text(encoding="utf-8")


def test_continuous_integration_refuses_to_run_without_its_data(tmp_path: Path) -> None:
    done = run(BASH, ROOT / ".ci/run", LINKAGE_DATA=str(tmp_path / "absent"))
    assert done.returncode == 1
    assert "no benchmark data in" in done.stderr
    assert "absent" in done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with nothing but the set-up in it, and a folder ``bin`` with few programs."""
    for name in ("pyproject.toml", "scripts/setup_environment"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for program in ("cat", "cksum", "dirname", "grep"):
        (tmp_path / "bin" / program).symlink_to(str(shutil.which(program)))
    return tmp_path


def set_up(copy: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(BASH, copy / "scripts/setup_environment", PATH=str(copy / "bin"), **environment)


def add_program(copy: Path, name: str, text: str) -> Path:
    path = copy / "bin" / name
    path.write_text(f"#!{BASH}\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_set_up_without_python_says_what_to_install(copy: Path) -> None:
    done = set_up(copy)
    assert done.returncode == 1
    assert "no Python 3.11 or later found" in done.stderr


def test_set_up_passes_over_an_old_python(copy: Path) -> None:
    add_program(copy, "python3", "exit 1")
    assert "no Python 3.11 or later found (tried python3.11, python3)" in set_up(copy).stderr


def test_set_up_says_what_a_python_without_venv_lacks(copy: Path) -> None:
    add_program(copy, "python3.11", 'case "$*" in *venv*) exit 1 ;; esac')
    done = set_up(copy)
    assert done.returncode == 1
    assert "python3.11 lacks the modules venv and ensurepip" in done.stderr


FAKE_PYTHON = """
log="{folder}/log"
echo "$@" >>"$log"
if [ "$2" = venv ]; then
    "{mkdir}" -p .venv/bin
    "{cp}" "$0" .venv/bin/python
fi
"""


def test_set_up_installs_torch_first_and_only_once(copy: Path) -> None:
    programs = {name: shutil.which(name) for name in ("mkdir", "cp")}
    mine = add_program(copy, "mine", FAKE_PYTHON.format(folder=copy, **programs))
    done = set_up(copy, PYTHON=str(mine))
    assert (done.returncode, done.stderr) == (0, "")
    log = (copy / "log").read_text(encoding="utf-8")
    installs = [line.split()[-1] for line in log.splitlines() if "pip install" in line]
    assert installs == ["pip", "torch==2.13.0", ".[dev]"]

    assert set_up(copy, PYTHON=str(mine)).stdout == ""
    assert (copy / "log").read_text(encoding="utf-8") == log

    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert "Setting up .venv" in set_up(copy, PYTHON=str(mine)).stdout
