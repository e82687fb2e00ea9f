use crate::StrategyError;
use discourse::{Dictionary, DocumentAnalysis, Segmenter, Vocabulary, analyse};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use store::{
    IndexedFile, IndexedText, Problem, RefusedText, StoreError, TextDocument, TextIndex, TextOptions, bytes_hash, read_text_file,
    text_folder,
};

/// Raised when reading, finding or cutting changes: what was kept by another version is made anew.
const VERSION: u32 = 1;
/// Documents that are cut into words with one vocabulary.
const PART: usize = 64;

/// Hears what is done (`reading`, `counting`), how many of how many; answers whether to go on.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) -> bool + Sync);

/// A document of a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorpusDocument {
    /// The text.
    pub text: TextDocument,
    /// What was found in it.
    pub analysis: DocumentAnalysis,
    /// Its date: of `dates.csv`, else as found.
    pub date: Option<String>,
    /// SHA-256 of its paragraphs.
    pub hash: String,
}

impl CorpusDocument {
    /// The year of its date.
    pub fn year(&self) -> Option<i32> {
        self.date.as_ref().and_then(|date| date.get(..4)?.parse().ok())
    }
}

/// The documents of a folder with what was found in them.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The documents, in the order of their names.
    pub documents: Vec<CorpusDocument>,
    /// The words that their counts refer to.
    pub vocabulary: Vocabulary,
    /// What could not be read.
    pub refused: Vec<RefusedText>,
    /// Files of other kinds.
    pub others: Vec<String>,
    /// Files taken from the index, and all.
    pub from_index: (usize, usize),
    /// What a reader should be told.
    pub notes: Vec<String>,
}

struct ReadFile {
    name: String,
    hash: String,
    documents: Vec<(TextDocument, Option<DocumentAnalysis>)>,
    refused: Vec<RefusedText>,
    known: bool,
}

fn stopped() -> StrategyError {
    StoreError::new(Problem::Input, "the reading was stopped").into()
}

