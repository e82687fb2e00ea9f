//! Input-output tables in text: every file here is WRITTEN BY THE TEST to the layout that its publisher documents, with made-up numbers.
//! No file is a publisher's own.
#![allow(clippy::unwrap_used, missing_docs, clippy::panic, clippy::type_complexity)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use xinzhi_store::{InputOutputOptions, Problem, PublishedTable, StoreError, read_input_output};

type Pair = (String, String);

fn pairs(regions: &[&str], codes: &[&str]) -> Vec<Pair> {
    regions.iter().flat_map(|region| codes.iter().map(|code| ((*region).to_owned(), (*code).to_owned()))).collect()
}

/// A made-up table that balances to the last bit: all numbers are multiples of 1/128.
#[derive(Clone)]
struct Made {
    industries: Vec<Pair>,
    final_demand: Vec<Pair>,
    z: Vec<f64>,
    y: Vec<f64>,
    output: Vec<f64>,
    /// Output less inputs.
    added: Vec<f64>,
}

impl Made {
    fn new(industries: Vec<Pair>, final_demand: Vec<Pair>) -> Self {
        Made::without(industries, final_demand, |_| false)
    }

    /// Industries that `empty` names neither make nor use anything.
    fn without(industries: Vec<Pair>, final_demand: Vec<Pair>, empty: impl Fn(&Pair) -> bool) -> Self {
        let (n, m) = (industries.len(), final_demand.len());
        let value = |at: usize| ((at * 7919 + 13) % 1009) as f64 / 8.0;
        let here: Vec<f64> = industries.iter().map(|pair| if empty(pair) { 0.0 } else { 1.0 }).collect();
        let z: Vec<f64> = (0..n * n).map(|at| if at % 3 == 0 { 0.0 } else { value(at) / 16.0 } * here[at / n] * here[at % n]).collect();
        // every fifth cell of final demand is below zero, as changes in inventories may be
        let y: Vec<f64> =
            (0..n * m).map(|at| if at % 5 == 4 { -value(at) / 16.0 } else { value(at + 5) * n as f64 / 8.0 } * here[at / m]).collect();
        let mut made = Made { industries, final_demand, z, y, output: Vec::new(), added: Vec::new() };
        made.sum();
        made
    }

    fn sum(&mut self) {
        let (n, m) = (self.n(), self.m());
        self.output =
            (0..n).map(|i| self.z[i * n..(i + 1) * n].iter().sum::<f64>() + self.y[i * m..(i + 1) * m].iter().sum::<f64>()).collect();
        self.added = (0..n).map(|j| self.output[j] - (0..n).map(|i| self.z[i * n + j]).sum::<f64>()).collect();
        assert!(self.output.iter().zip(&self.added).all(|(output, added)| *output == 0.0 || (*output > 0.0 && *added > 0.0)));
    }

    fn n(&self) -> usize {
        self.industries.len()
    }

    fn m(&self) -> usize {
        self.final_demand.len()
    }

    fn row(&self, i: usize) -> Vec<f64> {
        let (n, m) = (self.n(), self.m());
        self.z[i * n..(i + 1) * n].iter().chain(&self.y[i * m..(i + 1) * m]).copied().collect()
    }

    fn check(&self, table: &PublishedTable, edition: &str, period: i32) {
        assert_eq!((table.edition.as_str(), table.period), (edition, period));
        assert_eq!(table.industries, self.industries);
        assert_eq!(table.final_demand, self.final_demand);
        assert!(table.z == self.z, "{edition}: the deliveries to industries are others");
        assert!(table.y == self.y, "{edition}: the deliveries to final demand are others");
        assert_eq!(table.output, self.output);
    }

    fn check_primary(&self, table: &PublishedTable) {
        for (j, expected) in self.added.iter().enumerate() {
            assert_eq!(table.primary.iter().map(|row| row.industries[j]).sum::<f64>(), *expected);
        }
    }
}

/// A line of a label and numbers.
fn line(label: &str, numbers: &[f64], separator: char) -> String {
    let cells: Vec<String> = std::iter::once(label.to_owned()).chain(numbers.iter().map(f64::to_string)).collect();
    cells.join(&separator.to_string()) + "\n"
}

/// How the OECD's editions differ.
#[derive(Clone, Copy)]
struct Icio {
    corner: &'static str,
    /// A row of taxes a region, or one.
    taxes_by_region: bool,
    value_added: &'static str,
    output_row: &'static str,
    output_column: &'static str,
    /// Final demand category by category, named CATEGORY_REGION, as in the edition of 2016.
    category_first: bool,
    discrepancy: Option<f64>,
}

const ICIO_2023: Icio = Icio {
    corner: "V1",
    taxes_by_region: false,
    value_added: "VA",
    output_row: "OUT",
    output_column: "OUT",
    category_first: false,
    discrepancy: None,
};
const ICIO_2021: Icio =
    Icio { corner: "", taxes_by_region: true, value_added: "VALU", output_row: "OUTPUT", output_column: "TOTAL", ..ICIO_2023 };
const ICIO_2016: Icio = Icio { category_first: true, discrepancy: Some(2.5), ..ICIO_2021 };

fn icio(made: &Made, style: Icio) -> String {
    let (n, m) = (made.n(), made.m());
    let mut order: Vec<usize> = (0..m).collect();
    if style.category_first {
        let categories: Vec<&String> = made.final_demand.iter().map(|(_, category)| category).collect();
        order.sort_by_key(|at| categories.iter().position(|category| *category == categories[*at]));
    }
    let joined = |(region, code): &Pair| format!("{region}_{code}");
    let mut header = vec![style.corner.to_owned()];
    header.extend(made.industries.iter().map(joined));
    header.extend(order.iter().map(|at| {
        let (region, category) = &made.final_demand[*at];
        if style.category_first { format!("{category}_{region}") } else { format!("{region}_{category}") }
    }));
    header.extend(style.discrepancy.map(|_| "DISC".to_owned()));
    header.push(style.output_column.to_owned());
    let mut text = header.join(",") + "\n";
    let more = style.discrepancy.unwrap_or(0.0);
    let output: Vec<f64> = made.output.iter().map(|output| output + more).collect();
    for (i, pair) in made.industries.iter().enumerate() {
        let mut numbers = made.z[i * n..(i + 1) * n].to_vec();
        numbers.extend(order.iter().map(|at| made.y[i * m + at]));
        numbers.extend(style.discrepancy);
        numbers.push(output[i]);
        text += &line(&joined(pair), &numbers, ',');
    }
    let rest = vec![0.0; m + usize::from(style.discrepancy.is_some()) + 1];
    let mut add = |label: &str, values: Vec<f64>| text += &line(label, &[values, rest.clone()].concat(), ',');
    let taxes: Vec<f64> = made.added.iter().map(|added| added / 8.0).collect();
    if style.taxes_by_region {
        let mut regions: Vec<&String> = made.industries.iter().map(|(region, _)| region).collect();
        regions.dedup();
        for region in regions {
            let own = made.industries.iter().zip(&taxes);
            add(&format!("{region}_TAXSUB"), own.map(|((of, _), tax)| if of == region { *tax } else { 0.0 }).collect());
        }
    } else {
        add("TLS", taxes.clone());
    }
    add(style.value_added, made.added.iter().zip(&taxes).map(|(added, tax)| added - tax + more).collect());
    add(style.output_row, output);
    text
}

