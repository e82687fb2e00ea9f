use crate::ReportError;
use crate::chart_data::chart_table;
use crate::text_width::terminal_width;
use crate::wording::{kind, level, licence, pick, table as table_name, value};
use frame::Language;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use std::collections::HashSet;
use strategy::{Cell, Dossier, Format};

/// The row of a sheet that holds the column headers: title and note stand above it.
const HEADER: u32 = 3;

enum Value {
    Text(String),
    Number(f64, &'static str),
    Empty,
}

struct Sheet {
    name: String,
    title: String,
    note: String,
    headers: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// How Excel prints a number; the number itself stays whole.
fn number_format(format: Option<Format>) -> &'static str {
    match format {
        Some(Format::Percent) => "0.0%",
        Some(Format::Decimal(0) | Format::Whole) => "#,##0",
        Some(Format::Decimal(1)) => "#,##0.0",
        Some(Format::Decimal(2)) => "#,##0.00",
        Some(Format::Decimal(_)) => "#,##0.000",
        Some(Format::Usd) => "[$$-409]#,##0",
        Some(Format::Year) => "0",
        None => "General",
    }
}

fn number(value: f64, format: &'static str) -> Value {
    if value.is_finite() { Value::Number(value, format) } else { Value::Empty }
}

/// A name Excel accepts and that no other sheet has: at most 31 characters, none of `[]:*?/\`, no apostrophe at either end.
fn sheet_name(wanted: &str, taken: &mut HashSet<String>) -> String {
    let clean: String = wanted.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c }).collect();
    let clean = if clean.trim().is_empty() { "-" } else { clean.trim() };
    let cut = |length: usize| clean.chars().take(length).collect::<String>().trim_end().to_owned();
    let mut name = cut(31);
    let mut n = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{} {n}", cut(27));
        n += 1;
    }
    name
}

