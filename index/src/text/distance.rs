//! Small edit distances, bounded.

/// The longest words that are compared, in characters.
const LONGEST: usize = 40;

/// How many slips a word of this many characters may have and still be the word.
pub(crate) fn slips_allowed(length: usize) -> usize {
    match length {
        0..4 => 0,
        4 => 1,
        5..9 => 2,
        _ => 3,
    }
}

/// How many insertions, deletions, replacements and swaps of neighbours two words are apart, when at
/// most `limit`. Words over 40 characters are never near.
pub(super) fn slips(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.len() > LONGEST || b.len() > LONGEST {
        return None;
    }
    let width = b.len() + 1;
    let mut rows = [[0usize; LONGEST + 1]; 3];
    for (j, cell) in rows[1].iter_mut().take(width).enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        let [before, last, now] = &mut rows;
        now[0] = i;
        let mut least = i;
        for j in 1..width {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cell = replaced.min(last[j] + 1).min(now[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cell = cell.min(before[j - 2] + 1);
            }
            now[j] = cell;
            least = least.min(cell);
        }
        if least > limit {
            return None;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()]).filter(|&slips| slips <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: &str, b: &str, limit: usize) -> bool {
        let chars = |s: &str| s.chars().collect::<Vec<_>>();
        slips(&chars(a), &chars(b), limit).is_some()
    }

    #[test]
    fn one_slip_of_each_sort_counts_one() {
        for slip in ["veora", "vellora", "vetora", "vleora"] {
            assert!(near(slip, "velora", 1), "{slip}");
            assert!(!near(slip, "velora", 0), "{slip}");
        }
        assert!(!near("velour", "velora", 1));
        assert!(near("", "", 0));
    }
}
