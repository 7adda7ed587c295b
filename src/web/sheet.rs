//! A list as a table for a spreadsheet: CSV or a workbook. What sellers write stays
//! text in both.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::failure::Failure;
use crate::clock::Millis;

/// The longest text that a cell of a workbook holds.
const LONGEST: usize = 32_000;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(i64),
    Share(f64),
    Empty,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<f64> for Cell {
    fn from(share: f64) -> Self {
        Self::Share(share)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// The form a list is wanted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Xlsx,
}

impl Form {
    /// `sellers.csv` → its name and the form.
    pub(super) fn of(file: &str) -> Option<(&str, Self)> {
        match file.rsplit_once('.')? {
            (name, "csv") => Some((name, Self::Csv)),
            (name, "xlsx") => Some((name, Self::Xlsx)),
            _ => None,
        }
    }
}

/// Rows under named columns.
#[derive(Debug)]
pub(super) struct Sheet {
    name: &'static str,
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    /// Whether there is more than [`Sheet::ROOM`].
    cut: bool,
}

impl Sheet {
    /// Rows of a sheet at most: it is made in memory.
    pub(super) const ROOM: u32 = 20_000;

    pub(super) fn new(name: &'static str, head: &[&'static str]) -> Self {
        Self {
            name,
            head: head.to_vec(),
            rows: Vec::new(),
            cut: false,
        }
    }

    /// Adds a row, while there is room.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        if self.rows.len() < Self::ROOM as usize {
            self.rows.push(cells);
        } else {
            self.cut = true;
        }
    }

    /// The answer that a browser saves.
    pub(super) fn answer(self, form: Form, now: Millis) -> Result<Response, Failure> {
        let (kind, ending, bytes) = match form {
            Form::Csv => ("text/csv; charset=utf-8", "csv", self.csv().into_bytes()),
            Form::Xlsx => (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
                self.xlsx(now)
                    .map_err(|why| Failure::Internal(format!("a workbook: {why}")))?,
            ),
        };
        let name = format!("attachment; filename=\"markhound-{}.{ending}\"", self.name);
        let headers = [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        Ok((headers, bytes).into_response())
    }

    /// What stands under the rows where some are left out.
    fn notice(&self) -> Option<String> {
        self.cut.then(|| {
            format!(
                "Only the first {} rows are here. Narrow the list and export it again for the rest.",
                Self::ROOM
            )
        })
    }

    fn csv(&self) -> String {
        // The mark by which spreadsheets know UTF-8.
        let mut out = format!("\u{feff}{}\r\n", self.head.join(","));
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Cell::Text(text) => quoted(text),
                    Cell::Number(number) => number.to_string(),
                    Cell::Share(share) => format!("{share:.4}"),
                    Cell::Empty => String::new(),
                })
                .collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        if let Some(notice) = self.notice() {
            out.push_str(&format!("{}\r\n", quoted(&notice)));
        }
        out
    }

    fn xlsx(&self, now: Millis) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let made = ExcelDateTime::from_timestamp(now.0 / 1000)?;
        let properties = DocProperties::new()
            .set_title(self.name)
            .set_creation_datetime(&made);
        book.set_properties(&properties);
        let bold = Format::new().set_bold();
        let page = book.add_worksheet();
        page.set_name(self.name)?;
        for (cell, column) in self.head.iter().zip(0_u16..) {
            page.write_string_with_format(0, column, *cell, &bold)?;
            page.set_column_width(column, 18)?;
        }
        for (row, line) in self.rows.iter().zip(1_u32..) {
            for (cell, column) in row.iter().zip(0_u16..) {
                match cell {
                    // A string is a string there: no guard is needed, nothing is altered.
                    Cell::Text(text) => {
                        let text: String = text.chars().take(LONGEST).collect();
                        page.write_string(line, column, text)?;
                    }
                    Cell::Number(number) => {
                        page.write_number(line, column, *number as f64)?;
                    }
                    Cell::Share(share) => {
                        page.write_number(line, column, *share)?;
                    }
                    Cell::Empty => {}
                }
            }
        }
        if let Some(notice) = self.notice() {
            page.write_string(Self::ROOM + 1, 0, notice)?;
        }
        page.set_freeze_panes(1, 0)?;
        book.save_to_buffer()
    }
}

/// A cell that a spreadsheet takes for text: what sellers write must not become a
/// formula there.
pub(super) fn quoted(cell: &str) -> String {
    let first = cell.trim_start_matches([' ', '\u{a0}', '\u{feff}']);
    let risky = first.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if risky { "'" } else { "" };
    let plain = !risky && !cell.contains([',', '"', '\n', '\r', ';', '\t']);
    if plain {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula_or_ends_early() {
        assert_eq!(quoted("Lamp"), "Lamp");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for risky in ["@SUM(1)", "-3", "+1", "\t=1", " =1", "＝1", "\n=1"] {
            assert_eq!(quoted(risky), format!("\"'{risky}\""));
        }
    }

    #[test]
    fn a_sheet_says_when_it_has_not_all() {
        let mut sheet = Sheet::new("things", &["thing", "count"]);
        for n in 0..=i64::from(Sheet::ROOM) {
            sheet.row(vec!["=1+1".into(), n.into()]);
        }
        let csv = sheet.csv();
        assert_eq!(csv.lines().count(), Sheet::ROOM as usize + 2);
        assert!(csv.ends_with("for the rest.\r\n"));
        assert!(csv.contains("\r\n\"'=1+1\",0\r\n"));
        let book = sheet.xlsx(Millis(1_795_824_000_000)).unwrap();
        assert!(book.starts_with(b"PK"));
    }

    #[test]
    fn the_form_is_told_by_the_ending_of_the_file() {
        assert_eq!(Form::of("audit.csv"), Some(("audit", Form::Csv)));
        assert_eq!(Form::of("audit.xlsx"), Some(("audit", Form::Xlsx)));
        assert_eq!(Form::of("audit.exe"), None);
        assert_eq!(Form::of("audit"), None);
    }
}
