use std::hash::{DefaultHasher, Hasher};

/// No firm.
const FREE: u32 = u32::MAX;

/// The names of up to four thousand million firms, each held once, with look-up by name: one text, and a table of positions.
///
/// ```
/// use xinzhi_chain::FirmNames;
/// let mut names = FirmNames::default();
/// assert_eq!([names.intern("mill"), names.intern("bakery"), names.intern("mill")], [0, 1, 0]);
/// assert_eq!((names.name(1), names.position("bakery"), names.position("smith")), ("bakery", Some(1), None));
/// assert_eq!(names.nearest("bakry", 1), ["bakery"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct FirmNames {
    text: String,
    /// Where names end in the text.
    ends: Vec<usize>,
    /// Open addressing with linear probing; a power of two, at most half full.
    slots: Vec<u32>,
}

impl FirmNames {
    /// How many firms there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The name at a position; positions come from this very list.
    pub fn name(&self, position: u32) -> &str {
        let position = position as usize;
        let from = if position == 0 { 0 } else { self.ends[position - 1] };
        &self.text[from..self.ends[position]]
    }

    /// The names in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|position| self.name(position as u32))
    }

    /// Where a name stands.
    pub fn position(&self, name: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let found = self.slots[self.slot(name)];
        (found != FREE).then_some(found)
    }

    /// Where a name stands; it is taken in when it is new.
    pub fn intern(&mut self, name: &str) -> u32 {
        if self.slots.len() < 2 * (self.ends.len() + 1) {
            self.grow();
        }
        let slot = self.slot(name);
        if self.slots[slot] == FREE {
            self.slots[slot] = self.ends.len() as u32;
            self.text.push_str(name);
            self.ends.push(self.text.len());
        }
        self.slots[slot]
    }

    /// The names most like one that is not there, the most like first (ties by name); fewer where not so many come near.
    pub fn nearest(&self, name: &str, count: usize) -> Vec<String> {
        let wanted = name.to_lowercase();
        let mut found: Vec<(f64, &str)> = self
            .iter()
            .filter(|other| other.len().abs_diff(name.len()) <= name.len().max(4))
            .map(|other| (strsim::normalized_damerau_levenshtein(&wanted, &other.to_lowercase()), other))
            .filter(|(likeness, _)| *likeness >= 0.45)
            .collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        found.into_iter().take(count).map(|(_, other)| other.to_owned()).collect()
    }

    /// The slot that holds a name, or the free one where it would go.
    fn slot(&self, name: &str) -> usize {
        let mut hasher = DefaultHasher::new();
        hasher.write(name.as_bytes());
        let mask = self.slots.len() - 1;
        let mut slot = hasher.finish() as usize & mask;
        while self.slots[slot] != FREE && self.name(self.slots[slot]) != name {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(16)];
        for position in 0..self.ends.len() as u32 {
            let slot = self.slot(self.name(position));
            self.slots[slot] = position;
        }
    }
}
