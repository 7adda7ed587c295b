//! What a pair of records shows, in numbers.

use std::collections::BTreeSet;

use super::corpus::{Corpus, Prepared, View};
use super::similar::{common_beginning, edit_similarity, jaro_winkler};
use super::tokens::Tokens;

/// Two words at least this similar are taken for one.
const ALMOST: f32 = 0.9;
/// Words of a text that are compared letter by letter.
const COMPARED: usize = 40;
/// Words that say what sort of thing a product is: on one side alone they speak against the pair.
const KINDS: [&str; 56] = [
    "compatible",
    "replacement",
    "refurbished",
    "remanufactured",
    "case",
    "cases",
    "kit",
    "bundle",
    "refill",
    "cable",
    "battery",
    "adapter",
    "adaptor",
    "cover",
    "mount",
    "warranty",
    "service",
    "plan",
    "used",
    "skin",
    "protector",
    "body",
    "lens",
    "charger",
    "bag",
    "remote",
    "stand",
    "filter",
    "flash",
    "tripod",
    "strap",
    "cartridge",
    "toner",
    "ink",
    "paper",
    "headset",
    "headphones",
    "speaker",
    "speakers",
    "keyboard",
    "mouse",
    "monitor",
    "printer",
    "camcorder",
    "software",
    "upgrade",
    "license",
    "pack",
    "set",
    "twin",
    "dual",
    "mini",
    "pro",
    "plus",
    "wireless",
    "only",
];

/// The numbers of one pair, each with its name.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    pub names: Vec<String>,
    pub values: Vec<f32>,
    /// Words that only one of the two names has, and words that both have.
    pub apart: Vec<String>,
    pub shared: Vec<String>,
}

impl Row {
    pub(super) fn put(&mut self, of: &str, name: &str, value: f32) {
        self.names.push(format!("{of}{name}"));
        self.values.push(value);
    }

    /// Whether and how two things differ, missing when one of them is.
    fn maybe(&mut self, of: &str, name: &str, value: Option<f32>) {
        self.put(of, name, value.unwrap_or(f32::NAN));
    }

    pub(super) fn get(&self, name: &str) -> f32 {
        let at = self.names.iter().position(|n| n == name);
        at.map_or(f32::NAN, |at| self.values[at])
    }
}

/// What two records show.
pub(super) fn features(corpus: &Corpus, a: &Prepared, b: &Prepared) -> Row {
    let words = |numbers: &mut dyn Iterator<Item = &u32>| {
        numbers.map(|&word| corpus.text(word).to_owned()).collect()
    };
    let (name_a, name_b) = (&a.name.words, &b.name.words);
    let mut row = Row {
        apart: words(&mut name_a.symmetric_difference(name_b)),
        shared: words(&mut name_a.intersection(name_b)),
        ..Row::default()
    };
    texts(&mut row, "name_", corpus, &a.name, &b.name);
    let several = |p: &Prepared| !p.more.words.is_empty();
    if several(a) || several(b) {
        texts(&mut row, "all_", corpus, &a.all, &b.all);
        texts(&mut row, "name_all_", corpus, &a.name, &b.all);
        texts(&mut row, "all_name_", corpus, &a.all, &b.name);
        let both = several(a) && several(b);
        row.maybe(
            "",
            "more_cosine",
            both.then(|| cosine(corpus, &a.more, &b.more)),
        );
        row.maybe("", "more_grams", both.then(|| grams(&a.more, &b.more)));
    }
    codes(&mut row, a, b);
    pieces(&mut row, "name_", &a.name.tokens, &b.name.tokens);
    pieces(&mut row, "all_", &a.all.tokens, &b.all.tokens);
    fields(&mut row, a, b);
    row
}

fn rarities<'a>(corpus: &Corpus, words: impl Iterator<Item = &'a u32>) -> f32 {
    words.map(|&w| corpus.rarity(w)).sum()
}

fn cosine(corpus: &Corpus, a: &View, b: &View) -> f32 {
    let square = |w: &u32| corpus.rarity(*w).powi(2);
    let shared: f32 = a.words.intersection(&b.words).map(square).sum();
    let norm = |v: &View| v.words.iter().map(square).sum::<f32>().sqrt();
    ratio(shared, norm(a) * norm(b))
}

