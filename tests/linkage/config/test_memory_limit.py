"""The memory plan: a catalog too large for the limit is refused before it is read into features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind
from features.records import Records
from linkage.config.authored import Config, LimitsConfig
from linkage.config.memory_limit import check_memory, needed_memory
from linkage.config.resolved import resolve_config
from linkage.errors import ConfigError
from linkage.linker import Linker


def records(n: int, text: str = "a lamp of brass") -> Records:
    ids = np.array([f"r{k}" for k in range(n)], object)
    table = pa.table({"id": pa.array(ids), "title": pa.array([text] * n), "note": [text] * n})
    return Records(ids, table, np.zeros(n, np.int8), {"title": Kind.TEXT})


def test_what_is_needed_grows_with_records_and_with_the_texts_that_are_compared() -> None:
    few, many, long = records(1_000), records(3_000), records(1_000, "a lamp of brass" * 20)
    assert needed_memory(few) < needed_memory(many)
    assert needed_memory(few) < needed_memory(long)
    both = replace(few, kinds={"title": Kind.TEXT, "note": Kind.TEXT})
    assert needed_memory(few) < needed_memory(both)


def test_a_limit_that_cannot_hold_the_catalog_is_refused_with_what_would() -> None:
    some = records(110_000)
    for limit in ("100MB", "8GB"):
        resolved = resolve_config(Config(quality="fast", limits=LimitsConfig(memory=limit)), some)
        if limit == "8GB":
            check_memory(some, resolved)
            continue
        with pytest.raises(ConfigError, match="110,000 records need about") as error:
            check_memory(some, resolved)
        assert "limits.memory" in str(error.value)
        assert "0.1GB are allowed" in str(error.value)
        assert "limits.memory = " in error.value.hint


def test_the_hint_is_a_limit_that_holds_the_catalog() -> None:
    some = records(110_000)
    tight = resolve_config(Config(quality="fast", limits=LimitsConfig(memory="100MB")), some)
    with pytest.raises(ConfigError) as error:
        check_memory(some, tight)
    told = error.value.hint.split('"')[1]
    check_memory(
        some, resolve_config(Config(quality="fast", limits=LimitsConfig(memory=told)), some)
    )


def test_small_catalogs_and_other_qualities_are_not_held_to_the_estimate() -> None:
    some = records(2_000)
    for quality in ("fast", "balanced"):
        config = Config(quality=quality, limits=LimitsConfig(memory="100MB"))
        check_memory(some, resolve_config(config, some))


def test_a_run_stops_before_records_are_prepared() -> None:
    table = pa.table({"id": [f"r{k}" for k in range(110_000)], "title": ["a lamp"] * 110_000})
    with pytest.raises(ConfigError, match="are allowed"):
        Linker(Config(quality="fast", limits=LimitsConfig(memory="100MB"))).match(table)
