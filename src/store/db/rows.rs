//! The texts of statements with many rows, or a long list, in them.

use super::Value;

/// Rows one statement inserts at most.
const MOST_ROWS: usize = 64;

/// How placeholders are written where there are hundreds: SQLite looks for a numbered
/// one among all that have a name, each time one is bound.
#[derive(Clone, Copy)]
pub(super) enum Marks {
    /// `$1`, `$2`, …
    Numbered,
    /// `?`.
    Plain,
}

/// The statements that insert rows, with their values. Rows go in by powers of
/// two, so that few different statements are prepared and kept.
pub(super) fn inserts(
    head: &str,
    rows: Vec<Vec<Value>>,
    tail: &str,
    marks: Marks,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let left = rows.len().min(MOST_ROWS);
        let count = 1 << left.checked_ilog2()?;
        let mut lists = Vec::with_capacity(count);
        let mut values = Vec::new();
        for row in rows.by_ref().take(count) {
            lists.push(match marks {
                Marks::Numbered => placeholders(values.len(), row.len()),
                Marks::Plain => format!("({})", vec!["?"; row.len()].join(", ")),
            });
            values.extend(row);
        }
        let sql = format!("{head} VALUES {} {tail}", lists.join(", "));
        Some((sql, values))
    })
}

/// The statements with a list each after `head`.
pub(super) fn lists(
    head: &str,
    values: &[Value],
    list: &[Value],
    tail: &str,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    list.chunks(MOST_ROWS).map(move |part| {
        let names = placeholders(values.len(), part.len());
        let values = [values, part].concat();
        (format!("{head} {names} {tail}"), values)
    })
}

/// `($4, $5, $6)`: so many placeholders after the first few.
fn placeholders(after: usize, count: usize) -> String {
    let names: Vec<String> = (after + 1..=after + count)
        .map(|number| format!("${number}"))
        .collect();
    format!("({})", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::params;

    #[test]
    fn rows_are_inserted_by_powers_of_two_each_once() {
        let rows = || (0..137_i64).map(|n| params![n, "x"]).collect();
        let (sql, values) = inserts("INSERT INTO t (a, b)", rows(), "", Marks::Plain)
            .last()
            .unwrap();
        assert_eq!(
            (&*sql, values.len()),
            ("INSERT INTO t (a, b) VALUES (?, ?) ", 2)
        );
        let rows = rows();
        let made: Vec<_> =
            inserts("INSERT INTO t (a, b)", rows, "RETURNING a", Marks::Numbered).collect();
        let counts: Vec<usize> = made.iter().map(|(_, values)| values.len() / 2).collect();
        assert_eq!(counts, [64, 64, 8, 1]);
        let (sql, _) = &made[3];
        assert_eq!(sql, "INSERT INTO t (a, b) VALUES ($1, $2) RETURNING a");
        assert!(made[2].0.contains("VALUES ($1, $2), ($3, $4), "));
        let firsts = made.iter().flat_map(|(_, values)| values.iter().step_by(2));
        let firsts: Vec<i64> = firsts
            .filter_map(|value| match value {
                Value::Int(n) => *n,
                _ => None,
            })
            .collect();
        assert_eq!(firsts, (0..137).collect::<Vec<_>>());
        assert_eq!(
            inserts("INSERT INTO t (a)", Vec::new(), "", Marks::Plain).count(),
            0
        );
    }
}
