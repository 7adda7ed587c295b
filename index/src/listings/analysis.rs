//! Listing texts and queries cut into tokens, in the same way.
//!
//! Words are found in the plain view of a text (see [`crate::text::normalise`]), by UAX #29. Beside
//! each word stand, at its place, the forms that disguises of it share:
//!
//! * *folded*: look-alike letters, digits and signs as one letter, behind the mark [`FOLDED`];
//! * *joined*: parts that a hyphen, dot or apostrophe connects, and letters set apart, as one word.
//!
//! Scripts without spaces between words are cut into overlapping pairs. The last character of a run
//! stands alone as well, so that every character begins some token and can be searched for by itself.

use unicode_segmentation::UnicodeSegmentation as _;

use super::stretches::{Script, floor, pieces, script};
use crate::text::{Normalised, fold_all, normalise};

/// A longer word is cut, in bytes; what is cut off counts by its hash.
const LONGEST_WORD: usize = 64;
/// Shorter words look like too much once folded.
const SHORTEST_FOLDED: usize = 4;
/// Parts that are joined to one word at most, and letters set apart.
const MOST_JOINED: usize = 16;
/// The longest joined word, in bytes.
const LONGEST_JOINED: usize = 48;
/// What a folded form begins with.
pub(super) const FOLDED: char = '\u{1}';

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, or a part of a connected one.
    Word,
    /// Two neighbouring characters of a script without spaces.
    Pair,
    /// The last character of such a run.
    Last,
    /// The only character of such a run.
    Lone,
    /// Several words as one; how many places it spans.
    Joined(usize),
    /// The folded form of what spans so many places.
    Folded(usize),
}

/// A token with its place among the words and its bytes of the raw text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub text: String,
    pub position: usize,
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    /// Whether it stands for itself, one at each place.
    pub(super) fn is_main(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Pair | Kind::Lone)
    }
}

/// A word of the plain view: bytes from, to.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    position: usize,
    spaced: bool,
}

/// The tokens of a text. Of texts over 96 KiB the beginning is read.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut position = 0;
    for (at, piece) in pieces(text) {
        let normalised = normalise(piece);
        let mut cut = Cut {
            text: &normalised,
            plain: normalised.plain(),
            at,
            out: &mut out,
        };
        position = cut.all(position);
    }
    // Stable: at one place the word itself comes first.
    out.sort_by_key(|token| token.position);
    out
}

/// Signs between the parts of one word.
fn connects(ch: char) -> bool {
    matches!(
        ch,
        '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '.' | '_' | '\'' | '\u{2019}' | '·' | ':'
    )
}

/// Signs that stand for a letter in the folded view.
fn is_letter_sign(ch: char) -> bool {
    matches!(ch, '@' | '$' | '|' | '!' | '€' | '£' | '¢' | '¥' | '+')
}

struct Cut<'a> {
    text: &'a Normalised,
    plain: &'a str,
    /// Where the piece begins in the raw text.
    at: usize,
    out: &'a mut Vec<Token>,
}

