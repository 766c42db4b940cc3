"""The settings of a challenge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from linkage.challenge.protocols import Protocol
from linkage.errors import ConfigError
from linkage.runtime import available_threads
from linkage.version import __version__

if TYPE_CHECKING:
    from linkage.config.authored import Config

__all__ = ["ChallengeSettings"]

_SPLITS = ("test", "valid")


@dataclass(frozen=True)
class ChallengeSettings:
    """The settings of a challenge, the same for every task.

    Attributes:
        quality: ``auto``, ``fast``, ``balanced`` or ``best``.
        seeds: Runs of each pair split that learns from labels: seeds 0 to ``seeds - 1``.
        split: The split that is judged. ``test``: the threshold is chosen on valid. ``valid``:
            the threshold is chosen out of fold on train, and test is not looked at; for
            development.
        as_stored: Whether pairs of the judged split that are training pairs too stay in training.
        protocols: Which protocols to run, where a task allows them.
        threads: How many; None for all cores. Not part of what makes results comparable.

    """

    quality: str = "auto"
    seeds: int = 3
    split: str = "test"
    as_stored: bool = False
    protocols: tuple[Protocol, ...] = tuple(Protocol)
    threads: int | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.seeds < 1:
            faults.append(f"--seeds must be 1 or more, got {self.seeds}.")
        if self.split not in _SPLITS:
            faults.append(f"--split must be one of {', '.join(_SPLITS)}, got {self.split!r}.")
        if faults:
            raise ConfigError(faults, where="command line")
        self.config()

    def config(self, **values: Any) -> Config:
        """Return the configuration of a run.

        Args:
            **values: Further values of :class:`linkage.config.authored.Config`.

        Returns:
            The configuration.

        Raises:
            ConfigError: If a value is wrong.

        """
        from linkage.config.authored import Config

        threads = self.threads or available_threads()
        return Config(**{"quality": self.quality, "threads": threads, **values})

    def identity(self) -> dict[str, Any]:
        """Return the settings that all results of one leaderboard have in common."""
        plain = asdict(self)
        del plain["threads"]
        plain["protocols"] = [protocol.slug for protocol in self.protocols]
        return {**plain, "version": __version__}

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values; :meth:`from_dict` reads them back."""
        return {**asdict(self), "protocols": [str(one) for one in self.protocols]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` returned."""
        return cls(**{**plain, "protocols": tuple(map(Protocol, plain["protocols"]))})
