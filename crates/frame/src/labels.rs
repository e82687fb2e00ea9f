use crate::FrameError;
use std::collections::HashMap;
use std::sync::Arc;

/// An ordered list of unique labels (places, activities, region-sectors) with constant-time look-up. Cheap to clone.
///
/// ```
/// use xinzhi_frame::Labels;
/// let labels = Labels::new("places", ["CHN", "DEU"])?;
/// assert_eq!(labels.position("DEU"), Some(1));
/// assert!(labels.require("FRA").is_err());
/// # Ok::<(), xinzhi_frame::FrameError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Labels {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    what: String,
    names: Vec<String>,
    index: HashMap<String, usize>,
}

impl Labels {
    /// Labels in the order given.
    ///
    /// # Errors
    /// [`FrameError::DuplicateLabel`] when a label stands twice.
    pub fn new<S: Into<String>>(what: impl Into<String>, names: impl IntoIterator<Item = S>) -> Result<Self, FrameError> {
        let what = what.into();
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut index = HashMap::with_capacity(names.len());
        for (position, name) in names.iter().enumerate() {
            if index.insert(name.clone(), position).is_some() {
                return Err(FrameError::DuplicateLabel { label: name.clone(), what });
            }
        }
        Ok(Labels { inner: Arc::new(Inner { what, names, index }) })
    }

    /// What the labels name, for messages ("places", "industries").
    pub fn what(&self) -> &str {
        &self.inner.what
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.inner.names.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.inner.names.is_empty()
    }

    /// The label at a position; positions come from this very list.
    pub fn name(&self, position: usize) -> &str {
        &self.inner.names[position]
    }

    /// All labels in order.
    pub fn names(&self) -> &[String] {
        &self.inner.names
    }

    /// All labels in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.inner.names.iter().map(String::as_str)
    }

    /// Where a label stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.inner.index.get(name).copied()
    }

    /// Where a label stands, or an error that names the nearest ones.
    ///
    /// # Errors
    /// [`FrameError::UnknownLabel`].
    pub fn require(&self, name: &str) -> Result<usize, FrameError> {
        self.position(name).ok_or_else(|| FrameError::UnknownLabel {
            label: name.to_owned(),
            what: self.inner.what.clone(),
            nearest: self
                .inner
                .names
                .iter()
                .filter(|n| n.eq_ignore_ascii_case(name) || (name.len() > 1 && n.starts_with(name)))
                .take(5)
                .cloned()
                .collect(),
        })
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.inner.names == other.inner.names
    }
}

impl Eq for Labels {}
