"""The sector lists of China's input-output benchmark years (`activities`) and the links between them (`links`)."""

from __future__ import annotations

from pathlib import Path

import pandas

from tables import Workspace

LISTS = {
    "CN42-2002": "sectors_42_2002_2007.csv",
    "CN42-2012": "sectors_42_2012.csv",
    "CN42-2017": "sectors_42_2017.csv",
}
PROVINCE_SCHEME = {1997: "CN40-1997", 2002: "CN42-2002", 2007: "CN42-2002", 2012: "CN42-2012", 2017: "CN42-2017"}

# English titles that read better, or closer to the Chinese title, than those of the source.
ENGLISH = {
    "Agriculture, forestry, animal husbandry and fishery": "Agriculture, forestry, animal husbandry and fisheries",
    "Mining and washing of coal": "Coal mining and washing",
    "Exploitation of petroleum and natural gas": "Oil and natural gas extraction",
    "Mining and processing of metal ores": "Metal ore mining",
    "Mining and processing of nonmetal and other ores": "Non-metallic and other mineral mining",
    "Manufacture of foods and tobacco": "Food and tobacco",
    "Manufacture of textiles": "Textiles",
    "Manufacture of wearing apparel, leather, fur, feather and related products": "Clothing, footwear, leather, fur and down",
    "Processing of timber and furniture": "Wood products and furniture",
    "Manufacture of paper, printing, and articles for culture, education, sports": "Paper, printing, and articles for culture,"
    " education and sport",
    "Processing of petroleum, coking, and nuclear fuel": "Refined petroleum, coke and nuclear fuel",
    "Manufacture of chemical products": "Chemicals, pharmaceuticals, rubber and plastics",
    "Manufacture of non-metallic mineral products": "Non-metallic mineral products",
    "Smelting and processing of metals": "Metal smelting and rolling",
    "Manufacture of metal products": "Metal products",
    "Manufacture of general and special machinery": "General and special purpose machinery",
    "Manufacture of general purpose machinery": "General purpose machinery",
    "Manufacture of special purpose machinery": "Special purpose machinery",
    "Manufacture of transport equipment": "Transport equipment",
    "Manufacture of electrical machinery and equipment": "Electrical machinery and equipment",
    "Manufacture of communication equipment, computers and other electronic equipment": "Communication equipment, computers and"
    " other electronics",
    "Manufacture of instruments, meters, cultural and office machinery": "Instruments, meters, cultural and office machinery",
    "Manufacture of instruments and meters": "Instruments and meters",
    "Comprehensive use of waste resources": "Scrap and waste",
    "Other manufacturing and waste resources": "Other manufacturing, scrap and waste",
    "Production and supply of electric power and heat power": "Electricity and heat supply",
    "Production and supply of gas": "Gas supply",
    "Production and supply of water": "Water supply",
    "Transport, storage, and postal services": "Transport, storage and postal services",
    "Culture, sports, and entertainment": "Culture, sport and entertainment",
    "Health care, social security, and social welfare": "Health care, social security and social welfare",
    "Public administration, social security, and social organizations": "Public administration, social security and social"
    " organisations",
    "Public administration and social organizations": "Public administration and social organisations",
    "Scientific research, and technical services": "Scientific research and technical services",
}

