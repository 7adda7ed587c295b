//! Names written as they sound in another script: "Ролекс", "ロレックス", "롤렉스", "رولكس".
//!
//! A run of Cyrillic, Greek, Hebrew, Arabic, kana or Hangul letters is transliterated, and its
//! consonants are compared with those of each name, both reduced to what the script can tell apart:
//! Japanese has one sound for l and r, Arabic none for p. Han characters say nothing of the sound of
//! a foreign name that could be computed; for them there are the catalog's aliases.

use std::collections::HashMap;

use any_ascii::any_ascii_char;

use super::super::distance;
use super::super::evidence::Trick;
use super::super::find::{Mention, Quality};
use super::super::normalise::Normalised;
use super::super::terms::Terms;
use super::{COMPARED_WORDS, mention};

/// Fewer consonants are the consonants of too many words.
const SHORTEST: usize = 3;
/// Runs that may be one name.
const MOST_RUNS: usize = 3;
/// The longest run, in characters.
const LONGEST_RUN: usize = 24;

/// A script that names are written in by their sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Script {
    /// Cyrillic, Greek and Hebrew have letters for nearly all sounds.
    Letters,
    Arabic,
    Kana,
    Hangul,
}

const SCRIPTS: [Script; 4] = [
    Script::Letters,
    Script::Arabic,
    Script::Kana,
    Script::Hangul,
];

fn script(ch: char) -> Option<Script> {
    Some(match ch {
        '\u{370}'..='\u{52f}' | '\u{590}'..='\u{5ff}' => Script::Letters,
        '\u{600}'..='\u{6ff}' => Script::Arabic,
        '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}' => Script::Kana,
        '\u{ac00}'..='\u{d7a3}' => Script::Hangul,
        _ => return None,
    })
}

/// Names by their consonants, as far as each script tells these apart.
#[derive(Debug, Default)]
pub(in crate::text) struct SoundIndex {
    names: HashMap<(Script, String), Vec<u32>>,
}

impl SoundIndex {
    /// Files names, given as letters; numbers in answers are places in this list.
    pub(in crate::text) fn build<'a>(names: impl IntoIterator<Item = &'a [char]>) -> Self {
        let mut out = Self::default();
        for (number, name) in names.into_iter().enumerate() {
            let spelling = english(&name.iter().collect::<String>());
            for script in SCRIPTS {
                let sounds = sounds(&spelling, script);
                if sounds.len() >= SHORTEST {
                    out.names
                        .entry((script, sounds))
                        .or_default()
                        .push(number as u32);
                }
            }
        }
        out
    }
}

/// Adds the names that runs of other scripts sound like.
pub(super) fn mentions(terms: &Terms, text: &Normalised, out: &mut Vec<Mention>) {
    let runs = runs(text);
    for from in 0..runs.len() {
        let mut latin = String::new();
        for run in runs[from..].iter().take(MOST_RUNS) {
            if run.script != runs[from].script {
                break;
            }
            latin.push_str(&run.latin);
            let key = (run.script, sounds(&latin, run.script));
            for &number in terms.sounds.names.get(&key).into_iter().flatten() {
                let key = &terms.near[number as usize];
                let name: String = terms.terms[key.term].squeezed.iter().collect();
                let name = spoken(&english(&name), run.script);
                let heard = spoken(&latin, run.script);
                if let Some(quality) = quality(&name, &heard) {
                    let trick = Some(Trick::Transliterated);
                    out.push(mention(
                        key.term,
                        runs[from].first,
                        run.last,
                        quality,
                        trick,
                    ));
                }
            }
        }
    }
}

/// How sure a name is whose consonants are those heard, by how many vowels differ.
fn quality(name: &[char], heard: &[char]) -> Option<Quality> {
    let differ = distance::slips(name, heard, name.len() / 2)?;
    Some(match differ {
        0 => Quality::Disguised,
        1 if name.len() >= 6 => Quality::Disguised,
        1 | 2 => Quality::Slip,
        _ => Quality::Slips,
    })
}

struct Run {
    script: Script,
    first: usize,
    last: usize,
    latin: String,
}

fn runs(text: &Normalised) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut open = false;
    for (at, glyph) in text.glyphs.iter().enumerate() {
        let Some(script) = script(glyph.ch) else {
            open &= glyph.ch.is_alphanumeric() && !glyph.ch.is_ascii_alphanumeric();
            continue;
        };
        let latin = latin(glyph.ch);
        let full = out.len() >= COMPARED_WORDS;
        match out.last_mut() {
            Some(run) if open && run.script == script && at - run.first < LONGEST_RUN => {
                run.last = at;
                run.latin.push_str(&latin);
            }
            _ if full => break,
            _ => out.push(Run {
                script,
                first: at,
                last: at,
                latin,
            }),
        }
        open = true;
    }
    out
}

