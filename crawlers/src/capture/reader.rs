//! The records of a WARC file, one after the other.

use std::io::{self, Read};

use super::error::{CaptureError, Problem};
use super::limits::CaptureLimits;
use super::record::{Record, io_problem, read_record};
use super::stream::Stream;

/// Reads WARC 1.0 and 1.1, plain or gzipped (a member a record, or all of it
/// in one), holding one record at a time.
///
/// A broken record is an error item; reading goes on at the next record that
/// can be found. After a place where the file breaks off nothing follows.
pub struct WarcReader<R> {
    stream: Stream<R>,
    name: String,
    limits: CaptureLimits,
    records: usize,
    problems: usize,
    ended: bool,
}

impl<R: Read> WarcReader<R> {
    /// Reads `input`, which is called `name` in errors.
    ///
    /// # Errors
    /// [`Problem::Io`] if not even its first bytes can be read.
    pub fn new(input: R, name: &str, limits: CaptureLimits) -> Result<Self, CaptureError> {
        let stream = Stream::new(input, limits.file_bytes)
            .map_err(|error| CaptureError::new(name, error))?;
        Ok(Self {
            stream,
            name: name.to_owned(),
            limits,
            records: 0,
            problems: 0,
            ended: false,
        })
    }

    /// Goes on behind a broken place, if that can be done; what cannot be done
    /// ends the reading.
    fn recover(&mut self, problem: &Problem) {
        let mut packed_is_broken = match problem {
            Problem::Io(error) => is_about_data(error),
            _ => false,
        };
        if matches!(problem, Problem::Truncated { .. } | Problem::Io(_)) && !packed_is_broken {
            self.ended = true;
            return;
        }
        loop {
            if packed_is_broken && !self.stream.next_member().unwrap_or(false) {
                break;
            }
            match self.stream.skip_to_line(b"WARC/") {
                Ok(true) => return,
                Ok(false) => break,
                // Every turn goes on in the file, so this ends with it.
                Err(error) => packed_is_broken = is_about_data(&error),
            }
            if !packed_is_broken {
                break;
            }
        }
        self.ended = true;
    }

    fn failed(&mut self, place: String, problem: Problem) -> CaptureError {
        if self.stream.is_exhausted() {
            self.ended = true;
            let (what, limit) = ("the unpacked file", self.limits.file_bytes);
            return CaptureError::new(place, Problem::TooLarge { what, limit });
        }
        self.problems += 1;
        if self.problems > self.limits.problems {
            self.ended = true;
            let (what, limit) = ("broken records", self.limits.problems);
            return CaptureError::new(place, Problem::TooMany { what, limit });
        }
        self.recover(&problem);
        CaptureError::new(place, problem)
    }

    pub(super) fn place(&self, (member, within): (u64, u64)) -> String {
        match within {
            0 => format!("{}@{member}", self.name),
            _ => format!("{}@{member}+{within}", self.name),
        }
    }

    /// The next record, with its place.
    pub(super) fn next_placed(&mut self) -> Option<Result<(Record, String), CaptureError>> {
        if self.ended {
            return None;
        }
        let position = self.stream.position();
        let place = self.place(position);
        let read = match read_record(&mut self.stream, &self.limits) {
            Ok(None) if self.stream.is_exhausted() => Err(Problem::Truncated { within: "it" }),
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Ok(Some(record)) => match self.stream.end_record() {
                Ok(()) => Ok(record),
                Err(error) => Err(io_problem(error)),
            },
            Err(problem) => Err(problem),
        };
        self.records += 1;
        if self.records > self.limits.entries {
            self.ended = true;
            let (what, limit) = ("records", self.limits.entries);
            return Some(Err(CaptureError::new(
                place,
                Problem::TooMany { what, limit },
            )));
        }
        Some(match read {
            Ok(mut record) => {
                record.offset = position.0;
                Ok((record, place))
            }
            Err(problem) => Err(self.failed(place, problem)),
        })
    }
}

impl<R: Read> Iterator for WarcReader<R> {
    type Item = Result<Record, CaptureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_placed()?;
        Some(next.map(|(record, _)| record))
    }
}

/// Whether the error is about the packed data, and not about the file.
fn is_about_data(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}
