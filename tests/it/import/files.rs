//! Pages and pictures of a practice marketplace, in every kind of file that can
//! be imported.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use markhound::app::App;
use markhound::blobs::sha256_hex;
use markhound_crawlers::capture::{FileInfo, HttpRecord, WarcWriter};
use serde_json::json;
use zip::write::SimpleFileOptions;

use crate::lab::{Lab, shared_practice};

/// When somebody visited the pages.
pub const VISIT: &str = "2026-11-20T09:30:00Z";

/// A page or a picture as somebody captured it.
#[derive(Clone)]
pub struct Shot {
    pub url: String,
    pub media: String,
    pub status: u16,
    pub body: Vec<u8>,
}

/// A page with its pictures, and what a scan made of it.
pub struct Visit {
    pub page: Shot,
    pub pictures: Vec<Shot>,
    pub item_id: String,
    pub row: markhound::store::listings::ListingRow,
}

/// The pages of one shop, and what a scan of that shop found.
pub struct Visited {
    pub visits: Vec<Visit>,
    /// By item, what [`outcome`] says of the scan.
    pub outcome: BTreeMap<String, String>,
}

/// A scan of Kaufwinkel, made once.
pub fn visited() -> &'static Visited {
    static VISITED: OnceLock<Visited> = OnceLock::new();
    VISITED.get_or_init(|| {
        let lab = Lab::new(shared_practice());
        lab.ok(&["scan", "--source", "kaufwinkel", "--json"]);
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async { visits(&lab.app().await).await })
        })
    })
}

async fn visits(app: &App) -> Visited {
    let mut visits = Vec::new();
    for (item_id, id) in app.store.item_ids("kaufwinkel").await.unwrap() {
        let row = app.store.listing(id).await.unwrap();
        let captures = app.store.captures_of_listing(id).await.unwrap();
        let bodies = crate::captured::bodies(app, id).await;
        let shots = captures.iter().zip(bodies).map(|(capture, body)| Shot {
            url: capture.url.clone(),
            media: match capture.kind.as_str() {
                "image" => "image/jpeg".to_owned(),
                _ => "text/html; charset=utf-8".to_owned(),
            },
            status: 200,
            body,
        });
        let (pictures, mut pages): (Vec<_>, Vec<_>) =
            shots.partition(|shot| shot.media == "image/jpeg");
        visits.push(Visit {
            page: pages.remove(0),
            pictures,
            item_id,
            row,
        });
    }
    Visited {
        visits,
        outcome: outcome(app, "kaufwinkel").await,
    }
}

/// What is known of a source's listings, by item: title, price, seller, the
/// pictures' bytes, and the cases.
pub async fn outcome(app: &App, source: &str) -> BTreeMap<String, String> {
    let mut outcome = BTreeMap::new();
    for (item, id) in app.store.item_ids(source).await.unwrap() {
        let row = app.store.listing(id).await.unwrap();
        let pictures = app.store.listing_pictures(id).await.unwrap();
        let blobs: Vec<_> = pictures.iter().map(|p| &p.blob).collect();
        let text = format!(
            "{} | {:?} {:?} | {:?} | {blobs:?}",
            row.title, row.price_amount, row.price_currency, row.seller
        );
        outcome.insert(item, text);
    }
    let filter = markhound::store::cases::QueueFilter {
        source: Some(source.to_owned()),
        ..Default::default()
    };
    for case in app.store.queue(&filter, None, 100_000).await.unwrap() {
        // Drawn by a key that each installation has for itself.
        if case.audit_rate.is_some() {
            continue;
        }
        let text = outcome.get_mut(&case.item_id).unwrap();
        write!(text, " | {} {:.6}", case.sku, case.score).unwrap();
    }
    outcome
}

fn at() -> Timestamp {
    VISIT.parse().unwrap()
}

pub fn shots<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> Vec<Shot> {
    let visits = visits.into_iter();
    visits
        .flat_map(|visit| std::iter::once(&visit.page).chain(&visit.pictures))
        .cloned()
        .collect()
}

pub fn warc(shots: &[Shot]) -> Vec<u8> {
    let info = FileInfo::new("visit.warc.gz", "test/1", at());
    let mut writer = WarcWriter::create(Vec::new(), &info).unwrap();
    for shot in shots {
        let url = shot.url.parse().unwrap();
        let mut record = HttpRecord::get(url, shot.status, shot.body.clone(), at());
        record.headers = vec![("Content-Type".to_owned(), shot.media.clone())];
        writer.write(&record, None, None).unwrap();
    }
    writer.into_inner()
}

