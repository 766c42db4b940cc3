"""Updates of a state: deltas of a simulated week, their ids, decisions, log and refusals."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalog_states import check_replay, current_clusters
from catalogs import cluster_f1, example_slice

from linkage import Config, Linker
from linkage.cli.app import main
from linkage.config.match_definition import MatchDefinition
from linkage.errors import InputError
from linkage.io.decision_tables import decision_table
from linkage.state.catalog_state import CatalogState
from linkage.state.decisions import add_decisions
from linkage.state.models import model_of_state
from linkage.state.run_records import begin_run

CONFIG = Config(quality="fast", threads=1)


@pytest.fixture(scope="module")
def week() -> tuple[pd.DataFrame, pd.Series]:
    return example_slice(130)


@pytest.fixture(scope="module")
def monday(week: tuple[pd.DataFrame, pd.Series], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of the first 300 rows."""
    path: Path = tmp_path_factory.mktemp("week") / "catalog.linkage"
    Linker(CONFIG).match(week[0].iloc[:300], state=path)
    return path


@pytest.fixture
def copied(monday: Path, tmp_path: Path) -> CatalogState:
    path = tmp_path / "catalog.linkage"
    path.write_bytes(monday.read_bytes())
    return CatalogState.at(path)


def groups(clusters: pd.Series) -> dict[frozenset[str], str]:
    """The id of each cluster by its records."""
    return {frozenset(own.index): name for name, own in clusters.groupby(clusters)}


def test_a_week_of_deltas_is_as_good_as_a_rebuild(
    week: tuple[pd.DataFrame, pd.Series], copied: CatalogState, tmp_path: Path
) -> None:
    table, truth = week
    rest, rng = table.iloc[300:], np.random.default_rng(5)
    now = table.iloc[:300].set_index("id", drop=False)
    for day in np.array_split(np.arange(len(rest)), 5):
        delta = rest.iloc[day]
        changed = now.iloc[rng.choice(len(now), 5, replace=False)].copy()
        changed["title"] += " new"
        gone = list(rng.choice(now.index.difference(changed["id"]), 5, replace=False))
        before = groups(current_clusters(copied))
        done = Linker.update(copied.path, pd.concat([delta, changed]), delete=gone)
        assert (done.new, done.changed, done.deleted) == (len(delta), 5, 5)
        now = pd.concat([now.drop([*changed["id"], *gone]), changed, delta.set_index("id", drop=0)])
        after = groups(current_clusters(copied))
        assert all(after[own] == name for own, name in before.items() if own in after)
        grown = [
            (name, found) for own, name in before.items() for other, found in after.items()
            if own < other and not any(one & other for one in before if one != own)
        ]  # fmt: skip
        assert grown
        assert all(name == found for name, found in grown)
        check_replay(copied)
    clusters = current_clusters(copied)
    assert set(clusters.index) == set(now["id"])
    updated = clusters.rename("cluster_id").rename_axis("id").reset_index()
    model = tmp_path / "model"
    model.mkdir()
    with copied.reading() as connection:
        model_of_state(connection, model)
    whole = now.reset_index(drop=True)
    # What the same model makes of the whole catalog; learning anew from more records is better.
    rebuilt = Linker.load(model).match(whole).clusters
    learned = Linker(CONFIG).match(whole).clusters
    assert cluster_f1(updated, truth) > cluster_f1(rebuilt, truth) - 0.01
    assert cluster_f1(updated, truth) > cluster_f1(learned, truth) - 0.03


def test_the_same_delta_in_any_order_changes_the_same_once(
    week: tuple[pd.DataFrame, pd.Series], copied: CatalogState, tmp_path: Path
) -> None:
    delta = week[0].iloc[300:360]
    other = CatalogState.at(tmp_path / "other.linkage")
    other.path.write_bytes(copied.path.read_bytes())
    first = Linker.update(copied.path, delta, delete=["not there"])
    assert (first.run, first.unknown) == (2, 1)
    assert len(first.changes)
    Linker.update(other.path, delta.iloc[::-1])
    pd.testing.assert_series_equal(current_clusters(copied), current_clusters(other))
    content = copied.path.read_bytes()
    again = Linker.update(copied.path, delta)
    assert (again.run, again.unchanged, len(again.changes)) == (None, 60, 0)
    assert copied.path.read_bytes() == content


def test_decisions_bind_updates(week: tuple[pd.DataFrame, pd.Series], copied: CatalogState) -> None:
    clusters = current_clusters(copied)
    sizes = clusters.groupby(clusters).transform("size")
    one, other = clusters[sizes == sizes.max()].sort_values().index[:2]
    far = clusters[clusters != clusters[one]].index[0]
    rows = pd.DataFrame(
        {"left_id": [one, one], "right_id": [other, far], "answer": ["different", "same"]}
    )
    with copied.writing() as connection:
        add_decisions(connection, decision_table(rows), begin_run(connection, "decide", 300))
    for part in (week[0].iloc[300:310], week[0].iloc[310:330]):
        done = Linker.update(copied.path, part)
        found = current_clusters(copied)
        assert found[one] != found[other]
        assert found[one] == found[far]
        check_replay(copied)
        assert "a person" not in set(done.changes["cause"]) or done.run == 3


