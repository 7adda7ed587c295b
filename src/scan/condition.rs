//! New or used, from the marketplace's own word for it.

use markhound_index::score::Condition;

/// Parts of words that say used; looked for first, as "like new" is used.
const USED: [&str; 26] = [
    "used",
    "pre-owned",
    "preowned",
    "pre owned",
    "second",
    "refurb",
    "renewed",
    "open box",
    "like new",
    "vintage",
    "parts",
    "worn",
    "fair",
    "gebraucht",
    "wie neu",
    "generalüberholt",
    "defekt",
    "occasion",
    "reconditionn",
    "usado",
    "usato",
    "ricondizion",
    "tweedehands",
    "中古",
    "二手",
    "중고",
];
/// Parts of words that say new.
const NEW: [&str; 11] = [
    "new", "neu", "neuf", "nuevo", "nuovo", "nieuw", "novo", "nowy", "新品", "全新", "새",
];

/// What the word means; unknown when it is none of those known.
#[must_use]
pub fn condition(word: Option<&str>) -> Condition {
    let Some(word) = word else {
        return Condition::Unknown;
    };
    let word = word.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    if says(&USED) {
        Condition::Used
    } else if says(&NEW) {
        Condition::New
    } else {
        Condition::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_by_the_marketplaces_words() {
        for (word, means) in [
            (Some("NewCondition"), Condition::New),
            (Some("https://schema.org/UsedCondition"), Condition::Used),
            (Some("RefurbishedCondition"), Condition::Used),
            (Some("Like New"), Condition::Used),
            (Some("Neu mit Etikett"), Condition::New),
            (Some("中古"), Condition::Used),
            (Some("新品"), Condition::New),
            (Some("special"), Condition::Unknown),
            (None, Condition::Unknown),
        ] {
            assert_eq!(condition(word), means, "{word:?}");
        }
    }
}