fn sheets(dossier: &Dossier, language: Language) -> Vec<Sheet> {
    let word = |en: &str, zh: &str| pick(language, en, zh).to_owned();
    let mut taken: HashSet<String> = HashSet::from([pick(language, "Summary", "摘要").to_lowercase()]);
    let mut out = Vec::new();
    let mut rows = Vec::new();
    for strand in &dossier.strands {
        for (i, item) in strand.items.iter().enumerate() {
            let join = |names: Vec<&str>| Value::Text(names.join(pick(language, "; ", "；")));
            let fixed = [
                Value::Text(strand.title.get(language).to_owned()),
                Value::Number(i as f64 + 1.0, "0"),
                Value::Text(item.scheme.clone()),
                Value::Text(item.code.clone()),
                Value::Text(item.name.get(language).to_owned()),
                Value::Text(item.reason.get(language).to_owned()),
                join(item.listed.iter().map(|(_, name)| name.get(language)).collect()),
                join(item.near.iter().map(|name| name.get(language)).collect()),
                Value::Text(item.evidence.iter().map(|line| line.get(language)).collect::<Vec<_>>().join(pick(language, " ", ""))),
            ];
            rows.push((item, fixed));
        }
    }
    // one column for every metric that any item has, in the order they first appear
    let mut metrics: Vec<&str> = Vec::new();
    for (item, _) in &rows {
        for metric in &item.metrics {
            if !metrics.contains(&metric.label.get(language)) {
                metrics.push(metric.label.get(language));
            }
        }
    }
    let mut headers = vec![
        word("Strand", "类别"),
        word("Order", "次序"),
        word("Scheme", "分类"),
        word("Code", "代码"),
        word("Name", "名称"),
        word("Reason", "理由"),
        word("Listed", "列入产业"),
        word("Near to", "邻近"),
        word("What stands behind it", "依据"),
    ];
    headers.extend(metrics.iter().map(|m| (*m).to_owned()));
    let rules: Vec<String> = dossier.strands.iter().map(|s| format!("{}: {}", s.title.get(language), s.rule.get(language))).collect();
    let rows = rows
        .into_iter()
        .map(|(item, fixed)| {
            let value = |label: &&str| {
                item.metrics
                    .iter()
                    .find(|m| m.label.get(language) == *label)
                    .map_or(Value::Empty, |m| number(m.value, number_format(Some(m.format))))
            };
            fixed.into_iter().chain(metrics.iter().map(value)).collect()
        })
        .collect();
    let title = word("Transform, foster, build", "改造提升、培育壮大、布局建设");
    out.push(Sheet { name: sheet_name(&word("Strands", "三类产业"), &mut taken), title, note: rules.join(" "), headers, rows });

    for section in &dossier.sections {
        let charts = section.charts.iter().map(chart_table);
        for table in section.tables.iter().cloned().chain(charts).filter(|t| !t.rows.is_empty()) {
            let cell = |row: &[Cell], c: usize| match row.get(c) {
                Some(Cell::Number(v)) => number(*v, number_format(table.columns[c].format)),
                Some(Cell::Text(text)) => Value::Text(text.get(language).to_owned()),
                Some(Cell::Missing) | None => Value::Empty,
            };
            out.push(Sheet {
                name: sheet_name(table.title.get(language), &mut taken),
                title: format!("{} · {}", section.title.get(language), table.title.get(language)),
                note: table.note.get(language).to_owned(),
                headers: table.columns.iter().map(|c| c.label.get(language).to_owned()).collect(),
                rows: table.rows.iter().map(|row| (0..table.columns.len()).map(|c| cell(row, c)).collect()).collect(),
            });
        }
    }

    let lines = |list: Vec<String>| Value::Text(list.join("\n"));
    let figure_rows = dossier.figures.iter().map(|figure| {
        let evidence = &figure.evidence;
        let unit = match &figure.unit {
            frame::Unit::Share => word("share of 1", "占 1 的份额"),
            frame::Unit::AnnualGrowth => word("growth a year", "年增长率"),
            frame::Unit::Ratio => word("ratio", "比值"),
            frame::Unit::Count => word("count", "个数"),
            frame::Unit::Year => word("year", "年份"),
            frame::Unit::Usd => word("US dollars", "美元"),
            frame::Unit::Named(name) => name.get(language).to_owned(),
        };
        vec![
            Value::Text(figure.id.clone()),
            Value::Text(figure.label.get(language).to_owned()),
            figure.value.map_or(Value::Empty, |v| number(v, "General")),
            Value::Text(unit),
            Value::Text(value(figure, language)),
            Value::Text(figure.period.to_string()),
            figure.rank.map_or(Value::Empty, |r| Value::Number(r.rank as f64, "0")),
            figure.rank.map_or(Value::Empty, |r| Value::Number(r.of as f64, "0")),
            Value::Text(evidence.method.clone()),
            Value::Text(evidence.formula.clone()),
            lines(evidence.options.iter().map(|(name, value)| format!("{name} = {value}")).collect()),
            lines(evidence.inputs.iter().map(|i| format!("{} = {} {}", i.name, i.value, i.unit)).collect()),
            lines(evidence.tables.iter().map(table_name).collect()),
            Value::Text(format!("xinzhi explain {}", figure.id)),
        ]
    });
    out.push(Sheet {
        name: sheet_name(&word("Figures", "指标与依据"), &mut taken),
        title: word("Figures and their evidence", "指标与依据"),
        note: word(
            "Every figure quoted in the dossier. The command in the last column repeats it.",
            "档案引用的全部指标。最后一列的命令可复算。",
        ),
        headers: [
            ("Id", "编号"),
            ("Figure", "指标"),
            ("Value", "数值"),
            ("Unit", "单位"),
            ("Printed", "显示"),
            ("Year", "年份"),
            ("Rank", "排名"),
            ("Of", "总数"),
            ("Method", "方法"),
            ("Formula", "公式"),
            ("Options", "选项"),
            ("Inputs", "输入"),
            ("Tables", "数据表"),
            ("Command", "命令"),
        ]
        .iter()
        .map(|(en, zh)| word(en, zh))
        .collect(),
        rows: figure_rows.collect(),
    });
    let source_rows = dossier.sources.iter().map(|source| {
        let text = |text: &str| Value::Text(text.to_owned());
        vec![
            text(&source.id),
            text(&source.title),
            text(&source.producer),
            text(&source.vintage),
            Value::Text(licence(source, language)),
            text(&source.citation),
            text(&source.url),
            lines(source.tables.clone()),
        ]
    });
    out.push(Sheet {
        name: sheet_name(&word("Sources", "数据来源"), &mut taken),
        title: word("Sources", "数据来源"),
        note: String::new(),
        headers: [
            ("Id", "编号"),
            ("Title", "名称"),
            ("Producer", "编制者"),
            ("Edition", "版本"),
            ("Licence", "许可"),
            ("Citation", "引用"),
            ("Address", "网址"),
            ("Tables", "数据表"),
        ]
        .iter()
        .map(|(en, zh)| word(en, zh))
        .collect(),
        rows: source_rows.collect(),
    });
    out
}

fn heading() -> CellFormat {
    CellFormat::new().set_bold().set_font_size(14)
}

fn wrapped() -> CellFormat {
    CellFormat::new().set_text_wrap().set_align(FormatAlign::Top)
}

