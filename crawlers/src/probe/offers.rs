//! Products of lists that stand there with two prices: on their own pages the old one may
//! stand first.

use std::collections::HashSet;

use scraper::ElementRef;
use url::Url;

use super::page::{Link, Page};
use crate::definition::pattern::UrlGlob;
use crate::extract::{own_text_of, price};

/// The longest text looked at as a price.
const LONGEST: usize = 40;
/// The most elements around a link that may be those of one product.
const MAX_AROUND: usize = 6;

/// The first product of this form that a page shows with two prices.
pub(super) fn with_two_prices(page: &Page, form: &UrlGlob) -> Option<Url> {
    let links: Vec<Link<'_>> = page.links();
    let of_form = |link: &&Link<'_>| form.matches(&link.url);
    let found = links.iter().filter(of_form).find(|link| {
        let around = link.element.ancestors().filter_map(ElementRef::wrap);
        let one = |element: &ElementRef<'_>| !holds_others(*element, link, &links, form);
        let boxes = around.take(MAX_AROUND).take_while(one);
        boxes.last().is_some_and(|element| amounts(element) == 2)
    });
    found.map(|link| link.url.clone())
}

/// Whether another product stands in an element.
fn holds_others(
    element: ElementRef<'_>,
    link: &Link<'_>,
    links: &[Link<'_>],
    form: &UrlGlob,
) -> bool {
    let others = links
        .iter()
        .filter(|other| other.url != link.url && form.matches(&other.url));
    let mut inside = others.filter(|other| {
        other
            .element
            .ancestors()
            .any(|above| above.id() == element.id())
    });
    inside.next().is_some()
}

/// How many different amounts of money stand in an element.
fn amounts(element: ElementRef<'_>) -> usize {
    let texts = element
        .descendants()
        .filter_map(ElementRef::wrap)
        .map(own_text_of);
    let amounts = texts
        .filter(|text| text.len() <= LONGEST)
        .filter_map(|text| {
            let price = price::parse(&text, None, None);
            let is_money = price.currency.is_some() || text.contains(['.', ',']);
            price.amount.filter(|_| is_money)
        });
    amounts.collect::<HashSet<_>>().len()
}
