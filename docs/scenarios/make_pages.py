"""Runs the scenarios that come with the program and puts what they print into the pages of this folder.

Usage: python docs/scenarios/make_pages.py PROGRAM [NAME ...]

Between the marks ``<!-- result -->`` and ``<!-- /result -->`` of NAME.md and NAME.zh.md stand the table of the models, the shocks and the
pictures; everything else on a page is written by hand.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
NAMES = [
    "machine-tool-embargo",
    "chip-cut",
    "rare-earth-export-control",
    "closed-ev-market",
    "port-closure",
    "earthquake",
]
DRAWS = 20
WORDS = {
    "en": {
        "head": [
            "model",
            "value added lost",
            "of its value added",
            "5 to 95 % of draws",
            "output lost",
            "final demand or real income lost",
            "lowest day",
            "recovered on day",
            "the world's value added lost",
        ],
        "unit": "{place}, million USD over {days} days; losses are positive, gains negative. {draws} draws of stocks, criticality and elasticities.",
        "shocks": "The shock: {lost:,.0f} of {flow:,.0f} million USD a year at its height ({name}); mean intensity over the horizon {mean:.2f}.",
        "picture": "Value added lost by model",
        "days": "Output day by day",
        "none": "-",
    },
    "zh": {
        "head": [
            "模型",
            "增加值损失",
            "占其增加值",
            "抽样 5%—95% 区间",
            "产出损失",
            "最终需求或实际收入损失",
            "最低日",
            "恢复日",
            "全球增加值损失",
        ],
        "unit": "{place}，百万美元，{days} 天合计；损失为正，增益为负。对库存、关键性与弹性抽样 {draws} 次。",
        "shocks": "冲击：高峰时每年 {flow:,.0f} 百万美元流量中的 {lost:,.0f}（{name}）；期内平均强度 {mean:.2f}。",
        "picture": "各模型的增加值损失",
        "days": "逐日产出",
        "none": "—",
    },
}


def number(value: float | None, digits: int = 0) -> str:
    if value is None:
        return "-"
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def run(program: str, name: str, language: str, *more: str) -> dict:
    command = [program, "--lang", language, "chain", "shock", name, "--format", "json", *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def result(program: str, name: str, language: str, tables: dict) -> str:
    words, suffix = WORDS[language], "" if language == "en" else ".zh"
    picture = FOLDER / f"{name}{suffix}.svg"
    run(program, name, language, "--picture", str(picture))
    models = tables["models"]
    lines = [f"| {' | '.join(words['head'])} |", "| --- |" + " ---: |" * (len(words["head"]) - 1)]
    for row in models:
        if row["value_added_loss"] is None:
            lines.append(f"| `{row['model']}` | {row['state']} |" + " |" * (len(words["head"]) - 2))
            continue
        drawn = words["none"] if row.get("low") is None else f"{number(row['low'])} … {number(row['high'])}"
        cells = [
            f"`{row['model']}`",
            number(row["value_added_loss"]),
            f"{100 * row['value_added_loss_share']:.3f} %",
            drawn,
            number(row["output_loss"]),
            number(row["final_demand_loss"]),
            words["none"] if row["lowest_day"] is None else str(row["lowest_day"]),
            words["none"] if row["recovered_on_day"] is None else str(row["recovered_on_day"]),
            number(row["world_value_added_loss"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    said = [words["unit"].format(place=models[0]["region"], days=365, draws=DRAWS)]
    for shock in tables["shocks"]:
        said.append(
            words["shocks"].format(
                lost=shock["lost_at_its_height"],
                flow=shock["flow_a_year"],
                name=shock["shock"],
                mean=shock["mean_intensity"],
            )
        )
    pictures = [f"![{words['picture']}]({picture.name})"]
    days = picture.with_name(f"{picture.stem}-days.svg")
    if days.exists():
        pictures.append(f"![{words['days']}]({days.name})")
    return "\n".join([*lines, "", *said, "", *pictures])


def main() -> None:
    program, *names = sys.argv[1:]
    for name in names or NAMES:
        tables = run(program, name, "en", "--draws", str(DRAWS))
        for language, suffix in (("en", ""), ("zh", ".zh")):
            page = FOLDER / f"{name}{suffix}.md"
            text = page.read_text(encoding="utf-8")
            made = result(program, name, language, tables)
            filled = re.sub(
                r"<!-- result -->.*<!-- /result -->",
                lambda _: f"<!-- result -->\n\n{made}\n\n<!-- /result -->",
                text,
                flags=re.S,
            )
            if filled == text and made not in text:
                raise SystemExit(f"{page.name} has no marks <!-- result --> and <!-- /result -->")
            page.write_text(filled, encoding="utf-8")
            print(page.name)


if __name__ == "__main__":
    main()
