"""Compare the drafts of the policy registry with the registry.

Every row of every draft file must be in the registry (this folder), or named in a block of a LEFT_OUT*.md here.
Prints the rows that are neither and exits with 1; exits with 0 when there are none.

    python3 data/policy/compare_with_drafts.py FOLDER_OF_THE_DRAFTS

A block of LEFT_OUT.md opens with three backticks and `left-out FILE`, holds one key a line and closes with three
backticks. A key is the row's own key as this script prints it, or `every row`, or `where COLUMN = VALUE`. Outside of
blocks, list items `- TABLE: KEY` and `- file: FILE` say the same of one row and of every row of a file.
"""

import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOREIGN_LISTS = {
    "us_cet_2024": ["us-cet-2024"],
    "uk_stf_2023": ["uk-stf-2023"],
    "uk_is_2025": ["uk-is-2025"],
    "eu_cta_2023": ["eu-cta-2023"],
    "kr_nst_2023": ["kr-nst-2023"],
    "au_ctl_2023": ["au-ctl-2023"],
    "jp_partial": ["jp-sct-2022", "jp-17-2025"],
    "aspi_example": ["aspi-64-2024"],
}


def rows_of(path):
    """Rows of a CSV file as dictionaries; none when the file is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def left_out_blocks(folder):
    """Keys of the blocks of every LEFT_OUT*.md, by draft file."""
    blocks = {}
    for path in sorted(folder.glob("LEFT_OUT*.md")):
        name = None
        for line in path.read_text(encoding="utf-8").splitlines():
            opening = re.match(r"```left-out (\S+)$", line)
            if opening:
                name = opening.group(1)
                blocks.setdefault(name, set())
            elif line.startswith("```"):
                name = None
            elif name and line.strip():
                blocks[name].add(line.strip())
            elif re.match(r"- file: \S+$", line):
                blocks.setdefault(line[8:], set()).add("every row")
            elif re.match(r"- \w+: \S", line):
                table, key = line[2:].split(": ", 1)
                blocks.setdefault(f"{table}.csv", set()).add(key.strip())
    return blocks


def plain(text):
    """Text without case, spaces and punctuation, for comparing wordings."""
    return re.sub(r"[\W_]+", "", text.lower())


def read_definitions(path):
    """Pairs of (section.key, text) of definitions.toml, which has only strings, dates and lists of strings."""
    section, pairs = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        header = re.match(r"\[([\w.]+)\]$", line.strip())
        if header:
            section = header.group(1)
            continue
        entry = re.match(r"(\w+)\s*=\s*(.+)$", line.strip())
        if not entry:
            continue
        key, value = entry.groups()
        texts = re.findall(r'"((?:[^"\\]|\\.)*)"', value) or [value]
        pairs.extend((f"{section}.{key}", text) for text in texts)
    return pairs


def observations_of(draft):
    """Parts of a draft's base_or_outturn that give a year and a value, as (year, value)."""
    text = draft["base_or_outturn"]
    found = re.findall(r"(\d{4}): (?:above |close to )?([\d.]+)", text)
    found += [("2025", value) for value in re.findall(r"end of 14th FYP: ([\d.]+)", text)]
    return found


def theme_cells(drafts, overlap):
    """Cells of cet_overlap.csv with the ids each part may stand for: (theme, column, part, kind, ids)."""
    items = rows_of(drafts / "items.csv")
    for row in overlap:
        for industry in filter(None, row["cn_nqpf"].split(";")):
            yield row, "cn_nqpf", industry, "industry", [industry]
        for column, lists in FOREIGN_LISTS.items():
            names = [(i["item_id"], i["name_en"]) for i in items if i["strategy_id"] in lists]
            cell = row[column].replace(" (2025)", "")
            parts = [cell] if cell in [name for _, name in names] else cell.split("; ")
            for part in filter(None, parts):
                exact = [item for item, name in names if name == part]
                yield row, column, part, "item", exact or [i for i, name in names if name.startswith(part)]


