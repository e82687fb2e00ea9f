//! What the program's `industry` verbs and the Python package's functions of the same names do: a [`Panel`] and a request in, tables out.
//!
//! The requests' fields are the program's options and the functions' arguments, so that each has one name and one default.

mod backtest;
mod choices;
mod complexity;
mod opportunities;
mod panel;
mod peers;
mod portfolio;
mod sequence;
mod space;
mod standing;

pub use backtest::{BacktestRequest, EntryChoices, backtest_of_panel};
pub use choices::{Bootstrap, Choices};
pub use complexity::{ComplexityRequest, complexity_of_panel};
pub(crate) use opportunities::{EntryOfPanel, TracksOfPanel};
pub use opportunities::{ItemEvidence, OpportunitiesRequest, TracksOfPlace, TypeOfPlace, opportunities_of_place};
pub use panel::{Panel, PlaceValues, WorkspaceTables};
pub use peers::{PeersRequest, peers_of_place};
pub use portfolio::{PortfolioRequest, portfolios_of_panel};
pub use sequence::{SequenceRequest, sequence_of_place};
pub use space::{Space, SpaceRequest, space_of_panel};
pub(crate) use standing::{History, Standing};

pub use crate::answer::Answer;
pub(crate) use crate::answer::as_json;

use crate::StrategyError;
use crate::answer::read_request as read;
use frame::Language;
use store::{Problem, StoreError};

/// Answers a verb by name, with its request as JSON: every verb but `complexity`, whose cells are handed on one period at a time
/// ([`complexity_of_panel`]).
///
/// # Errors
/// [`Problem::Options`] for a verb or a field of the request that is not known, and what the verb reports.
///
/// ```
/// use xinzhi_strategy::industry_verbs::{Panel, answer};
/// let rows = [("2020", "A", "wheat", 9.0), ("2020", "A", "ships", 1.0), ("2020", "B", "ships", 5.0), ("2020", "C", "wheat", 3.0)];
/// let panel = Panel::new(store::LongTable::from_rows(rows, &Default::default())?, "an example");
/// let peers = answer("peers", &panel, serde_json::json!({"place": "A", "count": 1}), frame::Language::En)?;
/// assert_eq!(peers.tables[0].name(), "peers");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn answer(verb: &str, panel: &Panel, request: serde_json::Value, language: Language) -> Result<Answer, StrategyError> {
    match verb {
        "space" => Ok(space_of_panel(panel, &read(request)?)?.answer),
        "opportunities" => opportunities_of_place(panel, &read(request)?, language),
        "backtest" => backtest_of_panel(panel, &read(request)?, language),
        "portfolio" => portfolios_of_panel(panel, &read(request)?, language),
        "sequence" => sequence_of_place(panel, &read(request)?, language),
        "peers" => peers_of_place(panel, &read(request)?, language),
        other => {
            let what = format!("there is no verb `{other}`");
            Err(StoreError::new(Problem::Options, what).next("space, opportunities, backtest, portfolio, sequence or peers").into())
        }
    }
}
