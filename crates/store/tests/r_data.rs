//! R files: every form of the format, and what is hostile in it. Files of real tables are read where `XINZHI_SHARED_DATA` names a folder of them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::io::Write;
use std::path::Path;
use xinzhi_store::{Problem, RObject, RValue, StoreError, read_r_data};

/// Writes the XDR form by hand, so that the reader is not tested against a writer of its own.
#[derive(Default)]
struct Stream(Vec<u8>);

impl Stream {
    fn saved(version: i32) -> Self {
        let mut stream = Stream(format!("RDX{version}\nX\n").into_bytes());
        stream.integers(&[version, 0x0004_0201, 0x0002_0300]);
        if version == 3 {
            stream.integers(&[5]).bytes(b"UTF-8");
        }
        stream
    }

    fn integers(&mut self, values: &[i32]) -> &mut Self {
        values.iter().for_each(|value| self.0.extend_from_slice(&value.to_be_bytes()));
        self
    }

    fn numbers(&mut self, values: &[f64]) -> &mut Self {
        values.iter().for_each(|value| self.0.extend_from_slice(&value.to_be_bytes()));
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A string of text marked as UTF-8.
    fn text(&mut self, text: &str) -> &mut Self {
        self.integers(&[0x0000_8009, text.len() as i32]).bytes(text.as_bytes())
    }

    fn texts(&mut self, texts: &[&str]) -> &mut Self {
        self.integers(&[16, texts.len() as i32]);
        texts.iter().for_each(|text| _ = self.text(text));
        self
    }

    /// A pair with a new symbol as its tag.
    fn tag(&mut self, name: &str) -> &mut Self {
        self.integers(&[0x402, 1]).text(name)
    }

    fn end(&mut self) -> &mut Self {
        self.integers(&[254])
    }

    fn read(&self) -> Result<Vec<(String, RObject)>, StoreError> {
        read(&self.0)
    }
}

fn read(bytes: &[u8]) -> Result<Vec<(String, RObject)>, StoreError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_r_data(file.path())
}

/// `save(table)` of a data frame of a factor, numbers with a missing one, and whole numbers.
fn frame(version: i32) -> Stream {
    let mut stream = Stream::saved(version);
    stream.tag("table").integers(&[0x313, 3]);
    stream.integers(&[0x30d, 3, 2, 1, i32::MIN]).tag("levels").texts(&["农业", "工业"]).tag("class").texts(&["factor"]).end();
    stream.integers(&[14, 3]).numbers(&[1.5, f64::NAN, -2.0]);
    stream.integers(&[13, 3, 7, i32::MIN, 9]);
    stream.tag("names").texts(&["sector", "01", "02"]);
    stream.integers(&[0x402, (4 << 8) | 255]).integers(&[13, 2, i32::MIN, -3]);
    stream.0.truncate(stream.0.len() - 4 * 6);
    stream.tag("row.names").integers(&[13, 2, i32::MIN, -3]).tag("class").texts(&["data.frame"]).end();
    stream.end();
    stream
}

#[test]
fn a_data_frame_of_both_versions() {
    for version in [2, 3] {
        let objects = frame(version).read().unwrap();
        let (name, table) = &objects[0];
        assert!(name == "table" && table.is("data.frame") && table.len() == 3);
        assert_eq!(table.names().unwrap(), ["sector", "01", "02"]);
        assert_eq!(table.row_names().unwrap(), ["1", "2", "3"]);
        let sector = table.element("sector").unwrap();
        assert_eq!(sector.texts().unwrap(), ["工业", "农业", ""]);
        assert_eq!(sector.numbers(), None, "the codes of a factor are no numbers");
        let numbers = table.element("01").unwrap().numbers().unwrap();
        assert!(numbers[0] == 1.5 && numbers[1].is_nan() && numbers[2] == -2.0);
        assert!(table.element("02").unwrap().numbers().unwrap()[1].is_nan());
        assert!(table.element("03").is_none());
    }
}