fn write_summary(sheet: &mut Worksheet, dossier: &Dossier, language: Language, others: &[Sheet]) -> Result<(), XlsxError> {
    let place = &dossier.place;
    sheet.set_column_width(0, 110)?;
    sheet.write_string_with_format(0, 0, format!("{} ({})", place.name.get(language), place.code), &heading())?;
    sheet.write_string(
        1,
        0,
        format!("{} · {} · {} · xinzhi {}", kind(language), level(&place.level, language), dossier.workspace, dossier.engine),
    )?;
    sheet.set_freeze_panes(2, 0)?;
    let mut row = 3;
    for text in dossier.summary.iter().map(|s| s.text.get(language)).chain(dossier.limits.iter().map(|l| l.get(language))) {
        sheet.write_string_with_format(row, 0, text, &wrapped())?;
        row += 1;
    }
    row += 1;
    for other in others {
        sheet.write_url_with_text(row, 0, format!("internal:'{}'!A1", other.name).as_str(), other.title.as_str())?;
        row += 1;
    }
    Ok(())
}

fn write_sheet(worksheet: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    worksheet.set_name(&sheet.name)?;
    worksheet.write_string_with_format(0, 0, &sheet.title, &heading())?;
    worksheet.write_string(1, 0, &sheet.note)?;
    let header = CellFormat::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border_bottom(FormatBorder::Thin)
        .set_background_color("#E9EEF3");
    for (c, label) in sheet.headers.iter().enumerate() {
        let c = c as u16;
        worksheet.write_string_with_format(HEADER, c, label, &header)?;
        let widest = sheet.rows.iter().take(400).filter_map(|row| row.get(usize::from(c))).map(|value| match value {
            Value::Text(text) => text.lines().map(terminal_width).max().unwrap_or(0),
            Value::Number(..) => 12,
            Value::Empty => 0,
        });
        let width = widest.max().unwrap_or(0).max(terminal_width(label).min(18)) + 2;
        worksheet.set_column_width(c, width.clamp(8, 60) as f64)?;
    }
    for (r, row) in sheet.rows.iter().enumerate() {
        let r = HEADER + 1 + r as u32;
        for (c, value) in row.iter().enumerate() {
            let c = c as u16;
            match value {
                // the empty string would be a cell that counts as filled
                Value::Text(text) if text.is_empty() => {}
                Value::Text(text) => {
                    worksheet.write_string_with_format(r, c, text, &wrapped())?;
                }
                Value::Number(value, format) => {
                    let format = CellFormat::new().set_num_format(*format).set_align(FormatAlign::Top);
                    worksheet.write_number_with_format(r, c, *value, &format)?;
                }
                Value::Empty => {}
            }
        }
    }
    worksheet.set_freeze_panes(HEADER + 1, 0)?;
    worksheet.set_landscape();
    if !sheet.rows.is_empty() && !sheet.headers.is_empty() {
        worksheet.autofilter(HEADER, 0, HEADER + sheet.rows.len() as u32, sheet.headers.len() as u16 - 1)?;
    }
    Ok(())
}

/// A dossier as an Excel workbook (xlsx): a summary with links, the strands, one sheet for every table and for the numbers of every
/// chart, all figures with their evidence, and the sources. Numbers are numbers, header rows are frozen. The same dossier gives the same
/// bytes.
///
/// # Errors
/// [`ReportError::Workbook`] when the content breaks a limit of the format, such as a text of more than 32,767 characters.
pub fn workbook(dossier: &Dossier, language: Language) -> Result<Vec<u8>, ReportError> {
    let failed = |sheet: &str| {
        let sheet = sheet.to_owned();
        move |source: XlsxError| ReportError::Workbook { sheet, source }
    };
    let summary = pick(language, "Summary", "摘要");
    let mut workbook = Workbook::new();
    // the writer stamps the time of day unless it is told one
    let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed(summary))?;
    let title = format!("{} · {}", dossier.place.name.get(language), kind(language));
    workbook.set_properties(
        &DocProperties::new().set_title(title).set_author(format!("xinzhi {}", dossier.engine)).set_creation_datetime(&created),
    );
    let sheets = sheets(dossier, language);
    let first = workbook.add_worksheet();
    first.set_name(summary).map_err(failed(summary))?;
    write_summary(first, dossier, language, &sheets).map_err(failed(summary))?;
    for sheet in &sheets {
        write_sheet(workbook.add_worksheet(), sheet).map_err(failed(&sheet.name))?;
    }
    workbook.save_to_buffer().map_err(failed(summary))
}
