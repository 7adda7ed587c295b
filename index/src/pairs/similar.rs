//! How alike two strings are.

/// Longer strings are compared by their beginning, in characters.
const LONGEST: usize = 64;

/// Jaro's similarity, raised for a common beginning (Winkler 1990), 0 to 1.
pub(super) fn jaro_winkler(a: &str, b: &str) -> f32 {
    if a == b {
        return 1.0;
    }
    let chars = |s: &str| s.chars().take(LONGEST).collect::<Vec<char>>();
    let (a, b) = (chars(a), chars(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = [false; LONGEST];
    let mut matched: Vec<char> = Vec::new();
    for (i, ch) in a.iter().enumerate() {
        let found = (i.saturating_sub(reach)..(i + reach + 1).min(b.len()))
            .find(|&j| !taken[j] && b[j] == *ch);
        if let Some(j) = found {
            taken[j] = true;
            matched.push(*ch);
        }
    }
    if matched.is_empty() {
        return 0.0;
    }
    let theirs = b
        .iter()
        .zip(taken)
        .filter(|(_, taken)| *taken)
        .map(|(ch, _)| ch);
    let moved = matched.iter().zip(theirs).filter(|(x, y)| x != y).count() as f32 / 2.0;
    let m = matched.len() as f32;
    let jaro = (m / a.len() as f32 + m / b.len() as f32 + (m - moved) / m) / 3.0;
    let common = a.iter().zip(&b).take(4).take_while(|(x, y)| x == y).count() as f32;
    jaro + common * 0.1 * (1.0 - jaro)
}

/// How many characters two strings begin with in common.
pub(super) fn common_beginning(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count()
}

/// 1 less the share of characters that must be put in, taken out or replaced.
pub(super) fn edit_similarity(a: &str, b: &str) -> f32 {
    let chars = |s: &str| s.chars().take(LONGEST).collect::<Vec<char>>();
    let (a, b) = (chars(a), chars(b));
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 1.0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cell = (diagonal + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cell);
        }
    }
    1.0 - row[b.len()] as f32 / longest as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_come_out() {
        assert!((jaro_winkler("martha", "marhta") - 0.9611).abs() < 1e-3);
        assert!((jaro_winkler("dixon", "dicksonx") - 0.8133).abs() < 1e-3);
        assert_eq!(jaro_winkler("abc", "xyz"), 0.0);
        assert!((edit_similarity("kitten", "sitting") - 4.0 / 7.0).abs() < 1e-6);
        assert_eq!(common_beginning("dle0442wh", "dle0442w"), 8);
    }

    #[test]
    fn empty_and_long_strings_are_compared_too() {
        let long = "ä".repeat(10_000);
        assert_eq!(jaro_winkler(&long, &long), 1.0);
        assert_eq!(jaro_winkler("", "a"), 0.0);
        assert_eq!(edit_similarity("", ""), 1.0);
        assert!(edit_similarity(&long, "ä") < 0.1);
    }
}
