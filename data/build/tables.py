"""The shared writer of the embedded workspace.

Every module of the build receives one `Workspace` and hands its tables to it:

* `out.write(table_id, schema, frame, title=..., note=..., sources=[...])` checks a finished table against its schema and
  writes it as Parquet (zstd, level 19, deterministic bytes);
* `out.add(table_id, frame, note=..., sources=[...])` adds rows to one of the tables that several modules share
  (`places`, `activities`, `links`, `indicator_definitions`); they are written by `finish`;
* `out.source(id, ...)` registers where numbers come from;
* `out.finish()` checks codes and names across tables and writes `xinzhi.toml` and `SOURCES.md`.

A title or a note is a dictionary `{"en": ..., "zh": ...}`. Missing values are not stored: drop the row instead.
"""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import pandas
import pyarrow
import pyarrow.parquet

BUILD_FOLDER = Path(__file__).resolve().parent


class BuildError(Exception):
    """A table that breaks its schema, or a build that is not complete."""


@dataclass(frozen=True)
class Column:
    """One column of a schema: its type, whether it is part of the key, may be absent, may be negative or be null."""

    kind: str  # "text" | "period" | "integer" | "number" | "numbers"
    key: bool = False
    optional: bool = False
    negative: bool = True
    null: bool = False


TEXT = Column("text")
KEY = Column("text", key=True)
OPTIONAL_TEXT = Column("text", optional=True, null=True)
PERIOD = Column("period", key=True)
NUMBER = Column("number")
AMOUNT = Column("number", negative=False)

SCHEMAS: dict[str, dict[str, Column]] = {
    "places": {
        "place": KEY,
        "level": TEXT,
        "parent": OPTIONAL_TEXT,
        "alpha2": OPTIONAL_TEXT,
        "numeric": OPTIONAL_TEXT,
        "name_en": TEXT,
        "name_zh": TEXT,
        "aliases": OPTIONAL_TEXT,
    },
    "activities": {"scheme": KEY, "code": KEY, "name_en": TEXT, "name_zh": TEXT, "parent": OPTIONAL_TEXT},
    "links": {
        "from_scheme": KEY,
        "from_code": KEY,
        "to_scheme": KEY,
        "to_code": KEY,
        "weight": AMOUNT,
        "confidence": TEXT,
        "source": TEXT,
    },
    "activity": {
        "place": KEY,
        "scheme": KEY,
        "code": KEY,
        "period": PERIOD,
        "measure": KEY,
        "value": AMOUNT,
        "unit": TEXT,
    },
    "trade": {
        "exporter": KEY,
        "importer": KEY,
        "scheme": KEY,
        "code": KEY,
        "period": PERIOD,
        "value": AMOUNT,
        "quantity": Column("number", optional=True, negative=False, null=True),
    },
    "indicators": {"place": KEY, "indicator": KEY, "period": PERIOD, "value": NUMBER, "unit": TEXT},
    "indicator_definitions": {
        "indicator": KEY,
        "dimension": TEXT,
        "direction": Column("integer"),
        "name_en": TEXT,
        "name_zh": TEXT,
        "unit": TEXT,
    },
    "method_error": {
        "check": KEY,
        "period": PERIOD,
        "measure": KEY,
        "statistic": KEY,
        "area": KEY,
        "places": OPTIONAL_TEXT,
        "value": NUMBER,
        "unit": TEXT,
    },
    "map": {"map": KEY, "place": KEY, "ring": Column("integer", key=True), "path": TEXT},
    "io": {
        "kind": KEY,
        "region": KEY,
        "sector": KEY,
        "unit": TEXT,
        "z": Column("numbers"),
        "y": Column("numbers"),
        "x": Column("number", null=True),
    },
}

LEVELS = {"world", "country", "aggregate", "province"}
DIMENSIONS = {"talent", "environment", "reform", "technology", "growth", "size"}
SHARED = {
    "places": {
        "en": "Places: world, countries, aggregates, provinces",
        "zh": "地区：世界、国家和地区、合计项、省级行政区",
    },
    "activities": {"en": "Activities: products, industries, technologies", "zh": "活动：产品、行业、技术领域"},
    "links": {"en": "Links between classifications", "zh": "分类之间的对应关系"},
    "indicator_definitions": {"en": "Definitions of the indicators", "zh": "指标定义"},
}
EMPTY_NOTE = {"en": "", "zh": ""}