#[test]
fn every_packing_holds_the_same() {
    let plain = frame(3).0;
    let expected = format!("{:?}", read(&plain).unwrap());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&plain).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip.write_all(&plain).unwrap();
    let bzip = bzip.finish().unwrap();
    // saveRDS(c(3L, 5L), version = 2) packed by xz 5.4
    let xz = include_bytes!("data/two_integers.rds.xz");
    assert_eq!(read(xz).unwrap()[0].1.numbers().unwrap(), [3.0, 5.0]);
    for packed in [gzip.as_slice(), bzip.as_slice()] {
        assert_eq!(format!("{:?}", read(packed).unwrap()), expected);
    }
    for (packed, name) in [(gzip.as_slice(), "gzip"), (bzip.as_slice(), "bzip2"), (plain.as_slice(), "no packing"), (xz.as_slice(), "xz")] {
        for length in 0..packed.len() {
            let error = read(&packed[..length]).unwrap_err();
            assert_eq!(error.problem(), Problem::Input, "{name}, {length} bytes: {error}");
        }
        // a byte turned over is found by the check sum, or leads to damage; it never gives the same answer unnoticed
        for at in (10..packed.len()).step_by(3).filter(|_| name != "no packing") {
            let mut damaged = packed.to_vec();
            damaged[at] ^= 0x40;
            if let Ok(found) = read(&damaged) {
                assert!(name == "gzip" || format!("{found:?}") == expected || name == "xz", "{name}: byte {at} changed unnoticed");
            }
        }
    }
}

#[test]
fn matrices_and_nested_lists() {
    let mut stream = Stream::saved(2);
    // list(m = matrix(1:6, 2), inner = list("x")), where m has dimnames list(NULL, c("a", "b", "c"))
    stream.tag("wiot").integers(&[0x213, 2]);
    stream.integers(&[0x20d, 6, 1, 2, 3, 4, 5, 6]).tag("dim").integers(&[13, 2, 2, 3]);
    stream.tag("dimnames").integers(&[19, 2, 254]).texts(&["a", "b", "c"]).end();
    stream.integers(&[19, 1]).texts(&["x"]);
    stream.tag("names").texts(&["m", "inner"]).end();
    stream.end();
    let objects = stream.read().unwrap();
    let matrix = objects[0].1.element("m").unwrap();
    assert_eq!(matrix.shape(), Some((2, 3)));
    assert_eq!((matrix.dimension_names(0), matrix.dimension_names(1).unwrap()), (None, vec!["a".into(), "b".into(), "c".into()]));
    let RValue::List(inner) = &objects[0].1.element("inner").unwrap().value else { panic!() };
    assert_eq!(inner[0].texts().unwrap(), ["x"]);
}

/// The head of a compact vector: class symbol, package symbol, type.
fn compact(stream: &mut Stream, class: &str) {
    stream.integers(&[238, 2, 1]).text(class).integers(&[2, 1]).text("base").integers(&[2, 13, 1, 13]).end();
}

#[test]
fn compact_forms_of_version_3() {
    let mut stream = Stream::saved(3);
    stream.tag("a");
    compact(&mut stream, "compact_intseq");
    stream.integers(&[14, 3]).numbers(&[4.0, 11.0, -1.0]).end();
    stream.tag("b");
    compact(&mut stream, "compact_realseq");
    stream.integers(&[14, 3]).numbers(&[2.0, 0.5, 1.0]).end();
    stream.tag("c");
    compact(&mut stream, "deferred_string");
    // a pair whose second half is a number
    stream.integers(&[2]).integers(&[13, 2, 7, i32::MIN]).integers(&[13, 1, 0]).end();
    stream.tag("d");
    compact(&mut stream, "wrap_real");
    stream.integers(&[19, 2, 14, 1]).numbers(&[6.25]).integers(&[13, 2, 0, 0]);
    stream.integers(&[0x402, 1]).text("names").texts(&["only"]).end();
    stream.end();
    let objects = stream.read().unwrap();
    assert_eq!(objects[0].1.numbers().unwrap(), [11.0, 10.0, 9.0, 8.0]);
    assert_eq!(objects[1].1.numbers().unwrap(), [0.5, 1.5]);
    assert_eq!(objects[2].1.texts().unwrap(), ["7", ""]);
    assert_eq!((objects[3].1.numbers().unwrap(), objects[3].1.names().unwrap()), (vec![6.25], vec!["only".to_owned()]));
    let mut endless = Stream::saved(3);
    endless.tag("a");
    compact(&mut endless, "compact_intseq");
    endless.integers(&[14, 3]).numbers(&[2e9, 1.0, 1.0]).end().end();
    assert!(endless.read().unwrap_err().to_string().contains("more than 2 GiB"));
}

