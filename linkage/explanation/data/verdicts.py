"""Why two records are in one cluster, or are not, in a sentence."""

from __future__ import annotations

from linkage.explanation.data.findings import ClusterPath, RivalCandidate, RuleFinding

__all__ = ["verdict"]


def verdict(
    *,
    match: bool,
    score: float | None,
    threshold: float,
    one_to_one: bool,
    rules: list[RuleFinding],
    path: ClusterPath | None,
    rivals: list[RivalCandidate],
    inherited: str | None,
    too_large: bool = False,
) -> str:
    """Why two records are in one cluster, or are not.

    Args:
        match: whether they are.
        score: the run's score of the pair; None where it was no candidate.
        threshold: score at which a match begins.
        one_to_one: whether a record has at most one partner.
        rules: rules that apply.
        path: the path that joined them, where they are no edge over the threshold.
        rivals: the best other candidates of both.
        too_large: whether both clusters together have more records than a cluster may have.
        inherited: the stricter match definition under which they are in one cluster, if any.
    """
    beside = f"the threshold of {threshold:.3f}"
    deciding = next(
        (rule for rule in rules if rule.effect == ("must" if match else "cannot")), None
    )
    if deciding is not None:
        return f"{'They match' if match else 'No match'} by a rule: {deciding.rule}."
    if match and inherited is not None:
        return f"They match under the stricter definition {inherited}, whose clusters stay whole."
    if match and score is not None and score >= threshold:
        return f"Their score of {score:.3f} is at or over {beside}, and one cluster holds both."
    if match:
        own = (
            "They were never compared themselves"
            if score is None
            else f"Their own score of {score:.3f} is below {beside}"
        )
        if path is None:
            return f"{own}; the cluster holds both all the same."
        weak = path.edges[path.weakest]
        return (
            f"{own}; a path of {len(path.edges)} scored pairs joined them, the weakest of which is "
            f"{weak.left_id} with {weak.right_id} ({weak.score:.3f})."
        )
    if score is None:
        return "They were never compared, and no cluster holds both."
    if score < threshold:
        return f"Their score of {score:.3f} is below {beside}."
    taken = [rival for rival in rivals if rival.match]
    if one_to_one and taken:
        told = " and ".join(
            f"the {rival.of} record has {rival.id} as its partner ({rival.score:.3f})"
            for rival in taken[:2]
        )
        return (
            f"Their score of {score:.3f} is at or over {beside}, but a record has one partner at "
            f"most, and {told}."
        )
    why = (
        "their clusters together have more records than limits.max_cluster_size allows"
        if too_large
        else "the pairs of records of their two clusters are on average not alike enough"
    )
    return f"Their score of {score:.3f} is at or over {beside}, but {why}."
