"""The map of the world at 1:110 million (`map_world`), decoded from TopoJSON."""

from __future__ import annotations

import json
from pathlib import Path

import pandas

import places
from tables import BuildError, Workspace

# Areas of the map without an ISO number.
WITHOUT_NUMBER = {"Kosovo": "X-KOS", "N. Cyprus": "X-NCY", "Somaliland": "X-SOL"}
Ring = list[tuple[float, float]]


def build(source: Path, out: Workspace) -> None:
    """Writes one row a ring."""
    origin = out.source(
        id="natural-earth-110m",
        producer="Natural Earth; world-atlas (M. Bostock)",
        title="Admin 0 countries, 1:110 million",
        vintage="world-atlas 2, Natural Earth 4/5",
        licence="Natural Earth: public domain; world-atlas: ISC",
        licence_status="stated",
        citation="Made with Natural Earth.",
        url="https://github.com/topojson/world-atlas",
        done="TopoJSON decoded into rings of longitude and latitude with two decimals; rings cut at the antimeridian; numbers mapped to"
        " ISO 3166 letters; three areas without a number kept under codes that begin with X-.",
    )
    topology = json.loads((source / "maps" / "countries-110m.json").read_text(encoding="utf-8"))
    codes = places.countries(source).set_index("numeric")["place"].to_dict()
    arcs = decode(topology)
    rows = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        code = codes[geometry["id"]] if "id" in geometry else WITHOUT_NUMBER[name]
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        number = 0
        for polygon in polygons:
            for ring in polygon:
                for part in cut(stitch(ring, arcs)):
                    path = " ".join(f"{short(longitude)},{short(latitude)}" for longitude, latitude in part)
                    rows.append(("world", code, number, path))
                    number += 1
    frame = pandas.DataFrame(rows, columns=["map", "place", "ring", "path"])
    print(f"    {frame['place'].nunique()} places, {len(frame)} rings")
    if frame["place"].nunique() != 177:
        raise BuildError("the map does not have 177 places")
    out.write(
        "map_world",
        "map",
        frame,
        title={"en": "Map of the world, 1:110 million", "zh": "世界地图（1:1.1 亿）"},
        note={
            "en": "Longitude and latitude in degrees; the last point of a ring repeats the first; holes are rings too (fill by the"
            " even-odd rule). Small states are missing at this scale. Boundaries are those of Natural Earth (de facto) and express no"
            " opinion; a product published in China needs an approved base map.",
            "zh": "经纬度，单位为度；环的末点与首点相同；内孔也作为环存储（按奇偶规则填充）。该比例尺下不含小国。"
            "边界取自 Natural Earth（按实际控制），不代表任何立场；在中国公开发布须使用经审核的标准底图。",
        },
        sources=[origin],
    )


def short(degrees: float) -> str:
    """Two decimals without trailing zeros."""
    text = f"{degrees:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def decode(topology: dict) -> list[Ring]:
    """The arcs in degrees (delta and scale undone)."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def stitch(numbers: list[int], arcs: list[Ring]) -> Ring:
    """One ring from its arcs; a negative number is an arc walked backwards."""
    ring: Ring = []
    for number in numbers:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring.extend(points[1:] if ring else points)
    return ring


def cut(ring: Ring) -> list[Ring]:
    """The parts of a ring on one sheet from -180 to 180 degrees; a ring around a pole is closed along the pole."""
    unrolled = [ring[0]]
    for longitude, latitude in ring[1:]:
        previous = unrolled[-1][0]
        while longitude - previous > 180:
            longitude -= 360
        while longitude - previous < -180:
            longitude += 360
        unrolled.append((longitude, latitude))
    turn = unrolled[-1][0] - unrolled[0][0]
    if abs(turn) > 180:
        pole = -90.0 if sum(latitude for _, latitude in ring) < 0 else 90.0
        unrolled += [(unrolled[-1][0], pole), (unrolled[0][0], pole), unrolled[0]]
    lowest, highest = min(x for x, _ in unrolled), max(x for x, _ in unrolled)
    if lowest >= -180 and highest <= 180:
        return [unrolled]
    parts = []
    for shift in (-360, 0, 360):
        moved = [(x + shift, y) for x, y in unrolled]
        part = clip(clip(moved, -180, keep_above=True), 180, keep_above=False)
        if len(part) >= 4 and len({(round(x, 2), round(y, 2)) for x, y in part}) >= 3:
            parts.append(part)
    return parts


def clip(ring: Ring, limit: float, keep_above: bool) -> Ring:
    """The part of a closed ring on one side of a meridian (Sutherland and Hodgman)."""
    kept: Ring = []
    for (x0, y0), (x1, y1) in zip(ring, ring[1:], strict=False):
        inside0 = x0 >= limit if keep_above else x0 <= limit
        inside1 = x1 >= limit if keep_above else x1 <= limit
        if inside0:
            kept.append((x0, y0))
        if inside0 != inside1:
            kept.append((limit, y0 + (y1 - y0) * (limit - x0) / (x1 - x0)))
    if kept and kept[0] != kept[-1]:
        kept.append(kept[0])
    return kept
