//! Holds a definition's text against its JSON Schema, every value with the
//! place where it stands. The schema is the file editors use; what a string
//! must be beyond that is known by its `format`.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::auth::{EnvName, EnvText};
use super::locator;
use super::pattern::{Template, UrlGlob};
use super::price::currency_code;
use super::schema::{base_url, identifier};

/// The schema, as it lies in the tree and is printed by `source schema`.
pub(super) const SCHEMA: &str = include_str!("../../definitions/schema.json");

/// The most findings; a file that is no definition at all would give one a line.
const MAX_FINDINGS: usize = 100;
/// The deepest nesting that is looked at.
const MAX_DEPTH: usize = 40;

/// Something wrong at a byte of the text.
pub(super) struct Wrong {
    pub at: usize,
    pub field: String,
    pub message: String,
}

/// What was found, and where every field stands.
#[derive(Default)]
pub(super) struct Report {
    pub wrong: Vec<Wrong>,
    pub places: BTreeMap<String, usize>,
    /// Every string outside `tests`, by its field.
    pub strings: Vec<(String, String)>,
}

pub(super) fn validate(table: &Spanned<DeTable<'_>>) -> Report {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or(Value::Null);
    let mut check = Check {
        root: &schema,
        report: Report::default(),
    };
    check.table(&schema, table.get_ref(), table.span().start, "", 0);
    check.report
}

struct Check<'a> {
    root: &'a Value,
    report: Report,
}

