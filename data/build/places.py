"""World rows of `places`, and the reading of country names as they occur in sources."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache
from pathlib import Path

import pandas

import names
from tables import BuildError, Workspace

# Places that are not countries of ISO 3166.
SPECIAL = [
    ("WLD", "world", None, "World", "世界", "World total;全球"),
    ("ROW", "aggregate", "WLD", "Rest of the world", "世界其他地区", "RoW"),
    (
        "OTHER",
        "aggregate",
        "WLD",
        "Other countries (as grouped by the source)",
        "其他国家和地区（按来源归并）",
        "Other countries",
    ),
    ("X-USC", "aggregate", "WLD", "United States and Canada", "美国和加拿大", ""),
    ("X-KOS", "country", "WLD", "Kosovo", "科索沃", "XKX;XKK"),
    ("X-NCY", "aggregate", "WLD", "Northern Cyprus (map area)", "北塞浦路斯（地图区域）", "N. Cyprus"),
    ("X-SOL", "aggregate", "WLD", "Somaliland (map area)", "索马里兰（地图区域）", "Somaliland"),
    # States and territories that no longer exist, by the code that ISO 3166 withdrew. Level `aggregate`: a dossier of them would
    # have nothing but one year of exports, and no strategy can be made for them.
    (
        "ANT",
        "aggregate",
        "WLD",
        "Netherlands Antilles (until 2010)",
        "荷属安的列斯（至 2010 年）",
        "Netherlands Antilles",
    ),
    ("CSK", "aggregate", "WLD", "Czechoslovakia (until 1992)", "捷克斯洛伐克（至 1992 年）", "Czechoslovakia"),
    (
        "DDR",
        "aggregate",
        "WLD",
        "East Germany (until 1990)",
        "民主德国（至 1990 年）",
        "East Germany;German Democratic Republic;东德",
    ),
    (
        "PCI",
        "aggregate",
        "WLD",
        "Trust Territory of the Pacific Islands (until 1994)",
        "太平洋岛屿托管领土（至 1994 年）",
        "",
    ),
    ("SUN", "aggregate", "WLD", "Soviet Union (until 1991)", "苏联（至 1991 年）", "Soviet Union;USSR"),
    (
        "YMD",
        "aggregate",
        "WLD",
        "South Yemen (until 1990)",
        "民主也门（至 1990 年）",
        "South Yemen;Democratic Yemen;南也门",
    ),
    ("YUG", "aggregate", "WLD", "Yugoslavia (until 1992)", "南斯拉夫（至 1992 年）", "Yugoslavia"),
]


@cache
def countries(source: Path) -> pandas.DataFrame:
    """ISO 3166 countries and regions with short names: CLDR and UN names, corrected by `names/places.csv`."""
    raw = pandas.read_csv(source / "concordances_country" / "country-codes.csv", dtype=str, keep_default_na=False)
    chinese = raw["UNTERM Chinese Short"].str.replace("*", "", regex=False).str.strip()
    frame = pandas.DataFrame(
        {
            "place": raw["ISO3166-1-Alpha-3"],
            "level": "country",
            "parent": "WLD",
            "alpha2": raw["ISO3166-1-Alpha-2"],
            "numeric": raw["ISO3166-1-numeric"].str.zfill(3),
            "name_en": raw["CLDR display name"].str.replace(" & ", " and ").str.replace("St. ", "Saint "),
            "name_zh": chinese.where(chinese != "", raw["official_name_cn"]),
            "aliases": "",
        }
    ).set_index("place", drop=False)
    for row in names.read("places").itertuples(index=False):
        if row.place not in frame.index:
            raise BuildError(f"names/places.csv: {row.place} is not an ISO 3166 code")
        for column in ("name_en", "name_zh", "aliases"):
            if getattr(row, column):
                frame.loc[row.place, column] = getattr(row, column)
    if len(frame) < 249 or (frame[["name_en", "name_zh", "alpha2"]] == "").any(axis=None):
        raise BuildError("the list of countries is not complete")
    return frame.reset_index(drop=True)


def plain(name: str) -> str:
    """A name without marks, footnote letters, accents and case, for comparison."""
    name = re.sub(r"<sup>.*?</sup>", "", html.unescape(name)).replace("\xa0", " ").replace("’", "'")
    name = unicodedata.normalize("NFKD", name)
    name = "".join(letter for letter in name if not unicodedata.combining(letter))
    return re.sub(r"\s+", " ", name).strip().lower()


@cache
def by_name(source: Path) -> dict[str, str]:
    """Place code by plain name or alias."""
    found = {}
    for row in countries(source).itertuples():
        for name in [row.name_en, row.name_zh, *row.aliases.split(";")]:
            if name and found.setdefault(plain(name), row.place) != row.place:
                raise BuildError(f"`{name}` names both {found[plain(name)]} and {row.place}")
    for code, _, _, name_en, name_zh, aliases in SPECIAL:
        for name in [name_en, name_zh, *aliases.split(";")]:
            found[plain(name)] = code
    return found


def build(source: Path, out: Workspace) -> None:
    """Adds the world, every country and the aggregates that the tables mention."""
    origin = out.source(
        id="country-codes",
        producer="Open Knowledge, datasets/country-codes, from ISO 3166, UN and CLDR",
        title="Comprehensive country codes",
        vintage="2024",
        licence="PDDL 1.0",
        licence_status="expected",
        citation="Open Knowledge Foundation, Country Codes data set.",
        url="https://github.com/datasets/country-codes (commit caa72d1e0e)",
        done="ISO codes taken as they are; English short names from CLDR and Chinese short names from UNTERM and the UN, replaced by"
        " the common short name where that is longer or dated; aliases added.",
    )
    out.source(
        id="xinzhi",
        producer="The authors of this project",
        title="Readings and names made for this workspace",
        vintage="2025",
        licence="as the project",
        licence_status="stated",
        citation="none",
        url="data/build",
        done="Chinese names of activities and places that no source gives; short English names of HS headings; links between classifications that are a reading, not a"
        " published concordance, marked by their confidence.",
    )
    frame = countries(source)
    special = pandas.DataFrame(SPECIAL, columns=["place", "level", "parent", "name_en", "name_zh", "aliases"])
    frame = pandas.concat([special, frame], ignore_index=True)
    for column in ("parent", "alpha2", "numeric", "aliases"):
        frame[column] = frame[column].where(frame[column].notna() & (frame[column] != ""), None)
    out.add(
        "places",
        frame,
        note={
            "en": "`country` means a country or region with an ISO 3166 code (and Kosovo, which has none). Names of places do not"
            " express an opinion on their status. OTHER is the remainder of one source and not comparable between tables. States that no"
            " longer exist (their name says until when) have level `aggregate` and the code that ISO 3166 withdrew.",
            "zh": "“country”级别指有 ISO 3166 代码的国家和地区（以及没有代码的科索沃）。地名不代表对其地位的任何立场。"
            "OTHER 为各来源自行归并的其余国家和地区，不同表之间不可比。已不存在的国家（名称中注明截止年份）级别为 aggregate，使用 ISO 3166 已撤销的代码。",
        },
        sources=[origin, "xinzhi"],
    )