const FINAL: [&str; 6] = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR"];

fn small_icio() -> Made {
    Made::new(pairs(&["AUS", "FRA", "ROW"], &["A01_02", "B", "C10T12", "T"]), pairs(&["AUS", "FRA", "ROW"], &FINAL))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

fn zipped(folder: &Path, name: &str, members: &[(&str, &str)]) -> PathBuf {
    let path = folder.join(name);
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (at, (member, content)) in members.iter().enumerate() {
        let method = if at % 2 == 0 { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        archive.start_file(*member, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    path
}

fn read(paths: &[PathBuf]) -> PublishedTable {
    read_input_output(paths, &InputOutputOptions::default()).unwrap()
}

fn of_year(period: i32) -> InputOutputOptions {
    InputOutputOptions { period: Some(period), ..Default::default() }
}

/// The error of reading a text under a name, and that the folder holds what it held.
fn refused(name: &str, content: impl AsRef<[u8]>, options: &InputOutputOptions) -> StoreError {
    let folder = folder();
    let path = write(folder.path(), name, content.as_ref());
    let Err(error) = read_input_output(&[path], options) else {
        panic!("nothing is wrong with {}", String::from_utf8_lossy(content.as_ref()))
    };
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was written");
    error
}

fn says(error: &StoreError, problem: Problem, parts: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.problem(), problem, "{text}");
    for part in parts {
        assert!(text.contains(part), "`{text}` lacks `{part}`");
    }
}

/// Of a file that was read from disk as it stands, from an archive, and packed.
#[test]
fn the_files_read_are_named_with_their_hashes() {
    use sha2::{Digest, Sha256};
    let text = icio(&small_icio(), ICIO_2023);
    let folder = folder();
    let plain = write(folder.path(), "2019_SML.csv", &text);
    let archive = zipped(folder.path(), "2019_SML.zip", &[("2019_SML.csv", &text)]);
    let packed = folder.path().join("2019_SML.csv.gz");
    let mut gzip = flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap();
    for path in [plain, archive, packed] {
        let table = read(std::slice::from_ref(&path));
        let bytes = std::fs::read(&path).unwrap();
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let found: Vec<(&str, u64, &str)> = table.files.iter().map(|file| (file.name.as_str(), file.bytes, file.sha256.as_str())).collect();
        assert_eq!(found, [(path.file_name().unwrap().to_str().unwrap(), bytes.len() as u64, hash.as_str())]);
        assert_eq!((table.edition.as_str(), table.period), ("icio", 2019));
    }
}

#[test]
fn the_layouts_of_icio_2023_and_2021() {
    let made = small_icio();
    let folder = folder();
    let table = read(&[write(folder.path(), "2019_SML.csv", icio(&made, ICIO_2023))]);
    made.check(&table, "icio", 2019);
    made.check_primary(&table);
    let rows: Vec<(&str, &str)> = table.primary.iter().map(|row| (row.label.as_str(), row.kind.as_str())).collect();
    assert_eq!(rows, [("TLS", "taxes"), ("VA", "value-added")]);
    assert_eq!((table.unit.as_str(), table.system.as_str()), ("million USD", "icio"));
    assert_eq!(table.balance.largest_row_difference, 0.0);
    // one file whose name says the edition and the year, as a program renames it
    made.check(&read(&[write(folder.path(), "ICIO2023_2018.csv", icio(&made, ICIO_2023))]), "icio", 2018);

    let table = read(&[write(folder.path(), "ICIO2021_2018.csv", icio(&made, ICIO_2021))]);
    made.check(&table, "icio", 2018);
    made.check_primary(&table);
    let labels: Vec<&str> = table.primary.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["AUS_TAXSUB", "FRA_TAXSUB", "ROW_TAXSUB", "VALU"]);
    // line ends of Windows, quoted cells, a mark of UTF-8
    let quoted: String = icio(&made, ICIO_2021).lines().map(|line| format!("\"{}\"\r\n", line.replace(',', "\",\""))).collect();
    made.check(&read(&[write(folder.path(), "ICIO2021_2017.csv", format!("\u{FEFF}{quoted}"))]), "icio", 2017);
}

#[test]
fn extended_icio_keeps_its_parts_or_merges_them() {
    let regions = ["CHN", "FRA", "CN1", "CN2"];
    let made = Made::without(pairs(&regions, &["A01", "C"]), pairs(&["CHN", "FRA"], &FINAL), |(region, _)| region.as_str() == "CHN");
    let folder = folder();
    let path = write(folder.path(), "2019.csv", icio(&made, ICIO_2023));
    let table = read(std::slice::from_ref(&path));
    made.check(&table, "icio", 2019);
    let zero = table.repairs.iter().find(|made| made.name == "zero-output").unwrap();
    assert_eq!((zero.count, zero.mass, zero.labels.as_slice()), (2, 0.0, ["CHN A01".to_owned(), "CHN C".to_owned()].as_slice()));

    let options = InputOutputOptions { repair: vec!["merge-splits".into()], ..Default::default() };
    let merged = read_input_output(&[path], &options).unwrap();
    assert_eq!(merged.industries, pairs(&["CHN", "FRA"], &["A01", "C"]));
    let (n, at) = (8, |region: usize, sector: usize| region * 2 + sector);
    let parts = |region: usize| if region == 0 { vec![0, 2, 3] } else { vec![1] };
    for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
        let expected: f64 = parts(i / 2)
            .into_iter()
            .flat_map(|r| parts(j / 2).into_iter().map(move |s| (r, s)))
            .map(|(r, s)| made.z[at(r, i % 2) * n + at(s, j % 2)])
            .sum();
        assert_eq!(merged.z[i * 4 + j], expected, "{i} {j}");
    }
    assert_eq!(merged.output.iter().sum::<f64>(), made.output.iter().sum::<f64>());
    let record = merged.repairs.iter().find(|made| made.name == "merge-splits").unwrap();
    assert_eq!(record.labels, ["CN1 -> CHN", "CN2 -> CHN"]);
    assert_eq!(record.count, 4);
}

#[test]
fn the_layout_of_icio_2016_with_its_discrepancy() {
    let made = Made::new(
        pairs(&["AUS", "FRA"], &["C01T05", "C10T14"]),
        pairs(&["AUS", "FRA"], &["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "P33"]),
    );
    let folder = folder();
    let path = write(folder.path(), "ICIO2016_2011.csv", icio(&made, ICIO_2016));
    let with = |repair: &str| {
        let options = InputOutputOptions { repair: vec![repair.into()], ..Default::default() };
        read_input_output(std::slice::from_ref(&path), &options).unwrap()
    };
    // dropped, the table is the one without it
    let table = with("discrepancy=drop");
    made.check(&table, "icio-2016", 2011);
    let record = table.repairs.iter().find(|made| made.name == "discrepancy=drop").unwrap();
    assert_eq!((record.count, record.mass), (1, 10.0));
    // by default a region's own discrepancies are final demand of that region
    let table = read(std::slice::from_ref(&path));
    let labels = |table: &PublishedTable| table.final_demand.iter().map(|(a, b)| format!("{a} {b}")).collect::<Vec<_>>();
    let own = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "P33", "DISC"];
    assert_eq!(table.final_demand, pairs(&["AUS", "FRA"], &own));
    let column = |table: &PublishedTable, name: &str| {
        let at = labels(table).iter().position(|label| label == name).unwrap();
        table.y.chunks_exact(table.final_demand.len()).map(|row| row[at]).collect::<Vec<_>>()
    };
    assert_eq!(column(&table, "AUS DISC"), [2.5, 2.5, 0.0, 0.0]);
    assert_eq!(column(&table, "FRA DISC"), [0.0, 0.0, 2.5, 2.5]);
    assert_eq!(table.output, made.output.iter().map(|output| output + 2.5).collect::<Vec<_>>());
    // it must go somewhere: without the repair it is dropped all the same, and said
    let options = InputOutputOptions { no_repair: vec!["discrepancy".into()], ..Default::default() };
    let table = read_input_output(std::slice::from_ref(&path), &options).unwrap();
    made.check(&table, "icio-2016", 2011);
    assert!(table.told().iter().any(|line| line.contains("repair discrepancy=drop: 1 cells or labels, 10 million USD")));
    let table = with("discrepancy=region");
    assert_eq!(column(&table, "DISC DISC"), [2.5; 4]);
    assert_eq!(labels(&table).last().unwrap(), "DISC DISC");
}

#[test]
fn a_zip_of_several_years() {
    let (made, mut other) = (small_icio(), small_icio());
    other.y[0] += 16.0;
    other.sum();
    let (first, second) = (icio(&made, ICIO_2023), icio(&other, ICIO_2023));
    let folder = folder();
    let path =
        zipped(folder.path(), "2016-2020_SML.zip", &[("ReadMe.txt", "made-up"), ("2018_SML.csv", &first), ("2019_SML.csv", &second)]);
    for (period, table) in [(2018, &made), (2019, &other)] {
        table.check(&read_input_output(std::slice::from_ref(&path), &of_year(period)).unwrap(), "icio", period);
    }
    let error = read_input_output(std::slice::from_ref(&path), &InputOutputOptions::default()).unwrap_err();
    says(&error, Problem::Options, &["2 tables", "2018_SML.csv", "--period"]);
    // a truncated zip, wherever it ends
    let whole = std::fs::read(&path).unwrap();
    for length in [10, 200, whole.len() / 2, whole.len() - 5] {
        says(&refused("2016-2020_SML.zip", &whole[..length], &of_year(2018)), Problem::Damaged, &["zip"]);
    }
    // a byte of a member that is another one: deflated and stored
    for (period, quarter) in [(2019, 3), (2018, 2)] {
        let mut flipped = whole.clone();
        let at = flipped.len() * quarter / 4;
        flipped[at] ^= 0x10;
        let found: Vec<bool> = [2018, 2019]
            .iter()
            .map(|year| {
                let path = write(folder.path(), "flipped.zip", &flipped);
                read_input_output(&[path], &of_year(*year)).is_err()
            })
            .collect();
        assert!(found.iter().any(|is| *is), "{period}: a changed byte goes unnoticed");
    }
}

#[test]
fn the_layout_of_figaro() {
    let categories = ["P3_S13", "P3_S14", "P3_S15", "P51G", "P5M"];
    let made = Made::new(pairs(&["AR", "DE", "FIGW1"], &["A01", "C10T12"]), pairs(&["AR", "DE", "FIGW1"], &categories));
    let columns = made.industries.iter().chain(&made.final_demand).map(|(region, code)| format!("{region}_{code}"));
    let mut text = std::iter::once("rowLabels".to_owned()).chain(columns).collect::<Vec<_>>().join(",") + "\n";
    for (i, (region, code)) in made.industries.iter().enumerate() {
        text += &line(&format!("{region}_{code}"), &made.row(i), ',');
    }
    let shares = [("W2_D21X31", 8.0), ("W2_OP_RES", 0.0), ("W2_OP_NRES", 0.0), ("W2_D1", 2.0), ("W2_D29X39", 8.0), ("W2_B2A3G", 4.0)];
    for (label, share) in shares {
        let values: Vec<f64> = made.added.iter().map(|added| if share == 0.0 { 0.0 } else { added / share }).collect();
        text += &line(label, &[values, vec![0.0; made.m()]].concat(), ',');
    }
    let folder = folder();
    for (file, period) in [("matrix_eu-ic-io_ind-by-ind_24ed_2019.csv", 2019), ("matrix_eu-ic-io_prod-by-prod_24ed_2020.csv", 2020)] {
        let table = read(&[write(folder.path(), file, &text)]);
        made.check(&table, "figaro", period);
        made.check_primary(&table);
        assert_eq!(table.unit, "million EUR");
        let kinds: Vec<(&str, &str)> = table.primary.iter().map(|row| (row.label.as_str(), row.kind.as_str())).collect();
        assert_eq!(kinds[0], ("W2_D21X31", "taxes"));
        assert_eq!(kinds[1].1, "adjustment");
        assert_eq!(kinds[2].1, "adjustment");
        assert!(kinds[3..].iter().all(|(_, kind)| *kind == "value-added"));
    }
}

/// A tab-separated matrix with labels of two levels, as EXIOBASE writes them.
fn exiobase_matrix(row_names: &[&str], rows: &[Vec<String>], level: &str, columns: &[Pair], values: &[f64]) -> String {
    let labels = row_names.len();
    let head = |name: &str, of: &dyn Fn(&Pair) -> String| {
        let cells: Vec<String> =
            std::iter::once(name.to_owned()).chain(std::iter::repeat_n(String::new(), labels - 1)).chain(columns.iter().map(of)).collect();
        cells.join("\t") + "\n"
    };
    let mut text = head("region", &|(region, _)| region.clone()) + &head(level, &|(_, code)| code.clone());
    text += &(row_names.join("\t") + &"\t".repeat(columns.len()) + "\n");
    for (row, numbers) in rows.iter().zip(values.chunks_exact(columns.len())) {
        text += &line(&row.join("\t"), numbers, '\t');
    }
    text
}

/// The files of an EXIOBASE 3 table, by their path in it.
fn exiobase(made: &Made, coefficients: bool, extensions: &[(&str, &[(&str, &str)], Option<&str>)]) -> BTreeMap<String, String> {
    let (n, m) = (made.n(), made.m());
    let rows: Vec<Vec<String>> = made.industries.iter().map(|(region, code)| vec![region.clone(), code.clone()]).collect();
    let mut files = BTreeMap::new();
    let square =
        if coefficients { made.z.iter().enumerate().map(|(at, value)| value / made.output[at % n]).collect() } else { made.z.clone() };
    let name = if coefficients { "A.txt" } else { "Z.txt" };
    files.insert(name.to_owned(), exiobase_matrix(&["region", "sector"], &rows, "sector", &made.industries, &square));
    files.insert("Y.txt".to_owned(), exiobase_matrix(&["region", "sector"], &rows, "category", &made.final_demand, &made.y));
    let mut x = "region\tsector\tindout\n".to_owned();
    let mut unit = "region\tsector\tunit\n".to_owned();
    for ((region, code), output) in made.industries.iter().zip(&made.output) {
        x += &format!("{region}\t{code}\t{output}\n");
        unit += &format!("{region}\t{code}\tM.EUR\n");
    }
    files.insert("x.txt".to_owned(), x);
    files.insert("unit.txt".to_owned(), unit);
    files.insert("file_parameters.json".to_owned(), "{}".to_owned());
    for (at, (folder, stressors, of_final)) in extensions.iter().enumerate() {
        let rows: Vec<Vec<String>> = stressors.iter().map(|(name, _)| vec![(*name).to_owned()]).collect();
        let flows: Vec<f64> = (0..rows.len() * n).map(|i| (i * 3 + at) as f64).collect();
        files.insert(format!("{folder}/F.txt"), exiobase_matrix(&["stressor"], &rows, "sector", &made.industries, &flows));
        // derived accounts stand beside the flows
        files.insert(format!("{folder}/S.txt"), exiobase_matrix(&["stressor"], &rows, "sector", &made.industries, &flows));
        if let Some(file) = of_final {
            let flows: Vec<f64> = (0..rows.len() * m).map(|i| (i * 5 + at) as f64).collect();
            files.insert(format!("{folder}/{file}"), exiobase_matrix(&["stressor"], &rows, "category", &made.final_demand, &flows));
        }
        let units: String = stressors.iter().map(|(name, unit)| format!("{name}\t{unit}\n")).collect();
        files.insert(format!("{folder}/unit.txt"), format!("stressor\tunit\n{units}"));
    }
    files
}

fn small_exiobase() -> Made {
    let categories = ["Final consumption expenditure by households", "Gross fixed capital formation", "Changes in inventories"];
    let sectors = ["Cultivation of paddy rice", "Mining of coal, lignite; extraction of peat (10)"];
    Made::new(pairs(&["AT", "CN", "WWA"], &sectors), pairs(&["AT", "CN", "WWA"], &categories))
}

#[test]
fn the_layouts_of_exiobase() {
    let made = small_exiobase();
    let stressors: &[(&str, &str)] = &[("Value Added", "M.EUR"), ("CO2 - combustion - air", "kg")];
    let old = exiobase(&made, false, &[("satellite", stressors, Some("F_Y.txt")), ("impacts", &stressors[..1], Some("F_hh.txt"))]);
    // a folder in a folder whose name holds a year of its own
    let folder = folder();
    for (name, content) in &old {
        write(folder.path(), &format!("downloads 2022/IOT_2011_ixi/{name}"), content);
    }
    let table = read(&[folder.path().join("downloads 2022/IOT_2011_ixi")]);
    made.check(&table, "exiobase3", 2011);
    assert_eq!(table.unit, "million EUR");
    let names: Vec<&str> = table.extensions.iter().map(|extension| extension.name.as_str()).collect();
    assert_eq!(names, ["impacts", "satellite"]);
    let satellite = &table.extensions[1];
    assert_eq!(satellite.stressors, [("Value Added".into(), "M.EUR".into()), ("CO2 - combustion - air".into(), "kg".to_owned())]);
    assert_eq!(satellite.flows, (0..12).map(|i| f64::from(i * 3)).collect::<Vec<_>>());
    assert_eq!(satellite.final_demand_flows.as_deref().unwrap(), (0..18).map(|i| f64::from(i * 5)).collect::<Vec<_>>());
    assert_eq!(table.extensions[0].final_demand_flows.as_ref().unwrap()[1], 6.0);

    // 3.9: a folder a subject, coefficients, in a zip
    let new = exiobase(
        &made,
        true,
        &[("air_emissions", &[("CH4 - air", "kg")], Some("F_Y.txt")), ("factor_inputs", stressors, None), ("water", &stressors[..1], None)],
    );
    let members: Vec<(String, &str)> = new.iter().map(|(name, content)| (format!("IOT_2020_pxp/{name}"), content.as_str())).collect();
    let members: Vec<(&str, &str)> = members.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    let table = read(&[zipped(folder.path(), "IOT_2020_pxp.zip", &members)]);
    assert_eq!((table.edition.as_str(), table.period), ("exiobase3", 2020));
    assert_eq!(
        (&table.industries, &table.final_demand, &table.y, &table.output),
        (&made.industries, &made.final_demand, &made.y, &made.output)
    );
    assert!(table.z.iter().zip(&made.z).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs()));
    let names: Vec<&str> = table.extensions.iter().map(|extension| extension.name.as_str()).collect();
    assert_eq!(names, ["air_emissions", "factor_inputs", "water"]);
    assert!(table.extensions[1].final_demand_flows.is_none());

    // what does not fit
    let fault = |file: &str, change: &dyn Fn(&str) -> String, problem: Problem, parts: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in &old {
            let content = if name == file { change(content) } else { content.clone() };
            write(folder.path(), &format!("IOT_2011_ixi/{name}"), content);
        }
        says(&read_input_output(&[folder.path().to_owned()], &InputOutputOptions::default()).unwrap_err(), problem, parts);
    };
    let swap = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(3, 4);
        lines.join("\n")
    };
    fault("Z.txt", &swap, Problem::Input, &["Z.txt", "row 1", "Mining of coal", "Cultivation of paddy rice"]);
    fault("x.txt", &|text| text.replace("CN\tCultivation", "CN\tGrowing"), Problem::Input, &["x.txt", "row 3", "Growing of paddy rice"]);
    fault("Y.txt", &|text| text.lines().take(6).collect::<Vec<_>>().join("\n"), Problem::Input, &["Y.txt", "the end of the file"]);
    fault("Z.txt", &|text| text.replacen("\t0\t", "\tn.a.\t", 1), Problem::Value, &["Z.txt", "AT Cultivation", "n.a."]);
    fault("satellite/F.txt", &|text| text.replacen("AT", "DE", 1), Problem::Input, &["F.txt", "column 1", "out of order"]);
    fault("satellite/F_Y.txt", &|text| text.replace("Value Added", "Wages"), Problem::Input, &["F_Y.txt", "2 rows"]);
    fault(
        "x.txt",
        &|text| text.replace(&format!("\t{}\n", made.output[2]), "\t99999\n"),
        Problem::Value,
        &["balance", "CN Cultivation", "99999"],
    );
}

