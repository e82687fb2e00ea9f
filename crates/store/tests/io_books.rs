//! Input-output tables in workbooks and R files. Real ones are read where `XINZHI_SHARED_DATA` names a folder of them; the others are written
//! here to the published layout with made-up numbers.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use xinzhi_store::{InputOutputOptions, PublishedTable, Workspace, read_input_output, read_supply_use};

/// Regions, sectors and categories of a made-up table that balances: what the layouts below are filled with.
struct Made {
    regions: Vec<String>,
    sectors: Vec<String>,
    categories: Vec<String>,
    z: Vec<f64>,
    y: Vec<f64>,
    output: Vec<f64>,
    /// Output less inputs.
    added: Vec<f64>,
}

impl Made {
    fn new(regions: &[&str], sectors: Vec<String>, categories: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (regions, categories) = (owned(regions), owned(categories));
        let (n, m) = (regions.len() * sectors.len(), regions.len() * categories.len());
        let value = |at: usize| ((at * 7919 + 13) % 1009) as f64 / 8.0;
        let z: Vec<f64> = (0..n * n).map(|at| if at % 3 == 0 { 0.0 } else { value(at) / 16.0 }).collect();
        // the last category, inventories, falls below zero here and there
        let y: Vec<f64> = (0..n * m)
            .map(|at| if at % categories.len() == categories.len() - 1 { value(at) - 60.0 } else { value(at + 5) * n as f64 / 8.0 })
            .collect();
        let output: Vec<f64> =
            (0..n).map(|i| z[i * n..(i + 1) * n].iter().sum::<f64>() + y[i * m..(i + 1) * m].iter().sum::<f64>()).collect();
        let added = (0..n).map(|j| output[j] - (0..n).map(|i| z[i * n + j]).sum::<f64>()).collect();
        Made { regions, sectors, categories, z, y, output, added }
    }

    fn n(&self) -> usize {
        self.regions.len() * self.sectors.len()
    }

    fn m(&self) -> usize {
        self.regions.len() * self.categories.len()
    }

    /// Region and sector, or region and category.
    fn pairs(&self, of: &[String]) -> Vec<(String, String)> {
        self.regions.iter().flat_map(|region| of.iter().map(move |name| (region.clone(), name.clone()))).collect()
    }

    fn industries(&self) -> Vec<(String, String)> {
        self.pairs(&self.sectors)
    }

    fn columns(&self) -> Vec<(String, String)> {
        self.industries().into_iter().chain(self.pairs(&self.categories)).collect()
    }

    /// The numbers of a row: deliveries to industries, then to final demand.
    fn row(&self, i: usize) -> Vec<f64> {
        let (n, m) = (self.n(), self.m());
        self.z[i * n..(i + 1) * n].iter().chain(&self.y[i * m..(i + 1) * m]).copied().collect()
    }

    fn inputs(&self) -> Vec<f64> {
        self.output.iter().zip(&self.added).map(|(output, added)| output - added).collect()
    }

