"""The page of a run: `ReportData` as sections."""

from __future__ import annotations

from typing import Any

from linkage.report.data.contents import DefinitionData, ReportData, RunData
from linkage.report.page.cluster_section import cluster_section, pair_section, variation_section
from linkage.report.page.page import Markup, Page, Section, join
from linkage.report.page.parts import Bar, bars, details, figures, note, table
from linkage.report.page.score_section import score_section

__all__ = ["run_page", "summary_figures"]


def run_page(data: ReportData) -> str:
    """Return the page of a run as one HTML file.

    Args:
        data: What it shows.

    """
    sections = [_overview(data)]
    embedded = {}
    several = len(data.definitions) > 1
    for number, definition in enumerate(data.definitions):
        # Names come from the user, so that anchors are numbered.
        prefix = f"m{number}-" if several else ""
        found = [
            score_section(definition, f"{prefix}scores"),
            pair_section(data, definition, f"{prefix}pairs"),
            cluster_section(data, definition, f"{prefix}clusters"),
            _blocking(definition, f"{prefix}blocking"),
            _features(definition, f"{prefix}features"),
        ]
        if definition.ignore:
            found.insert(1, _variants(definition, f"{prefix}variants"))
        group = f"Match “{definition.name}”" if several else ""
        sections += [Section(s.id, s.title, s.body, s.lead, s.short, group) for s in found]
        embedded[f"{prefix}scores-data"] = definition.scores
    sections.append(_run(data.run, "Run" if several else ""))
    run = data.run
    records = f"{run.left:,} records"
    if run.right:
        records = f"{run.left:,} and {run.right:,} records linked"
    version = run.versions.get("linkage", "")
    return Page(
        title="Matching report",
        subtitle=f"{records} in {_seconds(run.seconds)}",
        sections=sections,
        data=embedded,
        scripts=("threshold.js",),
        footer=f"catalog-linkage {version}. This file needs nothing else and asks for nothing.",
    ).render()


def summary_figures(data: RunData, definition: DefinitionData) -> list[tuple[str, str]]:
    """Return the key figures of a definition."""
    counts = definition.counts
    shown = [
        (f"{counts['clusters']:,}", "clusters of two or more"),
        (f"{counts['singletons']:,}", "records alone"),
        (f"{counts['matches']:,}", "matching pairs"),
        (f"{counts['largest_cluster']:,}", "records in the largest"),
        (f"{counts['candidates'] / max(data.left + data.right, 1):.1f}", "candidates per record"),
        (f"{definition.scores.threshold:.3f}", "threshold"),
    ]
    if definition.metrics:
        shown.append((f"{definition.metrics['f1']:.3f}", "F1 on held-out labels"))
    elif definition.expected:
        shown.append((f"{definition.expected['f1']:.2f}", "F1, estimated without labels"))
    return shown


def _overview(data: ReportData) -> Section:
    parts = [note(text) for text in data.run.notes]
    for definition in data.definitions:
        if len(data.definitions) > 1:
            text = "nothing ignored"
            if definition.ignore:
                text = f"ignoring {', '.join(definition.ignore)}"
            parts.append(
                Markup('<h3>{} <span class="muted light">{}</span></h3>').format(
                    definition.name, text
                )
            )
        parts.append(figures(summary_figures(data.run, definition)))
    return Section("overview", "Overview", join(parts))


def _blocking(definition: DefinitionData, anchor: str) -> Section:
    blocking = definition.blocking
    report = blocking.report
    shown = [
        (f"{report['pairs']:,}", "candidate pairs"),
        (f"{report['mean']:.1f}", "per record, on average"),
        (f"{report['most']:,}", "per record, at most"),
        (f"{100 * report['reduction_ratio']:.2f} %", "of all pairs left out"),
    ]
    completeness = report.get("completeness")
    if completeness is not None:
        share = f"{report['found_pairs']:,} of {report['true_pairs']:,} known matches"
        shown.insert(0, (f"{100 * completeness:.1f} %", f"pairs completeness: {share}"))
    most = max((number for _, _, number in blocking.degree), default=1)
    degrees = [
        Bar(f"{low:,}" if low == high else f"{low:,}–{high:,}", f"{n:,}", n / max(most, 1))
        for low, high, n in blocking.degree
    ]
    return Section(
        anchor,
        "Candidates",
        join(
            [
                figures(shown),
                Markup("<h3>What each blocker brought</h3>"),
                _brought(definition),
                Markup("<h3>Records by number of candidates</h3>"),
                bars(degrees, "Number of records by number of candidate pairs"),
                _largest_blocks(report.get("largest_blocks") or []),
            ]
        ),
        "Only candidate pairs are compared. Several blockers propose them, within a budget for "
        "each record.",
    )


