//! The word index: which products share the most telling words with a title.
//!
//! Products are ranked by BM25 (Robertson and Zaragoza 2009) over the words of their names, exactly:
//! once no product that has only the words still to come can be among the best, these words are
//! looked up for the products already found and nothing else (MaxScore; Turtle and Flood 1995).

use std::cell::RefCell;
use std::collections::HashMap;

use super::words::{CutProduct, Word, is_filler};

/// Products that are proposed for one title.
const PROPOSED: usize = 40;
/// Words of a title that are asked for.
const ASKED_WORDS: usize = 48;
/// Entries that may bring in new products for one title. Only a title made of words that nearly
/// every product has comes near.
const MOST_ENTRIES: usize = 250_000;
/// BM25's usual parameters: how soon repetition stops counting, and how much length counts.
const SATURATION: f32 = 1.2;
const BY_LENGTH: f32 = 0.75;

/// A product that has a word, and what the word then adds to its score.
type Entry = (u32, f32);

/// The words of a catalog, in memory.
#[derive(Debug, Default)]
pub(super) struct WordIndex {
    /// Each word's list in `lists`.
    words: HashMap<String, u32>,
    /// Entries in the order of the catalog.
    lists: Vec<Vec<Entry>>,
    /// The largest addition of each list.
    bounds: Vec<f32>,
    products: usize,
}

