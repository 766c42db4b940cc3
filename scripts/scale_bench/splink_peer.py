#!/usr/bin/env python3
"""Deduplicates a generated catalog with Splink (DuckDB); run by the Python of its own environment.

The preparation is what a user of Splink would write for these columns by hand: clean titles, their
words, the first code in them, prices as numbers. Blocking rules join on what two offers of one
product share; the model is trained without labels, as its documentation advises.

Usage: ``splink_peer.py CATALOG.csv OUT.parquet --threads 2``
"""

from __future__ import annotations

import argparse
import json
import logging
import time

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

#: Columns of the catalog, in either of its layouts.
NAMES = {
    "title": ("title", "titel"),
    "brand": ("brand", "marke"),
    "colour": ("colour", "farbe"),
    "size": ("size", "groesse"),
    "price": ("price", "preis"),
    "gtin": ("gtin", "ean"),
    "mpn": ("mpn", "herstellernummer"),
}
#: Probability from which pairs are matches, and from which they are clustered.
THRESHOLD = 0.95


def prepared(connection: duckdb.DuckDBPyConnection, catalog: str) -> str:
    """The SQL of the prepared table."""
    read = f"read_csv('{catalog}', all_varchar = true)"
    columns = {row[0] for row in connection.execute(f"describe select * from {read}").fetchall()}
    found = {}
    for name, spellings in NAMES.items():
        present = [spelling for spelling in spellings if spelling in columns]
        found[name] = f"nullif(\"{present[0]}\", '')" if present else "cast(null as varchar)"
    squash = "regexp_replace(lower({}), '[^a-z0-9]+', '', 'g')"
    clean = f"trim(regexp_replace(lower({found['title']}), '[^a-z0-9]+', ' ', 'g'))"
    price = f"replace(regexp_replace({found['price']}, '[^0-9.,]', '', 'g'), ',', '.')"
    return f"""
        select id, {clean} as title,
            list_sort(list_distinct(string_split({clean}, ' '))) as words,
            nullif(regexp_extract({clean}, '([a-z]+[0-9][a-z0-9]{{2,}}|[0-9]+[a-z][a-z0-9]{{2,}})',
                1), '') as code,
            split_part(lower({found["brand"]}), ' ', 1) as brand,
            lower({found["colour"]}) as colour,
            {squash.format(found["size"])} as size,
            try_cast({price} as double) as price,
            nullif(ltrim({squash.format(found["gtin"])}, '0'), '') as gtin,
            nullif({squash.format(found["mpn"])}, '') as mpn
        from {read}
    """


def main() -> None:
    """Parses the command line, runs Splink, and writes ``id, cluster_id``."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("catalog")
    parser.add_argument("out")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    begun = time.perf_counter()
    connection = duckdb.connect(config={"threads": given.threads})
    connection.execute(f"create table offers as {prepared(connection, given.catalog)}").fetchall()
    api = DuckDBAPI(connection)
    seconds = {"prepare": time.perf_counter() - begun}
    keyed = ["gtin", "mpn", "code"]
    known = [
        name
        for name in keyed
        if connection.execute(f"select count({name}) from offers").fetchall()[0][0] > 0
    ]
    # A code alone may be a size that half the catalog states; with the brand it names a product.
    rules = [block_on("code", "brand") if name == "code" else block_on(name) for name in known]
    rules += [
        block_on("brand", "words[1]", "words[2]"),
        block_on("substr(title, 1, 14)", "size"),
    ]
    comparisons = [
        cl.ArrayIntersectAtSizes("words", [8, 6, 4, 3]),
        cl.JaroWinklerAtThresholds("title", [0.95, 0.88, 0.8]),
        cl.ExactMatch("brand"),
        cl.ExactMatch("colour"),
        cl.ExactMatch("size"),
        *(cl.ExactMatch(name) for name in known),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(api.register("offers"), settings, log_level=logging.ERROR)
    begun = time.perf_counter()
    training = linker.training
    training.estimate_probability_two_random_records_match(rules[: max(len(known), 1)], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (rules[0], rules[-2]):
        training.estimate_parameters_using_expectation_maximisation(rule)
    seconds["train"] = time.perf_counter() - begun
    begun = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
    # What Splink's own model merges most: siblings that differ in a stated colour or size, and, by
    # chains through offers that state neither, whole families. So a pair must not differ in either,
    # and shares its trade number, or both of them and its part number or half the words.
    words = "len(list_intersect(a.words, b.words)) / least(len(a.words), len(b.words))"
    connection.execute(
        f"""create table kept as select p.* from {pairs.physical_name} p
        join offers a on a.id = p.id_l join offers b on b.id = p.id_r
        where coalesce(a.colour = b.colour, true) and coalesce(a.size = b.size, true)
          and (coalesce(a.gtin = b.gtin, false)
               or (a.colour = b.colour and a.size = b.size
                   and (coalesce(a.mpn = b.mpn, false) or {words} >= 0.5)))"""
    ).fetchall()
    seconds["predict"] = time.perf_counter() - begun
    begun = time.perf_counter()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        api.register("kept"), threshold_match_probability=THRESHOLD
    )
    connection.execute(
        f"copy (select id, cast(cluster_id as varchar) as cluster_id from "
        f"{clusters.physical_name}) to '{given.out}' (format parquet)"
    ).fetchall()
    seconds["cluster"] = time.perf_counter() - begun
    print(json.dumps({name: round(value, 2) for name, value in seconds.items()}))


if __name__ == "__main__":
    main()
