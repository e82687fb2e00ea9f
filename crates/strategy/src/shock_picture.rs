use crate::chain_verbs::ModelRun;
use crate::{BarRow, Chart, ChartKind, Format, LineSeries, ScenarioFile};
use frame::Text;

/// How many points a line has at most.
const POINTS: usize = 120;

/// The models side by side: value added lost by each, and output day by day of those that have days. `label` is the place's name.
pub(crate) fn pictures(file: &ScenarioFile, runs: &[ModelRun], unit: &str, place: Option<usize>, label: &Text) -> Vec<Chart> {
    let title = Text::new(&file.name, file.name_zh.as_ref().unwrap_or(&file.name));
    // a share of value added would print as 0.0 % for most scenarios
    let (factor, format) = if unit == "million USD" { (1e6, Format::Usd) } else { (1.0, Format::Whole) };
    let mut charts = Vec::new();
    let rows: Vec<BarRow> = runs
        .iter()
        .filter_map(|run| {
            let loss = run.value_added_loss(place)?;
            Some(BarRow { label: run.model.label(), values: vec![Some(loss * factor)], highlighted: false })
        })
        .collect();
    if rows.len() > 1 {
        let (unit_en, unit_zh) = if factor > 1.0 { (String::new(), String::new()) } else { (format!(", {unit}"), format!("（{unit}）")) };
        charts.push(Chart {
            id: "models".into(),
            title: Text::new(format!("{}: value added lost, {}", title.en, label.en), format!("{}：{}增加值损失", title.zh, label.zh)),
            caption: Text::new(
                format!(
                    "Over {} days, by model{unit_en}; negative is a gain. Each model answers another question: the table says which.",
                    file.days
                ),
                format!("{} 天合计，按模型{unit_zh}；负值为增益。各模型回答的问题不同，见表。", file.days),
            ),
            kind: ChartKind::Bars { format, series: vec![Text::new("value added lost", "增加值损失")], rows },
        });
    }
    let daily: Vec<(&ModelRun, Vec<f64>)> = runs.iter().filter_map(|run| Some((run, run.path.as_ref()?.of(place)))).collect();
    let days = daily.iter().map(|(_, path)| path.len()).max().unwrap_or(0);
    if days > 1 {
        let step = days.div_ceil(POINTS);
        let shown: Vec<usize> = (0..days).step_by(step).collect();
        charts.push(Chart {
            id: "days".into(),
            title: Text::new(format!("{}: output day by day, {}", title.en, label.en), format!("{}：{}逐日产出", title.zh, label.zh)),
            caption: Text::new(
                "Output as a share of that without the shocks; days from the first on. A line that ends early was stopped because it diverged.",
                "产出与无冲击情形之比；横轴为天数。提前结束的线因发散而停止。",
            ),
            kind: ChartKind::Lines {
                years: shown.iter().map(|day| *day as i32).collect(),
                format: Format::Percent,
                series: daily
                    .iter()
                    .enumerate()
                    .map(|(at, (run, path))| LineSeries {
                        label: run.model.label(),
                        values: shown.iter().map(|day| path.get(*day).copied()).collect(),
                        highlighted: at == 0,
                    })
                    .collect(),
            },
        });
    }
    charts
}
