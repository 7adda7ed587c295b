//! Timestamps by RFC 3161: an authority that knows nothing of a packet signs that
//! its signature existed at a time. Any number of authorities can be asked; one that
//! cannot be reached or refuses is asked again later ([`retry`]), and what it answers
//! then is put beside the others ([`attach`]). Calendars of OpenTimestamps can be asked
//! beside them.

mod ask;
mod leftovers;
pub(super) mod ots;
mod queue;
mod token;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::bag::{self, OTS, STAMP};
use super::{PacketError, wacz};
use crate::app::App;
use crate::blobs::sha256_hex;

pub use queue::{Attempt, attach, keep_asking, retry};
pub use token::{Stamp, check};

pub(super) use ask::Authorities;
pub(super) use leftovers::sweep;
pub(super) use queue::{Recorded, record};

/// The largest token taken, in bytes: 64 KiB.
pub(super) const MAX_TOKEN: usize = 64 << 10;

/// What the name of a calendar begins with where it stands among authorities.
pub(super) const CALENDAR: &str = "opentimestamps:";

/// What the name begins with under which the signature of a packet's web archive is
/// recorded that no authority would timestamp: the hash follows that is to be signed.
pub(super) const ARCHIVE: &str = "wacz:";

/// What the token of an authority, or what a calendar gave, is called in a packet:
/// letters of its host and a hash of its address.
#[must_use]
pub(super) fn file_name(authority: &str) -> String {
    if authority.starts_with(ARCHIVE) {
        return wacz::LATE.to_owned();
    }
    let (address, ending) = match authority.strip_prefix(CALENDAR) {
        Some(address) => (address, OTS),
        None => (authority, STAMP),
    };
    let host = url::Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let plain: String = host
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    let plain = plain.trim_matches('-');
    let plain = if plain.is_empty() { "authority" } else { plain };
    format!("{plain}-{}{ending}", &sha256_hex(address.as_bytes())[..8])
}

/// The certificates of the authorities that the configuration trusts.
///
/// # Errors
/// When a file cannot be read or holds none.
pub fn configured_anchors(app: &App) -> Result<Vec<CertificateDer<'static>>, PacketError> {
    let mut anchors = Vec::new();
    for path in &app.config.packet.timestamp_ca {
        anchors.extend(read_certificates(path)?);
    }
    Ok(anchors)
}

/// The certificates of a PEM file.
///
/// # Errors
/// When it cannot be read or holds none.
pub fn read_certificates(
    path: &std::path::Path,
) -> Result<Vec<CertificateDer<'static>>, PacketError> {
    let wrong = |why: String| PacketError::Certificates {
        path: path.to_owned(),
        why,
    };
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate in PEM form".to_owned()));
    }
    Ok(found)
}