impl Check<'_> {
    fn wrong(&mut self, at: usize, field: &str, message: String) {
        if self.report.wrong.len() < MAX_FINDINGS {
            self.report.wrong.push(Wrong {
                at,
                field: field.to_owned(),
                message,
            });
        }
    }

    fn value(&mut self, schema: &Value, value: &Spanned<DeValue<'_>>, field: &str, depth: usize) {
        let at = value.span().start;
        if depth > MAX_DEPTH {
            return self.wrong(at, field, format!("nested over {MAX_DEPTH} levels deep"));
        }
        self.report.places.entry(field.to_owned()).or_insert(at);
        let schema = self.resolved(schema).clone();
        if let Some(branches) = schema["oneOf"].as_array() {
            return self.one_of(branches, value, field, depth);
        }
        let known = type_of(value.get_ref());
        if !allows(&schema, known) {
            let wanted = match &schema["type"] {
                Value::Array(all) => {
                    let names: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
                    names.join(" or ")
                }
                other => other.as_str().unwrap_or_default().to_owned(),
            };
            return self.wrong(at, field, format!("should be a {wanted} and is a {known}"));
        }
        match value.get_ref() {
            DeValue::String(text) => self.string(&schema, text, at, field),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(
                        &schema["items"],
                        item,
                        &format!("{field}[{index}]"),
                        depth + 1,
                    );
                }
            }
            DeValue::Table(table) => self.table(&schema, table, at, field, depth),
            DeValue::Integer(number) => self.number(&schema, number.as_str(), at, field),
            DeValue::Float(number) => self.number(&schema, number.as_str(), at, field),
            _ => {}
        }
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let name = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next());
        name.map_or(schema, |name| &self.root["$defs"][name])
    }

    fn table(&mut self, schema: &Value, table: &DeTable<'_>, at: usize, field: &str, depth: usize) {
        let inner = |name: &str| {
            if field.is_empty() {
                name.to_owned()
            } else {
                format!("{field}.{name}")
            }
        };
        for (key, value) in table {
            let name: &str = key.get_ref();
            let path = inner(name);
            let at = key.span().start;
            self.report.places.entry(path.clone()).or_insert(at);
            if let Some(known) = schema["properties"].get(name) {
                self.value(&known.clone(), value, &path, depth + 1);
            } else if schema["additionalProperties"].is_object() {
                self.value(
                    &schema["additionalProperties"].clone(),
                    value,
                    &path,
                    depth + 1,
                );
            } else if schema["additionalProperties"] == Value::Bool(false) {
                let known = schema["properties"].as_object();
                let names = known.into_iter().flatten().map(|(name, _)| name.as_str());
                let message = format!("unknown field `{name}`{}", meant(name, names));
                self.wrong(at, &path, message);
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            if table.get(name).is_none() {
                self.wrong(at, &inner(name), "missing".to_owned());
            }
        }
    }

    /// The branch that says which it is, or the one with the fewest faults.
    fn one_of(
        &mut self,
        branches: &[Value],
        value: &Spanned<DeValue<'_>>,
        field: &str,
        depth: usize,
    ) {
        let kinds: Vec<&str> = branches
            .iter()
            .filter_map(|branch| branch["properties"]["kind"]["const"].as_str())
            .collect();
        let kind = value
            .get_ref()
            .as_table()
            .and_then(|table| table.get("kind"));
        if let (Some(kind), false) = (kind, kinds.is_empty()) {
            let name = kind.get_ref().as_str().unwrap_or_default();
            let found = kinds.iter().position(|known| *known == name);
            return match found.and_then(|at| branches.get(at)) {
                Some(branch) => self.value(branch, value, field, depth),
                None => {
                    let message = format!(
                        "`{name}` is none of {}{}",
                        kinds.join(", "),
                        meant(name, kinds.iter().copied())
                    );
                    self.wrong(kind.span().start, &format!("{field}.kind"), message);
                }
            };
        }
        let mut best: Option<Report> = None;
        for branch in branches {
            let known = type_of(value.get_ref());
            if !allows(self.resolved(branch), known) && self.resolved(branch)["oneOf"].is_null() {
                continue;
            }
            let mut trial = Check {
                root: self.root,
                report: Report::default(),
            };
            trial.value(branch, value, field, depth + 1);
            let fewer = |best: &Report| trial.report.wrong.len() < best.wrong.len();
            if best.as_ref().is_none_or(fewer) {
                best = Some(trial.report);
            }
        }
        match best {
            Some(best) => {
                for wrong in best.wrong {
                    self.wrong(wrong.at, &wrong.field, wrong.message);
                }
                self.report.strings.extend(best.strings);
                for (field, at) in best.places {
                    self.report.places.entry(field).or_insert(at);
                }
            }
            None => {
                let known = type_of(value.get_ref());
                self.wrong(value.span().start, field, format!("cannot be a {known}"));
            }
        }
    }

    fn string(&mut self, schema: &Value, text: &str, at: usize, field: &str) {
        if !field.starts_with("tests[") {
            self.report
                .strings
                .push((field.to_owned(), text.to_owned()));
        }
        if let Some(known) = schema["enum"].as_array() {
            let names: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
            if !names.contains(&text) {
                let hint = meant(text, names.iter().copied());
                let message = format!("`{text}` is none of {}{hint}", names.join(", "));
                self.wrong(at, field, message);
            }
        }
        if let Some(reason) = schema["format"].as_str().and_then(|name| unfit(name, text)) {
            self.wrong(at, field, reason);
        }
    }

    fn number(&mut self, schema: &Value, text: &str, at: usize, field: &str) {
        let Ok(number) = text.replace('_', "").parse::<f64>() else {
            return;
        };
        let bound = |name: &str| schema[name].as_f64();
        if bound("minimum").is_some_and(|low| number < low) {
            self.wrong(at, field, format!("must be at least {}", schema["minimum"]));
        }
        if bound("exclusiveMinimum").is_some_and(|low| number <= low) {
            self.wrong(
                at,
                field,
                format!("must be over {}", schema["exclusiveMinimum"]),
            );
        }
        if bound("maximum").is_some_and(|high| number > high) {
            self.wrong(at, field, format!("must be at most {}", schema["maximum"]));
        }
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn allows(schema: &Value, known: &str) -> bool {
    let fits = |name: &str| name == known || (name == "number" && known == "integer");
    match &schema["type"] {
        Value::String(name) => fits(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(fits),
        _ => true,
    }
}

/// Why a string is not of a format; none when it is.
fn unfit(format: &str, text: &str) -> Option<String> {
    let owned = || text.to_owned();
    match format {
        "css" => locator::css(text).err(),
        "regex" => locator::regex(text).err(),
        "jsonpath" => locator::json_path(text).err(),
        "jsonld-path" => locator::jsonld_path(text).err(),
        "url" => base_url(text).err(),
        "url-template" => Template::try_from(owned()).err(),
        "url-glob" => UrlGlob::try_from(owned()).err(),
        "env-name" => EnvName::try_from(owned()).err(),
        "env-text" => EnvText::try_from(owned()).err(),
        "currency" => currency_code(text).err(),
        "id" => identifier(text).err(),
        "host" => (text.is_empty() || text.contains(['/', ' ', '@']))
            .then(|| format!("`{text}` is no host like `shop.example` or `*.shop.example:8080`")),
        _ => None,
    }
}

/// The known name that was likely meant.
fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let close = |candidate: &str| strsim::damerau_levenshtein(name, candidate);
    known
        .map(|candidate| (close(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(name.len()) / 4)
        .min()
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}
