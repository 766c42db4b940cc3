"""The command line: what is passed on, what is printed, and how it exits.

Long because each command and each option has a small test of its own.
"""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
from rich.console import Console

from linkage import __version__
from linkage.cli import app as cli
from linkage.cli.progress import StepDisplay
from linkage.config.authored import Config
from linkage.errors import ModelError
from linkage.io.destination.folder_kinds import MODEL
from linkage.io.output import write_folder, write_json, write_parquet

CATALOG = "id,title,color\na,red shoe,red\nb,shoe red,red\nc,blue hat,\n"


class FakeResult:
    def write(
        self,
        folder: Path,
        force: bool = False,
        with_columns: bool = False,
        report: bool = True,
        safe_csv: bool = False,
    ) -> None:
        FakeLinker.calls.append(("write", with_columns, report))
        write_folder(folder, {"run.json": write_json({"definitions": {}})}, force=force)

    def summary(self) -> str:
        return "2 entities"


class FakeLinker:
    """Stands for the learning core, and remembers what it was asked."""

    calls: ClassVar[list[tuple[Any, ...]]] = []
    saved = Config()
    failure: Callable[[], None] | None = None

    def __init__(self, config: Config, progress: Any = None, resuming: Any = None) -> None:
        self.config, self.progress = config, progress
        self.calls.append(("init", config))

    def fit(
        self, left: Any, right: Any = None, labels: Any = None, validation: Any = None
    ) -> FakeLinker:
        self.calls.append(("fit", left, right, labels, validation))
        return self

    def match(
        self,
        left: Any,
        right: Any = None,
        labels: Any = None,
        validation: Any = None,
        state: Any = None,
    ) -> FakeResult:
        if FakeLinker.failure is not None:
            FakeLinker.failure()
        if labels:
            self.fit(left, right, labels, validation)
        self.progress("compare", 0.5)
        self.calls.append(("match", left, right, self.config))
        return FakeResult()

    def score(self, left: Any, right: Any, pairs: pd.DataFrame) -> pd.DataFrame:
        self.calls.append(("score", left, right))
        scores = [0.9 if one == "a" else 0.1 for one in pairs["left_id"]]
        scored = pairs.assign(score=scores, match=[score > 0.5 for score in scores])
        return scored.iloc[::-1]

    def save(self, folder: Path, force: bool = False) -> None:
        files = {"model.json": write_json({"definitions": {}})}
        write_folder(folder, files, force=force, kind=MODEL)

    @classmethod
    def load(cls, folder: Path) -> FakeLinker:
        linker = cls(cls.saved)
        cls.calls.append(("load", folder))
        return linker


@pytest.fixture(autouse=True)
def fake_linker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = types.ModuleType("linkage.linker")
    module.Linker = FakeLinker  # type: ignore[attr-defined]
    module.resumable_linker = FakeLinker  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "linkage.linker", module)
    monkeypatch.setattr(FakeLinker, "calls", [])
    monkeypatch.setattr(FakeLinker, "failure", None)
    for name in ("linkage", "blocking", "features"):
        # The command line sets up logging; the next test must not write to this one's stream.
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, CATALOG)


