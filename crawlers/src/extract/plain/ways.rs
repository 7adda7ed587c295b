//! Where the links of a box lead.

use url::Url;

use crate::extract::files::is_no_page;

/// A link to another page.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) to: String,
    /// There is a picture in it.
    pub(super) shows: bool,
    /// There are words in it.
    pub(super) names: bool,
}

/// Whether a link leads to another page, not to a picture or within this one.
pub(super) fn leads_elsewhere(href: &str) -> bool {
    let href = href.trim();
    let path = href.split(['?', '#']).next().unwrap_or_default();
    // The home page is no product's.
    let behind_host = path.split_once("://").map_or(path, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    if behind_host.trim_matches('/').is_empty() && !href.contains('?') {
        return false;
    }
    let is_script = path
        .get(..11)
        .is_some_and(|start| start.eq_ignore_ascii_case("javascript:"));
    !path.is_empty()
        && href.len() <= 500
        && !is_script
        && !is_no_page(path)
        && !leads_to_maker(href)
}

/// Whether a link leads to another page of the shop than that at `url`, and not to one that
/// shows a picture of it in large.
pub(super) fn leads_to_another(href: &str, base: &Url, url: &Url) -> bool {
    const SHOWS: [&str; 12] = [
        "popup", "image", "zoom", "gallery", "picture", "photo", "foto", "bild", "enlarge",
        "large", "lightbox", "media",
    ];
    let lower = href.to_ascii_lowercase();
    let Some(to) = base.join(href).ok().filter(|_| leads_elsewhere(href)) else {
        return false;
    };
    let last = |url: &Url| {
        let mut parts = url.path().rsplit('/').filter(|part| !part.is_empty());
        parts.next().map(str::to_owned)
    };
    let is_held = |pair| to.query_pairs().any(|own| own == pair);
    let is_own = last(&to) == last(url) && url.query_pairs().all(is_held);
    to.host_str() == url.host_str() && !is_own && !SHOWS.iter().any(|word| lower.contains(word))
}

/// The beginnings of words that stand in the addresses of what a maker makes.
const MAKERS: [&str; 10] = [
    "manufacturer",
    "hersteller",
    "brand",
    "marke",
    "marque",
    "fabricant",
    "fabricante",
    "producer",
    "producent",
    "vendor",
];

/// Whether a link leads to all of a maker's products, by the name of a part of its address.
pub(super) fn leads_to_maker(href: &str) -> bool {
    let mut parts = href.split(['/', '?', '&', '=', '.', '_', '-']);
    parts.any(|part| {
        let part = part.to_ascii_lowercase();
        let end = part.strip_suffix(['s', 'n']).unwrap_or(&part);
        MAKERS.contains(&part.as_str()) || MAKERS.contains(&end)
    })
}

/// What carts are called in addresses.
const CARTS: [&str; 16] = [
    "cart",
    "basket",
    "bag",
    "shopping-cart",
    "shopping_cart",
    "shoppingcart",
    "viewcart",
    "warenkorb",
    "panier",
    "carrito",
    "carrello",
    "carrinho",
    "winkelwagen",
    "koszyk",
    "kosik",
    "varukorg",
];

/// Whether a link shows what is in the cart, and puts nothing into it.
pub(super) fn leads_to_cart(href: &str) -> bool {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let path = path.split('#').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next();
    let last = last.unwrap_or_default().to_ascii_lowercase();
    let stem = last.split('.').next().unwrap_or_default();
    query.is_empty() && CARTS.contains(&stem)
}

/// Whether an address is that of putting something into the cart.
pub(super) fn adds_to_cart(href: &str) -> bool {
    let lower: String = href
        .chars()
        .take(500)
        .filter(|c| !matches!(c, '-' | '_' | '/'))
        .flat_map(char::to_lowercase)
        .collect();
    let names = [
        "addtocart",
        "additemtocart",
        "addtobasket",
        "cartadd",
        "action=buynow",
        "addproduct",
    ];
    names.iter().any(|name| lower.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_makers_and_carts_are_told_from_those_to_products() {
        for (href, elsewhere) in [
            ("/goods/12", true),
            ("hersteller.php?m=1", false),
            ("/brands/nordvik", false),
            ("/manufacturers/3", false),
            ("/branded-mug", true),
            ("/", false),
            ("#tabs", false),
        ] {
            assert_eq!(leads_elsewhere(href), elsewhere, "{href}");
        }
        for (href, shows, adds) in [
            ("/shop/cart.php", true, false),
            ("https://shop.example/panier/", true, false),
            ("/cart/add/7", false, true),
            ("/cart?add=7", false, false),
            ("javascript:addToCart(1)", false, true),
            ("/shop/addItemToCart.do?workingItemId=EST-1", false, true),
            ("/cartography", false, false),
        ] {
            assert_eq!(leads_to_cart(href), shows, "{href}");
            assert_eq!(adds_to_cart(href), adds, "{href}");
        }
    }
}
