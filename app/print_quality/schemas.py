"""What the page shows of a report: words as codes, drawings as paths."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from app.closeup import Window, around
from app.print_quality import rules
from app.print_quality.rules import Level, Outcome
from scanner.quality import Card, Parameter, Patch, Profile, QualityReport, SymbolQuality
from scanner.quality.report import to_wire

PLOT_WIDTH, PLOT_HEIGHT = 1000, 220


@dataclass(frozen=True, slots=True)
class Finding:
    """One parameter: its value with its unit, its level, and the code of what to do."""

    name: str
    value: float | None
    unit: str
    grade: float | None
    level: Level
    advice: str
    thresholds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ScanLine:
    """One scan: its line in the picture and its profile as a drawing of ``PLOT_WIDTH`` units."""

    number: int
    ends: tuple[tuple[float, float], tuple[float, float]]
    grade: float
    level: Level
    path: str
    threshold: float
    edges: str
    defect: tuple[float, float] | None
    values: dict[str, float | None]

    @property
    def label_x(self) -> float:
        """Where the scan's number stands: at its first point, inside the picture."""
        return max(self.ends[0][0], 4.0)

    @property
    def label_y(self) -> float:
        """The baseline of the number: the scan's height there."""
        (x1, y1), (x2, y2) = self.ends
        share = (self.label_x - x1) / (x2 - x1) if x2 != x1 else 0.0
        return y1 + share * (y2 - y1) - 3


@dataclass(frozen=True, slots=True)
class Measured:
    """A symbol as the page shows it."""

    symbol: SymbolQuality
    outcome: Outcome
    findings: tuple[Finding, ...]
    scans: tuple[ScanLine, ...]

    @property
    def picture(self) -> str:
        """The picture as a data address; empty without one."""
        if self.symbol.picture is None:
            return ""
        return f"data:image/jpeg;base64,{base64.b64encode(self.symbol.picture.data).decode()}"

    @property
    def window(self) -> Window:
        """The part of the picture where the code and the scans are."""
        it = self.symbol
        if it.picture is None:
            return 0, 0, 0, 0
        ends = [end for scan in self.scans for end in scan.ends]
        return around(it.picture.width, it.picture.height, [*it.outline, *ends])

    @property
    def worst(self) -> ScanLine | None:
        """The scan with the lowest grade."""
        return min(self.scans, key=lambda scan: scan.grade, default=None)


def measured(symbol: SymbolQuality) -> Measured:
    """A symbol with the words and drawings of its measurements."""
    by_name = {item.name: item for item in symbol.parameters}
    names = rules.ordered((item.name, item.grade) for item in symbol.parameters)
    cautions = symbol.photo.cautions if symbol.photo else ()
    return Measured(
        symbol=symbol,
        outcome=rules.outcome(symbol.method, symbol.grade, cautions),
        findings=tuple(_finding(by_name[name]) for name in names),
        scans=tuple(_scan(number, profile) for number, profile in enumerate(symbol.profiles, 1)),
    )


def _finding(item: Parameter) -> Finding:
    return Finding(
        name=item.name,
        value=item.value,
        unit=item.unit,
        grade=item.grade,
        level=rules.level(item.grade),
        advice=rules.advice(item.name, item.value, item.grade),
        thresholds=item.thresholds,
    )


def _scan(number: int, profile: Profile) -> ScanLine:
    across = PLOT_WIDTH / max(len(profile.reflectances) - 1, 1)
    points = " ".join(
        f"{place * across:.0f},{_height(value):.0f}"
        for place, value in enumerate(profile.reflectances)
    )
    ticks = "".join(f"M{edge * across:.1f} {PLOT_HEIGHT}v-14" for edge in profile.edges)
    defect = profile.defect
    return ScanLine(
        number=number,
        ends=profile.line,
        grade=profile.grade,
        level=rules.level(profile.grade),
        path=f"M{points}",
        threshold=_height(profile.threshold),
        edges=ticks,
        defect=(defect[0] * across, max((defect[1] - defect[0]) * across, 4)) if defect else None,
        values={item.name: item.value for item in profile.parameters},
    )


def _height(reflectance: float) -> float:
    """The height in the plot: reflectance 1 at the top, 0 at the bottom, a little air above."""
    return PLOT_HEIGHT * (1 - min(max(reflectance, 0.0), 1.1) / 1.1)


def card(light: str, dark: str) -> Card | None:
    """A card from two fields ``left, top, width, height, per cent``; None where both are empty.

    Raises ``ValueError``.
    """
    if not light.strip() and not dark.strip():
        return None
    return Card(_patch(light), _patch(dark))


def _patch(text: str) -> Patch:
    numbers = [number.strip() for number in text.replace(";", ",").split(",")]
    if len(numbers) != 5 or not all(n.isascii() and n.isdigit() for n in numbers):
        raise ValueError(text)
    left, top, width, height, percent = (int(number) for number in numbers)
    if percent > 100 or max(left, top, width, height) > 100_000:
        raise ValueError(text)
    return Patch((left, top, width, height), percent / 100)


def said(report: QualityReport) -> dict[str, Any]:
    """The report as JSON: without pictures, drawings and profiles."""
    wire, _pictures = to_wire(report)
    for told, symbol in zip(wire["symbols"], report.symbols, strict=True):
        for name in ("picture", "marks", "outline", "profiles"):
            del told[name]
        told["standard"] = symbol.standard
        told["outcome"] = measured(symbol).outcome
    return {"basis": report.basis, **wire}
