use frame::Text;
use thiserror::Error;

/// Why a measure gives no number: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// The second year does not come after the first.
    #[error("the period runs from {from} to {to}: the second year must come after the first")]
    PeriodOrder {
        /// First year.
        from: i32,
        /// Last year.
        to: i32,
    },
    /// A series is not as long as the list of years.
    #[error("the series {series} has {found} values for {expected} years: give one value a year, with NaN where it is missing")]
    SeriesLength {
        /// The series.
        series: &'static str,
        /// Number of years.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// The years are not strictly increasing.
    #[error("the year {year} stands twice or out of order: years must increase")]
    YearOrder {
        /// The offending year.
        year: i32,
    },
    /// A year that the method needs is not in the series, or its value is missing.
    #[error("{series} has no value for {year}: choose a period in which every year is covered")]
    MissingValue {
        /// The series.
        series: &'static str,
        /// The year.
        year: i32,
    },
    /// A value whose logarithm does not exist.
    #[error("{series} is {value} in {year}: growth is only defined for finite values above zero")]
    NotPositive {
        /// The series.
        series: &'static str,
        /// The year.
        year: i32,
        /// The value.
        value: f64,
    },
    /// The labour share is missing where the observed one was asked for.
    #[error(
        "the labour share is missing in {year}: choose another period, or state a constant share (LabourShare::ObservedOr or LabourShare::Constant)"
    )]
    MissingLabourShare {
        /// The year.
        year: i32,
    },
    /// A labour share outside 0 to 1.
    #[error("the labour share of {year} is {value}: it must lie strictly between 0 and 1")]
    LabourShareRange {
        /// The year it applies to.
        year: i32,
        /// The value.
        value: f64,
    },
    /// A sub-period that is not inside the period.
    #[error("the sub-period {sub_from}-{sub_to} does not lie inside {from}-{to}, or its years are the same")]
    SubPeriod {
        /// First year of the sub-period.
        sub_from: i32,
        /// Last year of the sub-period.
        sub_to: i32,
        /// First year of the period.
        from: i32,
        /// Last year of the period.
        to: i32,
    },
}

impl MeasureError {
    /// The refusal as a reader of a dossier sees it, in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            MeasureError::PeriodOrder { from, to } => format!("期间为 {from} 至 {to} 年：末年必须晚于首年"),
            MeasureError::SeriesLength { series, expected, found } => {
                format!("序列“{}”有 {found} 个值，而年份有 {expected} 个", series_zh(series))
            }
            MeasureError::YearOrder { year } => format!("年份 {year} 重复或顺序有误"),
            MeasureError::MissingValue { series, year } => format!("“{}”缺少 {year} 年的数值", series_zh(series)),
            MeasureError::NotPositive { series, year, value } => {
                format!("“{}”在 {year} 年为 {value}：只有正值才能计算增长率", series_zh(series))
            }
            MeasureError::MissingLabourShare { year } => format!("缺少 {year} 年的劳动份额"),
            MeasureError::LabourShareRange { year, value } => format!("{year} 年的劳动份额为 {value}，应在 0 与 1 之间"),
            MeasureError::SubPeriod { sub_from, sub_to, from, to } => {
                format!("子期间 {sub_from}—{sub_to} 年不在 {from}—{to} 年之内")
            }
        };
        Text::new(self.to_string(), zh)
    }
}

/// The Chinese name of a series that this room names in English.
fn series_zh(series: &str) -> &str {
    match series {
        "output" => "产出",
        "capital" => "资本存量",
        "employment" => "就业人数",
        "human capital" => "人力资本",
        "labour share" => "劳动份额",
        "hours" => "工时",
        "the value" => "该指标",
        other => other,
    }
}