/// The members of an Eora26 table: those of the year, and the labels.
fn eora(made: &Made) -> (Vec<(String, String)>, Vec<(String, String)>) {
    let numbers = |values: &[f64], width: usize| -> String {
        values.chunks_exact(width).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join("\t") + "\n").collect()
    };
    let (n, m) = (made.n(), made.m());
    let added: Vec<f64> = made.added.iter().map(|added| added / 4.0).chain(made.added.iter().map(|added| added - added / 4.0)).collect();
    let q: Vec<f64> = (0..2 * n).map(|at| at as f64).collect();
    let qy: Vec<f64> = (0..2 * m).map(|at| at as f64 / 2.0).collect();
    let parts = [
        ("T", numbers(&made.z, n)),
        ("FD", numbers(&made.y, m)),
        ("VA", numbers(&added, n)),
        ("Q", numbers(&q, n)),
        ("QY", numbers(&qy, m)),
    ];
    let labels = |pairs: &[Pair], what: &str| -> String {
        pairs.iter().map(|(region, code)| format!("Country of {region}\t{region}\t{what}\t{code}\t\n")).collect()
    };
    (
        parts.into_iter().map(|(name, text)| (format!("Eora26_2015_bp_{name}.txt"), text)).collect(),
        vec![
            ("labels_T.txt".into(), labels(&made.industries, "Industries")),
            ("labels_FD.txt".into(), labels(&made.final_demand, "Final demand")),
            (
                "labels_VA.txt".into(),
                "Primary inputs\tCompensation of employees D.1\t\nPrimary inputs\tNet operating surplus B.2n\t\n".into(),
            ),
            ("labels_Q.txt".into(), "Energy Usage (TJ)\tCoal\t\nCO2 emissions (Gg)\tTotal\t\n".into()),
        ],
    )
}

