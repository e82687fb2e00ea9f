//! Texts of every kind, whole and broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{Cursor, Write};
use xinzhi_store::{TextOptions, TextReading, read_text_file, text_folder};

fn read(name: &str, bytes: &[u8]) -> TextReading {
    read_text_file(name, bytes, &TextOptions::default())
}

fn paragraphs(name: &str, bytes: &[u8]) -> Vec<String> {
    let read = read(name, bytes);
    assert_eq!(read.refused, [], "{name}");
    read.documents.into_iter().next().unwrap().paragraphs
}

fn reason(name: &str, bytes: &[u8]) -> String {
    let read = read(name, bytes);
    assert!(read.documents.is_empty(), "{:?}", read.documents);
    read.refused[0].reason.clone()
}

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx(body: &str) -> Vec<u8> {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:mc=\"m\"><w:body>{body}</w:body></w:document>"
    );
    let notes = "<w:footnotes xmlns:w=\"x\"><w:footnote><w:p><w:r><w:t>注：脚注</w:t></w:r></w:p></w:footnote></w:footnotes>";
    zip_of(&[("word/document.xml", document.as_bytes()), ("word/footnotes.xml", notes.as_bytes())])
}

/// A made-up PDF of one page with a content stream and the font's dictionary entries.
fn pdf(content: &[u8], font: &str, more: &[String], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned().into_bytes(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned().into_bytes(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_vec(),
        [format!("<< /Length {} >>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat(),
        format!("<< /Type /Font {font} >>").into_bytes(),
    ];
    objects.extend(more.iter().map(|object| object.clone().into_bytes()));
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", at + 1).as_bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").as_bytes());
    }
    out.extend(format!("trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).as_bytes());
    out
}

const LATIN: &str = "/Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding";

#[test]
fn a_word_document_with_tables_notes_and_tracked_changes() {
    let body = "<w:p><w:r><w:t>加快发展</w:t></w:r><w:r><w:t>新质</w:t></w:r><w:r><w:t xml:space=\"preserve\">生产力 &amp; AI</w:t></w:r></w:p>\
        <w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:t>低空经济</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
        <w:p><w:del><w:r><w:delText>删去</w:delText></w:r></w:del><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r></w:p>\
        <w:p><w:r><mc:AlternateContent><mc:Choice><w:t>一次</w:t></mc:Choice><mc:Fallback><w:t>一次</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>";
    assert_eq!(paragraphs("a.docx", &docx(body)), ["加快发展新质生产力 & AI", "低空经济", "a b", "一次", "注：脚注"]);
}

#[test]
fn broken_word_documents_are_refused_with_a_reason() {
    let whole = docx("<w:p><w:r><w:t>text</w:t></w:r></w:p>");
    assert!(reason("a.docx", &whole[..whole.len() / 2]).contains("truncated"));
    assert!(reason("a.docx", &zip_of(&[("x", b"")])).contains("word/document.xml"));
    assert!(reason("a.docx", &zip_of(&[("word/document.xml", b"<w:document><w:p>")])).contains("breaks off"));
    assert!(reason("a.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1").contains("without a password"));
}

#[test]
fn what_unpacks_without_end_is_refused() {
    let bomb = docx(&format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "0".repeat(3 << 20)));
    assert!(bomb.len() < 50_000);
    let options = TextOptions { largest_document: 1 << 20, ..TextOptions::default() };
    assert!(read_text_file("a.docx", &bomb, &options).refused[0].reason.contains("1048576 bytes"));
    let packed = zip_of(&[("a.txt", &[b'x'; 3 << 20]), ("b.txt", "第二".as_bytes())]);
    let read = read_text_file("z.zip", &packed, &options);
    assert_eq!((read.refused[0].name.as_str(), read.documents[0].name.as_str()), ("z.zip/a.txt", "z.zip/b.txt"));
    // the archive as a whole
    let options = TextOptions { largest_archive: 8, ..TextOptions::default() };
    let read = read_text_file("z.zip", &zip_of(&[("a.txt", b"12345"), ("b.txt", b"12345")]), &options);
    assert_eq!((read.documents.len(), read.refused.len()), (1, 1));
}

#[test]
fn a_pdf_gives_its_text_layer() {
    let content = b"BT /F1 12 Tf 72 700 Td (The new quality productive forces of a large) Tj 0 -14 Td [(modern) -300 (economy)] TJ 0 -40 Td (End.) Tj ET";
    let found = paragraphs("2024-03-05.pdf", &pdf(content, LATIN, &[], ""));
    assert_eq!(found, ["The new quality productive forces of a large modern economy", "End."]);
}

#[test]
fn a_pdf_with_chinese_by_its_map_to_unicode_and_by_gbk() {
    let map = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /X def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n3 beginbfchar\n<0001> <65B0>\n<0002> <8D28>\n<0003> <751F>\nendbfchar\nendcmap\nend\nend";
    let stream = format!("<< /Length {} >>\nstream\n{map}\nendstream", map.len());
    let font = "/Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /ToUnicode 6 0 R";
    assert_eq!(paragraphs("a.pdf", &pdf(b"BT /F1 12 Tf <000100020003> Tj ET", font, &[stream], "")), ["新质生"]);
    let ranges = "1 beginbfrange <01> <03> <65B0> endbfrange 1 beginbfrange <05> <06> [<8D28> <751F4EA7>] endbfrange";
    let stream = format!("<< /Length {} >>\nstream\n{ranges}\nendstream", ranges.len());
    let one_byte = "/Subtype /TrueType /BaseFont /Song /Encoding /WinAnsiEncoding /ToUnicode 6 0 R";
    assert_eq!(paragraphs("a.pdf", &pdf(b"BT /F1 12 Tf <01020506> Tj ET", one_byte, &[stream], "")), ["新\u{65b1}质生产"]);
    // radicals in place of characters, and letters set one by one with a gap that is a space and one that is none
    let radicals = "1 beginbfchar <0001> <8FDB> <0002> <2F1D> <0003> <2ED4> endbfchar";
    let stream = format!("<< /Length {} >>\nstream\n{radicals}\nendstream", radicals.len());
    assert_eq!(paragraphs("a.pdf", &pdf(b"BT /F1 12 Tf <000100020003> Tj ET", font, &[stream], "")), ["进口门"]);
    let widths = "/Subtype /TrueType /BaseFont /X /Encoding /WinAnsiEncoding /FirstChar 97 /Widths [500 500 500]";
    let letters = b"BT /F1 10 Tf 1 0 0 1 50 700 Tm (a) Tj 5 0 Td (\\142) Tj 9 0 Td (c) Tj ET BT /F1 10 Tf 1 0 0 1 69 700 Tm (a\\(b) Tj ET";
    assert_eq!(paragraphs("a.pdf", &pdf(letters, widths, &[], "")), ["ab ca(b"]);
    let gbk = "/Subtype /Type0 /BaseFont /Song /Encoding /GBK-EUC-H";
    assert_eq!(paragraphs("a.pdf", &pdf(b"BT /F1 12 Tf <D0C2D6CA> Tj ET", gbk, &[], "")), ["新质"]);
}

#[test]
fn pdfs_without_readable_text_say_why() {
    assert!(reason("scan.pdf", &pdf(b"q 100 0 0 100 0 0 cm Q", LATIN, &[], "")).contains("scan"));
    let mute = "/Subtype /Type0 /BaseFont /Song /Encoding /Identity-H";
    let why = reason("a.pdf", &pdf(b"BT /F1 12 Tf <00010002> Tj ET", mute, &[], ""));
    assert!(why.contains("fonts"), "{why}");
    let locked = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <0000000000000000000000000000000000000000000000000000000000000000> /U <1111111111111111111111111111111111111111111111111111111111111111> >> /ID [<00> <00>]";
    let why = reason("locked.pdf", &pdf(b"BT /F1 12 Tf (x) Tj ET", LATIN, &[], locked));
    assert!(why.contains("password"), "{why}");
    assert!(reason("a.pdf", b"%PDF-1.4\ngarbage").contains("no readable PDF"));
    let whole = pdf(b"BT /F1 12 Tf (some text here) Tj ET", LATIN, &[], "");
    // none of these may panic
    for cut in (0..whole.len()).step_by(7) {
        let _ = read("a.pdf", &whole[..cut]);
        let mut bent = whole.clone();
        bent[cut] ^= 0x15;
        let _ = read("a.pdf", &bent);
    }
}

#[test]
fn json_lines_by_usual_and_by_asked_names() {
    let lines = "{\"title\":\"2024年报告\",\"content\":\"第一段。\\n第二段。\",\"year\":\"2024\"}\n\n{\"title\":\"b\",\"content\":\"x\",\"year\":null}\nnot json\n{\"x\":1}\n";
    let found = read("r.jsonl", lines.as_bytes());
    let seen: Vec<_> = found.documents.iter().map(|d| (d.name.as_str(), d.date.as_deref(), d.paragraphs.len())).collect();
    assert_eq!(seen, [("r.jsonl#1", Some("2024"), 2), ("r.jsonl#3", None, 1)]);
    assert_eq!(found.refused.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["r.jsonl#4", "r.jsonl#5"]);
    assert!(found.refused[1].reason.contains("--text-field"), "{}", found.refused[1].reason);
    let options = TextOptions { text_field: Some("t".into()), date_field: Some("d".into()), ..TextOptions::default() };
    let asked = read_text_file("r.jsonl", b"{\"t\":\"text\",\"d\":20240305,\"date\":\"1999\"}", &options);
    assert_eq!(asked.documents[0].date.as_deref(), Some("2024-03-05"));
}

#[test]
fn a_folder_with_everything() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("报告/2025年上海市政府工作报告.txt", "新质生产力".as_bytes());
    write("报告/b.md", b"# T\ntext");
    write("a.HTML", b"<p>x</p>");
    write(".hidden.txt", b"x");
    write("~$open.docx", b"x");
    write("picture.png", b"x");
    write("dates.csv", "file,date\na.HTML,2020年1月2日\n".as_bytes());
    let archive = zip_of(&[("31省/2025年湖南.docx", &docx("<w:p><w:r><w:t>湖南</w:t></w:r></w:p>")), ("31省/x.bin", b"")]);
    write("z.zip", &archive);
    let found = text_folder(folder.path(), &TextOptions::default()).unwrap();
    let names: Vec<&str> = found.files.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["a.HTML", "z.zip", "报告/2025年上海市政府工作报告.txt", "报告/b.md"]);
    assert_eq!((found.others.as_slice(), found.dates["a.HTML"].as_str()), (["picture.png".to_owned()].as_slice(), "2020-01-02"));
    let inside = read("z.zip", &archive);
    let one = &inside.documents[0];
    assert_eq!((one.name.as_str(), one.title.as_str(), one.date.as_deref()), ("z.zip/31省/2025年湖南.docx", "2025年湖南", Some("2025")));
    assert_eq!(inside.refused[0].name, "z.zip/31省/x.bin");
    let without = text_folder(folder.path(), &TextOptions { exclude: vec!["报告".into()], ..TextOptions::default() }).unwrap();
    assert_eq!(without.files.len(), 2);
    assert!(text_folder(folder.path().join("absent"), &TextOptions::default()).is_err());
    write("dates.csv", b"file,date\na,soon\n");
    assert!(text_folder(folder.path(), &TextOptions::default()).unwrap_err().to_string().contains("soon"));
}

#[test]
fn empty_and_unreadable_texts_are_refused() {
    assert!(reason("a.txt", b"").contains("no text"));
    assert!(reason("a.txt", b" \n\t").contains("no text"));
    assert!(reason("a.txt", b"C\xF4te d'Ivoire M\xE9xico").contains("UTF-8"));
    assert!(reason("a.zip", b"PK\x03\x04").contains("zip"));
    assert!(reason("a.zip", &zip_of(&[("b.zip", b"x")])).contains("inside a zip"));
    assert!(reason("a.jsonl", b"\n").contains("no text"));
    let huge = "发展".repeat(2_000_000);
    assert_eq!(paragraphs("a.txt", huge.as_bytes())[0].len(), huge.len());
}
