//! How far the estimates of a province's chains were off where a true interregional table could check them.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure};
use crate::{Cell, Column, Format, Section, StrategyError, Table, print};
use frame::{Period, Place, Text, Unit};
use store::MethodError;

/// What the table of errors is of.
const TABLE: &str = "province_method_error";
/// The measure that a province's dossier opens with.
const CONTENT: &str = "import_content_of_output";

/// The checks there are: id, name, and how it stands in a sentence.
fn checks() -> [(&'static str, Text, Text); 2] {
    [
        (
            "china-8-regions",
            Text::new("8 regions of China, 2007", "中国 8 区域，2007 年"),
            Text::new("the 8 regions of China in 2007", "中国 8 区域（2007 年）"),
        ),
        (
            "finland-19-regions",
            Text::new("19 regions of Finland, 2014", "芬兰 19 个地区，2014 年"),
            Text::new("the 19 regions of Finland in 2014", "芬兰 19 个地区（2014 年）"),
        ),
    ]
}

/// The measures shown, of those in the table: those a dossier quotes.
fn measures() -> [(&'static str, Text); 4] {
    [
        (CONTENT, Text::new("imported content of output", "产出的进口含量")),
        ("direct_import_content_of_output", Text::new("of it direct", "其中直接")),
        ("import_content_of_exports", Text::new("imported content of exports", "出口的进口含量")),
        ("misplaced_products_of_output", Text::new("imports given to the wrong product", "归错产品的进口份额")),
    ]
}

/// Says how far off the estimate was, and shows the statistics.
pub(crate) fn add(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let errors = engine.workspace.method_errors()?;
    let of = |check: &str, measure: &str, statistic: &str| -> Option<&MethodError> {
        errors.iter().find(|e| e.check == check && e.measure == measure && e.statistic == statistic && e.area == "all")
    };
    let own = |check: &str, measure: &str| -> Option<&MethodError> {
        errors.iter().find(|e| e.check == check && e.measure == measure && e.statistic == "error" && e.places.contains(&place.code))
    };
    if errors.is_empty() {
        section.missing.push(Text::new(
            "How far the estimate is off could not be said: the workspace holds no table of the method's error.",
            "无法说明估计误差：工作区中没有该方法的误差表。",
        ));
        return Ok(());
    }
    let reference = engine.workspace.reference(TABLE)?;
    let points = Unit::Named(Text::new("percentage points", "个百分点"));
    let mut figure = |id: &str, label: Text, found: &MethodError, formula: &str, inputs: Vec<(&str, f64, &str)>| {
        figures.add(NewFigure {
            id,
            label,
            value: found.value * 100.0,
            unit: points.clone(),
            period: Period::year(found.period),
            rank: None,
            tables: vec![reference.clone()],
            method: "province-method-error",
            formula,
            options: &[("measure", found.measure.clone()), ("checked against", found.check.clone())],
            inputs,
        })
    };
    let mut quoted = Vec::new();
    for (at, (check, name, _)) in checks().into_iter().enumerate() {
        let (Some(mean), Some(largest), Some(guess)) = (
            of(check, CONTENT, "mean_absolute_error"),
            of(check, CONTENT, "largest_absolute_error"),
            of(check, CONTENT, "mean_absolute_error_of_national_figure"),
        ) else {
            continue;
        };
        let number = |statistic: &str| of(check, CONTENT, statistic).map_or(f64::NAN, |e| e.value);
        let short = ["china", "finland"][at];
        let label = |en: &str, zh: &str| print::fill(en, zh, &[&name]);
        let inputs = vec![
            ("regions", number("regions"), ""),
            ("mean of the truth", number("mean_truth"), "share of output"),
            ("median absolute error", number("median_absolute_error"), "share of output"),
            ("mean error (estimate less truth)", number("mean_error"), "share of output"),
            ("rank correlation of estimate and truth", number("rank_correlation"), ""),
        ];
        quoted.push(figure(
            &format!("chain/method_error_{short}"),
            label("Mean error of the estimated import content: {0}", "进口含量估计的平均误差：{0}"),
            mean,
            "mean over the regions of |estimate - truth|, in points of output",
            inputs,
        ));
        quoted.push(figure(
            &format!("chain/method_error_{short}_largest"),
            label("Largest error of the estimated import content: {0}", "进口含量估计的最大误差：{0}"),
            largest,
            "largest over the regions of |estimate - truth|, in points of output",
            vec![],
        ));
        quoted.push(figure(
            &format!("chain/method_error_{short}_national"),
            label("Mean error of giving every region the national figure: {0}", "一律采用全国数值的平均误差：{0}"),
            guess,
            "mean over the regions of |national figure - truth|, in points of output",
            vec![],
        ));
    }
    let region = own("china-8-regions", CONTENT).map(|found| {
        figure(
            "chain/method_error_own_region",
            Text::new("Error of the estimate for the region that holds the province, 2007", "该省所在区域的估计误差（2007 年）"),
            found,
            "estimate - truth, in points of output; negative: the estimate was too low",
            vec![],
        )
    });
    if let [china, china_largest, china_national, finland, finland_largest, finland_national] = &quoted[..] {
        let [(_, _, first), (_, _, second)] = checks();
        section.text.push(figures.sentence(
            "How good is it? Where a true interregional table exists the same estimate was off by {0} of output on average over {6} (at most {1}) and by {2} over {7} (at most {3}); giving every region the national figure would have been off by {4} and {5}.",
            "估计有多准？在有真实地区间投入产出表可供检验之处，同一方法平均相差产出的{0}（{6}，最多{1}）和{2}（{7}，最多{3}）；若对各区域一律采用全国数值，则平均相差{4}和{5}。",
            &[china, china_largest, finland, finland_largest, china_national, finland_national],
            &[&first, &second],
        ));
    }
    if let Some(region) = &region {
        section.text.push(figures.sentence(
            "For the region that holds {1} the estimate less the truth was {0} in 2007.",
            "对{1}所在区域，2007 年估计值与真实值之差为{0}。",
            &[region],
            &[&place.name],
        ));
    }
    let mut rows = Vec::new();
    for (check, name, _) in checks() {
        for (measure, what) in measures() {
            if of(check, measure, "regions").is_none() {
                continue;
            }
            let cell = |statistic: &str| of(check, measure, statistic).map_or(Cell::Missing, |e| Cell::Number(e.value));
            let own = own(check, measure).map_or(Cell::Missing, |e| Cell::Number(e.value));
            let mut row = vec![Cell::Text(name.clone()), Cell::Text(what)];
            row.extend(["mean_truth", "mean_absolute_error", "median_absolute_error", "largest_absolute_error", "mean_error"].map(cell));
            row.extend([cell("mean_absolute_error_of_national_figure"), cell("rank_correlation"), own]);
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let percent = |en: &str, zh: &str| Column { label: Text::new(en, zh), format: Some(Format::Percent) };
    section.tables.push(Table {
        id: "method-error".into(),
        title: Text::new("Error of the estimate, measured", "估计方法的实测误差"),
        columns: vec![
            Column { label: Text::new("Checked against", "检验对象"), format: None },
            Column { label: Text::new("What", "指标"), format: None },
            percent("Mean of the truth", "真实值平均"),
            percent("Mean absolute error", "平均绝对误差"),
            percent("Median", "中位数"),
            percent("Largest", "最大"),
            percent("Mean error", "平均误差（有正负）"),
            percent("National figure instead: mean absolute error", "一律用全国数值的平均绝对误差"),
            Column { label: Text::new("Rank correlation", "位次相关系数"), format: Some(Format::Decimal(2)) },
            percent("Error for its own region", "所在区域的误差"),
        ],
        rows,
        note: Text::new(
            "Percent of output or exports (points). The regions were added up to a national table, the estimate was made from it by the program's own code, and compared with the interregional table. Not covered: single provinces rather than groups of them, 42 sectors, a year later than 2014, which supplier abroad stands behind an import, the losses of cuts, the footprint; and the interregional tables are themselves partly estimated from regional surveys (China 2007 holds discrepancies of 7% of output, Finland knows trade between regions by product only).",
            "单位为占产出或出口的百分比（百分点）。先将各区域加总为全国表，用本程序同一代码估计，再与地区间投入产出表比较。未涵盖：单个省份（而非多省合成的区域）、42 部门、2014 年之后的年份、进口背后的具体国外供应方、断供损失和足迹；且地区间表本身也部分依靠推算（中国 2007 年表误差项占产出 7%，芬兰表的区域间贸易只分产品）。",
        ),
    });
    Ok(())
}
