"""A picture of simulated days as SVG: waits by class on the left, the queue through the day on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from queue_server.simulate.measure import STEP, Day, mean_and_error, quantile

COLOURS = ("#1456D9", "#D9661F", "#1E8A5F", "#8A4FC4", "#B03A5B", "#5C6B7A")
INK, QUIET, RULE = "#1B2430", "#5C6B7A", "#E3E8EE"
FONT = "'Noto Sans', 'Noto Sans CJK SC', 'DejaVu Sans', sans-serif"
BANDS = 2  # more would hide each other
LEFT, TOP, WIDE, HIGH, GAP = 110, 96, 470, 330, 70  # px: the first panel's corner, both panels' size, between them


@dataclass(frozen=True, slots=True)
class Series:
    """The days of one policy."""

    name: str
    days: Sequence[Day]


def picture(title: str, series: Sequence[Series], opens: float) -> str:
    """The SVG. `opens` is minutes after midnight."""
    width, height = LEFT + 2 * WIDE + GAP + 30, TOP + HIGH + 78
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" font-size="13" fill="{INK}"><rect width="100%" height="100%" fill="white"/>',
        _text(24, 34, title, size=19, weight=600),
        *_legend(series),
        *_waits(series),
        *_queue(series, opens),
        "</svg>",
    ]
    return "\n".join(parts)


def _text(
    x: float, y: float, text: str, *, size: int = 13, anchor: str = "start", fill: str = INK, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def _legend(series: Sequence[Series]) -> list[str]:
    parts, x = [], 24.0
    for one, colour in zip(series, COLOURS, strict=False):
        parts.append(f'<rect x="{x:.1f}" y="49" width="12" height="12" rx="3" fill="{colour}"/>')
        parts.append(_text(x + 18, 60, one.name, fill=QUIET))
        x += 46 + 7.2 * len(one.name)
    return parts


def _ticks(most: float) -> list[float]:
    """Four to eight round numbers from 0 up to or past `most`."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if most / step <= 7)
    return [n * step for n in range(int(most / step) + 2)]


def _waits(series: Sequence[Series]) -> list[str]:
    """A bar from the 10th to the 90th of 100 people, the mean on it, in a group of bars per class."""
    classes = sorted({cls for one in series for day in one.days for cls in day.waits})
    waits = {(one.name, cls): sorted(w for day in one.days for w in day.waits.get(cls, ())) for one in series
             for cls in classes}  # fmt: skip
    ticks = _ticks(max((quantile(found, 0.9) for found in waits.values()), default=0))
    scale = WIDE / (ticks[-1] or 1)
    parts = [_text(LEFT, TOP - 10, "Minutes waited, by class", weight=600)]
    for tick in ticks:
        x = LEFT + tick * scale
        parts.append(f'<path d="M{x:.1f} {TOP}V{TOP + HIGH}" stroke="{RULE}"/>')
        parts.append(_text(x, TOP + HIGH + 20, f"{tick:g}", anchor="middle", fill=QUIET))
    group = HIGH / max(1, len(classes))
    bar = min(16.0, group * 0.8 / max(1, len(series)))
    for row, cls in enumerate(classes):
        middle = TOP + group * (row + 0.5)
        parts.append(_text(LEFT - 12, middle + 4, cls.replace("_", "-"), anchor="end"))
        for place, (one, colour) in enumerate(zip(series, COLOURS, strict=False)):
            y, found = middle + bar * (place - (len(series) - 1) / 2), waits[one.name, cls]
            begin, end = (LEFT + quantile(found, share) * scale for share in (0.1, 0.9))
            mean = LEFT + mean_and_error(found)[0] * scale
            parts.append(
                f'<rect x="{begin:.1f}" y="{y - bar * 0.36:.1f}" width="{max(2, end - begin):.1f}" '
                f'height="{bar * 0.72:.1f}" rx="3" fill="{colour}" fill-opacity="0.28"/>'
                f'<circle cx="{mean:.1f}" cy="{y:.1f}" r="{bar * 0.34:.1f}" fill="{colour}"/>'
            )
    parts.append(_text(LEFT, TOP + HIGH + 46, "dot: mean; bar: from the 10th to the 90th of 100 people", fill=QUIET))
    return parts


def _queue(series: Sequence[Series], opens: float) -> list[str]:
    """Waiting people through the day: the mean of the days; of one or two policies also eight days in ten."""
    left = LEFT + WIDE + GAP
    rows = {one.name: _looks(one.days) for one in series}
    with_band = len(series) <= BANDS
    most, looks = _extent([row for found in rows.values() for row in enumerate(found)], with_band)
    ticks = _ticks(most)
    across, up = WIDE / (looks - 1), HIGH / ticks[-1]
    parts = [_text(left, TOP - 10, "People waiting, by time", weight=600)]
    for tick in ticks:
        y = TOP + HIGH - tick * up
        parts.append(f'<path d="M{left} {y:.1f}H{left + WIDE}" stroke="{RULE}"/>')
        parts.append(_text(left - 8, y + 4, f"{tick:g}", anchor="end", fill=QUIET))
    for minutes in range(round(-opens % 60), (looks - 1) * STEP + 1, 60 if looks * STEP <= 660 else 120):
        clock = f"{round(opens + minutes) // 60 % 24:02d}:00"
        parts.append(_text(left + minutes / STEP * across, TOP + HIGH + 20, clock, anchor="middle", fill=QUIET))
    for one, colour in zip(series, COLOURS, strict=False):

        def line(values: list[float]) -> list[tuple[float, float]]:
            return [(left + at * across, TOP + HIGH - value * up) for at, value in enumerate(values)]

        found = rows[one.name][:looks]
        if with_band:
            high, low = (line([quantile(row, share) for row in found]) for share in (0.9, 0.1))
            parts.append(f'<path d="{_path(high + low[::-1])}Z" fill="{colour}" fill-opacity="0.13"/>')
        mean = line([mean_and_error(row)[0] for row in found])
        parts.append(f'<path d="{_path(mean)}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
    words = "mean of the days" + ("; band: from the 10th to the 90th of 100 days" if with_band else "")
    parts.append(_text(left, TOP + HIGH + 46, f"line: {words}", fill=QUIET))
    return parts


def _looks(days: Sequence[Day]) -> list[list[int]]:
    """By moment, how many waited on each of the days, sorted; nobody after a day has ended."""
    longest = max((len(day.queue) for day in days), default=0)
    return [sorted(day.queue[at] if at < len(day.queue) else 0 for day in days) for at in range(longest)]


def _extent(rows: Sequence[tuple[int, list[int]]], with_band: bool) -> tuple[float, int]:
    """The most that is drawn, and how many moments until hardly anybody waits."""
    drawn = [(at, max(mean_and_error(row)[0], quantile(row, 0.9) if with_band else 0)) for at, row in rows]
    most = max((value for _, value in drawn), default=0.0)
    last = max((at for at, value in drawn if value > most / 100), default=0)
    return max(1.0, most), last + 2


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
