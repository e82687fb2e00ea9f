use crate::IndustryError;
use complexity::{Diagonal, Presence, density, presence, proximity, revealed_comparative_advantage};
use frame::{Concordance, LabelledMatrix, LabelledVector, Loss, Rank};

/// How a place's economy is put together, against the nation (all places of the table).
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    /// The place.
    pub place: String,
    /// The sum over its sectors, in the unit of the table.
    pub total: f64,
    /// Its share of the nation.
    pub share_of_nation: f64,
    /// Every sector, in table order.
    pub sectors: Vec<SectorStanding>,
    /// Krugman specialisation index `Σ_s |a_s − b_s|` of the place's shares a against those of the rest of the nation b, from 0 (the same
    /// mix) to 2 (nothing in common); NaN where the place is the whole nation.
    pub krugman: f64,
    /// Herfindahl index `Σ_s a_s²`, from 1/sectors to 1.
    pub herfindahl: f64,
    /// The nation's Herfindahl index.
    pub national_herfindahl: f64,
}

/// One sector of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct SectorStanding {
    /// Code of the sector.
    pub code: String,
    /// Value in the unit of the table.
    pub value: f64,
    /// Share of the place's total.
    pub share: f64,
    /// Share of the sector in the nation's total.
    pub national_share: f64,
    /// The place's share of the nation's sector.
    pub share_of_nation: f64,
    /// Location quotient `share / national share`; 0 where the nation has nothing.
    pub location_quotient: f64,
    /// Rank by location quotient among places that have the sector (1 is the most specialised); nothing where the place does not have it.
    pub rank: Option<Rank>,
    /// Rank by value among places that have the sector.
    pub rank_by_value: Option<Rank>,
    /// Density of the place around the sector (0 to 1) with presence at a location quotient of at least 1 and proximity over the places
    /// of the table, diagonal 0; nothing where the sector has no neighbour.
    pub density: Option<f64>,
}

fn ranked(column: impl Iterator<Item = f64>, own: f64) -> Option<Rank> {
    let (above, of) = column.filter(|v| *v > 0.0).fold((0, 0), |(above, of), v| (above + usize::from(v > own), of + 1));
    (own > 0.0).then_some(Rank { rank: above + 1, of })
}

/// The structure of one place: shares, location quotients, ranks and concentration (Krugman 1991; Herfindahl 1950).
///
/// The table holds places of one nation and nothing else (no totals), sectors that add up, and values that are not negative.
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place or a value that is negative or not finite, [`IndustryError::NoValues`].
///
/// ```
/// use frame::LabelledMatrix;
/// let output = LabelledMatrix::from_triplets("provinces", "sectors", [("A", "steel", 3.0), ("A", "food", 1.0), ("B", "food", 4.0)])?;
/// let structure = xinzhi_industry::structure(&output, "A")?;
/// let steel = &structure.sectors[1];
/// assert_eq!((steel.share, steel.national_share, steel.location_quotient), (0.75, 0.375, 2.0));
/// assert_eq!((structure.krugman, structure.herfindahl), (1.5, 0.625));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn structure(values: &LabelledMatrix, place: &str) -> Result<Structure, IndustryError> {
    let row = values.rows().require(place)?;
    let quotients = revealed_comparative_advantage(values)?;
    let here = presence(&quotients, Presence::default());
    let densities = density(&here, &proximity(&here, Diagonal::Zero))?;
    let (own, nation) = (values.row(row), values.column_sums());
    let (total, national_total) = (own.iter().sum::<f64>(), nation.iter().sum::<f64>());
    if total <= 0.0 {
        return Err(IndustryError::NoValues { place: place.to_owned() });
    }
    let sectors: Vec<SectorStanding> = values
        .columns()
        .iter()
        .enumerate()
        .map(|(s, code)| {
            let column = |m: &LabelledMatrix| (0..m.rows().len()).map(|r| m.at(r, s)).collect::<Vec<f64>>().into_iter();
            SectorStanding {
                code: code.to_owned(),
                value: own[s],
                share: own[s] / total,
                national_share: nation[s] / national_total,
                share_of_nation: if nation[s] > 0.0 { own[s] / nation[s] } else { 0.0 },
                location_quotient: quotients.at(row, s),
                rank: ranked(column(&quotients), quotients.at(row, s)),
                rank_by_value: ranked(column(values), own[s]),
                density: Some(densities.at(row, s)).filter(|d| d.is_finite()),
            }
        })
        .collect();
    let rest = national_total - total;
    let krugman = if rest > 0.0 { own.iter().zip(&nation).map(|(v, all)| (v / total - (all - v) / rest).abs()).sum() } else { f64::NAN };
    Ok(Structure {
        place: place.to_owned(),
        total,
        share_of_nation: total / national_total,
        krugman,
        herfindahl: sectors.iter().map(|s| s.share * s.share).sum(),
        national_herfindahl: sectors.iter().map(|s| s.national_share * s.national_share).sum(),
        sectors,
    })
}

