//! A filled-in form in words.

use std::collections::BTreeMap;

use super::TakedownError;
use super::channel::{Channel, Origin, Statement};
use super::facts::right_words;
use super::fill::{self, Values};
use super::sheet::Sheet;

/// A notice's subject line and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// Paragraphs.
    pub body: String,
}

/// How wide statements are set, in characters.
const WIDTH: usize = 80;

/// The statements that a notice has to make.
pub fn statements<'a>(
    channel: &'a Channel,
    sheet: &'a Sheet,
) -> impl Iterator<Item = &'a Statement> {
    channel.statements.iter().filter(|statement| {
        statement
            .when
            .as_ref()
            .is_none_or(|when| sheet.holds(when, None))
    })
}

/// Puts a form into words. Without `signature` it is a draft: what is missing
/// says so between `⟦` and `⟧`.
///
/// # Errors
/// [`TakedownError::Template`].
pub fn write(
    channel: &Channel,
    sheet: &Sheet,
    signature: Option<&str>,
) -> Result<Written, TakedownError> {
    let mut values: Values = sheet.fields.clone();
    values.extend(built_in(channel, sheet));
    if let Some(signature) = signature {
        for field in &channel.fields {
            if field.from == Some(Origin::Signature) {
                values.insert(field.name.clone(), signature.to_owned());
            }
        }
    }
    let items: Vec<Values> = sheet
        .items
        .iter()
        .zip(1..)
        .map(|(item, number)| {
            let mut item = item.clone();
            item.insert("number".to_owned(), number.to_string());
            item
        })
        .collect();
    let missing = |name: &str| match channel.field(name) {
        Some(field) if field.from == Some(Origin::Signature) => {
            "(the full name of the person who attests)".to_owned()
        }
        Some(field) if field.required => format!("⟦{}: {}⟧", field.label, field.remedy()),
        _ => String::new(),
    };
    let fill = |template: &str| {
        fill::fill(template, &values, &items, &missing).map_err(|why| TakedownError::Template {
            channel: channel.id.clone(),
            why,
        })
    };
    let subject: String = fill(&channel.template.subject)?
        .chars()
        .take(channel.limits.subject_chars)
        .collect();
    Ok(Written {
        subject,
        body: fill(&channel.template.body)?.trim().to_owned() + "\n",
    })
}

fn built_in(channel: &Channel, sheet: &Sheet) -> BTreeMap<String, String> {
    let cases: Vec<&str> = sheet
        .items
        .iter()
        .filter_map(|item| item.get("case").map(String::as_str))
        .collect();
    let reference = match cases.as_slice() {
        [] => "none".to_owned(),
        [case] => format!("case {case}"),
        [first, rest @ ..] => format!("case {first} and {} more", rest.len()),
    };
    let count = match sheet.items.as_slice() {
        [item] => match item.get("item_id") {
            Some(id) => format!("listing {id}"),
            None => "1 listing".to_owned(),
        },
        items => format!("{} listings", items.len()),
    };
    let stated: Vec<String> = statements(channel, sheet)
        .map(|statement| wrapped(&statement.text))
        .collect();
    let kind = right_words(&sheet.right.kind);
    let mut title = kind.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    BTreeMap::from([
        ("reference".to_owned(), reference),
        ("count".to_owned(), count),
        ("statements".to_owned(), stated.join("\n\n")),
        ("right_kind_title".to_owned(), title),
    ])
}

fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > WIDTH {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
