"""The policy registry: industries in three strands, their codes in other classifications, and the documents that name them."""

from __future__ import annotations

from pathlib import Path

import pandas

from tables import BuildError, Workspace

# Community parses without a licence: rows that rest on them alone are left out.
UNLICENSED = {"nbs2018_map", "gbt4754", "aspi_list"}
UNLICENSED_REPOSITORY = "swifthu/industrial_classifi"
STRANDS = {"traditional": 14, "emerging": 20, "future": 20}
HS_DIGITS = {2, 4, 6}
# Rows whose role we read differently from the draft: (industry, scheme, code) -> (role, why).
CORRECTED_ROLES = {
    ("E-IC", "HS2017", "8541"): ("partial", "the heading also holds photovoltaic cells and light-emitting diodes"),
}

JURISDICTIONS = {"CN": "CHN", "US": "USA", "GB": "GBR", "KR": "KOR", "AU": "AUS", "JP": "JPN", "EU": "EU", "INT": "INT"}

# Chinese names of documents whose own title is not Chinese (our translation).
NAMES_ZH = {
    "cn-ciip-2024": "剑桥大学产业创新政策中心（CIIP）：三类产业（图 1、图 2）",
    "us-cet-2024": "关键和新兴技术清单（2024 年更新）",
    "uk-stf-2023": "英国科学技术框架：五项关键技术",
    "uk-is-2025": "英国现代产业战略：八大行业（IS-8）",
    "eu-cta-2023": "欧盟委员会（EU）2023/2113 号建议：十大关键技术领域",
    "eu-nzia-2024": "《净零工业法》，（EU）2024/1735 号条例",
    "eu-crma-2024": "《关键原材料法》，（EU）2024/1252 号条例",
    "kr-nst-2023": "韩国十二大国家战略技术",
    "au-ctl-2023": "澳大利亚国家利益关键技术清单",
    "jp-sct-2022": "日本特定重要技术：20 个领域（《经济安全保障推进法》）",
    "jp-17-2025": "日本 17 个战略领域（日本增长战略本部）",
    "aspi-64-2024": "澳大利亚战略政策研究所（ASPI）关键技术追踪",
}

