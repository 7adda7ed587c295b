//! WACZ (Web Archive Collection Zipped 1.1.1): WARC files in a ZIP, with their
//! digests in `datapackage.json`.

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek};
use std::ops::ControlFlow;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::{Each, Reporter, warc};
use crate::capture::error::{CaptureError, Problem, malformed};
use crate::capture::limits::CaptureLimits;

/// `datapackage.json` and `datapackage-digest.json` are at most this large.
const PACKAGE_BYTES: u64 = 4 << 20;

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    path: String,
    hash: Option<String>,
}

/// The files of `archive/` in the order of the ZIP file. One whose digest is
/// not the stated one is reported and not read.
pub(super) fn import<S: Read + Seek>(
    source: S,
    name: &str,
    limits: &CaptureLimits,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, CaptureError> {
    let failed = |text: String| CaptureError::new(name, malformed(text));
    let mut zip = ZipArchive::new(BufReader::new(source))
        .map_err(|error| failed(format!("the ZIP file cannot be read: {error}")))?;
    if zip.len() > limits.entries {
        let (what, limit) = ("files in the ZIP file", limits.entries);
        return Err(CaptureError::new(name, Problem::TooMany { what, limit }));
    }
    if zip.has_overlapping_files().unwrap_or(true) {
        return Err(failed(
            "files in the ZIP file overlap, as in a ZIP bomb".into(),
        ));
    }
    let mut report = Reporter::new(name, limits, each);
    Ok(read(&mut zip, &mut report))
}

fn read<S: Read + Seek>(zip: &mut ZipArchive<S>, report: &mut Reporter<'_, '_>) -> ControlFlow<()> {
    let name = report.name;
    let digests = match digests(zip) {
        Ok(digests) => Some(digests),
        Err(problem) => {
            report.problem(format!("{name}!datapackage.json"), problem)?;
            None
        }
    };
    let mut found = 0;
    let limit = report.limits.file_bytes;
    let mut left = limit;
    for index in 0..zip.len() {
        let (path, checked) = match zip.by_index(index) {
            Err(error) => (format!("file {index}"), Err(malformed(error.to_string()))),
            Ok(file) => {
                let path = String::from_utf8_lossy(file.name_raw()).into_owned();
                if !is_warc(&path) {
                    continue;
                }
                let checked = check(file, &path, digests.as_ref(), limit, &mut left);
                (path, checked)
            }
        };
        found += 1;
        let place = format!("{name}!{}", path.escape_default());
        if let Err(problem) = checked {
            report.problem(place, problem)?;
            continue;
        }
        let read = match zip.by_index(index) {
            Ok(file) => warc(file, &place, report.limits, report.each),
            Err(error) => Err(CaptureError::new(&*place, malformed(error.to_string()))),
        };
        match read {
            Ok(flow) => flow?,
            Err(error) => report.problem(error.place, error.problem)?,
        }
    }
    if found == 0 {
        let problem = malformed("there is no WARC file in archive/: it is no WACZ");
        report.problem(name.to_owned(), problem)?;
    }
    ControlFlow::Continue(())
}

fn is_warc(path: &str) -> bool {
    let lower = path.to_ascii_lowercase().replace('\\', "/");
    lower.ends_with(".warc.gz") || lower.ends_with(".warc")
}

/// Whether a file may be read: its path is plain, its size within what is left,
/// and its digest the stated one.
fn check<R: Read>(
    mut file: ZipFile<'_, R>,
    path: &str,
    digests: Option<&HashMap<String, Option<String>>>,
    limit: u64,
    left: &mut u64,
) -> Result<(), Problem> {
    let plain = path.starts_with("archive/")
        && !path.contains(['\\', '\0', ':'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !plain || file.is_symlink() || file.encrypted() {
        return Err(malformed(
            "its path leads out of archive/, or it is a link or encrypted: it is not read",
        ));
    }
    let stated = match digests {
        None => None,
        Some(digests) => digests
            .get(path)
            .ok_or_else(|| {
                malformed("datapackage.json does not list it: it was added later, and is not read")
            })?
            .as_ref(),
    };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        *left = left.checked_sub(read as u64).ok_or(Problem::TooLarge {
            what: "what the ZIP file holds",
            limit,
        })?;
        hash.update(&buffer[..read]);
    }
    match stated {
        Some(stated) if !is_digest(stated, &hex::encode(hash.finalize())) => Err(Problem::Digest {
            stated: stated.chars().take(100).collect(),
        }),
        _ => Ok(()),
    }
}

fn is_digest(stated: &str, sha256: &str) -> bool {
    let value = stated.strip_prefix("sha256:").unwrap_or(stated);
    value.eq_ignore_ascii_case(sha256)
}

/// The digests of `datapackage.json`, by path.
fn digests<S: Read + Seek>(
    zip: &mut ZipArchive<S>,
) -> Result<HashMap<String, Option<String>>, Problem> {
    let package = small_file(zip, "datapackage.json")?
        .ok_or_else(|| malformed("it is missing: the digests of the files are not known"))?;
    if let Some(digest) = small_file(zip, "datapackage-digest.json")? {
        #[derive(Deserialize)]
        struct Stated {
            hash: String,
        }
        let stated: Stated = serde_json::from_slice(&digest)
            .map_err(|error| malformed(format!("datapackage-digest.json: {error}")))?;
        if !is_digest(&stated.hash, &hex::encode(Sha256::digest(&package))) {
            let stated = stated.hash.chars().take(100).collect();
            return Err(Problem::Digest { stated });
        }
    }
    let package: Package =
        serde_json::from_slice(&package).map_err(|error| malformed(error.to_string()))?;
    Ok(package
        .resources
        .into_iter()
        .map(|r| (r.path, r.hash))
        .collect())
}

fn small_file<S: Read + Seek>(
    zip: &mut ZipArchive<S>,
    path: &str,
) -> Result<Option<Vec<u8>>, Problem> {
    let Some(index) = zip.index_for_name(path) else {
        return Ok(None);
    };
    let file = zip
        .by_index(index)
        .map_err(|error| malformed(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(PACKAGE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > PACKAGE_BYTES {
        let (what, limit) = ("a file of the package's description", PACKAGE_BYTES);
        return Err(Problem::TooLarge { what, limit });
    }
    Ok(Some(bytes))
}
