//! The entries of a HAR file one after the other, as they stand: a file of
//! gigabytes costs no more memory than its largest entry.

use std::io::{BufRead, BufReader, Read};

use crate::capture::error::{Problem, malformed};

/// Where the entries are.
const PATH: [&[u8]; 2] = [b"log", b"entries"];
/// The longest name of a member that is looked at, in bytes.
const MAX_NAME: usize = 16;
/// How much is read at once, in bytes.
const BUFFER: usize = 64 << 10;

/// An element of the list of entries.
pub(super) enum Element {
    /// As it stands.
    Kept(Vec<u8>),
    /// It is larger than what is kept.
    TooLarge,
}

/// Goes through a HAR file without building it.
pub(super) struct Elements<R> {
    source: BufReader<R>,
    /// The largest element that is kept, in bytes.
    limit: usize,
    begun: bool,
}

impl<R: Read> Elements<R> {
    pub(super) fn new(source: R, limit: usize) -> Self {
        Self {
            source: BufReader::with_capacity(BUFFER, source),
            limit,
            begun: false,
        }
    }

    /// Goes to the list of entries; false when there is none.
    pub(super) fn find(&mut self) -> Result<bool, Problem> {
        if self.peek()? == 0xef {
            for _ in 0..3 {
                self.next()?;
            }
        }
        for name in PATH {
            if !self.enter(name)? {
                return Ok(false);
            }
        }
        if self.peek_token()? != b'[' {
            return Ok(false);
        }
        self.next()?;
        Ok(true)
    }

    /// The next element; none behind the last.
    pub(super) fn next_element(&mut self) -> Result<Option<Element>, Problem> {
        if self.peek_token()? == b']' {
            return Ok(None);
        }
        if self.begun {
            self.expect(b',')?;
            self.peek_token()?;
        }
        self.begun = true;
        let mut kept = Vec::new();
        let length = self.value(Some(&mut kept))?;
        Ok(Some(match length > self.limit {
            true => Element::TooLarge,
            false => Element::Kept(kept),
        }))
    }

    /// Goes to the value of this name in an object; false when there is none.
    fn enter(&mut self, wanted: &[u8]) -> Result<bool, Problem> {
        if self.peek_token()? != b'{' {
            return Ok(false);
        }
        self.next()?;
        loop {
            match self.peek_token()? {
                b'}' => return Ok(false),
                b',' => {
                    self.next()?;
                    continue;
                }
                b'"' => {}
                _ => return Err(malformed("a member of its log has no name")),
            }
            let mut name = Vec::new();
            self.string(&mut |part| {
                let room = (MAX_NAME + 1_usize).saturating_sub(name.len());
                name.extend_from_slice(&part[..part.len().min(room)]);
            })?;
            self.peek_token()?;
            self.expect(b':')?;
            self.peek_token()?;
            if name.strip_suffix(b"\"") == Some(wanted) {
                return Ok(true);
            }
            self.value(None)?;
        }
    }

