//! Labelled pairs of records, in the form in which such benchmarks are published: one pair a line,
//! `COL field VAL value …`, a tab, the other record, a tab, 1 or 0.

/// A record: its fields in order, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Record {
    /// Names and values; a value may be empty.
    pub fields: Vec<(String, String)>,
}

impl Record {
    /// Reads `COL field VAL value COL …`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut fields = Vec::new();
        for field in format!(" {text} ").split(" COL ").skip(1) {
            let (name, value) = field.split_once(" VAL ").unwrap_or((field, ""));
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Self { fields }
    }

    /// The value of a field; nothing when it is missing or empty.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self
            .fields
            .iter()
            .filter(|(n, v)| n == name && !v.is_empty());
        values.next().map(|(_, v)| v.as_str())
    }
}

/// Two records, and whether they are of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The one.
    pub left: Record,
    /// The other.
    pub right: Record,
    /// Whether both are of one product.
    pub same: bool,
}

/// A line that is not a labelled pair.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} is not two records and a label of 0 or 1, set apart by tabs")]
pub struct PairError {
    /// The line's number, from 1.
    pub line: usize,
}

/// Reads labelled pairs, one a line.
///
/// # Errors
/// [`PairError`] names the first line that is none.
pub fn pairs(text: &str) -> Result<Vec<Pair>, PairError> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let mut parts = line.split('\t');
            let (left, right, label) = (parts.next(), parts.next(), parts.next());
            let same = match label.map(str::trim) {
                Some("1") => true,
                Some("0") => false,
                _ => return Err(PairError { line: at + 1 }),
            };
            Ok(Pair {
                left: Record::parse(left.unwrap_or_default()),
                right: Record::parse(right.unwrap_or_default()),
                same,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_two_records_and_a_label() {
        let read = pairs("COL name VAL a b COL price VAL  \tCOL name VAL a\t1\n\n").expect("reads");
        let [pair] = read.as_slice() else {
            panic!("one pair")
        };
        assert_eq!(pair.left.field("name"), Some("a b"));
        assert_eq!(
            (pair.left.field("price"), pair.right.field("brand")),
            (None, None)
        );
        assert_eq!(pair.left.fields.len(), 2);
        assert!(pair.same);
    }

    #[test]
    fn a_line_without_label_is_named() {
        assert_eq!(pairs("a\tb\t0\na\tb\n"), Err(PairError { line: 2 }));
    }
}