    fn check(&self, table: &PublishedTable, edition: &str, period: i32) {
        assert_eq!((table.edition.as_str(), table.period), (edition, period));
        assert_eq!(table.industries, self.industries());
        assert!(table.z == self.z && table.y == self.y, "{edition}: the deliveries are others");
        assert_eq!(table.output, self.output);
        let added: Vec<f64> = table
            .primary
            .iter()
            .filter(|row| row.kind == "value-added")
            .fold(vec![0.0; self.n()], |sum, row| sum.iter().zip(&row.industries).map(|(sum, value)| sum + value).collect());
        assert!(added.iter().zip(&self.added).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

/// Cells of a sheet: what is written where.
#[derive(Default)]
struct Sheet(Vec<(u32, u16, Value)>);

#[derive(Clone)]
enum Value {
    Text(String),
    Number(f64),
}

impl Sheet {
    fn text(&mut self, row: u32, column: usize, text: &str) {
        if !text.is_empty() {
            self.0.push((row, column as u16, Value::Text(text.to_owned())));
        }
    }

    fn numbers(&mut self, row: u32, column: usize, numbers: &[f64]) {
        self.0.extend(numbers.iter().enumerate().map(|(at, value)| (row, (column + at) as u16, Value::Number(*value))));
    }

    /// Writes the sheets as xlsx, with cells merged as asked in the last.
    fn save(sheets: &[(&str, &Sheet)], merged: &[(u32, u16, u32, u16)]) -> tempfile::NamedTempFile {
        let mut book = rust_xlsxwriter::Workbook::new();
        for (at, (name, cells)) in sheets.iter().enumerate() {
            let sheet = book.add_worksheet();
            sheet.set_name(*name).unwrap();
            if at + 1 == sheets.len() {
                for (row, column, last_row, last_column) in merged {
                    sheet.merge_range(*row, *column, *last_row, *last_column, "", &rust_xlsxwriter::Format::new()).unwrap();
                }
            }
            for (row, column, value) in &cells.0 {
                match value {
                    Value::Text(text) => sheet.write(*row, *column, text.as_str()).unwrap(),
                    Value::Number(number) => sheet.write(*row, *column, *number).unwrap(),
                };
            }
        }
        let file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
        book.save(file.path()).unwrap();
        file
    }
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (1..=count).map(|at| format!("{prefix}{at}")).collect()
}

/// The layout of the WIOD 2013 release.
fn wiod_2013(made: &Made) -> Sheet {
    let mut sheet = Sheet::default();
    for (row, text) in [(0, "World Input-Output Table, 2009 (MADE-UP)"), (2, "(industry-by-industry)"), (3, "(millions of US$)")] {
        sheet.text(row, 0, text);
    }
    for (at, (region, code)) in made.columns().iter().enumerate() {
        for (row, text) in [(2, "AtB"), (3, "A name"), (4, region.as_str()), (5, code.as_str())] {
            sheet.text(row, at + 4, text);
        }
    }
    let total = made.n() + made.m() + 4;
    for (row, text) in [(3, "Total output"), (4, "TOT"), (5, "c60")] {
        sheet.text(row, total, text);
    }
    for (i, (region, code)) in made.industries().iter().enumerate() {
        let row = i as u32 + 6;
        for (column, text) in ["AtB", "A name", region, code].iter().enumerate() {
            sheet.text(row, column, text);
        }
        sheet.numbers(row, 4, &made.row(i));
        sheet.numbers(row, total, &made.output[i..=i]);
    }
    for (at, (code, values)) in [("r60", made.inputs()), ("r64", made.added.clone()), ("r69", made.output.clone())].iter().enumerate() {
        let row = (made.n() + 6 + at) as u32;
        for (column, text) in ["", "A name", "TOT", code].iter().enumerate() {
            sheet.text(row, column, text);
        }
        sheet.numbers(row, 4, values);
    }
    sheet
}

fn small_wiod() -> Made {
    Made::new(&["AUS", "ROU"], numbered("c", 35), &["c37", "c38", "c39", "c41", "c42"])
}

#[test]
fn the_layout_of_wiod_2013() {
    let made = small_wiod();
    let table = read(Sheet::save(&[("WIOT_2009", &wiod_2013(&made))], &[]).path(), &InputOutputOptions::default());
    made.check(&table, "wiod-2013", 2009);
    assert_eq!(table.unit, "million USD");
    assert!(table.balance.largest_row_difference < 1e-9 && table.balance.largest_column_difference < 1e-9);
}

#[test]
fn merged_headers_are_understood_or_named() {
    let made = small_wiod();
    // the country stands once over its industries, and once before its rows
    let mut sheet = wiod_2013(&made);
    sheet.0.retain(|(row, column, _)| !(*row == 4 && (5..=38).contains(column) || *column == 2 && (7..=40).contains(row)));
    let merged = [(4, 4, 4, 38), (6, 2, 40, 2)];
    let table = read(Sheet::save(&[("WIOT_2009", &sheet)], &merged).path(), &InputOutputOptions::default());
    made.check(&table, "wiod-2013", 2009);
    // without the merge the columns have no region
    let error =
        read_input_output(&[Sheet::save(&[("WIOT_2009", &sheet)], &[]).path().to_owned()], &InputOutputOptions::default()).unwrap_err();
    assert!(error.to_string().contains("`c2`") && error.to_string().contains("column `F`"), "{error}");
    // a number merged over two cells: the second has none of its own
    let error = read_input_output(
        &[Sheet::save(&[("WIOT_2009", &wiod_2013(&made))], &[(8, 6, 8, 7)]).path().to_owned()],
        &InputOutputOptions::default(),
    );
    assert!(error.is_ok(), "both cells hold numbers");
    let mut sheet = wiod_2013(&made);
    sheet.0.retain(|(row, column, _)| (*row, *column) != (8, 7));
    let error =
        read_input_output(&[Sheet::save(&[("WIOT_2009", &sheet)], &[(8, 6, 8, 7)]).path().to_owned()], &InputOutputOptions::default())
            .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("merged over G9:H9") && text.contains("AUS_c3") && text.contains("AUS_c4"), "{text}");
}

#[test]
fn bad_workbooks_are_refused_with_label_and_value() {
    let made = small_wiod();
    let refused = |sheet: &Sheet, expected: &[&str]| {
        let error = read_input_output(&[Sheet::save(&[("WIOT_2009", sheet)], &[]).path().to_owned()], &InputOutputOptions::default())
            .unwrap_err()
            .to_string();
        assert!(expected.iter().all(|part| error.contains(part)), "{error} lacks one of {expected:?}");
    };
    let at = |sheet: &mut Sheet, row: u32, column: u16, value: Value| {
        sheet.0.iter_mut().filter(|(r, c, _)| (*r, *c) == (row, column)).for_each(|cell| cell.2 = value.clone());
    };
    let mut text = wiod_2013(&made);
    at(&mut text, 9, 10, Value::Text("n.a. yet".into()));
    refused(&text, &["AUS_c4", "AUS_c7", "n.a. yet", "column `K`", "line 10"]);
    let mut unbalanced = wiod_2013(&made);
    at(&mut unbalanced, 9, 10, Value::Number(12345.0));
    refused(&unbalanced, &["does not balance", "the inputs of `AUS c7`", "12530.859375"]);
    let mut repeated = wiod_2013(&made);
    at(&mut repeated, 5, 10, Value::Text("c6".into()));
    refused(&repeated, &["AUS_c6", "twice"]);
    let mut out_of_order = wiod_2013(&made);
    at(&mut out_of_order, 9, 3, Value::Text("c9".into()));
    refused(&out_of_order, &["AUS_c9", "out of order", "AUS_c4"]);
    let mut unknown = wiod_2013(&made);
    at(&mut unknown, 76, 3, Value::Text("r70".into()));
    refused(&unknown, &["r70", "unknown"]);
    let whole = std::fs::read(Sheet::save(&[("WIOT_2009", &wiod_2013(&made))], &[]).path()).unwrap();
    let file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    for length in [0, 3, 100, whole.len() / 2, whole.len() - 30] {
        std::fs::write(file.path(), &whole[..length]).unwrap();
        let error = read_input_output(&[file.path().to_owned()], &InputOutputOptions::default()).unwrap_err();
        assert!(error.to_string().contains("workbook"), "{length}: {error}");
    }
}

/// The layout of the WIOD 2016 release: cells of sheet `2014`.
fn wiod_2016(made: &Made) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.text(0, 0, "Intercountry Input-Output Table, 2014 (MADE-UP)");
    sheet.text(1, 0, "(in millions of US$, current prices)");
    let position =
        |at: usize| format!("c{}", if at < made.n() { at % made.sectors.len() + 1 } else { made.sectors.len() + 1 + (at - made.n()) % 5 });
    for (at, (region, code)) in made.columns().iter().enumerate() {
        for (row, text) in [(2, code.as_str()), (3, "A name"), (4, region.as_str()), (5, &position(at))] {
            sheet.text(row, at + 4, text);
        }
    }
    let total = made.n() + made.m() + 4;
    for (row, text) in [(2, "GO"), (3, "Total output"), (4, "TOT"), (5, "c62")] {
        sheet.text(row, total, text);
    }
    for (i, (region, code)) in made.industries().iter().enumerate() {
        let row = i as u32 + 6;
        for (column, text) in [code, "A name", region.as_str(), &position(i)].iter().enumerate() {
            sheet.text(row, column, text);
        }
        sheet.numbers(row, 4, &made.row(i));
        sheet.numbers(row, total, &made.output[i..=i]);
    }
    for (at, (code, values)) in [("II_fob", made.inputs()), ("VA", made.added.clone()), ("GO", made.output.clone())].iter().enumerate() {
        let row = (made.n() + 6 + at) as u32;
        for (column, text) in [*code, "A name", "TOT", &format!("r{}", 65 + at)].iter().enumerate() {
            sheet.text(row, column, text);
        }
        sheet.numbers(row, 4, values);
    }
    sheet
}

fn small_wiod_2016() -> Made {
    Made::new(
        &["AUS", "ROW"],
        ["A01", "A02", "B", "C10-C12"].map(str::to_owned).to_vec(),
        &["CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN"],
    )
}

#[test]
fn the_layout_of_wiod_2016() {
    let made = small_wiod_2016();
    let notes = Sheet(vec![(0, 0, Value::Text("Notes".into()))]);
    let table = read(Sheet::save(&[("Notes", &notes), ("2014", &wiod_2016(&made))], &[]).path(), &InputOutputOptions::default());
    made.check(&table, "wiod-2016", 2014);
    let file = xlsb("2014", &wiod_2016(&made));
    let table = read(file.path(), &InputOutputOptions::default());
    made.check(&table, "wiod-2016", 2014);
}

#[test]
fn the_csv_form_of_wiod_2016() {
    let made = small_wiod_2016();
    let mut text = String::from("\"IndustryCode\",\"IndustryDescription\",\"Country\",\"RNr\",\"Year\"");
    for region in &made.regions {
        (1..=4).for_each(|at| text += &format!(",\"v{region}{at}\""));
    }
    for region in &made.regions {
        (5..=9).for_each(|at| text += &format!(",\"v{region}{at}\""));
    }
    text += ",\"TOT\"\n";
    let line =
        |labels: &str, numbers: &[f64]| numbers.iter().fold(labels.to_owned(), |line, number| line + "," + &number.to_string()) + "\n";
    for (i, (region, code)) in made.industries().iter().enumerate() {
        let mut numbers = made.row(i);
        numbers.push(made.output[i]);
        text += &line(&format!("\"{code}\",\"A name, with a comma\",\"{region}\",{},2014", i % 4 + 1), &numbers);
    }
    let rest = vec![0.0; made.m() + 1];
    for (at, (code, values)) in [("II_fob", made.inputs()), ("VA", made.added.clone()), ("GO", made.output.clone())].iter().enumerate() {
        text += &line(&format!("\"{code}\",\"A name\",\"TOT\",{},2014", 65 + at), &[values.as_slice(), &rest].concat());
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    made.check(&read(file.path(), &InputOutputOptions::default()), "wiod-2016-r", 2014);
}

#[test]
fn the_layout_of_the_adb() {
    let made = Made::new(&["AUS", "RoW"], numbered("c", 35), &["F1", "F2", "F3", "F4", "F5"]);
    let mut sheet = Sheet::default();
    sheet.text(0, 0, "Multiregional Input-Output Table, 2019 (MADE-UP)");
    sheet.text(1, 0, "62 economies");
    for (at, (region, code)) in made.columns().iter().enumerate() {
        for (row, text) in [(4, "A name"), (5, region.as_str()), (6, code.as_str())] {
            sheet.text(row, at + 4, text);
        }
    }
    let total = made.n() + made.m() + 4;
    sheet.text(4, total, "Total output");
    sheet.text(6, total, "TOTAL");
    for (i, (region, code)) in made.industries().iter().enumerate() {
        let row = i as u32 + 7;
        for (column, text) in ["A name", region, code].iter().enumerate() {
            sheet.text(row, column + 1, text);
        }
        sheet.numbers(row, 4, &made.row(i));
        sheet.numbers(row, total, &made.output[i..=i]);
    }
    for (at, (code, values)) in
        [("r60", made.inputs()), ("r99", vec![0.0; made.n()]), ("r64", made.added.clone()), ("r69", made.output.clone())].iter().enumerate()
    {
        let row = (made.n() + 7 + at) as u32;
        for (column, text) in ["A name", "ToT", code].iter().enumerate() {
            sheet.text(row, column + 1, text);
        }
        sheet.numbers(row, 4, values);
    }
    let legend = Sheet(vec![(0, 0, Value::Text("Legend".into()))]);
    let table = read(Sheet::save(&[("ADB MRIO 2019", &sheet), ("Legend", &legend)], &[]).path(), &InputOutputOptions::default());
    let named = Made { regions: vec!["AUS".into(), "ROW".into()], ..made };
    named.check(&table, "adb-mrio", 2019);
}

#[test]
fn the_layout_of_ceads() {
    let sectors: Vec<String> = (1..=4).map(|at| format!("{at:02}")).collect();
    let made = Made::new(&["Beijing", "InnerMongolia"], sectors, &["FU101", "FU102", "FU103", "FU201", "FU202"]);
    let (n, m) = (made.n(), made.m());
    let mut sheet = Sheet::default();
    // the province stands once, merged over its columns; exports, totals behind the last
    let first = 3;
    for (at, (_, code)) in made.columns().iter().enumerate() {
        let column = first + at + usize::from(at >= n);
        sheet.text(1, column, "A name");
        sheet.text(2, column, code);
    }
    let mut merged = Vec::new();
    for (at, region) in made.regions.iter().enumerate() {
        for (start, width) in [(first + at * 4, 4), (first + n + 1 + at * 5, 5)] {
            sheet.text(0, start, region);
            merged.push((0, start as u16, 0, (start + width - 1) as u16));
        }
    }
    sheet.text(2, first + n, "TII");
    sheet.text(2, first + n + 1 + m, "EX");
    sheet.text(2, first + n + 2 + m, "GO");
    let exports: Vec<f64> = (0..n).map(|i| 40.0 + i as f64).collect();
    let imports: Vec<f64> = (0..n).map(|j| 3.0 + j as f64).collect();
    let output: Vec<f64> = made.output.iter().zip(&exports).map(|(a, b)| a + b).collect();
    for (i, (region, code)) in made.industries().iter().enumerate() {
        let row = i as u32 + 3;
        if i % 4 == 0 {
            sheet.text(row, 0, region);
            merged.push((row, 0, row + 3, 0));
        }
        sheet.text(row, 1, "A name");
        sheet.text(row, 2, code);
        let numbers = made.row(i);
        sheet.numbers(row, first, &numbers[..n]);
        sheet.numbers(row, first + n, &[numbers[..n].iter().sum()]);
        sheet.numbers(row, first + n + 1, &numbers[n..]);
        sheet.numbers(row, first + n + 1 + m, &[exports[i], output[i]]);
    }
    let added: Vec<f64> = (0..n).map(|j| made.added[j] + exports[j] - imports[j]).collect();
    let half: Vec<f64> = added.iter().map(|value| value / 2.0).collect();
    let co2: Vec<f64> = (0..n).map(|j| j as f64 / 4.0).collect();
    for (at, (name, code, values)) in [
        ("Imports", "IM", &imports),
        ("Compensation", "VA001", &half),
        ("Surplus", "VA004", &half),
        ("Total value added", "TVA", &added),
        ("Total input", "TI", &output),
        ("CO2 emissions", "", &co2),
    ]
    .iter()
    .enumerate()
    {
        let row = (n + 3 + at) as u32;
        sheet.text(row, 1, name);
        sheet.text(row, 2, code);
        sheet.numbers(row, first, values);
    }
    let provinces = Sheet(vec![(0, 0, Value::Text("Province".into())), (1, 0, Value::Text("Beijing".into()))]);
    let book = Sheet::save(&[("Province", &provinces), ("Table_2017_English Version", &sheet)], &merged);
    let table = read(book.path(), &InputOutputOptions::default());
    assert_eq!((table.edition.as_str(), table.period), ("ceads-provincial", 2017));
    assert!(table.z == made.z && table.output == output);
    assert_eq!(table.industries[4], ("CN-NM".to_owned(), "01".to_owned()));
    assert_eq!(table.final_demand.len(), m + 1);
    assert_eq!(table.final_demand[m], ("ROW".to_owned(), "EX".to_owned()));
    assert_eq!(
        table.primary.iter().map(|row| (row.label.as_str(), row.kind.as_str())).collect::<Vec<_>>(),
        [("IM", "imports"), ("VA001", "value-added"), ("VA004", "value-added")]
    );
    assert_eq!((table.extensions[0].name.as_str(), &table.extensions[0].flows), ("CO2", &co2));
}

/// A national table of China with its row of codes: `label_columns` before the first number, codes in the column `code_at`.
fn china(made: &Made, first_row: u32, label_columns: usize, code_at: usize, signs: &[f64]) -> Sheet {
    let mut sheet = Sheet::default();
    let (n, m) = (made.n(), made.m());
    for (at, code) in
        made.sectors.iter().chain([&"TIU".to_owned()]).chain(&made.categories).chain([&"ERR".to_owned(), &"GO".to_owned()]).enumerate()
    {
        sheet.text(first_row, label_columns + at, code);
    }
    for (i, code) in made.sectors.iter().enumerate() {
        let row = first_row + 1 + i as u32;
        sheet.text(row, code_at, code);
        let mut numbers = made.row(i);
        numbers.insert(n, numbers[..n].iter().sum());
        // what is subtracted is published above zero
        numbers[n + 1..].iter_mut().zip(signs).for_each(|(value, sign)| *value *= sign);
        // a difference, which output holds as well
        numbers.extend([if i == 0 { 2.5 } else { 0.0 }, made.output[i] + if i == 0 { 2.5 } else { 0.0 }]);
        sheet.numbers(row, label_columns, &numbers);
    }
    let mut added = made.added.clone();
    added[0] += 2.5;
    let mut output = made.output.clone();
    output[0] += 2.5;
    for (at, (code, values)) in [
        ("TII", made.inputs()),
        ("VA001", added.iter().map(|value| value - 1.0).collect()),
        ("VA002", vec![1.0; n]),
        ("TVA", added),
        ("TI", output),
    ]
    .iter()
    .enumerate()
    {
        sheet.text(first_row + 1 + (n + at) as u32, code_at, code);
        sheet.numbers(first_row + 1 + (n + at) as u32, label_columns, values);
    }
    assert_eq!(m, signs.len());
    sheet
}

fn two_digits(count: usize) -> Vec<String> {
    (1..=count).map(|at| format!("{at:02}")).collect()
}

#[test]
fn national_tables_subtract_imports_and_keep_differences() {
    let made = Made::new(&["CHN"], two_digits(5), &["FU101", "FU102", "FU103", "FU201", "FU202", "EX", "IM"]);
    let signs = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0];
    let mut frame = china(&made, 0, 3, 0, &signs);
    (1..11).for_each(|row| frame.text(row, 1, "A name"));
    ["Code", "Description", "DescriptionInChinese"].iter().enumerate().for_each(|(at, name)| frame.text(0, at, name));
    let mut published = china(&made, 4, 3, 2, &signs);
    published.text(0, 0, "中国2012年投入产出表");
    published.text(4, 0, "代码");
    published.text(3, 3, "中间使用");
    for (sheet, name, edition) in [(frame, "china_2012_5", "cn-national"), (published, "00China", "cn-national-sheet")] {
        let table = read(Sheet::save(&[(name, &sheet)], &[]).path(), &InputOutputOptions::default());
        assert_eq!((table.edition.as_str(), table.period), (edition, 2012));
        assert_eq!(table.industries, made.industries());
        assert_eq!(table.z, made.z);
        // the differences are a column behind the others
        let kept: Vec<f64> = table.y.chunks_exact(8).flat_map(|row| row[..7].to_vec()).collect();
        assert_eq!(kept, made.y);
        assert!(table.y[7] == 2.5 && table.final_demand[7].0 == "CHN");
        assert_eq!(table.output[0], made.output[0] + 2.5);
        let repair = table.repairs.iter().find(|repair| repair.name == "discrepancy=own-region").unwrap();
        assert_eq!(repair.mass, 2.5);
    }
}

#[test]
fn rows_of_imported_goods_are_primary_inputs() {
    let made = Made::new(&["CHN"], two_digits(3), &["TC", "FU201", "FU202", "EX"]);
    let mut sheet = Sheet::default();
    for (at, name) in
        ["Code", "Description", "DescriptionInChinese", "Origin", "01", "02", "03", "TIU", "TC", "FU201", "FU202", "EX", "TFU", "GO"]
            .iter()
            .enumerate()
    {
        sheet.text(0, at, name);
    }
    let mut row = 1;
    let mut line = |labels: [&str; 2], numbers: &[f64]| {
        sheet.text(row, 0, labels[0]);
        sheet.text(row, 3, labels[1]);
        sheet.numbers(row, 4, numbers);
        row += 1;
    };
    let with_totals = |numbers: &[f64]| {
        let (z, y) = numbers.split_at(3);
        let (intermediate, last) = (z.iter().sum::<f64>(), y.iter().sum::<f64>());
        [z, &[intermediate], y, &[last, intermediate + last]].concat()
    };
    (0..3).for_each(|i| line([&made.sectors[i], "Domestic"], &with_totals(&made.row(i))));
    let imported: Vec<f64> = (0..21).map(|at| at as f64 / 8.0).collect();
    (0..3).for_each(|i| line([&made.sectors[i], "Imports"], &with_totals(&imported[i * 7..(i + 1) * 7])));
    let both: Vec<f64> =
        made.inputs().iter().enumerate().map(|(j, value)| value + (0..3).map(|i| imported[i * 7 + j]).sum::<f64>()).collect();
    let added: Vec<f64> = made.output.iter().zip(&both).map(|(output, both)| output - both).collect();
    line(["TII", "TOT"], &both);
    line(["VA001", "TOT"], &added);
    line(["TVA", "TOT"], &added);
    line(["TI", "TOT"], &made.output);
    let table = read(Sheet::save(&[("china_2020_42", &sheet)], &[]).path(), &InputOutputOptions::default());
    assert_eq!((table.edition.as_str(), table.period), ("cn-national-imports-apart", 2020));
    assert!(table.z == made.z && table.y == made.y && table.output == made.output);
    let labels: Vec<(&str, &str)> = table.primary.iter().map(|row| (row.label.as_str(), row.kind.as_str())).collect();
    assert_eq!(labels, [("Imports 01", "imports"), ("Imports 02", "imports"), ("Imports 03", "imports"), ("VA001", "value-added")]);
    assert_eq!((table.primary[1].industries.as_slice(), table.primary[1].final_demand.as_slice()), (&imported[7..10], &imported[10..14]));
}

#[test]
fn sheets_of_provinces_are_blocks_of_one_table() {
    let categories = ["FU101", "FU102", "FU103", "FU201", "FU202", "FU301", "FU302", "OUT", "FU303", "FU304", "IN"];
    let mut made = Made::new(&["CHN"], two_digits(4), &categories);
    // the parts of OUT and IN are left empty
    let empty = ["FU301", "FU302", "FU303", "FU304"];
    for (at, value) in made.y.iter_mut().enumerate() {
        if empty.contains(&categories[at % 11]) {
            *value = 0.0;
        }
    }
    for i in 0..4 {
        made.output[i] = made.row(i).iter().sum();
        let inputs: f64 = (0..4).map(|k| made.z[k * 4 + i]).sum();
        made.added[i] = made.output[i] - inputs;
    }
    let signs = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0];
    let mut sheet = china(&made, 7, 3, 2, &signs);
    sheet.text(0, 0, "2007年投入产出表");
    let book = Sheet::save(&[("01Beijing", &sheet), ("05Neimenggu", &sheet)], &[]);
    let table = read(book.path(), &InputOutputOptions::default());
    assert_eq!((table.edition.as_str(), table.period, table.industries.len()), ("cn-provincial", 2007, 8));
    assert_eq!((table.industries[0].0.as_str(), table.industries[4].0.as_str()), ("CN-BJ", "CN-NM"));
    for i in 0..8 {
        for j in 0..8 {
            let expected = if i / 4 == j / 4 { made.z[(i % 4) * 4 + j % 4] } else { 0.0 };
            assert_eq!(table.z[i * 8 + j], expected);
        }
    }
    assert!(table.output[1] == made.output[1] && table.output[5] == made.output[1]);
    assert_eq!(table.primary.len(), 2);
    let one = read(book.path(), &InputOutputOptions { sheet: Some("05Neimenggu".into()), ..Default::default() });
    assert_eq!((one.industries.len(), one.industries[0].0.as_str(), &one.z), (4, "CN-NM", &made.z));
    let error =
        read_input_output(&[book.path().to_owned()], &InputOutputOptions { sheet: Some("06Liaoning".into()), ..Default::default() })
            .unwrap_err();
    assert!(error.to_string().contains("06Liaoning") && error.to_string().contains("05Neimenggu"), "{error}");
}

