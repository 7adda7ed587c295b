//! Documents to print and file: the report and the form of a declaration, PDF/A-1b.

mod align;
mod declaration;
mod fonts;
mod layout;
mod report;
mod words;

use krilla::metadata::{DateTime, Metadata};

use super::dossier::Dossier;
use crate::blobs::sha256_hex;

pub(super) use declaration::declaration;
pub(super) use fonts::Fonts;
pub(super) use report::{Pictures, report};

/// The software, as documents name it.
const SOFTWARE: &str = concat!("Markhound ", env!("CARGO_PKG_VERSION"));

/// What a document says about itself: nothing that is not the same each time.
fn metadata(dossier: &Dossier, title: String, language: &str) -> Metadata {
    let at = dossier.exported_at.timestamp();
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let number = |value: i8| u8::try_from(value).unwrap_or(0);
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(number(at.month()))
        .day(number(at.day()))
        .hour(number(at.hour()))
        .minute(number(at.minute()))
        .second(number(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let case = &dossier.case;
    let id = format!(
        "{title}{}{}{}",
        case.id, case.evidence_hash, dossier.exported_at
    );
    Metadata::new()
        .title(title)
        .language(language.to_owned())
        .creator(SOFTWARE.to_owned())
        .creation_date(date)
        .document_id(sha256_hex(id.as_bytes()))
}
