//! The unpacked bytes of a WARC file: plain, one gzip member a record, or all
//! of it in one, as a stream that knows where each member begins.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
const BUFFER: usize = 64 * 1024;

/// Unpacks as it goes; holds one buffer and gzip's window.
pub(super) struct Stream<R> {
    layer: Option<Layer<Counted<R>>>,
    buffer: Vec<u8>,
    at: usize,
    /// The packed position at which the current member began.
    member: u64,
    /// How much of the current member was unpacked.
    unpacked: u64,
    /// How much may still be unpacked.
    left: u64,
    /// An error that was met when looking ahead.
    failed: Option<io::Error>,
}

enum Layer<R> {
    Plain(R),
    Gzip(Box<GzDecoder<R>>),
}

impl<R> Layer<R> {
    fn is_gzip(&self) -> bool {
        matches!(self, Self::Gzip(_))
    }
}

impl<R: Read> Stream<R> {
    pub(super) fn new(input: R, limit: u64) -> io::Result<Self> {
        let mut input = Counted::new(input);
        let layer = if input.starts_with(&GZIP[..2])? {
            Layer::Gzip(Box::new(GzDecoder::new(input)))
        } else {
            Layer::Plain(input)
        };
        Ok(Self {
            layer: Some(layer),
            buffer: Vec::new(),
            at: 0,
            member: 0,
            unpacked: 0,
            left: limit,
            failed: None,
        })
    }

    /// Whether more was unpacked than is allowed; reading then ends as if the
    /// file did.
    pub(super) fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    /// Where the next byte lies: the member it is in, and how far into it once
    /// unpacked. In a plain file the first is the place and the second 0.
    pub(super) fn position(&mut self) -> (u64, u64) {
        // The next byte may be the first of the next member.
        if let Err(error) = self.fill_buf().map(|_| ()) {
            self.failed = Some(error);
        }
        let within = self.unpacked - (self.buffer.len() - self.at) as u64;
        match self.layer {
            Some(Layer::Plain(_)) => (within, 0),
            _ => (self.member, within),
        }
    }

    /// Passes over line ends, and where the member ends with them, over its
    /// checksum: an error here belongs to the record before.
    pub(super) fn end_record(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.buffer[self.at..];
            let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
            self.at += ends.count();
            if self.at < self.buffer.len() || self.fill()? == 0 {
                return Ok(());
            }
        }
    }

    /// Goes to the next line that begins with `start`; false at the end.
    pub(super) fn skip_to_line(&mut self, start: &[u8]) -> io::Result<bool> {
        loop {
            if self.peek(start.len())?.starts_with(start) {
                return Ok(true);
            }
            let mut ended = false;
            while !ended {
                let available = self.fill_buf()?;
                if available.is_empty() {
                    return Ok(false);
                }
                let end = memchr::memchr(b'\n', available);
                let length = end.map_or(available.len(), |at| at + 1);
                ended = end.is_some();
                self.consume(length);
            }
        }
    }

    /// The next bytes, at least `length` unless the member ends before.
    fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        self.fill_buf()?;
        while self.buffer.len() - self.at < length {
            if self.fill()? == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.at..])
    }

    /// Leaves a broken gzip member and goes to the next one; false at the end.
    pub(super) fn next_member(&mut self) -> io::Result<bool> {
        self.drop_buffer();
        let Some(Layer::Gzip(decoder)) = self.layer.take_if(|layer| layer.is_gzip()) else {
            return Ok(false);
        };
        let mut input = decoder.into_inner();
        let found = input.skip_to(GZIP)?;
        if found {
            self.begin(input);
        }
        Ok(found)
    }

    /// Unpacks more of this member behind what the buffer still holds; 0 at
    /// the member's end, or at the limit.
    fn fill(&mut self) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let begin = self.buffer.len();
        let size = BUFFER.min(usize::try_from(self.left).unwrap_or(BUFFER));
        self.buffer.resize(begin + size, 0);
        let read = loop {
            let out = &mut self.buffer[begin..];
            let read = match &mut self.layer {
                None => Ok(0),
                Some(Layer::Plain(input)) => input.read(out),
                Some(Layer::Gzip(decoder)) => decoder.read(out),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = *read.as_ref().unwrap_or(&0);
        self.buffer.truncate(begin + length);
        self.unpacked += length as u64;
        self.left -= length as u64;
        read
    }

    fn begin(&mut self, input: Counted<R>) {
        self.member = input.position;
        self.unpacked = 0;
        self.layer = Some(Layer::Gzip(Box::new(GzDecoder::new(input))));
    }

    fn drop_buffer(&mut self) {
        self.buffer.clear();
        self.at = 0;
    }

    /// Goes from the end of a member to the next; false at the end of the file.
    fn follow(&mut self) -> io::Result<bool> {
        let Some(Layer::Gzip(decoder)) = self.layer.take_if(|layer| layer.is_gzip()) else {
            return Ok(false);
        };
        let mut input = decoder.into_inner();
        // Some programs fill the end of a file with zeros.
        let more = input.skip_zeros()?;
        if more {
            self.begin(input);
        }
        Ok(more)
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Stream<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.buffer.len() && self.left > 0 {
            if self.fill()? == 0 && !self.follow()? {
                break;
            }
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.buffer.len());
    }
}

/// Input that counts what was taken from it, and takes up to three bytes back.
struct Counted<R> {
    input: BufReader<R>,
    returned: Vec<u8>,
    position: u64,
}

impl<R: Read> Counted<R> {
    fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(BUFFER, input),
            returned: Vec::new(),
            position: 0,
        }
    }

    fn starts_with(&mut self, magic: &[u8]) -> io::Result<bool> {
        let mut first = vec![0; magic.len()];
        let mut read = 0;
        while read < first.len() {
            match self.read(&mut first[read..])? {
                0 => break,
                more => read += more,
            }
        }
        first.truncate(read);
        let same = first == magic;
        self.give_back(first);
        Ok(same)
    }

    fn give_back(&mut self, mut bytes: Vec<u8>) {
        self.position -= bytes.len() as u64;
        bytes.append(&mut self.returned);
        self.returned = bytes;
    }

    fn skip_zeros(&mut self) -> io::Result<bool> {
        loop {
            let available = self.fill_buf()?;
            if available.is_empty() {
                return Ok(false);
            }
            let zeros = available.iter().take_while(|byte| **byte == 0).count();
            let all = zeros == available.len();
            self.consume(zeros);
            if !all {
                return Ok(true);
            }
        }
    }

    /// Goes on to where `magic` begins; false if there is none.
    fn skip_to(&mut self, magic: [u8; 3]) -> io::Result<bool> {
        let mut last = [0; 3];
        let mut byte = [0];
        while self.read(&mut byte)? == 1 {
            last = [last[1], last[2], byte[0]];
            if last == magic {
                self.give_back(magic.to_vec());
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.returned.is_empty() {
            self.input.fill_buf()
        } else {
            Ok(&self.returned)
        }
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount as u64;
        if self.returned.is_empty() {
            self.input.consume(amount);
        } else {
            self.returned.drain(..amount);
        }
    }
}