def differences(drafts, registry):
    """Every draft row that is not in the registry, as (file, key, row)."""
    ids = {
        name: {row[column] for row in rows_of(registry / f"{name}.csv")}
        for name, column in [
            ("strategies", "strategy"),
            ("items", "item"),
            ("industries", "industry"),
            ("events", "event"),
            ("sources", "source"),
        ]
    }
    ids["sources"] |= {row["source"] for row in rows_of(registry / "sources_codes.csv")}
    for name, column in [("strategies", "strategy_id"), ("items", "item_id"), ("events", "event_id")]:
        for row in rows_of(drafts / f"{name}.csv"):
            if row[column] not in ids[name]:
                yield f"{name}.csv", row[column], row
    for row in rows_of(drafts / "sources.csv"):
        if row["source_id"] not in ids["sources"]:
            yield "sources.csv", row["source_id"], row

    strategy_of = {row["item"]: row["strategy"] for row in rows_of(registry / "items.csv")}
    named_in = {}
    for row in rows_of(registry / "memberships.csv"):
        named_in.setdefault(row["industry"], set()).add(strategy_of.get(row["item"]))
    for row in rows_of(drafts / "nqpf_industries.csv"):
        if row["nqpf_id"] not in ids["industries"]:
            yield "nqpf_industries.csv", row["nqpf_id"], row
        for strategy in row["named_in"].split(";"):
            if strategy not in named_in.get(row["nqpf_id"], set()):
                yield "nqpf_industries.csv", f"{row['nqpf_id']} named in {strategy}", row

    codes = {(row["industry"], row["scheme"], row["code"]) for row in rows_of(registry / "crosswalk.csv")}
    for row in rows_of(drafts / "crosswalk.csv"):
        key = (row["nqpf_id"], row["scheme"], row["code"])
        if key not in codes:
            yield "crosswalk.csv", " ".join(part or "-" for part in key), row
    for row in rows_of(drafts / "sei2018_gbt4754.csv"):
        key = f"{row['group_code']} {row['item_zh']} {row['gbt4754_code']}"
        yield "sei2018_gbt4754.csv", key, row
    for row in rows_of(drafts / "gbt4754_tags.csv"):
        yield "gbt4754_tags.csv", row["gbt4754_code"], row
    for row in rows_of(drafts / "users.csv"):
        yield "users.csv", row["tool"], row

    targets = rows_of(registry / "targets.csv")
    observed = {(row["target"], row["year"], float(row["value"])) for row in rows_of(registry / "observations.csv")}
    for row in rows_of(drafts / "targets.csv"):
        key = f"{row['strategy_id']}: {row['indicator']}, {row['year']}"
        same = [
            target
            for target in targets
            if target["strategy"] == row["strategy_id"]
            and target["year"] == row["year"]
            and target["op"] == row["op"]
            and float(target["value"]) == float(row["value"])
            and target["indicator_en"].lower().startswith(row["indicator"].split()[0].lower())
        ]
        if not same:
            yield "targets.csv", key, row
        for year, value in observations_of(row):
            if not any((target["target"], year, float(value)) in observed for target in same):
                yield "targets.csv", f"{key}: {value} in {year}", row

    members = {}
    themes = {row["name_zh"]: row["theme"] for row in rows_of(registry / "themes.csv")}
    for row in rows_of(registry / "theme_members.csv"):
        members.setdefault(row["theme"], set()).add((row["kind"], row["member"]))
    overlap = rows_of(drafts / "cet_overlap.csv")
    for row in overlap:
        if row["theme_zh"] not in themes:
            yield "cet_overlap.csv", row["theme"], row
    for row, column, part, kind, possible in theme_cells(drafts, overlap):
        theme = themes.get(row["theme_zh"])
        if not any((kind, member) in members.get(theme, set()) for member in possible):
            yield "cet_overlap.csv", f"{row['theme']}: {column}: {part}", row

    definition = rows_of(registry / "definition.csv")
    said = " ".join(plain(text) for row in definition for text in row.values())
    for key, text in read_definitions(drafts / "definitions.toml"):
        if plain(text) not in said:
            yield "definitions.toml", f"{key}: {text}", {}


def is_left_out(keys, key, row):
    """Whether a draft row is named in the keys of its file's blocks."""
    if key in keys or "every row" in keys:
        return True
    conditions = (re.match(r"where (\S+) = (.+)$", line) for line in keys)
    return any(found and row.get(found.group(1)) == found.group(2) for found in conditions)


def main(arguments):
    """Print the draft rows that are neither in the registry nor left out with a reason; 1 if there are any."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: compare_with_drafts.py FOLDER_OF_THE_DRAFTS", file=sys.stderr)
        return 2
    drafts = Path(arguments[0])
    blocks = left_out_blocks(HERE)
    missing, excused = [], {}
    for name, key, row in differences(drafts, HERE):
        if is_left_out(blocks.get(name, set()), key, row):
            excused[name] = excused.get(name, 0) + 1
        else:
            missing.append((name, key))
    for name, key in missing:
        print(f"{name}: {key}: neither in the registry nor in LEFT_OUT.md")
    for name, count in sorted(excused.items()):
        print(f"{name}: {count} left out with a reason")
    print(f"{len(missing)} draft rows missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