#[test]
fn a_sheet_of_several_is_chosen_by_year() {
    let categories = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "CONS_ABR", "CONS_NONRES", "EXPO", "IMPO"];
    let made = Made::new(&["JPN"], two_digits(3), &categories);
    let mut sheet = Sheet::default();
    for (at, name) in ["Code", "Description"].into_iter().chain(made.sectors.iter().map(String::as_str)).chain(categories).enumerate() {
        sheet.text(0, at, name);
    }
    for i in 0..3 {
        sheet.text(i as u32 + 1, 0, &made.sectors[i]);
        sheet.numbers(i as u32 + 1, 2, &made.row(i));
    }
    for (at, (code, values)) in [("VALU", &made.added), ("OUTPUT", &made.output)].iter().enumerate() {
        sheet.text(at as u32 + 4, 0, code);
        sheet.numbers(at as u32 + 4, 2, values);
    }
    let book = Sheet::save(&[("OECD21ed_JPN_1995", &sheet), ("OECD21ed_JPN_1996", &sheet)], &[]);
    let error = read_input_output(&[book.path().to_owned()], &InputOutputOptions::default()).unwrap_err();
    assert!(error.to_string().contains("2 tables") && error.to_string().contains("OECD21ed_JPN_1996"), "{error}");
    let table = read(book.path(), &InputOutputOptions { period: Some(1996), ..Default::default() });
    made.check(&table, "oecd-national", 1996);
}

