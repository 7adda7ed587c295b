//! A page saved as HTML by a browser, SingleFile or a script.

use std::fs::{self, File};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::strtime;
use scraper::{Html, Selector};
use url::Url;

use super::{Each, ImportOptions, Reporter};
use crate::capture::error::Problem;
use crate::capture::exchange::Captured;

/// Where a page says its URL: near its beginning, in bytes.
const HEAD: usize = 512 * 1024;
/// Files read out of the folder beside a page.
const FILES: usize = 2_000;

/// The page as one exchange.
pub(super) fn import(
    bytes: Vec<u8>,
    name: &str,
    options: &ImportOptions,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    let mut report = Reporter::new(name, &options.limits, each);
    let head = head_text(&bytes);
    let single_file = single_file(&head);
    let url = options
        .url
        .clone()
        .or_else(|| saved_from(&head))
        .or_else(|| web_url(single_file.as_ref()?.0))
        .or_else(|| linked(&head));
    let at = single_file.and_then(|(_, date)| javascript_date(date?));
    let entry = url
        .ok_or(Problem::NoUrl)
        .map(|url| page(url, "text/html", bytes, at, name.to_owned()));
    report.entry(entry)
}

fn page(
    url: Url,
    media: &str,
    bytes: Vec<u8>,
    at: Option<Timestamp>,
    provenance: String,
) -> Captured {
    Captured {
        url,
        method: "GET".to_owned(),
        request_headers: Vec::new(),
        status: 200,
        reason: None,
        // Without a charset: the page itself, or its bytes, must say.
        headers: vec![("content-type".to_owned(), media.to_owned())],
        payload: Bytes::from(bytes),
        at,
        peer: None,
        provenance,
    }
}

/// The first part as text: UTF-16 by its byte order mark, else what ASCII there is.
fn head_text(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(HEAD)];
    let encoding = encoding_rs::Encoding::for_bom(head).map_or(encoding_rs::UTF_8, |(e, _)| e);
    encoding.decode(head).0.into_owned()
}

/// `<!-- saved from url=(0042)https://… -->`, the mark of Internet Explorer that
/// other browsers write too; the number is the URL's length.
fn saved_from(head: &str) -> Option<Url> {
    let after = head.split_once("saved from url=(")?.1;
    let url = after.split_once(')')?.1;
    web_url(url.split(|c: char| c.is_whitespace() || c == '>').next()?)
}

/// The lines `url:` and `saved date:` of SingleFile's comment.
fn single_file(head: &str) -> Option<(&str, Option<&str>)> {
    let comment = head.split_once("Page saved with SingleFile")?.1;
    let comment = comment
        .split_once("-->")
        .map_or(comment, |(comment, _)| comment);
    let line = |name: &str| {
        let mut lines = comment.lines().map(str::trim);
        lines
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    Some((line("url:")?, line("saved date:")))
}

/// `Mon Jan 01 2024 12:00:00 GMT+0100 (Central European Standard Time)`.
fn javascript_date(text: &str) -> Option<Timestamp> {
    let text = text.split(" (").next()?.trim();
    strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", text)
        .ok()?
        .to_timestamp()
        .ok()
}

/// What the page says its address is: its canonical link, or `og:url`.
fn linked(head: &str) -> Option<Url> {
    let html = Html::parse_document(head);
    let first = |selector: &str, attribute: &str| {
        let selector = Selector::parse(selector).ok()?;
        html.select(&selector)
            .find_map(|element| web_url(element.attr(attribute)?))
    };
    first("link[rel~=canonical]", "href").or_else(|| first("meta[property='og:url']", "content"))
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The files of the folder beside a saved page, under the URLs at which the
/// page names them: browsers write `./page_files/photo.jpg`.
pub(super) fn folder(
    path: &Path,
    page_url: &Url,
    options: &ImportOptions,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    let (Some(stem), Some(parent)) = (path.file_stem(), path.parent()) else {
        return ControlFlow::Continue(());
    };
    let stem = stem.to_string_lossy();
    for folder in [format!("{stem}_files"), format!("{stem}.files")] {
        let Ok(entries) = fs::read_dir(parent.join(&folder)) else {
            continue;
        };
        let mut names: Vec<_> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .take(FILES)
            .collect();
        names.sort();
        let mut report = Reporter::new(&folder, &options.limits, each);
        for name in names {
            let path = parent.join(&folder).join(&name);
            let Some(media) = media_type(&name).filter(|_| is_file(&path)) else {
                continue;
            };
            let Some(url) = beside(page_url, &folder, &name) else {
                continue;
            };
            let place = format!("{folder}/{name}");
            match read(&path, options.limits.record_bytes) {
                Ok(bytes) => report.entry(Ok(page(url, media, bytes, None, place)))?,
                Err(problem) => report.problem(place, problem)?,
            }
        }
    }
    ControlFlow::Continue(())
}

/// A file itself, not a link to one elsewhere.
fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        let (what, limit) = ("the file", limit as u64);
        return Err(Problem::TooLarge { what, limit });
    }
    Ok(bytes)
}

fn beside(page: &Url, folder: &str, name: &str) -> Option<Url> {
    let mut url = page.join(".").ok()?;
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .push(folder)
        .push(name);
    Some(url)
}

/// The media types a listing is shown with; anything else is no concern here.
fn media_type(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "jpg" | "jpeg" | "jfif" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "bmp" => "image/bmp",
        "json" => "application/json",
        _ => return None,
    })
}
