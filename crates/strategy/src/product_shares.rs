use crate::StrategyError;
use crate::engine::{NOT_A_PRODUCT, TRADE_TABLE, TRADE_YEAR};
use chain::InputOutputSystem;
use frame::Period;
use std::collections::{BTreeMap, BTreeSet};
use store::{Problem, StoreError, Workspace};

/// The sectors that products are linked to.
pub(crate) const SECTOR_SCHEME: &str = "WIOD35";
/// The products.
const PRODUCT_SCHEME: &str = "HS4";

/// Exports by region and sector.
type Sums = BTreeMap<(String, String), f64>;

/// What part of every exporter's exports of a sector some products are.
///
/// share(r, s) = Σ_{p in the products} w_ps X_rp / Σ_p w_ps X_rp, with X the exports by HS heading and w the links of headings to sectors. It
/// stands for the part of all the sector's deliveries, home sales and services included: an assumption, since no table of deliveries has
/// products.
pub(crate) struct ProductShares {
    /// The table of exports.
    pub table: &'static str,
    /// The sectors that the products belong to.
    pub sectors: Vec<String>,
    shares: Sums,
    exporters: BTreeSet<String>,
}

impl ProductShares {
    /// # Errors
    /// Products that are no HS headings, or that no sector makes; a table whose sectors are not linked to products.
    pub(crate) fn of(workspace: &Workspace, system: &InputOutputSystem, products: &[String]) -> Result<Self, StrategyError> {
        let concordance = workspace.concordance(PRODUCT_SCHEME, SECTOR_SCHEME)?;
        let scheme = workspace.classification(SECTOR_SCHEME)?;
        if let Some((_, code)) = system.sectors().iter().find(|(_, code)| scheme.get(code).is_none()) {
            let what = format!("products are linked to the sectors {SECTOR_SCHEME}, and \"{code}\" of the table is none of them");
            return Err(StoreError::new(Problem::Options, what).next("name sectors, and give the share of the products as `loss`").into());
        }
        let exports = workspace.activity(TRADE_TABLE)?.matrix("exports", Period::year(TRADE_YEAR), PRODUCT_SCHEME)?;
        let headings = exports.columns();
        let mut sectors = BTreeSet::new();
        for product in products {
            if headings.position(product).is_none() {
                let registered = workspace.classification(PRODUCT_SCHEME)?;
                let names = headings.iter().map(|code| (code, registered.get(code).map_or("", |activity| activity.name.en.as_str())));
                let near = crate::scenario_file::nearest_names(product, names);
                let what = format!("there is no HS heading \"{product}\" (four digits, HS 2007)");
                return Err(StoreError::new(Problem::Unknown, what).next(format!("nearest: {}", near.join(", "))).into());
            }
            let linked = concordance.shares(product);
            if linked.is_empty() || NOT_A_PRODUCT.contains(&product.as_str()) {
                let what = format!("the HS heading {product} is linked to no sector");
                return Err(StoreError::new(Problem::Unknown, what).next("name the sector, and give the share as `loss`").into());
            }
            sectors.extend(linked.into_iter().map(|(sector, _)| sector.to_owned()));
        }
        let wanted: BTreeSet<&str> = products.iter().map(String::as_str).collect();
        let (mut part, mut whole) = (Sums::new(), Sums::new());
        let mut exporters = BTreeSet::new();
        for (r, exporter) in exports.rows().iter().enumerate() {
            if system.regions().position(exporter).is_none() {
                continue;
            }
            exporters.insert(exporter.to_owned());
            for (p, heading) in headings.iter().enumerate() {
                let value = exports.at(r, p);
                if value.is_nan() || value <= 0.0 {
                    continue;
                }
                for (sector, weight) in concordance.shares(heading) {
                    let key = (exporter.to_owned(), sector.to_owned());
                    if wanted.contains(heading) {
                        *part.entry(key.clone()).or_insert(0.0) += value * weight;
                    }
                    *whole.entry(key).or_insert(0.0) += value * weight;
                }
            }
        }
        let shares = part.into_iter().filter_map(|(key, value)| whole.get(&key).map(|all| (key.clone(), value / all))).collect();
        Ok(ProductShares { table: TRADE_TABLE, sectors: sectors.into_iter().collect(), shares, exporters })
    }

    /// Whether a region's exports are known.
    pub(crate) fn exports_of(&self, region: &str) -> bool {
        self.exporters.contains(region)
    }

    /// The share in a sector of a region; `None` where the region's exports are not known.
    pub(crate) fn share(&self, region: &str, sector: &str) -> Option<f64> {
        self.exports_of(region).then(|| self.shares.get(&(region.to_owned(), sector.to_owned())).copied().unwrap_or(0.0))
    }
}