@dataclass
class Workspace:
    """The workspace that is being built."""

    root: Path
    tables: dict[str, dict] = field(default_factory=dict)
    sources: dict[str, dict] = field(default_factory=dict)
    shared: dict[str, list[pandas.DataFrame]] = field(default_factory=dict)
    shared_notes: dict[str, list[dict]] = field(default_factory=dict)
    shared_sources: dict[str, list[str]] = field(default_factory=dict)
    used_places: dict[str, set] = field(default_factory=dict)
    used_codes: dict[str, set] = field(default_factory=dict)
    used_indicators: dict[str, set] = field(default_factory=dict)

    def source(
        self,
        id: str,
        producer: str,
        title: str,
        vintage: str,
        licence: str,
        licence_status: str,
        citation: str,
        url: str,
        done: str,
    ) -> str:
        """Registers a source and returns its id; registering the same id twice with other words is an error."""
        if licence_status not in ("stated", "expected"):
            raise BuildError(f"source {id}: licence_status is `{licence_status}`, not `stated` or `expected`")
        entry = dict(
            producer=producer,
            title=title,
            vintage=vintage,
            licence=licence,
            licence_status=licence_status,
            citation=citation,
            url=url,
            done=done,
        )
        if self.sources.setdefault(id, entry) != entry:
            raise BuildError(f"source {id} is registered twice with different words")
        return id

    def add(self, table_id: str, frame: pandas.DataFrame, note: dict | None = None, sources: list[str] = ()) -> None:
        """Adds rows to a table that several modules share; `finish` checks and writes it."""
        if table_id not in SHARED:
            raise BuildError(f"`{table_id}` is not a shared table; use write()")
        self.shared.setdefault(table_id, []).append(frame)
        if note:
            self.shared_notes.setdefault(table_id, []).append(note)
        known = self.shared_sources.setdefault(table_id, [])
        known.extend(source for source in sources if source not in known)

    def write(
        self,
        table_id: str,
        schema: str,
        frame: pandas.DataFrame,
        title: dict,
        note: dict | None = None,
        sources: list[str] = (),
        metadata: dict | None = None,
        integers: bool = False,
        scheme: str | None = None,
    ) -> None:
        """Checks one table against its schema and writes `<table_id>.parquet`.

        `metadata` goes into the Parquet key-value metadata (values that are not text are written as JSON). `integers` stores
        lists of numbers as 32-bit integers. `scheme` names the scheme of the sectors of an `io` table.
        """
        note = note or EMPTY_NOTE
        for what, text in (("title", title), ("note", note)):
            if set(text) != {"en", "zh"}:
                raise BuildError(f"{table_id}: {what} needs `en` and `zh`")
        if table_id in self.tables:
            raise BuildError(f"{table_id} is written twice")
        frame = checked(table_id, schema, frame)
        metadata = dict(metadata or {})
        if scheme:
            metadata.setdefault("xinzhi.scheme", scheme)
        table = to_arrow(schema, frame, metadata, integers)
        path = self.root / f"{table_id}.parquet"
        self.root.mkdir(parents=True, exist_ok=True)
        write_parquet(table, path)
        content = path.read_bytes()
        self.tables[table_id] = dict(
            schema=schema,
            file=path.name,
            rows=len(frame),
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            title=title,
            note=note,
            sources=list(sources),
        )
        self.remember(table_id, schema, frame, scheme)
        print(f"  wrote {path.name}: {len(frame):,} rows, {len(content):,} bytes", flush=True)

    def remember(self, table_id: str, schema: str, frame: pandas.DataFrame, scheme: str | None) -> None:
        """Notes which places, codes and indicators a table mentions, so that `finish` can ask whether they exist."""
        for column in ("place", "exporter", "importer", "region"):
            if column in frame and schema != "places":
                self.used_places.setdefault(table_id, set()).update(frame[column])
        if schema in ("activity", "trade"):
            self.used_codes.setdefault(table_id, set()).update(zip(frame["scheme"], frame["code"], strict=True))
        if schema == "links":
            pairs = set(zip(frame["from_scheme"], frame["from_code"], strict=True))
            pairs |= set(zip(frame["to_scheme"], frame["to_code"], strict=True))
            self.used_codes.setdefault(table_id, set()).update(pairs)
        if schema == "io" and scheme:
            sectors = frame.loc[frame["kind"] != "value_added", "sector"]
            self.used_codes.setdefault(table_id, set()).update((scheme, sector) for sector in sectors)
        if schema == "indicators":
            self.used_indicators.setdefault(table_id, set()).update(frame["indicator"])

    def finish(self, sources_file: Path, allow_missing_zh: bool = False, allow_missing_codes: bool = False) -> None:
        """Writes the shared tables, checks names and codes across tables, writes the manifest and the list of sources."""
        problems = []
        for table_id in SHARED:
            if table_id not in self.shared:
                continue
            frame = pandas.concat(self.shared[table_id], ignore_index=True)
            if table_id == "activities":
                frame = with_chinese_names(frame)
            if "name_zh" in frame:
                frame["name_zh"] = frame["name_zh"].fillna("")
                missing = frame[frame["name_zh"].str.strip() == ""]
                if len(missing) and not allow_missing_zh:
                    problems.append(
                        f"{table_id}: {len(missing)} rows without a Chinese name, first {list(missing.iloc[0, :2])}"
                    )
            if table_id == "links":
                sums = frame.groupby(["from_scheme", "from_code", "to_scheme"])["weight"].sum()
                wrong = sums[(sums - 1).abs() > 1e-9]
                if len(wrong):
                    problems.append(f"links: weights of {wrong.index[0]} add to {wrong.iloc[0]}, not to 1")
            notes = self.shared_notes.get(table_id, [])
            note = {language: " ".join(one[language] for one in notes) for language in ("en", "zh")}
            self.write(table_id, table_id, frame, SHARED[table_id], note, self.shared_sources[table_id])
            self.shared[table_id] = [frame]
        problems += self.unknown_codes(allow_missing_codes)
        for table_id, entry in self.tables.items():
            for source in entry["sources"]:
                if source not in self.sources:
                    problems.append(f"{table_id}: source `{source}` is not registered")
        if problems:
            raise BuildError("the build is not complete:\n  " + "\n  ".join(problems))
        (self.root / "xinzhi.toml").write_text(self.manifest(), encoding="utf-8")
        sources_file.write_text(self.sources_page(), encoding="utf-8")

    def unknown_codes(self, allow_missing_codes: bool) -> list[str]:
        """Places, activities and indicators that tables mention and the shared tables do not hold."""
        known = {table_id: frames[0] for table_id, frames in self.shared.items()}
        places = set(known["places"]["place"]) if "places" in known else set()
        activities = known.get("activities")
        codes = set(zip(activities["scheme"], activities["code"], strict=True)) if activities is not None else set()
        definitions = known.get("indicator_definitions")
        indicators = set(definitions["indicator"]) if definitions is not None else set()
        problems = []
        for what, used, have in (
            ("places", self.used_places, places),
            ("activities", self.used_codes, codes),
            ("indicators", self.used_indicators, indicators),
        ):
            for table_id, mentioned in used.items():
                unknown = sorted(mentioned - have)
                if unknown:
                    problems.append(f"{table_id}: {len(unknown)} unknown {what}, first {unknown[:5]}")
        if "places" in known:
            parents = set(known["places"]["parent"].dropna()) - places
            if parents:
                problems.append(f"places: unknown parents {sorted(parents)[:5]}")
        if allow_missing_codes:
            for problem in problems:
                print(f"  allowed for now: {problem}")
            return []
        return problems

    def manifest(self) -> str:
        """The text of `xinzhi.toml`."""
        quote = toml_text
        lines = [
            "# Written by data/build/build.py; do not edit by hand.",
            "[workspace]",
            'name = "Xinzhi default"',
            "format = 1",
        ]
        for table_id in sorted(self.tables):
            entry = self.tables[table_id]
            lines += ["", "[[table]]", f"id = {quote(table_id)}", f"schema = {quote(entry['schema'])}"]
            lines += [f"file = {quote(entry['file'])}", f"rows = {entry['rows']}", f"sha256 = {quote(entry['sha256'])}"]
            for name in ("title", "note"):
                lines.append(f"{name} = {{ en = {quote(entry[name]['en'])}, zh = {quote(entry[name]['zh'])} }}")
            lines.append("sources = [" + ", ".join(quote(source) for source in entry["sources"]) + "]")
        for id in sorted(self.sources):
            lines += ["", "[[source]]", f"id = {quote(id)}"]
            lines += [f"{name} = {quote(value)}" for name, value in self.sources[id].items()]
        return "\n".join(lines) + "\n"

    def sources_page(self) -> str:
        """The text of `SOURCES.md`: one section a source, those of the policy registry (`data/policy`) among them."""
        lines = [
            "# Sources of the embedded workspace",
            "",
            "Written by `data/build/build.py` together with the tables; do not edit by hand. A licence is *stated* when its text was",
            "read with the data, and *expected* when the producer is known to publish under it but the statement was not at hand:",
            "confirm those before relying on them.",
        ]
        registry = tomllib.loads((BUILD_FOLDER.parent / "policy" / "xinzhi.toml").read_text(encoding="utf-8"))
        sources = self.sources | {entry["id"]: entry for entry in registry["source"]}
        used = {id: entry["sources"] for id, entry in self.tables.items()}
        used |= {entry["id"]: entry["sources"] for entry in registry["table"]}
        for id in sorted(sources):
            entry = sources[id]
            tables = ", ".join(f"`{table}`" for table in sorted(used) if id in used[table])
            lines += ["", f"## {id}", ""]
            lines += [f"- **Producer:** {entry['producer']}", f"- **Title:** {entry['title']}"]
            lines += [
                f"- **Vintage:** {entry['vintage']}",
                f"- **Licence:** {entry['licence']} ({entry['licence_status']})",
            ]
            lines += [f"- **Citation:** {entry['citation']}", f"- **Address:** {entry['url']}"]
            lines += [f"- **What was done:** {entry['done']}", f"- **Tables:** {tables or 'none'}"]
        return "\n".join(lines) + "\n"

    def print_sizes(self) -> None:
        """Prints rows and bytes of every table."""
        for table_id in sorted(self.tables):
            entry = self.tables[table_id]
            print(f"{table_id:<32} {entry['schema']:<22} {entry['rows']:>9,} rows {entry['bytes']:>11,} bytes")
        print(f"total {sum(entry['bytes'] for entry in self.tables.values()):,} bytes in {len(self.tables)} tables")


