use crate::{Confidence, CrosswalkRow, Industry, PolicyError, Registry, Role, Strand, nearest};

/// Which codes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrosswalkQuery {
    /// These industries only (ids, or names in either language); all without any.
    pub industries: Vec<String>,
    /// Industries of these strands only; all without any.
    pub strands: Vec<Strand>,
    /// These schemes only; all without any.
    pub schemes: Vec<String>,
    /// Rows that meet one of these codes: the same, a group above, or one below; all without any.
    pub codes: Vec<String>,
    /// These roles only; all without any.
    pub roles: Vec<Role>,
    /// Rows of at least this confidence.
    pub minimum_confidence: Confidence,
}

impl Default for CrosswalkQuery {
    fn default() -> Self {
        CrosswalkQuery {
            industries: Vec::new(),
            strands: Vec::new(),
            schemes: Vec::new(),
            codes: Vec::new(),
            roles: Vec::new(),
            minimum_confidence: Confidence::Low,
        }
    }
}

/// The codes of industries, and the industries of codes, in table order.
///
/// # Errors
/// [`PolicyError::Unknown`] for an industry, a scheme, or a code that meets no row of the schemes asked for, with the nearest.
///
/// ```
/// use frame::Text;
/// use xinzhi_policy::{Confidence, CrosswalkQuery, CrosswalkRow, Industry, Registry, Role, Strand, crosswalk_rows};
/// let chips = Industry { id: "E-IC".into(), strand: Strand::Emerging, name: Text::new("Integrated circuits", "集成电路"), named_in: vec![] };
/// let registry = Registry::new(vec![chips], vec![CrosswalkRow::new("E-IC", "HS2017", "8542", Role::Core, Confidence::High)])?;
/// let asked = |code: &str| CrosswalkQuery { codes: vec![code.into()], ..CrosswalkQuery::default() };
/// assert_eq!(crosswalk_rows(&registry, &asked("854231"))?[0].0.id, "E-IC");
/// assert!(crosswalk_rows(&registry, &asked("8543")).unwrap_err().to_string().contains("8542"));
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
pub fn crosswalk_rows<'a>(registry: &'a Registry, query: &CrosswalkQuery) -> Result<Vec<(&'a Industry, &'a CrosswalkRow)>, PolicyError> {
    let mut wanted = Vec::new();
    for asked in &query.industries {
        wanted.push(registry.find_industry(asked)?.id.as_str());
    }
    let schemes = registry.schemes();
    for scheme in &query.schemes {
        if !schemes.contains(&scheme.as_str()) {
            let mut near = nearest(scheme, schemes.iter().map(|s| (*s, "")));
            if near.is_empty() {
                near = schemes.iter().map(|s| (*s).to_owned()).collect();
            }
            return Err(PolicyError::Unknown { what: "scheme", found: scheme.clone(), nearest: near });
        }
    }
    let in_schemes = |row: &CrosswalkRow| query.schemes.is_empty() || query.schemes.contains(&row.scheme);
    let meets = |row: &CrosswalkRow, code: &str| row.code.starts_with(code) || code.starts_with(&row.code);
    for code in &query.codes {
        if !registry.crosswalk().any(|(_, row)| in_schemes(row) && meets(row, code)) {
            // codes are most alike where they begin alike
            let mut known: Vec<(usize, &str, &str)> = registry
                .crosswalk()
                .filter(|(_, row)| in_schemes(row))
                .map(|(_, row)| {
                    (row.code.chars().zip(code.chars()).take_while(|(a, b)| a == b).count(), row.code.as_str(), row.label.as_str())
                })
                .filter(|(alike, ..)| *alike > 0)
                .collect();
            known.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            known.dedup_by(|a, b| a.1 == b.1);
            let told = |(_, code, label): &(usize, &str, &str)| {
                let short: String = label.chars().take(40).collect();
                if short.is_empty() { (*code).to_owned() } else { format!("{code} ({short})") }
            };
            return Err(PolicyError::Unknown { what: "code", found: code.clone(), nearest: known.iter().take(3).map(told).collect() });
        }
    }
    Ok(registry
        .crosswalk()
        .filter(|(industry, row)| {
            (wanted.is_empty() || wanted.contains(&industry.id.as_str()))
                && (query.strands.is_empty() || query.strands.contains(&industry.strand))
                && in_schemes(row)
                && (query.codes.is_empty() || query.codes.iter().any(|code| meets(row, code)))
                && (query.roles.is_empty() || query.roles.contains(&row.role))
                && row.confidence >= query.minimum_confidence
        })
        .collect())
}
