"""Country x product exports 2017 at HS4 (`exports_hs4_2017`), and GDP and population of the same year."""

from __future__ import annotations

from pathlib import Path

import pandas

import rfiles
from checks import expect
from tables import Workspace

NOTE = {
    "en": "USD, HS 2007 revision (the 1,222 headings are exactly those of HS 2007; 9999 is unspecified). Levels are 15-30 % above"
    " official exports, because flows are mirrored from importers at import value: use shares, not levels. 224 places; Romania,"
    " South Sudan and Taiwan (China) are not in the source. Small territories (for example BVT, HMD, IOT) have erratic data and"
    " are usually left out of complexity rankings. Country-product pairs without exports are not stored.",
    "zh": "单位为美元，HS 2007 版（1,222 个品目与 HS 2007 完全一致；9999 为未分类）。由于采用进口方镜像数据并按进口价值计，"
    "数值比官方出口额高 15%—30%：请使用份额，勿用绝对水平。共 224 个国家和地区；源数据不含罗马尼亚、南苏丹和中国台湾。"
    "小型领地（如 BVT、HMD、IOT）数据不稳定，复杂度排名通常予以剔除。无出口的组合不存储。",
}


def register(out: Workspace) -> str:
    """The source of the trade, GDP and population of 2017."""
    return out.source(
        id="economiccomplexity",
        producer="UN Comtrade; Open Trade Statistics; authors of the R package economiccomplexity (Vargas et al.)",
        title="World trade, GDP and population 2017 of the R package economiccomplexity",
        vintage="2017",
        licence="Apache-2.0 (package); the underlying trade data are under UN Comtrade's terms, GDP and population under the World"
        " Bank's",
        licence_status="stated",
        citation="Vargas Sepulveda, M. (2020), Open Trade Statistics; Vargas Sepulveda, M. et al., economiccomplexity: Computational"
        " Methods for Economic Complexity, R package.",
        url="https://github.com/pachadotdev/economiccomplexity",
        done="Country codes in upper case; missing and zero flows not stored; values as they are.",
    )


def build(source: Path, out: Workspace) -> None:
    """Writes the exports and the two indicators."""
    folder = source / "economiccomplexity"
    origin = register(out)
    trade = rfiles.read_one(folder / "world_trade_2017.rda")
    trade["place"] = trade["reporter_iso"].astype(str).str.upper()
    trade["code"] = trade["product_code"].astype(str)
    headings = rfiles.read_one(source / "concordances_trade_industry" / "hs3_desc.RData")
    headings = {code for code in headings["code"].astype(str) if len(code) == 4}
    assert set(trade["code"]) == headings, "the headings of the trade table are not those of HS 2007"
    trade = trade[trade["export_value_usd"].fillna(0) > 0]
    print(f"    {trade['place'].nunique()} places, {trade['code'].nunique()} headings, {len(trade):,} flows")
    expect("2017 exports, trn USD", trade["export_value_usd"].sum() / 1e12, 20.080693, 1e-6)
    frame = pandas.DataFrame(
        {
            "place": trade["place"],
            "scheme": "HS4",
            "code": trade["code"],
            "period": 2017,
            "measure": "exports",
            "value": trade["export_value_usd"],
            "unit": "USD",
        }
    )
    out.write(
        "exports_hs4_2017",
        "activity",
        frame,
        title={"en": "Exports by place and HS heading, 2017", "zh": "2017 年各国和地区按 HS 品目（4 位）出口额"},
        note=NOTE,
        sources=[origin],
    )
