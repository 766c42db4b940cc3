"""Results are compared with the truth by the protocol the truth allows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linkage.errors import ConfigError, InputError, LabelError
from linkage.evaluation.run import evaluate_run
from linkage.io.output import write_folder, write_json, write_parquet

PAIRS = {"left_id": ["a", "b"], "right_id": ["b", "c"], "score": [0.9, 0.2], "match": [True, False]}
CLUSTERS = {"id": ["a", "b", "c"], "cluster_id": ["a", "a", "c"], "confidence": [0.9, 0.9, 1.0]}


def results(folder: Path, pairs: dict[str, list[object]], clusters: dict[str, list[str]]) -> Path:
    files = {
        "run.json": write_json({}),
        "pairs.parquet": write_parquet(pd.DataFrame(pairs)),
        "clusters.parquet": write_parquet(pd.DataFrame(clusters)),
    }
    return write_folder(folder / "out", files)


def truth(folder: Path, text: str) -> Path:
    path = folder / "truth.csv"
    path.write_text(text)
    return path


def test_clusters(tmp_path: Path) -> None:
    out = results(tmp_path, PAIRS, CLUSTERS)
    full = evaluate_run(out, truth(tmp_path, "id,entity_id\na,1\nb,1\nc,1\n"))
    rows = dict(full.rows)
    assert (rows["pairwise precision"], rows["pairwise recall"]) == (1.0, pytest.approx(1 / 3))
    assert (rows["predicted clusters"], rows["true clusters"]) == (2, 1)
    part = evaluate_run(out, truth(tmp_path, "id,entity_id\na,1\nb,1\n"))
    assert dict(part.rows)["records without truth, left out"] == 1


def test_pairs_of_one_table_are_undirected_and_closed(tmp_path: Path) -> None:
    clusters = {"id": ["a", "b", "c"], "cluster_id": ["a"] * 3, "confidence": ["1"] * 3}
    out = results(tmp_path, PAIRS, clusters)
    found = evaluate_run(out, truth(tmp_path, "left_id,right_id\nb,a\nc,a\n"))
    assert (found.metrics["predicted"], found.metrics["correct"]) == (3, 2)


def test_pairs_of_two_tables(tmp_path: Path) -> None:
    pairs = {**PAIRS, "left_id": ["a", "b"], "right_id": ["a", "a"]}
    clusters = {
        "id": ["a", "b", "a"],
        "source": ["left", "left", "right"],
        "cluster_id": ["a", "b", "a"],
        "confidence": ["1"] * 3,
    }
    out = results(tmp_path, pairs, clusters)
    found = evaluate_run(out, truth(tmp_path, "left_id,right_id\na,a\nb,a\n"))
    assert found.metrics["f1"] == pytest.approx(2 / 3)
    assert "blocking included" in found.protocol
    with pytest.raises(
        LabelError, match="1 values of column 'right_id' are no ids of the run: 'b'"
    ):
        evaluate_run(out, truth(tmp_path, "left_id,right_id\na,b\n"))
    with pytest.raises(LabelError, match="a column 'source' must tell equal ids apart"):
        evaluate_run(out, truth(tmp_path, "id,entity_id\na,1\nb,1\n"))
    whole = evaluate_run(
        out, truth(tmp_path, "id,entity_id,source\na,1,left\nb,1,left\na,1,right\n")
    )
    assert whole.metrics["records"] == 3


def test_split_counts_absent_pairs_as_no_match(tmp_path: Path) -> None:
    out = results(tmp_path, PAIRS, CLUSTERS)
    text = "left_id,right_id,label\nb,a,1\na,c,1\nc,b,0\n"
    found = evaluate_run(out, truth(tmp_path, text))
    assert (found.metrics["precision"], found.metrics["recall"]) == (1.0, 0.5)
    assert found.metrics["matches_not_candidates"] == 1
    assert "3 labelled pairs" in found.protocol


def test_several_definitions(tmp_path: Path) -> None:
    ids = ["a", "b", "c"]
    clusters = {"id": ids, "exact_id": ids, "exact_confidence": ["1"] * 3}
    clusters |= {"variant_id": ["a"] * 3, "variant_confidence": ["1"] * 3}
    pairs = {name: PAIRS[name] for name in ("left_id", "right_id")}
    pairs |= {"exact_score": [0.1, 0.1], "exact_match": [False, False]}
    pairs |= {"variant_score": [0.9, 0.9], "variant_match": [True, True]}
    out = results(tmp_path, pairs, clusters)
    same = truth(tmp_path, "id,entity_id\na,1\nb,1\nc,1\n")
    assert evaluate_run(out, same, definition="variant").metrics["exact_clusters"] == 1
    assert evaluate_run(out, same, definition="exact").metrics["exact_clusters"] == 0
    split = truth(tmp_path, "left_id,right_id,label\na,b,1\nb,c,0\n")
    assert evaluate_run(out, split, definition="variant").metrics["precision"] == 0.5
    with pytest.raises(ConfigError, match=r"several match definitions: exact, variant"):
        evaluate_run(out, same)
    with pytest.raises(ConfigError, match=r"(?s)no match definition 'varient'.*'variant'"):
        evaluate_run(out, same, definition="varient")


def test_faults(tmp_path: Path) -> None:
    good = truth(tmp_path, "id,entity_id\na,1\n")
    with pytest.raises(InputError, match="none does not exist"):
        evaluate_run(tmp_path / "none", good)
    with pytest.raises(InputError, match=r"no results folder: it has no clusters\.parquet"):
        evaluate_run(tmp_path, good)
    out = results(tmp_path, PAIRS, CLUSTERS)
    with pytest.raises(LabelError, match="columns of no known shape"):
        evaluate_run(out, truth(tmp_path, "a,b,c\n1,2,3\n"))
    with pytest.raises(LabelError, match="1 values of column 'id' are no ids of the run: 'z'"):
        evaluate_run(out, truth(tmp_path, "id,entity_id\nz,1\n"))
    with pytest.raises(LabelError, match="1 rows have no entity"):
        evaluate_run(out, truth(tmp_path, "id,entity_id\na,1\nb,\n"))
    with pytest.raises(LabelError, match="'a' occurs more than once"):
        evaluate_run(out, truth(tmp_path, "id,entity_id\na,1\na,2\n"))
