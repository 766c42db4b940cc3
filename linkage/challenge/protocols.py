"""The protocols of a challenge: labels learned from, predictions, and their comparison with truth.

Figures of different protocols are not comparable and are never averaged together.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from linkage.challenge.task import Published, Task, TaskKind
from linkage.errors import ConfigError, nearest_hint

__all__ = ["HEADLINE", "Protocol", "allowed_protocols", "best_published", "parse_protocols"]


class Protocol(StrEnum):
    """A way to train and to evaluate; the value is the name that is shown."""

    PAIR_SPLIT = "pair split"
    PAIR_SPLIT_NO_CONTEXT = "pair split, no context"
    PAIR_SPLIT_NO_LABELS = "pair split, no labels"
    END_TO_END = "end to end, train labels"
    END_TO_END_NO_LABELS = "end to end, no labels"
    CLUSTER_NO_LABELS = "cluster, no labels"
    GROUP_NO_LABELS = "group, no labels"
    CLASSIFICATION = "classification"

    @property
    def slug(self) -> str:
        """The name in the form of an option: lower case and hyphens."""
        return self.value.replace(",", "").replace(" ", "-")

    @property
    def learns_from_labels(self) -> bool:
        """Whether labels of the training split are used."""
        return self in _LABELLED

    @property
    def scores_pairs(self) -> bool:
        """Whether the pairs of a split are scored; otherwise whole tables are matched."""
        return self in _PAIR_SPLITS

    @property
    def description(self) -> str:
        """Training data, predictions and figure of the protocol, in sentences."""
        return _DESCRIPTIONS[self]


#: The protocol whose average stands for the whole suite.
HEADLINE = Protocol.PAIR_SPLIT
_PAIR_SPLITS = (
    Protocol.PAIR_SPLIT,
    Protocol.PAIR_SPLIT_NO_CONTEXT,
    Protocol.PAIR_SPLIT_NO_LABELS,
)
_LABELLED = (
    Protocol.PAIR_SPLIT,
    Protocol.PAIR_SPLIT_NO_CONTEXT,
    Protocol.END_TO_END,
    Protocol.CLASSIFICATION,
)
_ALL_PAIRS = (Protocol.END_TO_END, Protocol.END_TO_END_NO_LABELS)

_DESCRIPTIONS = {
    Protocol.PAIR_SPLIT: (
        "Trained on the labels of train, the threshold chosen on those of valid if there are any "
        "and out of fold on train otherwise; the pairs of the judged split are scored one by one; "
        "F1 of the matches. Transductive: word statistics and context features (how far a pair "
        "stands out among its records' other neighbours) use the unlabelled tables as a whole, "
        "records of the judged pairs included; no judged label is used. Labelled matches of train "
        "and valid are known: that a record already has a partner weighs against its other pairs. "
        "Mean over seeds."
    ),
    Protocol.PAIR_SPLIT_NO_CONTEXT: (
        "As the pair split, without context features: what is known of a pair is its two records "
        "and word statistics of the tables. This is what published pairwise models are compared "
        "with."
    ),
    Protocol.PAIR_SPLIT_NO_LABELS: (
        "No label is used: the engine starts itself from the unlabelled tables, then scores the "
        "pairs of the judged split one by one."
    ),
    Protocol.END_TO_END: (
        "Trained as for the pair split (first seed), then both tables are matched as a whole, "
        "blocking and assignment included; F1 over all pairs of both tables against the complete "
        "truth, in which the training pairs are, too."
    ),
    Protocol.END_TO_END_NO_LABELS: (
        "Both tables matched as a whole without any label; F1 over all pairs of both tables."
    ),
    Protocol.CLUSTER_NO_LABELS: (
        "One table clustered into entities without any label; pairwise F1 over all pairs of "
        "records, and B-cubed F1, a mean over records."
    ),
    Protocol.CLASSIFICATION: (
        "Trained on the labels of train, and of valid where test is judged; the classes of the "
        "judged rows are predicted with their probabilities. F1 is the mean over classes (macro); "
        "log loss in nats, over rows of a class that was learned. Mean over seeds."
    ),
    Protocol.GROUP_NO_LABELS: (
        "One table grouped into variants without any label, the task's ignored columns ignored; "
        "pairwise and B-cubed F1."
    ),
}


def allowed_protocols(task: Task, split: str = "test") -> list[Protocol]:
    """Return the protocols that a task's files allow.

    Args:
        task: The task.
        split: The split that is judged, ``test`` or ``valid``.

    Returns:
        Protocols, in the order they are defined. Matching without truth is allowed where there
        is nothing else to submit: it gives a submission and no figure.

    """
    files = task.files
    if task.is_classification:
        return [Protocol.CLASSIFICATION]
    allowed = set()
    if split in files:
        allowed.add(Protocol.PAIR_SPLIT_NO_LABELS)
        if "train" in files:
            allowed.add(Protocol.PAIR_SPLIT)
            if task.is_linkage:
                allowed.add(Protocol.PAIR_SPLIT_NO_CONTEXT)
    if "truth" in files or "clusters" in files or split not in files:
        if task.is_linkage:
            allowed.add(Protocol.END_TO_END_NO_LABELS)
            if "train" in files:
                allowed.add(Protocol.END_TO_END)
        elif task.kind is TaskKind.VARIANTS:
            allowed.add(Protocol.GROUP_NO_LABELS)
        else:
            allowed.add(Protocol.CLUSTER_NO_LABELS)
    return [protocol for protocol in Protocol if protocol in allowed]


def parse_protocols(names: Iterable[str]) -> tuple[Protocol, ...]:
    """Read the names of protocols as an option gives them.

    Args:
        names: Slugs such as ``pair-split`` or ``end-to-end-no-labels``.

    Returns:
        The protocols, in the order they are defined; all if no name is given.

    Raises:
        ConfigError: If a name is unknown.

    """
    by_slug = {protocol.slug: protocol for protocol in Protocol}
    chosen = set()
    for name in names:
        if name not in by_slug:
            raise ConfigError(
                f"--protocols: there is no protocol {name!r}.",
                where="command line",
                hint=nearest_hint(name, by_slug, "protocols"),
            )
        chosen.add(by_slug[name])
    return tuple(protocol for protocol in Protocol if not chosen or protocol in chosen)


def best_published(published: Iterable[Published], protocol: Protocol) -> Published | None:
    """Return the best published figure that is comparable with a protocol's own.

    A figure "on all pairs" was measured end to end; any other is of the test split, or of clusters
    in a task that has no split. Figures of a part of the split count, too: what they were measured
    on is shown with them.

    Args:
        published: The figures of a task.
        protocol: The protocol.

    Returns:
        The highest of them, or None.

    """
    end_to_end = protocol in _ALL_PAIRS
    fitting = [one for one in published if ("all pairs" in one.on.lower()) == end_to_end]
    return max(fitting, key=lambda one: one.f1, default=None)
