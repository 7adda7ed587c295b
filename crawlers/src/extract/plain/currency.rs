//! The currency that a sign stands for, where the page says so elsewhere: many kinds of dollars
//! are written "$", and the state that a page's scripts begin with names the one that is meant.

use std::collections::BTreeSet;

use scraper::{ElementRef, Node};

use super::chooser;
use crate::extract::currency::{code_of, find_all, may_mean};
use crate::extract::document::Page;
use crate::extract::price;
use crate::listing::Price;

/// The most text of scripts that is looked at, in bytes.
const MAX_SCRIPTS: usize = 2_000_000;
/// How far behind the word "currency" a code may stand, in bytes.
const MAX_BEHIND: usize = 40;
/// Words between it and the code: `"currency": {"code": "USD"}`.
const BETWEEN: [&str; 9] = [
    "code", "Code", "iso", "isocode", "isoCode", "iso_code", "current", "active", "value",
];

/// Gives a price whose sign may mean several currencies the one of these that is named beside
/// it, or else on the page, if there is only one, or that is chosen on it.
pub(super) fn settle(price: &mut Price, raw: &str, page: &Page) {
    let parsed = price::parse(raw, None, None);
    if parsed.symbol.is_none() && price.currency.is_none() {
        price.currency = by_language(raw, page).map(str::to_owned);
    }
    let Some(sign) = parsed.symbol.filter(|_| parsed.currency.is_none()) else {
        return;
    };
    let only = |codes: BTreeSet<String>| {
        let mut meant = codes.into_iter().filter(|code| may_mean(&sign, code));
        meant.next().filter(|_| meant.next().is_none())
    };
    let beside = find_all(raw).into_iter();
    let beside = beside.filter_map(|found| found.code.map(str::to_owned));
    let said = only(beside.collect()).or_else(|| only(stated(page)));
    let said = said.or_else(|| chooser::chosen(page, &sign));
    let said = said.or_else(|| written_in(&sign, page).map(str::to_owned));
    if let Some(code) = said {
        price.currency = Some(code);
    }
}

/// What a sign of two countries stands for on a page that does not name its language: Japanese
/// has letters of its own between the signs that it shares with Chinese.
fn written_in(sign: &str, page: &Page) -> Option<&'static str> {
    const MAX_TEXTS: usize = 2_000;
    if page.language.is_some() || !may_mean(sign, "JPY") || !may_mean(sign, "CNY") {
        return None;
    }
    let texts = page.dom.tree.root().descendants();
    let texts = texts.filter_map(|node| node.value().as_text());
    let is_kana = |c: char| ('\u{3041}'..='\u{30fa}').contains(&c);
    let is_shared = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let (mut kana, mut shared) = (false, false);
    for text in texts.take(MAX_TEXTS) {
        kana |= text.contains(is_kana);
        shared |= text.contains(is_shared);
    }
    match (kana, shared) {
        (true, _) => Some("JPY"),
        (false, true) => Some("CNY"),
        _ => None,
    }
}

/// What is written for a currency behind an amount in one language, and means something else in
/// others: many Russian shops have a font that draws a letter as the sign of the rouble, and
/// "din" is a word of Romanian and Swedish.
const OF_LANGUAGES: [(&str, &[&str], &str); 2] = [
    ("ru", &["p", "P", "р", "Р"], "RUB"),
    ("sr", &["din.", "din", "Din.", "Din"], "RSD"),
];

/// The currency of an amount behind which nothing but such a word stands.
fn by_language(raw: &str, page: &Page) -> Option<&'static str> {
    let language = page.language.as_deref()?.to_ascii_lowercase();
    let is_number = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_digit() || " .,\u{a0}".contains(c))
    };
    let is_written = |words: &[&str]| {
        words.iter().any(|word| {
            let amount = raw.trim().strip_suffix(word);
            amount.is_some_and(|amount| is_number(amount.trim_end()))
        })
    };
    let of_page = OF_LANGUAGES
        .iter()
        .find(|(code, _, _)| language.starts_with(code));
    let (_, _, currency) = of_page.filter(|(_, words, _)| is_written(words))?;
    Some(currency)
}

/// The currencies that a page names in its attributes, fields and scripts.
fn stated(page: &Page) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut left = MAX_SCRIPTS;
    for node in page.dom.tree.root().descendants() {
        match node.value() {
            Node::Element(_) => {
                let element = ElementRef::wrap(node);
                codes.extend(element.into_iter().flat_map(of_element));
            }
            Node::Text(text) if is_script(node.parent()) => {
                codes.extend(in_state(text.get(..left).unwrap_or(text)));
                left = left.saturating_sub(text.len());
            }
            _ => {}
        }
    }
    codes
}

fn is_script(parent: Option<ego_tree::NodeRef<'_, Node>>) -> bool {
    let element = parent.and_then(|parent| parent.value().as_element());
    element.is_some_and(|element| element.name() == "script")
}

/// What an element's attributes name: `data-currency-code="USD"`, `<meta name="currency">`, the
/// chosen one of a list of currencies, the state in a hidden field.
fn of_element(element: ElementRef<'_>) -> Vec<String> {
    let attr = |name: &str| element.attr(name).unwrap_or_default();
    let is_currency = |name: &str| name.to_ascii_lowercase().contains("currency");
    let is_named = ["name", "property", "itemprop", "id"]
        .iter()
        .any(|name| is_currency(attr(name)));
    let value = match element.value().name() {
        "meta" if is_named => vec![attr("content")],
        "input" if is_named => vec![attr("value")],
        "input" if attr("type") == "hidden" => return in_state(attr("value")),
        "option" if element.attr("selected").is_some() => {
            let list = element.ancestors().filter_map(ElementRef::wrap).take(2);
            let mut names = list.flat_map(|list| [list.attr("name"), list.attr("id")]);
            let is_of_currencies = names.any(|name| name.is_some_and(is_currency));
            Vec::from_iter(is_of_currencies.then(|| attr("value")))
        }
        _ => Vec::new(),
    };
    let data = element.value().attrs();
    let data = data.filter(|(name, _)| name.starts_with("data-") && is_currency(name));
    let data = data.map(|(_, value)| value);
    value.into_iter().chain(data).filter_map(code).collect()
}

/// A code, where a text is nothing else.
fn code(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
    code_of(text).filter(|_| is_code)
}

/// The codes behind the word "currency" in the state of a script: `"currencyCode":"USD"`.
fn in_state(text: &str) -> Vec<String> {
    let behind = memchr::memmem::find_iter(text.as_bytes(), "urrency");
    behind.filter_map(|at| code_behind(text, at + 7)).collect()
}

fn code_behind(text: &str, at: usize) -> Option<String> {
    let end = (at..=text.len().min(at + MAX_BEHIND))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    let mut rest = text.get(at..end?)?.trim_start_matches('_');
    // `format({ currency: 'AUD' })` is an instruction for something, no state.
    let name_ends = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if name_ends.starts_with(':') {
        return None;
    }
    loop {
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        match &rest[..word] {
            "" => {}
            between if BETWEEN.contains(&between) => {}
            found => return code(found),
        }
        rest = rest[word..].trim_start_matches(|c: char| "\"'\\ :=,{".contains(c));
        if rest.len() < 4 || !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
    }
}