# One sector of the 2017 list against the 35 industries of WIOD (c1 ... c35). Where a title spans several industries, every
# two-digit division of GB/T 4754-2017 behind the title (or, where there is only one, every named part) counts alike.
TO_WIOD35 = {
    "01": {"c1": 1},
    "02": {"c2": 1},
    "03": {"c2": 1},
    "04": {"c2": 1},
    "05": {"c2": 1},
    "06": {"c3": 1},
    "07": {"c4": 1},
    "08": {"c4": 1, "c5": 1},  # clothing | leather and footwear
    "09": {"c6": 1, "c16": 1},  # wood | furniture
    "10": {"c7": 2, "c16": 1},  # paper, printing | articles for culture, education and sport
    "11": {"c8": 1},
    "12": {"c9": 3, "c10": 1},  # chemicals, pharmaceuticals, fibres | rubber and plastics
    "13": {"c11": 1},
    "14": {"c12": 1},
    "15": {"c12": 1},
    "16": {"c13": 1},
    "17": {"c13": 1},
    "18": {"c15": 1},
    "19": {"c14": 1},
    "20": {"c14": 1},
    "21": {"c14": 1},
    "22": {"c16": 1},
    "23": {"c12": 1, "c13": 1, "c15": 1},  # repair of metal products | machinery | transport equipment
    "24": {"c17": 1},
    "25": {"c17": 1},
    "26": {"c17": 1},
    "27": {"c18": 1},
    "28": {"c20": 1, "c21": 1},  # wholesale | retail
    "29": {
        "c23": 3,
        "c24": 1,
        "c25": 1,
        "c26": 2,
        "c27": 1,
    },  # rail, road, pipeline | water | air | forwarding, storage | post
    "30": {"c22": 1},
    "31": {"c27": 1, "c30": 2},  # telecommunications | internet services, software
    "32": {"c28": 1},
    "33": {"c29": 1},
    "34": {"c30": 1},
    "35": {"c30": 1},
    "36": {"c30": 1},
    "37": {"c34": 1},
    "38": {"c34": 2, "c21": 1},  # personal and other services | repair of vehicles, computers and household goods
    "39": {"c32": 1},
    "40": {"c33": 1},
    "41": {"c34": 1},
    "42": {"c31": 1},
}

# NACE rev. 2 divisions behind each title; used to find the sectors that host a listed industry, so the equal weights do not matter there.
TO_NACE2 = {
    "01": "01 02 03",
    "02": "05",
    "03": "06",
    "04": "07",
    "05": "08 09",
    "06": "10 11 12",
    "07": "13",
    "08": "14 15",
    "09": "16 31",
    "10": "17 18 32",
    "11": "19",
    "12": "20 21 22",
    "13": "23",
    "14": "24",
    "15": "25",
    "16": "28",
    "17": "28 32",
    "18": "29 30",
    "19": "27",
    "20": "26",
    "21": "26",
    "22": "32 38",
    "23": "33",
    "24": "35",
    "25": "35",
    "26": "36",
    "27": "41 42 43",
    "28": "45 46 47",
    "29": "49 50 51 52 53",
    "30": "55 56",
    "31": "61 62 63",
    "32": "64 65 66",
    "33": "68",
    "34": "69 70 73 77 78 79 80 81 82",
    "35": "72",
    "36": "71 74 75",
    "37": "37 38 39 81 91",
    "38": "95 96",
    "39": "85",
    "40": "86 87 88",
    "41": "58 59 60 90 92 93",
    "42": "84 94",
}

# The 2012 list against the 2017 list. Science (36) is GB/T divisions 73 (research) and 74, 75 (technical services).
FROM_2012 = {f"{code:02d}": {f"{code:02d}": 1} for code in range(1, 23)}
FROM_2012 |= {f"{code:02d}": {f"{code - 1:02d}": 1} for code in range(23, 36)}
FROM_2012 |= {"36": {"35": 1, "36": 2}}
FROM_2012 |= {f"{code:02d}": {f"{code:02d}": 1} for code in range(37, 43)}

# The 2002 list (used for 2002 and 2007) against the 2017 list. Sector 20 holds six groups of which one, office machinery, is
# general purpose machinery in the later list.
FROM_2002 = {f"{code:02d}": {f"{code:02d}": 1} for code in range(1, 16)}
FROM_2002 |= {
    "16": {"16": 1, "17": 1},
    "17": {"18": 1},
    "18": {"19": 1},
    "19": {"20": 1},
    "20": {"21": 5, "16": 1},
    "21": {"22": 1},
    "22": {"22": 1},
    "23": {"24": 1},
    "24": {"25": 1},
    "25": {"26": 1},
    "26": {"27": 1},
    "27": {"29": 1},
    "28": {"29": 1},
    "29": {"31": 1},
    "30": {"28": 1},
    "31": {"30": 1},
}
FROM_2002 |= {f"{code:02d}": {f"{code:02d}": 1} for code in range(32, 43)}

