"""World rows of `activities`: products, industries, technology fields, minerals, with English and Chinese names."""

from __future__ import annotations

from pathlib import Path

import pandas

import names
import rfiles
from tables import BuildError, Workspace


def build(source: Path, out: Workspace) -> None:
    """Adds the activities of every scheme that world tables use."""
    concordance = out.source(
        id="concordance-trade-industry",
        producer="UN Statistics Division, World Customs Organization; Liao, Kim, Miyano and Zhu (R package concordance)",
        title="Product and industry classifications and their concordances: HS 2007, ISIC 3, ISIC 4, WIOD 2013",
        vintage="HS 2007 (combined), ISIC 3 and ISIC 4",
        licence="MIT (package); classification texts of the UN and the World Customs Organization",
        licence_status="stated",
        citation="Liao, S., Kim, I. S., Miyano, S. and Zhu, F. (2020), concordance: Product Concordance, R package.",
        url="https://github.com/insongkim/concordance (commit 201c812e51)",
        done="Codes of headings and English descriptions of divisions as they are; short English names of headings written for this"
        " workspace; weights of links by equal splits (see the note of `links`).",
    )
    patents = out.source(
        id="concordance-patent-industry",
        producer="Eurostat, KU Leuven, Fraunhofer ISI (Van Looy, Vereyen and Schmoch); WIPO (Schmoch)",
        title="NACE Rev. 2 divisions, WIPO technology fields and the shares of fields that fall on divisions",
        vintage="2008 (fields), 2015 (concordance)",
        licence="none stated with this copy; tables of facts",
        licence_status="expected",
        citation="Schmoch, U. (2008), Concept of a Technology Classification for Country Comparisons, WIPO; Van Looy, B., Vereyen, C. and"
        " Schmoch, U. (2015), Patent Statistics: Concordance IPC V8 - NACE Rev. 2, Eurostat.",
        url="https://github.com/piotrsobecki/economical_impact_pri (commit 2cd0cf9470)",
        done="Names of divisions; shares above zero as weights of links, scaled to add to exactly 1.",
    )
    folder = source / "concordances_trade_industry"
    parts = [
        listed("hs_sections", "HS-SECTION"),
        listed("hs2", "HS2"),
        headings(folder),
        listed("wiod35", "WIOD35"),
        listed("btige", "BTIGE"),
        listed("wipo35", "WIPO35", parent=lambda row: None if row.code == "TOTAL" else "TOTAL"),
        listed("ncses_green", "NCSES-GREEN", parent=lambda row: None if row.code == "TOTAL" else "TOTAL"),
        listed("ncses_field", "NCSES-FIELD", parent=lambda row: None if row.code == "TOTAL" else "TOTAL"),
        minerals(),
        divisions(source),
    ]
    out.add(
        "activities",
        pandas.concat(parts, ignore_index=True),
        note={
            "en": "A parent is a code of the same scheme, except that the parent of an HS4 heading is a chapter of scheme HS2, and the"
            " parent of a chapter a section of scheme HS-SECTION. HS4 is the 2007 revision; its names are short forms in"
            " both languages, not the legal text.",
            "zh": "上级代码属同一分类，但 HS4 品目的上级为 HS2 的章，章的上级为 HS-SECTION 的类。HS4 为 2007 年版，中英文名称均为简称，并非法定文本。",
        },
        sources=[concordance, patents, "xinzhi"],
    )


def listed(name: str, scheme: str, parent=None) -> pandas.DataFrame:
    """The activities of one list of names."""
    frame = names.read(name)
    if parent is not None:
        frame["parent"] = [parent(row) for row in frame.itertuples()]
    elif "parent" not in frame:
        frame["parent"] = None
    frame["parent"] = frame["parent"].where(frame["parent"].fillna("") != "", None)
    frame["scheme"] = scheme
    return frame[["scheme", "code", "name_en", "name_zh", "parent"]]


def headings(folder: Path) -> pandas.DataFrame:
    """The headings of HS 2007; Chinese names come from `names_zh/hs4.csv`."""
    official = rfiles.read_one(folder / "hs3_desc.RData")["code"].astype(str)
    official = set(official[official.str.len() == 4])
    frame = names.read("hs4")
    if set(frame["code"]) != official:
        raise BuildError(f"names/hs4.csv: the codes differ from HS 2007: {sorted(set(frame['code']) ^ official)[:5]}")
    frame["scheme"] = "HS4"
    frame["name_zh"] = ""
    frame["parent"] = frame["code"].str[:2]
    return frame[["scheme", "code", "name_en", "name_zh", "parent"]]


def minerals() -> pandas.DataFrame:
    """The commodities of the USGS table."""
    frame = names.read("usgs").drop_duplicates("code")
    frame = frame[~frame["code"].isin({"GERMANIUM"})]  # no figure in the release
    group = {"code": "PLATINUM-GROUP", "name_en": "Platinum-group metals", "name_zh": "铂族金属"}
    frame = pandas.concat([frame, pandas.DataFrame([group])], ignore_index=True)
    frame["parent"] = None
    frame["scheme"] = "USGS"
    return frame[["scheme", "code", "name_en", "name_zh", "parent"]]


def divisions(source: Path) -> pandas.DataFrame:
    """The divisions of ISIC 4 and of NACE 2 (the same codes)."""
    isic = rfiles.read_one(source / "concordances_trade_industry" / "isic4_desc.RData")
    isic = dict(zip(isic["code"].astype(str), isic["desc"].astype(str), strict=True))
    nace = pandas.read_excel(source / "concordances_patent_industry" / "nace.xlsx", dtype=str)
    nace = dict(zip(nace["Code"].str.strip(), nace["Label"].str.strip(), strict=True))
    rows = []
    for row in names.read("divisions").itertuples():
        rows.append(("ISIC4", row.code, isic[row.code], row.name_zh, None))
        rows.append(("NACE2", row.code, nace[row.code], row.name_zh, None))
    return pandas.DataFrame(rows, columns=["scheme", "code", "name_en", "name_zh", "parent"])
