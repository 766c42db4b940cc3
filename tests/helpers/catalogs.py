"""Small catalogs with known truth, for the tests of the whole engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from linkage.config.authored import Config
from linkage.config.resolved import resolve_config
from linkage.evaluation.metrics import evaluate_clusters
from linkage.linker import Linker
from linkage.runtime import StepLog
from linkage.scoring.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@cache
def _examples() -> pd.DataFrame:
    catalog = pd.read_csv(EXAMPLES / "catalog.csv", dtype=str, keep_default_na=False)
    truth = pd.read_csv(EXAMPLES / "truth.csv", dtype=str)
    return catalog.merge(truth, on="id", validate="one_to_one")


def example_slice(entities: int) -> tuple[pd.DataFrame, pd.Series]:
    """The offers of the first entities of the example catalog, and the entity of each id."""
    rows = _examples()
    kept = rows[rows["entity_id"].isin(rows["entity_id"].drop_duplicates()[:entities])]
    truth = kept.set_index("id")["entity_id"]
    return kept.drop(columns="entity_id").reset_index(drop=True), truth


def two_tables(common: int = 90, alone: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two shops' tables; ids that end alike are one product, and each shop has some of its own."""
    rng = np.random.default_rng(5)
    n = common + 2 * alone
    brands = "Acme Borealis Corvid Dunmore Elkhart Farrow Grendel Hollin".split()
    things = "kettle toaster blender mixer drill sander router lamp speaker heater".split()
    words = "compact steel cordless quiet folding digital classic rapid slim heavy".split()
    product = pd.DataFrame(
        {
            "brand": rng.choice(brands, n),
            "thing": rng.choice(things, n),
            "code": [f"{rng.choice(list('KTBX'))}{rng.integers(100, 999)}" for _ in range(n)],
            "word": rng.choice(words, n),
            "price": rng.lognormal(4, 0.5, n).round(2),
        }
    )
    left = pd.DataFrame(
        {
            "id": [f"l{k}" for k in range(n)],
            "title": product.brand + " " + product.code + " " + product.word + " " + product.thing,
            "price": product.price.astype(str),
        }
    )
    noisy = (product.price * rng.normal(1, 0.03, n)).round(2)
    codes = product.code.where(rng.random(n) > 0.15, "")
    right = pd.DataFrame(
        {
            "id": [f"r{k}" for k in range(n)],
            "title": product.thing + " " + product.brand + " " + product.word + " " + codes,
            "price": noisy.astype(str).where(rng.random(n) > 0.2, ""),
        }
    )
    return left[: common + alone], right.drop(range(common, common + alone)).reset_index(drop=True)


def link_f1(clusters: pd.DataFrame) -> float:
    """F1 of the matches between the tables of :func:`two_tables`."""
    both = clusters[clusters["source"] == "left"].merge(
        clusters[clusters["source"] == "right"], on="cluster_id"
    )
    hits = int((both["id_x"].str[1:] == both["id_y"].str[1:]).sum())
    numbers = clusters["id"].str[1:]
    true = len(clusters) - numbers.nunique()
    return 2 * hits / (len(both) + true)


def cluster_f1(clusters: pd.DataFrame, truth: pd.Series, name: str = "cluster_id") -> float:
    """Pairwise F1 of clusters against the entity of each id."""
    return evaluate_clusters(clusters[name], truth[clusters["id"]]).pairwise.f1


def session_of(left: pd.DataFrame, right: pd.DataFrame | None = None, **options: object) -> Session:
    """A session over tables, as the linker begins it."""
    config = Config(**{"quality": "fast", "threads": 1, **options})  # type: ignore[arg-type]
    linker = Linker(config)
    run = linker._begin(left, right, None)
    assert run.resolved == resolve_config(config, run.records)
    return Session(run.records, run.resolved, StepLog())


def gtin(number: int) -> str:
    """A valid GTIN-13."""
    body = f"{400000000000 + number:012d}"
    total = sum(int(d) * (3 if k % 2 else 1) for k, d in enumerate(body))
    return body + str(-total % 10)


#: What titles of each class say, and about what they cost.
CLASSES = {
    "Kitchen > Drinking > Mug": (("mug", "cup", "beaker"), 8),
    "Kitchen > Cooking > Pan": (("pan", "skillet", "wok"), 40),
    "Garden > Tools > Spade": (("spade", "shovel"), 25),
    "Garden > Plants > Seeds": (("seeds", "bulbs"), 3),
}
_WORDS = ("blue", "classic", "large", "steel", "light", "pro", "garden", "kitchen")
_BRANDS = ("Alpha", "Borea", "Cetus", "Dorado")


def classified_catalog(rows: int = 200, seed: int = 0) -> pd.DataFrame:
    """Return offers with a title, a brand, a price, a code, a date and their ``product_type``.

    A brand makes mostly one type, prices differ by type, and a tenth of the cells are missing.
    """
    random = np.random.default_rng(seed)
    labels = list(CLASSES)
    code = random.integers(0, len(labels), rows)
    titles, prices = [], []
    for one in code:
        nouns, price = CLASSES[labels[one]]
        words = [*random.choice(_WORDS, 2, replace=False), random.choice(nouns)]
        titles.append(" ".join(words))
        prices.append(f"{price * random.uniform(0.8, 1.25):.2f}")
    own = random.random(rows) < 0.8
    brand = np.where(own, np.array(_BRANDS)[code], random.choice(_BRANDS, rows))
    days = np.datetime64("2025-01-01") + random.integers(0, 300, rows)
    frame = pd.DataFrame(
        {
            "id": [f"r{number}" for number in range(rows)],
            "title": titles,
            "brand": brand,
            "price": prices,
            "sku": [f"{labels[one][:2].upper()}{random.integers(10**6):06d}" for one in code],
            "added": days.astype(str),
            "product_type": np.array(labels)[code],
        },
        dtype=object,
    )
    for name in ("title", "brand", "price", "sku"):
        frame.loc[random.random(rows) < 0.1, name] = None
    return frame
