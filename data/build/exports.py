"""Country x product exports at HS4 in 1980 and 2017 (`exports_hs4_1980`, `exports_hs4_2017`), and their source."""

from __future__ import annotations

from pathlib import Path

import pandas

import rfiles
from checks import expect
from tables import Workspace

NOTE_2017 = {
    "en": "USD, HS 2007 revision (the 1,222 headings are exactly those of HS 2007; 9999 is unspecified). Levels are 15-30 % above"
    " official exports, because flows are mirrored from importers at import value: use shares, not levels. 224 places; Romania,"
    " South Sudan and Taiwan (China) are not in the source. Small territories (for example BVT, HMD, IOT) have erratic data and"
    " are usually left out of complexity rankings. Country-product pairs without exports are not stored.",
    "zh": "单位为美元，HS 2007 版（1,222 个品目与 HS 2007 完全一致；9999 为未分类）。由于采用进口方镜像数据并按进口价值计，"
    "数值比官方出口额高 15%—30%：请使用份额，勿用绝对水平。共 224 个国家和地区；源数据不含罗马尼亚、南苏丹和中国台湾。"
    "小型领地（如 BVT、HMD、IOT）数据不稳定，复杂度排名通常予以剔除。无出口的组合不存储。",
}
NOTE_1980 = {
    "en": "USD, headings of HS 2007 into which the producer converted trade recorded by SITC. 192 places, 1,106 headings, 91,820"
    " flows, 2.020 trn USD; 74,157 pairs of the source have no value and are not stored (ATF has none at all). Use shares, not levels:"
    " flows are mirrored from importers at import value (United States 261, Japan 149 bn USD; official exports were about 226 and 130),"
    " while trade among socialist countries, which did not report, is missing (Soviet Union 21 bn USD). The total is near the official"
    " 2.0 trn USD only because such errors offset. The conversion is coarse. 116 headings of 2017 (17 % of that year's value) hold"
    " nothing in 1980 for any place, by conversion and not by absence of trade: 2710 refined oil and 8542 integrated circuits are found"
    " nowhere else either (Singapore shows no refined oil); 0202, 3004, 8536-8538, 8704 may sit in a neighbour (0201, 3003, 8535, 8703)."
    " Compare the two years on the 1,106 common headings only, without 9999. Some SITC items were divided alike: 33 of 70 places have"
    " equal exports of 7106 and 7107; 19 pairs of headings, 3.4 % of value, show the pattern. The share of world exports changed more"
    " than tenfold in 80 headings, sometimes in truth (8469 typewriters), sometimes by conversion (7301 sheet piling, 3925 and 3926"
    " plastics): take the history of one heading as a hint, statistics over many headings as a result. Borders of 1980: DEU is West"
    " Germany, DDR East Germany; YEM is North Yemen, YMD South Yemen; BEL includes Luxembourg, ZAF the customs union with Botswana,"
    " Lesotho, Namibia and Eswatini, ETH Eritrea, SDN South Sudan; SUN, CSK, YUG, ANT and PCI have several successors, which begin after"
    " 1980. Romania and Taiwan (China) are not in the source.",
    "zh": "单位为美元；编制者将按 SITC 记录的贸易换算为 HS 2007 版品目。共 192 个国家和地区、1,106 个品目、91,820 条记录，合计 2.020 万亿美元；"
    "源数据另有 74,157 个组合无数值，不存储（ATF 全无数值）。请使用份额，勿用绝对水平：数据按进口方镜像并以进口价值计（美国 2,610 亿、日本 1,490 亿美元，"
    "官方出口额约为 2,260 亿和 1,300 亿），而未报告的社会主义国家相互间贸易缺失（苏联仅 210 亿美元）；合计接近官方的约 2.0 万亿美元，只是误差相抵。"
    "换算较粗：2017 年的 116 个品目（占当年价值 17%）在 1980 年所有国家和地区均为空，系换算所致而非没有贸易：2710 成品油和 8542 集成电路的贸易在别处也找不到"
    "（新加坡没有成品油）；0202、3004、8536—8538、8704 的贸易可能并入相邻品目（0201、3003、8535、8703）。比较两个年份时只用 1,106 个共有品目，"
    "并剔除 9999。部分 SITC 条目被平均拆分：70 个国家和地区中有 33 个的 7106 与 7107 出口额相等；19 对品目（占价值 3.4%）呈此特征。"
    "80 个品目占世界出口的份额变化超过十倍，有的属实（8469 打字机），有的由换算造成（7301 钢板桩，3925、3926 塑料制品）：单个品目的历史只作线索，"
    "多品目的统计才可作结论。疆界为 1980 年：DEU 为联邦德国，DDR 为民主德国；YEM 为北也门，YMD 为南也门；BEL 含卢森堡，ZAF 为与博茨瓦纳、莱索托、"
    "纳米比亚和斯威士兰的关税同盟，ETH 含厄立特里亚，SDN 含南苏丹；SUN、CSK、YUG、ANT、PCI 各有多个继承者，其数据始于 1980 年之后。"
    "源数据不含罗马尼亚和中国台湾。",
}


