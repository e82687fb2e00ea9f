use crate::Fault;
use frame::Text;
use thiserror::Error;

/// Why there is no registry or no answer: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Tables of the registry that do not hold together: every fault with its file and line.
    #[error("the registry has {} {}:\n{}", .0.len(), if .0.len() == 1 { "fault" } else { "faults" }, lines(.0))]
    Faults(Vec<Fault>),
    /// A word of the registry that is not one of those defined.
    #[error("\"{found}\" is no {what}: use one of {allowed}")]
    UnknownWord {
        /// Strand, role or confidence.
        what: &'static str,
        /// What was found.
        found: String,
        /// The words that exist.
        allowed: String,
    },
    /// A date that is none.
    #[error("\"{found}\" is no date of the form 2026, 2026-03 or 2026-03-05{}", maybe(.nearest))]
    Date {
        /// What was found.
        found: String,
        /// The nearest dates.
        nearest: Vec<String>,
    },
    /// The same industry, or the same code of an industry, stands twice.
    #[error("{what} stands twice in the registry: keep one of them")]
    Duplicate {
        /// The key.
        what: String,
    },
    /// An id that the registry does not hold.
    #[error("the registry has no {what} \"{found}\"{}", maybe(.nearest))]
    Unknown {
        /// Industry, strategy, scheme, ...
        what: &'static str,
        /// What was asked for.
        found: String,
        /// The nearest ids.
        nearest: Vec<String>,
    },
    /// No code of the classification stands for the industry.
    #[error(
        "no code of {scheme} stands for {industry}: the classification is too coarse for this industry{}",
        also(.excluded, .below_confidence)
    )]
    NoCodes {
        /// The industry.
        industry: String,
        /// The scheme of the codes.
        scheme: String,
        /// Codes of inputs, equipment, proxies and technologies, which are not the industry.
        excluded: usize,
        /// Codes below the confidence asked for.
        below_confidence: usize,
    },
    /// The industry has codes, but none of them is in the table.
    #[error("none of the {scheme} codes of {industry} ({}) is in the table: its edition or level differs", .codes.join(", "))]
    CodesNotInTable {
        /// The industry.
        industry: String,
        /// The scheme of the codes.
        scheme: String,
        /// The codes.
        codes: Vec<String>,
    },
    /// Place and world are not over the same codes.
    #[error("the values of the place and of the world are over different codes: take both from one table")]
    DifferentCodes,
    /// A value that cannot be a share of a total.
    #[error("the {whose} value of code {code} is {value}; {requirement}")]
    Value {
        /// Place or world.
        whose: &'static str,
        /// The code.
        code: String,
        /// The value.
        value: f64,
        /// What was required of it.
        requirement: &'static str,
    },
}

impl PolicyError {
    /// The refusal as a reader of a dossier sees it, in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            PolicyError::Faults(faults) => format!("登记表有 {} 处错误", faults.len()),
            PolicyError::UnknownWord { found, allowed, .. } => format!("“{found}”不是规定的用词（{allowed}）"),
            PolicyError::Date { found, .. } => format!("“{found}”不是日期"),
            PolicyError::Duplicate { what } => format!("登记表中 {what} 重复"),
            PolicyError::Unknown { found, .. } => format!("登记表中没有“{found}”"),
            PolicyError::NoCodes { industry, scheme, .. } => format!("{scheme} 中没有代表 {industry} 的编码：该分类对这一产业而言过粗"),
            PolicyError::CodesNotInTable { industry, scheme, codes } => {
                format!("{industry} 的 {scheme} 编码（{}）均不在数据表中：版本或层级不同", codes.join("、"))
            }
            PolicyError::DifferentCodes => "该地与世界的数值所用编码不同，应取自同一张表".to_owned(),
            PolicyError::Value { code, value, .. } => format!("编码 {code} 的数值 {value} 无效"),
        };
        Text::new(self.to_string(), zh)
    }
}

fn lines(faults: &[Fault]) -> String {
    const SHOWN: usize = 20;
    let mut told: Vec<String> = faults.iter().take(SHOWN).map(ToString::to_string).collect();
    if faults.len() > SHOWN {
        told.push(format!("... and {} more", faults.len() - SHOWN));
    }
    told.join("\n")
}

fn maybe(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; nearest: {}", nearest.join(", ")) }
}

fn also(excluded: &usize, below_confidence: &usize) -> String {
    match (*excluded, *below_confidence) {
        (0, 0) => String::new(),
        (e, 0) => format!(" ({e} codes of its inputs, equipment, proxies or technologies are not the industry)"),
        (0, b) => format!(" ({b} codes lie below the confidence asked for)"),
        (e, b) => format!(
            " ({e} codes of its inputs, equipment, proxies or technologies are not the industry, {b} lie below the confidence asked for)"
        ),
    }
}
