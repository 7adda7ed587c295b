//! The marks and words of `data/blocked.toml`, ready to be looked for.

use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

const DATA: &str = include_str!("../../data/blocked.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    wall: Vec<Wall>,
    captcha: CaptchaLists,
    denied: Lists,
    login: Lists,
    consent: Lists,
    not_found: Lists,
    gone: Lists,
}

/// Who blocks, and by what it is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wall {
    pub(super) name: String,
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
    #[serde(default)]
    marks: Vec<String>,
    #[serde(default)]
    together: Vec<Vec<String>>,
    #[serde(default)]
    pub(super) urls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaptchaLists {
    marks: Vec<String>,
    words: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Lists {
    hosts: Vec<String>,
    paths: Vec<String>,
    heading: Vec<String>,
    weak: Vec<String>,
    filler: Vec<String>,
    text: Vec<String>,
}

/// Everything that is looked for.
pub(super) struct Words {
    pub(super) walls: Vec<Wall>,
    marks: AhoCorasick,
    /// Of each pattern of `marks`: the wall, and its list in it.
    owners: Vec<(usize, usize)>,
    pub(super) captcha: Captcha,
    pub(super) denied: Group,
    pub(super) login: Group,
    pub(super) consent: Group,
    pub(super) not_found: Group,
    pub(super) gone: Group,
}

pub(super) struct Captcha {
    pub(super) marks: AhoCorasick,
    pub(super) words: AhoCorasick,
}

/// One sort of page.
pub(super) struct Group {
    pub(super) hosts: Vec<String>,
    pub(super) paths: HashSet<String>,
    pub(super) heading: HashSet<String>,
    pub(super) weak: HashSet<String>,
    pub(super) filler: HashSet<String>,
    text: AhoCorasick,
}

impl From<Lists> for Group {
    fn from(lists: Lists) -> Self {
        Self {
            hosts: lists.hosts,
            paths: lists.paths.into_iter().collect(),
            heading: lists.heading.into_iter().collect(),
            weak: lists.weak.into_iter().collect(),
            filler: lists.filler.into_iter().collect(),
            text: finder(&lists.text),
        }
    }
}

impl Group {
    /// The first of its phrases that stands in a text.
    pub(super) fn text_in(&self, text: &str) -> Option<String> {
        let found = self.text.find(text)?;
        Some(text[found.range()].to_owned())
    }
}

impl Words {
    /// The wall whose marks a page's source carries, and one of them.
    pub(super) fn marked(&self, source: &[u8]) -> Option<(&Wall, &str)> {
        let mut seen = vec![false; self.owners.len()];
        for found in self.marks.find_overlapping_iter(source) {
            seen[found.pattern().as_usize()] = true;
        }
        let lists: HashSet<(usize, usize)> = self.owners.iter().copied().collect();
        let mut complete: Vec<(usize, usize)> = lists
            .into_iter()
            .filter(|list| {
                let mut marks = self
                    .owners
                    .iter()
                    .zip(&seen)
                    .filter(|(owner, _)| *owner == list);
                marks.all(|(_, seen)| *seen)
            })
            .collect();
        complete.sort_unstable();
        let (wall, list) = *complete.first()?;
        let wall = &self.walls[wall];
        let mark = wall.lists().nth(list)?.first()?;
        Some((wall, mark))
    }

    /// Whether a part of a heading is one of those that say no.
    pub(super) fn says_no(&self, part: &str) -> bool {
        let (denied, not_found) = (&self.denied, &self.not_found);
        denied.heading.contains(part)
            || not_found.heading.contains(part)
            || not_found.weak.contains(part)
            || not_found.filler.contains(part)
    }
}

impl Wall {
    /// All that has to be there, each list for itself.
    fn lists(&self) -> impl Iterator<Item = &[String]> {
        let single = self.marks.iter().map(std::slice::from_ref);
        single.chain(self.together.iter().map(Vec::as_slice))
    }
}

pub(super) fn words() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(|| {
        let file: File = toml::from_str(DATA).unwrap_or_else(|error| unreachable!("{error}"));
        let (mut patterns, mut owners) = (Vec::new(), Vec::new());
        for (number, wall) in file.wall.iter().enumerate() {
            for (list, marks) in wall.lists().enumerate() {
                patterns.extend(marks.iter().cloned());
                owners.extend(marks.iter().map(|_| (number, list)));
            }
        }
        Words {
            marks: finder(&patterns),
            owners,
            walls: file.wall,
            captcha: Captcha {
                marks: finder(&file.captcha.marks),
                words: finder(&file.captcha.words),
            },
            denied: file.denied.into(),
            login: file.login.into(),
            consent: file.consent.into(),
            not_found: file.not_found.into(),
            gone: file.gone.into(),
        }
    });
    &WORDS
}

fn finder(patterns: &[String]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(patterns)
        .unwrap_or_else(|error| unreachable!("{error}"))
}

/// The parts of a title or heading (in lower case) between separators.
pub(super) fn segments(text: &str) -> impl Iterator<Item = &str> {
    const MARKS: [char; 16] = [
        '|', '!', '?', '.', ',', ';', ':', '…', '·', '»', '«', '。', '！', '，', '：', '•',
    ];
    text.split(MARKS)
        .flat_map(|part| part.split(" - "))
        .flat_map(|part| part.split(" – "))
        .flat_map(|part| part.split(" — "))
        .map(|part| {
            part.trim_matches(|c: char| {
                c.is_whitespace() || matches!(c, '-' | '–' | '—' | '"' | '“' | '”' | '(' | ')')
            })
        })
        .filter(|part| !part.is_empty())
}
