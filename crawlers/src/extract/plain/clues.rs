//! What the names of classes and the words on buttons tell of an element.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use scraper::ElementRef;

use super::called::called;
use super::former;
use super::phrases::{BID, BUY, BUY_ALONE, CART, CARTS, CONTACT, DESCRIBED, MORE, OTHERS, PUTS};
use crate::extract::price::said;

/// What is known of an element and of what it stands in, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clues(u32);

impl Clues {
    pub(super) const NONE: Self = Self(0);
    /// Boxes with other products than the page's own.
    pub(super) const RELATED: Self = Self(1);
    /// Header, footer, navigation, breadcrumbs, the small cart, pop-ups.
    pub(super) const FRAME: Self = Self(1 << 1);
    pub(super) const PRICE: Self = Self(1 << 2);
    /// The price asked now, by name.
    pub(super) const CURRENT: Self = Self(1 << 3);
    /// A price not asked any more, by name or struck out.
    pub(super) const OLD: Self = Self(1 << 4);
    /// Shipping, savings, deposits, instalments, prices by unit or quantity.
    pub(super) const OTHER: Self = Self(1 << 5);
    pub(super) const WITHOUT_TAX: Self = Self(1 << 6);
    pub(super) const STOCK: Self = Self(1 << 7);
    pub(super) const SELLER: Self = Self(1 << 8);
    pub(super) const GALLERY: Self = Self(1 << 9);
    pub(super) const DESCRIPTION: Self = Self(1 << 10);
    pub(super) const HIDDEN: Self = Self(1 << 11);
    pub(super) const BUY: Self = Self(1 << 12);
    pub(super) const TITLE: Self = Self(1 << 13);
    pub(super) const CENTS: Self = Self(1 << 14);
    pub(super) const REVIEW: Self = Self(1 << 15);
    /// The page's own product, by name.
    pub(super) const PRODUCT: Self = Self(1 << 16);
    /// A row of products, by name.
    pub(super) const CARD: Self = Self(1 << 17);
    pub(super) const DECORATION: Self = Self(1 << 18);
    /// Struck out.
    pub(super) const STRUCK: Self = Self(1 << 20);
    /// Called a discount: what is taken off, or the price that is left.
    pub(super) const REDUCED: Self = Self(1 << 21);
    /// One of several that can be chosen.
    pub(super) const CHOICE: Self = Self(1 << 19);
    /// The price of one piece, in a table of quantities and prices.
    pub(super) const SINGLE: Self = Self(1 << 25);

    /// Only heard, where a page is read aloud.
    pub(super) const HEARD: Self = Self(1 << 26);
    /// Who made the product, by name.
    pub(super) const MAKER: Self = Self(1 << 24);
    /// Named as the price of an offer, beside which another is the usual one.
    pub(super) const OFFER: Self = Self(1 << 23);
    /// Called a header: that of the page, or of what it is about.
    pub(super) const HEADER: Self = Self(1 << 22);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, any_of: Self) -> bool {
        self.0 & any_of.0 != 0
    }

    /// What holds for everything inside as well.
    const INHERITED: Self = Self::RELATED
        .with(Self::FRAME)
        .with(Self::OLD)
        .with(Self::OTHER)
        .with(Self::REDUCED)
        .with(Self::WITHOUT_TAX)
        .with(Self::GALLERY)
        .with(Self::HIDDEN)
        .with(Self::REVIEW)
        .with(Self::DESCRIPTION)
        .with(Self::CARD)
        .with(Self::DECORATION)
        .with(Self::CHOICE)
        .with(Self::HEARD)
        .with(Self::STRUCK);

    pub(super) const fn inherited(self) -> Self {
        Self(self.0 & Self::INHERITED.0)
    }
}

/// What an element says by itself.
pub(super) fn of(element: ElementRef<'_>) -> Clues {
    let mut clues = match element.value().name() {
        "s" | "del" | "strike" => Clues::OLD.with(Clues::STRUCK),
        "footer" | "nav" | "aside" | "dialog" => Clues::FRAME,
        "select" | "option" | "textarea" => Clues::OTHER.with(Clues::CHOICE),
        "template" | "noscript" => Clues::HIDDEN,
        _ => Clues::default(),
    };
    let is_root = matches!(element.value().name(), "html" | "body");
    let opens = matches!(element.value().name(), "a" | "button" | "img");
    for (name, value) in element.value().attrs() {
        let found = match name {
            "id" if ["cart", "basket", "header", "footer", "top"].contains(&value) => Clues::FRAME,
            "class" | "id" | "data-testid" | "data-test" | "data-role" | "data-hook"
            | "data-qa" | "data-cy" => called(value, opens),
            "itemprop" | "property" => by_property(value),
            "style" => by_style(value),
            // What style sheets write before the value.
            "data-label" if said(value).is_without_tax() => Clues::WITHOUT_TAX,
            "hidden" => Clues::HIDDEN,
            // What leads to a slide shows it again, smaller.
            "data-slide-to" | "data-bs-slide-to" => Clues::DECORATION,
            "role" if value == "dialog" => Clues::FRAME,
            "role" if value == "navigation" || value == "contentinfo" => Clues::FRAME,
            _ => Clues::default(),
        };
        // The classes of `body` tell what page it is, not what stands in it.
        clues = clues.with(if is_root {
            Clues(found.0 & Clues::PRODUCT.0)
        } else {
            found
        });
    }
    if former::is_called_former(element) {
        clues = clues.with(Clues::OLD);
    }
    // A name like "old-price-wrapper current" is of no use; nor is a product's
    // own box called one of several.
    if clues.has(Clues::PRODUCT) {
        clues = Clues(clues.0 & !(Clues::CARD.0 | Clues::RELATED.0));
    }
    clues
}