#[test]
fn the_layout_of_the_interregional_tables() {
    let names = ["东北区域", "京津区域", "北部沿海区域", "东部沿海区域", "南部沿海区域", "中部区域", "西北区域", "西南区域"];
    let mut made = Made::new(&names, vec!["001".into(), "002".into()], &["F001", "F002", "F003", "F004"]);
    let letter = |at: usize| char::from(b'A' + at as u8);
    let (n, m) = (16, 32);
    let mut sheet = Sheet::default();
    sheet.text(0, 3, "代码");
    let mut merged = Vec::new();
    let first = 4;
    let mut column = first;
    for block in [&["001", "002", "900"][..], &["F001", "F002", "F003", "F004", "F900"]] {
        for (at, name) in names.iter().enumerate() {
            sheet.text(1, column, name);
            merged.push((1, column as u16, 1, (column + block.len() - 1) as u16));
            for code in block {
                let code = if let Some(number) = code.strip_prefix('F') {
                    format!("F{}{number}", letter(at))
                } else {
                    format!("{}{code}", letter(at))
                };
                sheet.text(2, column, "名称");
                sheet.text(3, column, &code);
                column += 1;
            }
        }
        if block.len() == 3 {
            sheet.text(3, column, "ET");
            column += 1;
        }
    }
    for code in ["STK", "EX", "TF", "ERR", "XX"] {
        sheet.text(3, column, code);
        column += 1;
    }
    // after every two industries and every four categories their sum
    let widened = |numbers: &[f64], size: usize| {
        numbers.chunks_exact(size).flat_map(|part| [part, &[part.iter().sum()]].concat()).collect::<Vec<f64>>()
    };
    let mut row = 4;
    for i in 0..n {
        let numbers = made.row(i);
        let (z, y) = numbers.split_at(n);
        let (stock, exports, error) = (-1.5, 4.0 + i as f64, if i == 3 { -0.5 } else { 0.0 });
        made.output[i] = numbers.iter().sum::<f64>() + stock + exports + error;
        if i % 2 == 0 {
            sheet.text(row, 1, names[i / 2]);
        }
        sheet.text(row, 2, "名称");
        sheet.text(row, 3, &format!("{}00{}", letter(i / 2), i % 2 + 1));
        let last: f64 = y.iter().sum::<f64>() + stock + exports;
        sheet.numbers(
            row,
            first,
            &[widened(z, 2), vec![z.iter().sum()], widened(y, 4), vec![stock, exports, last, error, made.output[i]]].concat(),
        );
        row += 1;
        if i % 2 == 1 {
            sheet.text(row, 3, &format!("{}900", letter(i / 2)));
            sheet.numbers(row, first, &[1.0; 24]);
            row += 1;
        }
    }
    let inputs: Vec<f64> = (0..n).map(|j| (0..n).map(|i| made.z[i * n + j]).sum()).collect();
    let imports: Vec<f64> = (0..n).map(|j| 2.0 + j as f64).collect();
    let added: Vec<f64> = (0..n).map(|j| made.output[j] - inputs[j] - imports[j]).collect();
    for (name, code, values) in [
        ("进口", "IM", &imports),
        ("合计", "ET", &inputs),
        ("固定资产折旧", "VA001", &added),
        ("合计", "VA", &added),
        ("总投入", "XX", &made.output),
    ] {
        sheet.text(row, 1, name);
        sheet.text(row, 3, code);
        sheet.numbers(row, first, &widened(values, 2));
        row += 1;
    }
    let book = Sheet::save(&[("Readme", &Sheet::default()), ("2007-2", &sheet)], &merged);
    let table = read(book.path(), &InputOutputOptions::default());
    assert_eq!((table.edition.as_str(), table.period), ("cn-interregional", 2007));
    assert_eq!(
        (table.industries[0].clone(), table.industries[15].clone()),
        (("Northeast".into(), "001".into()), ("Southwest".into(), "002".into()))
    );
    assert!(table.z == made.z && table.output == made.output);
    assert_eq!(table.final_demand.len(), m + 2 + 8, "categories, stocks, exports, and differences by region");
    let repair = table.repairs.iter().find(|repair| repair.name == "discrepancy=own-region").unwrap();
    assert_eq!(repair.mass, -0.5);
}

