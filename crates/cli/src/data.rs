use crate::Global;
use crate::failure::Failure;
use crate::output::{align, format, write_result};
use clap::{Args, Subcommand, ValueEnum};
use frame::{Language, Text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use store::{Duplicates, ExportFormat, ImportOptions, InputOutputOptions, Missing, Schema, TableEntry, Workspace, read_input_output};

/// List, describe, check, import and export the tables of a workspace
#[derive(Args)]
pub(crate) struct Data {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the tables (--format table, csv or json)
    List,
    /// Describe the workspace, or one table: columns, units, years, sources, caveats (--format table or json)
    Describe {
        /// The table
        id: Option<String>,
    },
    /// Check tables (all without IDs): hashes, schemas, values, keys, and whether the places and activities they mention are known
    Check {
        /// The tables
        ids: Vec<String>,
    },
    /// Import files of another program's into a workspace folder
    Import(Box<Import>),
    /// Export a table (--format csv, json, parquet or xlsx)
    Export {
        /// The table
        id: String,
    },
}

/// The formats that can be imported.
#[derive(Clone, Copy, ValueEnum)]
enum ImportFormat {
    /// One observation a row: csv, tsv, txt, parquet, xlsx, xls, xlsb, ods
    Long,
    /// An input-output table whose edition is found out from its header
    Io,
    /// A labelled input-output table: regions and sectors in the first rows and columns
    IoCsv,
    /// OECD Inter-Country Input-Output Tables, editions 2016 to 2025
    Icio,
    /// World Input-Output Database, release 2013
    Wiod2013,
    /// World Input-Output Database, release 2016
    Wiod2016,
    /// EXIOBASE 3
    Exiobase3,
    /// Eora26
    Eora26,
    /// GLORIA
    Gloria,
    /// FIGARO
    Figaro,
    /// Multi-regional tables of the Asian Development Bank
    Adb,
    /// Provincial tables of China by CEADs
    Ceads,
    /// National tables of China
    ChinaNational,
    /// Tables of the provinces of China, a sheet each
    ChinaProvincial,
    /// Interregional tables of China, eight regions
    ChinaInterregional,
    /// National tables of the OECD
    OecdNational,
    /// Regional tables of Finland
    Finland,
}

impl ImportFormat {
    /// The family of editions, for input-output tables: empty for any.
    fn editions(self) -> Option<&'static str> {
        Some(match self {
            ImportFormat::Long => return None,
            ImportFormat::Io => "",
            ImportFormat::IoCsv => "io-csv",
            ImportFormat::Icio => "icio",
            ImportFormat::Wiod2013 => "wiod2013",
            ImportFormat::Wiod2016 => "wiod2016",
            ImportFormat::Exiobase3 => "exiobase3",
            ImportFormat::Eora26 => "eora26",
            ImportFormat::Gloria => "gloria",
            ImportFormat::Figaro => "figaro",
            ImportFormat::Adb => "adb",
            ImportFormat::Ceads => "ceads",
            ImportFormat::ChinaNational => "china-national",
            ImportFormat::ChinaProvincial => "china-provincial",
            ImportFormat::ChinaInterregional => "china-interregional",
            ImportFormat::OecdNational => "oecd-national",
            ImportFormat::Finland => "finland",
        })
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MissingRule {
    /// Stop, naming the row
    Error,
    /// Leave the row out, and count it
    Drop,
    /// Take a missing number for 0, and count it
    Zero,
}

impl MissingRule {
    /// The rule as the store knows it.
    pub(crate) fn rule(self) -> Missing {
        match self {
            MissingRule::Error => Missing::Error,
            MissingRule::Drop => Missing::Drop,
            MissingRule::Zero => Missing::Zero,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum DuplicatesRule {
    /// Stop, naming both rows
    Error,
    /// Add the numbers up, and count it
    Sum,
    /// Keep the first, and count it
    First,
}

#[derive(Args)]
struct Import {
    /// The format of the files
    #[arg(id = "files_format", value_name = "FORMAT")]
    format: ImportFormat,
    /// The files, read one after the other into one table
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The workspace folder, made when absent
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// The table's id; a table with the same id is replaced
    #[arg(long)]
    id: Option<String>,
    /// The table's schema: activity, trade, indicators, places, activities, links, ...
    #[arg(long)]
    schema: Option<String>,
    /// Which column of the file fills which column of the schema
    #[arg(long, value_name = "COLUMN=FILE_COLUMN", value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// Columns of the schema that have one value throughout
    #[arg(long, value_name = "COLUMN=VALUE", value_delimiter = ',', value_parser = pair)]
    set: Vec<(String, String)>,
    /// A TOML file with these options; options on the command line win
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The separator: one character, or `tab`; found out from the header without it
    #[arg(long, value_parser = separator)]
    delimiter: Option<char>,
    /// The encoding of text; without it UTF-8, UTF-16 with a mark or GB18030, found out from the bytes
    #[arg(long)]
    encoding: Option<String>,
    /// The decimal sign of numbers in text
    #[arg(long, value_name = "CHARACTER")]
    decimal: Option<char>,
    /// The thousands sign of numbers in text
    #[arg(long, value_name = "CHARACTER")]
    thousands: Option<char>,
    /// The sheet of a workbook
    #[arg(long)]
    sheet: Option<String>,
    /// What to do about missing values [default: error]
    #[arg(long)]
    missing: Option<MissingRule>,
    /// What to do about keys that stand twice [default: error]
    #[arg(long)]
    duplicates: Option<DuplicatesRule>,
    /// The table's title
    #[arg(long)]
    title: Option<String>,
    /// A caveat for readers of the table
    #[arg(long)]
    note: Option<String>,
    /// The year of an input-output table, where files hold several or do not say it
    #[arg(long, value_name = "YEAR", help_heading = "Input-output tables")]
    period: Option<i32>,
    #[command(flatten)]
    input_output: InputOutput,
}

/// How an input-output table is read.
#[derive(Args)]
pub(crate) struct InputOutput {
    /// The edition: its name, or a schema file of your own; found out from the header without it
    #[arg(long, value_name = "NAME|FILE", help_heading = "Input-output tables")]
    edition: Option<String>,
    /// The unit, where files do not say it
    #[arg(long, value_name = "UNIT", help_heading = "Input-output tables")]
    unit: Option<String>,
    /// Repairs to make besides the edition's: zero-output, negative-flows, negative-final-demand, discrepancy=CHOICE, merge-splits, rounding
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Input-output tables")]
    repair: Vec<String>,
    /// Repairs of the edition's not to make
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Input-output tables")]
    no_repair: Vec<String>,
    /// Sums may differ from stated totals by this share of the total
    #[arg(long, value_name = "SHARE", help_heading = "Input-output tables")]
    tolerance: Option<f64>,
}

impl InputOutput {
    /// The options of the store.
    pub(crate) fn options(&self, family: &str, sheet: Option<&str>, period: Option<i32>) -> InputOutputOptions {
        InputOutputOptions {
            edition: self.edition.clone(),
            family: (!family.is_empty() && self.edition.is_none()).then(|| family.to_owned()),
            period,
            sheet: sheet.map(str::to_owned),
            unit: self.unit.clone(),
            repair: self.repair.clone(),
            no_repair: self.no_repair.clone(),
            tolerance: self.tolerance,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

pub(crate) fn separator(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) if one.is_ascii() => Ok(one),
        _ => Err("expected one ASCII character, or `tab`".to_owned()),
    }
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum ListFormat {
    Table,
    Csv,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum PageFormat {
    Table,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum TableFormat {
    Csv,
    Json,
    Parquet,
    Xlsx,
}

/// Runs a `data` verb.
pub(crate) fn run(global: &Global, data: Data) -> Result<(), Failure> {
    match data.command {
        Command::List => list(global),
        Command::Describe { id } => describe(global, id.as_deref()),
        Command::Check { ids } => check(global, &ids),
        Command::Import(arguments) => import(global, *arguments),
        Command::Export { id } => export(global, &id),
    }
}

fn json_text(value: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| Failure::new(format!("the result is not JSON: {error}")))
}

fn csv_text(rows: &[Vec<String>]) -> String {
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n").collect()
}

fn list(global: &Global) -> Result<(), Failure> {
    let format = format(global, ListFormat::Table)?;
    let workspace = global.workspace()?;
    let language = global.language();
    let tables = &workspace.manifest().tables;
    let text = if format == ListFormat::Json {
        json_text(
            &tables
                .iter()
                .map(|table| json!({"id": table.id, "schema": table.schema, "rows": table.rows, "title": table.title.get(language)}))
                .collect(),
        )?
    } else {
        let header = ["id", "schema", "rows", "title"].map(str::to_owned).to_vec();
        let row =
            |table: &TableEntry| vec![table.id.clone(), table.schema.clone(), table.rows.to_string(), table.title.get(language).to_owned()];
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(tables.iter().map(row)).collect();
        if format == ListFormat::Csv { csv_text(&rows) } else { align(&rows) }
    };
    write_result(global, |out| out.write_all(text.as_bytes()))
}

fn describe(global: &Global, id: Option<&str>) -> Result<(), Failure> {
    let format = format(global, PageFormat::Table)?;
    let workspace = global.workspace()?;
    let page = match id {
        Some(id) => table_page(&workspace, workspace.manifest().table(id)?, global.language())?,
        None => workspace_page(&workspace, global.language()),
    };
    let text = match format {
        PageFormat::Json => json_text(&page.json)?,
        PageFormat::Table => page.text,
    };
    write_result(global, |out| out.write_all(text.as_bytes()))
}

/// A page to read and the same as JSON.
struct Page {
    text: String,
    json: Value,
}

fn sources(workspace: &Workspace, ids: &[String], language: Language) -> Page {
    let word = |en, zh| Text::new(en, zh).get(language).to_owned();
    let mut text = String::new();
    let found: Vec<_> = ids.iter().filter_map(|id| workspace.manifest().source(id)).collect();
    for source in &found {
        let mut rows = vec![vec![source.id.clone(), source.title.clone()]];
        for (name, value) in [
            (word("  producer", "  编制者"), &source.producer),
            (word("  vintage", "  版本"), &source.vintage),
            (word("  licence", "  许可"), &format!("{} ({})", source.licence, source.licence_status)),
            (word("  citation", "  引用"), &source.citation),
            (word("  address", "  网址"), &source.url),
            (word("  what was done", "  处理"), &source.done),
        ] {
            if !value.is_empty() && value != " ()" {
                rows.push(vec![name, value.clone()]);
            }
        }
        text.push_str(&align(&rows));
    }
    Page { text, json: json!(found) }
}

fn workspace_page(workspace: &Workspace, language: Language) -> Page {
    let word = |en, zh| Text::new(en, zh).get(language).to_owned();
    let manifest = workspace.manifest();
    let place = workspace.folder().map_or_else(|| word("built in", "内置"), |folder| folder.display().to_string());
    let mut text = align(&[
        vec![word("workspace", "工作区"), manifest.name.clone()],
        vec![word("folder", "文件夹"), place.clone()],
        vec![word("tables", "数据表"), manifest.tables.len().to_string()],
        vec![word("rows", "行数"), manifest.tables.iter().map(|table| table.rows).sum::<u64>().to_string()],
    ]);
    let ids: Vec<String> = manifest.sources.iter().map(|source| source.id.clone()).collect();
    let listed = sources(workspace, &ids, language);
    text.push_str(&format!("\n{}\n{}", word("sources", "数据来源"), listed.text));
    let tables: Vec<&str> = manifest.tables.iter().map(|table| table.id.as_str()).collect();
    Page { text, json: json!({"name": manifest.name, "folder": place, "tables": tables, "sources": listed.json}) }
}

/// Facts about the content that depend on the schema.
fn facts(workspace: &Workspace, entry: &TableEntry) -> Result<Vec<(Text, Vec<String>)>, Failure> {
    let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let years = |years: Vec<i32>| match years.as_slice() {
        [] => Vec::new(),
        [one] => vec![one.to_string()],
        [first, .., last] if (last - first + 1) as usize == years.len() => vec![format!("{first}-{last}")],
        _ => years.iter().map(ToString::to_string).collect(),
    };
    let count = |number: usize| vec![number.to_string()];
    let year = || Text::new("years", "年份");
    Ok(match entry.schema.as_str() {
        "activity" => {
            let table = workspace.activity(&entry.id)?;
            // a measure may come in several units, one an activity (minerals)
            let mut units: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for row in table.rows() {
                units.entry(row.measure).or_default().insert(row.unit);
            }
            let measures = units
                .into_iter()
                .map(|(measure, units)| format!("{measure} ({})", units.into_iter().collect::<Vec<_>>().join("; ")))
                .collect();
            vec![
                (year(), years(table.periods())),
                (Text::new("measures (unit)", "指标（单位）"), measures),
                (Text::new("schemes", "分类"), owned(table.schemes())),
                (Text::new("places", "地区数"), count(table.places().len())),
                (Text::new("activities", "活动数"), count(table.code.words().len())),
            ]
        }
        "trade" => {
            let table = workspace.trade(&entry.id)?;
            vec![
                (year(), years(table.periods())),
                (Text::new("schemes", "分类"), owned(table.schemes())),
                (Text::new("exporters", "出口方数"), count(table.exporters().len())),
                (Text::new("products", "产品数"), count(table.code.words().len())),
            ]
        }
        "indicators" => {
            let all = workspace.indicators()?;
            let here: Vec<String> = all
                .indicators()
                .filter(|indicator| all.table_of(indicator) == entry.id)
                .map(|indicator| format!("{indicator} ({})", all.unit(indicator)))
                .collect();
            vec![(Text::new("indicators (unit)", "指标（单位）"), here)]
        }
        "io" => {
            let table = workspace.io(&entry.id)?;
            let kinds = table.blocks.iter().map(|block| format!("{} ({})", block.kind, block.rows.len())).collect();
            vec![
                (Text::new("system", "体系"), vec![table.system.clone()]),
                (year(), count(usize::try_from(table.period).unwrap_or(0))),
                (Text::new("unit", "单位"), vec![table.unit.clone()]),
                (Text::new("rows by kind", "各类行数"), kinds),
                (Text::new("industry columns", "行业列数"), count(table.columns.len())),
                (Text::new("final-demand columns", "最终需求列数"), count(table.final_demand.len())),
            ]
        }
        "io_dense" => {
            let table = workspace.input_output(&entry.id)?;
            let kinds = table.primary.iter().map(|row| format!("{} ({})", row.label, row.kind)).take(12).collect();
            let extensions = table.extensions.iter().map(|of| format!("{} ({} rows)", of.name, of.stressors.len())).collect();
            let repairs = table
                .repairs
                .iter()
                .filter(|made| made.count > 0)
                .map(|made| format!("{} ({} {})", made.name, made.mass, table.unit))
                .collect();
            vec![
                (Text::new("system", "体系"), vec![table.system.clone()]),
                (Text::new("edition", "版本格式"), vec![table.edition.clone()]),
                (year(), vec![table.period.to_string()]),
                (Text::new("unit", "单位"), vec![table.unit.clone()]),
                (Text::new("industries", "行业数"), count(table.industries.len())),
                (Text::new("final-demand columns", "最终需求列数"), count(table.final_demand.len())),
                (Text::new("primary inputs", "初始投入"), kinds),
                (Text::new("extensions", "卫星账户"), extensions),
                (Text::new("repairs", "修正"), repairs),
                (Text::new("read from", "来源文件"), table.files.iter().map(|file| file.name.clone()).collect()),
            ]
        }
        _ => Vec::new(),
    })
}

fn table_page(workspace: &Workspace, entry: &TableEntry, language: Language) -> Result<Page, Failure> {
    let word = |en, zh| Text::new(en, zh).get(language).to_owned();
    let mut head = vec![
        vec![word("table", "数据表"), entry.id.clone()],
        vec![word("title", "标题"), entry.title.get(language).to_owned()],
        vec![word("schema", "结构"), entry.schema.clone()],
        vec![word("rows", "行数"), entry.rows.to_string()],
    ];
    let facts = facts(workspace, entry)?;
    head.extend(facts.iter().map(|(name, values)| vec![name.get(language).to_owned(), values.join(", ")]));
    head.push(vec![word("file", "文件"), entry.file.clone()]);
    head.push(vec!["SHA-256".to_owned(), entry.sha256.clone()]);
    let note = entry.note.get(language);
    if !note.is_empty() {
        head.push(vec![word("note", "说明"), note.to_owned()]);
    }
    let schema = Schema::find(&entry.schema)?;
    let mut columns = vec![vec![word("column", "列"), word("type", "类型"), word("key", "主键")]];
    columns.extend(schema.columns.iter().map(|column| {
        let (mark, kind) = (if column.key { "*" } else { "" }, column.kind.name());
        vec![column.name.to_owned(), if column.optional { format!("{kind}?") } else { kind.to_owned() }, mark.to_owned()]
    }));
    let listed = sources(workspace, &entry.sources, language);
    let heading = word("sources", "数据来源");
    let text = format!("{}\n{}\n{heading}\n{}", align(&head), align(&columns), listed.text);
    let facts: BTreeMap<&str, &Vec<String>> = facts.iter().map(|(name, values)| (name.en.as_str(), values)).collect();
    let columns: Vec<Value> = schema
        .columns
        .iter()
        .map(|column| json!({"name": column.name, "type": column.kind.name(), "key": column.key, "optional": column.optional}))
        .collect();
    let json = json!({
        "id": entry.id, "schema": entry.schema, "rows": entry.rows, "file": entry.file, "sha256": entry.sha256,
        "title": entry.title, "note": entry.note, "facts": facts, "columns": columns, "sources": listed.json,
    });
    Ok(Page { text, json })
}

fn check(global: &Global, ids: &[String]) -> Result<(), Failure> {
    let format = format(global, PageFormat::Table)?;
    let workspace = global.workspace()?;
    let found = store::check(&workspace, ids)?;
    let language = global.language();
    let text = match format {
        PageFormat::Json => json_text(
            &found
                .iter()
                .map(|table| {
                    let warnings: Vec<&str> = table.warnings.iter().map(|warning| warning.get(language)).collect();
                    let error = table.error.as_ref().map(ToString::to_string);
                    json!({"id": table.table, "rows": table.rows, "ok": error.is_none(), "error": error, "warnings": warnings})
                })
                .collect(),
        )?,
        PageFormat::Table => {
            let lines = found.iter().map(|table| {
                let (state, words) = match (&table.error, table.warnings.as_slice()) {
                    (Some(error), _) => ("error", error.to_string()),
                    (None, []) => ("ok", String::new()),
                    (None, warnings) => ("warning", warnings.iter().map(|warning| warning.get(language)).collect::<Vec<_>>().join("; ")),
                };
                vec![state.to_owned(), table.table.clone(), table.rows.to_string(), words]
            });
            align(&lines.collect::<Vec<_>>())
        }
    };
    write_result(global, |out| out.write_all(text.as_bytes()))?;
    match found.iter().filter(|table| table.error.is_some()).count() {
        0 => Ok(()),
        wrong => Err(Failure::new(format!("{wrong} of {} tables are not as they should be", found.len()))),
    }
}

fn import(global: &Global, arguments: Import) -> Result<(), Failure> {
    if let Some(family) = arguments.format.editions() {
        return import_input_output(&arguments, family);
    }
    let mut options = match &arguments.mapping {
        None => ImportOptions::default(),
        Some(path) => {
            let at = |what: String| Failure { location: Some(path.display().to_string()), ..Failure::new(what) };
            let text = std::fs::read_to_string(path).map_err(|error| at(format!("the mapping cannot be read: {error}")))?;
            toml::from_str(&text).map_err(|error| at(format!("the mapping does not read as one: {}", error.to_string().trim_end())))?
        }
    };
    if let Some((name, _)) = arguments.map.iter().find(|(name, _)| arguments.set.iter().any(|(other, _)| other == name)) {
        return Err(Failure::usage(format!("column `{name}` is both mapped and set"), "give --map or --set for it, not both"));
    }
    // what the command line says about a column replaces what the mapping says about it, be it mapped or set
    for (name, value) in arguments.map {
        options.set.remove(&name);
        options.map.insert(name, value);
    }
    for (name, value) in arguments.set {
        options.map.remove(&name);
        options.set.insert(name, value);
    }
    let given = |found: Option<String>, so_far: String, name: &str| match found.unwrap_or(so_far) {
        text if text.is_empty() => {
            Err(Failure::usage(format!("--{name} is missing"), format!("give --{name}, or `{name}` in the mapping")))
        }
        text => Ok(text),
    };
    options.id = given(arguments.id, options.id, "id")?;
    options.schema = given(arguments.schema, options.schema, "schema")?;
    Schema::find(&options.schema).map_err(|error| Failure { usage: true, ..error.into() })?;
    options.delimiter = arguments.delimiter.or(options.delimiter);
    options.encoding = arguments.encoding.or(options.encoding);
    options.decimal = arguments.decimal.or(options.decimal);
    options.thousands = arguments.thousands.or(options.thousands);
    options.sheet = arguments.sheet.or(options.sheet);
    options.title = arguments.title.map(Text::same).or(options.title);
    options.note = arguments.note.map(Text::same).or(options.note);
    options.missing = arguments.missing.map_or(options.missing, MissingRule::rule);
    options.duplicates = match arguments.duplicates {
        None => options.duplicates,
        Some(DuplicatesRule::Error) => Duplicates::Error,
        Some(DuplicatesRule::Sum) => Duplicates::Sum,
        Some(DuplicatesRule::First) => Duplicates::First,
    };
    let report = store::import(&arguments.files, &arguments.into, &options)?;
    let language = global.language();
    let rows = |count: u64| Text::new(format!("{count} rows"), format!("{count} 行")).get(language).to_owned();
    eprintln!("{}: {} -> {}", report.table.id, rows(report.table.rows), arguments.into.join(&report.table.file).display());
    if let Some(old) = &report.replaced {
        eprintln!("  {} {}", Text::new("replaces the table with", "替换原有数据表：").get(language), rows(old.rows));
    }
    for remark in &report.remarks {
        eprintln!("  {}", remark.get(language));
    }
    Ok(())
}

fn import_input_output(arguments: &Import, family: &str) -> Result<(), Failure> {
    let of_long = [
        ("schema", arguments.schema.is_some()),
        ("map", !arguments.map.is_empty()),
        ("set", !arguments.set.is_empty()),
        ("mapping", arguments.mapping.is_some()),
    ];
    if let Some((name, _)) = of_long.iter().find(|(_, given)| *given) {
        return Err(Failure::usage(format!("--{name} is an option of `import long`"), "leave it out; --edition says how a table is read"));
    }
    let options = arguments.input_output.options(family, arguments.sheet.as_deref(), arguments.period);
    let table = read_input_output(&arguments.files, &options)?;
    let report = store::store_input_output(&table, &arguments.into, arguments.id.as_deref())?;
    eprintln!("{}: {} rows -> {}", report.table.id, report.table.rows, arguments.into.join(&report.table.file).display());
    if report.replaced.is_some() {
        eprintln!("  replaces the table of that id");
    }
    for line in table.told() {
        eprintln!("  {line}");
    }
    Ok(())
}

fn export(global: &Global, id: &str) -> Result<(), Failure> {
    let format = match format(global, TableFormat::Csv)? {
        TableFormat::Csv => ExportFormat::Csv,
        TableFormat::Json => ExportFormat::Json,
        TableFormat::Parquet => ExportFormat::Parquet,
        TableFormat::Xlsx => ExportFormat::Xlsx,
    };
    let workspace = global.workspace()?;
    let mut failed = None;
    let written = write_result(global, |out| {
        store::export(&workspace, id, format, out).map_err(|error| {
            let kind = error.io_kind().unwrap_or(io::ErrorKind::Other);
            failed = Some(error);
            io::Error::from(kind)
        })
    });
    match (written, failed) {
        // a failure to write knows why, the writer knows where
        (Err(failure), Some(error)) if error.problem() == store::Problem::Write => {
            Err(Failure { location: failure.location, ..error.into() })
        }
        (Err(_), Some(error)) => Err(error.into()),
        (written, _) => written,
    }
}