/// Reads the documents of a folder, finds the terms of a dictionary in them and cuts them into words. With an index only files that are new
/// or changed since it was written are read, and it is brought up to date; what is found is the same.
///
/// # Errors
/// What the folder reports; [`Problem::Input`] when nothing in it could be read; [`Problem::Write`] when the index cannot be written.
pub fn read_corpus(
    path: &Path,
    dictionary: &Dictionary,
    options: &TextOptions,
    index: Option<&Path>,
    progress: Progress<'_>,
) -> Result<Corpus, StrategyError> {
    let folder = text_folder(path, options)?;
    let segmenter = Segmenter::shared()?;
    let mut corpus = Corpus { others: folder.others.clone(), ..Corpus::default() };
    let reading = format!(
        "{VERSION} {:?} {:?} {:?} {} {}",
        options.text_field, options.title_field, options.date_field, options.largest_document, options.largest_archive
    ) + &format!(" {:?}", options.exclude);
    let looked_for = bytes_hash(format!("{VERSION} {}", serde_json::to_string(dictionary.terms()).unwrap_or_default()).as_bytes())?;
    let mut kept = TextIndex::default();
    let mut outdated = index.is_some();
    if let Some(path) = index {
        match TextIndex::read(path) {
            Ok(Some(found)) if found.reading == reading => kept = found,
            Ok(Some(_)) => corpus.notes.push("the index is of texts read in another way; all are read again".to_owned()),
            Ok(None) => {}
            Err(error) => corpus.notes.push(format!("{error}; all texts are read again")),
        }
    }
    let same_terms = kept.looked_for == looked_for;
    if !same_terms && !kept.files.is_empty() {
        corpus.notes.push("the dictionary is another than that of the index: the kept texts are counted again".to_owned());
    }
    if same_terms {
        for word in &kept.words {
            corpus.vocabulary.number(word);
        }
    }
    let files_kept = kept.files.len();
    let mut known: BTreeMap<String, IndexedFile> = kept.files.into_iter().map(|file| (file.name.clone(), file)).collect();
    let mut work: Vec<(&store::TextFile, Option<IndexedFile>)> = Vec::with_capacity(folder.files.len());
    for file in &folder.files {
        work.push((file, known.remove(&file.name)));
    }

    let (done, go_on) = (AtomicUsize::new(0), AtomicBool::new(true));
    let tell = |what: &str, step: usize, all: usize| {
        let now = done.fetch_add(step, Ordering::Relaxed) + step;
        if !progress(what, now, all) {
            go_on.store(false, Ordering::Relaxed);
        }
        go_on.load(Ordering::Relaxed)
    };
    let all = work.len();
    let files: Vec<ReadFile> = work
        .into_par_iter()
        .map(|(file, known)| {
            let refuse = |reason: String| vec![RefusedText { name: file.name.clone(), reason }];
            let mut out =
                ReadFile { name: file.name.clone(), hash: String::new(), documents: Vec::new(), refused: Vec::new(), known: false };
            if !go_on.load(Ordering::Relaxed) {
                return out;
            }
            match file.bytes().and_then(|bytes| Ok((bytes_hash(&bytes)?, bytes))) {
                Err(error) => out.refused = refuse(error.what().to_owned()),
                Ok((hash, bytes)) => {
                    out.hash = hash;
                    let analysed = |one: IndexedText| {
                        let analysis = if same_terms { DocumentAnalysis::from_bytes(&one.analysis).ok() } else { None };
                        (one.document, analysis)
                    };
                    match known.filter(|known| known.hash == out.hash) {
                        Some(known) => {
                            out.documents = known.documents.into_iter().map(analysed).collect();
                            (out.refused, out.known) = (known.refused, true);
                        }
                        None => {
                            let read = read_text_file(&file.name, &bytes, options);
                            out.documents = read.documents.into_iter().map(|document| (document, None)).collect();
                            out.refused = read.refused;
                        }
                    }
                }
            }
            tell("reading", 1, all);
            out
        })
        .collect();
    if !go_on.load(Ordering::Relaxed) {
        return Err(stopped());
    }
    corpus.from_index = (files.iter().filter(|file| file.known).count(), files.len());
    outdated = outdated && (!same_terms || files_kept != files.len() || corpus.from_index.0 != files.len());

    // what is not counted yet, in parts that have a vocabulary each, so that threads need not share one
    let waiting: Vec<&TextDocument> =
        files.iter().flat_map(|file| &file.documents).filter(|(_, found)| found.is_none()).map(|(d, _)| d).collect();
    done.store(0, Ordering::Relaxed);
    let parts: Vec<(Vocabulary, Vec<DocumentAnalysis>)> = waiting
        .par_chunks(PART)
        .map(|part| {
            let mut words = Vocabulary::default();
            let mut found = Vec::with_capacity(part.len());
            for document in part.iter().take_while(|_| go_on.load(Ordering::Relaxed)) {
                found.push(analyse(&document.paragraphs, dictionary, segmenter, &mut words));
            }
            tell("counting", part.len(), waiting.len());
            (words, found)
        })
        .collect();
    if !go_on.load(Ordering::Relaxed) {
        return Err(stopped());
    }
    let mut counted: Vec<DocumentAnalysis> = Vec::with_capacity(waiting.len());
    for (words, mut found) in parts {
        let numbers = corpus.vocabulary.absorb(&words);
        found.iter_mut().for_each(|one| one.renumber(&numbers));
        counted.extend(found);
    }

    let mut counted = counted.into_iter();
    let mut indexed: Vec<IndexedFile> = Vec::new();
    for file in files {
        let mut documents: Vec<(TextDocument, DocumentAnalysis)> = Vec::with_capacity(file.documents.len());
        for (document, found) in file.documents {
            let analysis = found.or_else(|| counted.next()).unwrap_or_default();
            documents.push((document, analysis));
        }
        if outdated {
            indexed.push(IndexedFile {
                name: file.name.clone(),
                hash: file.hash,
                documents: documents
                    .iter()
                    .map(|(document, analysis)| IndexedText { document: document.clone(), analysis: analysis.to_bytes() })
                    .collect(),
                refused: file.refused.clone(),
            });
        }
        corpus.refused.extend(file.refused);
        for (text, analysis) in documents {
            let date = dated(&folder.dates, &text.name).or_else(|| text.date.clone());
            corpus.documents.push(CorpusDocument { text, analysis, date, hash: String::new() });
        }
    }
    if let Some(path) = index.filter(|_| outdated) {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|error| StoreError::new(Problem::Write, format!("the folder {} cannot be made: {error}", parent.display())))?;
        }
        let words = corpus.vocabulary.iter().map(str::to_owned).collect();
        TextIndex { reading, looked_for, words, files: indexed }.write(path)?;
    }
    corpus
        .documents
        .par_iter_mut()
        .for_each(|document| document.hash = bytes_hash(document.text.paragraphs.join("\n").as_bytes()).unwrap_or_default());
    if corpus.documents.is_empty() {
        let what = format!("nothing in {} could be read as text", path.display());
        let next = match corpus.refused.first() {
            Some(one) => format!("{}: {}", one.name, one.reason),
            None => "it needs files that end in txt, md, html, docx, pdf, jsonl or zip".to_owned(),
        };
        return Err(StoreError::new(Problem::Input, what).next(next).into());
    }
    Ok(corpus)
}

/// The date that `dates.csv` gives a document: by its name, by that of a file or archive it is in, or by the last part of either.
fn dated(dates: &BTreeMap<String, String>, name: &str) -> Option<String> {
    if dates.is_empty() {
        return None;
    }
    let mut whole = name;
    loop {
        let last = whole.rsplit('/').next().unwrap_or(whole);
        if let Some(date) = dates.get(whole).or_else(|| dates.get(last)) {
            return Some(date.clone());
        }
        whole = &whole[..whole.rfind(['#', '/'])?];
    }
}