def write(folder: Path, text: str, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    code = caught.value.code
    assert code is None or isinstance(code, int)
    return code or 0


def called(name: str) -> tuple[Any, ...]:
    return next(call for call in FakeLinker.calls if call[0] == name)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"linkage {__version__}\n"


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    text = capsys.readouterr().out
    for command in (
        "profile",
        "dedupe",
        "link",
        "group",
        "train",
        "score",
        "evaluate",
        "explain",
        "challenge",
    ):
        assert command in text


def test_help_loads_nothing_heavy() -> None:
    """So that help takes a fraction of a second on any machine."""
    code = (
        "import sys\nfrom linkage.cli import app as cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'numba', 'lightgbm', 'sklearn', 'scipy', 'torch',"
        " 'faiss', 'sentence_transformers', 'rapidfuzz', 'matplotlib', 'duckdb', 'features.kinds'}"
        "\nassert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(cli.__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr


def test_dedupe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dedupe", "shop.csv", "-o", "out", "--seed", "7", "--quality", "fast") == 0
    _, left, right, config = called("match")
    assert left.column("id").to_pylist() == ["a", "b", "c"]
    assert right is None
    assert (config.seed, config.quality, list(config.match)) == (7, "fast", ["exact"])
    assert "fit" not in [call[0] for call in FakeLinker.calls], "the linker starts itself"
    captured = capsys.readouterr()
    assert captured.out == "2 entities\nresults: out\n"
    assert (tmp_path / "out" / "run.json").exists()


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dedupe", "shop.csv", "-o", "out", "--quiet") == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_verbose_names_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dedupe", "shop.csv", "-o", "out", "--verbose") == 0
    steps = [line.split()[0] for line in capsys.readouterr().err.splitlines()]
    assert steps == ["read", "compare", "write"]


def test_options_overrule_the_configuration(tmp_path: Path) -> None:
    write(
        tmp_path,
        "seed = 1\n[catalog]\nid = 'key'\n[training]\nrecall = 0.5\n[match.exact]\n"
        "[match.variant]\nignore = ['title']\ncannot = [{column = 'color', when = 'equal'}]\n",
        "c.toml",
    )
    arguments = [
        "--id",
        "id",
        "--precision",
        "0.9",
        "--ignore",
        "color",
        "--with-columns",
        "-c",
        "c.toml",
    ]
    assert run("dedupe", "shop.csv", "-o", "out", *arguments) == 0
    config = called("match")[3]
    assert (config.seed, config.catalog.id) == (1, "id")
    assert (config.training.precision, config.training.recall) == (0.9, None)
    assert list(config.match) == ["exact", "variant"]
    assert config.match["variant"].ignore == ("color",)
    assert config.match["variant"].cannot[0].column == "color"
    assert called("write")[1:] == (True, True)


def test_a_run_without_a_report() -> None:
    assert run("dedupe", "shop.csv", "-o", "out", "--no-report") == 0
    assert called("write")[2] is False


def test_group_answers_exact_inside(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("group", "shop.csv", "-o", "out", "--ignore", "color") == 0
    assert written() == {"exact": False, "variant": True}
    assert run("group", "shop.csv", "-o", "other") == 2
    assert "Give --ignore COLUMN" in capsys.readouterr().err


def test_group_writes_the_definitions_of_the_configuration_that_ignore(tmp_path: Path) -> None:
    rules = "must = [{column = 'title'}]\ncannot = [{column = 'color'}]\n"
    write(tmp_path, f"[match.same]\n{rules}[match.style]\nignore = ['color']\n", "c.toml")
    assert run("group", "shop.csv", "-o", "out", "-c", "c.toml") == 0
    assert written() == {"same": False, "style": True}
    same = called("match")[3].match["same"]
    assert [rule.column for rule in (*same.must, *same.cannot)] == ["title", "color"]


def test_group_with_a_definition_of_the_name_exact_that_ignores(tmp_path: Path) -> None:
    write(tmp_path, "[match.exact]\nignore = ['color']\n", "c.toml")
    assert run("group", "shop.csv", "-o", "out", "-c", "c.toml") == 0
    assert written() == {"exact": True}


def written() -> dict[str, bool]:
    """Whether each match definition of the last run is written."""
    return {name: one.output for name, one in called("match")[3].match.items()}


def test_link_with_labels(tmp_path: Path) -> None:
    write(tmp_path, "id,title\nx,red shoe\n", "right.csv")
    write(tmp_path, "left_id,right_id,label\na,x,1\nc,x,0\n", "labels.csv")
    given = ["--labels", "labels.csv", "--validation", "more.csv"]
    write(tmp_path, "left_id,right_id,label\nc,x,1\nb,x,0\na,x,0\n", "more.csv")
    assert run("link", "shop.csv", "right.csv", *given, "-o", "out") == 0
    _, left, right, labels, validation = called("fit")
    assert (left.num_rows, right.num_rows, labels["exact"].table.num_rows) == (3, 1, 2)
    assert validation["exact"].table.num_rows == 3


def test_validation_needs_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "left_id,right_id,label\na,b,1\nb,c,0\n", "more.csv")
    assert run("dedupe", "shop.csv", "--validation", "more.csv", "-o", "out") == 2
    assert "training.validation needs training.labels" in capsys.readouterr().err


def test_train_on_a_catalog_or_on_groups_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = "labeling_set_id,label,title\n1,x,red shoe\n1,x,shoe red\n1,y,hat\n"
    write(tmp_path, groups, "groups.csv")
    assert run("train", "--labels", "groups.csv", "--model", "model") == 0
    _, left, _, labels, _ = called("fit")
    assert left is None
    assert labels["exact"].training_table.num_rows == 3
    assert (tmp_path / "model" / "model.json").exists()
    assert run("train", "shop.csv", "--model", "model") == 1
    assert "--force" in capsys.readouterr().err
    assert run("train", "shop.csv", "--model", "model", "--force") == 0
    assert run("train", "--model", "other") == 2
    assert "no catalog is given" in capsys.readouterr().err


def test_a_model_settles_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model").mkdir()
    assert run("dedupe", "shop.csv", "--model", "model", "--threads", "1", "-o", "out") == 0
    assert called("match")[3].threads == 1
    assert called("load")[1] == Path("model")
    assert run("dedupe", "shop.csv", "--model", "model", "--ignore", "color", "-o", "b") == 2
    assert "--ignore cannot go with --model" in capsys.readouterr().err
    assert run("dedupe", "shop.csv", "--model", "modell", "-o", "b") == 1
    assert "the model modell does not exist" in capsys.readouterr().err


def test_a_model_for_other_attributes(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ModelError("the model compares 'brand'.", hint="Train another.")

    FakeLinker.failure = fail
    assert run("dedupe", "shop.csv", "-o", "out") == 1
    assert capsys.readouterr().err == "error: the model compares 'brand'.\n  Train another.\n"
    assert not Path("out").exists()


def test_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model").mkdir()
    write(tmp_path, "left_id,right_id,note\nb,c,first\na,b,second\n", "pairs.csv")
    arguments = ["score", "shop.csv", "--pairs", "pairs.csv", "--model", "model", "-o"]
    assert run(*arguments, "scores.csv") == 0
    assert (tmp_path / "scores.csv").read_text() == (
        "left_id,right_id,score,match,note\nb,c,0.1,False,first\na,b,0.9,True,second\n"
    )
    assert "2 pairs, 1 matches: scores.csv" in capsys.readouterr().out
    assert run(*arguments, "scores.csv") == 1
    assert run(*arguments, "scores.parquet") == 0
    assert pd.read_parquet(tmp_path / "scores.parquet")["score"].tolist() == [0.1, 0.9]
    assert run(*arguments, "scores.xlsx") == 2
    write(tmp_path, "left_id,right_id\na,zz\n", "pairs.csv")
    assert run(*arguments, "other.csv") == 1
    assert "'zz' (row 1)" in capsys.readouterr().err


def test_score_of_labelled_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model").mkdir()
    write(tmp_path, "left_id,right_id,label\na,b,1\na,c,0\nb,c,0\n", "pairs.csv")
    assert (
        run(*["score", "shop.csv", "--pairs", "pairs.csv", "--model", "model", "-o", "s.csv"]) == 0
    )
    text = capsys.readouterr().out
    assert "precision" in text
    assert "0.5000" in text


def test_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("profile", "shop.csv", "-o", "c.toml") == 0
    text = capsys.readouterr().out
    assert "shop.csv: 3 rows" in text
    assert "67%" in text
    assert list(Config.from_toml(tmp_path / "c.toml").attributes) == ["title", "color"]


def test_profile_as_page_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("profile", "shop.csv", "--html", "p.html", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert [column["name"] for column in printed["columns"]] == ["id", "title", "color"]
    assert "Profile of shop.csv" in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert run("profile", "shop.csv", "--html", "p.html") == 1, "never over what is there"
    assert "already exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("dedupe none.csv -o out", 1, "error: none.csv does not exist"),
        ("dedupe shop.csv -o out --id key", 1, "no column 'key'"),
        ("dedupe shop.csv -o out -c none.toml", 2, "none.toml does not exist"),
        ("dedupe shop.csv -o out -c bad.toml", 2, "2 faults"),
        ("dedupe shop.csv -o out --ignore colour", 2, "Did you mean 'color'?"),
        ("dedupe shop.csv -o out --precision 2", 2, "training.precision must be a number"),
        ("dedupe shop.csv -o out --precision 0.5 --recall 0.5", 2, "cannot both be set"),
        ("dedupe shop.csv -o out --quality quick", 2, "quality must be one of"),
        ("dedupe shop.csv -o shop.csv/out", 1, "shop.csv is a file"),
        ("dedupe shop.csv -o .", 1, "not results of this program"),
        ("dedupe shop.csv -o . --force", 1, "not results of this program"),
        ("dedupe latin.csv -o out", 1, "--encoding latin-1"),
        ("dedupe shop.csv -o out --labels none.csv", 1, "none.csv does not exist"),
        ("evaluate none --truth shop.csv", 1, "none does not exist"),
        ("dedupe shop.csv", 2, "Missing option"),
        ("dedup shop.csv", 2, "No such command"),
    ],
)
def test_faults_have_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, code: int, message: str
) -> None:
    write(tmp_path, "qualty = 'x'\nseed = -1\n", "bad.toml")
    (tmp_path / "latin.csv").write_bytes("id,title\n1,Käse\n".encode("latin-1"))
    before = sorted(path.name for path in tmp_path.iterdir())
    assert run(*arguments.split()) == code
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_faults_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    FakeLinker.failure = lambda: {}["no such key"]  # type: ignore[assignment]
    assert run("dedupe", "shop.csv", "-o", "out") == 1
    error = capsys.readouterr().err
    assert "should not have happened (KeyError: 'no such key')" in error
    assert "Traceback" not in error
    with pytest.raises(KeyError):
        cli.main(["dedupe", "shop.csv", "-o", "out", "--debug"])


