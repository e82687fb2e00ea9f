//! How far the estimate of a province's import content (`province_estimate`) is from the truth, where an interregional table knows it.
//!
//! ```text
//! cargo run --release -p xinzhi-chain --example province_method_error -- TABLE.csv > ERRORS.csv
//! ```
//!
//! TABLE.csv holds one interregional table in long form, with the header `kind,from_region,from_sector,to_region,to_sector,value`:
//!
//! * `domestic`: deliveries between the industries of the regions;
//! * `final`: deliveries to final demand, `to_sector` being its category; the category `exports` is apart;
//! * `import`: imported inputs of an industry by product (`from_sector`; `all` where products are not known);
//! * `rest`: what is left of the industry's output: value added and net taxes on products.
//!
//! The regions are added up to a national table as a statistics office would publish it; from that table and a region's own output (or
//! exports) by sector the very function of the dossier makes its estimate. The truth is computed from the interregional table with its own
//! technology, trade and imports of every region. Prints `region,measure,estimate,truth,national` (the last being the figure of the nation
//! as a whole, the guess that knows nothing of the region). `data/build/province_method_error.py` makes TABLE.csv and reads the output.
#![allow(clippy::print_stdout)]

use frame::{LabelledVector, Labels};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use xinzhi_chain::{Factor, InputOutputSystem, Leontief, NationalSystem, NationalTable, SystemOptions, province_estimate};

const HEADER: &str = "kind,from_region,from_sector,to_region,to_sector,value";

struct Flow {
    kind: String,
    from: (String, String),
    to: (String, String),
    value: f64,
}

