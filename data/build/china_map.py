"""Outlines of the provinces of China (`map_china`)."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pandas

from china_places import BY_NUMBER
from tables import Workspace

TOLERANCE = 0.04  # degrees: how far a simplified line may lie from the line of the source
SMALLEST = 0.002  # square degrees: smaller islands are left out, except in KEPT_WHOLE
KEPT_WHOLE = {"TWN", "HKG", "MAC"}
PLACES = {f"{number}0000": place for number, place in BY_NUMBER.items()}
PLACES |= {"710000": "TWN", "810000": "HKG", "820000": "MAC"}

NOTE = {
    "en": "Outlines for drawing, longitude and latitude, simplified to 0.04 degrees and rounded to 0.01; islands under 0.002 square"
    " degrees are left out except off Taiwan, Hong Kong and Macao. The source has no inset of the South China Sea islands."
    " Boundary drawing is politically sensitive: a product shown in China needs an approved base map.",
    "zh": "仅供绘图的轮廓线（经度、纬度），简化容差 0.04 度，坐标取两位小数；除台湾、香港、澳门外，面积小于 0.002 平方度的岛屿未列入。源数据不含南海诸岛"
    "插图。边界绘制具有政治敏感性：在中国展示的产品须使用经审核批准的标准底图。",
}

Point = tuple[float, float]


def build(source: Path, out: Workspace) -> None:
    """Decodes, simplifies and writes the outlines."""
    origin = out.source(
        id="echarts_china",
        producer="Apache ECharts contributors",
        title="Map of China (map/json/china.json)",
        vintage="ECharts 4.9.0",
        licence="Apache-2.0",
        licence_status="stated",
        citation="Apache ECharts 4.9.0, map/json/china.json.",
        url="https://www.npmjs.com/package/echarts/v/4.9.0",
        done="Decoded, simplified to 0.04 degrees line by line so that neighbours still touch, rounded to 0.01 degrees.",
    )
    content = json.loads((source / "maps" / "echarts_china_encoded.json").read_text(encoding="utf-8"))
    rings = [(PLACES[feature["id"]], ring) for feature in content["features"] for ring in decode(feature["geometry"])]
    assert {place for place, _ in rings} == set(PLACES.values()), "a province has no outline"
    rows = []
    numbers: dict[str, int] = defaultdict(int)
    for place, ring in simplified(rings):
        path = " ".join(f"{x:.2f},{y:.2f}" for x, y in ring)
        rows.append(("china", place, numbers[place], path))
        numbers[place] += 1
    assert set(numbers) == set(PLACES.values()), "a province lost its outline"
    frame = pandas.DataFrame(rows, columns=["map", "place", "ring", "path"])
    print(
        f"    {len(rows)} rings, {frame['path'].str.count(' ').sum() + len(rows):,} points of {sum(len(r) for _, r in rings):,}"
    )
    out.write(
        "map_china",
        "map",
        frame,
        title={"en": "Outlines of the provinces of China", "zh": "中国省级行政区轮廓"},
        note=NOTE,
        sources=[origin],
    )


def decode(geometry: dict) -> list[list[Point]]:
    """The rings of one shape; ECharts writes each as zigzag differences, shifted by 64, in units of 1/1024 degree."""
    if geometry["type"] == "Polygon":
        pairs = list(zip(geometry["coordinates"], geometry["encodeOffsets"], strict=True))
    else:
        polygons = zip(geometry["coordinates"], geometry["encodeOffsets"], strict=True)
        pairs = [pair for rings, offsets in polygons for pair in zip(rings, offsets, strict=True)]
    rings = []
    for text, (x, y) in pairs:
        ring = []
        for first, second in zip(text[::2], text[1::2], strict=True):
            x += unzigzag(ord(first) - 64)
            y += unzigzag(ord(second) - 64)
            ring.append((x / 1024, y / 1024))
        if ring[0] == ring[-1]:
            ring.pop()
        rings.append(ring)
    return rings


def unzigzag(number: int) -> int:
    """0, -1, 1, -2, ... of 0, 1, 2, 3, ..."""
    return (number >> 1) ^ -(number & 1)


def simplified(rings: list[tuple[str, list[Point]]]) -> list[tuple[str, list[Point]]]:
    """The rings with fewer points. A ring is cut where its neighbours change, and every piece is simplified in one direction,
    so that the two sides of a border stay the same line."""
    owners: dict[Point, set[int]] = defaultdict(set)
    for number, (_, ring) in enumerate(rings):
        for point in ring:
            owners[point].add(number)
    result = []
    for place, ring in rings:
        if area(ring) < SMALLEST and place not in KEPT_WHOLE:
            continue
        corners = border_changes([frozenset(owners[point]) for point in ring])
        if not corners:
            start = min(range(len(ring)), key=lambda i: ring[i])
            far = max(range(len(ring)), key=lambda i: distance(ring[i], ring[start]))
            corners = sorted({start, far})
        points: list[Point] = []
        for this, following in zip(corners, corners[1:] + corners[:1], strict=True):
            piece = ring[this : following + 1] if this < following else ring[this:] + ring[: following + 1]
            forward = piece[0] <= piece[-1]
            short = douglas_peucker(piece if forward else piece[::-1])
            points += (short if forward else short[::-1])[:-1]
        rounded = [(round(x, 2), round(y, 2)) for x, y in points]
        clean = [point for i, point in enumerate(rounded) if point != rounded[i - 1]]
        if len(clean) >= 3:
            result.append((place, clean + clean[:1]))
        elif place in KEPT_WHOLE or area(ring) >= SMALLEST:
            corners_of_box = box(ring)
            result.append((place, corners_of_box + corners_of_box[:1]))
    return result


def border_changes(owners: list[frozenset[int]]) -> list[int]:
    """Where along a ring the neighbour changes. One or two points of the ring alone between points that it shares with the same
    neighbour are a slip of the drawing, not a change."""
    count = len(owners)
    smooth = list(owners)
    for length in (1, 2):
        for i in range(count):
            between = [(i + step) % count for step in range(length)]
            before, after = owners[i - 1], owners[(i + length) % count]
            if before == after and len(before) > 1 and all(len(owners[j]) == 1 for j in between):
                for j in between:
                    smooth[j] = before
    return [i for i in range(count) if smooth[i] != smooth[i - 1]]


def box(ring: list[Point]) -> list[Point]:
    """A rectangle of at least 0.01 degrees around a ring that is too small to keep its form."""
    left, right = round(min(x for x, _ in ring), 2), round(max(x for x, _ in ring), 2)
    low, high = round(min(y for _, y in ring), 2), round(max(y for _, y in ring), 2)
    right, high = max(right, left + 0.01), max(high, low + 0.01)
    return [(left, low), (right, low), (right, high), (left, high)]


def douglas_peucker(line: list[Point]) -> list[Point]:
    """The line without the points that lie within the tolerance of the simplified one."""
    keep = {0, len(line) - 1}
    stack = [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        worst, where = TOLERANCE, None
        for i in range(first + 1, last):
            away = distance_to_segment(line[i], line[first], line[last])
            if away > worst:
                worst, where = away, i
        if where is not None:
            keep.add(where)
            stack += [(first, where), (where, last)]
    return [line[i] for i in sorted(keep)]


def distance(a: Point, b: Point) -> float:
    """Distance of two points in degrees."""
    return ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5


def distance_to_segment(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from a segment in degrees."""
    length = distance(start, end)
    if length == 0:
        return distance(point, start)
    along = ((point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1])) / length**2
    along = min(1.0, max(0.0, along))
    foot = (start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1]))
    return distance(point, foot)


def area(ring: list[Point]) -> float:
    """Area of a ring in square degrees."""
    following = ring[1:] + ring[:1]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, following, strict=True))) / 2
