"""The rules of a match definition over given records: which pairs must match, and which cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from features.arrays.distinct import sorted_distinct
from features.kinds import Kind
from features.records import Records
from linkage.clustering.constrained_union import join_groups, row_numbers
from linkage.clustering.constraints import Constraints
from linkage.clustering.decided_pairs import DecidedPairs, join_pairs
from linkage.clustering.declared_rules import DeclaredRule, inherited_rules
from linkage.clustering.labels import renumbered
from linkage.clustering.rule_values import kind_of_column, rule_values
from linkage.config.match_definition import MatchDefinition
from linkage.errors import shorten

__all__ = ["Rules"]


@dataclass(frozen=True)
class Rules:
    """The rules of one definition over given records.

    Rules apply to pairs whose values are known on both sides. Where a ``must`` and a ``cannot``
    contradict each other, in a pair or along a chain, ``cannot`` wins. What a person decided of a
    pair goes before all rules.

    Attributes:
        declared: the rules.
        side: int8[n], table of each record, where only pairs across two tables count.
        sources: int[n], source of each record, if a cluster holds at most one of each; negative =
            unknown.
        largest: most records that a value may join; values of more are left to the score.
        notes: what a person should know of the rules.
        decided: pairs that a person decided.
    """

    declared: tuple[DeclaredRule, ...] = ()
    side: np.ndarray | None = None
    sources: np.ndarray | None = None
    largest: int = 500
    notes: list[str] = field(default_factory=list)
    decided: DecidedPairs | None = None

    @classmethod
    def of(
        cls,
        definition: MatchDefinition,
        definitions: Sequence[MatchDefinition],
        records: Records,
        kinds: Mapping[str, Kind] | None = None,
        sources: np.ndarray | None = None,
        largest: int = 500,
        decided: DecidedPairs | None = None,
    ) -> Rules:
        """Return the rules that hold under a definition, with the values of the records.

        Args:
            definition: one of the definitions.
            definitions: all of them.
            records: the rows, with every column of the catalog.
            kinds: kinds that the user declares, for columns that are not compared.
            sources: source of each record, if no source lists a product twice.
            largest: most records of a cluster.
            decided: pairs that a person decided, if there are any.
        """
        declared = [
            DeclaredRule(verb, rule, name, _values(records, rule.column, kinds or {}))
            for verb, rule, name in inherited_rules(definition, definitions)
        ]
        side = records.side if records.is_linkage else None
        notes = _notes(declared, records, largest)
        return cls(tuple(declared), side, sources, largest, notes, decided or None)

    def __bool__(self) -> bool:
        return bool(self.declared) or self.decided is not None

    @property
    def must(self) -> list[DeclaredRule]:
        """The rules by which pairs match."""
        return [rule for rule in self.declared if rule.verb == "must"]

    @property
    def cannot(self) -> list[DeclaredRule]:
        """The rules by which pairs do not match."""
        return [rule for rule in self.declared if rule.verb == "cannot"]

    @property
    def constraints(self) -> Constraints:
        """What clusters may not hold together, by ``cannot`` rules and decided pairs."""
        once = []
        for rule in self.cannot:
            if rule.rule.when == "equal":
                known = np.flatnonzero(rule.values >= 0)
                once.append((known, rule.values[known]))
        if self.decided is not None and len(self.decided.different):
            once.append(self.decided.once)
        single = tuple(r.values for r in self.cannot if r.rule.when == "differ")
        return Constraints(single, tuple(once))

    def forbids(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return whether each of m pairs cannot match, by a rule or a decision; bool[m]."""
        out = np.zeros(len(left), bool)
        for rule in self.cannot:
            out |= rule.fires(left, right)
        if self.decided is not None:
            out &= ~self.decided.are_same(left, right)
            out |= self.decided.are_different(left, right)
        return out

    def demands(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return whether each of m pairs must match, by a rule or decision, and may; bool[m]."""
        out = np.zeros(len(left), bool)
        if self.decided is not None:
            out |= self.decided.are_same(left, right)
        for rule in self.must:
            values = self._trusted(rule)
            a, b = values[left], values[right]
            out |= (a >= 0) & (a == b)
        fired = np.flatnonzero(out)
        out[fired] = ~self.forbids(left[fired], right[fired])
        return out

    def overrule(self, left: np.ndarray, right: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Return the scores of pairs, with 1 where they must match and 0 where they cannot."""
        out = np.where(self.demands(left, right), 1.0, score)
        return np.where(self.forbids(left, right), 0.0, out)

    def start(
        self, n: int, before: Sequence[np.ndarray] = (), *, decided: bool = False
    ) -> np.ndarray:
        """Return the starting clusters: those of stricter definitions, joined by ``must`` rules.

        Args:
            n: number of records.
            before: labels of stricter definitions' clusters, the loosest first. The first stay
                whole; the others as far as nothing forbids it.
            decided: whether pairs that were decided to be the same are joined first, which nothing
                forbids.

        Returns:
            Labels, int64[n].
        """
        labels = np.arange(n, dtype=np.int64) if not before else renumbered(before[0])
        if decided and self.decided is not None:
            labels = join_pairs(labels, self.decided.same)
        limits = self.yielding_to(labels).limits
        for other in before[1:]:
            labels = join_groups(labels, renumbered(other), limits)
        return self._joined(labels, limits)

    def declared_matches(self, n: int) -> np.ndarray:
        """Return the clusters that the ``must`` rules make alone: labels, int64[n]."""
        labels = np.arange(n, dtype=np.int64)
        if self.decided is not None:
            labels = join_pairs(labels, self.decided.same)
        return self._joined(labels, self.yielding_to(labels).limits)

    def yielding_to(self, labels: np.ndarray) -> Rules:
        """Return the rules with values that starting clusters do not contradict.

        Only decisions join what a ``cannot`` rule would keep apart. No further value joins it.

        Args:
            labels: int[n], starting clusters.
        """
        if self.decided is None or not len(self.decided.same):
            return self
        return replace(
            self,
            declared=tuple(
                replace(rule, values=_undisputed(rule.values, labels))
                if rule.verb == "cannot" and rule.rule.when == "differ"
                else rule
                for rule in self.declared
            ),
        )

    @property
    def same(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs decided to be the same, rows left < right; between two tables pairs across."""
        if self.decided is None:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        pairs = np.unique(np.sort(self.decided.same, axis=1), axis=0)
        if self.side is not None:
            pairs = pairs[self.side[pairs[:, 0]] != self.side[pairs[:, 1]]]
        return pairs[:, 0], pairs[:, 1]

    def stars(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs that connect what the ``must`` rules join, as stars.

        Each record is paired with the first record of its value, so that their number grows with
        the records and not with their square.

        Args:
            labels: int[n]; pairs of different labels are left out, since something forbids them.

        Returns:
            Rows left < right of each pair, no pair twice; between two tables pairs across.
        """
        pairs = [np.empty((0, 2), np.int64)]
        for rule in self.must:
            group = self._joining(rule)
            rows = np.flatnonzero(group >= 0)
            if not len(rows):
                continue
            part = row_numbers(group[rows], labels[rows])
            if self.side is None:
                centre = _first_of(part, rows)
                pairs.append(np.column_stack([centre, rows]))
                continue
            # Between tables: every record with the first of the other table.
            for own, other in ((0, 1), (1, 0)):
                centre = _first_of(part, rows, self.side[rows] == other)
                use = (self.side[rows] == own) & (centre >= 0)
                pairs.append(np.column_stack([centre[use], rows[use]]))
        both = np.sort(np.concatenate(pairs), axis=1)
        keys = sorted_distinct(both[:, 0] * len(labels) + both[:, 1])
        left, right = np.divmod(keys, max(len(labels), 1))
        allowed = (left != right) & ~self.forbids(left, right)
        return left[allowed], right[allowed]

    @property
    def limits(self) -> Constraints:
        """The constraints, and that a cluster holds each source once where that is asked for."""
        limits = self.constraints
        if self.sources is None:
            return limits
        known = np.flatnonzero(self.sources >= 0)
        return Constraints(limits.single, (*limits.once, (known, self.sources[known])))

    def _joined(self, labels: np.ndarray, limits: Constraints) -> np.ndarray:
        before = labels
        for rule in self.must:
            labels = join_groups(labels, self._joining(rule), limits, largest=self.largest)
        if self.side is None or not self.must:
            return labels
        # Records of one table are joined by their partners in the other, not by themselves.
        of_second = np.bincount(labels, weights=self.side)
        lonely = (of_second == 0) | (of_second == np.bincount(labels))
        return renumbered(np.where(lonely[labels], before, len(labels) + labels))

    def _trusted(self, rule: DeclaredRule) -> np.ndarray:
        """Values of a ``must`` rule but for those of too many records."""
        size = np.bincount(rule.values[rule.values >= 0], minlength=1)
        use = (rule.values >= 0) & (size <= self.largest)[rule.values]
        return np.where(use, rule.values, -1)

    def _joining(self, rule: DeclaredRule) -> np.ndarray:
        """Values of a ``must`` rule that join records: of several, and of both tables."""
        values = self._trusted(rule)
        size = np.bincount(values[values >= 0], minlength=1)
        use = size > 1
        if self.side is not None:
            of_second = np.bincount(values[(values >= 0) & (self.side == 1)], minlength=len(size))
            use &= (of_second > 0) & (of_second < size)
        return np.where((values >= 0) & use[values], values, -1)


def _notes(declared: Sequence[DeclaredRule], records: Records, largest: int) -> list[str]:
    """What a person should know of rules: columns without values, values that join too many."""
    out = []
    for rule in declared:
        known = rule.values[rule.values >= 0]
        if not len(known):
            out.append(f"{rule}: no value of '{rule.rule.column}' is known, so it never fires.")
        size = np.bincount(known, minlength=1)
        for code in np.flatnonzero(size > largest) if rule.verb == "must" else ():
            row = int(np.flatnonzero(rule.values == code)[0])
            text = shorten(records.values(rule.rule.column)[row].as_py())
            out.append(
                f"{rule}: {size[code]:,} records have {text}, more than limits.max_cluster_size "
                f"({largest:,}); they are left to their scores."
            )
    return out


def _first_of(group: np.ndarray, rows: np.ndarray, use: np.ndarray | None = None) -> np.ndarray:
    """Return the first row of each row's group (among those used), -1 where there is none."""
    first = np.full(int(group.max(initial=-1)) + 1, -1, np.int64)
    where = np.arange(len(rows)) if use is None else np.flatnonzero(use)
    first[group[where][::-1]] = rows[where][::-1]
    return first[group]


def _undisputed(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return values; clusters that have several have one of their own in their place."""
    known = values >= 0
    size = int(labels.max(initial=-1)) + 1
    lowest, highest = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(lowest, labels[known], values[known])
    np.maximum.at(highest, labels[known], values[known])
    own = int(values.max(initial=-1)) + 1 + labels
    return np.where(known & (lowest[labels] < highest[labels]), own, values)


def _values(records: Records, column: str, kinds: Mapping[str, Kind]) -> np.ndarray:
    return rule_values(records.values(column), kind_of_column(records, column, kinds))