def test_a_dry_run_and_a_refusal_write_nothing(
    week: tuple[pd.DataFrame, pd.Series], copied: CatalogState
) -> None:
    content, delta = copied.path.read_bytes(), week[0].iloc[300:330]
    planned = Linker.update(copied.path, delta, dry_run=True)
    assert planned.run is None
    assert copied.path.read_bytes() == content
    gone = list(current_clusters(copied).index[:40])
    with pytest.raises(InputError, match=r"changes \d+ of \d+ ids of clusters \(\d"):
        Linker.update(copied.path, delete=gone, max_changed=0.01)
    assert copied.path.read_bytes() == content
    done = Linker.update(copied.path, delta, max_changed=0.5)
    pd.testing.assert_frame_equal(done.changes, planned.changes)


def test_a_deleted_row_comes_back_to_its_id(
    week: tuple[pd.DataFrame, pd.Series], copied: CatalogState
) -> None:
    row, before = week[0].iloc[:1], current_clusters(copied)
    assert Linker.update(copied.path, delete=list(row["id"])).deleted == 1
    assert row["id"][0] not in current_clusters(copied)
    Linker.update(copied.path, row)
    pd.testing.assert_series_equal(current_clusters(copied), before)
    check_replay(copied)


def test_what_cannot_be_updated_is_refused(
    week: tuple[pd.DataFrame, pd.Series], copied: CatalogState
) -> None:
    rows = week[0].iloc[300:302]
    with pytest.raises(InputError, match="lack title"):
        Linker.update(copied.path, rows.drop(columns="title"))
    with pytest.raises(InputError, match="both a row and to be deleted"):
        Linker.update(copied.path, rows, delete=list(rows["id"]))
    with pytest.raises(InputError, match="nothing to update"):
        Linker.update(copied.path)
    with pytest.raises(InputError, match="deletes every record"):
        Linker.update(copied.path, delete=list(week[0]["id"].iloc[:300]))


def test_the_command_lists_what_changed(
    week: tuple[pd.DataFrame, pd.Series],
    copied: CatalogState,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    new, gone = tmp_path / "new.csv", tmp_path / "gone.csv"
    week[0].iloc[300:320].to_csv(new, index=False)
    week[0].iloc[:2][["id"]].to_csv(gone, index=False)
    with pytest.raises(SystemExit) as ended:
        main(["update", str(copied.path), str(new), "--delete", str(gone)])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "20 new, 0 changed and 2 deleted records" in text
    assert "run 2 of catalog.linkage" in text
    assert "grew" in text


def test_a_killed_update_leaves_the_state_of_before_or_after(
    week: tuple[pd.DataFrame, pd.Series], copied: CatalogState, tmp_path: Path
) -> None:
    new, content = tmp_path / "new.csv", copied.path.read_bytes()
    week[0].iloc[300:320].to_csv(new, index=False)
    before = current_clusters(copied)
    command = [sys.executable, "-m", "linkage", "update", str(copied.path), str(new), "--quiet"]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    seconds, after = time.monotonic() - began, current_clusters(copied)
    seen = set()
    for share in (0.5, 0.7, 0.85, 0.95):
        copied.path.write_bytes(content)
        killed = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(share * seconds)
        killed.kill()
        killed.communicate()
        found = current_clusters(copied)
        seen.add("before" if found.equals(before) else "after")
        assert found.equals(before) or found.equals(after)
        check_replay(copied)
    assert "before" in seen  # one at least was killed before its end


def test_definitions_stay_nested(week: tuple[pd.DataFrame, pd.Series], state: CatalogState) -> None:
    table = week[0]
    exact, variant = MatchDefinition("exact"), MatchDefinition("variant", ("colour", "size"))
    config = Config(quality="fast", threads=1, match={"exact": exact, "variant": variant})
    Linker(config).match(table.iloc[:200], state=state.path)
    Linker.update(state.path, table.iloc[200:230], delete=list(table["id"].iloc[:3]))
    check_replay(state)
    with state.reading() as connection:
        rows = connection.execute("SELECT definition, id, cluster_id FROM current").df()
    found = rows.pivot_table(index="id", columns="definition", values="cluster_id", aggfunc="first")
    assert len(found) == 227
    assert not found.isna().any(axis=None)
    assert (found.groupby("exact")["variant"].nunique() == 1).all()


def test_columns_of_sources_and_rules_are_there_for_an_update(tmp_path: Path) -> None:
    table = example_slice(80)[0]
    config = Config.from_dict(
        {
            "quality": "fast",
            "catalog": {"source": "seller"},
            "match": {"exact": {"cannot": [{"column": "mpn", "when": "differ"}]}},
            "attributes": {"title": "text", "brand": "name", "price": "price"},
        }
    )
    state = tmp_path / "catalog.linkage"
    Linker(config).match(table.iloc[20:], state=state)
    found = Linker(config).update(state, table.iloc[:20])
    assert found.changes["kind"].isin(["created", "grew", "merged", "moved"]).all()
    assert len(found.changes) > 0
