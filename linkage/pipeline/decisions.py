"""Decisions of persons, as the decided pairs of each match definition of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.records import Records
from linkage.clustering.decided_pairs import DecidedPairs, contradiction
from linkage.config.match_definition import MatchDefinition
from linkage.config.nesting import is_looser
from linkage.errors import InputError, shorten
from linkage.io.decision_tables import SAME, rows_of_decisions

__all__ = ["Decisions", "applying", "decided_pairs", "refuse_contradictions"]

#: Decisions on a chain that a message lists.
_SHOWN = 5


@dataclass(frozen=True)
class Decisions:
    """The decisions that concern a run.

    Attributes:
        pairs: decided pairs by match definition, those that it inherits included.
        notes: what a person should know of them: how many hold, and which concern nothing here.
        table: the decisions that hold.
    """

    pairs: Mapping[str, DecidedPairs] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    table: pd.DataFrame | None = None


def applying(
    decisions: pd.DataFrame, definition: MatchDefinition, definitions: Sequence[MatchDefinition]
) -> np.ndarray:
    """Return which decisions hold under a definition, bool[m].

    ``same`` passes to looser definitions, ``different`` to stricter ones.

    Args:
        decisions: ``answer`` and ``definition`` of each.
        definition: one of the definitions.
        definitions: all of them.
    """
    stricter = [one.name for one in definitions if is_looser(definition, one)]
    looser = [one.name for one in definitions if is_looser(one, definition)]
    of, same = decisions["definition"], decisions["answer"] == SAME
    found = (of == definition.name) | (same & of.isin(stricter)) | (~same & of.isin(looser))
    return np.asarray(found.to_numpy(bool))


def refuse_contradictions(
    decisions: pd.DataFrame,
    left: np.ndarray,
    right: np.ndarray,
    definitions: Sequence[MatchDefinition],
) -> None:
    """Refuse decisions of which one says different where others, in a chain, say same.

    Args:
        decisions: as `linkage.io.decision_tables.decision_table` returns them.
        left, right: int[m], a number for each record.
        definitions: the match definitions.

    Raises:
        InputError: with the decisions.
    """
    same = (decisions["answer"] == SAME).to_numpy()
    for definition in definitions:
        holds = applying(decisions, definition, definitions)
        yes, no = np.flatnonzero(holds & same), np.flatnonzero(holds & ~same)
        pairs = np.column_stack([left, right])
        found = contradiction(pairs[yes], pairs[no])
        if found is None:
            continue
        position, chain = found
        names = [
            _named(decisions, int(no[position])),
            *(_named(decisions, int(yes[k])) for k in chain),
        ]
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        raise InputError(
            f"decisions contradict each other under {definition.name}: "
            f"{'; '.join(names[:_SHOWN])}{more}.",
            hint="Undo or leave out one of them.",
        )


def decided_pairs(
    decisions: pd.DataFrame,
    records: Records,
    definitions: Sequence[MatchDefinition],
    strictest: str,
) -> Decisions:
    """Return the decided pairs of each definition over given records.

    Args:
        decisions: as `linkage.io.decision_tables.decision_table` returns them.
        records: the records.
        definitions: the match definitions of the run.
        strictest: name of the definition of decisions that name none.

    Raises:
        InputError: decisions contradict each other, or one is of a record with itself.
    """
    decisions = decisions.assign(definition=decisions["definition"].fillna(strictest))
    left, right = rows_of_decisions(decisions, records)
    for k in np.flatnonzero((left >= 0) & (left == right))[:1]:
        raise InputError(f"{_named(decisions, int(k))} is of a record with itself.")
    here = (left >= 0) & (right >= 0)
    known = decisions["definition"].isin([one.name for one in definitions]).to_numpy()
    notes = _notes(decisions, here, known)
    use = here & known
    decisions, left, right = decisions[use].reset_index(drop=True), left[use], right[use]
    refuse_contradictions(decisions, left, right, definitions)
    same, rows = (decisions["answer"] == SAME).to_numpy(), np.column_stack([left, right])
    own: dict[str, DecidedPairs] = {}
    for definition in definitions:
        holds = applying(decisions, definition, definitions)
        own[definition.name] = DecidedPairs.of(records.n, rows[holds & same], rows[holds & ~same])
    found = {
        one.name: DecidedPairs.of(
            records.n,
            own[one.name].same,
            own[one.name].different,
            [own[other.name] for other in definitions if is_looser(other, one)],
        )
        for one in definitions
    }
    counts = f"{int(same.sum()):,} same, {int(np.sum(~same)):,} different"
    held = (f"{len(decisions):,} decisions hold: {counts}.",) if len(decisions) else ()
    pairs = {name: one for name, one in found.items() if one}
    return Decisions(pairs, (*held, *notes), decisions)


def _notes(decisions: pd.DataFrame, here: np.ndarray, known: np.ndarray) -> tuple[str, ...]:
    """What a person should know of decisions that concern nothing in a run."""
    out = []
    if not known.all():
        names = ", ".join(sorted(set(decisions["definition"][~known])))
        out.append(
            f"{int(np.sum(~known)):,} decisions are of {names}, no match definition of this run; "
            "they did not apply."
        )
    if (gone := known & ~here).any():
        first = _named(decisions, int(np.flatnonzero(gone)[0]))
        out.append(
            f"{int(gone.sum()):,} decisions name a record that the catalog does not have, and did "
            f"not apply; the first: {first}."
        )
    return tuple(out)


def _named(decisions: pd.DataFrame, position: int) -> str:
    """A decision as messages name it."""
    one = decisions.iloc[position]
    number = f"decision {one['decision']}" if "decision" in decisions else f"row {position + 1:,}"
    by = f", by {one['who']}" if one["who"] is not None else ""
    left, right = shorten(one["left_id"], 30), shorten(one["right_id"], 30)
    return f"{number} ({left} and {right} are {one['answer']} under {one['definition']}{by})"