/// Whether the classes of an element call it a price.
pub(super) fn is_called_price(element: ElementRef<'_>) -> bool {
    let class = element.attr("class");
    class.is_some_and(|class| called(class, false).has(Clues::PRICE))
}

fn by_property(value: &str) -> Clues {
    match value.trim().rsplit(['/', ':']).next().unwrap_or_default() {
        "price" | "lowPrice" => Clues::PRICE.with(Clues::CURRENT),
        "availability" => Clues::STOCK,
        "name" => Clues::TITLE,
        "image" => Clues::GALLERY,
        "description" => Clues::DESCRIPTION,
        "review" | "reviews" | "aggregateRating" => Clues::REVIEW,
        "isRelatedTo" | "isSimilarTo" => Clues::RELATED,
        _ => Clues::default(),
    }
}

fn by_style(value: &str) -> Clues {
    let style: String = value
        .chars()
        .take(300)
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let mut clues = Clues::default();
    if style.contains("line-through") {
        clues = clues.with(Clues::OLD).with(Clues::STRUCK);
    }
    if style.contains("display:none") || style.contains("visibility:hidden") {
        clues = clues.with(Clues::HIDDEN);
    }
    clues
}

/// Finds any of some words, which are written in lower case.
fn finder(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::new(words).ok()
}

static BUYING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(BUY));
static CONTACTING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(CONTACT));
static ABOVE_OTHERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(OTHERS));

fn holds(finder: &LazyLock<Option<AhoCorasick>>, text: &str) -> bool {
    finder
        .as_ref()
        .is_some_and(|finder| finder.is_match(&text.to_lowercase()))
}

/// Whether a button's text is that of buying. "Verkaufen" is not.
pub(super) fn is_buying(text: &str) -> bool {
    text.len() <= 120
        && (holds_word(&BUYING, text, 1)
            || BUY_ALONE.contains(&text.trim().to_lowercase().as_str())
            || puts_in_cart(text))
}

/// Whether a short text has a word for putting and one for a cart, in whatever order.
fn puts_in_cart(text: &str) -> bool {
    const LONGEST: usize = 40;
    let lower = text.to_lowercase();
    let begins = |stems: &[&str]| {
        stems.iter().any(|stem| {
            // Words have no gaps between them there, or an article grown to them.
            let is_without_gaps = stem.chars().any(|c| c >= '\u{590}');
            let mut words = lower.split(|c: char| !c.is_alphabetic());
            is_without_gaps && lower.contains(stem) || words.any(|word| word.starts_with(stem))
        })
    };
    text.chars().count() <= LONGEST && begins(CARTS) && begins(PUTS)
}

/// Whether a button's text is that of writing to who sells.
pub(super) fn is_contacting(text: &str) -> bool {
    text.len() <= 80 && holds(&CONTACTING, text)
}

/// Whether a button's text is that of bidding in an auction.
pub(super) fn is_bidding(text: &str) -> bool {
    let label = text.trim_matches(|c: char| !c.is_alphabetic());
    BID.contains(&label.to_lowercase().as_str())
}

/// Whether an element is a heading of the description, or nothing but one
/// stands in it. What is in lists and links leads to it.
pub(super) fn heads_description(element: &str, text: &str) -> bool {
    !matches!(element, "li" | "ul" | "ol" | "nav" | "button" | "option")
        && text.len() <= 60
        && is_description_heading(text)
}

/// Whether a text is a heading of descriptions.
pub(super) fn is_description_heading(text: &str) -> bool {
    let label = text.trim_matches(|c: char| !c.is_alphanumeric());
    DESCRIBED.contains(&label.to_lowercase().as_str())
}

/// Whether a text is the heading of what is in the cart.
pub(super) fn is_cart_heading(text: &str) -> bool {
    let label = text.trim_matches(|c: char| !c.is_alphabetic());
    CART.contains(&label.to_lowercase().as_str())
}

/// Whether a text is that of a tab above the description.
pub(super) fn is_description_tab(text: &str) -> bool {
    let label = text.trim_matches(|c: char| !c.is_alphanumeric());
    is_description_heading(text) || MORE.contains(&label.to_lowercase().as_str())
}

/// Whether a heading stands above other products. A short word for that counts at the
/// beginning of a word only, the shortest alone: "ook" is a part of "notebook".
pub(super) fn is_above_others(text: &str) -> bool {
    const SHORTEST_BEGINNING: usize = 5;
    text.len() <= 160 && holds_word(&ABOVE_OTHERS, text, SHORTEST_BEGINNING)
}

/// Whether a text holds a word: anywhere one of seven letters or more, at the beginning of a
/// word one of at least so many, and a shorter one alone.
fn holds_word(
    finder: &LazyLock<Option<AhoCorasick>>,
    text: &str,
    shortest_beginning: usize,
) -> bool {
    const SHORTEST_WITHIN: usize = 7;
    let Some(finder) = finder.as_ref() else {
        return false;
    };
    let lower = text.to_lowercase();
    finder.find_overlapping_iter(&lower).any(|found| {
        let word = &lower[found.range()];
        let length = word.chars().count();
        // Words have no gaps between them there, or an article grown to them.
        let is_without_gaps = word.chars().any(|c| c >= '\u{590}');
        let begins = !lower[..found.start()].ends_with(char::is_alphabetic);
        let ends = !lower[found.end()..].starts_with(char::is_alphabetic);
        is_without_gaps
            || length >= SHORTEST_WITHIN
            || begins && (ends || length >= shortest_beginning)
    })
}
