//! Reading a list line by line, in bounded memory.

use std::io::{self, BufRead};

use thiserror::Error;

use super::line::{Columns, LineProblem, plain_entry};
use super::{HASH_LIST_LINE_MAX, HashListEntry, PDQ_ALGORITHM};

/// Why a line, or the rest of a list, could not be read.
#[derive(Debug, Error)]
pub enum HashListError {
    /// One line is no hash; the lines after it can still be read.
    #[error("cannot use line {line} of the list of hashes: {problem}")]
    Line {
        /// Number of the line, counted from 1.
        line: u64,
        /// What is wrong with it.
        #[source]
        problem: LineProblem,
    },
    /// The list itself could not be read further; nothing comes after this.
    #[error("cannot read the list of hashes after line {line}; check the file or the connection")]
    Io {
        /// Number of lines read before.
        line: u64,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Reads a list of hashes, an entry or an error for each line that is not empty.
///
/// Understood are lines `hash`, `hash,quality`, `hash,quality,name`, `hash,name`, `pdq hash` and
/// `hash=…,quality=…,filename=…`; comma or tab; and, after a header line that names the columns
/// (`hash` or `signal_str`, `algorithm` or `signal_type`, `quality`, `name` and some more), CSV with
/// comma, tab or semicolon, one record a line. Empty lines, lines that begin with `#`, a byte order
/// mark and either line ending are passed over. Hexadecimal digits may be in either case.
///
/// ```
/// use markhound_index::image::HashListReader;
///
/// let list = "# mine\nf8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22,100,a.jpg\n?\n";
/// let read: Vec<_> = HashListReader::new(list.as_bytes()).collect();
/// assert_eq!(read[0].as_ref().unwrap().name.as_deref(), Some("a.jpg"));
/// assert!(read[1].as_ref().unwrap_err().to_string().contains("line 3"));
/// ```
#[derive(Debug)]
pub struct HashListReader<R> {
    reader: R,
    algorithm: String,
    columns: Option<Columns>,
    /// True until the first line that says something: only that one can be a header.
    beginning: bool,
    line: u64,
    ended: bool,
    buffer: Vec<u8>,
}

impl<R: BufRead> HashListReader<R> {
    /// Reads a list whose hashes are PDQ's where a line does not say otherwise.
    pub fn new(reader: R) -> Self {
        Self::with_algorithm(reader, PDQ_ALGORITHM)
    }

    /// Reads a list whose hashes are of the given algorithm ("pdq" or "img_hash …") where a line
    /// does not say otherwise.
    pub fn with_algorithm(reader: R, algorithm: &str) -> Self {
        Self {
            reader,
            algorithm: algorithm.to_owned(),
            columns: None,
            beginning: true,
            line: 0,
            ended: false,
            buffer: Vec::new(),
        }
    }

    /// Reads a line into the buffer, its end not included, and never more than allowed. False at
    /// the list's end; a problem for a line that is too long, which is passed over.
    fn next_line(&mut self) -> io::Result<Option<Result<(), LineProblem>>> {
        self.buffer.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let text = &chunk[..end.unwrap_or(chunk.len())];
            too_long |= self.buffer.len() + text.len() > HASH_LIST_LINE_MAX;
            if !too_long {
                self.buffer.extend_from_slice(text);
            }
            let used = text.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(any.then_some(if too_long {
            Err(LineProblem::TooLong)
        } else {
            Ok(())
        }))
    }

    /// What the buffered line says; nothing for empty lines, comments and the header.
    fn entry(&mut self) -> Option<Result<HashListEntry, LineProblem>> {
        let bytes = match self.line {
            1 => self
                .buffer
                .strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(&self.buffer),
            _ => &self.buffer,
        };
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Some(Err(LineProblem::NotUtf8));
        };
        // Blanks at the beginning may be a tab after an empty first field.
        let text = text.trim_end();
        if text.is_empty() || text.trim_start().starts_with('#') {
            return None;
        }
        if std::mem::take(&mut self.beginning) {
            self.columns = Columns::of(text);
            if self.columns.is_some() {
                return None;
            }
        }
        Some(match &self.columns {
            Some(columns) => columns.entry(text, &self.algorithm),
            None => plain_entry(text.trim_start(), &self.algorithm),
        })
    }
}

impl<R: BufRead> Iterator for HashListReader<R> {
    type Item = Result<HashListEntry, HashListError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let read = match self.next_line() {
                Ok(Some(read)) => read,
                Ok(None) => break,
                Err(source) => {
                    self.ended = true;
                    let line = self.line;
                    return Some(Err(HashListError::Io { line, source }));
                }
            };
            self.line += 1;
            let line = self.line;
            let entry = match read {
                Ok(()) => self.entry(),
                Err(problem) => Some(Err(problem)),
            };
            if let Some(entry) = entry {
                return Some(entry.map_err(|problem| HashListError::Line { line, problem }));
            }
        }
        self.ended = true;
        None
    }
}
