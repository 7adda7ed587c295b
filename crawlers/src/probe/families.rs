//! Forms of addresses that differ in one part: products under the names of categories.

use super::forms::{Form, is_language};

/// A form with fewer addresses is rare.
const RARE: usize = 3;
/// The most rare forms compared with each other.
const MOST: usize = 300;

/// These forms with those added up of which each is too rare to be looked at:
/// `/lamps/*.html` and `/chairs/*.html`, of one address each.
pub(super) fn added_up(forms: Vec<Form>) -> Vec<Form> {
    let (mut rare, mut all): (Vec<Form>, Vec<Form>) =
        forms.into_iter().partition(|form| form.urls.len() < RARE);
    let over = rare.split_off(rare.len().min(MOST));
    all.extend(over);
    while !rare.is_empty() {
        let first = rare.remove(0);
        let mut joined = rare
            .iter()
            .filter_map(|other| covering(&first.glob, &other.glob));
        let Some(glob) = joined.next() else {
            all.push(first);
            continue;
        };
        let alike = |other: &Form| covering(&first.glob, &other.glob).as_ref() == Some(&glob);
        let (members, others): (Vec<Form>, Vec<Form>) = rare.into_iter().partition(alike);
        rare = others;
        let many = first.urls.len() + members.iter().map(|form| form.urls.len()).sum::<usize>();
        if many < RARE {
            all.push(first);
            all.extend(members);
            continue;
        }
        let mut urls = first.urls;
        urls.extend(members.into_iter().flat_map(|form| form.urls));
        all.push(Form { glob, urls });
    }
    all
}

/// The form that covers two which differ in one part of their paths; none where they
/// differ in more, in a language, or where one covers the other already.
pub(super) fn covering(one: &str, other: &str) -> Option<String> {
    let (first, second): (Vec<&str>, Vec<&str>) =
        (one.split('/').collect(), other.split('/').collect());
    if first.len() != second.len() || one.contains('?') || other.contains('?') {
        return None;
    }
    let differ = |at: &usize| first[*at] != second[*at];
    let mut places = (0..first.len()).filter(differ);
    let (at, None) = (places.next()?, places.next()) else {
        return None;
    };
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(['*', '{']) && !is_language(part);
    // The last part is that of the product itself.
    let is_last = first[at + 1..].iter().all(|part| part.is_empty());
    if is_last || !is_plain(first[at]) || !is_plain(second[at]) {
        return None;
    }
    let mut parts = first;
    parts[at] = "*";
    Some(parts.join("/"))
}

/// A form in which names of categories stand, with any others in their place; none where
/// it has none of these. The last part is that of the product itself.
pub(super) fn without(form: &str, names: &[String]) -> Option<String> {
    let (path, query) = form.split_once('?').unwrap_or((form, ""));
    let mut parts: Vec<&str> = path.split('/').collect();
    let last = parts.iter().rposition(|part| !part.is_empty())?;
    let mut found = false;
    for part in parts.iter_mut().take(last) {
        if !is_language(part) && names.iter().any(|name| name == part) {
            *part = "*";
            found = true;
        }
    }
    let path = parts.join("/");
    found.then(|| match query {
        "" => path,
        _ => format!("{path}?{query}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_differ_in_one_word_are_covered_by_one() {
        let covered = |one, other| covering(one, other);
        assert_eq!(
            covered("/en/kitchen/*", "/en/garden/*").as_deref(),
            Some("/en/*/*")
        );
        assert_eq!(
            covered("/kitchen/*/", "/garden/*/").as_deref(),
            Some("/*/*/")
        );
        for (one, other) in [
            ("/en/kitchen/*", "/de/kitchen/*"),
            ("/en/kitchen/*", "/en/garden/*/*"),
            ("/en/*/*", "/en/garden/*"),
            ("/shop/kitchen/*", "/blog/garden/*"),
            ("/*", "/about"),
            ("/p/kitchen", "/p/garden"),
        ] {
            assert_eq!(covered(one, other), None, "{one} {other}");
        }
    }

    #[test]
    fn forms_too_rare_alone_are_added_up() {
        let form = |glob: &str, paths: &[&str]| {
            let urls = paths
                .iter()
                .map(|path| format!("https://shop.example{path}"));
            let urls = urls.map(|url| url.parse().expect("a URL")).collect();
            let glob = glob.to_owned();
            Form { glob, urls }
        };
        let forms = added_up(vec![
            form("/help/*", &["/help/a", "/help/b", "/help/c"]),
            form("/lamps/*.html", &["/lamps/a.html"]),
            form("/about", &["/about"]),
            form("/chairs/*.html", &["/chairs/b.html"]),
            form("/tables/*.html", &["/tables/c.html"]),
        ]);
        let mut found: Vec<(&str, usize)> = forms
            .iter()
            .map(|form| (form.glob.as_str(), form.urls.len()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, [("/*/*.html", 3), ("/about", 1), ("/help/*", 3)]);
    }
}