thread_local! {
    /// Scores of products, all 0 between two titles; kept, because it is as long as the catalog.
    static SCORES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

impl WordIndex {
    /// Indexes the words of each product.
    pub(super) fn build(catalog: &[CutProduct]) -> Self {
        let mut out = Self {
            products: catalog.len(),
            ..Self::default()
        };
        let mut lengths = vec![0f32; catalog.len()];
        for (at, product) in catalog.iter().enumerate() {
            let all = [&product.brand, &product.name]
                .into_iter()
                .chain(&product.aliases)
                .chain(&product.models)
                .chain(&product.keywords);
            for word in all.flat_map(|text| &text.words) {
                lengths[at] += 1.0;
                out.add(word, at as u32);
            }
        }
        let all = catalog.len() as f32;
        let usual = lengths.iter().sum::<f32>() / all.max(1.0);
        for list in &mut out.lists {
            let have = list.len() as f32;
            let telling = (1.0 + (all - have + 0.5) / (have + 0.5)).ln();
            let mut bound = 0f32;
            for (at, score) in list.iter_mut() {
                let length = 1.0 - BY_LENGTH + BY_LENGTH * lengths[*at as usize] / usual;
                *score = telling * *score * (SATURATION + 1.0) / (*score + SATURATION * length);
                bound = bound.max(*score);
            }
            out.bounds.push(bound);
        }
        out
    }

    /// Counts a word of the product at a place; products come in order.
    fn add(&mut self, word: &str, at: u32) {
        let list = match self.words.get(word) {
            Some(&known) => known as usize,
            None => {
                self.words.insert(word.to_owned(), self.lists.len() as u32);
                self.lists.push(Vec::new());
                self.lists.len() - 1
            }
        };
        match self.lists[list].last_mut() {
            Some(last) if last.0 == at => last.1 += 1.0,
            _ => self.lists[list].push((at, 1.0)),
        }
    }

    /// The places in the catalog of the products whose words are the most telling in a title.
    pub(super) fn propose(&self, title: &[Word]) -> Vec<usize> {
        let mut asked: Vec<u32> = Vec::new();
        for word in title.iter().filter(|w| !is_filler(&w.text)) {
            if let Some(&list) = self.words.get(&word.text)
                && !asked.contains(&list)
            {
                asked.push(list);
                if asked.len() == ASKED_WORDS {
                    break;
                }
            }
        }
        asked.sort_by(|&a, &b| {
            let bound = |list: u32| self.bounds[list as usize];
            bound(b).total_cmp(&bound(a)).then(a.cmp(&b))
        });
        SCORES.with_borrow_mut(|scores| {
            if scores.len() < self.products {
                scores.resize(self.products, 0.0);
            }
            let mut touched = Vec::new();
            self.add_up(&asked, scores, &mut touched);
            let mut best: Vec<(f32, u32)> = touched
                .iter()
                .map(|&at| (scores[at as usize], at))
                .collect();
            touched.iter().for_each(|&at| scores[at as usize] = 0.0);
            let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            if best.len() > PROPOSED {
                best.select_nth_unstable_by(PROPOSED, order);
                best.truncate(PROPOSED);
            }
            best.into_iter().map(|(_, at)| at as usize).collect()
        })
    }

    /// Adds the words' entries up. `touched` names the products whose score is no longer 0 and that
    /// may be among the best.
    fn add_up(&self, asked: &[u32], scores: &mut [f32], touched: &mut Vec<u32>) {
        let mut to_come: f32 = asked.iter().map(|&list| self.bounds[list as usize]).sum();
        let mut entries = 0;
        let mut open = true;
        for &list in asked {
            let entries_here = &self.lists[list as usize];
            if open && touched.len() >= PROPOSED {
                let least = nth_best(scores, touched);
                open = least < to_come;
            }
            entries += entries_here.len();
            open &= entries <= MOST_ENTRIES || touched.is_empty();
            to_come -= self.bounds[list as usize];
            if open {
                for &(at, score) in entries_here {
                    let slot = &mut scores[at as usize];
                    if *slot == 0.0 {
                        touched.push(at);
                    }
                    *slot += score;
                }
            } else if entries_here.len() > touched.len() * 16 {
                for &at in touched.iter() {
                    if let Ok(found) = entries_here.binary_search_by_key(&at, |entry| entry.0) {
                        scores[at as usize] += entries_here[found].1;
                    }
                }
            } else {
                for &(at, score) in entries_here {
                    let slot = &mut scores[at as usize];
                    if *slot > 0.0 {
                        *slot += score;
                    }
                }
            }
        }
    }
}

/// The score that the last of the best has so far.
fn nth_best(scores: &[f32], touched: &[u32]) -> f32 {
    let mut all: Vec<f32> = touched.iter().map(|&at| scores[at as usize]).collect();
    let (_, nth, _) = all.select_nth_unstable_by(PROPOSED - 1, |a, b| b.total_cmp(a));
    *nth
}

#[cfg(test)]
mod tests {
    use super::super::normalise;
    use super::super::words::{Cut, words};
    use super::*;

    fn index(names: &[String]) -> WordIndex {
        let product = |name: &String| CutProduct {
            name: Cut::of(name),
            ..CutProduct::default()
        };
        WordIndex::build(&names.iter().map(product).collect::<Vec<_>>())
    }

    #[test]
    fn the_products_with_the_most_telling_words_are_proposed() {
        // Every product has "steel", every tenth "watch", one has "aria".
        let names: Vec<String> = (0..5_000)
            .map(|n| match n {
                1_234 => "steel watch aria".to_owned(),
                n if n % 10 == 0 => format!("steel watch n{n}"),
                n => format!("steel thing n{n}"),
            })
            .collect();
        let index = index(&names);
        let ask = |title: &str| index.propose(&words(&normalise(title)));
        assert!(ask("steel watch aria").contains(&1_234));
        assert!(
            ask("steel watch")
                .iter()
                .all(|&at| names[at].contains("watch"))
        );
        assert!(ask("n77 steel watch").contains(&77));
        assert_eq!(ask("steel").len(), PROPOSED);
        assert!(ask("leather").is_empty());
    }

    #[test]
    fn words_that_are_only_looked_up_change_nothing_about_the_answer() {
        let mut state = 7u32;
        let mut lot = |most: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % most
        };
        let names: Vec<String> = (0..3_000)
            .map(|_| {
                let common = lot(20) * lot(20) / 20;
                format!("c{common} m{} r{} s{}", lot(200), lot(2_000), lot(4))
            })
            .collect();
        let index = index(&names);
        for _ in 0..200 {
            let title = format!("c{} m{} r{} s{}", lot(20), lot(200), lot(2_000), lot(4));
            let asked: Vec<u32> = title
                .split(' ')
                .filter_map(|w| index.words.get(w).copied())
                .collect();
            let mut scores = vec![0f32; names.len()];
            for &list in &asked {
                for &(at, score) in &index.lists[list as usize] {
                    scores[at as usize] += score;
                }
            }
            let found = index.propose(&words(&normalise(&title)));
            let least = found
                .iter()
                .map(|&at| scores[at])
                .fold(f32::INFINITY, f32::min);
            let better = scores.iter().filter(|&&s| s > least + 1e-4).count();
            assert!(
                better < PROPOSED,
                "{title}: {better} are better than the last proposed"
            );
        }
    }
}
