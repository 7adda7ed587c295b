//! One case with everything that is known about it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use super::Shared;
use super::cards::Card;
use super::failure::Failure;
use super::filter::Filter;
use super::listing::{self, Field};
use super::look::{self, Look};
use super::session::Viewer;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use crate::clock::Millis;
use crate::store::Store;
use crate::store::audit::AuditEvent;
use crate::store::cases::QueueFilter;
use crate::store::decisions::Decision;
use crate::store::listings::{Capture, ListingPicture, ListingRow};
use crate::store::notes::Note;
use crate::store::products::Product;
use crate::store::relistings::Relisting;
use crate::store::takedowns::{Notice, NoticeEvent};
use crate::takedown::next_states;
use crate::takedown::relisting::{self, Rung};

/// The most audit events a page shows.
const MAX_EVENTS: usize = 200;

#[derive(Template)]
#[template(path = "web/templates/case.html")]
struct CasePage {
    shell: Shell,
    /// The queue this case is looked at in.
    link: String,
    card: Card,
    product: Product,
    authorised: bool,
    pictures: Vec<ListingPicture>,
    /// Whether they show more than the comparison does.
    show_pictures: bool,
    fields: Vec<Field>,
    seller: Option<SellerHistory>,
    listing: ListingRow,
    first_seen: When,
    last_seen: When,
    captures: Vec<(Capture, When)>,
    decisions: Vec<(Decision, When)>,
    notices: Vec<NoticeView>,
    /// Kinds of right a notice can rest on.
    right_kinds: Vec<String>,
    /// Cases of removed listings that this one is come back from.
    came_from: Vec<Relisting>,
    /// Listings that came back of this one: their numbers and why.
    came_back: Vec<Relisting>,
    /// What was done about the seller before.
    rung: Option<Rung>,
    /// Channels a notice can go by.
    channels: Vec<String>,
    /// Today's date, the latest a step can have.
    today: String,
    events: Vec<(AuditEvent, When)>,
    previous: Option<i64>,
    next: Option<i64>,
    may_decide: bool,
    may_administer: bool,
    look: Look,
    /// How pictures are compared at first.
    mode: String,
    people: Vec<String>,
    notes: Vec<(Note, When)>,
    /// Open cases of its card, itself included.
    siblings: usize,
}

/// What became of the seller's other cases.
struct SellerHistory {
    confirmed: i64,
    rejected: i64,
    /// Since when the marketplace says they are there.
    since: Option<String>,
}

/// A notice with its dated steps.
struct NoticeView {
    notice: Notice,
    drafted: When,
    events: Vec<(NoticeEvent, When)>,
    /// What can be recorded next.
    next: &'static [&'static str],
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let app = viewer.app(&web);
    let store = &app.store;
    let now = web.app.clock.millis();
    let when = |at: Millis| When::new(at, now);
    let row = store.case(id).await?;
    let (order, wanted) = (filter.order(), filter.for_store(now));
    let cursor = (order.of(&row), row.id);
    let listing = store.listing(row.listing_id).await?;
    let captures = store.captures_of_listing(row.listing_id).await?;
    let decisions = store.decisions_of(id).await?;
    let mut events = store.audit_of(&format!("case {id}")).await?;
    events.reverse();
    events.truncate(MAX_EVENTS);
    let following = store.queue_by(&wanted, order, Some(cursor), 1).await?;
    let product = store.product_by_id(row.product_id).await?;
    let alike = QueueFilter {
        state: Some("open".to_owned()),
        removed: product.removed_at.is_some(),
        ..QueueFilter::default()
    };
    let siblings = store.card_marks(&row, &alike).await?.len();
    let look = Look::of(store, &viewer.name).await?;
    let people = store.deciders().await?;
    let notes = store.notes_of(id).await?;
    let shell = Shell::new(&web, viewer, "queue").await?;
    let seller = seller_history(store, &listing).await?;
    let may_decide = shell.viewer.may_decide();
    let pictures = store.listing_pictures(listing.id).await?;
    let mut right_kinds: Vec<String> = store
        .rights_of(product.id)
        .await?
        .into_iter()
        .map(|right| right.kind)
        .collect();
    right_kinds.sort_unstable();
    right_kinds.dedup();
    let rung = relisting::ladder(&app, &row)
        .await?
        .filter(|rung| rung.reported > 0);
    let card = Card::new(row, now);
    respond(&CasePage {
        may_administer: shell.viewer.may_manage(),
        shell: shell.saying(filter.did()),
        link: filter.link(),
        authorised: card.evidence.authorised_seller,
        show_pictures: pictures.len() > 1 || pictures.iter().any(|p| p.blob.is_none()),
        pictures,
        fields: listing::fields(&listing.data),
        seller,
        first_seen: when(listing.first_seen_at),
        last_seen: when(listing.last_seen_at),
        captures: captures
            .into_iter()
            .map(|capture| {
                let at = when(capture.fetched_at);
                (capture, at)
            })
            .collect(),
        decisions: decisions
            .into_iter()
            .rev()
            .map(|decision| {
                let at = when(decision.at);
                (decision, at)
            })
            .collect(),
        notices: notices(store, id, now).await?,
        right_kinds,
        came_from: store.relisting_of(listing.id).await?,
        came_back: store.relistings(id).await?,
        rung,
        channels: crate::takedown::channels(&web.app)
            .map(|channels| channels.iter().map(|c| c.id.clone()).collect())
            .unwrap_or_default(),
        today: now.timestamp().strftime("%Y-%m-%d").to_string(),
        events: events
            .into_iter()
            .map(|event| {
                let at = when(event.at);
                (event, at)
            })
            .collect(),
        previous: store.queue_before(&wanted, order, cursor).await?,
        mode: look.mode().to_owned(),
        look,
        people,
        notes: notes
            .into_iter()
            .map(|note| {
                let at = when(note.at);
                (note, at)
            })
            .collect(),
        siblings,
        next: following.first().map(|case| case.id),
        product,
        card,
        listing,
        may_decide,
    })
}

async fn seller_history(
    store: &Store,
    listing: &ListingRow,
) -> Result<Option<SellerHistory>, Failure> {
    let Some(seller) = &listing.seller else {
        return Ok(None);
    };
    let source = store.source(&listing.source).await?;
    let (confirmed, rejected) = store.seller_history(source.id, seller).await?;
    Ok(Some(SellerHistory {
        confirmed,
        rejected,
        since: listing.data.0["seller_since"].as_str().map(str::to_owned),
    }))
}

async fn notices(store: &Store, case: i64, now: Millis) -> Result<Vec<NoticeView>, Failure> {
    let mut events = store.notice_events_of(case).await?;
    let notices = store.notices_of(case).await?;
    Ok(notices
        .into_iter()
        .map(|notice| {
            let of_this = events.extract_if(.., |event| event.notice_id == notice.id);
            NoticeView {
                drafted: When::new(notice.created_at, now),
                next: next_states(&notice.state),
                events: of_this
                    .map(|event| {
                        let at = When::new(event.happened_at, now);
                        (event, at)
                    })
                    .collect(),
                notice,
            }
        })
        .collect())
}
