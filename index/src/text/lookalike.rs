//! Folding of characters that look alike, for searching only: both the catalog's term and the
//! seller's text are folded, so that the result need not be a word.

/// Gives the folded form of one lower-case character to `push`: nothing for what separates words,
/// one or two Latin letters for a letter, digit or sign that can stand for one.
pub(super) fn fold(ch: char, mut push: impl FnMut(char)) {
    if let Some(letter) = latin(ch) {
        split(letter, &mut push);
        return;
    }
    if !ch.is_alphanumeric() {
        return;
    }
    // decancer knows the confusables of all scripts, and takes an honest Cyrillic or Greek word
    // apart as well; such a word then equals no brand.
    match decancer::cure_char!(ch) {
        decancer::Translation::Character(to) if to != ch => match latin(to) {
            Some(letter) => split(letter, &mut push),
            None => push(to),
        },
        decancer::Translation::String(to) => {
            for letter in to.chars().take(4).filter_map(latin) {
                split(letter, &mut push);
            }
        }
        _ => push(ch),
    }
}

/// The folded form of a whole term.
pub(super) fn fold_all(term: &str) -> String {
    let mut out = String::with_capacity(term.len());
    term.chars().for_each(|ch| fold(ch, |c| out.push(c)));
    out
}

/// The letter that an ASCII character or a currency sign is or stands for.
pub(super) fn latin(ch: char) -> Option<char> {
    Some(match ch {
        'a'..='z' => ch,
        '0' => 'o',
        '1' | '|' | '!' => 'i',
        '2' => 'z',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        '£' => 'l',
        '¢' => 'c',
        '¥' => 'y',
        _ => return None,
    })
}

/// Letters that one or two others imitate are written as those.
fn split(letter: char, push: &mut impl FnMut(char)) {
    match letter {
        'l' => push('i'),
        'm' => {
            push('r');
            push('n');
        }
        'w' => {
            push('v');
            push('v');
        }
        other => push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_fold_like_the_word_itself() {
        for disguise in ["vеlога", "v3l0r@", "ve|ora", "veiora", "ｖelorа"] {
            let lower: String = disguise.chars().flat_map(char::to_lowercase).collect();
            assert_eq!(fold_all(&lower), fold_all("velora"), "{disguise}");
        }
        assert_eq!(fold_all("ornega"), fold_all("omega"));
    }

    #[test]
    fn another_word_folds_differently() {
        assert_ne!(fold_all("velour"), fold_all("velora"));
    }
}
