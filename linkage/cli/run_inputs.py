"""What a command reads, so that its outputs replace none of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from linkage.cli.run_options import RunOptions
from linkage.errors import ConfigError
from linkage.io.destination.protected import Input

if TYPE_CHECKING:
    from linkage.config.authored import Config

__all__ = ["named_inputs", "run_inputs"]


def named_inputs(**paths: Path | None) -> list[Input]:
    """The inputs that are given, under the names that messages call them."""
    return [Input(name.replace("_", " "), path) for name, path in paths.items() if path is not None]


def run_inputs(
    left: Path | None, right: Path | None, options: RunOptions, config: Config | None
) -> list[Input]:
    """What a run reads.

    Args:
        left: the catalog, or the left one of two.
        right: the right one.
        options: name a file of the configuration and a model.
        config: names files of labels and the folder of images; None where a model has them.
    """
    from linkage.training.label_sets import label_files

    inputs = named_inputs(
        catalog=left, right_catalog=right, configuration=options.config, model=options.model,
        state=options.state,
    )  # fmt: skip
    if config is None:
        return inputs
    for what, files in zip(("labels", "validation labels"), label_files(config), strict=True):
        inputs += [Input(what, Path(file)) for file in files.values()]
    if config.catalog.images is not None:
        inputs.append(Input("folder of images", Path(config.catalog.images)))
    return inputs


def refuse_other_suffix(output: Path) -> None:
    """Refuse a file for a table that is neither CSV nor Parquet by its name."""
    if output.suffix.lower() not in (".csv", ".parquet"):
        raise ConfigError(
            f"--output must end in .csv or .parquet, got {output.name!r}.", where="command line"
        )