def test_an_interrupted_run_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    FakeLinker.failure = interrupt
    assert run("dedupe", "shop.csv", "-o", "out") == 130
    assert not Path("out").exists()
    assert "interrupted: stopped" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", ["dedupe {} -o out", "dedupe shop.csv -o {}", "profile shop.csv -o {}"]
)
def test_over_long_paths_are_said(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    assert run(*arguments.format("x" * 5000).split()) == 1
    assert "File name too long" in capsys.readouterr().err


def test_faults_that_the_table_shows_name_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "[attributes]\nprcie = 'price'\n", "bad.toml")
    assert run("dedupe", "shop.csv", "-o", "out", "-c", "bad.toml") == 2
    assert "bad.toml: attributes.prcie" in capsys.readouterr().err


def test_steps_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 2.5, 2.5, 2.6])
    clock = types.SimpleNamespace(monotonic=lambda: next(moments))
    monkeypatch.setattr("linkage.cli.progress.time", clock)
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with StepDisplay(console=console) as display:
        display("read")
        display("score", 0.2)
        display("score", 1.5)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "read" in text
    assert "2.5 s" in text
    assert "0.1 s" not in text, "steps under a second leave no line"


def make_run(folder: Path) -> None:
    pairs = {"left_id": ["a", "b"], "right_id": ["b", "c"], "score": [0.9, 0.2]}
    clusters = {"id": ["a", "b", "c"], "cluster_id": ["a", "a", "c"], "confidence": [0.9, 0.9, 1.0]}
    write_folder(
        folder,
        {
            "run.json": write_json({}),
            "pairs.parquet": write_parquet(pd.DataFrame({**pairs, "match": [True, False]})),
            "clusters.parquet": write_parquet(pd.DataFrame(clusters)),
        },
    )


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        ("id,entity_id\na,1\nb,1\nc,2\n", "1.0000"),
        ("left_id,right_id\na,b\na,c\n", "0.5000"),
        ("left_id,right_id,label\nb,a,1\na,c,1\nb,c,0\n", "0.5000"),
    ],
)
def test_evaluate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], truth: str, expected: str
) -> None:
    make_run(tmp_path / "out")
    write(tmp_path, truth, "truth.csv")
    assert run("evaluate", "out", "--truth", "truth.csv") == 0
    assert expected in capsys.readouterr().out
    assert run("evaluate", "out", "--truth", "truth.csv", "--json") == 0
    assert json.loads(capsys.readouterr().out)["protocol"]
    assert run("evaluate", "out", "--truth", "truth.csv", "--truth", "truth.csv") == 2
    assert "has two files" in capsys.readouterr().err


@pytest.mark.parametrize(("chosen", "used"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_shares_memory_unless_the_user_chose_a_pool(chosen: str | None, used: str) -> None:
    """The command line chooses the pool before anything imports Arrow."""
    pool = "ARROW_DEFAULT_MEMORY_POOL"
    environment = {name: value for name, value in os.environ.items() if name != pool}
    if chosen is not None:
        environment[pool] = chosen
    script = (
        "import contextlib\nfrom linkage.cli.app import main\n"
        "with contextlib.suppress(SystemExit): main(['--version'])\n"
        "import pyarrow\nprint(pyarrow.default_memory_pool().backend_name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == used
