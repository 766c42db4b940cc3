"""A crowd of duplicates stays one cluster, however many unrelated rows are beside it.

The sizes of the requirement, 10,000 and 200,000 rows, are run by `scripts/bench_scale --crowd`.
"""

from __future__ import annotations

import pytest
from catalog_generator import Options, make_catalog
from scale_bench.crowd import NUMBER, clusters_of_crowd, plant_crowd

from linkage import Config, Linker


@pytest.mark.parametrize("rows", [300, 3000])
def test_unrelated_rows_do_not_part_a_crowd(rows: int) -> None:
    catalog = plant_crowd(make_catalog(Options(rows=rows, seed=5)).table)
    result = Linker(Config(quality="fast")).match(catalog)
    assert clusters_of_crowd(result.clusters) == [NUMBER]
    named = result.clusters.set_index("id")["cluster_id"]
    assert (named == named["crowd00"]).sum() == NUMBER, "and nothing else joins it"