#[test]
fn lines_of_regions_are_blocks_of_one_table() {
    let sectors = ["01 Maatalous", "02_03 Metsätalous"].map(str::to_owned).to_vec();
    let made = Made::new(&["Uusimaa"], sectors, &["P3/S14 Kotitaloudet", "P52 Varastot"]);
    let mut text = String::from("REG;COM;IND;value\n");
    for region in ["Uusimaa", "Lappi"] {
        for i in 0..2 {
            let numbers = made.row(i);
            let columns = made.sectors.iter().chain(&made.categories);
            columns.zip(&numbers).for_each(|(column, value)| text += &format!("{region};{};{column};{value}\n", made.sectors[i]));
            text += &format!("{region};{};0 Toimialat yhteensä;{}\n", made.sectors[i], numbers[..2].iter().sum::<f64>());
            text += &format!("{region};{};USE_PH Käyttö yhteensä perushintaan;{}\n", made.sectors[i], made.output[i]);
        }
        for (row, values) in [
            ("Tuotteet yhteensä", made.inputs()),
            ("Palkansaajakorvaukset", made.added.clone()),
            ("Tuotos perushintaan", made.output.clone()),
        ] {
            made.sectors.iter().zip(values).for_each(|(column, value)| text += &format!("{region};{row};{column};{value}\n"));
            text += &format!("{region};{row};P52 Varastot;\n");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, second) = (folder.path().join("io2014.csv"), folder.path().join("io_imp2014.csv"));
    std::fs::write(&file, &text).unwrap();
    let options = InputOutputOptions::default();
    let table = read(&file, &options);
    assert_eq!(table.period, 2014);
    assert_eq!((table.edition.as_str(), table.industries.len(), table.final_demand.len()), ("finland-regional", 4, 4));
    assert!(table.z[0] == made.z[0] && table.z[2] == 0.0 && table.z[2 * 4 + 3] == made.z[1]);
    assert_eq!(table.output, [made.output.clone(), made.output.clone()].concat());
    // imports as one row, and by product in a second file: one row a product
    let imports: String = ["Uusimaa", "Lappi"]
        .iter()
        .map(|region| format!("{region};Ulkomaisten tuontituotteiden käyttö yhteensä;01 Maatalous;0.5\n"))
        .collect();
    let lowered = format!("{text}{imports}").replace(
        &format!("Palkansaajakorvaukset;01 Maatalous;{}", made.added[0]),
        &format!("Palkansaajakorvaukset;01 Maatalous;{}", made.added[0] - 0.5),
    );
    std::fs::write(&file, &lowered).unwrap();
    let by_product = |first: f64| {
        let lines = ["Uusimaa", "Lappi"].map(|region| {
            format!("{region};01 Maatalous;01 Maatalous;{first}\n{region};02_03 Metsätalous;01 Maatalous;0.3\n{region};SUM;01 Maatalous;{}\n{region};01 Maatalous;SUM;{first}\n", first + 0.3)
        });
        std::fs::write(&second, format!("REG;COM;IND;value\n{}", lines.concat())).unwrap();
        read_input_output(&[file.clone(), second.clone()], &options)
    };
    let table = by_product(0.2).unwrap();
    let labels: Vec<&str> = table.primary.iter().filter(|row| row.kind == "imports").map(|row| row.label.as_str()).collect();
    assert_eq!(
        labels,
        ["Ulkomaisten tuontituotteiden käyttö yhteensä: 01 Maatalous", "Ulkomaisten tuontituotteiden käyttö yhteensä: 02_03 Metsätalous"]
    );
    assert!(by_product(0.9).unwrap_err().to_string().contains("add up to no row"));
    std::fs::write(&file, text.replacen(";USE_PH Käyttö yhteensä perushintaan;", ";01 Maatalous;", 1)).unwrap();
    let error = read_input_output(std::slice::from_ref(&file), &options).unwrap_err().to_string();
    assert!(error.contains("twice") && error.contains("Uusimaa") && error.contains("01 Maatalous"), "{error}");
}

#[test]
fn make_and_use_tables_are_told_apart_by_their_labels() {
    let write = |name: &str, columns: &[&str], rows: &[(&str, &[f64])]| {
        let mut sheet = Sheet::default();
        columns.iter().enumerate().for_each(|(at, column)| sheet.text(0, at + 1, column));
        for (at, (label, values)) in rows.iter().enumerate() {
            sheet.text(at as u32 + 1, 0, label);
            sheet.numbers(at as u32 + 1, 1, values);
        }
        Sheet::save(&[(name, &sheet)], &[])
    };
    let make = write(
        "Summary_Make_2019",
        &["11", "22", "Used", "T008"],
        &[("11", &[50.0, 10.0, 0.0, 60.0]), ("22", &[0.0, 90.0, 0.0, 90.0]), ("T007", &[50.0, 100.0, 0.0, 150.0])],
    );
    let used_rows: [(&str, &[f64]); 6] = [
        ("11", &[5.0, 10.0, 15.0, 40.0, -5.0, 50.0]),
        ("22", &[20.0, 30.0, 50.0, 60.0, -10.0, 100.0]),
        ("Used", &[1.0, 2.0, 3.0, -3.0, 0.0, 0.0]),
        ("T005", &[26.0, 42.0, 68.0, 0.0, 0.0, 0.0]),
        ("V00100", &[34.0, 48.0, 0.0, 0.0, 0.0, 0.0]),
        ("T018", &[60.0, 90.0, 0.0, 0.0, 0.0, 0.0]),
    ];
    let columns = ["11", "22", "T001", "F01000", "F05000", "NA"];
    let used = write("Summary_Use_2019", &columns, &used_rows);
    let files = |second: &tempfile::NamedTempFile| [make.path().to_owned(), second.path().to_owned()];
    let table = read_supply_use(&files(&used), None).unwrap();
    assert_eq!((table.period, table.products.len(), table.industries.len(), table.final_use_columns.len()), (2019, 3, 2, 2));
    assert_eq!(table.make, [50.0, 10.0, 0.0, 0.0, 90.0, 0.0]);
    assert_eq!(table.intermediate_use, [5.0, 10.0, 20.0, 30.0, 1.0, 2.0]);
    assert_eq!(table.final_use, [40.0, -5.0, 60.0, -10.0, -3.0, 0.0]);
    assert_eq!(table.value_added, [("V00100".to_owned(), vec![34.0, 48.0])]);
    assert_eq!(table.largest_product_difference.0, 0.0);
    let mut off = used_rows;
    off[4] = ("V00100", &[34.0, 80.0, 0.0, 0.0, 0.0, 0.0]);
    let error = read_supply_use(&files(&write("Summary_Use_2019", &columns, &off)), None).unwrap_err().to_string();
    assert!(error.contains("industry `22`") && error.contains("32"), "{error}");
    let mut unknown = used_rows;
    unknown[0].0 = "33";
    let error = read_supply_use(&files(&write("Summary_Use_2019", &columns, &unknown)), None).unwrap_err().to_string();
    assert!(error.contains("`33`"), "{error}");
    let error = read_supply_use(&files(&write("Summary_Use_2018", &columns, &used_rows)), None).unwrap_err().to_string();
    assert!(error.contains("2018") && error.contains("2019"), "{error}");
    assert!(read_supply_use(&[make.path().to_owned()], None).unwrap_err().to_string().contains("no use table"));
    let folder = tempfile::tempdir().unwrap();
    let (make, used) = (folder.path().join("make 2019.csv"), folder.path().join("use 2019.csv"));
    std::fs::write(&make, ",11,22\n11,50,10\n22,0,90\n").unwrap();
    std::fs::write(&used, ",11,22,F01000\n11,5,10,35\n22,20,30,50\nV00100,35,50,0\n").unwrap();
    let table = read_supply_use(&[make, used], None).unwrap();
    assert_eq!((table.period, table.intermediate_use), (2019, vec![5.0, 10.0, 20.0, 30.0]));
}

/// A workbook in the binary form, of one sheet with cells of text and numbers, written by hand ([MS-XLSB] 2.3).
fn xlsb(name: &str, cells: &Sheet) -> tempfile::NamedTempFile {
    fn record(into: &mut Vec<u8>, kind: u16, body: &[u8]) {
        match u8::try_from(kind) {
            Ok(kind) if kind < 0x80 => into.push(kind),
            _ => into.extend([(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8]),
        }
        let mut length = body.len();
        loop {
            let low = (length & 0x7f) as u8;
            length >>= 7;
            into.push(if length > 0 { low | 0x80 } else { low });
            if length == 0 {
                break;
            }
        }
        into.extend(body);
    }
    fn wide(text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        (units.len() as u32).to_le_bytes().into_iter().chain(units.iter().flat_map(|unit| unit.to_le_bytes())).collect()
    }
    let mut book = Vec::new();
    record(&mut book, 131, &[]);
    record(&mut book, 143, &[]);
    record(&mut book, 156, &[[0, 0, 0, 0, 1, 0, 0, 0].as_slice(), &wide("rId1"), &wide(name)].concat());
    record(&mut book, 144, &[]);
    record(&mut book, 132, &[]);
    let mut sorted = cells.0.clone();
    sorted.sort_by_key(|(row, column, _)| (*row, *column));
    let mut sheet = Vec::new();
    record(&mut sheet, 129, &[]);
    let last = sorted.iter().map(|(row, column, _)| (*row, u32::from(*column))).fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)));
    record(&mut sheet, 148, &[0u32.to_le_bytes(), last.0.to_le_bytes(), 0u32.to_le_bytes(), last.1.to_le_bytes()].concat());
    record(&mut sheet, 145, &[]);
    let mut current = None;
    for (row, column, value) in &sorted {
        if current != Some(*row) {
            current = Some(*row);
            record(&mut sheet, 0, &[row.to_le_bytes().as_slice(), &[0; 13]].concat());
        }
        let place = [u32::from(*column).to_le_bytes(), [0; 4]].concat();
        match value {
            Value::Number(number) => record(&mut sheet, 5, &[place.as_slice(), &number.to_le_bytes()].concat()),
            Value::Text(text) => record(&mut sheet, 6, &[place.as_slice(), &wide(text)].concat()),
        }
    }
    record(&mut sheet, 146, &[]);
    record(&mut sheet, 130, &[]);
    let relations = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    let file = tempfile::Builder::new().suffix(".xlsb").tempfile().unwrap();
    let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for (part, bytes) in
        [("xl/workbook.bin", book.as_slice()), ("xl/_rels/workbook.bin.rels", relations.as_bytes()), ("xl/worksheets/sheet1.bin", &sheet)]
    {
        zip.start_file(part, options).unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    zip.finish().unwrap();
    file
}

