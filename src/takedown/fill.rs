//! Templates of channels: text with `{{name}}`, parts that stand there only with
//! a value (`{{?name}} … {{/?}}`), and one that is repeated for each listing
//! (`{{#items}} … {{/items}}`). Values are put in as they are and never read as
//! templates. A tag alone on its line takes the line with it.

use std::collections::{BTreeMap, BTreeSet};

/// What templates may name beside a channel's fields.
pub(super) const BUILT_IN: [&str; 5] = [
    "reference",
    "count",
    "statements",
    "number",
    "right_kind_title",
];

#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    Value(String),
    If(String, Vec<Part>),
    Each(Vec<Part>),
}

/// The deepest that parts may stand in each other.
const MAX_DEPTH: usize = 4;

/// Values by name; a placeholder for what is missing is a value too.
pub(super) type Values = BTreeMap<String, String>;

/// Fills in a template. `missing` says what stands for a name without a value.
pub(super) fn fill(
    template: &str,
    values: &Values,
    items: &[Values],
    missing: &dyn Fn(&str) -> String,
) -> Result<String, String> {
    let parts = parse(template)?;
    let mut out = String::new();
    write(&parts, values, None, items, missing, &mut out);
    Ok(out)
}

fn write(
    parts: &[Part],
    values: &Values,
    item: Option<&Values>,
    items: &[Values],
    missing: &dyn Fn(&str) -> String,
    out: &mut String,
) {
    let value = |name: &str| {
        let of_item = item.and_then(|item| item.get(name));
        of_item
            .or_else(|| values.get(name))
            .filter(|v| !v.is_empty())
    };
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Value(name) => match value(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&missing(name)),
            },
            Part::If(name, inner) => {
                if value(name).is_some() {
                    write(inner, values, item, items, missing, out);
                }
            }
            Part::Each(inner) => {
                for item in items {
                    write(inner, values, Some(item), items, missing, out);
                }
            }
        }
    }
}

/// Every name a template uses.
pub(super) fn names(template: &str) -> Result<BTreeSet<String>, String> {
    fn collect(parts: &[Part], found: &mut BTreeSet<String>) {
        for part in parts {
            match part {
                Part::Text(_) => {}
                Part::Value(name) => {
                    found.insert(name.clone());
                }
                Part::If(name, inner) => {
                    found.insert(name.clone());
                    collect(inner, found);
                }
                Part::Each(inner) => collect(inner, found),
            }
        }
    }
    let mut found = BTreeSet::new();
    collect(&parse(template)?, &mut found);
    Ok(found)
}

fn parse(template: &str) -> Result<Vec<Part>, String> {
    // Innermost last: what was opened, and the parts before it.
    let mut open: Vec<(Option<String>, Vec<Part>)> = Vec::new();
    let mut parts = Vec::new();
    let mut rest = template;
    let mut line_start = true;
    while let Some(at) = rest.find("{{") {
        let (text, after) = rest.split_at(at);
        let Some(end) = after.find("}}") else {
            return Err("a {{ has no }}".to_owned());
        };
        let tag = after[2..end].trim();
        let mut follows = &after[end + 2..];
        let alone = if text.is_empty() {
            line_start
        } else {
            text.ends_with('\n')
        };
        let is_section = tag.starts_with(['?', '/', '#']);
        if is_section && alone {
            if let Some(next_line) = follows.strip_prefix('\n') {
                follows = next_line;
                line_start = true;
            } else {
                line_start = false;
            }
        } else {
            line_start = false;
        }
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        rest = follows;
        match tag {
            "#items" => {
                if open.iter().any(|(name, _)| name.is_none()) {
                    return Err("{{#items}} stands inside itself".to_owned());
                }
                open.push((None, std::mem::take(&mut parts)));
            }
            "/items" | "/?" => {
                let Some((name, before)) = open.pop() else {
                    return Err(format!("{{{{{tag}}}}} closes nothing"));
                };
                let inner = std::mem::replace(&mut parts, before);
                match (name, tag) {
                    (None, "/items") => parts.push(Part::Each(inner)),
                    (Some(name), "/?") => parts.push(Part::If(name, inner)),
                    _ => return Err(format!("{{{{{tag}}}}} closes something else")),
                }
            }
            tag => match tag.strip_prefix('?') {
                Some(name) => open.push((Some(name.trim().to_owned()), std::mem::take(&mut parts))),
                None => parts.push(Part::Value(tag.to_owned())),
            },
        }
        if open.len() > MAX_DEPTH {
            return Err("parts stand too deep in each other".to_owned());
        }
    }
    if !open.is_empty() {
        return Err("a part is not closed".to_owned());
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_template_repeats_leaves_out_and_never_reads_a_value_as_a_template() {
        let template = "To {{who}}\n{{#items}}\n- {{url}}\n{{?price}}\n  for {{price}}\n{{/?}}\n{{/items}}\nEnd {{gone}}\n";
        let items = [
            values(&[("url", "a"), ("price", "1 EUR")]),
            values(&[("url", "{{who}}"), ("price", "")]),
        ];
        let missing = |name: &str| format!("<{name}>");
        let filled = fill(template, &values(&[("who", "them")]), &items, &missing).unwrap();
        assert_eq!(filled, "To them\n- a\n  for 1 EUR\n- {{who}}\nEnd <gone>\n");
    }

    #[test]
    fn a_broken_template_is_refused_in_words() {
        for wrong in [
            "{{a",
            "{{?a}}",
            "{{/?}}",
            "{{#items}}{{/?}}",
            "{{#items}}{{#items}}{{/items}}{{/items}}",
        ] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }
}
