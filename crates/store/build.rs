//! Compiles the default workspace in: the manifest and every file it lists.
//!
//! Without a manifest an empty workspace is compiled in; a file that the manifest lists and the folder lacks stops the build.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../data/default");
    println!("cargo::rerun-if-changed={}", folder.display());
    let manifest_path = folder.join("xinzhi.toml");
    let manifest = match std::fs::read_to_string(&manifest_path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "[workspace]\nname = \"empty\"\nformat = 1\n".to_owned(),
        Err(error) => return Err(format!("{}: {error}", manifest_path.display()).into()),
    };
    let parsed: toml::Table = manifest.parse()?;
    let mut source = format!("pub(crate) const MANIFEST: &str = {manifest:?};\npub(crate) const FILES: &[(&str, &[u8])] = &[\n");
    for table in parsed.get("table").and_then(toml::Value::as_array).into_iter().flatten() {
        let file = table.get("file").and_then(toml::Value::as_str).ok_or("xinzhi.toml: a [[table]] has no `file`")?;
        let path = folder.join(file);
        if !path.is_file() {
            return Err(format!("{} lists {file}, which is not in its folder: run data/build/build.py", manifest_path.display()).into());
        }
        let path = path.canonicalize()?;
        writeln!(source, "    ({file:?}, include_bytes!({path:?})),")?;
    }
    source.push_str("];\n");
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("embedded.rs"), source)?;
    Ok(())
}
