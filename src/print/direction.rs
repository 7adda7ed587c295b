//! The order in which the letters of a line are drawn, where some are read from the right.

use std::ops::Range;

use unicode_bidi::BidiInfo;

/// A part of a line that is read in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub text: String,
    pub rtl: bool,
}

/// Opens a part of a text whose direction is its own: first strong isolate.
const OPEN: char = '\u{2068}';
/// Closes it.
const CLOSE: char = '\u{2069}';

/// Whether it opens or closes a part with a direction of its own.
pub(super) const fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..=CLOSE)
}

/// A text of somebody else to be put into a sentence of ours, such as a title: whatever
/// it is written in, the sentence around it keeps its order.
pub(crate) fn isolated(text: &str) -> String {
    let within = text.chars().filter(|c| !is_isolate(*c));
    std::iter::once(OPEN)
        .chain(within)
        .chain(std::iter::once(CLOSE))
        .collect()
}

/// The parts of each line in the order they are drawn in, from the left, and whether the
/// whole text is read from the right.
pub(super) fn set(text: &str, lines: &[Range<usize>]) -> (Vec<Vec<Segment>>, bool) {
    let info = BidiInfo::new(text, None);
    let Some(paragraph) = info.paragraphs.first() else {
        return (lines.iter().map(|_| Vec::new()).collect(), false);
    };
    let parts = |line: &Range<usize>| {
        // Nothing is left of a text behind what ends a paragraph: there is none in it.
        let line = line.start..line.end.min(paragraph.range.end);
        if line.is_empty() {
            return Vec::new();
        }
        let (levels, runs) = info.visual_runs(paragraph, line);
        let parts = runs.into_iter().map(|run| Segment {
            rtl: levels.get(run.start).is_some_and(|level| level.is_rtl()),
            text: text[run].chars().filter(|c| !is_isolate(*c)).collect(),
        });
        parts.filter(|part| !part.text.is_empty()).collect()
    };
    (lines.iter().map(parts).collect(), paragraph.level.is_rtl())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, lines: &[Range<usize>]) -> Vec<Vec<String>> {
        let (lines, _) = set(text, lines);
        let texts = |line: Vec<Segment>| line.into_iter().map(|part| part.text).collect();
        lines.into_iter().map(texts).collect()
    }

    #[test]
    fn a_title_read_from_the_right_keeps_its_order_within_a_sentence() {
        let title = "שעון Rolex חדש";
        let sentence = format!("Case 7: {}, ended", isolated(title));
        let whole = drawn(&sentence, std::slice::from_ref(&(0..sentence.len())));
        // From the left: the last word of the title, its Latin part, its first word.
        assert_eq!(
            whole[0].concat(),
            ["Case 7: ", " חדש", "Rolex", "שעון ", ", ended"].concat()
        );
        // Marks in the title cannot close what is opened around it.
        assert_eq!(isolated("a\u{2069}b"), "\u{2068}ab\u{2069}");
    }

    #[test]
    fn every_line_follows_the_direction_of_the_whole() {
        let text = "שעון חדש Rolex יד";
        let second = text.find("Rolex").unwrap();
        let lines = drawn(text, &[0..second - 1, second..text.len()]);
        assert_eq!(lines[1].concat(), " ידRolex");
        assert!(drawn("", std::slice::from_ref(&(0..0)))[0].is_empty());
    }
}