def _brought(definition: DefinitionData) -> Markup:
    measured = {one["name"]: one for one in definition.blocking.report.get("blockers") or []}
    has_truth = any(one.get("completeness") is not None for one in measured.values())
    headings = ["blocker", "pairs", "only it", "matches", "matches only it"]
    rows = []
    for one in definition.blocking.brought:
        row: list[Any] = [one["name"], *(f"{one[k]:,}" for k in _BROUGHT)]
        if has_truth:
            completeness = measured.get(one["name"], {}).get("completeness")
            row.append(None if completeness is None else f"{100 * completeness:.1f} %")
        rows.append(row)
    if has_truth:
        headings.append("of known matches")
    return table(headings, rows, numeric=range(1, len(headings)))


_BROUGHT = ("pairs", "alone", "matches", "matches_alone")


def _largest_blocks(blocks: list[dict[str, Any]]) -> Markup:
    if not blocks:
        return Markup("")
    rows = [
        (
            b["name"],
            b["blocker"],
            f"{b['rows']:,}",
            f"{b['kept']:,} of {b['pairs']:,}",
            b["treatment"],
        )
        for b in blocks
    ]
    return join(
        [
            Markup("<h3>Largest blocks</h3>"),
            table(["key", "blocker", "records", "pairs taken", "block"], rows, numeric=(2, 3)),
        ]
    )


def _features(definition: DefinitionData, anchor: str) -> Section:
    rows = definition.importance
    most = max((share for _, share in rows), default=1.0)
    body = bars(
        [Bar(name, f"{100 * share:.1f} %", share / max(most, 1e-12)) for name, share in rows],
        "Share of the gain by feature",
    )
    if not rows:
        body = note("No booster was trained: the scores rest on a Fellegi-Sunter model alone.")
    return Section(
        anchor,
        "Features",
        body,
        "How much each feature contributed to telling matches apart: its share of the gain over "
        "all trees.",
    )


def _variants(definition: DefinitionData, anchor: str) -> Section:
    variation = definition.variation
    if variation is None:
        section = Section(
            anchor, "Variants", note("None of the ignored columns has values to compare.")
        )
    else:
        section = variation_section(definition, variation, anchor)
    if not definition.treatments:
        return section
    rows = [
        (
            one["source"] or "all",
            one["column"],
            "left as they are" if one["disciplined"] else f"{one['masked']:,} mentions masked",
            f"{one['spanning']:.2f}",
            f"{one['records']:,}",
        )
        for one in definition.treatments
    ]
    policies = join(
        [
            Markup("<h3>How texts were treated</h3>"),
            table(
                ["source", "column", "texts", "share spanning variants", "records"],
                rows,
                numeric=(3, 4),
            ),
        ]
    )
    return Section(anchor, section.title, section.body + policies, section.lead)


def _run(run: RunData, group: str) -> Section:
    most = max((seconds for _, seconds, _ in run.steps), default=1.0)
    steps = [
        Bar(
            name if times == 1 else f"{name} (×{times})",
            _seconds(seconds),
            seconds / max(most, 1e-9),
        )
        for name, seconds, times in run.steps
    ]
    attributes = [
        (name, kind or None, f"{100 * fill:.0f} %", role)
        for name, kind, fill, role in run.attributes
    ]
    return Section(
        "run",
        "What ran",
        join(
            [
                figures(
                    [
                        (f"{run.left:,}", "records" if not run.right else "records left"),
                        *([(f"{run.right:,}", "records right")] if run.right else []),
                        (_seconds(run.seconds), "in all steps"),
                        (f"{run.peak_memory_mb / 1024:.2f} GiB", "peak memory"),
                    ]
                ),
                Markup("<h3>Steps</h3>"),
                bars(steps, "Seconds by step"),
                Markup("<h3>Columns</h3>"),
                table(["column", "kind", "filled", "role"], attributes, numeric=(2,)),
                details(
                    "Settings",
                    table(["setting", "value"], _flat(run.settings)),
                ),
                details("Versions", table(["package", "version"], run.versions.items())),
            ]
        ),
        group=group,
    )


def _flat(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.") if value else [(f"{prefix}{name}", "")]
        elif isinstance(value, list | tuple):
            rows.append((f"{prefix}{name}", ", ".join(map(str, value))))
        else:
            rows.append((f"{prefix}{name}", str(value)))
    return rows


def _seconds(seconds: float) -> str:
    if seconds >= 90:
        return f"{int(seconds // 60)} min {seconds % 60:.0f} s"
    return f"{seconds:.1f} s" if seconds >= 0.05 else f"{1000 * seconds:.0f} ms"
