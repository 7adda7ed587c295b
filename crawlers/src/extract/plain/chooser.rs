//! Where a visitor chooses the currency: a list of several, and the one that is chosen.

use ego_tree::NodeId;
use scraper::ElementRef;

use crate::extract::currency::{find_all, is_code, may_mean};
use crate::extract::document::Page;
use crate::extract::text::{text_of, tidy};

/// What elements around such a list are called after.
const CALLED: [&str; 6] = [
    "currency",
    "currencies",
    "waehrung",
    "devises",
    "moneda",
    "valuta",
];
/// Names of attributes that call an element something.
const NAMING: [&str; 6] = [
    "id",
    "class",
    "name",
    "action",
    "data-dropdown",
    "aria-label",
];
/// The most lists of a page that are looked at, and the most elements of each.
const MAX_LISTS: usize = 8;
const MAX_ELEMENTS: usize = 600;
/// The longest text of an entry, in characters.
const MAX_ENTRY: usize = 60;

/// Names of currencies whose signs have other meanings too.
const NAMES: [(&str, &str); 40] = [
    ("us dollar", "USD"),
    ("us-dollar", "USD"),
    ("u.s. dollar", "USD"),
    ("american dollar", "USD"),
    ("united states dollar", "USD"),
    ("dollar us", "USD"),
    ("dollar américain", "USD"),
    ("dólar americano", "USD"),
    ("dólar estadounidense", "USD"),
    ("dollaro statunitense", "USD"),
    ("amerikanischer dollar", "USD"),
    ("canadian dollar", "CAD"),
    ("dollar canadien", "CAD"),
    ("kanadischer dollar", "CAD"),
    ("australian dollar", "AUD"),
    ("australischer dollar", "AUD"),
    ("new zealand dollar", "NZD"),
    ("singapore dollar", "SGD"),
    ("hong kong dollar", "HKD"),
    ("peso mexicano", "MXN"),
    ("mexican peso", "MXN"),
    ("peso argentino", "ARS"),
    ("peso chileno", "CLP"),
    ("peso colombiano", "COP"),
    ("pound sterling", "GBP"),
    ("british pound", "GBP"),
    ("egyptian pound", "EGP"),
    ("japanese yen", "JPY"),
    ("chinese yuan", "CNY"),
    ("swedish kron", "SEK"),
    ("svenska kron", "SEK"),
    ("svensk kron", "SEK"),
    ("norwegian kron", "NOK"),
    ("norske kron", "NOK"),
    ("norsk kron", "NOK"),
    ("danish kron", "DKK"),
    ("danske kron", "DKK"),
    ("dansk kron", "DKK"),
    ("euro", "EUR"),
    ("swiss franc", "CHF"),
];

/// What the lists of a page say.
#[derive(Default)]
struct Offered {
    /// Each entry's currency; none where it is not known.
    entries: Vec<Option<String>>,
    /// What is said to be chosen.
    chosen: Vec<String>,
    /// Signs that are shown as chosen, without a code.
    signs: Vec<String>,
}

/// The currency that is chosen on a page and may be meant by a sign. Where nothing but the
/// sign is shown as chosen, it is the only entry of the list that has this sign.
pub(super) fn chosen(page: &Page, sign: &str) -> Option<String> {
    let offered = read(page);
    let mut codes = offered.chosen;
    if codes.is_empty() && offered.signs.iter().any(|shown| shown == sign) {
        // One that is not known may have the sign too.
        let all: Option<Vec<String>> = offered.entries.into_iter().collect();
        codes = all.filter(|all| all.len() > 1)?;
        codes.retain(|code| may_mean(sign, code));
    }
    codes.sort();
    codes.dedup();
    let only = codes.pop().filter(|_| codes.is_empty())?;
    may_mean(sign, &only).then_some(only)
}

fn read(page: &Page) -> Offered {
    let mut offered = Offered::default();
    let mut lists: Vec<NodeId> = Vec::new();
    let elements = page.dom.tree.root().descendants();
    for element in elements.filter_map(ElementRef::wrap) {
        if lists.len() >= MAX_LISTS {
            break;
        }
        let is_within = || element.ancestors().any(|above| lists.contains(&above.id()));
        if is_list(element) && !is_within() {
            lists.push(element.id());
            offered.add(element);
        }
    }
    offered
}

