//! Who a seller shares photos and words with, drawn as a small graph: the seller in
//! the middle, the others around, a line for what they share.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

use crate::alike::{shared_words, title_words};
use crate::store::sellers::{SharedPhoto, TitleOf};

use super::address;

/// Sellers around the one in the middle.
const MOST: usize = 14;
/// Sellers in the table under the drawing.
const MOST_LISTED: usize = 100;
/// Photos shown of what two share.
const MOST_PHOTOS: usize = 4;
/// Two titles that share so much of their words were written by one hand.
const SAME_TEXT: f64 = 0.8;
/// Titles of one seller that are compared.
const MOST_TITLES: usize = 60;
/// Characters of a name there is room for in the drawing.
const NAME: usize = 20;
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;

/// Another seller, and what is shared with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Link {
    pub(in super::super) source: String,
    pub(in super::super) seller: String,
    pub(in super::super) address: String,
    /// Photos that both show, their hashes.
    pub(in super::super) photos: Vec<String>,
    pub(in super::super) photo_count: usize,
    /// Listings of theirs with such a photo.
    pub(in super::super) listings: i64,
    /// Cases of theirs with nearly the same title, and one of these titles.
    pub(in super::super) texts: usize,
    pub(in super::super) text: Option<String>,
}

/// A seller in the drawing.
pub(super) struct Node {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) text_y: String,
    pub(super) name: String,
    pub(super) whole: String,
    pub(super) address: String,
    /// `photo`, `text` or `both`.
    pub(super) by: &'static str,
    /// How thick the line is, 1 to 3.
    pub(super) weight: usize,
}

/// The links of a seller, the strongest first.
pub(in super::super) struct Network {
    pub(in super::super) links: Vec<Link>,
    /// How many more there are than are drawn.
    pub(in super::super) more: usize,
}

impl Network {
    pub(super) fn new(photos: &[SharedPhoto], own: &[TitleOf], others: &[TitleOf]) -> Self {
        let mut links: BTreeMap<(&str, &str), Link> = BTreeMap::new();
        for photo in photos {
            let link = links.entry((&photo.source, &photo.seller)).or_default();
            link.photo_count += 1;
            link.listings = link.listings.max(photo.listings);
            if link.photos.len() < MOST_PHOTOS {
                link.photos.push(photo.blob.clone());
            }
        }
        for other in same_texts(own, others) {
            let link = links.entry((&other.source, &other.seller)).or_default();
            link.texts += 1;
            link.text.get_or_insert_with(|| other.title.clone());
        }
        let mut links: Vec<Link> = links
            .into_iter()
            .map(|((source, seller), link)| Link {
                source: source.to_owned(),
                seller: seller.to_owned(),
                address: address(source, seller),
                ..link
            })
            .collect();
        links.sort_by_key(|link| std::cmp::Reverse(link.photo_count + link.texts));
        links.truncate(MOST_LISTED);
        let more = links.len().saturating_sub(MOST);
        Self { links, more }
    }

    /// The others, in a circle around the middle.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let shown = self.links.len().min(MOST);
        self.links
            .iter()
            .take(MOST)
            .enumerate()
            .map(|(at, link)| {
                let turn = TAU * at as f64 / shown.max(1) as f64 - TAU / 4.0;
                let x = WIDTH / 2.0 + turn.cos() * WIDTH * 0.37;
                let y = HEIGHT / 2.0 + turn.sin() * HEIGHT * 0.38;
                let shared = link.photo_count + link.texts;
                Node {
                    x: format!("{x:.1}"),
                    y: format!("{y:.1}"),
                    // Away from the line that leads to the middle.
                    text_y: format!(
                        "{:.1}",
                        if turn.sin() < -0.2 {
                            y - 14.0
                        } else {
                            y + 22.0
                        }
                    ),
                    name: short(&link.seller),
                    whole: format!("{} at {}: {}", link.seller, link.source, link.words()),
                    address: link.address.clone(),
                    by: link.by(),
                    weight: match shared {
                        0..=1 => 1,
                        2..=5 => 2,
                        _ => 3,
                    },
                }
            })
            .collect()
    }

    /// The drawing in words.
    pub(super) fn summary(&self) -> String {
        let by = |wanted: &str| self.links.iter().filter(|link| link.by() == wanted).count();
        format!(
            "{} other sellers: {} share photos, {} words, {} both. They follow as a table.",
            self.links.len(),
            by("photo"),
            by("text"),
            by("both")
        )
    }
}