INDUSTRIES_NOTE = {
    "en": "Our consolidation of official lists, not an official list: 14 traditional, 20 emerging and 20 future industries, each"
    " with the documents that name it (ids of policy_strategies). Official lists drift from year to year and strands overlap:"
    " hydrogen and biomanufacturing are emerging in 2024 and future in 2025-26, and automobiles, electronics, power equipment,"
    " ships and machinery are traditional and emerging at once; here each industry stands in one strand.",
    "zh": "本表系本项目对官方文件的归并，并非官方目录：传统产业 14 个、新兴产业 20 个、未来产业 20 个，并列出提及该产业的文件（见 policy_strategies）。"
    "官方提法逐年变化，三类之间也有交叉：氢能、生物制造 2024 年列为新兴产业，2025—2026 年列为未来产业；汽车、电子、电力装备、船舶、机械同时属于"
    "传统产业和新兴产业；本表中每个产业只归入一类。",
}
STRATEGIES_NOTE = {
    "en": "National, provincial and foreign strategies that name technologies or industries. Jurisdictions are place codes, or EU"
    " and INT. The date is as exact as the source gives it. Several documents were read in reprints or in part; the column source"
    " gives the addresses. Names of foreign documents are our translation into Chinese.",
    "zh": "提及技术或产业的国家、省级和国外战略文件。jurisdiction 为地区代码，或 EU（欧盟）、INT（国际）。日期精度以来源为准。部分文件读自转载或只读到"
    "一部分；source 列为网址。国外文件的中文名称为本项目翻译。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes the three tables."""
    folder = source / "policy"
    sources = read(folder / "sources.csv").set_index("source_id")
    registry = out.source(
        id="policy_registry",
        producer="Xinzhi project",
        title="Registry of industrial strategies: documents, industries in three strands, crosswalk",
        vintage="collected November 2026",
        licence="same as this project (our own work; policy facts are free)",
        licence_status="stated",
        citation="Xinzhi policy registry, compiled from the official documents named in table policy_strategies.",
        url="see the column source of policy_strategies",
        done="Compiled from public documents; rows resting on community parses without a licence left out.",
    )
    strategies = build_strategies(read(folder / "strategies.csv"), registry, out)
    industries = build_industries(read(folder / "nqpf_industries.csv"), strategies, registry, out)
    build_crosswalk(read(folder / "crosswalk.csv"), industries, sources, registry, out)


def read(path: Path) -> pandas.DataFrame:
    """A CSV file with every cell as text."""
    return pandas.read_csv(path, dtype=str, keep_default_na=False)


def build_strategies(frame: pandas.DataFrame, registry: str, out: Workspace) -> set[str]:
    """Writes the documents and returns their ids."""
    assert len(frame) == 37 and frame["strategy_id"].is_unique
    named = frame["strategy_id"].map(NAMES_ZH).fillna("")
    table = pandas.DataFrame(
        {
            "strategy": frame["strategy_id"],
            "jurisdiction": [JURISDICTIONS.get(code, code) for code in frame["jurisdiction"]],
            "name_en": frame["name_en"],
            "name_zh": named.where(named != "", frame["name_zh"]),
            "issuer": frame["issuer"].replace("", None),
            "date": frame["date"].replace("", None),
            "source": [
                "; ".join(filter(may_be_cited, addresses.split(" | "))) or ids
                for addresses, ids in zip(frame["source_url"], frame["source_id"], strict=True)
            ],
        }
    )
    assert (table[["name_en", "name_zh", "source"]] != "").all(axis=None)
    title = {"en": "Industrial and technology strategies", "zh": "产业与技术战略文件"}
    out.write("policy_strategies", "policy_strategies", table, title=title, note=STRATEGIES_NOTE, sources=[registry])
    return set(table["strategy"])


def may_be_cited(address: str) -> bool:
    """Whether an address may stand as a source: a web address, and not one of the parses without a licence."""
    return address.startswith("http") and UNLICENSED_REPOSITORY not in address


def build_industries(frame: pandas.DataFrame, strategies: set[str], registry: str, out: Workspace) -> set[str]:
    """Writes the industries of the three strands and returns their ids."""
    assert frame["strand"].value_counts().to_dict() == STRANDS
    unknown = {strategy for named in frame["named_in"] for strategy in named.split(";")} - strategies
    if unknown:
        raise BuildError(f"policy_industries names unknown strategies {sorted(unknown)}")
    table = frame.rename(columns={"nqpf_id": "industry"})[["industry", "strand", "name_en", "name_zh", "named_in"]]
    title = {"en": "Industries in three strands", "zh": "三类产业：传统、新兴、未来"}
    out.write("policy_industries", "policy_industries", table, title=title, note=INDUSTRIES_NOTE, sources=[registry])
    return set(table["industry"])


def build_crosswalk(
    frame: pandas.DataFrame, industries: set[str], sources: pandas.DataFrame, registry: str, out: Workspace
) -> None:
    """Writes the codes of the industries in other classifications, without the rows that may not be given away."""
    assert len(frame) == 1157 and set(frame["nqpf_id"]) == industries
    unlicensed = frame["source_id"].isin(UNLICENSED)
    without_code = frame["code"] == ""
    assert (frame.loc[without_code, "scheme"] == "HS2017").all() and (frame.loc[without_code, "role"] == "none").all()
    kept = frame[~unlicensed & ~without_code].copy()
    for (industry, scheme, code), (role, why) in CORRECTED_ROLES.items():
        row = (kept["nqpf_id"] == industry) & (kept["scheme"] == scheme) & (kept["code"] == code)
        assert row.sum() == 1
        kept.loc[row, "role"] = role
        kept.loc[row, "basis"] = f"read as {role}: {why}"
    assert not any(set(ids.split(";")) & UNLICENSED for ids in kept["source_id"])
    counted = ", ".join(f"{count} {id}" for id, count in frame.loc[unlicensed, "source_id"].value_counts().items())
    print(
        f"    left out: {unlicensed.sum()} rows without a licence ({counted}), {without_code.sum()} rows without a code"
    )
    wrong = kept[kept["scheme"].eq("HS2017") & ~kept["code"].str.len().isin(HS_DIGITS)]
    assert wrong.empty, wrong
    missing = sorted(set(frame.loc[without_code, "nqpf_id"]))
    assert not set(kept.loc[kept["scheme"] == "HS2017", "nqpf_id"]) & set(missing)
    table = pandas.DataFrame(
        {
            "industry": kept["nqpf_id"],
            "scheme": kept["scheme"],
            "code": kept["code"],
            "label": kept["label"].replace("", None),
            "role": kept["role"],
            "confidence": kept["confidence"],
            "hs2022": kept["hs2022"].replace("", None),
            "basis": kept["basis"].replace("", None),
            "source": kept["source_id"],
        }
    )
    note = {
        "en": "Codes of each industry as read by us from the titles of the classifications; every row has a role (core, partial,"
        " broad, host, input, equipment, proxy, tech) and a confidence. HS2017 codes have 2, 4 or 6 digits; hs2022 gives the"
        " successor in HS 2022. For emerging and future industries the ISIC, NACE or ICIO sector is a host that is wider than the"
        f" industry. {unlicensed.sum()} rows that rest on community parses without a licence ({counted}) are left out, so GB/T 4754"
        f" is not covered. {len(missing)} industries have no customs code at all ({', '.join(missing)}); their empty HS rows are"
        " left out too. IPC titles were not read again, so IPC rows are at most of medium confidence.",
        "zh": "各产业在其他分类中的代码由本项目按分类名称判读；每行注明角色（core 核心、partial 部分、broad 偏宽、host 所属行业、input 投入、equipment 设备、"
        "proxy 替代、tech 技术）和置信度。HS2017 代码为 2、4 或 6 位；hs2022 为 HS 2022 版后继代码。对新兴产业和未来产业而言，ISIC、NACE、ICIO 行业"
        f"只是其所属行业，范围更宽。{unlicensed.sum()} 行依据无许可的社区整理数据（{counted}），已剔除，因此不含 GB/T 4754。{len(missing)} 个产业没有任何海关"
        f"编码（{'、'.join(missing)}），其空行亦未列入。IPC 标题未重新核对，故 IPC 各行置信度最高为中等。",
    }
    ids = sorted({id for joined in kept["source_id"] for id in joined.split(";")})
    used = [registry] + [crosswalk_source(id, sources, out) for id in ids]
    title = {"en": "Codes of the industries of the three strands", "zh": "三类产业与其他分类的对应代码"}
    out.write("policy_crosswalk", "policy_crosswalk", table, title=title, note=note, sources=used)


# What the crosswalk quotes (codes, and for some schemes titles): producer, title, licence, its status, address.
OFFICIAL_CHINESE = "Official document of China (not under copyright by Article 5 of its Copyright Law)"
QUOTED = {
    "concord": (
        "United Nations Statistics Division; R package concordance by Liao, Kim, Miyano and Zhang",
        "ISIC Revision 4 and NACE Revision 2 codes and titles",
        "MIT (R package concordance)",
        "stated",
    ),
    "hs2017": (
        "World Customs Organization; United Nations Statistics Division",
        "Harmonized System 2017, codes and texts",
        "terms of the texts to be confirmed with the producer; MIT (R package concordance)",
        "expected",
    ),
    "eu_ev": (
        "European Commission",
        "Implementing Regulation (EU) 2024/2754 on imports of battery electric vehicles (names CN code ex 8703 80 10)",
        "European Union law, free reuse (Decision 2011/833/EU)",
        "expected",
    ),
    "ipc": (
        "World Intellectual Property Organization",
        "International Patent Classification, symbols only",
        "symbols only, no texts",
        "expected",
    ),
    "cnipa2021_ai": (
        "China National Intellectual Property Administration",
        "Reference table of strategic emerging industries and the IPC (2021, trial), rows on artificial intelligence",
        OFFICIAL_CHINESE,
        "expected",
    ),
    "nbs2018": (
        "National Bureau of Statistics of China",
        "Classification of Strategic Emerging Industries (2018), the nine fields",
        OFFICIAL_CHINESE,
        "expected",
    ),
    "nbs2018_groups": (
        "National Bureau of Statistics of China",
        "Classification of Strategic Emerging Industries (2018), the forty groups, read in a community copy",
        OFFICIAL_CHINESE,
        "expected",
    ),
    "icio45": (
        "OECD",
        "Inter-Country Input-Output tables, codes of the 45 industries",
        "codes only; OECD CC BY 4.0",
        "expected",
    ),
    "icio50": (
        "OECD",
        "Inter-Country Input-Output tables, edition 2025, codes of the 50 industries",
        "codes only; OECD CC BY 4.0",
        "expected",
    ),
    "wipo35": (
        "World Intellectual Property Organization",
        "Technology concordance, numbers and titles of the 35 fields",
        "field numbers and titles only",
        "expected",
    ),
}


def crosswalk_source(id: str, sources: pandas.DataFrame, out: Workspace) -> str:
    """Registers one source of the crosswalk and returns its id."""
    producer, title, licence, status = QUOTED[id]
    address = sources.loc[id, "url"]
    return out.source(
        id=f"policy_{id}",
        producer=producer,
        title=title,
        vintage=sources.loc[id, "date"],
        licence=licence,
        licence_status=status,
        citation=f"{producer}, {title}.",
        url=address if address.startswith("http") else "no address kept",
        done=f"Quoted in policy_crosswalk (column source: {id}); which codes belong to an industry is our own reading.",
    )
