//! A row a listing, for upload forms.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

use crate::clock::Millis;
use crate::takedown::TakedownError;
use crate::takedown::channel::Channel;
use crate::takedown::sheet::Sheet;

/// The columns' heads, and a row a listing under them: the fields that hold
/// something, in the channel's order.
fn rows(channel: &Channel, sheet: &Sheet) -> (Vec<String>, Vec<Vec<String>>) {
    let used: Vec<_> = channel
        .fields
        .iter()
        .filter(|field| {
            let asked = |item| {
                field
                    .when
                    .as_ref()
                    .is_none_or(|when| sheet.holds(when, Some(item)))
            };
            let holds = |item| asked(item) && sheet.value(Some(item), &field.name).is_some();
            sheet.items.iter().any(holds)
        })
        .collect();
    let head = |field: &&super::super::channel::Field| {
        field.column.clone().unwrap_or_else(|| field.label.clone())
    };
    let rows = sheet.items.iter().map(|item| {
        let cell = |field: &&super::super::channel::Field| {
            let asked = field
                .when
                .as_ref()
                .is_none_or(|when| sheet.holds(when, Some(item)));
            let value = sheet.value(Some(item), &field.name).filter(|_| asked);
            value.unwrap_or_default().to_owned()
        };
        used.iter().map(cell).collect()
    });
    (used.iter().map(head).collect(), rows.collect())
}

/// A cell that no spreadsheet takes for a formula. A telephone number may begin
/// with its `+`: digits and spaces call nothing.
fn harmless(text: &str) -> String {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !text.chars().all(number) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Comma-separated values.
pub(super) fn csv(channel: &Channel, sheet: &Sheet) -> Result<Vec<u8>, TakedownError> {
    let failed = |why: String| TakedownError::Making {
        what: "CSV file",
        why,
    };
    let (head, rows) = rows(channel, sheet);
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    out.write_record(&head).map_err(|e| failed(e.to_string()))?;
    for row in rows {
        let cells = row.iter().map(|cell| harmless(cell));
        out.write_record(cells).map_err(|e| failed(e.to_string()))?;
    }
    out.into_inner().map_err(|e| failed(e.to_string()))
}

/// A workbook; every cell is text.
pub(super) fn xlsx(channel: &Channel, sheet: &Sheet, at: Millis) -> Result<Vec<u8>, TakedownError> {
    let make = || {
        let (head, rows) = rows(channel, sheet);
        let mut book = Workbook::new();
        let made = ExcelDateTime::from_timestamp(at.0 / 1000)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let page = book.add_worksheet();
        let bold = Format::new().set_bold();
        for (cell, column) in head.iter().zip(0_u16..) {
            page.write_string_with_format(0, column, cell, &bold)?;
        }
        for (row, line) in rows.iter().zip(1_u32..) {
            for (cell, column) in row.iter().zip(0_u16..) {
                page.write_string(line, column, cell)?;
            }
        }
        page.set_freeze_panes(1, 0)?;
        page.autofit();
        book.save_to_buffer()
    };
    make().map_err(|why: rust_xlsxwriter::XlsxError| TakedownError::Making {
        what: "workbook",
        why: why.to_string(),
    })
}