impl Link {
    pub(in super::super) fn by(&self) -> &'static str {
        match (self.photo_count > 0, self.texts > 0) {
            (true, true) => "both",
            (true, false) => "photo",
            _ => "text",
        }
    }

    fn words(&self) -> String {
        let mut parts = Vec::new();
        if self.photo_count > 0 {
            let s = if self.photo_count == 1 { "" } else { "s" };
            parts.push(format!("{} photo{s}", self.photo_count));
        }
        if self.texts > 0 {
            let s = if self.texts == 1 { "" } else { "s" };
            parts.push(format!("{} title{s}", self.texts));
        }
        parts.join(" and ")
    }
}

/// The titles of others that are nearly one of one's own.
fn same_texts<'a>(own: &[TitleOf], others: &'a [TitleOf]) -> Vec<&'a TitleOf> {
    let own: BTreeSet<BTreeSet<String>> = own
        .iter()
        .take(MOST_TITLES)
        .map(|title| title_words(&title.title))
        .collect();
    let nearly = |other: &&TitleOf| {
        let words = title_words(&other.title);
        own.iter()
            .any(|mine| shared_words(mine, &words) >= SAME_TEXT)
    };
    others.iter().filter(nearly).collect()
}

/// A name that fits under its dot.
pub(super) fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let cut: String = name.chars().take(NAME - 1).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(seller: &str, title: &str) -> TitleOf {
        TitleOf {
            case_id: 1,
            cluster_id: 1,
            source: "shop".to_owned(),
            seller: seller.to_owned(),
            title: title.to_owned(),
        }
    }

    fn photo(blob: &str, seller: &str) -> SharedPhoto {
        SharedPhoto {
            blob: blob.to_owned(),
            source: "shop".to_owned(),
            seller: seller.to_owned(),
            listings: 1,
        }
    }

    #[test]
    fn sellers_are_linked_by_photos_and_by_titles_that_are_nearly_the_same() {
        let own = [title("me", "Grey lounge chair like Fjordal, new in box")];
        let others = [
            title("copier", "Grey lounge CHAIR like Fjordal - new in box!"),
            title("honest", "Oak table, seats six, used"),
            title("short", "Grey lounge chair"),
        ];
        let photos = [
            photo("aa", "copier"),
            photo("bb", "copier"),
            photo("aa", "thief"),
        ];
        let network = Network::new(&photos, &own, &others);
        let by: Vec<_> = network.links.iter().map(|l| (&*l.seller, l.by())).collect();
        assert_eq!(by, [("copier", "both"), ("thief", "photo")]);
        assert_eq!(network.links[0].words(), "2 photos and 1 title");
    }

    #[test]
    fn the_graph_is_bounded_and_stays_inside_the_drawing() {
        let photos: Vec<_> = (0..300).map(|n| photo("aa", &format!("s{n}"))).collect();
        let network = Network::new(&photos, &[], &[]);
        assert_eq!(
            (network.nodes().len(), network.more),
            (MOST, MOST_LISTED - MOST)
        );
        for node in network.nodes() {
            let (x, y): (f64, f64) = (node.x.parse().unwrap(), node.text_y.parse().unwrap());
            assert!((40.0..WIDTH - 40.0).contains(&x) && (0.0..HEIGHT).contains(&y));
        }
        assert_eq!(short(&"ä".repeat(40)).chars().count(), NAME);
    }
}
