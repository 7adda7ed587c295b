//! Which pictures of a page are its product's, each in the largest size that the page names.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::clues::{self, Clues};
use super::images::Picture;
use super::ways::leads_to_another;
use super::words;
use crate::extract::availability;
use crate::extract::sizes::{pixels_of, without_letter, without_size, without_width};
use crate::listing::MAX_IMAGES;

/// How many elements may stand between the title and a picture that nothing
/// else speaks for.
const MAX_APART: usize = 60;
/// How far behind the title what stands there is less likely the product's.
const FAR_BEHIND: usize = 300;
/// Pictures narrower than this, in pixels, are decoration.
const NARROW: u32 = 40;
/// The most addresses that are kept of pictures in other sizes.
const MAX_FORMS: usize = 600;

/// The pictures of a page's product.
#[derive(Debug, Default)]
pub(super) struct Pictured {
    /// Where each is to be had in the largest size.
    pub(super) urls: Vec<Url>,
    /// Where they are to be had in any size.
    pub(super) forms: Vec<Url>,
}

/// The pictures of the product with this title, that stands at `order` on the page at `url`.
pub(super) fn of_product(
    pictures: &[Picture],
    title: &str,
    order: usize,
    (base, url): (&Url, &Url),
) -> Pictured {
    let words = title.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| word.chars().count() > 2);
    let product = Product {
        title,
        words: words.map(str::to_owned).collect(),
        order,
        base,
        url,
    };
    let usable: Vec<Candidate<'_>> = pictures
        .iter()
        .filter(|picture| !product.is_outside(picture))
        .map(|picture| product.candidate(picture))
        .collect();
    let mut found = taken(&usable, order);
    let known: HashSet<String> = found.iter().map(|taken| taken.key.clone()).collect();
    enlarge(&mut found, &usable);
    Pictured {
        urls: urls_of(found),
        forms: forms_of(&usable, &known, base),
    }
}

/// What is known of the product whose pictures are looked for.
struct Product<'a> {
    title: &'a str,
    words: Vec<String>,
    order: usize,
    base: &'a Url,
    url: &'a Url,
}

/// A picture that may be the product's.
struct Candidate<'a> {
    picture: &'a Picture,
    /// How much speaks for it.
    score: i32,
    /// Its address, and that without what tells the size.
    found: Option<(Url, String)>,
}

/// A picture that is taken.
struct Taken {
    key: String,
    /// What its address is worth, and how large it is by that.
    worth: (u32, u32),
    url: Url,
}

impl Product<'_> {
    fn candidate<'p>(&self, picture: &'p Picture) -> Candidate<'p> {
        let url = picture.best(self.base);
        Candidate {
            picture,
            score: self.score(picture),
            found: url.map(|url| {
                let key = without_size(&url);
                (url, key)
            }),
        }
    }

    fn score(&self, picture: &Picture) -> i32 {
        let alt = picture.alt.to_lowercase();
        let named = self.words.iter().filter(|word| alt.contains(*word)).count();
        let is_wide = picture.width.is_some_and(|width| width >= 200);
        let is_far = picture.order > self.order + FAR_BEHIND;
        let signs = [
            (picture.clues.has(Clues::GALLERY), 3),
            (named > 0 && named * 2 >= self.words.len(), 2),
            (picture.is_enlarged(), 2),
            (is_wide, 1),
            (is_narrow(picture), -4),
            (is_far, -2),
            (picture.clues.has(Clues::DESCRIPTION), -2),
        ];
        let signs = signs.iter().filter(|(is_so, _)| *is_so);
        signs.map(|(_, points)| points).sum()
    }

    /// Whether a picture stands where no picture of the product does, or is that of another.
    fn is_outside(&self, picture: &Picture) -> bool {
        const OUTSIDE: Clues = Clues::RELATED
            .with(Clues::FRAME)
            .with(Clues::CARD)
            .with(Clues::REVIEW)
            .with(Clues::HIDDEN);
        // What a gallery shows in large is no decoration, whatever its frame is called.
        let is_shown = picture.clues.has(Clues::GALLERY) && picture.is_enlarged();
        let decoration = match is_shown {
            true => Clues::NONE,
            false => Clues::DECORATION,
        };
        picture.clues.has(OUTSIDE.with(decoration))
            || is_button(&picture.alt)
            || self.is_of_another(picture)
    }

    fn is_of_another(&self, picture: &Picture) -> bool {
        let way = picture.way.as_deref();
        !is_named_so(&picture.alt, self.title)
            && way.is_some_and(|way| leads_to_another(way, self.base, self.url))
    }
}

impl Candidate<'_> {
    fn key(&self) -> Option<&str> {
        self.found.as_ref().map(|(_, key)| key.as_str())
    }

    /// Its path without digits: the same of all pictures that are numbered.
    fn form(&self) -> Option<String> {
        let (url, _) = self.found.as_ref()?;
        Some(url.path().replace(|c: char| c.is_ascii_digit(), ""))
    }
}

fn is_narrow(picture: &Picture) -> bool {
    picture.width.is_some_and(|width| width < NARROW)
}