pub fn wacz(shots: &[Shot]) -> Vec<u8> {
    const PATH: &str = "archive/data.warc.gz";
    let warc = warc(shots);
    let package = json!({ "profile": "data-package", "resources": [{ "name": "data", "path": PATH,
        "hash": format!("sha256:{}", sha256_hex(&warc)), "bytes": warc.len() }] });
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [
        (PATH, warc),
        ("datapackage.json", package.to_string().into_bytes()),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn har(shots: &[Shot]) -> Vec<u8> {
    let entries: Vec<_> = shots
        .iter()
        .map(|shot| {
            json!({ "startedDateTime": VISIT, "time": 3,
                "request": { "method": "GET", "url": shot.url,
                    "headers": [{ "name": "cookie", "value": "session=secret" }] },
                "response": { "status": shot.status, "statusText": "OK",
                    "headers": [{ "name": "Content-Type", "value": shot.media },
                        { "name": "Set-Cookie", "value": "session=secret" }],
                    "content": { "size": shot.body.len(), "mimeType": shot.media,
                        "text": STANDARD.encode(&shot.body), "encoding": "base64" } } })
        })
        .collect();
    json!({ "log": { "version": "1.2", "creator": {}, "entries": entries } })
        .to_string()
        .into_bytes()
}

pub fn mhtml(visit: &Visit) -> Vec<u8> {
    let mut text = format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: {}\r\nDate: Fri, 20 Nov 2026 09:30:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; boundary=\"XX\"\r\n\r\n",
        visit.page.url
    );
    for shot in shots([visit]) {
        let body = STANDARD.encode(&shot.body);
        write!(
            text,
            "--XX\r\nContent-Type: {}\r\nContent-Transfer-Encoding: base64\r\nContent-Location: {}\r\n\r\n{body}\r\n",
            shot.media, shot.url
        )
        .unwrap();
    }
    text.push_str("--XX--\r\n");
    text.into_bytes()
}

/// Writes a page as browsers do, its pictures in the folder beside it.
pub fn saved_page(folder: &Path, visit: &Visit) -> PathBuf {
    let path = folder.join(format!("{}.html", visit.item_id));
    let url = &visit.page.url;
    let mut page = format!("<!-- saved from url=({:04}){url} -->\n", url.len()).into_bytes();
    page.extend(&visit.page.body);
    std::fs::write(&path, page).unwrap();
    let files = folder.join(format!("{}_files", visit.item_id));
    std::fs::create_dir(&files).unwrap();
    for picture in &visit.pictures {
        let name = picture.url.rsplit('/').next().unwrap();
        std::fs::write(files.join(name), &picture.body).unwrap();
    }
    path
}

/// A spreadsheet's export: byte order mark, semicolons, decimal commas.
pub fn csv<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = "\u{feff}SKU;Link;Name;Price;Seller;Image URL;Colour\r\n".to_owned();
    for visit in visits {
        let row = &visit.row;
        let price = match (&row.price_amount, &row.price_currency) {
            (Some(amount), Some(currency)) => format!("{} {currency}", amount.replace('.', ",")),
            _ => String::new(),
        };
        let pictures: Vec<_> = visit.pictures.iter().map(|p| p.url.as_str()).collect();
        let cells = [
            &visit.item_id,
            &visit.page.url,
            &row.title,
            &price,
            row.seller.as_deref().unwrap_or_default(),
            &pictures.join("|"),
            "red",
        ];
        let cells: Vec<String> = cells.into_iter().map(quoted).collect();
        text.push_str(&cells.join(";"));
        text.push_str("\r\n");
    }
    text
}

/// A page of a small advertiser as a browser extension saves it in one file:
/// no data for machines, and every picture in the page itself.
pub fn page_in_one_file(url: &str, title: &str, photo: &[u8]) -> String {
    let small = STANDARD.encode([0x47; 90]);
    format!(
        "<!DOCTYPE html> <html lang=de><!--\n Page saved with SingleFile \n url: {url} \n saved date: Fri Nov 20 2026 10:30:00 GMT+0100 (Central European Standard Time)\n-->\
         <head><meta charset=utf-8><title>{title} | Flohmarkt</title><link rel=canonical href=\"{url}\"></head>\
         <body><img src=data:image/gif;base64,{small} alt=Flohmarkt><div class=anzeige><h1>{title}</h1>\
         <div class=bild><img class=gross src=\"data:image/jpeg;base64,{}\" alt=\"{title}\" width=640></div>\
         <p class=preis>45,00 € VB</p><p>Verkäufer: Jens K.</p>\
         <div class=beschreibung>Aus einer Haushaltsauflösung, an Selbstabholer abzugeben, nicht wie auf dem Bild.</div>\
         <button>Nachricht schreiben</button></div></body></html>",
        STANDARD.encode(photo)
    )
}