/// Whether an element is named after currencies and may hold a list of them. Amounts have
/// their signs in elements that are called so as well, which stand in a line.
fn is_list(element: ElementRef<'_>) -> bool {
    let may_be = matches!(
        element.value().name(),
        "form" | "div" | "ul" | "ol" | "li" | "select" | "nav" | "a" | "button" | "details"
    );
    let is_called = |name: &&str| {
        let value = element.attr(name).unwrap_or_default().to_ascii_lowercase();
        CALLED.iter().any(|word| value.contains(word))
    };
    may_be && NAMING.iter().any(is_called)
}

impl Offered {
    /// Adds the entries of a list, and what opens it.
    fn add(&mut self, list: ElementRef<'_>) {
        let elements = list.descendants().take(MAX_ELEMENTS);
        for element in elements.filter_map(ElementRef::wrap) {
            let is_entry = matches!(
                element.value().name(),
                "option" | "a" | "button" | "summary"
            );
            let text = tidy(&text_of(element), MAX_ENTRY + 1);
            if !is_entry || text.is_empty() || text.chars().count() > MAX_ENTRY {
                continue;
            }
            let code = code_in(&text).or_else(|| code_of(element));
            if opens(element) {
                // "$ Currency" stands above the list and says what is chosen.
                match code {
                    Some(code) => self.chosen.push(code),
                    None => self.signs.extend(signs_in(&text)),
                }
            } else {
                self.chosen
                    .extend(code.clone().filter(|_| is_chosen(element)));
                self.entries.push(code);
            }
        }
    }
}

/// Whether an element opens a list in place of being an entry of one.
fn opens(element: ElementRef<'_>) -> bool {
    let attr = |name: &str| element.attr(name).unwrap_or_default();
    let is_opener = [
        "data-toggle",
        "data-bs-toggle",
        "data-dropdown",
        "aria-haspopup",
        "aria-expanded",
    ]
    .iter()
    .any(|name| element.attr(name).is_some());
    is_opener || element.value().name() == "summary" || attr("class").contains("toggle")
}

/// Whether an entry is marked as the one that is chosen.
fn is_chosen(entry: ElementRef<'_>) -> bool {
    const MARKS: [&str; 6] = [
        "active",
        "selected",
        "current",
        "is-active",
        "is-selected",
        "chosen",
    ];
    let is_marked = |element: ElementRef<'_>| {
        let attr = |name: &str| element.attr(name).unwrap_or_default();
        element
            .value()
            .classes()
            .any(|class| MARKS.contains(&class))
            || element.attr("selected").is_some()
            || attr("aria-selected") == "true"
            || matches!(attr("aria-current"), "true" | "page")
    };
    let above = entry.parent().and_then(ElementRef::wrap);
    let is_item = |above: &ElementRef<'_>| above.value().name() == "li";
    is_marked(entry) || above.filter(is_item).is_some_and(is_marked)
}

/// The currency that an entry's text names, if it is only one.
fn code_in(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let by_code = find_all(text).into_iter().filter_map(|found| found.code);
    let by_name = NAMES.iter().filter(|(name, _)| holds_word(&lower, name));
    let mut codes: Vec<&str> = by_code.chain(by_name.map(|(_, code)| *code)).collect();
    codes.sort_unstable();
    codes.dedup();
    match codes.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    }
}

/// Whether a text holds a name at the beginning of a word: no "us dollar" is in "aus dollar".
fn holds_word(text: &str, name: &str) -> bool {
    let mut places = text.match_indices(name).map(|(at, _)| at);
    places.any(|at| !text[..at].ends_with(char::is_alphabetic))
}

/// The currency that an entry's attributes name: `value="USD"`, `?currency=USD`.
fn code_of(entry: ElementRef<'_>) -> Option<String> {
    let values = [
        "value",
        "name",
        "href",
        "data-currency-code",
        "data-currency",
    ];
    let values = values.iter().filter_map(|name| entry.attr(name));
    let mut last = values.filter_map(|value| value.rsplit(['=', '/', '?']).next());
    last.find(|code| is_code(code)).map(str::to_owned)
}

/// The signs of a text that may mean several currencies.
fn signs_in(text: &str) -> impl Iterator<Item = String> {
    let found = find_all(text).into_iter();
    found
        .filter(|found| found.code.is_none())
        .map(|found| found.written)
}
