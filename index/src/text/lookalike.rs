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

/// The Latin letters a word reads as, when some of it are digits or letters of other scripts; nothing
/// for a word that is Latin letters alone or holds no letter.
pub(super) fn read_as(word: &str) -> Option<String> {
    let plain = word.chars().all(|c| c.is_ascii_lowercase());
    if plain || !word.chars().any(char::is_alphabetic) {
        return None;
    }
    let letters = word.chars().map(|ch| {
        latin(ch).or_else(|| match decancer::cure_char!(ch) {
            decancer::Translation::Character(to) => latin(to),
            _ => None,
        })
    });
    letters.collect()
}

/// The folded form of a whole term.
pub(crate) fn fold_all(term: &str) -> String {
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
        // Not known to decancer 4.
        'ռ' | 'ղ' | 'ը' | 'ր' => 'n',
        'ս' | 'ն' => 'u',
        'ց' => 'g',
        'զ' | 'գ' => 'q',
        'ւ' => 'i',
        'ϳ' => 'j',
        'ɗ' => 'd',
        'ҽ' => 'e',
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
    fn letters_of_neighbouring_scripts_are_known() {
        // Written with escapes, as they look the same.
        let unknown: Vec<char> = "\u{430}\u{435}\u{43e}\u{440}\u{441}\u{445}\u{443}\u{456}\u{455}\u{458}\u{501}\u{261}\u{3bf}\u{3b1}\u{3b9}\u{3ba}\u{3bd}\u{3c1}\u{3c4}\u{3c5}\u{578}\u{57c}\u{57d}\u{570}\u{581}\u{585}\u{4bd}\u{3f3}\u{257}\u{1d0f}\u{217c}\u{217d}\u{217e}\u{217f}\u{4cf}\u{49b}\u{51d}\u{1e9}\u{137}"
            .chars()
            .filter(|&ch| !fold_all(&ch.to_string()).chars().all(|c| c.is_ascii_lowercase()))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn another_word_folds_differently() {
        assert_ne!(fold_all("velour"), fold_all("velora"));
    }
}
