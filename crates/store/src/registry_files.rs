use crate::workspace::{REGISTRY_TABLES, sha256};
use crate::{Problem, StoreError, Workspace};
use std::borrow::Cow;
use std::path::Path;

/// The folder of a workspace that holds the user's own rows of the policy registry.
const FOLDER: &str = "policy";
/// A file of that name in it (empty, or with a remark) says that the built-in registry is not to be used.
const REPLACES: &str = "replaces-built-in";

/// The text of one table of the policy registry, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryFile {
    /// The table: `items`, `events`, ... (see `data/policy` for all of them).
    pub table: &'static str,
    /// The file, for messages.
    pub origin: String,
    /// The text, CSV with a header.
    pub text: Cow<'static, str>,
    /// SHA-256 of the text, in hex.
    pub sha256: String,
}

impl Workspace {
    /// The texts of the policy registry: the built-in ones, then those in the folder `policy` of the workspace (`items.csv`,
    /// `events.csv`, ...), whose rows replace built-in rows with the same key or are added. A file `policy/replaces-built-in` leaves the
    /// built-in ones out.
    ///
    /// # Errors
    /// [`Problem::Input`] for a file of the folder that is no table of the registry, cannot be read or is not UTF-8.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// let files = workspace.registry_files()?;
    /// assert!(files.iter().any(|file| file.table == "items" && file.text.starts_with("item,strategy,")));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn registry_files(&self) -> Result<Vec<RegistryFile>, StoreError> {
        let own = match self.folder().map(|folder| folder.join(FOLDER)) {
            Some(folder) if folder.is_dir() => Some(folder),
            _ => None,
        };
        let mut files = Vec::new();
        if own.as_ref().is_none_or(|folder| !folder.join(REPLACES).exists()) {
            let built_in = if self.folder().is_none() { self.clone() } else { Workspace::embedded()? };
            for table in REGISTRY_TABLES {
                let entry = built_in.manifest().table(&format!("policy_{table}"))?;
                let bytes: &'static [u8] = built_in.embedded_text(entry)?;
                let text = std::str::from_utf8(bytes).map_err(|_| StoreError::new(Problem::Damaged, "the text is not UTF-8"))?;
                let origin = format!("built-in/policy/{table}.csv");
                files.push(RegistryFile { table, origin, text: Cow::Borrowed(text), sha256: entry.sha256.clone() });
            }
        }
        if let Some(folder) = own {
            files.extend(read_folder(&folder)?);
        }
        Ok(files)
    }
}

fn read_folder(folder: &Path) -> Result<Vec<RegistryFile>, StoreError> {
    let unreadable = |path: &Path, error: std::io::Error| StoreError::new(Problem::Input, format!("it cannot be read: {error}")).file(path);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            names.push(path);
        }
    }
    names.sort();
    let mut files = Vec::new();
    for path in names {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(table) = REGISTRY_TABLES.iter().find(|table| **table == stem) else {
            let near =
                crate::error::nearest(&stem, REGISTRY_TABLES.iter().copied()).map_or_else(String::new, |n| format!("nearest: {n}.csv; "));
            return Err(StoreError::new(Problem::Input, format!("`{stem}.csv` is no table of the policy registry"))
                .file(&path)
                .next(format!("{near}its tables are: {}", REGISTRY_TABLES.join(", "))));
        };
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
        let hash = sha256(bytes.as_slice()).map_err(|error| unreadable(&path, error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            StoreError::new(Problem::Encoding, "the text is not UTF-8").file(&path).line(line).next("save it as UTF-8")
        })?;
        files.push(RegistryFile { table, origin: path.display().to_string(), text: Cow::Owned(text), sha256: hash });
    }
    Ok(files)
}
