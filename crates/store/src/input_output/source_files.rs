use crate::workspace::{hex, sha256};
use crate::{Problem, StoreError};
use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// One file to read: on disk or in a zip.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// As errors name it: the path, or `archive.zip: member`.
    pub(crate) name: String,
    /// The path inside the folder or archive, with `/`.
    pub(crate) inner: String,
    path: PathBuf,
    kind: Kind,
    /// Length and hash of the file on disk, once it was read to its end as it stands.
    seen: Arc<OnceLock<(u64, String)>>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Plain,
    Gzip,
    Member { start: u64, packed: u64, size: u64, crc: u32, deflated: bool },
}

/// How deep folders are searched.
const DEPTH: usize = 4;

fn unreadable(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    move |error| StoreError::new(Problem::Input, format!("the file cannot be read: {error}")).file(path).io(&error)
}

/// A member's bytes, whose length and checksum are compared with the archive's at the end.
struct Checked<R> {
    input: R,
    crc: Crc,
    expected: u32,
    size: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(out)?;
        if read == 0 && !out.is_empty() {
            let length = u64::from(self.crc.amount()) == self.size & u64::from(u32::MAX);
            if !length || self.crc.sum() != self.expected {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum is not the one the archive states"));
            }
            return Ok(0);
        }
        self.crc.update(&out[..read]);
        Ok(read)
    }
}

/// A file's bytes, hashed as they are read, which spares reading a large file once more.
struct Hashed {
    input: File,
    hash: Sha256,
    length: u64,
    seen: Arc<OnceLock<(u64, String)>>,
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(out)?;
        if read == 0 && !out.is_empty() {
            self.seen.get_or_init(|| (self.length, hex(&std::mem::take(&mut self.hash).finalize())));
            return Ok(0);
        }
        self.hash.update(&out[..read]);
        self.length += read as u64;
        Ok(read)
    }
}

impl SourceFile {
    /// Length and SHA-256 of the file on disk, from when it was read, or read for it now.
    pub(crate) fn length_and_hash(&self) -> Result<(u64, String), StoreError> {
        if let Some(seen) = self.seen.get() {
            return Ok(seen.clone());
        }
        let failed = unreadable(&self.path);
        let file = File::open(&self.path).map_err(&failed)?;
        let length = file.metadata().map_err(&failed)?.len();
        Ok((length, sha256(file).map_err(&failed)?))
    }

    /// The name without folders.
    pub(crate) fn base(&self) -> &str {
        self.inner.rsplit('/').next().unwrap_or(&self.inner)
    }

    /// The folder inside the folder or archive; empty at the top.
    pub(crate) fn folder(&self) -> &str {
        self.inner.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The ending in lower case, without the one that says it is packed.
    pub(crate) fn ending(&self) -> String {
        let base = self.base().to_lowercase();
        let base = base.strip_suffix(".gz").unwrap_or(&base);
        base.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_owned())
    }

    /// Whether it is a workbook, by its ending.
    pub(crate) fn is_workbook(&self) -> bool {
        ["xlsx", "xlsm", "xlsb", "xls", "ods"].contains(&self.ending().as_str())
    }

    /// Whether it is an R file, by its ending.
    pub(crate) fn is_r_data(&self) -> bool {
        ["rda", "rdata", "rds"].contains(&self.ending().as_str())
    }

    /// Whether it is text, by its ending.
    pub(crate) fn is_text(&self) -> bool {
        ["csv", "txt", "tsv", "tab"].contains(&self.ending().as_str())
    }

