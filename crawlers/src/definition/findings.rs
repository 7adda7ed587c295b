//! All that is wrong or doubtful in a definition's text, with its place.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use toml::de::DeTable;

use super::validate::validate;
use super::{Definition, DefinitionError, lint, secrets, settings};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The definition cannot be used, or would not do what it says.
    Error,
    /// It can be used; something is doubtful.
    Warning,
}

/// Something that is wrong or doubtful in a definition's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file or name the text came from.
    pub origin: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The field, with its tables: `fields.price[1].css`.
    pub field: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}:{}: {severity}: {}: {}",
            self.origin, self.line, self.column, self.field, self.message
        )
    }
}

/// Everything found, in the order of the text.
pub(super) fn find(text: &str, origin: &str) -> Vec<Finding> {
    let mut found = Found {
        origin,
        text,
        findings: Vec::new(),
    };
    let filled = match settings::apply(text, origin, &BTreeMap::new()) {
        Ok(filled) => filled,
        Err(error) => {
            found.defect(&error);
            return found.findings;
        }
    };
    found.text = &filled;
    match DeTable::parse(&filled) {
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message().trim().replace('\n', " ");
            found.add(at, "(syntax)", Severity::Error, message);
        }
        Ok(table) => found.check(&validate(&table), &filled),
    }
    found
        .findings
        .sort_by_key(|f| (f.line, f.column, f.severity));
    found.findings.dedup();
    found.findings
}

struct Found<'a> {
    origin: &'a str,
    text: &'a str,
    findings: Vec<Finding>,
}

impl Found<'_> {
    fn check(&mut self, report: &super::validate::Report, text: &str) {
        for wrong in &report.wrong {
            self.add(
                wrong.at,
                &wrong.field,
                Severity::Error,
                wrong.message.clone(),
            );
        }
        for (field, message) in secrets::look_for(&report.strings) {
            self.add(
                place(&report.places, &field),
                &field,
                Severity::Error,
                message,
            );
        }
        match Definition::parse(text, self.origin) {
            Err(error) if report.wrong.is_empty() => {
                self.defect_at(&error, &report.places);
            }
            Err(_) => {}
            Ok(definition) => {
                for doubt in lint::lint(&definition) {
                    let at = place(&report.places, doubt.field.as_str());
                    self.add(at, &doubt.field, doubt.severity, doubt.message);
                }
            }
        }
    }

    fn defect(&mut self, error: &DefinitionError) {
        self.defect_at(error, &BTreeMap::new());
    }

    fn defect_at(&mut self, error: &DefinitionError, places: &BTreeMap<String, usize>) {
        let (line, field, reason) = match error {
            DefinitionError::Syntax {
                line,
                field,
                reason,
                ..
            } => (Some(*line), field.as_str(), reason.clone()),
            DefinitionError::Inconsistent { field, reason, .. } => {
                (None, field.as_str(), reason.clone())
            }
            DefinitionError::Base { reason, .. } => (None, "base", reason.clone()),
        };
        self.add(place(places, field), field, Severity::Error, reason);
        if let (Some(line), Some(last)) = (line, self.findings.last_mut()) {
            (last.line, last.column) = (line, 1);
        }
    }

    fn add(&mut self, at: usize, field: &str, severity: Severity, message: String) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.findings.push(Finding {
            origin: self.origin.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            field: field.to_owned(),
            severity,
            message,
        });
    }
}

/// Where a field stands, or the nearest table above it.
fn place(places: &BTreeMap<String, usize>, field: &str) -> usize {
    let mut field = field;
    loop {
        if let Some(at) = places.get(field) {
            return *at;
        }
        match field.rfind(['.', '[']) {
            Some(end) => field = &field[..end],
            None => return 0,
        }
    }
}