def with_chinese_names(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Fills missing Chinese names of activities from `names_zh/<scheme in lower case>.csv` (columns `code,name_zh`)."""
    frame = frame.copy()
    frame["name_zh"] = frame["name_zh"].fillna("")
    for path in sorted((BUILD_FOLDER / "names_zh").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = {row["code"]: row["name_zh"] for row in csv.DictReader(file)}
        rows = (frame["scheme"].str.lower() == path.stem.lower()) & (frame["name_zh"] == "")
        frame.loc[rows, "name_zh"] = frame.loc[rows, "code"].map(names).fillna("")
    return frame


def checked(table_id: str, schema: str, frame: pandas.DataFrame) -> pandas.DataFrame:
    """The frame with its columns in the order of the schema and its rows in the order of the key (`io` keeps its order)."""
    columns = SCHEMAS[schema]
    unknown = [name for name in frame.columns if name not in columns]
    if unknown:
        raise BuildError(f"{table_id}: columns {unknown} are not in schema `{schema}`")
    for name, column in columns.items():
        if name not in frame.columns:
            if column.optional:
                continue
            raise BuildError(f"{table_id}: column `{name}` of schema `{schema}` is missing")
        check_column(table_id, name, column, frame[name])
    frame = frame[[name for name in columns if name in frame.columns]]
    key = [name for name, column in columns.items() if column.key]
    duplicates = frame.duplicated(key)
    if duplicates.any():
        row = frame[duplicates].iloc[0]
        raise BuildError(f"{table_id}: {duplicates.sum()} duplicate keys, first {tuple(row[name] for name in key)}")
    if len(frame) == 0:
        raise BuildError(f"{table_id} has no rows")
    if schema == "places":
        check_values(table_id, "level", frame["level"], LEVELS)
    if schema == "indicator_definitions":
        check_values(table_id, "dimension", frame["dimension"], DIMENSIONS)
    if schema != "io":
        frame = frame.sort_values(key, kind="stable")
    return frame.reset_index(drop=True)


def check_values(table_id: str, name: str, values: pandas.Series, allowed: set) -> None:
    """Fails when a column holds a word that is not allowed."""
    wrong = set(values) - allowed
    if wrong:
        raise BuildError(f"{table_id}: column `{name}` holds {sorted(wrong)}, allowed are {sorted(allowed)}")


def check_column(table_id: str, name: str, column: Column, values: pandas.Series) -> None:
    """Fails on missing, infinite or negative values where the schema does not allow them."""
    if column.kind == "numbers":
        for row, numbers in enumerate(values):
            if not numpy.isfinite(numpy.asarray(numbers, dtype=float)).all():
                raise BuildError(f"{table_id}: row {row}, column `{name}`: a number is missing or not finite")
        return
    missing = values.isna()
    if missing.any() and not column.null:
        raise BuildError(
            f"{table_id}: column `{name}`: {missing.sum()} missing values, first in row {missing.to_numpy().argmax()}"
        )
    present = values[~missing]
    if column.kind == "text":
        wrong = [value for value in present if not isinstance(value, str)]
        if wrong:
            raise BuildError(f"{table_id}: column `{name}` holds {wrong[0]!r}, which is not text")
        if column.key and (present.str.strip() == "").any():
            raise BuildError(f"{table_id}: column `{name}` is part of the key and has an empty value")
        return
    numbers = present.to_numpy(dtype=float)
    if not numpy.isfinite(numbers).all():
        raise BuildError(f"{table_id}: column `{name}` has a number that is not finite")
    if not column.negative and (numbers < 0).any():
        raise BuildError(f"{table_id}: column `{name}` has a negative value in row {int((numbers < 0).argmax())}")
    if column.kind in ("period", "integer") and (numbers != numpy.round(numbers)).any():
        raise BuildError(f"{table_id}: column `{name}` has a value that is not a whole number")


def to_arrow(schema: str, frame: pandas.DataFrame, metadata: dict, integers: bool) -> pyarrow.Table:
    """The Arrow table with exactly the types of the schema."""
    number_list = pyarrow.list_(pyarrow.int32() if integers else pyarrow.float64())
    types = {
        "text": pyarrow.string(),
        "period": pyarrow.int64(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "numbers": number_list,
    }
    fields, arrays = [], []
    for name in frame.columns:
        column = SCHEMAS[schema][name]
        kind = types[column.kind]
        values = [None if column.kind != "numbers" and pandas.isna(value) else value for value in frame[name]]
        arrays.append(pyarrow.array(values, type=kind))
        fields.append(pyarrow.field(name, kind, nullable=column.null))
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for name, value in metadata.items()
    }
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=texts))


def write_parquet(table: pyarrow.Table, path: Path) -> None:
    """Writes one row group, zstd level 19; the same table gives the same bytes."""
    pyarrow.parquet.write_table(
        table,
        path,
        row_group_size=max(1, table.num_rows),
        compression="zstd",
        compression_level=19,
        use_dictionary=True,
        write_statistics=False,
        data_page_size=8 << 20,
        dictionary_pagesize_limit=4 << 20,
        store_schema=True,
    )


def toml_text(text: str) -> str:
    """A TOML basic string (JSON's escapes are a subset of TOML's)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
