//! Where a text breaks into lines.

use std::ops::Range;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Where each line of a text begins and ends, without the spaces at its end: between
/// words, anywhere among Han characters and kana, and inside what is longer than a line,
/// there after a sign that parts it where one is.
pub(super) fn lines(text: &str, most: f32, width: &dyn Fn(&str) -> f32) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    for word in words(text) {
        let whole = &text[word.clone()];
        let bare = width(whole.trim_end());
        if used + bare <= most {
            used += width(whole);
            continue;
        }
        // What is longer than a line begins on this one where there is room for some.
        if word.start > start && (bare <= most || used > most * 0.6) {
            lines.push(start..word.start);
            (start, used) = (word.start, 0.0);
        }
        if bare <= most {
            used = width(whole);
            continue;
        }
        let mut parted = None;
        let mut before = ' ';
        for (at, c) in whole.char_indices() {
            let here = word.start + at;
            let wide = width(c.encode_utf8(&mut [0; 4]));
            // However much of it may not begin a line, none grows far over its width.
            let may = !stays(before, c) || used > most * 1.1;
            if used + wide > most && here > start && may {
                let cut = parted.take().unwrap_or(here);
                lines.push(start..cut);
                start = cut;
                used = width(&text[cut..here]);
            }
            used += wide;
            before = c;
            if parts(c) && used > most * 0.5 {
                parted = Some(here + c.len_utf8());
            }
        }
    }
    if start < text.len() || lines.is_empty() {
        lines.push(start..text.len());
    }
    for line in &mut lines {
        line.end = line.start + text[line.clone()].trim_end().len();
    }
    lines
}

/// The pieces between which a line may break, each with the space after it.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let breaks = match chars.peek().map(|(_, next)| *next) {
            None => true,
            Some(' ') => false,
            Some(_) if c == ' ' => true,
            Some(next) => (stands_alone(c) || stands_alone(next)) && !stays(c, next),
        };
        if breaks {
            words.push(start..end);
            start = end;
        }
    }
    words
}

/// Whether the second of two stays on the line of the first.
fn stays(c: char, next: char) -> bool {
    opens(c) || closes(next) || is_mark(next)
}

/// Whether a long address or name may be parted behind it.
const fn parts(c: char) -> bool {
    matches!(c, '/' | '?' | '&' | '=' | '-' | '_' | '.' | ',' | ';')
}

/// Whether it stands over, under or beside the letter before it.
pub(super) fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Whether it stays with what follows: brackets, vowels of Thai and Lao that stand before
/// their consonant, signs of Khmer and Myanmar that put the next letter under the last.
const fn opens(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | '{' | '（' | '《' | '〈' | '「' | '『' | '【' | '〔' | '〖' | '“' | '‘' | '«'
            | '\u{2068}' | '\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}' | '\u{17d2}' | '\u{1039}'
    )
}

/// Whether it stays with what comes before it.
const fn closes(c: char) -> bool {
    matches!(
        c,
        ')' | ']'
            | '}'
            | ','
            | '.'
            | ';'
            | ':'
            | '!'
            | '?'
            | '%'
            | '”'
            | '’'
            | '»'
            | '…'
            | '\u{2069}'
            | '、'
            | '。'
            | '，'
            | '．'
            | '：'
            | '；'
            | '！'
            | '？'
            | '）'
            | '》'
            | '〉'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〗'
            | '々'
            | 'ー'
            | 'っ'
            | 'ッ'
            | 'ゃ'
            | 'ャ'
            | 'ゅ'
            | 'ュ'
            | 'ょ'
            | 'ョ'
            | 'ァ'
            | 'ィ'
            | 'ゥ'
            | 'ェ'
            | 'ォ'
            | 'ぁ'
            | 'ぃ'
            | 'ぅ'
            | 'ぇ'
            | 'ぉ'
            | '％'
            | '\u{e30}'
            | '\u{e33}'
            | '\u{e45}'
            | '\u{e46}'
            | '\u{eb0}'
            | '\u{eb3}'
    )
}

/// Whether a line may break on either side of it.
const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if every letter that is no mark were one wide.
    fn broken(text: &str, most: f32) -> Vec<&str> {
        let width = |text: &str| text.chars().filter(|c| !is_mark(*c)).count() as f32;
        let lines = lines(text, most, &width);
        lines.into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn lines_break_between_words_and_no_letter_is_lost() {
        assert_eq!(broken("one two  three", 7.0), ["one two", "three"]);
        assert_eq!(broken("", 7.0), [""]);
        assert_eq!(broken("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        let address = "see http://shop.example/wp-content/uploads/4436.jpg";
        let lines = broken(address, 20.0);
        assert_eq!(
            lines,
            [
                "see http://shop.",
                "example/wp-content/",
                "uploads/4436.jpg"
            ]
        );
    }

    #[test]
    fn brackets_and_stops_of_han_text_stay_with_their_words() {
        assert_eq!(broken("新品【N級】送料", 4.0), ["新品【N", "級】送料"]);
        assert_eq!(broken("检查完毕。完", 4.0), ["检查完", "毕。完"]);
        assert_eq!(broken("ーーーーーー", 4.0), ["ーーーーー", "ー"]);
    }

    #[test]
    fn a_mark_is_never_parted_from_its_letter() {
        for line in broken("นาฬิกาข้อมือผู้ชายหรูหรา", 3.0)
        {
            assert!(!line.starts_with(is_mark), "{line}");
            assert!(!line.ends_with(['เ', 'แ']), "{line}");
        }
    }
}