fn real(folder: &str) -> Option<PathBuf> {
    let found = std::env::var_os("XINZHI_SHARED_DATA").map(|root| Path::new(&root).join(folder));
    if found.is_none() {
        eprintln!("not run: XINZHI_SHARED_DATA names no folder of real files");
    }
    found
}

fn read(path: &Path, options: &InputOutputOptions) -> PublishedTable {
    read_input_output(&[path.to_owned()], options).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Prints what a table holds and gives the largest row difference relative to the largest output.
fn report(table: &PublishedTable) -> f64 {
    let n = table.industries.len();
    let output: f64 = table.output.iter().sum();
    let inputs: f64 = table.z.iter().sum();
    let added: f64 = table.primary.iter().filter(|row| row.kind == "value-added").flat_map(|row| &row.industries).sum();
    let largest = table.output.iter().copied().fold(0.0, f64::max);
    eprintln!(
        "{} {}: {n} industries, {} final, {} primary rows; output {output:.6e}, output less inputs {:.6e}, value added {added:.6e}; rows off by at most {:.3e} ({}), columns {:.3e} ({}); repairs {:?}",
        table.edition,
        table.period,
        table.final_demand.len(),
        table.primary.len(),
        output - inputs,
        table.balance.largest_row_difference,
        table.balance.row,
        table.balance.largest_column_difference,
        table.balance.column,
        table.repairs.iter().map(|repair| format!("{} {} {:.4e}", repair.name, repair.count, repair.mass)).collect::<Vec<_>>(),
    );
    table.balance.largest_row_difference / largest
}

#[test]
fn wiod_2013_of_all_years() {
    let Some(folder) = real("wiod2013") else { return };
    let embedded = Workspace::embedded().unwrap();
    // with the edition's repairs, and without them as the embedded tables are
    report(&read(&folder.join("wiot_2011.RData"), &InputOutputOptions::default()));
    for year in 1995..=2011 {
        let options = InputOutputOptions { no_repair: vec!["zero-output".into()], ..Default::default() };
        let table = read(&folder.join(format!("wiot_{year}.RData")), &options);
        report(&table);
        assert_eq!((table.period, table.industries.len(), table.final_demand.len()), (year, 1435, 205));
        let Ok(rows) = embedded.io(&format!("io_wiod2013_{year}")) else { continue };
        let block = rows.block("domestic").unwrap();
        assert!(block.z == table.z && block.y == table.y && block.x == table.output, "{year} differs from the embedded table");
        assert!(rows.columns == table.industries && rows.final_demand == table.final_demand);
        eprintln!("  the same as the embedded table");
    }
}

#[test]
fn national_tables_of_china() {
    let Some(folder) = real("china_national_io") else { return };
    let embedded = Workspace::embedded().unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("china_2")));
    files.sort();
    assert_eq!(files.len(), 12);
    for file in files {
        let table = read(&file, &InputOutputOptions::default());
        assert!(report(&table) < 1e-9);
        assert!(table.industries.iter().all(|(region, _)| region == "CHN"));
        if table.edition != "cn-national-imports-apart" {
            continue;
        }
        let rows = embedded.io(&format!("io_cn42_{}", table.period)).unwrap();
        let (domestic, import, added) =
            (rows.block("domestic").unwrap(), rows.block("import").unwrap(), rows.block("value_added").unwrap());
        assert!(domestic.z == table.z && domestic.y == table.y && domestic.x == table.output);
        let of =
            |kind: &str| table.primary.iter().filter(|row| row.kind == kind).flat_map(|row| row.industries.clone()).collect::<Vec<_>>();
        assert_eq!(of("imports"), import.z);
        assert_eq!(of("value-added"), added.z);
        let finals: Vec<f64> = table.primary.iter().filter(|row| row.kind == "imports").flat_map(|row| row.final_demand.clone()).collect();
        assert_eq!(finals, import.y);
        eprintln!("  the same as the embedded table");
    }
}

