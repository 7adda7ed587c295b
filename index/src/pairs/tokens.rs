//! What a product's text is made of: words, quantities with their units, numbers, model numbers,
//! colours.

use std::collections::BTreeSet;

/// More tokens of a text than this are not looked at.
const MOST: usize = 400;
/// The shortest model number, in letters and digits.
const SHORTEST_CODE: usize = 4;
/// The shortest one of digits alone.
const SHORTEST_NUMBER: usize = 5;

/// The pieces of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tokens {
    /// In order: words, numbers, and quantities as "8gb", however written.
    pub words: Vec<String>,
    /// Quantities: number and unit.
    pub quantities: BTreeSet<(String, &'static str)>,
    /// Numbers without a unit.
    pub numbers: BTreeSet<String>,
    /// Words that mix letters and digits, and roman numerals: "7d", "ts20", "ii".
    pub models: BTreeSet<String>,
    /// Long ones, without what stands between their parts: "kxtg9341t".
    pub codes: BTreeSet<String>,
    pub colours: BTreeSet<&'static str>,
    /// Letters and digits alone.
    pub squeezed: String,
}

/// Units as they are written, and the one they stand for.
const UNITS: [(&str, &str); 56] = [
    ("gb", "gb"),
    ("gig", "gb"),
    ("gigabyte", "gb"),
    ("mb", "mb"),
    ("megabyte", "mb"),
    ("tb", "tb"),
    ("terabyte", "tb"),
    ("kb", "kb"),
    ("mm", "mm"),
    ("cm", "cm"),
    ("m", "m"),
    ("in", "in"),
    ("inch", "in"),
    ("inches", "in"),
    ("'", "in"),
    ("\"", "in"),
    ("''", "in"),
    ("”", "in"),
    ("ft", "ft"),
    ("feet", "ft"),
    ("foot", "ft"),
    ("yd", "yd"),
    ("mp", "mp"),
    ("megapixel", "mp"),
    ("megapixels", "mp"),
    ("mpix", "mp"),
    ("mpx", "mp"),
    ("w", "w"),
    ("watt", "w"),
    ("watts", "w"),
    ("v", "v"),
    ("volt", "v"),
    ("mah", "mah"),
    ("hz", "hz"),
    ("khz", "khz"),
    ("mhz", "mhz"),
    ("ghz", "ghz"),
    ("x", "x"),
    ("oz", "oz"),
    ("lb", "lb"),
    ("lbs", "lb"),
    ("g", "g"),
    ("kg", "kg"),
    ("pack", "pack"),
    ("pk", "pack"),
    ("pcs", "pack"),
    ("count", "pack"),
    ("port", "port"),
    ("ports", "port"),
    ("p", "p"),
    ("sheet", "sheet"),
    ("sheets", "sheet"),
    ("cu", "cu"),
    ("btu", "btu"),
    ("disc", "disc"),
    ("rpm", "rpm"),
];

const COLOURS: [(&str, &str); 34] = [
    ("black", "black"),
    ("white", "white"),
    ("silver", "silver"),
    ("red", "red"),
    ("blue", "blue"),
    ("green", "green"),
    ("pink", "pink"),
    ("purple", "purple"),
    ("orange", "orange"),
    ("yellow", "yellow"),
    ("grey", "grey"),
    ("gray", "grey"),
    ("brown", "brown"),
    ("gold", "gold"),
    ("stainless", "steel"),
    ("titanium", "titanium"),
    ("graphite", "graphite"),
    ("charcoal", "charcoal"),
    ("ivory", "ivory"),
    ("beige", "beige"),
    ("bisque", "bisque"),
    ("platinum", "platinum"),
    ("champagne", "gold"),
    ("clear", "clear"),
    ("cyan", "cyan"),
    ("magenta", "magenta"),
    ("violet", "purple"),
    ("teal", "teal"),
    ("navy", "navy"),
    ("burgundy", "burgundy"),
    ("bronze", "bronze"),
    ("copper", "copper"),
    ("lime", "lime"),
    ("aqua", "aqua"),
];

const ROMAN: [&str; 6] = ["ii", "iii", "iv", "vi", "vii", "viii"];

/// The unit that a word stands for.
fn unit(word: &str) -> Option<&'static str> {
    UNITS
        .iter()
        .find(|(written, _)| *written == word)
        .map(|(_, unit)| *unit)
}

impl Tokens {
    pub(super) fn of(text: &str) -> Self {
        let text = cleaned(text);
        let mut out = Self::default();
        let runs = runs(&text);
        let mut at = 0;
        while at < runs.len() && out.words.len() < MOST {
            at += out.take(&runs[at..]);
        }
        for token in text.split_whitespace().take(MOST) {
            out.code(token);
        }
        out.squeezed = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(4_000)
            .collect();
        out
    }