ACTIVITIES_NOTE = {
    "en": "Chinese sector lists: the titles of CN42-2002, CN42-2012 and CN42-2017 come from the tables of the National Bureau of"
    " Statistics; English titles are shortened. CN42-2017 also serves the national tables of 2018 and 2020 (same list). The"
    " 40-sector list of 1997 is not among the sources: CN40-1997 has codes without titles.",
    "zh": "中国部门分类：CN42-2002、CN42-2012、CN42-2017 的中文名称取自国家统计局投入产出表，英文名称有所简化；CN42-2017 亦用于 2018 年和"
    "2020 年全国表（部门相同）。1997 年 40 部门目录未见于数据源，CN40-1997 只有代码而无名称。",
}
LINKS_NOTE = {
    "en": "Links of the Chinese sector lists are our own reading of the sector titles; a sector whose title spans several industries"
    " is divided alike among the two-digit divisions of GB/T 4754 (or named parts) behind it, which is a convention, not a"
    " measured share. CN40-1997 has no links.",
    "zh": "中国部门之间及其与 WIOD 行业的对应关系由本项目按部门名称判读；名称涵盖多个行业的部门，按其下属 GB/T 4754 大类（或名称中的并列项）"
    "等分，这是约定而非实测比重。CN40-1997 没有对应关系。",
}


def titles(source: Path, scheme: str) -> pandas.DataFrame:
    """Code, English and Chinese title of one list."""
    frame = pandas.read_csv(source / "china_ipio_1997_2017" / LISTS[scheme], dtype=str)
    assert list(frame["Code"]) == [f"{code:02d}" for code in range(1, 43)]
    english = frame["Description"].replace(ENGLISH)
    if scheme == "CN42-2012":  # in this list scrap and waste stands alone
        assert english[22] == "Scrap and waste"
    return pandas.DataFrame(
        {
            "scheme": scheme,
            "code": frame["Code"],
            "name_en": english,
            "name_zh": frame["DescriptionInChinese"].str.strip(),
        }
    )


def weights(from_scheme: str, to_scheme: str, shares: dict[str, dict[str, int]]) -> pandas.DataFrame:
    """The rows of one concordance; shares are turned into weights that add to one for every code of the first list."""
    assert sorted(shares) == [f"{code:02d}" for code in range(1, 43)]
    rows = [
        (from_scheme, code, to_scheme, target, share / sum(parts.values()))
        for code, parts in shares.items()
        for target, share in parts.items()
    ]
    frame = pandas.DataFrame(rows, columns=["from_scheme", "from_code", "to_scheme", "to_code", "weight"])
    return frame.assign(confidence="medium", source="own reading of sector titles")


def build(source: Path, out: Workspace) -> None:
    """Adds the sector lists and their links."""
    lists = out.source(
        id="cn_sector_lists",
        producer="National Bureau of Statistics of China",
        title="Sector lists of the national input-output tables 2002, 2007, 2012, 2017",
        vintage="2002-2017",
        licence="GPL-3 or later (R package ionet, from which this copy comes); no open statement for the titles themselves",
        licence_status="stated",
        citation="National Bureau of Statistics of China, Input-Output Tables of China 2002, 2007, 2012, 2017.",
        url="https://github.com/Carol-seven/ionet (commit 51145dcab4)",
        done="Chinese titles as they are, English titles shortened; links between lists are our own reading of the titles.",
    )
    frames = [titles(source, scheme) for scheme in LISTS]
    codes = [f"{code:02d}" for code in range(1, 41)]
    frames.append(
        pandas.DataFrame(
            {
                "scheme": "CN40-1997",
                "code": codes,
                "name_en": [f"sector {int(code)} of the 1997 list" for code in codes],
                "name_zh": [f"1997 年 40 部门目录第 {int(code)} 部门" for code in codes],
            }
        )
    )
    out.add("activities", pandas.concat(frames, ignore_index=True), note=ACTIVITIES_NOTE, sources=[lists])
    links = [
        weights("CN42-2017", "WIOD35", TO_WIOD35),
        weights("CN42-2017", "NACE2", {code: dict.fromkeys(parts.split(), 1) for code, parts in TO_NACE2.items()}),
        weights("CN42-2012", "CN42-2017", FROM_2012),
        weights("CN42-2002", "CN42-2017", FROM_2002),
    ]
    out.add("links", pandas.concat(links, ignore_index=True), note=LINKS_NOTE, sources=[lists])