fn small_eora() -> Made {
    let mut industries = pairs(&["AFG", "ALB"], &["Agriculture", "Fishing", "Mining and Quarrying"]);
    industries.push(("ROW".into(), "TOTAL".into()));
    let categories = ["Household final consumption P.3h", "Gross fixed capital formation P.51", "Changes in inventories P.52"];
    Made::new(industries, pairs(&["AFG", "ALB", "ROW"], &categories))
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

#[test]
fn the_layout_of_eora26_with_its_discrepancy() {
    let made = small_eora();
    let (numbers, labels) = eora(&made);
    let folder = folder();
    let year = zipped(folder.path(), "Eora26_2015_bp.zip", &borrowed(&numbers));
    let indices = zipped(folder.path(), "indices.zip", &borrowed(&labels));
    let files = [year, indices];
    let with = |repair: &[&str]| {
        let options = InputOutputOptions { repair: repair.iter().map(|name| (*name).into()).collect(), ..Default::default() };
        read_input_output(&files, &options).unwrap()
    };
    // kept as a region the table is the one published
    let table = with(&["discrepancy=region"]);
    made.check(&table, "eora26", 2015);
    made.check_primary(&table);
    assert_eq!(table.unit, "thousand USD");
    assert_eq!(table.primary[0].label, "Primary inputs, Compensation of employees D.1");
    let q = &table.extensions[0];
    assert_eq!(q.stressors, [("Energy Usage (TJ), Coal".into(), "TJ".into()), ("CO2 emissions (Gg), Total".into(), "Gg".to_owned())]);
    assert_eq!(q.flows, (0..14).map(f64::from).collect::<Vec<_>>());
    assert_eq!(q.final_demand_flows.as_ref().unwrap()[1], 0.5);
    // by default it stands outside: what it buys is final demand, what it sells a primary input
    let table = with(&[]);
    let (n, m) = (made.n(), made.m());
    assert_eq!(table.industries, made.industries[..6]);
    assert_eq!(table.final_demand.len(), m + 1);
    assert_eq!(table.output, made.output[..6]);
    for i in 0..6 {
        assert_eq!(table.z[i * 6..(i + 1) * 6], made.z[i * n..i * n + 6]);
        assert_eq!(table.y[i * (m + 1)..(i + 1) * (m + 1) - 1], made.y[i * m..(i + 1) * m]);
        assert_eq!(table.y[(i + 1) * (m + 1) - 1], made.z[i * n + 6]);
    }
    let row = table.primary.iter().find(|row| row.kind == "adjustment").unwrap();
    assert_eq!((row.label.as_str(), row.industries.as_slice()), ("ROW TOTAL", &made.z[6 * n..6 * n + 6]));
    assert_eq!(table.extensions[0].flows.len(), 12);
    assert_eq!(table.extensions[0].final_demand_flows.as_ref().unwrap().len(), 2 * (m + 1));
    let record = table.repairs.iter().find(|made| made.name == "discrepancy=outside").unwrap();
    let mass: f64 = (0..6).map(|i| made.z[i * n + 6] + made.z[6 * n + i]).sum();
    assert_eq!((record.count, record.mass, record.labels[0].as_str()), (1, mass, "ROW TOTAL"));
    // dropped, output follows the rows
    let table = with(&["discrepancy=drop"]);
    assert!((0..6).all(|i| (table.output[i] - made.output[i] + made.z[i * n + 6]).abs() < 1e-9));
    // in a folder, unpacked, with the tables in purchasers' prices beside those in basic prices
    let unpacked = folder.path().join("unpacked");
    for (name, text) in numbers.iter().chain(&labels) {
        write(&unpacked, name, text);
        write(&unpacked, &name.replace("_bp_", "_pp_"), if name.contains("_bp_") { "1\t2\n" } else { text });
    }
    let table = read_input_output(
        std::slice::from_ref(&unpacked),
        &InputOutputOptions { repair: vec!["discrepancy=region".into()], ..Default::default() },
    );
    made.check(&table.unwrap(), "eora26", 2015);
    // labels of another edition
    let t = write(&unpacked, "labels_T.txt", "Country of AFG\tAFG\tIndustries\tAgriculture\t\n");
    let error = read_input_output(std::slice::from_ref(&unpacked), &InputOutputOptions::default()).unwrap_err();
    says(&error, Problem::Input, &["_T.txt", "7 numbers", "ask for 1"]);
    std::fs::write(t, "AFG only\n").unwrap();
    says(&read_input_output(&[unpacked], &InputOutputOptions::default()).unwrap_err(), Problem::Input, &["labels_T.txt", "line 1"]);
}

/// The read-me workbook of GLORIA, as far as it is read.
fn gloria_read_me(folder: &Path) -> PathBuf {
    let mut book = rust_xlsxwriter::Workbook::new();
    let mut sheet = |name: &str, rows: &[&[&str]]| {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, text) in cells.iter().enumerate() {
                sheet.write(row as u32, column as u16, *text).unwrap();
            }
        }
    };
    sheet("Contents", &[&["GLORIA (MADE-UP)"]]);
    sheet(
        "Regions",
        &[
            &["Lfd_Nr", "Region_acronyms", "Region_names"],
            &["1", "AFG", "Afghanistan"],
            &["2", "DYE", "Democratic Yemen"],
            &["3", "XAF", "Rest of Africa"],
        ],
    );
    sheet("Sectors", &[&["Lfd_Nr", "Sector_names"], &["1", "Growing wheat"], &["2", "Growing maize"]]);
    sheet(
        "Value added and final demand",
        &[
            &["Lfd_Nr", "Value_added_names", "", "Final_demand_names"],
            &["1", "Compensation of employees D.1", "", "Household final consumption P.3h"],
            &["2", "Net operating surplus B.2n", "", "Changes in inventories P.52"],
        ],
    );
    sheet(
        "Satellites",
        &[
            &["Lfd_Nr", "Sat_head_indicator", "Sat_indicator", "Sat_unit"],
            &["1", "Material", "Alfalfa", "t"],
            &["2", "Emissions", "CO2", "kt"],
        ],
    );
    let path = folder.join("GLORIA_ReadMe_057.xlsx");
    book.save(&path).unwrap();
    path
}

