//! The words for "can be bought".

use crate::listing::Availability;

/// Words without spaces and punctuation, in lower case, most telling first:
/// "out of stock" holds "stock", "not available" holds "available".
const WORDS: [(&str, Availability); 51] = {
    use Availability::{Discontinued, InStock, Limited, OutOfStock, PreOrder};
    [
        ("discontinued", Discontinued),
        ("nolongeravailable", Discontinued),
        ("nichtmehrlieferbar", Discontinued),
        ("販売終了", Discontinued),
        ("preorder", PreOrder),
        ("presale", PreOrder),
        ("backorder", PreOrder),
        ("vorbestell", PreOrder),
        ("précommande", PreOrder),
        ("予約", PreOrder),
        ("outofstock", OutOfStock),
        ("soldout", OutOfStock),
        ("notinstock", OutOfStock),
        ("notavailable", OutOfStock),
        ("unavailable", OutOfStock),
        ("ausverkauft", OutOfStock),
        ("nichtauflager", OutOfStock),
        ("nichtverfügbar", OutOfStock),
        ("nichtlieferbar", OutOfStock),
        ("vergriffen", OutOfStock),
        ("verkauft", OutOfStock),
        ("épuisé", OutOfStock),
        ("rupture", OutOfStock),
        ("indisponible", OutOfStock),
        ("agotado", OutOfStock),
        ("esaurito", OutOfStock),
        ("nondisponibile", OutOfStock),
        ("esgotado", OutOfStock),
        ("uitverkocht", OutOfStock),
        ("wyprzedane", OutOfStock),
        ("売り切れ", OutOfStock),
        ("在庫切れ", OutOfStock),
        ("在庫なし", OutOfStock),
        ("缺货", OutOfStock),
        ("售罄", OutOfStock),
        ("limitedavailability", Limited),
        ("lowstock", Limited),
        ("limitedstock", Limited),
        ("onlyafewleft", Limited),
        ("instock", InStock),
        ("instoreonly", InStock),
        ("onlineonly", InStock),
        ("auflager", InStock),
        ("sofortlieferbar", InStock),
        ("verfügbar", InStock),
        ("enstock", InStock),
        ("disponib", InStock),
        ("opvoorraad", InStock),
        ("dostępn", InStock),
        ("在庫あり", InStock),
        ("available", InStock),
    ]
};

/// What a schema.org address, an API constant, a truth value or a shop's own
/// words say; none when they say nothing known.
pub(crate) fn parse(text: &str) -> Option<Availability> {
    let squeezed: String = text
        .chars()
        .take(200)
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect();
    match squeezed.as_str() {
        "true" | "1" | "yes" => return Some(Availability::InStock),
        "false" | "0" | "no" => return Some(Availability::OutOfStock),
        "oos" => return Some(Availability::OutOfStock),
        _ => {}
    }
    WORDS
        .iter()
        .find(|(word, _)| squeezed.contains(word))
        .map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shops_are_understood_in_their_own_words() {
        for (text, meaning) in [
            ("https://schema.org/InStock", Some(Availability::InStock)),
            (
                "http://schema.org/OutOfStock",
                Some(Availability::OutOfStock),
            ),
            ("IN_STOCK", Some(Availability::InStock)),
            ("Sold out", Some(Availability::OutOfStock)),
            ("Nicht auf Lager", Some(Availability::OutOfStock)),
            ("Auf Lager", Some(Availability::InStock)),
            ("在庫あり", Some(Availability::InStock)),
            ("Pre-order", Some(Availability::PreOrder)),
            ("true", Some(Availability::InStock)),
            ("ask us", None),
        ] {
            assert_eq!(parse(text), meaning, "{text}");
        }
    }
}
