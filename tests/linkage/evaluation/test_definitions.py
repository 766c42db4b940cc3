"""Each definition against its truth, and nesting counted from what was written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linkage.errors import ConfigError, InputError
from linkage.evaluation.definitions import evaluate_definitions, parse_truths
from linkage.io.output import write_folder, write_json, write_parquet, write_text

IDS = list("abcd")
MATCH = {"exact": {}, "variant": {"ignore": ["size"]}}


def results(folder: Path, variant: list[str], run: object | None = None) -> Path:
    clusters = pd.DataFrame({"id": IDS, "exact_id": ["a", "a", "c", "d"], "exact_confidence": 1.0})
    clusters = clusters.assign(variant_id=variant, variant_confidence=1.0)
    written = write_json({"config": {"match": MATCH}} if run is None else run)
    return write_folder(
        folder / "out", {"run.json": written, "clusters.parquet": write_parquet(clusters)}
    )


def truth(folder: Path, name: str, entities: str) -> Path:
    path = folder / f"{name}.csv"
    rows = zip(IDS, entities, strict=True)
    path.write_text("id,entity_id\n" + "".join(f"{i},{e}\n" for i, e in rows))
    return path


def test_each_definition_has_its_truth(tmp_path: Path) -> None:
    out = results(tmp_path, ["a", "a", "a", "d"])
    files = {"exact": truth(tmp_path, "e", "1123"), "variant": truth(tmp_path, "v", "1111")}
    found = evaluate_definitions(out, files)
    assert list(found.definitions) == ["exact", "variant"]
    assert found.definitions["exact"].metrics["pairwise"]["f1"] == 1
    assert found.definitions["exact"].metrics["exact_clusters"] == 3
    assert found.definitions["variant"].metrics["pairwise"]["recall"] == 0.5
    assert found.definitions["variant"].metrics["bcubed_precision"] == 1
    assert found.violations == 0
    plain = found.to_dict()
    assert set(plain["definitions"]) == {"exact", "variant"}
    assert plain["nesting"] == [{"stricter": "exact", "looser": "variant", "violations": 0}]


def test_clusters_that_do_not_nest_are_counted(tmp_path: Path) -> None:
    out = results(tmp_path, ["a", "b", "b", "d"])
    assert evaluate_definitions(out, {"exact": truth(tmp_path, "e", "1123")}).violations == 1


@pytest.mark.parametrize(
    "match", [{"exact": {}}, {"exact": {"output": False}, "variant": {"ignore": ["size"]}}]
)
def test_a_single_definition_has_no_nesting(tmp_path: Path, match: dict) -> None:
    clusters = pd.DataFrame({"id": IDS, "cluster_id": IDS, "confidence": 1.0})
    config = {"config": {"match": match}}
    files = {"run.json": write_json(config), "clusters.parquet": write_parquet(clusters)}
    out = write_folder(tmp_path / "out", files)
    found = evaluate_definitions(out, {"": truth(tmp_path, "e", "1234")})
    assert (found.nesting, found.violations) == ([], 0)
    assert found.to_dict()["protocol"] == "Clusters: 4 records"


def test_truths_are_named(tmp_path: Path) -> None:
    odd = tmp_path / "a=b.csv"
    write_text("id,entity_id\n")(odd)
    assert parse_truths(["t.csv"]) == {"": Path("t.csv")}
    assert parse_truths(["t.csv"], "exact") == {"exact": Path("t.csv")}
    assert parse_truths(["exact=t.csv", "variant=u.csv"]) == {
        "exact": Path("t.csv"),
        "variant": Path("u.csv"),
    }
    assert parse_truths([str(odd)]) == {"": odd}
    with pytest.raises(ConfigError, match=r"'exact' has two files, t\.csv and u\.csv"):
        parse_truths(["exact=t.csv", "exact=u.csv"])
    with pytest.raises(ConfigError, match="the run has two files"):
        parse_truths(["t.csv", "u.csv"])


def test_an_unknown_definition_is_refused(tmp_path: Path) -> None:
    out = results(tmp_path, ["a"] * 4)
    with pytest.raises(ConfigError, match=r"(?s)no match definition 'varient'.*'variant'"):
        evaluate_definitions(out, {"varient": truth(tmp_path, "e", "1123")})


def test_a_broken_account_is_refused(tmp_path: Path) -> None:
    out = results(tmp_path, ["a"] * 4, run=[1])
    with pytest.raises(InputError, match=r"run\.json cannot be read"):
        evaluate_definitions(out, {"exact": truth(tmp_path, "e", "1123")})