#[test]
fn the_layout_of_gloria() {
    let regions = ["AFG", "DYE", "XAF"];
    let made = Made::without(
        pairs(&regions, &["Growing wheat", "Growing maize"]),
        pairs(&regions, &["Household final consumption P.3h", "Changes in inventories P.52"]),
        |(region, _)| region == "DYE",
    );
    let (n, m, sectors) = (made.n(), made.m(), 2);
    // industries and products of a region in turn
    let industry = |at: usize| at / sectors * 2 * sectors + at % sectors;
    let product = |at: usize| industry(at) + sectors;
    let csv = |rows: usize, width: usize, cells: &[(usize, usize, f64)]| -> String {
        let mut values = vec![0.0; rows * width];
        cells.iter().for_each(|(row, column, value)| values[row * width + column] = *value);
        values.chunks_exact(width).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(",") + "\n").collect()
    };
    let mut t: Vec<(usize, usize, f64)> = (0..n * n).map(|at| (product(at / n), industry(at % n), made.z[at])).collect();
    t.extend((0..n).map(|at| (industry(at), product(at), made.output[at])));
    let y: Vec<_> = (0..n * m).map(|at| (product(at / m), at % m, made.y[at])).collect();
    let v: Vec<_> = (0..n)
        .flat_map(|j| {
            let (row, wages) = (j / sectors * 2, made.added[j] / 4.0);
            [(row, industry(j), wages), (row + 1, industry(j), made.added[j] - wages)]
        })
        .collect();
    let tq: Vec<_> = (0..2 * n).map(|at| (at / n, industry(at % n), at as f64)).collect();
    let yq: Vec<_> = (0..2 * m).map(|at| (at / m, at % m, at as f64 / 4.0)).collect();
    let member =
        |part: &str, text: String| (format!("20230315_120secMother_AllCountries_002_{part}-Results_2019_057_Markup001(full).csv"), text);
    let tables = [
        member("T", csv(2 * n, 2 * n, &t)),
        member("Y", csv(2 * n, m, &y)),
        member("V", csv(3 * 2, 2 * n, &v)),
        // trade margins, of which nothing is taken
        ("20230315_120secMother_AllCountries_002_T-Results_2019_057_Markup002(full).csv".into(), "1,2\n".into()),
    ];
    let satellites = [member("TQ", csv(2, 2 * n, &tq)), member("YQ", csv(2, m, &yq))];
    let folder = folder();
    let files = [
        zipped(folder.path(), "GLORIA_MRIOs_57_2019.zip", &borrowed(&tables)),
        zipped(folder.path(), "GLORIA_SatelliteAccounts_057_2019.zip", &borrowed(&satellites)),
        gloria_read_me(folder.path()),
    ];
    let table = read(&files);
    made.check(&table, "gloria", 2019);
    made.check_primary(&table);
    let labels: Vec<&str> = table.primary.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["Compensation of employees D.1", "Net operating surplus B.2n"]);
    let zero = table.repairs.iter().find(|made| made.name == "zero-output").unwrap();
    assert_eq!(zero.labels, ["DYE Growing wheat", "DYE Growing maize"]);
    assert_eq!(table.extensions[0].stressors, [("Alfalfa".into(), "t".into()), ("CO2".into(), "kt".to_owned())]);
    assert_eq!(table.extensions[0].flows, (0..12).map(f64::from).collect::<Vec<_>>());
    assert_eq!(table.extensions[0].final_demand_flows.as_ref().unwrap()[3], 0.75);
    // the same in one folder
    made.check(&read(&[folder.path().to_owned()]), "gloria", 2019);
    // without the read-me the numbers do not say how many sectors there are
    let error = read_input_output(&files[..2], &InputOutputOptions::default()).unwrap_err();
    says(&error, Problem::Input, &["12 numbers", "read-me"]);
    // the rows of T break off
    let broken = [member("T", csv(2 * n, 2 * n, &t).lines().take(7).collect::<Vec<_>>().join("\n")), tables[1].clone()];
    let error = read_input_output(
        &[zipped(folder.path(), "GLORIA_MRIOs_57_2018.zip", &borrowed(&broken)), files[2].clone()],
        &InputOutputOptions::default(),
    );
    says(&error.unwrap_err(), Problem::Damaged, &["7 rows and 12 columns"]);
}

