//! The listing index by its size: `cargo bench -p markhound-index --bench listings`, or with other
//! sizes `… --bench listings -- 100000`. Listings are generated and short: a title of 8 words, a
//! description of 20, words as unevenly common as in language.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use markhound_index::listings::{ListingIndex, ListingText, Mark, Query, Search, Sort, Wanted};
use markhound_index::text::{CatalogProduct, CatalogTextIndex};

const SIZES: [usize; 2] = [100_000, 1_000_000];
/// Of larger indexes not all texts are read.
const HUNTED: usize = 200_000;
/// Listings put at a time, and between two commits.
const BATCH: usize = 2_000;
const COMMIT: usize = 10_000;
const SOURCES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

/// A pronounceable word for a number; different numbers give different words.
fn word(mut number: usize) -> String {
    let mut out = String::new();
    loop {
        out.push(char::from(b"bdfgklmnprstvz"[number % 14]));
        number /= 14;
        out.push(char::from(b"aeiou"[number % 5]));
        number /= 5;
        if number == 0 && out.len() >= 4 {
            return out;
        }
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// A word; the lower its number, the more common.
    fn word(&mut self) -> String {
        let most = 1 << self.roll(18);
        word(self.roll(most))
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<String> = (0..count).map(|_| self.word()).collect();
        words.join(" ")
    }
}

struct Generated {
    title: String,
    description: String,
    seller: String,
}

fn generate(dice: &mut Dice) -> Generated {
    let mut title = dice.words(7);
    match dice.roll(10) {
        0 => title.push_str(" 新品腕時計"),
        1 => title.push_str(&format!(" {}-{}", dice.word(), dice.roll(1_000))),
        2 => title = title.replacen('o', "0", 1),
        _ => title.push_str(&format!(" {}", dice.word())),
    }
    Generated {
        title,
        description: dice.words(20),
        seller: format!("{} store", word(dice.roll(20_000))),
    }
}

fn text(id: usize, of: &Generated) -> ListingText<'_> {
    let at = 1_700_000_000_000 + id as i64 * 1_000;
    ListingText {
        id: id as u64,
        title: &of.title,
        description: Some(&of.description),
        seller: Some(&of.seller),
        source: SOURCES[id % 4],
        price: Some((id % 5_000) as i64 * 10_000),
        currency: Some("EUR"),
        first_seen: at,
        last_seen: at,
    }
}

fn bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("is there");
    files
        .filter_map(|file| Some(file.ok()?.metadata().ok()?.len()))
        .sum()
}

fn fill(index: &ListingIndex, dice: &mut Dice, size: usize) {
    let mut writer = index.writer().expect("nobody else writes");
    let (mut seconds, mut longest, mut id) = (0.0, 0.0_f64, 0);
    while id < size {
        let batch: Vec<Generated> = (0..BATCH.min(size - id)).map(|_| generate(dice)).collect();
        let started = Instant::now();
        let texts: Vec<_> = batch
            .iter()
            .zip(id..)
            .map(|(of, id)| text(id, of))
            .collect();
        writer.put(&texts).expect("is taken in");
        id += batch.len();
        if id.is_multiple_of(COMMIT) || id == size {
            let before = Instant::now();
            let mark = Mark {
                era: 1,
                change: id as i64,
            };
            writer.commit(mark).expect("is written");
            longest = longest.max(before.elapsed().as_secs_f64());
        }
        seconds += started.elapsed().as_secs_f64();
    }
    let started = Instant::now();
    writer.finish().expect("ends");
    println!(
        "{size} listings indexed in {seconds:.1} s: {:.0}/s, longest commit {:.0} ms, tidied up in {:.1} s",
        size as f64 / seconds,
        longest * 1e3,
        started.elapsed().as_secs_f64()
    );
    index.reload().expect("is read");
}

