//! One spelling for each page.

use url::Url;

/// Query parameters that say where a visitor came from, and nothing about
/// the page. Compared in lower case.
const TRACKING: [&str; 22] = [
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "srsltid",
    "epik",
    "irclickid",
    "li_fat_id",
    "wickedid",
    "oly_anon_id",
    "oly_enc_id",
];
/// Beginnings of such parameters.
const TRACKING_PREFIXES: [&str; 3] = ["utm_", "hsa_", "pk_"];

/// The canonical spelling of a URL: no fragment, no user name, no tracking
/// parameters. What is left of the query keeps its order and its encoding,
/// because shops read it.
pub(crate) fn canonical(mut url: Url) -> Url {
    url.set_fragment(None);
    // Neither can fail on a URL with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let Some(query) = url.query() else {
        return url;
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair))
        .collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(kept.as_str()));
    url
}

fn is_tracking(pair: &str) -> bool {
    let name = pair
        .split('=')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// A link as written on a page, made absolute and canonical; none when it
/// leads to no web page.
pub(crate) fn resolve(base: &Url, link: &str) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.len() > 4096 {
        return None;
    }
    let url = base.join(link).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| canonical(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_and_fragments_go_and_the_rest_stays_as_it_was() {
        let url = Url::parse("https://shop.example/a?utm_source=x&b=2&a=%C3%A9&fbclid=7#top")
            .expect("a URL");
        assert_eq!(
            canonical(url).as_str(),
            "https://shop.example/a?b=2&a=%C3%A9"
        );
        let url = Url::parse("https://u:p@shop.example/a?gclid=7").expect("a URL");
        assert_eq!(canonical(url).as_str(), "https://shop.example/a");
    }

    #[test]
    fn links_that_lead_to_no_page_are_dropped() {
        let base = Url::parse("https://shop.example/list/").expect("a URL");
        assert_eq!(
            resolve(&base, "../i/7").map(String::from).as_deref(),
            Some("https://shop.example/i/7")
        );
        for link in [
            "",
            "  ",
            "mailto:a@b.example",
            "javascript:void(0)",
            "data:image/png;base64,AA==",
        ] {
            assert_eq!(resolve(&base, link), None, "{link}");
        }
    }
}
