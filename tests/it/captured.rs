//! What was captured, read back.

use markhound::app::App;
use markhound::bodies::Bodies;
use markhound::scan::warc::FOLDER;

/// The bodies of a listing's captures, each checked against its SHA-256.
pub async fn bodies(app: &App, listing: i64) -> Vec<Vec<u8>> {
    let captures = app.store.captures_of_listing(listing).await.unwrap();
    let (records, originals) = app
        .store
        .warc_records_and_originals_of(listing)
        .await
        .unwrap();
    let bodies = Bodies {
        blobs: &app.blobs,
        folder: &app.data_dir.join(FOLDER),
        records: &records,
        originals: &originals,
    };
    let read = captures.iter().map(|capture| bodies.get(capture).unwrap());
    read.collect()
}
