//! Compiles the default workspace in: the manifest and every file it lists, and the policy registry, whose tables are text.
//!
//! Without a manifest an empty workspace is compiled in; a file that the manifest lists and the folder lacks stops the build, and so
//! does everything that is wrong with the registry, with file and line.

use policy::{PolicyError, Registry, RegistryTable, RegistryText};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../data");
    let folder = data.join("default");
    println!("cargo::rerun-if-changed={}", folder.display());
    let manifest_path = folder.join("xinzhi.toml");
    let mut manifest = match std::fs::read_to_string(&manifest_path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "[workspace]\nname = \"empty\"\nformat = 1\n".to_owned(),
        Err(error) => return Err(format!("{}: {error}", manifest_path.display()).into()),
    };
    let mut files = String::new();
    let parsed: toml::Table = manifest.parse()?;
    for table in parsed.get("table").and_then(toml::Value::as_array).into_iter().flatten() {
        let file = table.get("file").and_then(toml::Value::as_str).ok_or("xinzhi.toml: a [[table]] has no `file`")?;
        let path = folder.join(file);
        if !path.is_file() {
            return Err(format!("{} lists {file}, which is not in its folder: run data/build/build.py", manifest_path.display()).into());
        }
        let path = path.canonicalize()?;
        writeln!(files, "    ({file:?}, include_bytes!({path:?})),")?;
    }
    let registry = Embedded::read(&data.join("policy"))?;
    manifest.push_str(&registry.manifest);
    files.push_str(&registry.files);
    let source = format!(
        "pub(crate) const MANIFEST: &str = {manifest:?};\npub(crate) const FILES: &[(&str, &[u8])] = &[\n{files}];\n\
         pub(crate) const REGISTRY_TABLES: &[&str] = &{:?};\n\
         /// One schema a table of the policy registry, as `policy::RegistryTable` has them.\n\
         pub(crate) const REGISTRY_SCHEMAS: &[crate::Schema] = &[\n{}];\n",
        RegistryTable::ALL.iter().map(|table| table.word()).collect::<Vec<_>>(),
        registry.schemas
    );
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("embedded.rs"), source)?;
    Ok(())
}

/// The policy registry, checked, as the program holds it.
struct Embedded {
    manifest: String,
    files: String,
    schemas: String,
}

impl Embedded {
    fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut texts = Vec::new();
        for table in RegistryTable::ALL {
            let path = folder.join(table.file());
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            texts.push((*table, path.canonicalize()?, format!("data/policy/{}", table.file()), text));
        }
        let given: Vec<RegistryText<'_>> =
            texts.iter().map(|(table, _, origin, text)| RegistryText { table: *table, origin, text }).collect();
        let registry = Registry::read(&given).map_err(|error| match error {
            PolicyError::Faults(faults) => {
                for fault in &faults {
                    println!("cargo::error={fault}");
                }
                format!("the policy registry has {} faults", faults.len())
            }
            other => other.to_string(),
        })?;
        for source in registry.uncited_sources() {
            let place = texts.iter().find(|(table, ..)| *table == RegistryTable::Sources);
            let line = place.and_then(|(.., text)| text.lines().position(|line| line.starts_with(&format!("{},", source.id))));
            println!("cargo::error=data/policy/sources.csv:{}: no row cites the source {}", line.map_or(1, |l| l + 1), source.id);
        }
        let described = std::fs::read_to_string(folder.join("xinzhi.toml"))?;
        let parsed: toml::Table = described.parse()?;
        let mut described_tables = Vec::new();
        let (mut files, mut schemas) = (String::new(), String::new());
        for (table, path, _, text) in &texts {
            let id = format!("policy_{}", table.word());
            let entries = parsed.get("table").and_then(toml::Value::as_array);
            let entry = entries.into_iter().flatten().find(|e| e.get("id").and_then(toml::Value::as_str) == Some(&id));
            let Some(toml::Value::Table(entry)) = entry else { return Err(format!("data/policy/xinzhi.toml has no table {id}").into()) };
            let mut entry = entry.clone();
            let rows = csv::Reader::from_reader(text.as_bytes()).into_records().count();
            let hash = Sha256::digest(text.as_bytes());
            entry.insert("schema".to_owned(), id.clone().into());
            entry.insert("file".to_owned(), format!("{id}.csv").into());
            entry.insert("rows".to_owned(), i64::try_from(rows)?.into());
            entry.insert("sha256".to_owned(), hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into());
            described_tables.push(toml::Value::Table(entry));
            writeln!(files, "    ({:?}, include_bytes!({path:?})),", format!("{id}.csv"))?;
            writeln!(schemas, "    crate::Schema {{ id: {id:?}, additive: false, columns: &[")?;
            for column in table.columns() {
                let of = if table.key().contains(column) { "key" } else { "optional" };
                writeln!(schemas, "        crate::schema::{of}({column:?}),")?;
            }
            schemas.push_str("    ] },\n");
        }
        let sources = parsed.get("source").cloned().unwrap_or_else(|| toml::Value::Array(Vec::new()));
        let added: toml::Table = [("table".to_owned(), described_tables.into()), ("source".to_owned(), sources)].into_iter().collect();
        let manifest = format!("\n{}", toml::to_string(&added)?);
        Ok(Embedded { manifest, files, schemas })
    }
}
