//! Which of one brand's products a title is about.
//!
//! The fitted weights say how probably a title concerns a product; of the products of one brand they
//! say nearly the same. So these are put in the order of what tells them apart: words that few of
//! them have, letters in common, numbers that agree. The probabilities stay, the highest goes to the
//! likeliest: whether the brand is meant at all is not asked here.

use std::collections::{BTreeSet, HashMap};

use super::features::Title;
use super::vocabulary::{Product, Vocabulary};

/// Products of one brand that are put in order.
const MOST: usize = 20;
/// What letters in common count, beside words.
const LETTERS: f64 = 5.0 / 3.0;
/// What numbers that contradict each other count.
const NUMBERS: f64 = 1.0 / 3.0;

/// Places of products and their probabilities, the most probable first.
pub(super) type Placed = Vec<(usize, f64)>;

/// Puts the products of the first one's brand in order, of those at least so probable.
pub(super) fn order(
    placed: &mut Placed,
    least: f64,
    products: &[Product],
    vocabulary: &Vocabulary,
    title: &Title<'_>,
) {
    let brand_of = |place: usize| products.get(place).map(|product| product.brand);
    let Some(brand) = placed.first().and_then(|(place, _)| brand_of(*place)) else {
        return;
    };
    let mine = placed.iter().enumerate();
    let mine = mine.filter(|(_, (place, p))| *p >= least && brand_of(*place) == Some(brand));
    let mine: Vec<usize> = mine.map(|(at, _)| at).take(MOST).collect();
    if mine.len() < 2 {
        return;
    }
    let places: Vec<usize> = mine.iter().map(|&at| placed[at].0).collect();
    let told = Told::of(
        places.iter().map(|&place| &products[place]),
        vocabulary,
        title,
    );
    let mut keyed: Vec<(bool, f64, usize)> = places
        .iter()
        .map(|&place| {
            let likeness = told.likeness(&products[place]);
            (title.has_model_of(place), likeness, place)
        })
        .collect();
    // Stable: what is alike stays in the order of the probabilities.
    keyed.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let probabilities: Vec<f64> = mine.iter().map(|&at| placed[at].1).collect();
    for ((at, probability), (_, _, place)) in mine.into_iter().zip(probabilities).zip(keyed) {
        placed[at] = (place, probability);
    }
}

/// What a title has, by what tells some products apart.
struct Told<'a> {
    vocabulary: &'a Vocabulary,
    title: &'a Title<'a>,
    /// How much each word of the names tells: the more, the fewer of the products have it.
    weights: HashMap<u32, f64>,
    /// The weight of all words of the names that the title has.
    found: f64,
    grams: BTreeSet<[char; 3]>,
    /// Words of the title with digits.
    numbers: BTreeSet<&'a str>,
}

impl<'a> Told<'a> {
    fn of<'b>(
        products: impl Iterator<Item = &'b Product>,
        vocabulary: &'a Vocabulary,
        title: &'a Title<'a>,
    ) -> Self {
        let mut counts: HashMap<u32, f64> = HashMap::new();
        let mut all = 0.0;
        for product in products {
            all += 1.0;
            for &number in &product.name {
                *counts.entry(number).or_default() += 1.0;
            }
        }
        let weights: HashMap<u32, f64> = counts
            .into_iter()
            .map(|(number, count)| (number, f64::ln(1.0 + all / count)))
            .collect();
        // In the order of the numbers: floats do not add up to the same in any order.
        let mut there: Vec<(&u32, &f64)> = weights.iter().filter(|(n, _)| title.has(**n)).collect();
        there.sort_unstable_by_key(|(number, _)| **number);
        let words = title.words.iter().map(|word| word.text.as_str());
        Self {
            vocabulary,
            title,
            found: there.iter().map(|(_, weight)| **weight).sum(),
            grams: grams(title.text.squeezed.text.chars()),
            numbers: words.filter(|word| has_digit(word)).collect(),
            weights,
        }
    }

    fn likeness(&self, product: &Product) -> f64 {
        let weight = |number: &u32| self.weights.get(number).copied().unwrap_or_default();
        let all: f64 = product.name.iter().map(weight).sum();
        let common = product
            .name
            .iter()
            .filter(|number| self.title.has(**number));
        let common: f64 = common.map(weight).sum();
        let by_words = match all * self.found {
            size if size > 0.0 => common / size.sqrt(),
            _ => 0.0,
        };
        let names = product
            .name
            .iter()
            .map(|&number| self.vocabulary.text(number));
        let letters = grams(names.clone().flat_map(str::chars));
        let shared = letters.intersection(&self.grams).count() as f64;
        let by_letters = 2.0 * shared / (letters.len() + self.grams.len()).max(1) as f64;
        let numbers: BTreeSet<&str> = names.filter(|name| has_digit(name)).collect();
        let contradict = numbers.difference(&self.numbers).next().is_some()
            && self.numbers.difference(&numbers).next().is_some();
        by_words + LETTERS * by_letters - if contradict { NUMBERS } else { 0.0 }
    }
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Every three neighbouring letters.
fn grams(letters: impl Iterator<Item = char>) -> BTreeSet<[char; 3]> {
    let letters: Vec<char> = letters.collect();
    letters.windows(3).map(|w| [w[0], w[1], w[2]]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{CatalogProduct, CatalogTextIndex};

    #[test]
    fn of_one_brands_products_the_one_comes_first_whose_name_is_told_from_the_others() {
        let product = |id, name: &str| CatalogProduct {
            id,
            sku: format!("S-{id}"),
            brand: "Velora".to_owned(),
            name: format!("Velora {name}"),
            model_numbers: vec![format!("VL-22{id}0")],
            ..CatalogProduct::default()
        };
        let index = CatalogTextIndex::build([
            product(1, "Classic Man Black Sheffield Silver"),
            product(2, "Men's Classic 40mm Reading Watch"),
            product(3, "Men's Classic 36mm Reading Watch"),
            product(4, "Classic Lady Bristol Rose Gold"),
        ])
        .expect("the index builds");
        for (title, first) in [
            ("Velora Classic Reading 40mm man", 2),
            ("V3l0ra Classic Reading 36mm watch silver", 3),
            ("Velora classic black sheffield", 1),
            ("Velora classic rose gold bristol", 4),
            // A model number settles it.
            ("Velora Classic Man Black Sheffield Silver VL-2240", 4),
        ] {
            let found = index.search(title, None, 5);
            assert_eq!(found.first().map(|m| m.product), Some(first), "{title}");
            assert!(found.is_sorted_by(|a, b| a.score >= b.score), "{title}");
        }
    }
}
