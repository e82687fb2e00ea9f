//! Values others have published or computed, and hand-made networks whose answer is known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledMatrix, Labels};
use xinzhi_complexity::*;

fn exports_1995() -> LabelledMatrix {
    let mut reader = csv::Reader::from_reader(include_str!("data/growth_lab_1995.csv").as_bytes());
    let products: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let values = rows.iter().flat_map(|row| row.iter().skip(1).map(|v| v.parse::<f64>().unwrap())).collect();
    let places = Labels::new("places", rows.iter().map(|row| &row[0])).unwrap();
    LabelledMatrix::new(places, Labels::new("products", products).unwrap(), values).unwrap()
}

fn near(found: Option<f64>, expected: f64, tolerance: f64, what: &str) {
    let found = found.unwrap_or_else(|| panic!("{what} is missing"));
    assert!((found - expected).abs() <= tolerance, "{what}: {found} instead of {expected}");
}

/// The output of the Growth Lab's Stata package.
#[test]
fn stata_output_of_1995_is_reproduced() {
    let exports = exports_1995();
    let convention = Convention::Stata;
    let present = presence(&revealed_comparative_advantage(&exports).unwrap(), convention.presence());
    for (place, diversity) in
        [("aut", 14), ("blx", 16), ("che", 16), ("deu", 15), ("dnk", 11), ("esp", 16), ("gbr", 20), ("ita", 9), ("pol", 7)]
    {
        assert_eq!(present.diversity()[present.places().position(place).unwrap()], diversity, "{place}");
    }
    let complexity = economic_complexity(&present, &convention.options()).unwrap();
    let product_space = proximity(&present, convention.diagonal());
    let near_to = density(&present, &product_space).unwrap();
    let outlook = complexity_outlook(&present, &near_to, &product_space, &complexity).unwrap();
    near(Some(complexity.second_eigenvalue()), 0.299286727886, 1e-12, "second eigenvalue");
    for (place, eci) in [
        ("aut", 1.073207217992253),
        ("blx", -0.3159764634559932),
        ("che", 1.06773721349865),
        ("deu", 1.200861157616729),
        ("pol", -2.170709342895322),
    ] {
        near(complexity.eci.get(place), eci, 1e-12, place);
    }
    for (product, pci) in [("1704", -1.470491886427003), ("3917", 2.794806326517154), ("9403", -3.434600369331548)] {
        near(complexity.pci.get(product), pci, 1e-12, product);
    }
    near(near_to.get("aut", "1704"), 0.4625, 1e-14, "density");
    near(outlook.coi.get("aut"), -0.9940121728867501, 1e-12, "outlook index");
    near(outlook.coi.get("che"), -1.489194423334662, 1e-12, "outlook index");
    near(outlook.cog.get("aut", "1704"), -0.6248181469470029, 1e-12, "outlook gain");
    assert!(complexity.warnings.is_empty(), "{:?}", complexity.warnings);
    assert!(complexity.residual < 1e-12, "{}", complexity.residual);
}

/// The conventions differ where they say they do, and only there.
#[test]
fn conventions_differ_as_documented() {
    let rca = revealed_comparative_advantage(&exports_1995()).unwrap();
    let result = |c: Convention| economic_complexity(&presence(&rca, c.presence()), &c.options()).unwrap();
    let (lab, python, stata, r) = (
        result(Convention::GrowthLab),
        result(Convention::PyEcomplexity),
        result(Convention::Stata),
        result(Convention::EconomicComplexityR),
    );
    assert_eq!(lab.eci, python.eci);
    // sample deviation over the 300 rows of the long table
    for (population, sample) in lab.eci.values().iter().zip(stata.eci.values()) {
        assert!((population / sample - (300.0_f64 / 299.0).sqrt()).abs() < 1e-12);
    }
    let product_space = |c: Convention| proximity(&presence(&rca, c.presence()), c.diagonal());
    let density_of = |c: Convention| density(&presence(&rca, c.presence()), &product_space(c)).unwrap().get("aut", "1704").unwrap();
    assert!((density_of(Convention::GrowthLab) - 0.4625).abs() < 1e-14);
    assert!((density_of(Convention::PyEcomplexity) - 0.430).abs() < 5e-4);
    // both indices of the R package have mean 0 and sample deviation 1; 20 reflections are not the eigenvector
    for values in [r.eci.values(), r.pci.values()] {
        let n = values.len() as f64;
        assert!(values.iter().sum::<f64>().abs() < 1e-9);
        assert!((values.iter().map(|v| v * v).sum::<f64>() / (n - 1.0) - 1.0).abs() < 1e-12);
    }
    assert!(r.residual > 1e-9 && lab.residual < 1e-12, "{} {}", r.residual, lab.residual);
}