def register(out: Workspace) -> str:
    """The source of the trade of both years and of GDP and population of 2017."""
    return out.source(
        id="economiccomplexity",
        producer="UN Comtrade; Open Trade Statistics; authors of the R package economiccomplexity (Vargas et al.)",
        title="World trade 1980 and 2017, GDP and population 2017 of the R package economiccomplexity",
        vintage="1980 and 2017",
        licence="Apache-2.0 (package); the underlying trade data are under UN Comtrade's terms, GDP and population under the World"
        " Bank's",
        licence_status="stated",
        citation="Vargas Sepulveda, M. (2020), Open Trade Statistics; Vargas Sepulveda, M. et al., economiccomplexity: Computational"
        " Methods for Economic Complexity, R package.",
        url="https://github.com/pachadotdev/economiccomplexity",
        done="Country codes in upper case; missing and zero flows not stored; values as they are. The headings of 1980 come from the"
        " producer's conversion of SITC (see the note of `exports_hs4_1980`).",
    )


def build(source: Path, out: Workspace) -> None:
    """Writes the exports of both years; the headings of 1980 must be part of those of 2017."""
    folder = source / "economiccomplexity"
    origin = register(out)
    headings = rfiles.read_one(source / "concordances_trade_industry" / "hs3_desc.RData")
    headings = {code for code in headings["code"].astype(str) if len(code) == 4}
    of_2017, all_2017 = flows(folder / "world_trade_2017.rda")
    assert all_2017 == headings, "the headings of the trade table are not those of HS 2007"
    expect("2017 exports, trn USD", of_2017["export_value_usd"].sum() / 1e12, 20.080693, 1e-6)
    of_1980, all_1980 = flows(folder / "world_trade_1980.rda")
    assert all_1980 < headings, "the headings of 1980 are not a part of HS 2007"
    expect("1980 exports, trn USD", of_1980["export_value_usd"].sum() / 1e12, 2.019842, 1e-6)
    new = ~of_2017["code"].isin(all_1980)
    share = of_2017.loc[new, "export_value_usd"].sum() / of_2017["export_value_usd"].sum()
    expect("headings of 2017 that are empty in 1980", len(headings - all_1980), 116, 0)
    expect("their share of the exports of 2017", share, 0.1710, 1e-3)
    for period, trade, note in ((2017, of_2017, NOTE_2017), (1980, of_1980, NOTE_1980)):
        write(out, period, trade, note, origin)


def flows(path: Path) -> tuple[pandas.DataFrame, set[str]]:
    """The flows above zero of one year, and every heading that the file lists."""
    trade = rfiles.read_one(path)
    trade["place"] = trade["reporter_iso"].astype(str).str.upper()
    trade["code"] = trade["product_code"].astype(str)
    listed = set(trade["code"])
    kept = trade[trade["export_value_usd"].fillna(0) > 0]
    print(
        f"    {path.stem}: {kept['place'].nunique()} places, {kept['code'].nunique()} headings, {len(kept):,} flows;"
        f" left out {trade['export_value_usd'].isna().sum():,} without a value, {(trade['export_value_usd'] == 0).sum():,} of zero"
    )
    return kept, listed


def write(out: Workspace, period: int, trade: pandas.DataFrame, note: dict, origin: str) -> None:
    """Writes the table of one year."""
    frame = pandas.DataFrame(
        {
            "place": trade["place"],
            "scheme": "HS4",
            "code": trade["code"],
            "period": period,
            "measure": "exports",
            "value": trade["export_value_usd"],
            "unit": "USD",
        }
    )
    out.write(
        f"exports_hs4_{period}",
        "activity",
        frame,
        title={
            "en": f"Exports by place and HS heading, {period}",
            "zh": f"{period} 年各国和地区按 HS 品目（4 位）出口额",
        },
        note=note,
        sources=[origin],
    )
