"""The options that campaigns share, and the warm process that their cases are forks of."""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Before the engine is imported: no thread of a library may be lost in a fork, and no case may
# write into the caches of the user.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from linkage.runtime import available_threads

__all__ = ["parser", "warm"]


def parser(doc: str, what: str, number: int) -> argparse.ArgumentParser:
    """Return the parser of a campaign's options.

    Args:
        doc: of the script.
        what: the option that says how much is tried: ``cases``, ``kills`` or ``tasks``.
        number: its default.
    """
    made = argparse.ArgumentParser(description=doc.split("\n")[0])
    made.add_argument(
        f"--{what}", type=int, default=number, metavar="N", help=f"{number} if not given"
    )
    made.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn")
    made.add_argument("--quick", action="store_true", help="what continuous integration runs")
    made.add_argument("--case", type=int, metavar="N", help="run this case alone")
    made.add_argument(
        "--jobs", type=int, default=available_threads(), metavar="N", help="cases at a time"
    )
    return made


@contextmanager
def warm() -> Iterator[Path]:
    """Import what runs import, and give a folder that is removed at the end.

    Yields:
        The folder.
    """
    import lightgbm  # noqa: F401

    import linkage.cli.app
    import linkage.linker
    import linkage.report.writing  # noqa: F401

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        os.environ["LINKAGE_CACHE"] = str(Path(folder) / "cache")
        yield Path(folder)
