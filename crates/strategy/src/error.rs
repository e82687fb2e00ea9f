use thiserror::Error;

/// What can go wrong while a dossier is computed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// Nobody knows the place.
    #[error("no place is called \"{asked}\"")]
    UnknownPlace {
        /// What was asked for.
        asked: String,
        /// The nearest places: code, English and Chinese name.
        nearest: Vec<(String, String, String)>,
    },
    /// The place is a sum or the world, not one that can have a strategy.
    #[error("{code} ({name}) is {what}, not a country or a province: a dossier needs one of those")]
    NotAPlace {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// A figure id that the dossier of its place does not hold.
    #[error("there is no figure \"{asked}\"")]
    UnknownFigure {
        /// What was asked for.
        asked: String,
        /// The nearest ids.
        nearest: Vec<String>,
    },
    /// The workspace could not be read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// Labels and numbers did not fit.
    #[error(transparent)]
    Frame(Box<frame::FrameError>),
    /// The product space could not be computed.
    #[error(transparent)]
    Complexity(Box<complexity::ComplexityError>),
    /// The input-output system could not be solved.
    #[error(transparent)]
    Chain(Box<chain::ChainError>),
    /// The technology profile could not be computed.
    #[error(transparent)]
    Technology(Box<technology::TechnologyError>),
    /// The strands could not be computed.
    #[error(transparent)]
    Industry(Box<industry::IndustryError>),
    /// The workspace holds nothing of what was asked.
    #[error(
        "no {measure} of {place}{}: the table is of {places}{}",
        .period.map_or_else(String::new, |year| format!(" in {year}")),
        if .held.is_empty() { String::new() } else { format!(", with the years {}", ranges(.held)) }
    )]
    NoActivity {
        /// Exports, patents or output.
        measure: &'static str,
        /// The place.
        place: String,
        /// The year asked for.
        period: Option<i32>,
        /// The years held.
        held: Vec<i32>,
        /// Whom the table is about.
        places: &'static str,
    },
    /// The policy registry could not be read.
    #[error(transparent)]
    Policy(Box<policy::PolicyError>),
    /// The dictionary of terms is none.
    #[error(transparent)]
    Discourse(#[from] discourse::DiscourseError),
}

// Boxed, because these would make every result of this room large.
impl From<technology::TechnologyError> for StrategyError {
    fn from(error: technology::TechnologyError) -> Self {
        StrategyError::Technology(Box::new(error))
    }
}

impl From<frame::FrameError> for StrategyError {
    fn from(error: frame::FrameError) -> Self {
        StrategyError::Frame(Box::new(error))
    }
}

impl From<chain::ChainError> for StrategyError {
    fn from(error: chain::ChainError) -> Self {
        StrategyError::Chain(Box::new(error))
    }
}

impl From<policy::PolicyError> for StrategyError {
    fn from(error: policy::PolicyError) -> Self {
        StrategyError::Policy(Box::new(error))
    }
}

impl From<complexity::ComplexityError> for StrategyError {
    fn from(error: complexity::ComplexityError) -> Self {
        StrategyError::Complexity(Box::new(error))
    }
}

impl From<industry::IndustryError> for StrategyError {
    fn from(error: industry::IndustryError) -> Self {
        StrategyError::Industry(Box::new(error))
    }
}

impl StrategyError {
    /// What the user can do next, where that is known.
    pub fn next(&self) -> Option<String> {
        match self {
            StrategyError::UnknownPlace { nearest, .. } if !nearest.is_empty() => {
                let list: Vec<String> = nearest.iter().map(|(code, en, zh)| format!("{code} ({en}, {zh})")).collect();
                Some(format!("nearest: {}; `xinzhi data export places` lists all", list.join("; ")))
            }
            StrategyError::UnknownPlace { .. } => Some("`xinzhi data export places` lists all places".into()),
            StrategyError::UnknownFigure { nearest, .. } if !nearest.is_empty() => Some(format!("nearest: {}", nearest.join(", "))),
            StrategyError::UnknownFigure { .. } => {
                Some("ids look like CHN/chain/foreign_content; `xinzhi dossier PLACE --format json` lists all under `figures`".into())
            }
            _ => None,
        }
    }
}

/// Years as they are written: `1980, 2017`, `1995-2011`.
fn ranges(years: &[i32]) -> String {
    let mut sorted = years.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    match (sorted.first(), sorted.last()) {
        (Some(first), Some(last)) if sorted.len() > 2 && (last - first) as usize + 1 == sorted.len() => format!("{first}-{last}"),
        _ => sorted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