/// Whether a picture is called like the product, perhaps with its number.
fn is_named_so(alt: &str, title: &str) -> bool {
    let rest = alt.trim().strip_prefix(title.trim());
    rest.is_some_and(|rest| !rest.contains(char::is_alphabetic))
}

/// Whether a picture stands for a button, or for a word on stock.
fn is_button(alt: &str) -> bool {
    clues::is_buying(alt) || words::speaks_of_stock(alt) && availability::parse(alt).is_some()
}

/// Those of which enough speaks for them, and what stands in one row with the first, each
/// picture once.
fn taken(usable: &[Candidate<'_>], order: usize) -> Vec<Taken> {
    let best = usable.iter().map(|it| it.score).max().unwrap_or(0);
    let least = if best >= 3 { 3 } else { best.max(1) };
    let row = Row::around(first_of(usable, best, order), usable);
    let mut found: Vec<Taken> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for candidate in usable {
        let is_likely = candidate.score >= least
            || candidate.score >= 2 && candidate.picture.is_enlarged()
            || row.has(candidate);
        let Some((url, key)) = candidate.found.as_ref().filter(|_| is_likely) else {
            continue;
        };
        let worth = (candidate.picture.worth(), pixels_of(url));
        match places.get(key.as_str()) {
            Some(at) if worth > found[*at].worth => {
                (found[*at].worth, found[*at].url) = (worth, url.clone());
            }
            Some(_) => {}
            None if found.len() < MAX_IMAGES => {
                places.insert(key, found.len());
                found.push(Taken {
                    key: key.clone(),
                    worth,
                    url: url.clone(),
                });
            }
            None => break,
        }
    }
    found
}

/// The likeliest picture; where nothing speaks for any, the one nearest to the title.
fn first_of<'c, 'p>(
    usable: &'c [Candidate<'p>],
    best: i32,
    order: usize,
) -> Option<&'c Candidate<'p>> {
    if best > 0 {
        return usable.iter().find(|it| it.score == best);
    }
    let apart = |it: &Candidate<'_>| it.picture.order.abs_diff(order);
    let unnamed = usable
        .iter()
        .filter(|it| it.score == 0 && it.found.is_some());
    let nearest = unnamed.min_by_key(|it| apart(it))?;
    (apart(nearest) <= MAX_APART).then_some(nearest)
}

/// The row of pictures around the first: the others of it need not be like it.
struct Row<'a> {
    first: Option<&'a str>,
    form: Option<String>,
    /// What it stands in, also where it stands again, smaller.
    around: HashSet<&'a (ego_tree::NodeId, bool)>,
}

impl<'a> Row<'a> {
    fn around(first: Option<&'a Candidate<'_>>, usable: &'a [Candidate<'_>]) -> Self {
        let mut row = Self {
            first: first.and_then(Candidate::key),
            form: first.and_then(Candidate::form),
            around: HashSet::new(),
        };
        let again = usable.iter().filter(|it| row.is_first(it));
        row.around = again.flat_map(|it| it.picture.around.iter()).collect();
        row
    }

    fn is_first(&self, candidate: &Candidate<'_>) -> bool {
        self.first.is_some() && candidate.key() == self.first
    }

    fn has(&self, candidate: &Candidate<'_>) -> bool {
        // Where more stands than pictures, one must be called as the other but for its number.
        let is_row = |row: &(ego_tree::NodeId, bool)| {
            self.around.contains(row) && (row.1 || candidate.form() == self.form)
        };
        let is_beside = || candidate.picture.around.iter().any(is_row);
        !is_narrow(candidate.picture) && (self.is_first(candidate) || is_beside())
    }
}

/// Puts larger pictures in the place of smaller ones of the same name: "pot_550.jpg" is one of
/// "pot.jpg", and "pot-2s.jpg" one of "pot-2.jpg", where the page shows that.
fn enlarge(found: &mut Vec<Taken>, usable: &[Candidate<'_>]) {
    let shown = usable.iter().filter_map(|it| it.found.as_ref());
    let shown: HashMap<&str, &Url> = shown.map(|(url, key)| (key.as_str(), url)).collect();
    for taken in found.iter_mut() {
        let whole = without_letter(&taken.key).and_then(|whole| shown.get_key_value(whole));
        if let Some((key, url)) = whole {
            (taken.key, taken.url) = ((*key).to_owned(), (*url).clone());
        }
    }
    let keys: HashSet<String> = found.iter().map(|taken| taken.key.clone()).collect();
    found.retain(|taken| without_width(&taken.key).is_none_or(|whole| !keys.contains(whole)));
}

fn urls_of(found: Vec<Taken>) -> Vec<Url> {
    let mut seen = HashSet::new();
    let urls = found.into_iter().map(|taken| taken.url);
    urls.filter(|url| seen.insert(url.clone())).collect()
}

/// All addresses of the pictures that are taken.
fn forms_of(usable: &[Candidate<'_>], known: &HashSet<String>, base: &Url) -> Vec<Url> {
    let is_known = |it: &&Candidate<'_>| it.key().is_some_and(|key| known.contains(key));
    let forms = usable.iter().filter(is_known);
    let forms = forms.flat_map(|it| it.picture.all(base));
    forms.take(MAX_FORMS).collect()
}
