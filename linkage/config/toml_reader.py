"""Configuration files in TOML as plain values."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

from linkage.config.file_kinds import other_content
from linkage.errors import ConfigError, shorten

__all__ = ["read_toml"]

_TOML = "Give a text file in UTF-8; unpack it if it is packed."


def read_toml(path: Path) -> dict[str, Any]:
    """Return the values of a TOML file, which may begin with a byte-order mark.

    Raises:
        ConfigError: If it cannot be read or is no TOML; names the file.

    """
    try:
        content = path.read_bytes()
        if other := other_content(content):
            raise ConfigError(f"not valid TOML: it is {other}.", where=str(path), hint=_TOML)
        return tomllib.loads(content.removeprefix(codecs.BOM_UTF8).decode())
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist.") from error
    except OSError as error:
        raise ConfigError(f"{shorten(str(path))} cannot be read: {error.strerror}.") from error
    except RecursionError as error:
        raise ConfigError(
            "not valid TOML: its values are nested too deep.", where=str(path)
        ) from error
    except ValueError as error:  # also numbers of thousands of digits
        reason = str(error).split(";")[0].removesuffix(".")
        raise ConfigError(
            f"not valid TOML: {reason}.",
            where=str(path),
            hint='Text goes in quotes: title = "text".',
        ) from error
