//! Draws a dossier that was saved as JSON (`xinzhi dossier PLACE --format json`) in every format, without computing it again:
//! `cargo run -p xinzhi-report --example draw -- dossier.json FOLDER`.

use frame::Language;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: draw DOSSIER.json FOLDER".into());
    };
    let dossier: strategy::Dossier = serde_json::from_str(&fs::read_to_string(file)?)?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for (name, language) in [("en", Language::En), ("zh", Language::Zh)] {
        fs::write(folder.join(format!("{name}.html")), xinzhi_report::html(&dossier, language))?;
        fs::write(folder.join(format!("{name}.md")), xinzhi_report::markdown(&dossier, language))?;
        fs::write(folder.join(format!("{name}.xlsx")), xinzhi_report::workbook(&dossier, language)?)?;
        fs::write(folder.join(format!("{name}.txt")), xinzhi_report::summary_for_terminal(&dossier, language, 90))?;
    }
    fs::write(folder.join("dossier.json"), xinzhi_report::json(&dossier))?;
    Ok(())
}
