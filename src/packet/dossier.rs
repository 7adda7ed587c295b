//! Everything the database knows about a case.

use crate::app::App;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::audit::AuditEvent;
use crate::store::captures::StoredRecords;
use crate::store::cases::CaseRow;
use crate::store::decisions::Decision;
use crate::store::listings::{Capture, ListingPicture, ListingRow};
use crate::store::products::{Product, ReferencePhoto, RightRow};
use crate::store::takedowns::{Notice, NoticeEvent};

/// What a packet is made from, beside the blobs.
#[derive(Debug, Clone)]
pub(super) struct Dossier {
    pub exported_at: Millis,
    pub case: CaseRow,
    pub product: Product,
    pub rights: Vec<RightRow>,
    pub references: Vec<ReferencePhoto>,
    pub listing: ListingRow,
    pub pictures: Vec<ListingPicture>,
    pub captures: Vec<Capture>,
    /// Where the WARC records of the captures stand.
    pub warc: Vec<StoredRecords>,
    /// Captures that had one of these payloads before: revisits refer to them.
    pub originals: Vec<StoredRecords>,
    pub decisions: Vec<Decision>,
    pub notices: Vec<Notice>,
    pub notice_events: Vec<NoticeEvent>,
    pub custody: Vec<AuditEvent>,
}

/// The subject of a case's audit events.
pub(super) fn subject(case_id: i64) -> String {
    format!("case {case_id}")
}

impl Dossier {
    /// Reads a case's records. The audit log is read last, so that it knows of
    /// everything read before it.
    pub async fn load(app: &App, case_id: i64) -> Result<Self, StoreError> {
        let store = &app.store;
        // First: what happens from now on may be lacking here.
        let exported_at = app.clock.millis();
        let case = store.case(case_id).await?;
        let (product_id, listing_id) = (case.product_id, case.listing_id);
        let (warc, originals) = store.warc_records_and_originals_of(listing_id).await?;
        Ok(Self {
            exported_at,
            product: store.product_by_id(product_id).await?,
            rights: store.rights_of(product_id).await?,
            references: store.reference_photos_of(product_id).await?,
            listing: store.listing(listing_id).await?,
            pictures: store.listing_pictures(listing_id).await?,
            captures: store.captures_of_listing(listing_id).await?,
            warc,
            originals,
            decisions: store.decisions_of(case_id).await?,
            notices: store.notices_of(case_id).await?,
            notice_events: store.notice_events_of(case_id).await?,
            custody: store.audit_of(&subject(case_id)).await?,
            case,
        })
    }
}