/// A plain table, in either form.
fn plain(made: &Made, one_label: bool) -> String {
    let columns = || made.industries.iter().chain(&made.final_demand);
    let mut text = if one_label {
        std::iter::once("region_sector".to_owned())
            .chain(columns().map(|(region, code)| format!("{region}_{code}")))
            .collect::<Vec<_>>()
            .join(",")
            + "\n"
    } else {
        format!("region,,{}\n", columns().map(|(region, _)| region.as_str()).collect::<Vec<_>>().join(","))
            + &format!(",sector,{}\n", columns().map(|(_, code)| code.as_str()).collect::<Vec<_>>().join(","))
    };
    for (i, (region, code)) in made.industries.iter().enumerate() {
        text += &line(&if one_label { format!("{region}_{code}") } else { format!("{region},{code}") }, &made.row(i), ',');
    }
    let added = [made.added.clone(), vec![0.0; made.m()]].concat();
    text + &line(if one_label { "value added" } else { ",value added" }, &added, ',')
}

#[test]
fn plain_tables_in_both_forms() {
    let made = Made::new(pairs(&["North", "South"], &["farms", "works"]), pairs(&["North", "South"], &["final demand", "exports"]));
    let folder = folder();
    for (one_label, edition) in [(true, "io-csv-label"), (false, "io-csv-two-labels")] {
        for (ending, separator) in [("csv", ","), ("tsv", "\t"), ("txt", ";")] {
            let text = plain(&made, one_label).replace(',', separator);
            let path = write(folder.path(), &format!("two regions 2020.{ending}"), text);
            let table = read(&[path]);
            made.check(&table, edition, 2020);
            made.check_primary(&table);
        }
    }
    // the year by option, and a unit
    let path = write(folder.path(), "regions.csv", plain(&made, true));
    let error = read_input_output(std::slice::from_ref(&path), &InputOutputOptions::default()).unwrap_err();
    says(&error, Problem::Options, &["--period"]);
    let options = InputOutputOptions { unit: Some("million marks".into()), ..of_year(1990) };
    let table = read_input_output(&[path], &options).unwrap();
    assert_eq!((table.period, table.unit.as_str()), (1990, "million marks"));
}

