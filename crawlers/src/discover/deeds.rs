//! Addresses that do something when they are asked for.

use url::Url;

/// Names of deeds, letters and digits alone: `add-to-cart`, `addToCart`.
const DEEDS: [&str; 22] = [
    "addtocart",
    "addtobasket",
    "addtobag",
    "addtowishlist",
    "addtocompare",
    "additemtocart",
    "additem",
    "removefromcart",
    "removeitemfromcart",
    "cartadd",
    "logout",
    "logoff",
    "signout",
    "signoff",
    "unsubscribe",
    "emptycart",
    "changecurrency",
    "setcurrency",
    "setcurrencyid",
    "setcurrencycode",
    "changelanguage",
    "setlanguage",
];
/// The same where a parameter names them: a path may be called so.
const BY_PARAMETER: [&str; 8] = [
    "buynow",
    "addproduct",
    "addcart",
    "addwishlist",
    "custorder",
    "removeproduct",
    "updateproduct",
    "notify",
];
/// What is done with a cart, in the part of the address after its name.
const KEPT: [&str; 8] = [
    "cart",
    "basket",
    "bag",
    "wishlist",
    "compare",
    "favorites",
    "favourites",
    "comparison",
];
const DONE: [&str; 7] = [
    "add", "remove", "delete", "update", "empty", "clear", "additem",
];

/// Whether asking for an address changes something: it fills a cart or a list of
/// wishes, or ends a visit. Such a link is not followed, whatever form it has.
pub(crate) fn does_something(url: &Url) -> bool {
    let path: Vec<String> = url.path().split('/').map(plain).collect();
    let pairs: Vec<(String, Vec<String>)> = url
        .query_pairs()
        .map(|(name, value)| (plain(&name), value.split('/').map(plain).collect()))
        .collect();
    let is_deed = |word: &String| DEEDS.contains(&word.as_str());
    let is_of_parameter = |word: &String| is_deed(word) || BY_PARAMETER.contains(&word.as_str());
    path.iter().any(is_deed)
        || acts_on_kept(&path)
        || pairs.iter().any(|(name, value)| {
            is_deed(name) || value.iter().any(is_of_parameter) || acts_on_kept(value)
        })
}

/// `cart/add`.
fn acts_on_kept(words: &[String]) -> bool {
    words
        .windows(2)
        .any(|pair| KEPT.contains(&pair[0].as_str()) && DONE.contains(&pair[1].as_str()))
}

/// Letters and digits up to an ending like `.do`.
fn plain(part: &str) -> String {
    let name = part.split('.').next().unwrap_or_default();
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_are_told_from_pages() {
        let does = |path: &str| {
            let base = Url::parse("https://shop.example/").expect("a URL");
            does_something(&base.join(path).expect("a URL"))
        };
        for path in [
            "/lamps.html?action=buy_now&BUYproducts_id=1",
            "/index.php?cPath=2&action=add_product",
            "/shop/?add-to-cart=12",
            "/shop/addItemToCart.do?workingItemId=EST-1",
            "/cart/add/7",
            "/checkout/cart/add/product/7/",
            "/index.php?route=account/wishlist/add&product_id=7",
            "/catalog/product_compare/add-to-compare",
            "/compare/add?id=3",
            "/user/logout",
            "/logoff.php",
        ] {
            assert!(does(path), "{path}");
        }
        for path in [
            "/",
            "/cart",
            "/cart/",
            "/p/buy-now",
            "/p/add-to-cart-the-game",
            "/address/7",
            "/adders?action=list",
            "/index.php?route=product/product&product_id=7",
            "/catalog/additives",
        ] {
            assert!(!does(path), "{path}");
        }
    }
}
