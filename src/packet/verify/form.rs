//! The form of a packet's zip file, byte by byte: entries one after the other,
//! then their directory in the same order, then the end record, and in none of
//! the headers anything but what the exporter writes. So nothing can be hidden
//! where a program that unpacks does not look, and no header byte can be
//! changed unseen.
//!
//! Offsets are those of the ZIP format (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16).

use std::io::{Read, Seek, SeekFrom};

use super::super::MAX_FILES;

const LOCAL: usize = 30;
const CENTRAL: usize = 46;
const END: usize = 22;

/// The way a header must read for either method: version needed, flags, method.
const STORED: [u8; 6] = [10, 0, 0, 0, 0, 0];
const DEFLATED: [u8; 6] = [20, 0, 0, 0, 8, 0];
/// 1980-01-01 00:00:00, the date of every entry.
const DATE: [u8; 4] = [0, 0, 0x21, 0];
/// A plain file that its owner may write: rw-r--r--.
const ATTRIBUTES: [u8; 4] = [0, 0, 0xa4, 0x81];

/// Says in what the file is not such an archive; the first difference only,
/// because after it nothing is where it should be.
pub(super) fn fault(file: &mut (impl Read + Seek)) -> Option<String> {
    walk(file).unwrap_or_else(|why| Some(format!("the zip file cannot be read to its end: {why}")))
}

fn walk(file: &mut (impl Read + Seek)) -> std::io::Result<Option<String>> {
    let length = file.seek(SeekFrom::End(0))?;
    let Some(end_at) = length.checked_sub(END as u64) else {
        return Ok(Some("the file is too short for a zip file".to_owned()));
    };
    let end: [u8; END] = read_at(file, end_at)?;
    let files = usize::from(short(&end, 10));
    let directory = long(&end, 16);
    let plain = end.starts_with(b"PK\x05\x06\0\0\0\0")
        && end[8..10] == end[10..12]
        && end[20..] == [0, 0]
        && directory + long(&end, 12) == end_at
        && files <= MAX_FILES;
    if !plain {
        return Ok(Some(
            "the zip file does not end with the record that belongs there".to_owned(),
        ));
    }
    let (mut at, mut central_at) = (0, directory);
    for number in 1..=files {
        let central: [u8; CENTRAL] = read_at(file, central_at)?;
        let local: [u8; LOCAL] = read_at(file, at)?;
        let name_length = usize::from(short(&central, 28));
        let names = [
            bytes_at(file, central_at + CENTRAL as u64, name_length)?,
            bytes_at(file, at + LOCAL as u64, name_length)?,
        ];
        if !is_plain(&central, &local) || long(&central, 42) != at || names[0] != names[1] {
            return Ok(Some(format!(
                "the headers of file {number}, at bytes {at} and {central_at} of the zip file, are not as a packet's are"
            )));
        }
        at += (LOCAL + name_length) as u64 + long(&central, 20);
        central_at += (CENTRAL + name_length) as u64;
    }
    if at != directory || central_at != end_at {
        return Ok(Some(format!(
            "bytes {at} to {directory} or {central_at} to {end_at} of the zip file belong to no file"
        )));
    }
    Ok(None)
}

/// Whether both headers of an entry agree and hold nothing of their own.
fn is_plain(central: &[u8; CENTRAL], local: &[u8; LOCAL]) -> bool {
    let how = &central[6..12];
    central.starts_with(b"PK\x01\x02")
        && local.starts_with(b"PK\x03\x04")
        && (how == STORED || how == DEFLATED)
        // Made by the version that is needed, on a system with Unix permissions.
        && central[4..6] == [how[0], 3]
        && central[12..16] == DATE
        // Neither extra fields nor comment, first disk, no internal attributes.
        && central[30..38] == [0; 8]
        && central[38..42] == ATTRIBUTES
        // Version, flags, method, date, checksum, sizes and lengths once more.
        && local[4..] == central[6..32]
}

fn read_at<const N: usize>(file: &mut (impl Read + Seek), at: u64) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn bytes_at(file: &mut (impl Read + Seek), at: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(short(bytes, at)) | u64::from(short(bytes, at + 2)) << 16
}