/// Growth of a place's sectors between two tables.
#[derive(Debug, Clone, PartialEq)]
pub struct SectorGrowth {
    /// The place.
    pub place: String,
    /// Every sector of the later table.
    pub sectors: Vec<SectorGrowthStanding>,
    /// Growth of the place's total a year.
    pub growth: Option<f64>,
    /// Growth of the nation's total a year.
    pub national_growth: Option<f64>,
    /// What the concordance could not carry over from the place's earlier sectors.
    pub loss: Loss,
}

/// Growth of one sector.
#[derive(Debug, Clone, PartialEq)]
pub struct SectorGrowthStanding {
    /// Code of the sector.
    pub code: String,
    /// Value in the earlier table, carried over to this sector.
    pub earlier: f64,
    /// Value in the later table.
    pub later: f64,
    /// Growth a year, `(later / earlier)^(1/years) − 1`; nothing where either is 0.
    pub growth: Option<f64>,
    /// The nation's growth of the sector a year.
    pub national_growth: Option<f64>,
    /// Change of the sector's share in the place, in shares of 1.
    pub share_change: f64,
}

/// Growth by sector of one place and of the nation, at the prices of the tables, between two tables with the same sectors or with a
/// concordance from the earlier sectors to the later ones.
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place or a bad value, [`IndustryError::LabelsDiffer`] when the sectors differ and no
/// concordance is given, [`IndustryError::NoValues`], [`IndustryError::Option`] for years that are not positive.
///
/// ```
/// use frame::LabelledMatrix;
/// let table = |v: f64| LabelledMatrix::from_triplets("provinces", "sectors", [("A", "food", v), ("B", "food", 1.0)]);
/// let growth = xinzhi_industry::sector_growth(&table(100.0)?, &table(121.0)?, "A", 2.0, None)?;
/// assert!((growth.sectors[0].growth.unwrap_or(0.0) - 0.1).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sector_growth(
    earlier: &LabelledMatrix,
    later: &LabelledMatrix,
    place: &str,
    years: f64,
    concordance: Option<&Concordance>,
) -> Result<SectorGrowth, IndustryError> {
    if !years.is_finite() || years <= 0.0 {
        return Err(IndustryError::Option { option: "years", value: years.to_string(), requirement: "a positive number" });
    }
    if concordance.is_none() && earlier.columns() != later.columns() {
        return Err(IndustryError::LabelsDiffer {
            input: "earlier table (without a concordance)",
            what: "sectors",
            reference: "later table",
        });
    }
    let (before, after) = (earlier.rows().require(place)?, later.rows().require(place)?);
    earlier.require_non_negative("the earlier table")?;
    later.require_non_negative("the later table")?;
    let link = |values: &[f64]| -> Result<(LabelledVector, Loss), IndustryError> {
        let vector = LabelledVector::new(earlier.columns().clone(), values.to_vec())?;
        Ok(match concordance {
            Some(concordance) => concordance.apply(&vector)?,
            None => (vector, Loss::default()),
        })
    };
    let (own, loss) = link(earlier.row(before))?;
    let (nation, _) = link(&earlier.column_sums())?;
    let (own_later, nation_later) = (later.row(after), later.column_sums());
    let (total, total_later) = (earlier.row(before).iter().sum::<f64>(), own_later.iter().sum::<f64>());
    if total <= 0.0 || total_later <= 0.0 {
        return Err(IndustryError::NoValues { place: place.to_owned() });
    }
    let growth = |from: f64, to: f64| (from > 0.0 && to > 0.0).then(|| (to / from).powf(1.0 / years) - 1.0);
    let sectors = later.columns().iter().enumerate().map(|(s, code)| {
        let from = own.get(code).unwrap_or(0.0);
        SectorGrowthStanding {
            code: code.to_owned(),
            earlier: from,
            later: own_later[s],
            growth: growth(from, own_later[s]),
            national_growth: growth(nation.get(code).unwrap_or(0.0), nation_later[s]),
            share_change: own_later[s] / total_later - from / total,
        }
    });
    Ok(SectorGrowth {
        place: place.to_owned(),
        sectors: sectors.collect(),
        growth: growth(total, total_later),
        national_growth: growth(earlier.column_sums().iter().sum(), nation_later.iter().sum()),
        loss,
    })
}