#[test]
fn an_edition_of_the_users_own() {
    let edition = r#"
name = "atlantis"
family = "atlantis"
title = "Table of Atlantis"
publisher = "Office of Atlantis"
unit = "orichalcum"
layout = "labelled-sheet"
repairs = ["zero-output", "discrepancy=drop"]
[detect]
have = ["*.Verbrauch"]
anchor = ["*.Ackerbau"]
[labels]
separator = "."
[regions]
O = "Ost"
[columns]
final_demand = ["Verbrauch", { label = "Ausfuhr", region = "Welt", category = "exports" }]
output = ["Summe"]
discrepancy = ["Rest"]
ignored = ["Bemerkung"]
[rows]
primary = [{ label = "Löhne", kind = "value-added" }]
output = ["Summe"]
ignored = ["Quelle*"]
[balance]
relative = 1e-6
absolute = 0.5
"#;
    let text = "Jahr 400;O.Ackerbau;W.Ackerbau;O.Verbrauch;W.Verbrauch;Ausfuhr;Rest;Summe;Bemerkung\n\
        O.Ackerbau;1;2;10;3;4;1;21;geschätzt\n\
        W.Ackerbau;3;4;5;20;8;0;40;\n\
        Löhne;17;34;0;0;0;0;;\n\
        Summe;21;40;;;;;;\n\
        Quelle: erfunden;;;;;;;;\n";
    let folder = folder();
    let schema = write(folder.path(), "atlantis.toml", edition);
    let file = write(folder.path(), "atlantis.csv", text);
    let options = InputOutputOptions { edition: Some(schema.display().to_string()), ..of_year(1960) };
    let table = read_input_output(std::slice::from_ref(&file), &options).unwrap();
    assert_eq!((table.edition.as_str(), table.system.as_str(), table.unit.as_str()), ("atlantis", "atlantis", "orichalcum"));
    assert_eq!(table.industries, pairs(&["Ost", "W"], &["Ackerbau"]));
    let expected = [("Ost", "Verbrauch"), ("W", "Verbrauch"), ("Welt", "exports")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(table.final_demand, expected);
    assert_eq!((table.z.as_slice(), table.y.as_slice()), ([1.0, 2.0, 3.0, 4.0].as_slice(), [10.0, 3.0, 4.0, 5.0, 20.0, 8.0].as_slice()));
    assert_eq!(table.output, [20.0, 40.0], "the rest was dropped");
    // not compiled in: without --edition the header is nobody's
    let error = read_input_output(&[file], &of_year(1960)).unwrap_err();
    says(&error, Problem::Input, &["no known edition", "--edition FILE.toml"]);
    // a schema file with a word too many says where
    let bad = write(folder.path(), "bad.toml", edition.replace("separator", "seperator"));
    let options = InputOutputOptions { edition: Some(bad.display().to_string()), ..of_year(1960) };
    let error = read_input_output(&[folder.path().join("atlantis.csv")], &options).unwrap_err();
    says(&error, Problem::Schema, &["bad.toml", "seperator"]);
}

#[test]
fn bad_text_is_refused_with_label_and_value() {
    let made = small_icio();
    let good = icio(&made, ICIO_2023);
    let default = InputOutputOptions::default();
    let lines: Vec<&str> = good.lines().collect();
    let with = |row: usize, change: &dyn Fn(&mut Vec<String>)| -> String {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let mut cells: Vec<String> = lines[row].split(',').map(str::to_owned).collect();
        change(&mut cells);
        lines[row] = cells.join(",");
        lines.join("\n")
    };
    let cell = |row: usize, column: usize, value: &str| with(row, &|cells| cells[column] = value.to_owned());
    let name = "ICIO2023_2019.csv";

    // text in a cell, and what only looks like numbers
    for value in ["n.a.", "1,5\"", "NaN", "inf", "1e999", "0x10", "--1", "1 000"] {
        let error = refused(name, cell(2, 7, &value.replace(',', ";")), &default);
        says(&error, Problem::Value, &["AUS_B", "FRA_C10T12", &value.replace(',', ";"), "line 3", "column `H`"]);
    }
    // an empty cell is zero: where that breaks a sum, it is found
    says(&refused(name, cell(2, 3, ""), &default), Problem::Value, &["balance", "AUS"]);
    // it does not balance: row, then column, then stated totals
    let error = refused(name, cell(1, 2, "777"), &default);
    says(&error, Problem::Value, &["does not balance", "`AUS A01_02`", "the table states"]);
    let difference = 777.0 - made.z[1];
    assert!(error.to_string().contains(&format!("{difference:e}")), "{error}");
    let va = lines.iter().position(|line| line.starts_with("VA,")).unwrap();
    says(&refused(name, cell(va, 6, "12345"), &default), Problem::Value, &["does not balance", "`FRA B`"]);
    says(&refused(name, cell(va + 1, 6, "12345"), &default), Problem::Value, &["does not balance", "`FRA B`", "12345"]);
    // tolerance lets it pass, and says so; one that is no share does not
    let folder = folder();
    let path = write(folder.path(), name, cell(1, 2, &(made.z[1] + 3.0).to_string()));
    let loose = InputOutputOptions { tolerance: Some(0.1), ..Default::default() };
    assert_eq!(read_input_output(std::slice::from_ref(&path), &loose).unwrap().balance.largest_row_difference, 3.0);
    let wrong = InputOutputOptions { tolerance: Some(2.0), ..Default::default() };
    says(&read_input_output(&[path], &wrong).unwrap_err(), Problem::Options, &["share"]);

    // labels: repeated and out of order, in columns and in rows; unknown ones
    says(&refused(name, cell(0, 3, "AUS_B"), &default), Problem::Duplicate, &["AUS_B", "twice", "column `D`"]);
    let hfce = 1 + made.n();
    says(&refused(name, cell(0, hfce + 1, "AUS_HFCE"), &default), Problem::Duplicate, &["AUS_HFCE", "twice"]);
    says(&refused(name, cell(3, 0, "AUS_B"), &default), Problem::Duplicate, &["AUS_B", "twice", "line 4"]);
    says(&refused(name, cell(2, 0, "FRA_B"), &default), Problem::Input, &["FRA_B", "out of order", "AUS_B", "line 3"]);
    says(&refused(name, cell(0, 3, "SURPRISE"), &default), Problem::Input, &["SURPRISE", "unknown", "column `D`"]);
    says(&refused(name, cell(va, 0, "GDP"), &default), Problem::Input, &["GDP", "unknown"]);
    says(&refused(name, cell(va - 1, 0, "VA"), &default), Problem::Duplicate, &["VA", "twice"]);
    says(&refused(name, cell(0, hfce + 1, "AUS_SOMETHING"), &default), Problem::Damaged, &["AUS_SOMETHING", "no row"]);

    // rows that end early, a table that does, no table at all
    says(&refused(name, with(4, &|cells| cells.truncate(9)), &default), Problem::Damaged, &["AUS_T", "8 numbers", "31"]);
    says(&refused(name, lines[..6].join("\n"), &default), Problem::Damaged, &["breaks off", "FRA_B"]);
    let half = &good[..good.len() / 2];
    assert_eq!(refused(name, half, &default).problem(), Problem::Damaged);
    for empty in ["", "\n", "a,b\n1,2\n"] {
        assert_eq!(refused(name, empty, &default).problem(), Problem::Input, "{empty:?}");
    }
    says(&refused(name, b"\xFF\xFEV\0", &default), Problem::Encoding, &["UTF-16"]);
    // options that name nothing
    let repair = |name: &str| InputOutputOptions { repair: vec![name.into()], ..Default::default() };
    says(&refused(name, &good, &repair("zero-outputs")), Problem::Unknown, &["zero-outputs", "zero-output"]);
    says(&refused(name, &good, &repair("discrepancy=away")), Problem::Options, &["away", "own-region"]);
    let edition = InputOutputOptions { edition: Some("icoi".into()), ..Default::default() };
    says(&refused(name, &good, &edition), Problem::Unknown, &["icoi", "icio"]);
    let edition = InputOutputOptions { edition: Some("figaro".into()), ..Default::default() };
    says(&refused(name, &good, &edition), Problem::Input, &["not that of edition", "figaro"]);
}

#[test]
fn repairs_are_switchable_and_their_masses_stated() {
    // an industry with inputs and no output, an inventory and a flow below zero
    let mut made = small_icio();
    let (n, m) = (made.n(), made.m());
    made.z[2 * n..3 * n].fill(0.0);
    made.y[2 * m..3 * m].fill(0.0);
    made.z[1] = -8.0;
    let (z, y) = (made.z.clone(), made.y.clone());
    made.output = (0..n).map(|i| z[i * n..(i + 1) * n].iter().sum::<f64>() + y[i * m..(i + 1) * m].iter().sum::<f64>()).collect();
    made.added = (0..n).map(|j| made.output[j] - (0..n).map(|i| z[i * n + j]).sum::<f64>()).collect();
    let folder = folder();
    let path = write(folder.path(), "2019_SML.csv", icio(&made, ICIO_2023));
    let with = |repair: &[&str], not: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let options = InputOutputOptions { repair: owned(repair), no_repair: owned(not), ..Default::default() };
        read_input_output(std::slice::from_ref(&path), &options).unwrap()
    };
    let as_published = with(&[], &["zero-output"]);
    assert!(as_published.repairs.is_empty() && as_published.z == z && as_published.y == y);
    let table = with(&[], &[]);
    let record = &table.repairs[0];
    let inputs: f64 = (0..n).map(|i| z[i * n + 2]).sum();
    assert_eq!(
        (record.name.as_str(), record.count, record.mass, record.labels.as_slice()),
        ("zero-output", 1, inputs, ["AUS C10T12".to_owned()].as_slice())
    );
    assert!((0..n).all(|i| table.z[i * n + 2] == 0.0));
    assert!(table.told().iter().any(|line| line.contains("repair zero-output") && line.contains("--no-repair zero-output")));
    let table = with(&["negative-flows", "negative-final-demand"], &["zero-output"]);
    let below: f64 = y.iter().filter(|value| **value < 0.0).sum();
    let masses: Vec<(&str, f64)> = table.repairs.iter().map(|made| (made.name.as_str(), made.mass)).collect();
    assert_eq!(masses, [("negative-flows", -8.0), ("negative-final-demand", below)]);
    assert!(table.z.iter().chain(&table.y).all(|value| *value >= 0.0));
    let sum: f64 = table.z.iter().chain(&table.y).sum();
    assert!((table.output.iter().sum::<f64>() - sum).abs() < 1e-9);
    let options = InputOutputOptions { repair: vec!["rounding".into()], no_repair: vec!["rounding".into()], ..Default::default() };
    says(&read_input_output(std::slice::from_ref(&path), &options).unwrap_err(), Problem::Options, &["rounding", "both"]);
}

