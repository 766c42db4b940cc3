"""The command that compiles the engine's kernels ahead of the first run.

It runs the engine on made-up offers, one process a core: what numba compiles for these is in its
cache for every later run. So there is no list of kernels that could fall behind the code.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from linkage.cli.terminal_text import say
from linkage.errors import LinkageError
from linkage.runtime import available_threads

__all__ = ["made_up_offers", "run_warm_up"]

#: Rows from which candidates come from a join, which has kernels of its own; and those of a small
#: table, which are enough to learn from.
_MANY, _FEW = 20_400, 600
_SELLERS = 4
_BRANDS = "Alder Birch Cedar Elmwood Hazel Juniper Larch Maple Rowan Spruce".split()
_THINGS = "lamp kettle blanket basket mirror clock bottle chair backpack jacket".split()
_MANNERS = "folding wooden quiet light travel garden kitchen winter classic compact".split()
_COLOURS, _SIZES = "red blue green black white".split(), "S M L XL".split()
_IGNORED = ("--ignore", "colour", "--ignore", "size")


def run_warm_up(threads: int | None) -> None:
    """Run the engine on made-up offers of few and of many rows, of one and of two tables.

    Args:
        threads: Processes to run at a time; one a core, if not given.

    Raises:
        LinkageError: A run failed.

    """
    with tempfile.TemporaryDirectory() as folder:
        few, many, other = (Path(folder) / f"{name}.csv" for name in ("few", "many", "other"))
        _write(few, made_up_offers(_FEW, seed=0))
        _write(many, made_up_offers(_MANY, seed=1))
        _write(other, made_up_offers(_FEW, seed=0)[::2])
        runs = [
            ["dedupe", str(few), *_IGNORED],
            ["dedupe", str(many), "--quality", "fast", *_IGNORED],
            ["link", str(few), str(other)],
            ["dedupe", str(few), "--quality", "fast", *_IGNORED],
        ]
        with ThreadPoolExecutor(threads or available_threads()) as pool:
            faults = list(pool.map(_run, runs, [Path(folder) / f"out{k}" for k in range(4)]))
    for fault in filter(None, faults):
        raise LinkageError(f"warm-up: a run on made-up offers failed.\n{fault}")
    say("The engine's kernels are compiled.")


def _run(command: list[str], output: Path) -> str:
    """Run a command of this program in a process of its own; return what it says of a failure."""
    program = [sys.executable, "-m", "linkage", *command, "-o", str(output), "--threads", "1"]
    done = subprocess.run([*program, "--quiet"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def made_up_offers(rows: int, seed: int) -> list[dict[str, str]]:
    """Return offers of made-up products, each in several variants and by several sellers.

    Args:
        rows: How many.
        seed: Random seed.

    """
    chance = random.Random(seed)
    offers: list[dict[str, str]] = []
    product = 0
    while len(offers) < rows:
        product += 1
        brand, thing = chance.choice(_BRANDS), chance.choice(_THINGS)
        code = f"{brand[:2].upper()}{product % 9000 + 100}"
        name = f"{brand} {chance.choice(_MANNERS)} {thing} {code}"
        price = chance.uniform(5, 200)
        for colour in chance.sample(_COLOURS, 2):
            size = chance.choice(_SIZES)
            number = f"{400000000000 + 10 * product + _COLOURS.index(colour):012d}"
            check = -sum(int(digit) * (1, 3)[k % 2] for k, digit in enumerate(number)) % 10
            for seller in chance.sample(range(_SELLERS), 2):
                title = f"{name} {colour} {size}" if seller % 2 else f"{name.lower()} {size}"
                offers.append(
                    {
                        "id": f"o{len(offers)}",
                        "title": title,
                        "description": f"A {thing} by {brand}, {product % 9} kg, in {colour}.",
                        "brand": brand if chance.random() < 0.8 else "",
                        "seller": f"Shop {seller}",
                        "colour": colour if chance.random() < 0.8 else "",
                        "size": size,
                        "price": f"{price * chance.uniform(0.95, 1.05):.2f}",
                        "gtin": f"{number}{check}" if chance.random() < 0.7 else "",
                    }
                )
    return offers[:rows]


def _write(path: Path, offers: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(offers[0]))
        writer.writeheader()
        writer.writerows(offers)
