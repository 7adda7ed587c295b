//! OpenTimestamps: a calendar commits to the SHA-256 of a packet's signature, and
//! later to a block of Bitcoin. What it answers is kept as `.ots` file beside the
//! signature; `ots upgrade` and `ots verify` of the OpenTimestamps project go on from
//! there. Here it is read as far as to see that it is about this signature.

use sha2::{Digest as _, Sha256};

/// How a `.ots` file begins.
const MAGIC: &[u8] = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94";
/// Its version.
const VERSION: u8 = 1;
/// The operation SHA-256, which also says by what the file was hashed.
const SHA256: u8 = 0x08;
/// What follows is not the last.
const MORE: u8 = 0xff;
/// An attestation follows.
const ATTESTATION: u8 = 0x00;
/// The calendar has it and will commit to it.
const PENDING: [u8; 8] = [0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e];
/// A block of Bitcoin has it.
const BITCOIN: [u8; 8] = [0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01];
/// The longest argument or attestation, in bytes.
const MAX_BYTES: u64 = 8_192;
/// The deepest chain of operations.
const MAX_DEPTH: usize = 256;

/// Who commits to a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packet) enum Commitment {
    /// A calendar, at this address, that has not committed to a block yet.
    Pending(String),
    /// The Bitcoin block at this height, which must have this Merkle root (as the
    /// block's header has it, in hexadecimal); none where it could not be computed.
    Bitcoin(u64, Option<String>),
    /// Another kind.
    Other,
}

/// A `.ots` file about `data`, of what a calendar answered to its hash.
///
/// # Errors
/// In words, when the answer is no timestamp.
pub(super) fn file(data: &[u8], answer: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.push(SHA256);
    bytes.extend(Sha256::digest(data));
    bytes.extend(answer);
    check(&bytes, data)?;
    Ok(bytes)
}

/// Who commits to `data` by a `.ots` file.
///
/// # Errors
/// In words, when it is none, or about something else.
pub(in crate::packet) fn check(bytes: &[u8], data: &[u8]) -> Result<Vec<Commitment>, String> {
    // Beside the answer: what kind it is, and the hash it is about.
    if bytes.len() > super::MAX_TOKEN + MAGIC.len() + 34 {
        return Err("it is too large".to_owned());
    }
    let mut reader = Reader(bytes);
    if reader.take(MAGIC.len() as u64)? != MAGIC {
        return Err("it is no OpenTimestamps file".to_owned());
    }
    if reader.byte()? != VERSION || reader.byte()? != SHA256 {
        return Err("it is an OpenTimestamps file of another kind".to_owned());
    }
    let digest = Sha256::digest(data).to_vec();
    if reader.take(32)? != digest {
        return Err("it is about something else than this signature".to_owned());
    }
    let mut found = Vec::new();
    timestamp(&mut reader, Some(digest), 0, &mut found)?;
    if !reader.0.is_empty() {
        return Err("something stands behind its end".to_owned());
    }
    Ok(found)
}

/// What is committed to a message, which is none where an operation is not known here.
fn timestamp(
    reader: &mut Reader<'_>,
    message: Option<Vec<u8>>,
    depth: usize,
    found: &mut Vec<Commitment>,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err("its operations are nested too deeply".to_owned());
    }
    loop {
        let tag = reader.byte()?;
        let (tag, last) = match tag {
            MORE => (reader.byte()?, false),
            tag => (tag, true),
        };
        if tag == ATTESTATION {
            found.push(attestation(reader, message.as_deref())?);
        } else {
            let done = operation(reader, tag, message.clone())?;
            timestamp(reader, done, depth + 1, found)?;
        }
        if last {
            return Ok(());
        }
    }
}

