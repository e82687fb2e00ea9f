use crate::columns::Columns;
use crate::manifest::MANIFEST_FILE;
use crate::workspace::{read_manifest, sha256};
use crate::{Manifest, Problem, SourceEntry, StoreError, TableEntry};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;
use tempfile::NamedTempFile;

const PART_PREFIX: &str = ".xinzhi-";
const PART_SUFFIX: &str = ".part";

fn failed<'a>(what: &'a str, path: &'a Path) -> impl Fn(io::Error) -> StoreError + 'a {
    move |error| {
        let next = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                "make room and run the command again; nothing was changed"
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "choose a folder you may write to; nothing was changed",
            _ => "nothing was changed",
        };
        StoreError::new(Problem::Write, format!("{what}: {error}")).file(path).next(next)
    }
}

/// A new file beside its final place: renaming within a folder is one step.
fn part(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART_PREFIX).suffix(PART_SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // temporary files are private by default; this one stays (the umask still applies)
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    // only Unix opens a folder as a file
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Writes a file in one step: whoever opens `path` finds the old content or the new, never half of it. What is not a regular file (a
/// device, a pipe) is written to directly.
///
/// # Errors
/// [`Problem::Write`] naming the file; what was there before still is.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("result.csv");
/// xinzhi_store::write_file(&path, |out| out.write_all(b"a,b\n"))?;
/// assert_eq!(std::fs::read(&path)?, b"a,b\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_file(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), StoreError> {
    let failed = failed("the file cannot be written", path);
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        if path.is_dir() {
            return Err(StoreError::new(Problem::Write, "there is a folder of that name").file(path));
        }
        let mut out = BufWriter::new(File::options().write(true).open(path).map_err(&failed)?);
        return content(&mut out).and_then(|()| out.flush()).map_err(failed);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = part(folder).map_err(&failed)?;
    let mut out = BufWriter::new(file.as_file_mut());
    content(&mut out).and_then(|()| out.flush()).map_err(&failed)?;
    drop(out);
    file.as_file().sync_all().map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(&failed)
}

/// Keeps other writers out of a folder until dropped; the system lets go of it when the program ends in whatever way.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let failed = failed("the folder cannot be locked for writing", folder);
    let file = if cfg!(unix) {
        File::open(folder)
    } else {
        File::options().create(true).truncate(false).write(true).open(folder.join(".xinzhi.lock"))
    };
    let file = file.map_err(&failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::new(Problem::Locked, "another program is writing to the workspace")
            .file(folder)
            .next("wait until it has finished and run the command again; nothing was changed")),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn write_parquet(columns: &Columns, file: &mut File, path: &Path) -> Result<(), StoreError> {
    let failed = |error: parquet::errors::ParquetError| match error {
        parquet::errors::ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => failed("the table cannot be written", path)(*error),
            Err(error) => StoreError::new(Problem::Write, format!("the table cannot be written: {error}")).file(path),
        },
        error => StoreError::new(Problem::Write, format!("the table cannot be written: {error}")).file(path),
    };
    let batch = columns.to_batch()?;
    let level = ZstdLevel::try_new(9).map_err(failed)?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer = ArrowWriter::try_new(BufWriter::new(file), batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    let mut out = writer.into_inner().map_err(failed)?;
    out.flush().map_err(self::failed("the table cannot be written", path))
}

/// Writes a table into a workspace's folder (made when absent) and its entry into the manifest; see [`add`].
///
/// Of `entry` the file, hash and rows are filled in here. Returns the entry written and the one it replaced.
pub(crate) fn add_table(
    folder: &Path,
    mut entry: TableEntry,
    sources: &[SourceEntry],
    columns: &Columns,
) -> Result<(TableEntry, Option<TableEntry>), StoreError> {
    entry.rows = columns.rows as u64;
    add(folder, entry, sources, "parquet", |file, path| write_parquet(columns, file, path))
}

/// The same for a file of another layout.
pub(crate) fn add_file(
    folder: &Path,
    entry: TableEntry,
    sources: &[SourceEntry],
    ending: &str,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(TableEntry, Option<TableEntry>), StoreError> {
    let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    if entry.id.is_empty() || entry.id.starts_with('.') || !entry.id.chars().all(plain) {
        let what = format!("the id `{}` is not a name for a file", entry.id);
        return Err(StoreError::new(Problem::Options, what).next("use letters, digits, `-` and `_`"));
    }
    add(folder, entry, sources, ending, |file, path| {
        let mut out = BufWriter::with_capacity(1 << 20, file);
        content(&mut out).and_then(|()| out.flush()).map_err(failed("the table cannot be written", path))
    })
}

/// Writes a table's file and its entry into the manifest. The table goes to a file named after its content, so the old manifest never
/// points to a changed file; the manifest is renamed into place last. Until then the workspace is what it was, whatever happens.
fn add(
    folder: &Path,
    mut entry: TableEntry,
    sources: &[SourceEntry],
    ending: &str,
    content: impl FnOnce(&mut File, &Path) -> Result<(), StoreError>,
) -> Result<(TableEntry, Option<TableEntry>), StoreError> {
    let made = !folder.exists();
    std::fs::create_dir_all(folder).map_err(failed("the folder cannot be made", folder))?;
    let done = (|| {
        let _lock = lock(folder)?;
        let name = folder.file_name().map_or_else(|| "workspace".to_owned(), |name| name.to_string_lossy().into_owned());
        let mut manifest = read_manifest(folder)?.unwrap_or(Manifest { name, ..Manifest::default() });
        let replaced = manifest.tables.iter().position(|table| table.id == entry.id);
        let old = replaced.map(|at| manifest.tables[at].clone());
        if let Some(old) = old.as_ref().filter(|old| old.schema != entry.schema) {
            let what = format!("table `{}` is there with schema `{}`; it cannot become `{}`", old.id, old.schema, entry.schema);
            return Err(StoreError::new(Problem::Options, what).file(folder.join(MANIFEST_FILE)).next("choose another --id"));
        }

        let what = "the table cannot be written";
        let mut file = part(folder).map_err(failed(what, folder))?;
        let part_path = file.path().to_owned();
        content(file.as_file_mut(), &part_path)?;
        file.as_file().sync_all().map_err(failed(what, &part_path))?;
        file.as_file_mut().rewind().map_err(failed(what, &part_path))?;
        entry.sha256 = sha256(file.as_file_mut()).map_err(failed(what, &part_path))?;
        entry.file = format!("{}-{}.{ending}", entry.id, &entry.sha256[..12]);
        let path = folder.join(&entry.file);
        let existed = path.exists();
        file.persist(&path).map_err(|error| failed(what, &path)(error.error))?;

        match replaced {
            Some(at) => manifest.tables[at] = entry.clone(),
            None => manifest.tables.push(entry.clone()),
        }
        for source in sources {
            match manifest.sources.iter_mut().find(|known| known.id == source.id) {
                Some(known) => *known = source.clone(),
                None => manifest.sources.push(source.clone()),
            }
        }
        let written = manifest.to_toml().and_then(|text| {
            // what is written must read back
            Manifest::parse(&text)?;
            write_file(&folder.join(MANIFEST_FILE), |out| out.write_all(text.as_bytes()))
        });
        if let Err(error) = written {
            if !existed {
                let _ = std::fs::remove_file(&path);
            }
            return Err(error);
        }
        sweep(folder, &manifest, &entry.id, old.as_ref());
        Ok((entry, old))
    })();
    if done.is_err() && made {
        // only an empty folder goes
        let _ = std::fs::remove_dir(folder);
    }
    done
}

/// Removes what no manifest points to any more: the replaced file, and what an interrupted run left. Failing here harms nothing.
fn sweep(folder: &Path, manifest: &Manifest, id: &str, old: Option<&TableEntry>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for found in entries.flatten() {
        let name = found.file_name().to_string_lossy().into_owned();
        let hashed = name
            .strip_prefix(id)
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(".parquet").or_else(|| rest.strip_suffix(".xio")))
            .is_some_and(|hash| hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let left_over = name.starts_with(PART_PREFIX) && name.ends_with(PART_SUFFIX);
        let stale = hashed || old.is_some_and(|old| old.file == name);
        if left_over || (stale && !manifest.tables.iter().any(|table| table.file == name)) {
            let _ = std::fs::remove_file(found.path());
        }
    }
}