fn grams(a: &View, b: &View) -> f32 {
    let (few, many) = if a.grams.len() < b.grams.len() {
        (a, b)
    } else {
        (b, a)
    };
    few.grams
        .iter()
        .filter_map(|(gram, w)| Some(w * many.grams.get(gram)?))
        .sum()
}

fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn texts(row: &mut Row, of: &str, corpus: &Corpus, a: &View, b: &View) {
    let shared: BTreeSet<u32> = a.words.intersection(&b.words).copied().collect();
    let only_a: Vec<u32> = a.words.difference(&b.words).copied().collect();
    let only_b: Vec<u32> = b.words.difference(&a.words).copied().collect();
    let (sum, sum_a, sum_b) = (
        rarities(corpus, shared.iter()),
        rarities(corpus, a.words.iter()),
        rarities(corpus, b.words.iter()),
    );
    row.put(of, "cosine", cosine(corpus, a, b));
    row.put(of, "within_a", ratio(sum, sum_a));
    row.put(of, "within_b", ratio(sum, sum_b));
    row.put(of, "within_less", ratio(sum, sum_a.min(sum_b)));
    row.put(of, "jaccard_rare", ratio(sum, sum_a + sum_b - sum));
    let union = (a.words.len() + b.words.len() - shared.len()) as f32;
    row.put(of, "jaccard", ratio(shared.len() as f32, union));
    row.put(of, "grams", grams(a, b));
    let (soft, left_a) = soft(corpus, &only_a, b);
    let (soft_back, left_b) = self::soft(corpus, &only_b, a);
    row.put(
        of,
        "soft",
        ratio(sum + (soft + soft_back) / 2.0, (sum_a + sum_b) / 2.0),
    );
    row.put(
        of,
        "soft_less",
        ratio(sum + soft.max(soft_back), sum_a.min(sum_b)),
    );
    row.put(
        of,
        "monge_elkan",
        (monge_elkan(corpus, a, b) + monge_elkan(corpus, b, a)) / 2.0,
    );
    let rarest = |words: &mut dyn Iterator<Item = &u32>| {
        words.map(|&w| corpus.rarity(w)).fold(0.0, f32::max)
    };
    row.put(of, "rarest_shared", rarest(&mut shared.iter()));
    row.put(of, "rarest_a", rarest(&mut left_a.iter()));
    row.put(of, "rarest_b", rarest(&mut left_b.iter()));
    row.put(of, "left_a", rarities(corpus, left_a.iter()));
    row.put(of, "left_b", rarities(corpus, left_b.iter()));
    row.put(of, "words_a", a.words.len() as f32);
    row.put(of, "words_b", b.words.len() as f32);
    let (sa, sb) = (&a.tokens.squeezed, &b.tokens.squeezed);
    row.put(of, "jaro", jaro_winkler(sa, sb));
    row.put(of, "edit", edit_similarity(sa, sb));
    let first = |v: &View| v.tokens.words.first().cloned().unwrap_or_default();
    row.put(of, "first", jaro_winkler(&first(a), &first(b)));
}

/// Rarity of the words that have an almost equal one on the other side, or are written there within
/// other letters; and the words that have none.
fn soft(corpus: &Corpus, words: &[u32], other: &View) -> (f32, Vec<u32>) {
    let mut found = 0.0;
    let mut left = Vec::new();
    for &word in words.iter().take(COMPARED) {
        let text = corpus.text(word);
        let digits = text.contains(|c: char| c.is_ascii_digit());
        let best = if digits {
            // A digit more or less is another product.
            f32::from(u8::from(
                text.len() >= 4 && other.tokens.squeezed.contains(text),
            ))
        } else {
            let others = other.words.iter().take(COMPARED);
            let best = others
                .map(|&o| jaro_winkler(text, corpus.text(o)))
                .fold(0.0, f32::max);
            let within = text.len() >= 5 && other.tokens.squeezed.contains(text);
            if within { 1.0 } else { best }
        };
        if best >= ALMOST {
            found += best * corpus.rarity(word);
        } else {
            left.push(word);
        }
    }
    (found, left)
}