#[test]
fn functions_and_environments_are_passed_over() {
    let mut stream = Stream::saved(2);
    // an environment, referred to again; then numbers
    stream.tag("e").integers(&[4, 0, 253, 254, 254, 254]);
    stream.tag("again").integers(&[(2 << 8) | 255]);
    stream.tag("f").integers(&[0x403, 253, 254, 6, 1]).text("sum").integers(&[254]);
    stream.tag("n").integers(&[14, 1]).numbers(&[8.0]).end();
    let objects = stream.read().unwrap();
    let names: Vec<&str> = objects.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["e", "again", "f", "n"]);
    assert!(matches!(objects[1].1.value, RValue::Other("an environment")) && matches!(objects[2].1.value, RValue::Other(_)));
    assert_eq!(objects[3].1.numbers().unwrap(), [8.0]);
}

#[test]
fn hostile_files_are_refused_without_a_large_allocation() {
    let one = |fill: &dyn Fn(&mut Stream)| {
        let mut stream = Stream::saved(2);
        stream.tag("x");
        fill(&mut stream);
        stream.read().unwrap_err()
    };
    let cases: [(StoreError, &str); 11] = [
        (one(&|stream| _ = stream.integers(&[14, i32::MAX])), "more than 2 GiB"),
        (one(&|stream| _ = stream.integers(&[14, 1 << 27])), "breaks off"),
        (one(&|stream| _ = stream.integers(&[14, -1, 1 << 20, 0])), "more than 2 GiB"),
        (one(&|stream| _ = stream.integers(&[14, -7])), "length -7"),
        (one(&|stream| _ = stream.integers(&[16, 1 << 25])), "breaks off"),
        (one(&|stream| _ = stream.integers(&[19, 1 << 24])), "breaks off"),
        (one(&|stream| _ = stream.integers(&[16, 1, 9, -5])), "a text of -5 bytes"),
        (one(&|stream| (0..100_000).for_each(|_| _ = stream.integers(&[19, 1]))), "nested deeper"),
        (one(&|stream| _ = stream.integers(&[(9 << 8) | 255])), "refers to item 9"),
        (one(&|stream| _ = stream.integers(&[77])), "unknown type 77"),
        (one(&|stream| _ = stream.integers(&[21, 1])), "compiled code"),
    ];
    for (error, expected) in cases {
        assert!(error.to_string().contains(expected) && error.problem() == Problem::Input, "{error} lacks {expected}");
    }
    for (bytes, expected) in [
        (b"PK\x03\x04".as_slice(), "no R file"),
        (b"", "no R file"),
        (b"RDA3\nA\n3\n", "text or the native format"),
        (b"A\n2\n", "text or the native format"),
        (b"X\n\0\0\0\x04\0\0\0\0\0\0\0\0", "format version 4"),
    ] {
        let error = read(bytes).unwrap_err();
        assert!(error.to_string().contains(expected), "{error} lacks {expected}");
    }
    // a false mark: read by its bytes
    let mut wrong_text = Stream::saved(2);
    wrong_text.tag("x").integers(&[16, 1, 0x8009, 4]).bytes(b"caf\xe9").end();
    assert_eq!(wrong_text.read().unwrap()[0].1.texts().unwrap(), ["café"]);
    let mut latin = Stream::saved(2);
    latin.tag("x").integers(&[16, 1, 0x4009, 1]).bytes(&[0xe9]).end();
    assert_eq!(latin.read().unwrap()[0].1.texts().unwrap(), ["é"]);
    // text of which version 2 says nothing: Chinese, Western
    let mut unmarked = Stream::saved(2);
    unmarked.tag("x").integers(&[16, 2, 9, 6]).bytes(b"A1\xb9\xa4\xd2\xb5").integers(&[9, 5]).bytes(b"caf\xe9s").end();
    assert_eq!(unmarked.read().unwrap()[0].1.texts().unwrap(), ["A1工业", "cafés"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Bytes changed anywhere in an unpacked file never bring the reader down.
    #[test]
    fn changed_bytes_are_read_or_refused(changes in proptest::collection::vec((0usize..400, 0u8..=255), 1..6)) {
        let mut bytes = frame(3).0;
        for (at, value) in changes {
            let at = 14 + at % (bytes.len() - 14);
            bytes[at] = value;
        }
        if let Ok(objects) = read(&bytes) {
            for (_, object) in &objects {
                let _ = (object.names(), object.row_names(), object.shape(), object.numbers(), object.texts());
            }
        }
    }
}

/// The list that an R package has for a year of WIOD 2013: one country, 35 industries, whole millions (made-up).
#[test]
fn a_list_of_wiod_2013_is_a_table() {
    let n = 35;
    let inter: Vec<i32> = (0..n * n).map(|at| (at * 7 + 3) % 11).collect();
    let last: Vec<i32> = (0..n * 5).map(|at| if at / n == 4 { -2 } else { at % 17 }).collect();
    let output: Vec<i32> = (0..n)
        .map(|i| (0..n).map(|j| inter[(j * n + i) as usize]).sum::<i32>() + (0..5).map(|k| last[(k * n + i) as usize]).sum::<i32>() + i % 3)
        .collect();
    let mut stream = Stream::saved(2);
    let industries: Vec<String> = (1..=n).map(|at| format!("c{at}")).collect();
    let industries: Vec<&str> = industries.iter().map(String::as_str).collect();
    stream.tag("wiot_1999").integers(&[0x213, 6, 13, 1, 1999]).texts(&["ROM"]).texts(&industries);
    stream.integers(&[0x20d, n * 5]).integers(&last).tag("dim").integers(&[13, 2, n, 5]).end();
    stream.integers(&[13, n]).integers(&output);
    stream.integers(&[0x20d, n * n]).integers(&inter).tag("dim").integers(&[13, 2, n, n]).end();
    stream.tag("names").texts(&["year", "countries", "industries", "final", "output", "inter"]).end().end();
    let file = tempfile::Builder::new().suffix(".RData").tempfile().unwrap();
    std::fs::write(file.path(), &stream.0).unwrap();
    let table = xinzhi_store::read_input_output(&[file.path().to_owned()], &Default::default()).unwrap();
    assert_eq!((table.edition.as_str(), table.period, table.industries.len()), ("wiod-2013-r", 1999, 35));
    assert_eq!((table.industries[1].clone(), table.final_demand[4].clone()), (("ROU".into(), "c2".into()), ("ROU".into(), "c42".into())));
    // R has matrices column by column
    assert!((0..35).all(|i| (0..35).all(|j| table.z[i * 35 + j] == f64::from(inter[j * 35 + i]))));
    assert_eq!(table.output, output.iter().map(|value| f64::from(*value)).collect::<Vec<_>>());
    assert_eq!(table.balance.largest_row_difference, 2.0);
}

fn real_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            real_files(&path, found);
        } else if path.extension().is_some_and(|ending| ["rda", "rdata", "rds"].contains(&ending.to_string_lossy().to_lowercase().as_str()))
        {
            found.push(path);
        }
    }
}

#[test]
fn every_real_file_is_read() {
    let Some(folder) = std::env::var_os("XINZHI_SHARED_DATA") else {
        eprintln!("not run: XINZHI_SHARED_DATA names no folder of real files");
        return;
    };
    let mut files = Vec::new();
    real_files(Path::new(&folder), &mut files);
    files.sort();
    assert!(!files.is_empty());
    let (mut objects, mut values) = (0, 0);
    fn count(object: &RObject) -> usize {
        match &object.value {
            RValue::List(inner) => inner.iter().map(count).sum(),
            _ => object.len(),
        }
    }
    for file in &files {
        let read = read_r_data(file).unwrap();
        objects += read.len();
        values += read.iter().map(|(_, object)| count(object)).sum::<usize>();
    }
    eprintln!("{} files, {objects} objects, {values} values", files.len());
}