fn attestation(reader: &mut Reader<'_>, message: Option<&[u8]>) -> Result<Commitment, String> {
    let kind = reader.take(8)?;
    let mut payload = Reader(reader.bytes()?);
    Ok(if kind == PENDING {
        Commitment::Pending(String::from_utf8_lossy(payload.bytes()?).into_owned())
    } else if kind == BITCOIN {
        let height = payload.number()?;
        let root = message.filter(|message| message.len() == 32);
        // Headers are shown with their bytes turned round.
        let root = root.map(|root| hex::encode(root.iter().rev().copied().collect::<Vec<u8>>()));
        Commitment::Bitcoin(height, root)
    } else {
        Commitment::Other
    })
}

fn operation(
    reader: &mut Reader<'_>,
    tag: u8,
    message: Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, String> {
    const APPEND: u8 = 0xf0;
    const PREPEND: u8 = 0xf1;
    Ok(match tag {
        APPEND => {
            let more = reader.bytes()?;
            message.map(|message| [&message[..], more].concat())
        }
        PREPEND => {
            let more = reader.bytes()?;
            message.map(|message| [more, &message[..]].concat())
        }
        SHA256 => message.map(|message| Sha256::digest(message).to_vec()),
        // SHA-1, RIPEMD-160, Keccak-256, turned round, in hexadecimal: none is in use.
        0x02 | 0x03 | 0x67 | 0xf2 | 0xf3 => None,
        other => {
            return Err(format!(
                "it has an operation that is not known, {other:#04x}"
            ));
        }
    }
    .filter(|message| message.len() as u64 <= MAX_BYTES))
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], String> {
        let short = || "it ends too early".to_owned();
        let count = usize::try_from(count).map_err(|_| short())?;
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    /// A number in groups of seven bits, the lowest first.
    fn number(&mut self) -> Result<u64, String> {
        let mut number = 0_u64;
        for place in 0..9 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("it holds a number that is too large".to_owned())
    }

    /// Bytes after their number.
    fn bytes(&mut self) -> Result<&'a [u8], String> {
        let count = self.number()?;
        if count > MAX_BYTES {
            return Err("a part of it is too long".to_owned());
        }
        self.take(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appends two bytes, hashes, and forks: a calendar, and a block.
    fn answer() -> Vec<u8> {
        let mut answer = vec![0xf0, 2, 7, 9, SHA256, MORE, ATTESTATION];
        answer.extend(PENDING);
        answer.extend([6, 5]);
        answer.extend(b"a.org");
        answer.push(ATTESTATION);
        answer.extend(BITCOIN);
        answer.extend([3, 0xc0, 0x84, 0x3d]);
        answer
    }

    #[test]
    fn who_commits_is_read_and_what_is_about_something_else_is_refused() {
        let made = file(b"signature", &answer()).unwrap();
        let mut message = Sha256::digest(b"signature").to_vec();
        message.extend([7, 9]);
        let mut root = Sha256::digest(message).to_vec();
        root.reverse();
        assert_eq!(
            check(&made, b"signature").unwrap(),
            [
                Commitment::Pending("a.org".to_owned()),
                Commitment::Bitcoin(1_000_000, Some(hex::encode(root))),
            ]
        );
        let other = check(&made, b"another signature").unwrap_err();
        assert!(other.contains("something else"), "{other}");
    }

    #[test]
    fn cut_off_and_hostile_files_are_refused_without_a_panic() {
        let made = file(b"signature", &answer()).unwrap();
        for end in 0..made.len() {
            assert!(check(&made[..end], b"signature").is_err(), "{end}");
        }
        for at in 0..made.len() {
            for bit in 0..8 {
                let mut flipped = made.clone();
                flipped[at] ^= 1 << bit;
                let _ = check(&flipped, b"signature");
            }
        }
        let deep = vec![SHA256; 2_000];
        assert!(file(b"signature", &deep).unwrap_err().contains("deeply"));
        let large = vec![SHA256; super::super::MAX_TOKEN + 1];
        assert!(file(b"signature", &large).unwrap_err().contains("large"));
        let mut longer = made;
        longer.push(0);
        assert!(check(&longer, b"signature").is_err());
    }
}