/// How a letter is written in Latin ones.
fn latin(ch: char) -> String {
    match ch {
        // Doubles the next consonant; lengthens the vowel before.
        'ッ' | 'っ' | 'ー' => String::new(),
        // As they follow a syllable that ends in i: "shi" and small "ya" are "sha".
        'ャ' | 'ゃ' => "a".to_owned(),
        'ュ' | 'ゅ' => "u".to_owned(),
        'ョ' | 'ょ' => "o".to_owned(),
        // Arabic writes long vowels with these.
        'و' | 'ي' | 'ى' | 'ا' | 'أ' | 'إ' | 'آ' | 'ع' => "a".to_owned(),
        'ґ' | 'г' => "g".to_owned(),
        _ => {
            let latin = any_ascii_char(ch).to_ascii_lowercase();
            latin.replace('x', "ks").replace("ch", "s")
        }
    }
}

/// A name in letters that stand for one sound each: c before e, i and y is s, otherwise k.
fn english(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, &ch) in chars.iter().enumerate() {
        match (ch, chars.get(at + 1)) {
            ('c', Some('e' | 'i' | 'y')) => out.push('s'),
            ('c', Some('h')) => out.push('s'),
            ('c', Some('k')) => {}
            ('c' | 'q', _) => out.push('k'),
            ('x', _) => out.push_str("ks"),
            ('p', Some('h')) => out.push('f'),
            ('t', Some('h')) => out.push('t'),
            ('h', _) if at > 0 => {}
            (other, _) => out.push(other),
        }
    }
    out
}

/// The consonants of a spelling, as far as a script tells them apart; a vowel at the beginning
/// counts as one.
fn sounds(latin: &str, script: Script) -> String {
    spoken(latin, script)
        .into_iter()
        .enumerate()
        .filter(|&(at, ch)| at == 0 || !is_vowel(ch))
        .map(|(_, ch)| if is_vowel(ch) { 'a' } else { ch })
        .collect()
}

fn is_vowel(ch: char) -> bool {
    matches!(ch, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Consonants and vowels of a spelling, as far as a script tells them apart, none doubled.
fn spoken(latin: &str, script: Script) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    let mut chars = latin.chars().enumerate().peekable();
    while let Some((at, ch)) = chars.next() {
        let sound = match (ch, script) {
            ('y' | 'j', _) => 'i',
            ('w', _) => 'u',
            ('h', _) if at > 0 => continue,
            ('g', _) if out.last() == Some(&'n') && chars.peek().is_none() => continue,
            ('c' | 'q', _) => 'k',
            ('z', _) => 's',
            ('l', Script::Kana | Script::Hangul) => 'r',
            ('v', Script::Kana | Script::Hangul | Script::Arabic) => 'b',
            ('f', Script::Hangul) | ('b', Script::Hangul) => 'p',
            ('p', Script::Arabic) => 'b',
            ('g', Script::Hangul | Script::Arabic) => 'k',
            ('d', Script::Hangul) => 't',
            (other, _) if other.is_ascii_alphanumeric() => other,
            _ => continue,
        };
        // What is 'b' may have become 'p' by then.
        let sound = if script == Script::Hangul && sound == 'b' {
            'p'
        } else {
            sound
        };
        if out.last() != Some(&sound) {
            out.push(sound);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::super::normalise::normalise;
    use super::*;

    fn alike(name: &str, written: &str) -> bool {
        let text = normalise(written);
        let runs = runs(&text);
        let latin: String = runs.iter().map(|r| r.latin.as_str()).collect();
        let Some(run) = runs.first() else {
            return false;
        };
        let (a, b) = (
            sounds(&english(name), run.script),
            sounds(&latin, run.script),
        );
        a == b && a.len() >= SHORTEST
    }

    #[test]
    fn names_are_known_by_their_sound_in_five_scripts() {
        for (name, written) in [
            ("rolex", "Ролекс"),
            ("rolex", "ロレックス"),
            ("rolex", "롤렉스"),
            ("rolex", "رولكس"),
            ("rolex", "Ρόλεξ"),
            ("chanel", "Шанель"),
            ("chanel", "シャネル"),
            ("samsung", "Самсунг"),
            ("samsung", "サムスン"),
            ("canon", "Кэнон"),
            ("kodak", "Кодак"),
            ("velora", "Велора"),
            ("velora", "ヴェローラ"),
            ("velora", "벨로라"),
            ("velora", "Βελόρα"),
        ] {
            assert!(
                alike(name, written),
                "{name} {written}: {:?}",
                runs(&normalise(written))
                    .iter()
                    .map(|r| (r.latin.clone(), sounds(&r.latin, r.script)))
                    .collect::<Vec<_>>()
            );
        }
        for (name, written) in [
            ("rolex", "Велора"),
            ("velora", "веранда"),
            ("canon", "канава"),
            ("kodak", "колодка"),
        ] {
            assert!(!alike(name, written), "{name} {written}");
        }
    }
}
