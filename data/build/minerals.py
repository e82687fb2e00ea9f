"""World production, capacity and reserves of minerals, USGS Mineral Commodity Summaries 2025 (`minerals_usgs`)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas

import names
import places
from checks import expect
from tables import BuildError, Workspace

COLUMNS = {
    "PROD_2023": (2023, "production"),
    "PROD_EST_ 2024": (2024, "production"),
    "CAP_2023": (2023, "capacity"),
    "CAP_EST_ 2024": (2024, "capacity"),
    "RESERVES_2024": (2024, "reserves"),
}
# Figures of the data release that contradict its own chapter or its own sum and are left out: (code, place, period, measure).
WRONG = {("KAOLIN", "WLD", 2024, "mine_production")}


def number(text: str) -> float | None:
    """A figure of the release, `None` for an empty cell; a lower bound (`>90000000`) counts as its bound."""
    text = text.replace(",", "").strip()
    if not text:
        return None
    match = re.fullmatch(r">?(\d+(?:\.\d+)?)", text)
    if not match:
        raise BuildError(f"minerals: `{text}` is not a number")
    return float(match[1])


def build(source: Path, out: Workspace) -> None:
    """Writes the table."""
    origin = out.source(
        id="usgs-mcs-2025",
        producer="US Geological Survey",
        title="Mineral Commodity Summaries 2025, world data release",
        vintage="production and capacity 2023-2024, reserves 2024",
        licence="US government work, public domain",
        licence_status="stated",
        citation="U.S. Geological Survey (2025), Mineral Commodity Summaries 2025; data release, world production and reserves.",
        url="https://www.usgs.gov/centers/national-minerals-information-center/mineral-commodity-summaries",
        done="Commodities and types given codes; country names mapped to ISO 3166; empty cells (withheld, not available, zero) left"
        " out; units corrected where the release contradicts the chapters (see the note of the table).",
    )
    raw = pandas.read_csv(
        source / "critical_minerals" / "MCS2025_World_Data.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False
    )
    for column in ("COMMODITY", "TYPE", "COUNTRY", "UNIT_MEAS"):
        raw[column] = raw[column].str.replace("\xa0", " ").str.strip()
    kinds = {(row.commodity, row.type): row for row in names.read("usgs").itertuples()}
    rows, empty, bounds = [], 0, 0
    for record in raw.to_dict("records"):
        kind = kinds.get((record["COMMODITY"], record["TYPE"]))
        if kind is None:
            raise BuildError(f"minerals: unknown commodity {record['COMMODITY']}, {record['TYPE']}")
        if record["COMMODITY"] == "Titanium Mineral Concentrates" and "ilmenite and rutile" in record["COUNTRY"]:
            continue
        place = place_of(record["COUNTRY"], source)
        figures = 0
        for column, (period, measure) in COLUMNS.items():
            value = number(record[column])
            if value is None or (kind.code == "MAGNESIUM-METAL" and measure == "reserves"):
                continue
            figures += 1
            bounds += ">" in record[column]
            code, unit = kind.code, kind.unit or record["UNIT_MEAS"]
            if measure == "production":
                measure = kind.measure
            if measure == "reserves":
                unit = kind.reserve_unit or unit
                code = "PLATINUM-GROUP" if code in ("PALLADIUM", "PLATINUM") else code
            if (code, place, period, measure) not in WRONG:
                rows.append((place, "USGS", code, period, measure, value, unit))
        empty += figures == 0
    frame = pandas.DataFrame(rows, columns=["place", "scheme", "code", "period", "measure", "value", "unit"])
    key = ["place", "scheme", "code", "period", "measure", "unit"]
    # Two rows of one country are parts of one figure (helium: two origins in the United States).
    frame = frame.groupby(key, as_index=False)["value"].sum()
    rare = frame[(frame["code"] == "RARE-EARTHS") & (frame["period"] == 2024)].set_index(["measure", "place"])["value"]
    expect(
        "rare earths 2024, China's share of mine production",
        rare["mine_production", "CHN"] / rare["mine_production", "WLD"],
        0.692,
        1e-2,
    )
    print(
        f"    {frame['code'].nunique()} commodities, {empty} rows of the release without a figure, {bounds} lower bounds"
    )
    out.write(
        "minerals_usgs",
        "activity",
        frame,
        title={
            "en": "Production, capacity and reserves of minerals, 2023-2024",
            "zh": "2023—2024 年矿产品产量、产能和储量",
        },
        note={
            "en": "Figures of 2024 are estimates. The measure is what the source counts (mine, refinery, smelter or plant production;"
            " capacity; reserves); the unit differs by commodity and between production and reserves."
            f" {empty} rows of the release have no figure (withheld, not available, or described in words such as `Large`) and are left"
            f" out: a missing country is not a zero. {bounds} figures are lower bounds (`>`). World totals are rounded, and some exclude"
            " withheld US figures. OTHER is the source's remainder. Platinum-group reserves are for the group. Some figures are for one"
            " form only (for example crude ore, beneficiated, quicklime, andalusite); boron types differ by country. Corrected against"
            " the later chapters: titanium concentrates and industrial sand are in thousand metric tons; reserves of iron ore in million,"
            " of molybdenum and vanadium in thousand metric tons. Left out as misprints: the reserves of magnesium metal (a copy of"
            " capacity) and the world's kaolin of 2024 (a tenth of the sum of countries).",
            "zh": "2024 年为估计数。measure 为来源的统计口径（矿山、精炼、冶炼或工厂产量；产能；储量）；单位因品种而异，产量与储量也可能不同。"
            f"源数据有 {empty} 行无数字（保密、不可得，或仅以“大”等文字描述），未收录：缺失不等于零。{bounds} 个数字为下限（>）。"
            "世界合计已取整，部分不含美国保密数据。OTHER 为来源的其余国家和地区。铂族储量为整组合计。"
            "部分数字仅指某一形态（如原矿、选矿、生石灰、红柱石）；硼的品种因国家而异。据其后版本更正：钛精矿和工业砂的单位为千吨；"
            "铁矿石储量为百万吨，钼、钒储量为千吨。因明显误植而未收录：金属镁“储量”（实为产能）和 2024 年世界高岭土产量（仅为各国之和的十分之一）。",
        },
        sources=[origin],
    )


def place_of(country: str, source: Path) -> str:
    """The place code of a country name of the release."""
    bare = country
    if country.startswith(("World total", "Other countries", "Other Countries")):
        return "WLD" if country.startswith("World") else "OTHER"
    known = places.by_name(source)
    if places.plain(bare) not in known:
        bare = re.sub(r"\s*\(.*", "", country)
    if bare == "United States and Canada":
        return "X-USC"
    if places.plain(bare) not in known:
        raise BuildError(f"minerals: unknown country `{country}`")
    return known[places.plain(bare)]