fn monge_elkan(corpus: &Corpus, a: &View, b: &View) -> f32 {
    let words: Vec<u32> = a.words.iter().copied().take(COMPARED).collect();
    let best = |word: &u32| {
        let others = b.words.iter().take(COMPARED);
        others
            .map(|o| jaro_winkler(corpus.text(*word), corpus.text(*o)))
            .fold(0.0, f32::max)
    };
    ratio(words.iter().map(best).sum(), words.len() as f32)
}

/// Model numbers: agreeing, contained, nearly equal, contradicting.
fn codes(row: &mut Row, a: &Prepared, b: &Prepared) {
    for (of, a, b) in [
        ("name_code_", &a.name.tokens, &b.name.tokens),
        ("all_code_", &a.all.tokens, &b.all.tokens),
    ] {
        let length = |codes: Vec<&String>| codes.iter().map(|c| c.len()).max().unwrap_or(0) as f32;
        row.put(
            of,
            "equal",
            length(a.codes.intersection(&b.codes).collect()),
        );
        let inside = |codes: &BTreeSet<String>, text: &str| -> (f32, f32) {
            let (found, lost): (Vec<&String>, Vec<&String>) =
                codes.iter().partition(|c| text.contains(c.as_str()));
            (length(found), lost.len() as f32)
        };
        let (in_b, lost_a) = inside(&a.codes, &b.squeezed);
        let (in_a, lost_b) = inside(&b.codes, &a.squeezed);
        row.put(of, "in_b", in_b);
        row.put(of, "in_a", in_a);
        row.put(of, "in_either", in_a.max(in_b));
        row.put(of, "lost_a", lost_a);
        row.put(of, "lost_b", lost_b);
        row.put(of, "count_a", a.codes.len() as f32);
        row.put(of, "count_b", b.codes.len() as f32);
        let pairs = || {
            a.codes
                .iter()
                .flat_map(|x| b.codes.iter().map(move |y| (x.as_str(), y.as_str())))
        };
        let beginning =
            pairs().map(|(x, y)| ratio(common_beginning(x, y) as f32, x.len().min(y.len()) as f32));
        row.maybe(of, "beginning", beginning.reduce(f32::max));
        let contained = pairs().map(|(x, y)| contained(x, y));
        row.maybe(of, "contained", contained.reduce(f32::max));
        row.maybe(
            of,
            "edit",
            pairs().map(|(x, y)| edit_similarity(x, y)).reduce(f32::max),
        );
    }
    // The last model number of a name is most often its own.
    let own = |p: &Prepared| {
        let words = p.name.tokens.words.iter().rev();
        words
            .filter(|w| p.name.tokens.codes.contains(*w))
            .map(String::clone)
            .next()
    };
    for (of, own, other) in [("own_a_", own(a), b), ("own_b_", own(b), a)] {
        let all = &other.all.tokens;
        row.maybe(
            of,
            "in",
            own.as_ref()
                .map(|o| f32::from(u8::from(all.squeezed.contains(o.as_str())))),
        );
        let near = |codes: &BTreeSet<String>| {
            let own = own.as_ref()?;
            codes
                .iter()
                .map(|c| edit_similarity(own, c))
                .reduce(f32::max)
        };
        row.maybe(of, "edit", near(&other.name.tokens.codes));
        let beginning = own.as_ref().and_then(|own| {
            let codes = all.codes.iter();
            codes
                .map(|c| ratio(common_beginning(own, c) as f32, own.len() as f32))
                .reduce(f32::max)
        });
        row.maybe(of, "beginning", beginning);
    }
}

/// Length of the shorter code when it lies within the longer one, over the length of that.
fn contained(x: &str, y: &str) -> f32 {
    let (short, long) = if x.len() < y.len() { (x, y) } else { (y, x) };
    if long.contains(short) {
        ratio(short.len() as f32, long.len() as f32)
    } else {
        0.0
    }
}