    /// Takes the first run, and the second when that is its unit; says how many it took.
    fn take(&mut self, runs: &[Run<'_>]) -> usize {
        let run = runs[0].text;
        let letters = run.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &run[..run.len() - letters.len()];
        if !number.is_empty() {
            let number = number.trim_end_matches('.').trim_end_matches(".0");
            if letters.is_empty() {
                if let Some(next) = runs.get(1)
                    && next.near
                    && let Some(unit) = unit(next.text)
                {
                    self.quantity(number, unit);
                    return 2;
                }
                self.numbers.insert(number.to_owned());
                self.words.push(number.to_owned());
                return 1;
            }
            if let Some(unit) = unit(letters) {
                self.quantity(number, unit);
                return 1;
            }
        }
        if !run.contains(|c: char| c.is_alphanumeric()) {
            return 1;
        }
        let digits = run.contains(|c: char| c.is_ascii_digit());
        if digits && run.contains(|c: char| c.is_alphabetic()) || ROMAN.contains(&run) {
            self.models.insert(run.to_owned());
        }
        let colour = COLOURS.iter().find(|(written, _)| *written == run);
        self.colours.extend(colour.map(|(_, colour)| *colour));
        self.words.push(run.to_owned());
        1
    }

    fn quantity(&mut self, number: &str, unit: &'static str) {
        self.quantities.insert((number.to_owned(), unit));
        self.words.push(format!("{number}{unit}"));
    }

    /// Keeps a token that is a model number.
    fn code(&mut self, token: &str) {
        let squeezed: String = token.chars().filter(|c| c.is_alphanumeric()).collect();
        let digits = squeezed.chars().filter(char::is_ascii_digit).count();
        let length = squeezed.chars().count();
        if digits == 0 || length > 40 {
            return;
        }
        let long = if digits == length {
            SHORTEST_NUMBER
        } else {
            SHORTEST_CODE
        };
        let letters = squeezed.trim_start_matches(|c: char| c.is_ascii_digit());
        let quantity = !letters.is_empty() && (unit(letters).is_some() || letters.ends_with("mm"));
        if length >= long && !quantity && !token.contains(',') {
            self.codes.insert(squeezed);
        }
    }
}

/// A run of letters, digits and inner points, or a sign for inches.
struct Run<'a> {
    text: &'a str,
    /// Nothing but a space or a hyphen stands before it.
    near: bool,
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let mut out = Vec::new();
    let mut near = true;
    let mut chars = text.char_indices().peekable();
    while let Some((from, ch)) = chars.next() {
        if ch.is_alphanumeric() {
            let mut to = from + ch.len_utf8();
            while let Some(&(at, next)) = chars.peek() {
                let point = next == '.'
                    && text[..at].ends_with(|c: char| c.is_ascii_digit())
                    && text[at + 1..].starts_with(|c: char| c.is_ascii_digit());
                if !next.is_alphanumeric() && !point {
                    break;
                }
                to = at + next.len_utf8();
                chars.next();
            }
            out.push(Run {
                text: &text[from..to],
                near,
            });
            near = true;
        } else if matches!(ch, '\'' | '"' | '”') {
            out.push(Run {
                text: &text[from..from + ch.len_utf8()],
                near,
            });
            near = true;
        } else if !ch.is_whitespace() && ch != '-' {
            near = false;
        }
    }
    out
}

/// Lower case, without language tags ("…"@en-US) and commas within numbers, decimal points set to
/// their digits.
fn cleaned(text: &str) -> String {
    let lower: Vec<char> = text
        .chars()
        .take(20_000)
        .flat_map(char::to_lowercase)
        .collect();
    let mut out = String::with_capacity(lower.len());
    let digit = |at: usize| lower.get(at).is_some_and(char::is_ascii_digit);
    let mut at = 0;
    while at < lower.len() {
        let ch = lower[at];
        if ch == '@' && at > 0 && lower[at - 1] == '"' {
            out.pop();
            at += 1;
            while at < lower.len() && (lower[at].is_ascii_alphabetic() || lower[at] == '-') {
                at += 1;
            }
            continue;
        }
        let after_digit = at > 0 && digit(at - 1);
        if ch == ',' && after_digit && digit(at + 1) && digit(at + 2) && digit(at + 3) {
            at += 1;
            continue;
        }
        if ch == ' ' && after_digit && lower.get(at + 1) == Some(&'.') && digit(at + 2) {
            at += 1;
            continue;
        }
        // A quotation mark that opens or closes a text is no sign for inches.
        if ch == '"' && !after_digit {
            out.push(' ');
        } else {
            out.push(ch);
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_one_word_however_written() {
        for text in ["Card 8GB SDHC", "card 8 gb sdhc", "card 8-GB, SDHC"] {
            assert_eq!(Tokens::of(text).words, ["card", "8gb", "sdhc"], "{text}");
        }
        let lens = Tokens::of("Lens 18-55mm f/3 .5 13.0 ' 60,000 hours");
        assert_eq!(
            lens.words,
            ["lens", "18", "55mm", "f", "3.5", "13in", "60000", "hours"]
        );
    }

    #[test]
    fn model_numbers_are_found_with_and_without_their_signs() {
        let tokens = Tokens::of("\"Panasonic KX-TG9341T (7D II) 24-105mm 8gb/16gb black\"@en-US");
        assert!(tokens.codes.contains("kxtg9341t"), "{:?}", tokens.codes);
        assert!(
            !tokens.codes.iter().any(|c| c.contains("mm")),
            "{:?}",
            tokens.codes
        );
        assert!(tokens.models.contains("7d") && tokens.models.contains("ii"));
        assert_eq!(tokens.colours.into_iter().collect::<Vec<_>>(), ["black"]);
        assert!(!tokens.words.contains(&"en".to_owned()));
    }

    #[test]
    fn hostile_text_is_bounded() {
        for text in [
            "1 ".repeat(1 << 20),
            "\"@".repeat(1 << 16),
            ".".repeat(1 << 16),
            "İ1.".repeat(9_999),
        ] {
            assert!(Tokens::of(&text).words.len() <= MOST);
        }
    }
}