fn ask(index: &ListingIndex, what: &str, sort: Sort, queries: &[String]) {
    let search = Search {
        sort,
        limit: 30,
        after: None,
    };
    let mut found = 0;
    let mut times: Vec<f64> = queries
        .iter()
        .map(|asked| {
            let started = Instant::now();
            let query = Query::parse(asked).expect("is a query");
            found += black_box(index.search(&query, &search).expect("is searched")).total;
            started.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let sum: f64 = times.iter().sum();
    println!(
        "  {what:32} {:>8.0}/s   median {:>8.3} ms   99 of 100 within {:>8.3} ms   {:>8} found each",
        times.len() as f64 / sum,
        times[times.len() / 2] * 1e3,
        times[times.len() * 99 / 100] * 1e3,
        found / times.len() as u64
    );
}

fn questions(index: &ListingIndex, dice: &mut Dice) {
    let mut many = |make: &dyn Fn(&mut Dice) -> String| -> Vec<String> {
        (0..200).map(|_| make(dice)).collect()
    };
    let one = many(&|d| d.word());
    ask(index, "one word", Sort::Best, &one);
    ask(index, "one word, newest first", Sort::Newest, &one);
    ask(index, "two words", Sort::Best, &many(&|d| d.words(2)));
    let two_rare = many(&|d| format!("{} {}", word(1_000 + d.roll(5_000)), d.word()));
    ask(index, "a rare word and another", Sort::Best, &two_rare);
    let phrases = many(&|d| format!("\"{}\"", d.words(2)));
    ask(index, "a phrase", Sort::Best, &phrases);
    let kana = many(&|_| "腕時計".to_owned());
    ask(
        index,
        "a word of a tenth of all, by pairs",
        Sort::Best,
        &kana,
    );
    let limited = many(&|d| format!("{} -{} price:10..500 source:beta", d.word(), d.word()));
    ask(
        index,
        "a word, without, price, source",
        Sort::Best,
        &limited,
    );
}

/// From a change in hand until a search finds it.
fn delays(index: &ListingIndex, dice: &mut Dice, size: usize) {
    let query = Query::parse("\"delay measured here\"").expect("is a query");
    let mut times: Vec<f64> = (0..15)
        .map(|n| {
            let mut of = generate(dice);
            of.title.push_str(" delay measured here");
            let started = Instant::now();
            let mut writer = index.writer().expect("nobody else writes");
            writer.put(&[text(n * 7, &of)]).expect("is taken in");
            let mark = Mark {
                era: 1,
                change: (size + n) as i64,
            };
            writer.commit(mark).expect("is written");
            index.reload().expect("is read");
            let found = index
                .search(&query, &Search::default())
                .expect("is searched");
            let elapsed = started.elapsed().as_secs_f64();
            assert_eq!(found.total, n as u64 + 1);
            writer.finish().expect("ends");
            elapsed
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "  a changed listing is found after {:.0} ms (median of {}; longest {:.0} ms)",
        times[times.len() / 2] * 1e3,
        times.len(),
        times[times.len() - 1] * 1e3
    );
}

/// Products that are hunted for.
fn products() -> Vec<CatalogProduct> {
    (0..20)
        .map(|n| {
            let brand = word(3_000 + n * 37);
            CatalogProduct {
                id: n as i64,
                name: format!("{brand} {} {}", word(20_000 + n * 101), word(40 + n)),
                brand,
                ..CatalogProduct::default()
            }
        })
        .collect()
}

/// A hunt for products, by what the index proposes and by reading every text.
fn hunts(index: &ListingIndex, size: usize) {
    let mut dice = Dice(0x5eed);
    let texts: Vec<Generated> = (0..size).map(|_| generate(&mut dice)).collect();
    let products = products();
    let matcher = CatalogTextIndex::build(products.clone()).expect("the index builds");
    let speaks = |id: usize| {
        let of = &texts[id];
        !matcher
            .search(&of.title, Some(&of.description), 1)
            .is_empty()
    };
    let started = Instant::now();
    let all: BTreeSet<usize> = (0..size).filter(|id| speaks(*id)).collect();
    let reading = started.elapsed().as_secs_f64();
    let wanted: Vec<Wanted> = products
        .iter()
        .map(|product| Wanted {
            product: product.clone(),
            brand_words: Vec::new(),
        })
        .collect();
    let started = Instant::now();
    let proposed = index.candidates(&wanted).expect("is searched");
    let proposing = started.elapsed().as_secs_f64();
    let ids = proposed.iter().map(|id| *id as usize);
    let found: BTreeSet<usize> = ids.filter(|id| speaks(*id)).collect();
    let both = started.elapsed().as_secs_f64();
    println!(
        "  a hunt for {} products: {reading:.2} s by reading all, {both:.2} s by reading the {} that are proposed in {proposing:.2} s; {} and {} found, {} of them missed",
        products.len(),
        proposed.len(),
        all.len(),
        found.len(),
        all.difference(&found).count()
    );
}

/// How rare words are, without the listings that name one of 20 brands.
fn rarity(index: &ListingIndex) {
    let products = products();
    let brands: Vec<&str> = products.iter().map(|p| p.brand.as_str()).collect();
    let started = Instant::now();
    let table = index.rarity(&brands).expect("is counted");
    println!(
        "  words of {} listings counted in {:.2} s",
        table.listings(),
        started.elapsed().as_secs_f64()
    );
}

fn main() {
    let given: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let sizes = if given.is_empty() {
        SIZES.to_vec()
    } else {
        given
    };
    for size in sizes {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("listings");
        let index = ListingIndex::open(&folder).expect("is made");
        let mut dice = Dice(0x5eed);
        fill(&index, &mut dice, size);
        println!(
            "  {:.0} bytes a listing",
            bytes(&folder) as f64 / size as f64
        );
        if size <= HUNTED {
            hunts(&index, size);
        }
        rarity(&index);
        questions(&index, &mut dice);
        delays(&index, &mut dice, size);
    }
}