/// Sets of small things: how many agree, and how many are on one side alone.
fn pieces(row: &mut Row, of: &str, a: &Tokens, b: &Tokens) {
    let shared = |x: usize, a: usize, b: usize| (x as f32, (a - x) as f32, (b - x) as f32);
    for (name, (both, only_a, only_b)) in [
        (
            "numbers",
            shared(
                a.numbers.intersection(&b.numbers).count(),
                a.numbers.len(),
                b.numbers.len(),
            ),
        ),
        (
            "models",
            shared(
                a.models.intersection(&b.models).count(),
                a.models.len(),
                b.models.len(),
            ),
        ),
        (
            "colours",
            shared(
                a.colours.intersection(&b.colours).count(),
                a.colours.len(),
                b.colours.len(),
            ),
        ),
    ] {
        row.put(of, &format!("{name}_both"), both);
        row.put(of, &format!("{name}_a"), only_a);
        row.put(of, &format!("{name}_b"), only_b);
        row.put(of, &format!("{name}_conflict"), only_a.min(only_b));
    }
    let (mut agree, mut conflict) = (0.0, 0.0);
    let units: BTreeSet<&str> = a.quantities.iter().map(|q| q.1).collect();
    for unit in units {
        let of_unit = |t: &Tokens| -> BTreeSet<String> {
            t.quantities
                .iter()
                .filter(|q| q.1 == unit)
                .map(|q| q.0.clone())
                .collect()
        };
        let (a, b) = (of_unit(a), of_unit(b));
        if !b.is_empty() {
            let both = a.intersection(&b).count() as f32;
            agree += both;
            conflict += f32::from(u8::from(both == 0.0));
        }
    }
    row.put(of, "units_agree", agree);
    row.put(of, "units_conflict", conflict);
    let kinds = |t: &Tokens| -> BTreeSet<&str> {
        KINDS
            .iter()
            .copied()
            .filter(|k| t.words.iter().any(|w| w == k))
            .collect()
    };
    let (a, b) = (kinds(a), kinds(b));
    row.put(of, "kinds_a", a.difference(&b).count() as f32);
    row.put(of, "kinds_b", b.difference(&a).count() as f32);
    row.put(of, "kinds_both", a.intersection(&b).count() as f32);
}

fn fields(row: &mut Row, a: &Prepared, b: &Prepared) {
    let both = |x: &str, y: &str| !x.is_empty() && !y.is_empty();
    row.maybe(
        "",
        "brand",
        both(&a.brand, &b.brand).then(|| jaro_winkler(&a.brand, &b.brand)),
    );
    let within = |x: &str, p: &Prepared| {
        (!x.is_empty()).then(|| f32::from(u8::from(p.all.tokens.squeezed.contains(x))))
    };
    row.maybe("", "brand_a_within", within(&a.brand, b));
    row.maybe("", "brand_b_within", within(&b.brand, a));
    let (x, y) = (&a.number, &b.number);
    let numbered = both(x, y);
    row.maybe(
        "",
        "number_equal",
        numbered.then(|| f32::from(u8::from(x == y))),
    );
    row.maybe("", "number_edit", numbered.then(|| edit_similarity(x, y)));
    row.maybe("", "number_contained", numbered.then(|| contained(x, y)));
    let beginning = || ratio(common_beginning(x, y) as f32, x.len().min(y.len()) as f32);
    row.maybe("", "number_beginning", numbered.then(beginning));
    row.maybe("", "number_a_within", within(x, b));
    row.maybe("", "number_b_within", within(y, a));
    row.put("", "number_length_a", x.chars().count() as f32);
    row.put("", "number_length_b", y.chars().count() as f32);
    let category = |t: &Tokens| t.words.iter().cloned().collect::<BTreeSet<String>>();
    let (ca, cb) = (category(&a.category), category(&b.category));
    let shared = ca.intersection(&cb).count() as f32;
    let known = !ca.is_empty() && !cb.is_empty();
    row.maybe(
        "",
        "category",
        known.then(|| ratio(shared, (ca.len() + cb.len()) as f32 - shared)),
    );
    let prices = a.price.zip(b.price).map(|(x, y)| (x / y).ln());
    row.maybe("", "price_ratio", prices);
    row.maybe("", "price_apart", prices.map(f32::abs));
}