    /// The file on disk that holds it: itself or the archive.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a file on disk as it stands, so that a reader that needs a path may open it.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Plain)
    }

    /// Its bytes, unpacked, from the start.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>, StoreError> {
        let failed = unreadable(&self.path);
        let mut file = File::open(&self.path).map_err(&failed)?;
        Ok(match self.kind {
            Kind::Plain => Box::new(Hashed { input: file, hash: Sha256::new(), length: 0, seen: self.seen.clone() }),
            Kind::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file))),
            Kind::Member { start, packed, size, crc, deflated } => {
                file.seek(SeekFrom::Start(start)).map_err(&failed)?;
                let packed = BufReader::with_capacity(1 << 16, file.take(packed));
                let input: Box<dyn Read + Send> = if deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
                Box::new(Checked { input, crc: Crc::new(), expected: crc, size })
            }
        })
    }
}

/// The files that paths stand for: folders with what is in them, zips with their members (workbooks, which are zips too, stay whole).
///
/// # Errors
/// [`Problem::Input`] for a path that is not there, [`Problem::Damaged`] for a truncated zip.
pub(crate) fn source_files(paths: &[PathBuf]) -> Result<Vec<SourceFile>, StoreError> {
    let mut files = Vec::new();
    for path in paths {
        let found = std::fs::metadata(path).map_err(unreadable(path))?;
        if found.is_dir() {
            in_folder(path, "", 0, &mut files)?;
        } else {
            let base = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            one(path, base, &mut files)?;
        }
    }
    Ok(files)
}

fn in_folder(folder: &Path, inner: &str, depth: usize, files: &mut Vec<SourceFile>) -> Result<(), StoreError> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(unreadable(folder))?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        let inner = if inner.is_empty() { name } else { format!("{inner}/{name}") };
        if path.is_dir() {
            if depth < DEPTH {
                in_folder(&path, &inner, depth + 1, files)?;
            }
        } else {
            one(&path, inner, files)?;
        }
    }
    Ok(())
}

fn one(path: &Path, inner: String, files: &mut Vec<SourceFile>) -> Result<(), StoreError> {
    let mut start = [0; 4];
    let mut file = File::open(path).map_err(unreadable(path))?;
    let read = file.read(&mut start).map_err(unreadable(path))?;
    let plain = SourceFile { name: path.display().to_string(), inner, path: path.to_owned(), kind: Kind::Plain, seen: Arc::default() };
    match &start[..read] {
        [0x1F, 0x8B, ..] => files.push(SourceFile { kind: Kind::Gzip, ..plain }),
        b"PK\x03\x04" if !plain.is_workbook() => members(path, files)?,
        _ => files.push(plain),
    }
    Ok(())
}

fn members(path: &Path, files: &mut Vec<SourceFile>) -> Result<(), StoreError> {
    let damaged = |what: String| {
        StoreError::new(Problem::Damaged, format!("not a whole zip: {what}")).file(path).next("it is truncated or damaged: get it again")
    };
    let file = File::open(path).map_err(unreadable(path))?;
    let length = file.metadata().map_err(unreadable(path))?.len();
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(error.to_string()))?;
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at).map_err(|error| damaged(error.to_string()))?;
        if member.is_dir() {
            continue;
        }
        let deflated = match member.compression() {
            zip::CompressionMethod::Stored => false,
            zip::CompressionMethod::Deflated => true,
            other => {
                return Err(StoreError::new(Problem::Input, format!("`{}` is packed with {other}", member.name().unwrap_or_default()))
                    .file(path)
                    .next("unpack the zip and import the folder"));
            }
        };
        let inner = member.name().map_err(|error| damaged(error.to_string()))?.replace('\\', "/");
        let start = member.data_start().ok_or_else(|| damaged(format!("`{inner}` has no place in it")))?;
        if start + member.compressed_size() > length {
            return Err(damaged(format!("`{inner}` reaches beyond its end")));
        }
        files.push(SourceFile {
            name: format!("{}: {inner}", path.display()),
            path: path.to_owned(),
            seen: Arc::default(),
            kind: Kind::Member { start, packed: member.compressed_size(), size: member.size(), crc: member.crc32(), deflated },
            inner,
        });
    }
    Ok(())
}