#[test]
fn national_tables_of_the_oecd() {
    let Some(folder) = real("oecd_iot_chn_jpn") else { return };
    for country in ["CHN", "JPN"] {
        let file = folder.join(format!("OECD21ed_{country}_1995to2018.rda"));
        let error = read_input_output(std::slice::from_ref(&file), &InputOutputOptions::default()).unwrap_err();
        assert!(error.to_string().contains("24 tables"), "{error}");
        for year in 1995..=2018 {
            let table = read(&file, &InputOutputOptions { period: Some(year), ..Default::default() });
            report(&table);
            assert_eq!((table.period, table.industries.len(), table.industries[0].0.as_str()), (year, 45, country));
        }
    }
}

#[test]
fn interregional_tables_of_china() {
    let Some(folder) = real("china_mrio_8region_2002_2007") else { return };
    let file = folder.join("china_interregional_io_2002_2007_SIC.xls");
    for (sheet, n) in [("2002-8", 64), ("2007-8", 64), ("2002-17", 136), ("2007-17", 136)] {
        let table = read(&file, &InputOutputOptions { sheet: Some(sheet.into()), ..Default::default() });
        report(&table);
        assert_eq!(table.industries.len(), n);
        assert_eq!(format!("{}-{}", table.period, n / 8), sheet);
    }
}