fn read(path: &str) -> Result<Vec<Flow>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(format!("{path}: the first line is not `{HEADER}`").into());
    }
    lines
        .enumerate()
        .map(|(at, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            let [kind, from_region, from_sector, to_region, to_sector, value] = cells[..] else {
                return Err(format!("{path}: line {} has {} cells, not 6", at + 2, cells.len()).into());
            };
            let value = value.parse().map_err(|_| format!("{path}: line {}: {value} is no number", at + 2))?;
            let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
            Ok(Flow { kind: kind.to_owned(), from: pair(from_region, from_sector), to: pair(to_region, to_sector), value })
        })
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: province_method_error TABLE.csv")?;
    let flows = read(&path)?;
    let of = |kind: &'static str| flows.iter().filter(move |f| f.kind == kind);
    let industries: Vec<(String, String)> = of("domestic").map(|f| f.to.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let sectors: Vec<String> = industries.iter().map(|i| i.1.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let categories: Vec<(String, String)> = of("final").map(|f| f.to.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let products: Vec<String> = of("import").map(|f| f.from.1.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let by_product = products.iter().all(|p| sectors.contains(p));
    let at: BTreeMap<&(String, String), usize> = industries.iter().enumerate().map(|(i, pair)| (pair, i)).collect();
    let of_sector: BTreeMap<&str, usize> = sectors.iter().enumerate().map(|(i, code)| (code.as_str(), i)).collect();
    let column: BTreeMap<&(String, String), usize> = categories.iter().enumerate().map(|(i, pair)| (pair, i)).collect();
    let (n, s, m) = (industries.len(), sectors.len(), categories.len());
    let industry = |pair: &(String, String)| at.get(pair).copied().ok_or_else(|| format!("{path}: {pair:?} is no industry"));
    let position = |code: &str| of_sector.get(code).copied().ok_or_else(|| format!("{path}: {code} is no sector"));

    let (mut z, mut y, mut exports, mut rest) = (vec![0.0; n * n], vec![0.0; n * m], vec![0.0; n], vec![0.0; n]);
    let mut imports = vec![0.0; products.len() * n];
    // the nation: sums over regions; final demand in two columns, at home and exports
    let (mut national, mut national_final) = (vec![0.0; s * s], vec![0.0; s * 2]);
    let (mut national_imports, mut national_rest) = (vec![0.0; s * s], vec![0.0; s]);
    for flow in &flows {
        match flow.kind.as_str() {
            "domestic" => {
                z[industry(&flow.from)? * n + industry(&flow.to)?] += flow.value;
                national[position(&flow.from.1)? * s + position(&flow.to.1)?] += flow.value;
            }
            "final" => {
                let from = industry(&flow.from)?;
                y[from * m + column[&flow.to]] += flow.value;
                let exported = flow.to.1 == "exports";
                national_final[position(&flow.from.1)? * 2 + usize::from(exported)] += flow.value;
                if exported {
                    exports[from] += flow.value;
                }
            }
            "import" => {
                let to = industry(&flow.to)?;
                let product = products.iter().position(|p| *p == flow.from.1).unwrap_or(0);
                imports[product * n + to] += flow.value;
                // where products are not known the row does not matter: only column sums are used then
                let row = if by_product { position(&flow.from.1)? } else { 0 };
                national_imports[row * s + position(&flow.to.1)?] += flow.value;
            }
            "rest" => {
                rest[industry(&flow.to)?] += flow.value;
                national_rest[position(&flow.to.1)?] += flow.value;
            }
            other => return Err(format!("{path}: unknown kind {other}").into()),
        }
    }

    let system = InputOutputSystem::new("interregional", 0, "", industries.clone(), z, categories, y, SystemOptions::default())?;
    let largest = system.output().iter().copied().fold(0.0, f64::max);
    for j in 0..n {
        let costs: f64 =
            (0..n).map(|i| system.delivery(i, j)).sum::<f64>() + (0..products.len()).map(|p| imports[p * n + j]).sum::<f64>() + rest[j];
        if (costs - system.output()[j]).abs() > 1e-6 * largest {
            return Err(format!("{path}: {:?} costs {costs} and makes {}", industries[j], system.output()[j]).into());
        }
    }
    let nation = NationalSystem::new(NationalTable {
        name: "sum of the regions".into(),
        sectors: sectors.clone(),
        region: "nation".into(),
        domestic: national,
        imported: national_imports,
        value_added: vec![("rest".into(), national_rest)],
        final_demand: vec!["home".into(), "exports".into()],
        domestic_final: national_final,
        imported_final: vec![0.0; s * 2],
        exports: Some("exports".into()),
        ..NationalTable::default()
    })?;
    let dependence = nation.import_dependence()?;
    let domestic = nation.domestic();
    let linkage_of_nation = Factor::new(domestic)?.solve_transposed(vec![1.0; s]);

    // the truth: import coefficients and the world of all regions together
    let x = system.output();
    let coefficient = |p: usize, j: usize| if x[j] > 0.0 { imports[p * n + j] / x[j] } else { 0.0 };
    let factor = Factor::new(&system)?;
    let direct: Vec<f64> = (0..n).map(|j| (0..products.len()).map(|p| coefficient(p, j)).sum()).collect();
    let content_by_product: Vec<Vec<f64>> =
        (0..products.len()).map(|p| factor.solve_transposed((0..n).map(|j| coefficient(p, j)).collect())).collect();
    let content: Vec<f64> = (0..n).map(|j| content_by_product.iter().map(|c| c[j]).sum()).collect();
    let linkage = factor.solve_transposed(vec![1.0; n]);

    let labels = Labels::new("sectors", sectors.iter().cloned())?;
    let mix = |values: &dyn Fn(usize) -> f64, region: Option<&str>| -> Result<LabelledVector, Box<dyn Error>> {
        let mut sums = vec![0.0; s];
        for (j, (r, sector)) in industries.iter().enumerate() {
            if region.is_none_or(|wanted| wanted == r) {
                sums[position(sector)?] += values(j);
            }
        }
        Ok(LabelledVector::new(labels.clone(), sums)?)
    };
    println!("region,measure,estimate,truth,national");
    for (which, amounts) in [("output", x), ("exports", &exports)] {
        let amount = |j: usize| amounts[j].max(0.0);
        let everywhere = mix(&amount, None)?;
        let national_figure = province_estimate(&everywhere, &dependence)?;
        for region in system.regions().iter() {
            let own = mix(&amount, Some(region))?;
            let total: f64 = own.values().iter().sum();
            if total <= 0.0 {
                continue;
            }
            let estimate = province_estimate(&own, &dependence)?;
            let range = system.range(region)?;
            let truly = |values: &[f64]| range.clone().map(|j| values[j] * amount(j)).sum::<f64>() / total;
            let print = |measure: &str, estimate: f64, truth: f64, national: f64| {
                println!("{region},{measure}_of_{which},{estimate:?},{truth:?},{national:?}");
            };
            print("direct_import_content", estimate.direct, truly(&direct), national_figure.direct);
            print("import_content", estimate.total, truly(&content), national_figure.total);
            let weighted = |mix: &LabelledVector| -> f64 {
                mix.values().iter().zip(&linkage_of_nation).map(|(w, l)| w * l).sum::<f64>() / mix.values().iter().sum::<f64>()
            };
            print("backward_linkage", weighted(&own), truly(&linkage), weighted(&everywhere));
            if by_product {
                // half the sum of differences of shares: the part of the imports that the estimate gives to the wrong product
                let misplaced = |estimate: &xinzhi_chain::ProvinceEstimate| -> f64 {
                    let truth = truly(&content);
                    let shares = products.iter().zip(&content_by_product).map(|(product, content)| {
                        (estimate.by_product.get(product).unwrap_or(0.0) / estimate.total - truly(content) / truth).abs()
                    });
                    shares.sum::<f64>() / 2.0
                };
                print("misplaced_products", misplaced(&estimate), 0.0, misplaced(&national_figure));
            }
        }
    }
    Ok(())
}
