"""Runs that are killed at random moments, and what they leave.

A sequence is one command in one folder: it is run and killed several times, then run to its end.
After each kill the output is absent, the earlier one, or the whole new one; at the end it is equal
to that of an undisturbed run, byte for byte, and nothing else is left.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reliability.commands import left_behind, run_command
from reliability.disk import small_disk
from reliability.fixture import Fixture
from reliability.scenes import SCENES, Scene

__all__ = ["Killing", "digest_output"]

#: What tells time or memory in a file of results, and so differs from run to run.
_OF_A_RUN = ("seconds", "memory", "memory_mb", "peak_memory_mb", "steps", "versions", "hardware")
#: A signal, and the exit code of a run that it ended.
_SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
#: Share of kills that nothing can be done about, and of those that wait until the run writes.
_HARD, _WRITING = 0.6, 0.35
#: Seconds a run may take, that of a challenge too, which starts an interpreter a task.
_LONGEST = 180.0


#: Every fifth sequence is of a full disk instead of kills; the names of these begin so.
_FULL, _DISK = 5, "disk full: "
_DISKS = ("dedupe", "dedupe, forced", "dedupe, resumed", "train", "train, forced", "score", "link")


@dataclass(frozen=True)
class Whole:
    """What an undisturbed run of a scene leaves.

    Attributes:
        digest: of its output.
        earlier: digest of the output that lay there before; None where there is none.
        seconds: how long it took.
        size: bytes of its output.
    """

    digest: str
    earlier: str | None
    seconds: float
    size: int


class Killing:
    """Sequences of killed runs, by number.

    Args:
        folder: where they work.
        seed: of all that is drawn.
        fixture: the inputs.
        kills: kills of a sequence.
    """

    def __init__(self, folder: Path, seed: int, fixture: Fixture, kills: int) -> None:
        self._folder, self._seed, self._kills = folder, seed, kills
        self._prepared = folder / "prepared"
        self._inputs(self._prepared, fixture)
        self._whole = {name: self._undisturbed(scene) for name, scene in SCENES.items()}

    def kind_of(self, number: int) -> str:
        """Return the scene of a sequence."""
        return self._drawn(number)[0]

    def sequences(self, kills: int) -> range:
        """Return the numbers of sequences with so many kills in all, full disks among them."""
        return range(-(-kills // self._kills) * _FULL // (_FULL - 1))

    def run(self, number: int) -> list[str]:
        """Run a sequence; returns its faults."""
        kind, chance = self._drawn(number)
        name = kind.removeprefix(_DISK)
        scene, whole = SCENES[name], self._whole[name]
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as made:
            place = Path(made) / "here"
            self._stage(place, name)
            if kind != name:
                return _filled(chance, place, scene, whole)
            return _killed(chance, place, scene, whole, self._kills)

    def _drawn(self, number: int) -> tuple[str, random.Random]:
        chance = random.Random(f"{self._seed} {number}")
        if number % _FULL == _FULL - 1:
            return f"{_DISK}{chance.choice(_DISKS)}", chance
        return chance.choices(list(SCENES), [one.weight for one in SCENES.values()])[0], chance

    def _inputs(self, place: Path, fixture: Fixture) -> None:
        place.mkdir()
        fixture.copied(place, "catalog.csv", "right.csv", "labels.csv", "pairs.csv", "model")
        task = place / "suite" / "shops"
        task.mkdir(parents=True)
        shutil.copy(place / "catalog.csv", task / "records.csv")
        fixture.copied(task, "truth.csv")
        (task / "truth.csv").rename(task / "clusters.csv")
        (task / "task.json").write_text('{"kind": "dedupe"}', encoding="utf-8")
        for name, scene in SCENES.items():
            if scene.earlier:
                os.chdir(place)
                _must(scene.earlier)
                (place / "out").rename(place / f"earlier {name}")

    def _stage(self, place: Path, name: str) -> None:
        """Make the folder in which a scene runs, as it is before the first run."""
        shutil.copytree(self._prepared, place)
        for other in place.glob("earlier *"):
            if other.name == f"earlier {name}":
                other.rename(place / "out")
            else:
                shutil.rmtree(other)

    def _undisturbed(self, scene: Scene) -> Whole:
        name = next(key for key, value in SCENES.items() if value is scene)
        with tempfile.TemporaryDirectory(dir=self._folder) as made:
            place = Path(made) / "here"
            self._stage(place, name)
            os.chdir(place)
            output = place / scene.output
            earlier = digest_output(output) if scene.earlier else None
            begun = time.perf_counter()
            _must(scene.arguments)
            spent = time.perf_counter() - begun
            size = sum(f.stat().st_size for f in [output, *output.rglob("*")] if f.is_file())
            os.chdir(self._folder)
            return Whole(digest_output(output), earlier, spent, size)


def digest_output(output: Path) -> str:
    """Return a digest of a file or a folder: ``absent``, or of all names and contents.

    Times and memory are left out of accounts, and so are reports, which show them.
    """
    if not output.exists():
        return "absent"
    digest = hashlib.sha256()
    for path in sorted([output, *output.rglob("*")]):
        if path.is_dir():
            continue
        digest.update(str(path.relative_to(output)).encode())
        raw = path.read_bytes()
        if path.name == "report.html":
            raw = raw[-20:].strip()
        elif path.name == "leaderboard.md":
            raw = b""
        elif path.suffix == ".json":
            raw = json.dumps(_lasting(json.loads(raw)), sort_keys=True).encode()
        digest.update(raw)
    return digest.hexdigest()


def _lasting(value: object) -> object:
    """A plain value without what differs from run to run."""
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if k not in _OF_A_RUN}
    if isinstance(value, list):
        return [_lasting(one) for one in value]
    return re.sub(r"/.*/here/", "", value) if isinstance(value, str) else value


def _must(arguments: Sequence[str]) -> None:
    ended = run_command(arguments)
    if ended.code:
        raise RuntimeError(f"an undisturbed run fails: {' '.join(arguments)}: {ended.err}")


def _killed(
    chance: random.Random, place: Path, scene: Scene, whole: Whole, kills: int
) -> list[str]:
    output = place / scene.output
    allowed = {whole.digest, whole.earlier or "absent"}
    faults: list[str] = []
    inputs = _all_inputs(place, scene)
    for _ in range(kills):
        hard = chance.random() < _HARD
        number = signal.SIGKILL if hard else chance.choice(list(_SIGNALS))
        moment, writing = chance.random(), chance.random() < _WRITING

        def kill(process: int, n: int = number, m: float = moment, w: bool = writing) -> None:
            _wait(place, output, m * whole.seconds, writing=w, process=process)
            os.killpg(process, n) if n == signal.SIGKILL else os.kill(process, n)

        # What a hard kill left stays until a run has begun to write.
        before = left_behind(place)
        code, err = _fork(place, _asked(scene, output), kill)
        what = f"{signal.Signals(number).name} at {moment * whole.seconds:.2f} s"
        if scene.output == "out" and scene.arguments[0] == "challenge":
            allowed = {digest_output(output), *allowed}  # complete after each task, not at once
        if digest_output(output) not in allowed:
            faults.append(f"after {what} the output is neither the earlier nor the whole one")
        if not hard and code not in (0, _SIGNALS[number], -number):
            faults.append(f"after {what} the exit code is {code}: {err[:200]}")
        left = [one for one in left_behind(place, stages=True) if one not in before]
        if not hard and left:
            faults.append(f"after {what} there is left: {', '.join(left)} (exit code {code})")
        if faults:
            return faults
    code, err = _fork(place, _asked(scene, output), None)
    if code:
        faults.append(f"the run after the kills fails: exit code {code}: {err[:300]}")
    if digest_output(output) != whole.digest:
        faults.append("the output is not that of an undisturbed run")
    if left := left_behind(place, stages=scene.resumes):
        faults.append(f"there is left: {', '.join(left)}")
    if _all_inputs(place, scene) != inputs:
        faults.append("an input is not what it was")
    return faults


def _filled(chance: random.Random, place: Path, scene: Scene, whole: Whole) -> list[str]:
    """A run whose disk is full at some moment, then one with room."""
    faults: list[str] = []
    before = whole.earlier or "absent"
    size = int(chance.random() * 1.3 * whole.size)
    with small_disk(place, size) as how:
        output = place / scene.output
        code, err = _fork(place, _asked(scene, output), None)
        found = digest_output(output)
        if code == 0 and found != whole.digest:
            faults.append("exit code 0, and the output is not whole")
        if code and found != before:
            faults.append(f"exit code {code}, and what was there before is not")
        if code not in (0, 1) or (code and "error:" not in err):
            faults.append(f"exit code {code}: {err[-200:]!r}")
        if re.search("should not have happened|Traceback", err):
            faults.append(f"internal error: {err[-300:]!r}")
        if left := left_behind(place, stages=True):
            faults.append(f"there is left: {', '.join(left)}")
        how.give_room()
        code, err = _fork(place, _asked(scene, output), None)
        if code or digest_output(output) != whole.digest:
            faults.append(f"with room: exit code {code}: {err[-200:]!r}")
        if left := left_behind(place, stages=scene.resumes):
            faults.append(f"with room there is left: {', '.join(left)}")
    return [*faults, f"disk of {size:,} bytes ({how.name})"] if faults else []


def _asked(scene: Scene, output: Path) -> list[str]:
    """The arguments of a scene; with ``--force`` where a run was finished before it was killed."""
    made = list(scene.arguments)
    finished = output.exists() and "--force" not in made and made[0] != "challenge"
    return [*made, "--force"] if finished else made


def _all_inputs(place: Path, scene: Scene) -> list[bytes]:
    return [(place / name).read_bytes() for name in scene.inputs]


def _fork(
    place: Path, arguments: Sequence[str], kill: Callable[[int], None] | None
) -> tuple[int, str]:
    """Run a command in a fork; returns its exit code, and what it said on standard error."""
    with tempfile.TemporaryFile() as said:
        process = os.fork()
        if not process:
            code = 1
            try:
                os.setpgid(0, 0)
                os.chdir(place)
                for handle in (1, 2):
                    os.dup2(said.fileno(), handle)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                from linkage.cli.app import main

                main(list(arguments))
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            finally:
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
                os._exit(code)
        if kill is not None:
            kill(process)
        code = _ended(process)
        said.seek(0)
        return code, said.read().decode("utf-8", "replace")


def _ended(process: int) -> int:
    """The exit code of a process; it is killed where it takes too long."""
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    raise TimeoutError(f"a run did not end within {_LONGEST:.0f} seconds")


def _wait(place: Path, output: Path, seconds: float, *, writing: bool, process: int) -> None:
    """Wait for a moment of a run, or until shortly after it began to write its output."""
    begun = time.monotonic()
    made = f".{output.name}.new-"
    while time.monotonic() - begun < (_LONGEST / 2 if writing else seconds):
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        if writing and any(name.startswith(made) for name in os.listdir(place)):
            time.sleep(seconds / 50)
            return
        time.sleep(0.0005 if writing else 0.002)
