"""What ``linkage explain`` does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from linkage.cli.plain_console import PlainConsole
from linkage.cli.progress import StepDisplay
from linkage.cli.run_inputs import named_inputs
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import say
from linkage.explanation.data.run_view import RunView
from linkage.explanation.explainer import Explainer
from linkage.explanation.explanations import ClusterExplanation, PairExplanation
from linkage.io.destination.claims import claim_files
from linkage.io.destination.protected import Input
from linkage.io.output import write_file, write_json, write_text
from linkage.results.run_folder import RunFolder
from linkage.runtime import ProgressFunction

__all__ = ["explain_run", "run_explain"]


def explain_run(
    folder: str | Path,
    first: str,
    second: str | None = None,
    *,
    catalogs: Sequence[str | Path] = (),
    progress: ProgressFunction | None = None,
) -> PairExplanation | ClusterExplanation:
    """Return the explanation of a pair, or the clusters of a record, of the run in a folder.

    Args:
        folder: the folder that the run wrote.
        first: id of a record.
        second: id of another one; None for the clusters of the first.
        catalogs: where the catalog's files are now, if they were moved since.
        progress: called with a step's name and the share done.

    Raises:
        LinkageError: the folder, its catalog or the records are not there, or not as they were.
    """
    run = RunFolder.open(folder)
    view = RunView(run.frame("pairs"), run.frame("clusters"), run.run)
    for given in (first, second):
        if given is not None:
            view.find(given, "left" if given is first else "right")
    config, fitted = run.model()
    tables = run.catalogs(config, catalogs)
    explainer = Explainer(view, config, fitted, tables, progress)
    return explainer.cluster(first) if second is None else explainer.pair(first, second)


def run_explain(
    folder: Path,
    first: str,
    second: str | None,
    options: RunOptions,
    *,
    catalogs: Sequence[Path],
    html: Path | None,
    json: Path | None,
) -> None:
    """Explain a pair or a cluster in the terminal, or into files."""
    from linkage.explanation.page.terminal import print_explanation

    read = [one["path"] for one in RunFolder.open(folder).run.get("catalogs", ())]
    inputs = named_inputs(results=folder)
    inputs += [Input("catalog", Path(path)) for path in (*catalogs, *read) if path is not None]
    with claim_files(html, json, force=options.force, inputs=inputs):
        with StepDisplay(quiet=options.quiet, verbose=options.verbose) as display:
            display("read")
            explained = explain_run(folder, first, second, catalogs=catalogs, progress=display)
        if html is not None:
            write_file(html, write_text(explained.to_html()), force=options.force)
        if json is not None:
            write_file(json, write_json(explained.to_dict()), force=options.force)
    if html is None and json is None:
        print_explanation(explained, PlainConsole(width=None if sys.stdout.isatty() else 140))
    elif not options.quiet:
        say("\n".join(f"explanation: {path}" for path in (html, json) if path is not None))
