//! Meta elements: OpenGraph and its product tags, Twitter cards, plain names.

use scraper::ElementRef;

use super::availability;
use super::price;

/// The name (`property`, `name` or `itemprop`) and content of a meta element.
pub(super) fn meta(element: ElementRef<'_>) -> Option<(String, String)> {
    let content = element.attr("content")?;
    let name = ["property", "name", "itemprop"]
        .iter()
        .find_map(|attr| element.attr(attr))?;
    Some((name.trim().to_owned(), content.to_owned()))
}

/// Twitter's product card says a label in `twitter:label1` and its value in
/// `twitter:data1`. Those whose value is a price or an availability are added
/// under the names `twitter:price` and `twitter:availability`.
pub(super) fn add_labelled(metas: &mut Vec<(String, String)>) {
    let mut added = Vec::new();
    for number in 1..=4 {
        let of = |kind: &str| {
            let name = format!("twitter:{kind}{number}");
            metas
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.as_str())
        };
        let (Some(label), Some(data)) = (of("label"), of("data")) else {
            continue;
        };
        let label = label.to_lowercase();
        let is_price = [
            "price", "preis", "prix", "precio", "prezzo", "preço", "prijs", "cena", "цена", "価格",
            "价格",
        ]
        .iter()
        .any(|word| label.contains(word));
        if is_price && price::parse(data, None, None).amount.is_some() {
            added.push(("twitter:price".to_owned(), data.to_owned()));
        } else if availability::parse(&format!("{label} {data}")).is_some()
            || availability::parse(data).is_some()
        {
            added.push(("twitter:availability".to_owned(), data.to_owned()));
        }
    }
    metas.extend(added);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_twitter_cards_say_what_their_data_are() {
        let meta = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut metas = vec![
            meta("twitter:label1", "Price"),
            meta("twitter:data1", "£ 48.00"),
            meta("twitter:label2", "Availability"),
            meta("twitter:data2", "In stock"),
            meta("twitter:label3", "Written by"),
            meta("twitter:data3", "Jo"),
        ];
        add_labelled(&mut metas);
        assert_eq!(
            metas[6..],
            [
                meta("twitter:price", "£ 48.00"),
                meta("twitter:availability", "In stock")
            ]
        );
    }
}
