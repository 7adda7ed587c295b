//! What is wrong with a channel.

use std::collections::BTreeSet;

use super::{Channel, Form, When};
use crate::takedown::{cover, deadlines, fill, lifecycle};

/// The kinds of right there are.
const RIGHTS: [&str; 4] = ["trademark", "copyright", "design", "patent"];

/// Everything that is wrong with a channel, in words; nothing when it can be
/// used.
#[must_use]
pub fn lint(channel: &Channel) -> Vec<String> {
    let mut wrong = Vec::new();
    let names: BTreeSet<&str> = channel.fields.iter().map(|f| f.name.as_str()).collect();
    let mut say = |bad: bool, why: String| {
        if bad {
            wrong.push(why);
        }
    };
    let id = &channel.id;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    say(
        id.is_empty() || id.len() > 40 || !id.chars().all(plain),
        format!("id {id:?} must be of small letters, digits and hyphens"),
    );
    for (key, text) in [
        ("name", &channel.name),
        ("about", &channel.about),
        ("law", &channel.law),
        ("how", &channel.how),
    ] {
        say(text.trim().is_empty(), format!("{key} is empty"));
    }
    say(channel.rights.is_empty(), "rights names none".to_owned());
    for right in &channel.rights {
        say(
            !RIGHTS.contains(&right.as_str()),
            format!("rights: {right:?} is no kind of right"),
        );
    }
    for country in &channel.countries {
        say(
            !cover::is_region(country),
            format!("countries: {country:?} is none"),
        );
    }
    say(
        channel.outputs.is_empty(),
        "outputs names no form".to_owned(),
    );
    say(
        channel.outputs.contains(&Form::Rest) != channel.request.is_some(),
        "the form rest and [request] need each other".to_owned(),
    );
    let limits = &channel.limits;
    say(
        limits.items == 0 || limits.body_chars == 0 || limits.subject_chars == 0,
        "limits must be above 0".to_owned(),
    );
    for name in &limits.unique {
        say(
            !names.contains(name.as_str()),
            format!("limits.unique: there is no field {name:?}"),
        );
    }
    say(
        names.len() != channel.fields.len(),
        "a field stands there twice".to_owned(),
    );
    for field in &channel.fields {
        let name = &field.name;
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        say(
            name.is_empty() || !name.chars().all(good),
            format!("field {name:?} must be of small letters, digits and underscores"),
        );
        say(
            field.label.trim().is_empty(),
            format!("field {name} has no label and is not one of the well-known ones"),
        );
        say(
            field.from.is_some() && field.value.is_some(),
            format!("field {name} has both `from` and `value`"),
        );
        say(
            field.is_of_listing() && field.from.is_some_and(|from| !from.is_of_listing()),
            format!("field {name} is of each listing and comes from the notice"),
        );
        if let Some(when) = &field.when {
            condition(&format!("field {name}"), when, &names, &mut say);
        }
    }
    let mut stated = BTreeSet::new();
    for statement in &channel.statements {
        let name = &statement.name;
        say(
            !stated.insert(name),
            format!("statement {name} stands there twice"),
        );
        for (key, text) in [
            ("law", &statement.law),
            ("meaning", &statement.meaning),
            ("text", &statement.text),
        ] {
            say(
                text.trim().is_empty(),
                format!("statement {name}: {key} is empty"),
            );
        }
        let sworn = statement.text.to_lowercase().contains("perjury");
        say(
            sworn != statement.perjury.is_some(),
            format!("statement {name}: what its text says of perjury and `perjury` differ"),
        );
        say(
            statement
                .perjury
                .as_deref()
                .is_some_and(|covers| covers != "authority"),
            format!("statement {name}: perjury can cover `authority` only"),
        );
        if let Some(when) = &statement.when {
            condition(&format!("statement {name}"), when, &names, &mut say);
        }
    }
    for deadline in &channel.deadlines {
        let name = &deadline.name;
        say(
            !lifecycle::STATES.contains(&deadline.after.as_str()),
            format!("deadline {name}: {:?} is no state", deadline.after),
        );
        say(
            deadline.days == 0
                || deadline.days > 3660
                || deadline.earliest.is_some_and(|e| e > deadline.days),
            format!("deadline {name}: its days cannot be"),
        );
        let calendar = deadline.holidays.as_deref();
        say(
            calendar.is_some_and(|calendar| !deadlines::has_calendar(calendar)),
            format!(
                "deadline {name}: there is no calendar {:?}",
                calendar.unwrap_or_default()
            ),
        );
    }
    if let Some(program) = &channel.program {
        say(
            !(0.0..=1.0).contains(&program.acceptance),
            "program.acceptance must lie between 0 and 1".to_owned(),
        );
    }
    if let Some(request) = &channel.request {
        for (key, field) in &request.item {
            say(
                !names.contains(field.as_str()),
                format!("request.item.{key}: there is no field {field:?}"),
            );
        }
        say(
            !request.path.starts_with('/') || url::Url::parse(&request.base).is_err(),
            "request: base must be an address and path begin with /".to_owned(),
        );
        if let Some(status) = &request.status {
            say(
                !status.path.starts_with('/') || !status.path.contains("{report}"),
                "request.status: path must begin with / and hold {report}".to_owned(),
            );
            // By these an answer is found to be about a listing of the notice.
            for field in ["item_id", "case"] {
                say(
                    !names.contains(field),
                    format!("request.status: there is no field {field:?}"),
                );
            }
        }
    }
    for (key, text) in [
        ("subject", &channel.template.subject),
        ("body", &channel.template.body),
    ] {
        match fill::names(text) {
            Err(why) => say(true, format!("template.{key}: {why}")),
            Ok(used) => {
                for name in used {
                    let known =
                        names.contains(name.as_str()) || fill::BUILT_IN.contains(&name.as_str());
                    say(
                        !known,
                        format!("template.{key}: there is no field {name:?}"),
                    );
                }
            }
        }
    }
    wrong
}

fn condition(of: &str, when: &When, names: &BTreeSet<&str>, say: &mut impl FnMut(bool, String)) {
    say(
        *when == When::default(),
        format!("{of}: `when` says nothing"),
    );
    for right in &when.right {
        say(
            !RIGHTS.contains(&right.as_str()),
            format!("{of}: {right:?} is no kind of right"),
        );
    }
    for country in &when.country {
        say(
            !cover::is_region(country),
            format!("{of}: {country:?} is no country"),
        );
    }
    let acts_as = when.acts_as.as_deref();
    say(
        acts_as.is_some_and(|role| !matches!(role, "owner" | "agent")),
        format!("{of}: acts_as must be owner or agent"),
    );
    if let Some(field) = &when.field {
        say(
            !names.contains(field.as_str()),
            format!("{of}: there is no field {field:?}"),
        );
        say(when.is.is_empty(), format!("{of}: `is` names no value"));
    }
}