/// Reflections by hand on the example network of Hidalgo and Hausmann: their supplement gives kc,1 and kc,2.
#[test]
fn reflections_follow_the_definition_and_tend_to_the_eigenvector() {
    let cells = [1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1].map(|b| b == 1);
    let m = PresenceMatrix::new(
        Labels::new("places", ["C1", "C2", "C3", "C4"]).unwrap(),
        Labels::new("products", ["P1", "P2", "P3", "P4"]).unwrap(),
        cells,
    )
    .unwrap();
    let reflected = |iterations| {
        let options =
            EconomicComplexityOptions { solution: Solution::Reflections { iterations }, standardisation: Standardisation::EachSample };
        economic_complexity(&m, &options).unwrap()
    };
    for (found, expected) in reflected(4).kc.values().iter().zip([2.958_333_333_333, 2.5, 2.666_666_666_667, 2.333_333_333_333]) {
        assert!((found - expected).abs() < 1e-11, "{found} {expected}");
    }
    let exact = economic_complexity(&m, &EconomicComplexityOptions::default()).unwrap();
    let expected = [1.0, 0.542133713179, 0.190154, 0.101045];
    for (found, expected) in exact.eigenvalues.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    for (found, expected) in exact.eci.values().iter().zip([-0.075353, -1.602916, 0.747788, 0.930481]) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    assert_eq!(exact.warnings, [ComplexityWarning::WeakSign { correlation: exact.sign_correlation }]);
    // the more iterations the nearer to the eigenvector, apart from its sign
    let error = |iterations| {
        let eci = reflected(iterations).eci;
        let scaled: Vec<f64> = exact.eci.values().iter().map(|v| v * 0.75_f64.sqrt()).collect();
        let sign = (eci.values()[1] * scaled[1]).signum();
        eci.values().iter().zip(&scaled).map(|(a, b)| (sign * a - b).abs()).fold(0.0, f64::max)
    };
    assert!(error(30) < 1e-3 && error(30) < error(10) && error(10) < error(4));
    for iterations in [0, 2, 5] {
        let options = EconomicComplexityOptions { solution: Solution::Reflections { iterations }, ..Default::default() };
        assert_eq!(economic_complexity(&m, &options), Err(ComplexityError::Iterations { iterations }));
    }
}

/// Two groups without a link: the number can be computed but says nothing, and the result says so.
#[test]
fn a_disconnected_network_is_flagged() {
    let cells = [1, 1, 0, 1, 1, 0, 0, 0, 1].map(|b| b == 1);
    let labels = |what| Labels::new(what, ["1", "2", "3"]).unwrap();
    let m = PresenceMatrix::new(labels("places"), labels("products"), cells).unwrap();
    let result = economic_complexity(&m, &EconomicComplexityOptions::default()).unwrap();
    assert_eq!(result.components, 2);
    assert!(result.warnings.contains(&ComplexityWarning::Disconnected { components: 2 }));
    assert!((result.second_eigenvalue() - 1.0).abs() < 1e-12);
    for (found, expected) in result.eci.values().iter().zip([0.5_f64.sqrt(), 0.5_f64.sqrt(), -2.0_f64.sqrt()]) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn refusals_name_the_reason() {
    let labels = |what, n: usize| Labels::new(what, (0..n).map(|i| i.to_string())).unwrap();
    let same = PresenceMatrix::new(labels("places", 3), labels("products", 4), [true; 12]).unwrap();
    let error = economic_complexity(&same, &EconomicComplexityOptions::default()).unwrap_err();
    assert!(matches!(error, ComplexityError::NoStructure { .. }), "{error}");
    let nothing = PresenceMatrix::new(labels("places", 3), labels("products", 4), [false; 12]).unwrap();
    assert_eq!(
        economic_complexity(&nothing, &EconomicComplexityOptions::default()),
        Err(ComplexityError::TooSmall { places: 0, activities: 0 })
    );
    let none = PresenceMatrix::new(labels("places", 0), labels("products", 0), []).unwrap();
    assert!(economic_complexity(&none, &EconomicComplexityOptions::default()).is_err());
    assert!(proximity(&none, Diagonal::One).totals().is_empty());
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let x = LabelledMatrix::new(labels("places", 1), labels("products", 2), vec![1.0, bad]).unwrap();
        let message = revealed_comparative_advantage(&x).unwrap_err().to_string();
        assert!(message.contains("row \"0\", column \"1\""), "{message}");
    }
    let other = PresenceMatrix::new(labels("places", 3), labels("products", 3), [true; 9]).unwrap();
    let message = density(&other, &proximity(&same, Diagonal::Zero)).unwrap_err().to_string();
    assert!(message.contains("3 against 4"), "{message}");
}

/// Places with few exports are measured on the rest: the core's own places keep their index, others get the mean PCI of what they have.
#[test]
fn other_places_are_projected_on_a_core() {
    let rca = revealed_comparative_advantage(&exports_1995()).unwrap();
    let all = presence(&rca, Presence::default());
    let core = all.select_places(["aut", "blx", "che", "deu", "dnk", "esp", "gbr", "ita"]).unwrap();
    let complexity = economic_complexity(&core, &EconomicComplexityOptions::default()).unwrap();
    let projected = complexity.project(&all).unwrap();
    for (place, eci) in complexity.eci.iter() {
        near(projected.get(place), eci, 1e-12, place);
    }
    let poland = all.places().position("pol").unwrap();
    let pci: Vec<f64> = all.held(poland).map(|p| complexity.pci.values()[p]).filter(|v| v.is_finite()).collect();
    near(projected.get("pol"), pci.iter().sum::<f64>() / pci.len() as f64, 1e-12, "pol");
    let product_space = proximity(&core, Diagonal::Zero);
    let near_to = density(&all, &product_space).unwrap();
    let outlook = complexity_outlook(&all, &near_to, &product_space, &complexity).unwrap();
    assert!(outlook.coi.get("pol").unwrap().is_finite());
    let core_mean: f64 = core.places().iter().map(|c| outlook.coi.get(c).unwrap()).sum();
    assert!(core_mean.abs() < 1e-12, "standardised over the core only: {core_mean}");
    let reflected = economic_complexity(&core, &Convention::EconomicComplexityR.options()).unwrap();
    assert_eq!(reflected.project(&all), Err(ComplexityError::ProjectionOfReflections));
}