/// Codes of digits and points are labels, and a header that holds nothing else is recognised by them.
#[test]
fn codes_that_look_like_numbers_are_labels() {
    let edition = "name = \"digits\"\nfamily = \"digits\"\ntitle = \"T\"\npublisher = \"P\"\nunit = \"u\"\nlayout = \"labelled-sheet\"\n\
        [detect]\nhave = [\"01.1\"]\nanchor = [\"01.1\"]\n[labels]\nregion = \"X\"\n[columns]\nfinal_demand = [\"99\"]\n";
    let folder = folder();
    let schema = write(folder.path(), "digits.toml", edition);
    let file = write(folder.path(), "digits.csv", ",01.1,01.2,99\n01.1,1,2,3\n01.2,4,5,6\n");
    let options = InputOutputOptions { edition: Some(schema.display().to_string()), ..of_year(2000) };
    let table = read_input_output(&[file], &options).unwrap();
    assert_eq!(table.industries, pairs(&["X"], &["01.1", "01.2"]));
    assert_eq!((table.final_demand, table.output), (pairs(&["X"], &["99"]), vec![6.0, 15.0]));
}

/// Written in every way programs write them, numbers are the nearest doubles: what the standard library reads.
#[test]
fn numbers_are_read_exactly() {
    let n = 150;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let labels: Vec<String> = (0..n).map(|i| format!("R_{i}")).collect();
    let mut text = format!("region_sector,{},R_final\n", labels.join(","));
    let mut expected = Vec::new();
    for label in &labels {
        text += label;
        for _ in 0..n {
            let (bits, way) = (next(), next() % 9);
            let unit = (bits >> 11) as f64 / (1_u64 << 53) as f64;
            let size = 10_f64.powi((next() % 30) as i32 - 15);
            let cell = match way {
                0 => format!("{}", unit * size),
                1 => format!("{:e}", unit * size),
                2 => format!("{:.8}", unit * 1e4),
                3 => format!("{:.25}", unit * 1e-9),
                4 => format!("{}", bits >> (next() % 60)),
                5 => format!("-{:.1$}", unit * 1e6, (next() % 18) as usize),
                6 => format!("{:.17E}", unit * size),
                7 => format!("000{}.5e-3", bits >> 20),
                _ => format!("0.{:030}", bits),
            };
            expected.push(cell.parse::<f64>().unwrap());
            text += &format!(",{cell}");
        }
        text += ",1\n";
    }
    let folder = folder();
    let options = InputOutputOptions { no_repair: vec!["zero-output".into()], ..of_year(2000) };
    let table = read_input_output(&[write(folder.path(), "numbers.csv", text)], &options).unwrap();
    assert_eq!(table.z.len(), expected.len());
    for (found, expected) in table.z.iter().zip(&expected) {
        assert_eq!(found.to_bits(), expected.to_bits(), "{found:e} instead of {expected:e}");
    }
}

#[test]
fn a_year_in_a_name_chooses_only_where_it_says_the_year() {
    // the name holds first and last year, and the year asked for is given by the user
    let made = small_icio();
    let folder = folder();
    let path = write(folder.path(), "tables_1995to2018.csv", icio(&made, ICIO_2023));
    made.check(&read_input_output(&[path], &of_year(1995)).unwrap(), "icio", 1995);
}