impl Cut<'_> {
    /// Cuts the piece, its first word at `position`; gives the next one's.
    fn all(&mut self, mut position: usize) -> usize {
        let mut parts: Vec<Part> = Vec::new();
        let mut chars = self.plain.char_indices().peekable();
        while let Some((start, ch)) = chars.next() {
            let kind = script(ch);
            let mut end = start + ch.len_utf8();
            while let Some(&(at, next)) = chars.peek() {
                if script(next) != kind {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            if kind == Script::Spaced {
                self.words(start, end, &mut position, &mut parts);
            } else {
                self.pairs(start, end, &mut position, &mut parts);
            }
        }
        self.connected(&parts);
        self.set_apart(&parts);
        self.signed(&parts);
        position
    }

    fn push(&mut self, text: String, position: usize, kind: Kind, start: usize, end: usize) {
        let Some((from, to)) = self.text.raw_span(start, end) else {
            return;
        };
        self.out.push(Token {
            text: bounded(text),
            position,
            kind,
            start: self.at + from,
            end: self.at + to,
        });
    }

    /// A word's folded form at its place, where it says more than the word.
    fn push_folded(&mut self, word: &str, position: usize, span: usize, start: usize, end: usize) {
        if let Some(folded) = folded(word) {
            self.push(folded, position, Kind::Folded(span), start, end);
        }
    }

    /// The words of a stretch in scripts with spaces.
    fn words(&mut self, from: usize, to: usize, position: &mut usize, parts: &mut Vec<Part>) {
        let plain = self.plain;
        for (at, word) in plain[from..to].split_word_bound_indices() {
            let mut at = from + at;
            for part in word.split(connects) {
                let (start, end) = (at, at + part.len());
                // The connecting sign is one character, but not always one byte.
                at = end + plain[end..].chars().next().map_or(0, char::len_utf8);
                if !part.chars().any(char::is_alphanumeric) {
                    continue;
                }
                self.push(part.to_owned(), *position, Kind::Word, start, end);
                self.push_folded(part, *position, 1, start, end);
                parts.push(Part {
                    start,
                    end,
                    position: *position,
                    spaced: true,
                });
                *position += 1;
            }
        }
    }

    /// The pairs of a run without spaces.
    fn pairs(&mut self, from: usize, to: usize, position: &mut usize, parts: &mut Vec<Part>) {
        let run = &self.plain[from..to];
        let places: Vec<(usize, usize)> = run
            .char_indices()
            .map(|(at, ch)| (from + at, from + at + ch.len_utf8()))
            .collect();
        for (n, &(start, end)) in places.iter().enumerate() {
            let (end, kind) = match places.get(n + 1) {
                Some(&(_, end)) => (end, Kind::Pair),
                None if n == 0 => (end, Kind::Lone),
                None => (end, Kind::Last),
            };
            let text = self.plain[start..end].to_owned();
            self.push(text, *position, kind, start, end);
            parts.push(Part {
                start,
                end,
                position: *position,
                spaced: false,
            });
            *position += 1;
        }
    }

    /// Parts with one connecting sign between them, as one word.
    fn connected(&mut self, parts: &[Part]) {
        let plain = self.plain;
        self.groups(parts, 2, |before, after| {
            let mut between = plain[before.end..after.start].chars();
            between.next().is_some_and(connects) && between.next().is_none()
        });
    }

    /// Letters set apart, as one word.
    fn set_apart(&mut self, parts: &[Part]) {
        let plain = self.plain;
        let single = |part: &Part| plain[part.start..part.end].chars().nth(1).is_none();
        self.groups(parts, 3, |before, after| {
            single(before)
                && single(after)
                && after.start > before.end
                && plain[before.end..after.start].chars().count() <= 3
        });
    }

    /// Joins the longest runs of at least `least` parts whose neighbours belong together.
    fn groups(&mut self, parts: &[Part], least: usize, together: impl Fn(&Part, &Part) -> bool) {
        let mut from = 0;
        while from < parts.len() {
            let mut to = from + 1;
            while to < parts.len()
                && parts[to].spaced
                && parts[to - 1].spaced
                && together(&parts[to - 1], &parts[to])
            {
                to += 1;
            }
            let group = &parts[from..to];
            let letters: usize = group.iter().map(|p| p.end - p.start).sum();
            if group.len() >= least && group.len() <= MOST_JOINED && letters <= LONGEST_JOINED {
                let word: String = group.iter().map(|p| &self.plain[p.start..p.end]).collect();
                let (first, end) = (group[0], group[group.len() - 1].end);
                self.push_folded(&word, first.position, group.len(), first.start, end);
                self.push(
                    word,
                    first.position,
                    Kind::Joined(group.len()),
                    first.start,
                    end,
                );
            }
            from = to;
        }
    }

    /// Runs in which signs stand for letters, folded as one word.
    fn signed(&mut self, parts: &[Part]) {
        let plain = self.plain;
        let mut next = 0;
        let mut at = 0;
        for run in plain.split(' ') {
            let start = at;
            at += run.len() + 1;
            while parts.get(next).is_some_and(|part| part.start < start) {
                next += 1;
            }
            // "bag!" is a word with a sign behind it.
            let inner = run.trim_end_matches(['!', '+', '|']);
            if inner.len() > LONGEST_JOINED || !inner.contains(is_letter_sign) {
                continue;
            }
            let Some(first) = parts
                .get(next)
                .filter(|part| part.start < start + inner.len())
            else {
                continue;
            };
            let span = parts[next..]
                .iter()
                .take_while(|part| part.start < start + inner.len())
                .count();
            let letters: String = inner
                .chars()
                .filter(|&ch| ch.is_alphanumeric() || is_letter_sign(ch))
                .collect();
            self.push_folded(&letters, first.position, span, start, start + inner.len());
        }
    }
}

/// The folded form of a word with its mark; nothing for numbers and for words too short for it.
pub(super) fn folded(word: &str) -> Option<String> {
    if !word.chars().any(char::is_alphabetic) {
        return None;
    }
    let folded = fold_all(word);
    (folded.chars().count() >= SHORTEST_FOLDED).then(|| bounded(format!("{FOLDED}{folded}")))
}

/// A word that is not too long for the index: cut, and told apart from others by its hash.
pub(super) fn bounded(word: String) -> String {
    if word.len() <= LONGEST_WORD {
        return word;
    }
    // FNV-1a, written down because it must never change.
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!(
        "{}\u{2}{hash:016x}",
        &word[..floor(&word, LONGEST_WORD - 17)]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: impl Fn(Kind) -> bool, text: &str) -> Vec<String> {
        let found = tokens(text).into_iter().filter(|t| kind(t.kind));
        found.map(|t| t.text).collect()
    }

    #[test]
    fn runs_without_spaces_become_pairs_and_every_character_begins_a_token() {
        let all = |text| of(|kind| !matches!(kind, Kind::Folded(_)), text);
        assert_eq!(all("Velora 腕時計"), ["velora", "腕時", "時計", "計"]);
        assert_eq!(all("鞄"), ["鞄"]);
        assert_eq!(all("가방 신품"), ["가방", "방", "신품", "품"]);
        assert_eq!(all("กระเป๋า").len(), 7);
    }

    #[test]
    fn connected_parts_and_letters_set_apart_are_found_as_one_word() {
        let joined = |text| of(|kind| matches!(kind, Kind::Joined(_)), text);
        assert_eq!(joined("FJ-210 chair"), ["fj210"]);
        assert_eq!(joined("V e l o r a bag"), ["velora"]);
        assert_eq!(joined("v.e.l.o.r.a bag"), ["velora", "velora"]);
        assert_eq!(joined("can't"), ["cant"]);
        assert_eq!(joined("a plain title"), Vec::<String>::new());
    }

    #[test]
    fn disguises_share_their_folded_form() {
        let folded = |text| of(|kind| matches!(kind, Kind::Folded(_)), text);
        let plain = folded("velora");
        assert_eq!(plain.len(), 1);
        for disguise in [
            "vеlоrа",
            "v3l0r@",
            "VEIORA",
            "Ve\u{200b}lora",
            "ｖelora",
            "ve|ora",
        ] {
            assert!(folded(disguise).contains(&plain[0]), "{disguise}");
        }
        assert!(folded("210 10.5").is_empty(), "numbers are not letters");
    }

    #[test]
    fn long_words_are_kept_apart_not_dropped() {
        let long = "x".repeat(5_000);
        let other = format!("{long}y");
        let (one, two) = (&tokens(&long)[0], &tokens(&other)[0]);
        assert!(one.text.len() <= LONGEST_WORD && one.text != two.text);
        assert_eq!((one.start, one.end), (0, 5_000));
    }

    #[test]
    fn a_long_text_is_read_in_pieces_and_places_go_on() {
        let text = "alpha beta ".repeat(3_000);
        let words: Vec<Token> = tokens(&text).into_iter().filter(Token::is_main).collect();
        assert_eq!(words.len(), 6_000);
        assert!(words.iter().enumerate().all(|(n, w)| w.position == n));
        assert!(words.iter().all(|w| text[w.start..w.end] == w.text));
    }
}
