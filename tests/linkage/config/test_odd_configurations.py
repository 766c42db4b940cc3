"""Odd configurations get one error, and it is short."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from linkage.config.authored import Config
from linkage.errors import ConfigError


def zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("c.toml", text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a = " + b"[" * 2000 + b"]" * 2000, "nested too deep"),
        (b"a = " + b"{a=" * 2000 + b"1" + b"}" * 2000, "nested too deep"),
        (b"seed = " + b"9" * 5000, "Exceeds the limit"),
        (b"seed = 0x" + b"f" * 5000, "too large to be shown"),
        (
            b"seed = 1" + b"0" * 30,
            "seed must be a whole number from 0 to 9,223,372,036,854,775,807",
        ),
        (b"threads = 1000000", "threads must be a whole number from 1 to 1,024"),
        (b"[blocking]\ncandidates = 1" + b"0" * 30, "from 1 to 2,147,483,647"),
        (b"[limits]\nmemory = 1" + b"0" * 4000, "must be a size"),
        (b'[limits]\nmemory = "' + b"9" * 400 + b'GB"', "must be a size"),
        (b"[limits]\nmax_cluster_size = 1" + b"0" * 30, "from 2 to 2,147,483,647"),
        (b"[training]\nprecision = 1" + b"0" * 400, "up to 1"),
        (b'[catalog]\nsource = ["a"]\n[attributes]\ntitle = "text"', "source must be text"),
        (b'[catalog]\nid = {a = 1}\n[attributes]\ntitle = "text"', "id must be text"),
        (b"[catalog]\ndelimiter = []", "delimiter must be one character"),
        (b"[catalog]\ndistinct_sources = true", "distinct_sources needs catalog.source"),
        (b"[match.exact]\nignore_text = ['a{99999999999}']", "no regular expression"),
        (gzip.compress(b"seed = 1", mtime=0), "packed with gzip"),
        (zipped("seed = 1"), "a zip file"),
        ("seed = 1".encode("utf-16"), "UTF-16"),
        ("seed = 1".encode("utf-16-le"), "UTF-16"),
        ("seed = 1".encode("utf-32"), "UTF-32"),
        ("seed = 1".encode("utf-32-be"), "UTF-32"),
    ],
)
def test_files_of_odd_content(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Config.from_toml(path)
    message = str(caught.value)
    assert fault in message
    assert str(path) in message
    assert len(message) < 1000


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes("seed = 3\n".encode("utf-8-sig"))
    assert Config.from_toml(path).seed == 3


def test_ten_of_many_faults_are_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({f"key{number}": 1 for number in range(200_000)})
    assert len(caught.value.faults) == 200_000
    lines = str(caught.value).splitlines()
    assert lines[0] == "configuration: 200,000 faults"
    assert lines[-1] == "  and 199,990 more"
    assert len(lines) == 12


def test_over_long_paths() -> None:
    with pytest.raises(ConfigError, match="File name too long"):
        Config.from_toml("x" * 5000)


def test_sections_of_none_have_their_defaults() -> None:
    assert Config(catalog=None, quality=None) == Config()  # type: ignore[arg-type]
