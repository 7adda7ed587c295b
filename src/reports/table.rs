//! A report as a table: CSV and a workbook.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use serde::Serialize;
use serde_json::Value;

use super::DEFINITIONS;
use crate::clock::Millis;

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report as {what}: {why}")]
pub struct ReportError {
    /// The form.
    what: &'static str,
    /// Why.
    why: String,
}

/// Rows with named columns.
#[derive(Debug, Clone)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// A table of records; their fields are its columns.
    #[must_use]
    pub fn of<T: Serialize>(records: &[T]) -> Self {
        let mut table = Self {
            head: Vec::new(),
            rows: Vec::new(),
        };
        for record in records {
            if let Ok(Value::Object(fields)) = serde_json::to_value(record) {
                if table.head.is_empty() {
                    table.head = fields.keys().cloned().collect();
                }
                table
                    .rows
                    .push(fields.into_iter().map(|(_, value)| value).collect());
            }
        }
        table
    }

    /// Comma-separated values; no cell is taken for a formula.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let failed = |why: String| ReportError { what: "CSV", why };
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(&self.head)
            .map_err(|e| failed(e.to_string()))?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Value::Null => String::new(),
                Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
                    format!("'{text}")
                }
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            out.write_record(cells).map_err(|e| failed(e.to_string()))?;
        }
        out.into_inner().map_err(|e| failed(e.to_string()))
    }

    /// A workbook: the table, and a page that says what each figure counts.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn xlsx(&self, name: &str, now: Millis) -> Result<Vec<u8>, ReportError> {
        let make = || {
            let mut book = Workbook::new();
            let made = ExcelDateTime::from_timestamp(now.0 / 1000)?;
            book.set_properties(
                &DocProperties::new()
                    .set_title(name)
                    .set_creation_datetime(&made),
            );
            let bold = Format::new().set_bold();
            let page = book.add_worksheet();
            page.set_name(name)?;
            for (cell, column) in self.head.iter().zip(0_u16..) {
                page.write_string_with_format(0, column, cell, &bold)?;
            }
            for (row, line) in self.rows.iter().zip(1_u32..) {
                for (cell, column) in row.iter().zip(0_u16..) {
                    match cell {
                        Value::Null => {}
                        Value::Number(number) => {
                            page.write_number(line, column, number.as_f64().unwrap_or_default())?;
                        }
                        Value::Bool(flag) => {
                            page.write_boolean(line, column, *flag)?;
                        }
                        Value::String(text) => {
                            page.write_string(line, column, text)?;
                        }
                        other => {
                            page.write_string(line, column, other.to_string())?;
                        }
                    }
                }
            }
            page.set_freeze_panes(1, 0)?;
            page.autofit();
            let told = book.add_worksheet();
            told.set_name("What is counted")?;
            for ((figure, meaning), line) in DEFINITIONS.iter().zip(0_u32..) {
                told.write_string_with_format(line, 0, *figure, &bold)?;
                told.write_string(line, 1, *meaning)?;
            }
            told.autofit();
            book.save_to_buffer()
        };
        make().map_err(|why: rust_xlsxwriter::XlsxError| ReportError {
            what: "a workbook",
            why: why.to_string(),
        })
    }
}
