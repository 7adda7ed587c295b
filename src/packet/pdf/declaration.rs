//! A form for a qualified person to complete and sign: 28 U.S.C. § 1746, for records
//! of an electronic process and data copied from one (Fed. R. Evid. 902(13), 902(14)).
//!
//! It states what the program can know, as facts, and leaves the rest blank. It draws
//! no conclusion of law, and it is in English alone, as what it refers to is.

use super::metadata;
use crate::packet::PacketError;
use crate::packet::bag::Written;
use crate::packet::dossier::Dossier;
use crate::packet::report;
use crate::print::{Fonts, Pages, SOFTWARE, Style};

/// Sets the form. `key` is the SHA-256 of the public key that signs the packet.
///
/// # Errors
/// When the document cannot be written.
pub(in crate::packet) fn declaration(
    dossier: &Dossier,
    files: &[Written],
    key: &str,
    fonts: Fonts,
) -> Result<Vec<u8>, PacketError> {
    let case = &dossier.case;
    let mut pages = Pages::new(fonts);
    pages.space(8.0);
    pages.text("Declaration of a qualified person", Style::TITLE);
    pages.text(
        "Form for a declaration under 28 U.S.C. § 1746, for use with Fed. R. Evid. 902(13) and 902(14). To be read, corrected where it does not apply, completed and signed by a person with knowledge of the process. Whatever that person cannot state must be struck out. This form states facts only and draws no conclusion of law.",
        Style::SOFT,
    );
    pages.heading("Who declares");
    pages.blank("Name");
    pages.blank("Position and employer");
    pages.blank("How I know the process described here (training, duties, experience)");

    pages.heading("The records");
    for line in records(dossier) {
        pages.text(&line, Style::BODY);
        pages.space(4.0);
    }
    let pick = |name: &str| files.iter().find(|file| file.path == name);
    let named = [
        "packet.json",
        "listing.json",
        "evidence.json",
        "custody.jsonl",
        "captures.wacz",
        "report.html",
        "report.pdf",
    ];
    let mut rows: Vec<Vec<String>> = named
        .iter()
        .filter_map(|name| pick(name))
        .map(|file| vec![format!("data/{}", file.path), file.sha256.clone()])
        .collect();
    let pictures = files
        .iter()
        .filter(|file| file.path.starts_with("pictures/") || file.path.starts_with("references/"));
    rows.extend(pictures.map(|file| vec![format!("data/{}", file.path), file.sha256.clone()]));
    pages.table(&[0.44, 0.56], &["File", "SHA-256"], &rows, Style::SMALL);
    pages.text(
        &format!(
            "manifest-sha256.txt lists the SHA-256 of every file under data/, this form included; tagmanifest-sha256.txt lists that of the manifest and is signed with the Ed25519 key whose public part has the SHA-256 {key}."
        ),
        Style::BODY,
    );

    pages.heading("The process");
    for line in [
        origin(dossier),
        "Each action on the case is written to a log in which every entry carries the SHA-256 of the entry before it. The entries of this case are in data/custody.jsonl.".to_owned(),
        "When the packet was written, the program read each captured body and compared its SHA-256 with the one recorded at capture; where one differs, no packet is written.".to_owned(),
        format!("The score shown in the report ({}) was computed by the statistical model “{}”. It is an estimate, and the reasons and weights it consists of are in data/evidence.json.", report::score(dossier), case.model),
        "Times are those of the clock of the machine on which the program ran, in UTC. Where the packet holds files signature/*.tsr, these are timestamps under RFC 3161 by the authorities they name.".to_owned(),
    ] {
        pages.text(&line, Style::BODY);
        pages.space(4.0);
    }
    pages.heading("What I did");
    pages.tick("I, or a person under my supervision, operated the program on the machine and in the period given above.");
    pages.tick("The program ran as part of a regularly conducted activity, and to my knowledge it worked properly at that time. Exceptions:");
    pages.blank("Exceptions, or “none”");
    pages.tick("I compared the SHA-256 of the files named above with those in the manifest and found them equal, on the date below, with the program:");
    pages.blank("Program used for comparing, and date");
    pages.tick("Other facts:");
    pages.blank("");
    pages.blank("");

    pages.heading("Declaration");
    pages.tick("Executed within the United States, its territories, possessions, or commonwealths: I declare under penalty of perjury that the foregoing is true and correct.");
    pages.tick("Executed outside the United States: I declare under penalty of perjury under the laws of the United States of America that the foregoing is true and correct.");
    pages.blank("Executed on (date)");
    pages.blank("At (place)");
    pages.blank("Signature");

    let header = format!(
        "Case {} · {} {} · {}",
        case.id, case.brand, case.product, case.source
    );
    let footer = format!(
        "{SOFTWARE} · {} · form, not signed by this program",
        dossier.exported_at
    );
    let title = format!("Declaration of a qualified person (form): case {}", case.id);
    let metadata = metadata(dossier, title, "en");
    Ok(pages.finish(&header, &footer, "Page {n} of {of}", metadata)?)
}

/// Where the captures come from.
fn origin(dossier: &Dossier) -> String {
    let how = match dossier.warc.is_empty() {
        false => {
            "For every address it requests, the program writes the request and the answer as received into a WARC file, computes the SHA-256 of each, and only then reads values out of the answer."
        }
        true => {
            "The program did not request the captured answers itself: it read them from a file that was imported. Who made that file, and how, is to be stated below. When reading it, the program computed the SHA-256 of each answer before it read values out of it."
        }
    };
    format!(
        "The records were made by the program {SOFTWARE}. {how} A capture is never changed afterwards."
    )
}

/// What the records are of.
fn records(dossier: &Dossier) -> Vec<String> {
    let case = &dossier.case;
    let mut lines = vec![format!(
        "The records concern the listing with the number {} on {}, at the address {}, titled “{}”{}.",
        case.item_id,
        case.source,
        case.url,
        case.title,
        case.seller
            .as_deref()
            .map_or_else(String::new, |seller| format!(", offered by “{seller}”")),
    )];
    let times = dossier.captures.iter().map(|capture| capture.fetched_at);
    if let (Some(first), Some(last)) = (times.clone().min(), times.max()) {
        lines.push(format!(
            "They consist of {} answers of web servers, requested between {first} and {last} (UTC), and of what was derived from them.",
            dossier.captures.len()
        ));
    }
    lines.push(format!(
        "They were exported on {} (UTC) as case {} in the packet this form is part of.",
        dossier.exported_at, case.id
    ));
    lines
}
