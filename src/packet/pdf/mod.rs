//! Documents to print and file: the report and the form of a declaration, PDF/A-1b.

mod align;
mod declaration;
mod ready;
mod report;

use krilla::metadata::Metadata;

use super::dossier::Dossier;
use crate::print;

pub(super) use declaration::declaration;
pub(super) use ready::Remembered;
pub(super) use report::{Pictures, Screenshot, report};

/// What a document about a case says about itself.
fn metadata(dossier: &Dossier, title: String, language: &str) -> Metadata {
    let case = &dossier.case;
    let about = format!("{}{}", case.id, case.evidence_hash);
    print::metadata(title, language, dossier.exported_at, &about)
}