#[test]
fn provincial_tables_of_china() {
    let Some(folder) = real("china_provincial_io_2007") else { return };
    let file = folder.join("China31-Hancheng.xls");
    let nation = read(&file, &InputOutputOptions { sheet: Some("00China".into()), ..Default::default() });
    report(&nation);
    let table = read(&file, &InputOutputOptions { family: Some("china-provincial".into()), ..Default::default() });
    report(&table);
    assert_eq!((table.industries.len(), table.final_demand.len()), (30 * 42, 30 * 7 + 30));
    assert!(table.balance.largest_row_difference < 1e-6 && table.balance.largest_column_difference < 0.5);
}

#[test]
fn regional_tables_of_finland() {
    let Some(folder) = real("finland_regional_io_2014") else { return };
    let table = read(&folder.join("io2014.csv"), &InputOutputOptions::default());
    report(&table);
    assert_eq!((table.industries.len(), table.primary.len()), (19 * 30, 7));
    let files: Vec<PathBuf> = ["io_reg2014.csv", "io2014.csv", "io_imp2014.csv"].iter().map(|name| folder.join(name)).collect();
    let detailed = read_input_output(&files, &InputOutputOptions::default()).unwrap();
    report(&detailed);
    assert_eq!(detailed.primary.len(), 5 + 2 * 30);
    let imports =
        |table: &PublishedTable| table.primary.iter().filter(|row| row.kind == "imports").flat_map(|row| &row.industries).sum::<f64>();
    assert!((imports(&table) / imports(&detailed) - 1.0).abs() < 1e-6);
}

#[test]
fn supply_and_use_of_the_united_states() {
    let Some(folder) = real("us_bea_io") else { return };
    for (make, used, imports) in [
        ("Summary_Make_2017_BeforeRedef_17sch", "Summary_Use_2017_PRO_BeforeRedef_17sch", "Summary_Import_2017_BeforeRedef_17sch"),
        ("Summary_Make_2010_AfterRedef_12sch", "Summary_Use_2010_PRO_AfterRedef_12sch", "Summary_Import_2010_BeforeRedef_12sch"),
        ("Detail_Make_2017_BeforeRedef_17sch", "Detail_Use_2017_PRO_BeforeRedef_17sch", "Detail_Import_2017_BeforeRedef_17sch"),
    ] {
        let files: Vec<PathBuf> = [make, used, imports].iter().map(|name| folder.join(format!("{name}.rda"))).collect();
        let table = read_supply_use(&files, None).unwrap();
        eprintln!(
            "{used}: {} products, {} industries, {} final; output {:.6e}; products off by {:?}, industries by {:?}",
            table.products.len(),
            table.industries.len(),
            table.final_use_columns.len(),
            table.make.iter().sum::<f64>(),
            table.largest_product_difference,
            table.largest_industry_difference
        );
        assert!(table.imports.is_some());
    }
}