    /// Passes over a value, keeping it up to the limit; says how long it is.
    fn value(&mut self, mut kept: Option<&mut Vec<u8>>) -> Result<usize, Problem> {
        let limit = self.limit;
        let mut length = 0;
        let mut keep = |part: &[u8]| {
            length += part.len();
            if let Some(kept) = kept.as_deref_mut() {
                if length <= limit {
                    kept.extend_from_slice(part);
                } else {
                    *kept = Vec::new();
                }
            }
        };
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    keep(b"\"");
                    self.string(&mut keep)?;
                }
                byte @ (b'{' | b'[') => {
                    depth += 1;
                    keep(&[byte]);
                    self.next()?;
                }
                // The end of what this value stands in.
                b'}' | b']' | b',' if depth == 0 => break,
                byte @ (b'}' | b']') => {
                    depth -= 1;
                    keep(&[byte]);
                    self.next()?;
                }
                byte => {
                    keep(&[byte]);
                    self.next()?;
                }
            }
            if depth == 0 && matches!(self.peek_token()?, b'}' | b']' | b',') {
                break;
            }
        }
        Ok(length)
    }

    /// Passes over a string with its quotes; all but the first is handed on.
    fn string(&mut self, keep: &mut impl FnMut(&[u8])) -> Result<(), Problem> {
        self.next()?;
        let mut escaped = false;
        loop {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                return Err(CUT_OFF);
            }
            // What is escaped ends nothing.
            let from = usize::from(std::mem::take(&mut escaped));
            let found = memchr::memchr2(b'"', b'\\', &buffer[from..]);
            let used = found.map_or(buffer.len(), |at| from + at + 1);
            let ended = found.is_some() && buffer[used - 1] == b'"';
            escaped = found.is_some() && !ended;
            keep(&buffer[..used]);
            self.source.consume(used);
            if ended {
                return Ok(());
            }
        }
    }

    /// The next byte that is no space.
    fn peek_token(&mut self) -> Result<u8, Problem> {
        loop {
            match self.peek()? {
                byte if byte.is_ascii_whitespace() => self.next()?,
                byte => return Ok(byte),
            }
        }
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Problem> {
        if self.peek()? != wanted {
            return Err(malformed(format!(
                "there is no {:?} where one must be",
                char::from(wanted)
            )));
        }
        self.next()
    }

    fn peek(&mut self) -> Result<u8, Problem> {
        self.source.fill_buf()?.first().copied().ok_or(CUT_OFF)
    }

    fn next(&mut self) -> Result<(), Problem> {
        self.peek()?;
        self.source.consume(1);
        Ok(())
    }
}

const CUT_OFF: Problem = Problem::Truncated { within: "an entry" };

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let length = into.len().min(1);
            self.0.read(&mut into[..length])
        }
    }

    fn all(text: &str, limit: usize) -> Result<Vec<String>, Problem> {
        let whole = read_from(text.as_bytes(), limit);
        let drops = read_from(Drops(text.as_bytes()), limit);
        assert_eq!(whole.as_ref().ok(), drops.as_ref().ok(), "{text}");
        whole
    }

    fn read_from(source: impl Read, limit: usize) -> Result<Vec<String>, Problem> {
        let mut elements = Elements::new(source, limit);
        let mut found = Vec::new();
        if !elements.find()? {
            return Ok(vec!["none".to_owned()]);
        }
        while let Some(element) = elements.next_element()? {
            found.push(match element {
                Element::Kept(bytes) => String::from_utf8(bytes).expect("text"),
                Element::TooLarge => "too large".to_owned(),
            });
        }
        Ok(found)
    }

    #[test]
    fn elements_come_as_they_stand_and_large_ones_are_passed_over() {
        let text = "\u{feff} {\"x\":{\"entries\":[0]},\"log\" : {\"a\":[1,{\"b\":\"}\\\"]\"}], \"entries\": [ {\"c\":\"]}\"} , 5,[\"\\\\\"],\"long string of words\", null ] , \"pages\":[]}}";
        assert_eq!(
            all(text, 12).expect("entries"),
            ["{\"c\":\"]}\"}", "5", "[\"\\\\\"]", "too large", "null"]
        );
    }

    #[test]
    fn what_is_no_har_has_no_entries_and_what_breaks_off_says_so() {
        for none in [
            "{}",
            "{\"log\":{}}",
            "{\"log\":[]}",
            "{\"log\":{\"entries\":{}}}",
        ] {
            assert_eq!(all(none, 100).expect("an object"), ["none"], "{none}");
        }
        let whole = "{\"log\":{\"entries\":[{\"a\":[1,\"b\"]},{}]}}";
        for end in 0..whole.len() - 2 {
            let cut = all(&whole[..end], 100);
            assert!(matches!(cut, Err(Problem::Truncated { .. })), "{end}");
        }
    }
}
