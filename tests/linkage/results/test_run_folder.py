"""What a run keeps for explanations: its catalogs' fingerprints, and errors with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.config.authored import Config
from linkage.errors import ConfigError, InputError
from linkage.io.reading import from_frame, read_table
from linkage.io.source_file import file_of
from linkage.results.run_folder import RunFolder, catalogs_account, fingerprint, model_of_run

ROWS = "id,title,price\na,Red pen,1.50\nb,Blue pen,\nc,,2\n"
CELLS = st.lists(st.none() | st.text(max_size=4), min_size=1, max_size=6)


def catalog(folder: Path, text: str = ROWS, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def run_of(folder: Path, *tables: pa.Table) -> RunFolder:
    run = {"config": {"catalog": {}}, "catalogs": catalogs_account(tables)}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return RunFolder.open(folder)


def test_a_table_knows_its_file(tmp_path: Path) -> None:
    path = catalog(tmp_path)
    account = catalogs_account([read_table(path), None])
    assert account[0]["path"] == str(path)
    assert account[0]["rows"] == 3
    assert len(account) == 1
    frame = from_frame(pd.DataFrame({"id": ["a"], "title": ["Pen"]}))
    assert file_of(frame) is None
    assert catalogs_account([frame])[0]["path"] is None


def test_a_fingerprint_is_of_cells_not_of_files(tmp_path: Path) -> None:
    table = read_table(catalog(tmp_path))
    pq.write_table(table.replace_schema_metadata(None), tmp_path / "shop.parquet")
    assert fingerprint(read_table(tmp_path / "shop.parquet")) == fingerprint(table)
    frame = from_frame(table.to_pandas())
    assert fingerprint(frame) == fingerprint(table)


@given(CELLS, st.integers(0, 5))
def test_a_fingerprint_does_not_depend_on_chunks(cells: list[str | None], cut: int) -> None:
    whole = pa.table({"x": pa.array(cells, pa.string())})
    parts = [whole.slice(0, cut), whole.slice(cut)]
    assert fingerprint(pa.concat_tables(parts)) == fingerprint(whole)
    padded = pa.table({"x": pa.array(["other", *cells], pa.string())})
    assert fingerprint(padded.slice(1)) == fingerprint(whole)


@given(CELLS, CELLS)
def test_other_cells_have_another_fingerprint(one: list[str | None], two: list[str | None]) -> None:
    tables = [pa.table({"x": pa.array(cells, pa.string())}) for cells in (one, two)]
    assert (fingerprint(tables[0]) == fingerprint(tables[1])) == (one == two)


def test_a_missing_cell_is_not_an_empty_one_nor_its_neighbours() -> None:
    variants = [["a", "bc"], ["ab", "c"], ["abc", None], ["abc", ""], [None, "abc"]]
    found = {fingerprint(pa.table({"x": pa.array(v, pa.string())})) for v in variants}
    assert len(found) == len(variants)


def test_the_catalog_is_read_again(tmp_path: Path) -> None:
    table = read_table(catalog(tmp_path))
    read, right = run_of(tmp_path, table).catalogs(Config())
    assert read.equals(table)
    assert right is None


def test_a_moved_catalog_is_named(tmp_path: Path) -> None:
    path = catalog(tmp_path)
    run = run_of(tmp_path, read_table(path))
    moved = path.rename(tmp_path / "moved.csv")
    with pytest.raises(InputError, match=r"shop\.csv, which is gone") as caught:
        run.catalogs(Config())
    assert "--catalog FILE" in caught.value.hint
    assert run.catalogs(Config(), [moved])[0].num_rows == 3
    with pytest.raises(ConfigError, match="given 2 times; the run read 1 table"):
        run.catalogs(Config(), [moved, moved])


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (ROWS + "d,Pencil,3\n", "it had 3 rows, and has 4"),
        (ROWS.replace("price", "cost"), "it lacks price and it has cost in addition"),
        (ROWS.replace("Red", "Green"), "some of its cells are others"),
    ],
)
def test_a_changed_catalog_is_refused_with_the_change(
    tmp_path: Path, text: str, change: str
) -> None:
    run = run_of(tmp_path, read_table(catalog(tmp_path)))
    catalog(tmp_path, text)
    with pytest.raises(InputError, match=change) as caught:
        run.catalogs(Config())
    assert "shop.csv" in caught.value.message
    assert "Run again" in caught.value.hint


def test_a_catalog_that_cannot_be_read_any_more(tmp_path: Path) -> None:
    run = run_of(tmp_path, read_table(catalog(tmp_path)))
    catalog(tmp_path, "id,title\na,x\na,y\n")
    with pytest.raises(InputError, match="cannot be read any more"):
        run.catalogs(Config())


def test_tables_from_memory_need_a_file(tmp_path: Path) -> None:
    path = catalog(tmp_path)
    frame = from_frame(pd.read_csv(path, dtype=str))
    run = run_of(tmp_path, frame)
    with pytest.raises(InputError, match="from memory") as caught:
        run.catalogs(Config())
    assert "--catalog FILE" in caught.value.hint
    assert run.catalogs(Config(), [path])[0].num_rows == 3


def test_what_is_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no run\.json"):
        RunFolder.open(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        RunFolder.open(tmp_path / "nothing")
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize("text", ["[]", "5", '{"config": 5}', "{}", "nonsense"])
def test_an_account_that_is_none_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json cannot be read: "):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize("how", ["gone", "a folder", "bytes", "no column"])
@pytest.mark.parametrize("name", ["pairs", "clusters"])
def test_a_damaged_table_is_named(tmp_path: Path, name: str, how: str) -> None:
    run, path = run_of(tmp_path), tmp_path / f"{name}.parquet"
    if how == "a folder":
        path.mkdir()
    elif how == "bytes":
        path.write_bytes(b"PAR1 and no more")
    elif how == "no column":
        pd.DataFrame({"score": [0.5]}).to_parquet(path)
    with pytest.raises(InputError, match=rf"{name}\.parquet cannot be read: "):
        run.frame(name)


def test_a_run_of_an_earlier_version_says_so(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"config": {}}', encoding="utf-8")
    run = RunFolder.open(tmp_path)
    with pytest.raises(InputError, match="no folder named model"):
        run.model()
    with pytest.raises(InputError, match="does not say what catalog"):
        run.catalogs(Config())
    with pytest.raises(InputError, match=r"pairs\.parquet cannot be read"):
        run.frame("pairs")


def test_without_models_there_is_no_model_folder() -> None:
    assert model_of_run(None, None) == {}
    assert model_of_run(Config(), {}) == {}


@pytest.mark.parametrize(
    "altered",
    [
        [],
        {"config": {}, "definitions": []},
        {"config": {}, "catalogs": {"path": "shop.csv"}},
        {"config": {}, "catalogs": [{"file": "shop.csv"}]},
        {"config": {}, "catalogs": [{"path": 3}]},
        {"config": {}, "catalogs": [{"path": "shop.csv", "renamed": "a"}]},
    ],
)
def test_an_altered_account_is_none(tmp_path: Path, altered: object) -> None:
    (tmp_path / "run.json").write_text(json.dumps(altered), encoding="utf-8")
    with pytest.raises(InputError, match="it is no account of a run"):
        RunFolder.open(tmp_path)
