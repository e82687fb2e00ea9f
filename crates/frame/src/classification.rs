use crate::Text;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A product, industry, technology field or research field of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The code in its scheme.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The code of the group it belongs to, in the same or the parent scheme.
    pub parent: Option<String>,
}

/// A scheme of activities: HS4, WIOD35, WIPO35, CN42-2017 and so on.
///
/// ```
/// use xinzhi_frame::{Activity, Classification, Text};
/// let hs = Classification::new("HS4", vec![Activity { code: "8542".into(), name: Text::new("Integrated circuits", "集成电路"), parent: Some("85".into()) }]);
/// assert_eq!(hs.name("8542").en, "Integrated circuits");
/// assert_eq!(hs.name("0000").en, "0000");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Classification {
    scheme: String,
    activities: Vec<Activity>,
    index: HashMap<String, usize>,
}

impl Classification {
    /// A scheme and its activities; of a repeated code the first counts.
    pub fn new(scheme: impl Into<String>, activities: Vec<Activity>) -> Self {
        let mut index = HashMap::with_capacity(activities.len());
        for (i, activity) in activities.iter().enumerate() {
            index.entry(activity.code.clone()).or_insert(i);
        }
        Classification { scheme: scheme.into(), activities, index }
    }

    /// The scheme's name.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// All activities, in table order.
    pub fn iter(&self) -> impl Iterator<Item = &Activity> {
        self.activities.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.activities.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.activities.is_empty()
    }

    /// An activity by code.
    pub fn get(&self, code: &str) -> Option<&Activity> {
        self.index.get(code).map(|i| &self.activities[*i])
    }

    /// The name of an activity, or its code where the scheme does not hold it.
    pub fn name(&self, code: &str) -> Text {
        self.get(code).map_or_else(|| Text::same(code), |a| a.name.clone())
    }
}
