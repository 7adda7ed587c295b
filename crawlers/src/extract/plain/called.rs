//! What the names of elements say: class lists and ids, as shops and their themes write them.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::clues::Clues;
use super::former;
use super::names::NAMES;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(NAMES.iter().map(|(name, _)| dashed(name)))
        .ok()
});

/// `product__media` and `product--media` are `product-media`.
fn dashed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(300) {
        let c = if c == '_' { '-' } else { c };
        if !(c == '-' && out.ends_with('-')) {
            out.push(c);
        }
    }
    out
}

/// Names that say what they say only where they are the whole of one.
const WHOLE: [&str; 13] = [
    "net",
    "hidden",
    "hide",
    "d-none",
    "price-net",
    "net-price",
    "original",
    "bid",
    "member",
    "left-column",
    "column-left",
    "column-right",
    "columnleft",
];

/// Names of what holds the maker's name, where they are the whole of a class.
const MAKERS: [&str; 8] = [
    "brand",
    "manufacturer",
    "supplier",
    "maker",
    "marque",
    "hersteller",
    "brand-name",
    "manufacturer-name",
];

/// What may stand before these names.
const OF_PRODUCT: [&str; 10] = [
    "product",
    "productView",
    "produkt",
    "item",
    "article",
    "artikel",
    "detail",
    "details",
    "pd",
    "info",
];

/// Whether a part of a name, behind these words, is that of what holds the maker's name.
fn is_maker(name: &str, words: &str) -> bool {
    let mut words = words.split('-').filter(|word| !word.is_empty());
    MAKERS.contains(&name) && words.all(|word| OF_PRODUCT.contains(&word))
}

/// The same within a word without dashes: `productBrandName`, whatever stands before it.
fn is_maker_of_product(name: &str, words: &str, rest: &str) -> bool {
    let last = words.rsplit('-').next().unwrap_or_default();
    MAKERS.contains(&name) && rest == "Name" && OF_PRODUCT.contains(&last)
}

/// What opens a pop-up is named after it.
const OPENED: [&str; 2] = ["popup", "modal"];

/// What a class list or an id says; of what `opens` something, names of that say nothing.
pub(super) fn called(text: &str, opens: bool) -> Clues {
    let Some(finder) = FINDER.as_ref() else {
        return Clues::default();
    };
    let head = dashed(text);
    let read = |clues: Clues, found: aho_corasick::Match| {
        let (name, clue) = NAMES[found.pattern().as_usize()];
        let before = head[..found.start()].chars().next_back();
        let after = head[found.end()..].chars().next();
        // "has-discount", "with-list-price" speak of what stands beside.
        let is_beside = ["has-", "with-", "without-", "no-"]
            .iter()
            .any(|word| head[..found.start()].ends_with(word));
        // "label-hidden" hides a label, "hidden-xs" is shown elsewhere.
        let is_whole = after.is_none_or(char::is_whitespace)
            && (before.is_none_or(char::is_whitespace)
                || ["is-", "u-", "js-"].iter().any(|word| {
                    let before = head[..found.start()].strip_suffix(word);
                    before.is_some_and(|b| b.is_empty() || b.ends_with(char::is_whitespace))
                }));
        let is_loose = WHOLE.contains(&name) && !is_whole;
        // "old" is a part of "gold", "cena" of "scena", "sale" of "wholesale".
        let is_part = name.len() <= 5
            && !["price", "preis", "prijs"].contains(&name)
            && before.is_some_and(char::is_alphabetic)
            && !head[found.start()..].starts_with(char::is_uppercase);
        // The name of a box is not that of its parts: "product-item-detail".
        let is_box_part = clue == Clues::CARD
            && !(before.is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace));
        // "product-options-sidebar" stands beside the product's pictures.
        let word = head[..found.start()].rsplit(char::is_whitespace).next();
        let is_of_product =
            name.ends_with("bar") && word.is_some_and(|word| word.starts_with("product"));
        if former::is_unreduced(name, &head[..found.start()], &head[found.end()..]) {
            return clues.with(Clues::OLD);
        }
        // "price-and-rating" is not a box of ratings, nor is "product-number-rating".
        let is_shared = clue == Clues::REVIEW
            && word.is_some_and(|word| ["price-and", "number-"].iter().any(|it| word.contains(it)));
        let opens = || {
            let rest = &head[found.end()..];
            let is_opener = ["-opener", "-trigger", "-toggle"]
                .iter()
                .any(|it| rest.starts_with(it));
            opens || is_opener || head[..found.start()].ends_with("open-")
        };
        let is_opened = OPENED.contains(&name) && opens();
        // "gallery-zoom-modal-container" holds the pictures that a window shows larger.
        let is_of_gallery = OPENED.contains(&name)
            && ["gallery", "zoom"].iter().any(|of| {
                let rest = head[found.end()..].split(char::is_whitespace).next();
                word.is_some_and(|word| word.contains(of))
                    || rest.is_some_and(|rest| rest.contains(of))
            });
        let rest = head[found.end()..].split(char::is_whitespace).next();
        let ends = rest.is_some_and(|rest| {
            // "brand-logo" is the shop's own.
            let is_link = name == "brand" && rest == "-detail" && opens();
            let is_more = name != "brand" && ["-link", "-logo", "-name"].contains(&rest);
            rest.is_empty() || is_link || is_more
        });
        let behind = word.filter(|word| ends && (word.is_empty() || word.ends_with('-')));
        let whole = word.zip(rest);
        let is_within = whole.is_some_and(|(word, rest)| is_maker_of_product(name, word, rest));
        let clue = match is_within || behind.is_some_and(|words| is_maker(name, words)) {
            true => clue.with(Clues::MAKER),
            false => clue,
        };
        if is_opened
            || is_of_gallery
            || is_shared
            || is_beside
            || is_part
            || is_box_part
            || is_loose
            || is_of_product
        {
            clues
        } else {
            clues.with(clue)
        }
    };
    let clues = finder.find_iter(&head).fold(Clues::default(), read);
    match clues.has(Clues::HIDDEN) && is_shown_at_some_width(&head) {
        true => clues.without(Clues::HIDDEN),
        false => clues,
    }
}

/// Whether a class list takes the hiding in it back on wider screens, as "d-none d-md-block"
/// and "hidden md:block" do.
fn is_shown_at_some_width(classes: &str) -> bool {
    const WIDTHS: [&str; 8] = ["xs", "sm", "md", "lg", "xl", "xxl", "2xl", "3xl"];
    const SHOWN: [&str; 7] = [
        "block", "inline", "flex", "grid", "table", "contents", "visible",
    ];
    classes.split_whitespace().any(|class| {
        let way = class.strip_prefix("d-").and_then(|it| it.split_once('-'));
        let way = way.or_else(|| class.split_once(':'));
        way.is_some_and(|(width, display)| {
            let first = display.split('-').next().unwrap_or_default();
            WIDTHS.contains(&width) && SHOWN.contains(&first)
        })
    })
}
