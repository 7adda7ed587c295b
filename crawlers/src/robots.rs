//! robots.txt decisions, on a file alone or on a fetched one.

use robotxt::Robots;
use url::{Position, Url};

/// The part of a `User-Agent` that robots.txt groups are matched against:
/// its first product token (`markhound/0.1 (+…)` gives `markhound`).
#[must_use]
pub fn product_token(agent: &str) -> &str {
    let agent = agent.trim();
    let end = agent
        .find(|c: char| c == '/' || c == '(' || c.is_whitespace())
        .unwrap_or(agent.len());
    &agent[..end]
}

/// Whether `agent` may fetch `path_or_url` under this robots.txt.
///
/// `agent` is a product token or a whole `User-Agent`; `path_or_url` is a path
/// with its query, or an absolute URL of which only path and query count.
/// Bytes past 500 KiB are not read, as RFC 9309 allows. `/robots.txt` itself
/// is always allowed.
#[must_use]
pub fn allowed(robots_txt: &[u8], agent: &str, path_or_url: &str) -> bool {
    let robots = Robots::parse(robots_txt, product_token(agent));
    is_allowed(&robots, path_or_url)
}

fn is_allowed(robots: &Robots, path_or_url: &str) -> bool {
    match Url::parse(path_or_url) {
        Ok(url) if url.has_host() => robots.is_url_allowed(&url),
        _ if path_or_url.is_empty() => robots.is_allowed("/"),
        _ => robots.is_allowed(path_or_url),
    }
}

/// The rule that forbids `url`, written as in the file; none when allowed.
pub(crate) fn forbidding_rule(robots: &Robots, url: &Url) -> Option<String> {
    if robots.is_url_allowed(url) {
        return None;
    }
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let pattern = robots
        .matching_rule(path)
        .map_or("/", |rule| rule.pattern());
    Some(format!("Disallow: {pattern}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"User-agent: *\nDisallow: /basket\nDisallow: /browse?sort=\n\nUser-agent: markhound\nDisallow: /staff\n";

    #[test]
    fn the_group_of_our_own_name_replaces_the_one_for_everybody() {
        assert!(allowed(
            FILE,
            "markhound/0.1 (+mailto:a@b.example)",
            "/basket"
        ));
        assert!(!allowed(FILE, "markhound", "/staff/list"));
        assert!(!allowed(FILE, "otherbot", "/browse?sort=price"));
        assert!(allowed(FILE, "otherbot", "/browse?page=2"));
    }

    #[test]
    fn a_whole_url_is_judged_by_its_path_and_query() {
        assert!(!allowed(
            FILE,
            "otherbot",
            "https://shop.example/basket#top"
        ));
        assert!(allowed(FILE, "otherbot", "https://shop.example/"));
    }

    #[test]
    fn the_rule_that_forbids_is_named() {
        let robots = Robots::parse(FILE, "otherbot");
        let url = Url::parse("https://shop.example/basket/7").expect("a URL");
        assert_eq!(
            forbidding_rule(&robots, &url).as_deref(),
            Some("Disallow: /basket")
        );
    }

    /// Measured against the decisions of Google's parser. Set `MARKHOUND_DATA`
    /// to a folder with an unpacked `robots/`; without it the test says so.
    #[test]
    fn decisions_agree_with_the_reference_parser() {
        let folder = std::env::var("MARKHOUND_DATA").unwrap_or_default();
        let folder = std::path::Path::new(&folder).join("robots");
        let Ok(decisions) = std::fs::read_to_string(folder.join("decisions_FooBot.tsv")) else {
            eprintln!("skipped: MARKHOUND_DATA holds no unpacked robots/");
            return;
        };
        let (mut total, mut same) = (0_u32, 0_u32);
        let mut file = (String::new(), Vec::new());
        for row in decisions.lines() {
            let mut cells = row.split('\t');
            let (Some(host), Some(path), Some(wanted)) = (cells.next(), cells.next(), cells.next())
            else {
                continue;
            };
            if file.0 != host {
                let text = std::fs::read(folder.join("robots_corpus").join(host));
                file = (host.to_owned(), text.unwrap_or_default());
            }
            total += 1;
            same += u32::from(allowed(&file.1, "FooBot", path) == (wanted == "1"));
        }
        println!("{same} of {total} decisions agree");
        assert!(
            f64::from(same) >= 0.999 * f64::from(total),
            "{same}/{total}"
        );
    }
}
