//! The protected catalog: the list of products, and a product's page.

mod edit;
mod list;
mod photos;
mod remove;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;

use super::failure::Failure;
use super::session::Viewer;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::catalog::references::SetAside;
use crate::clock::Millis;
use crate::store::products::{Product, ReferencePhoto, RightRow};

pub(super) use edit::{change, create, failure, form, new, take_back};
pub(super) use list::{page, sheet};
pub(super) use photos::{MOST_BYTES, MOST_FORM, add, matching, remove, upload};
pub(super) use remove::{confirm_removal, remove_product, restore};

/// Changes of a product that its page lists.
const MOST_CHANGES: usize = 30;
/// Days before its expiry from which a right is warned of.
const SOON_DAYS: i32 = 180;

#[derive(Template)]
#[template(path = "web/templates/product.html")]
struct ProductPage {
    shell: Shell,
    entry: Entry,
    photos: Vec<Photo>,
    changes: Vec<edit::Change>,
    /// When it was removed from the catalog.
    removed: Option<When>,
    may_administer: bool,
    said: Option<&'static str>,
    /// What is wrong with what was sent.
    problems: Vec<String>,
}

/// A reference photo, and why listings are not held against it.
struct Photo {
    photo: ReferencePhoto,
    /// `auto`, `always` or `never`.
    matching: &'static str,
    set_aside: Option<SetAside>,
}

/// A product as the list shows it.
struct Entry {
    product: Product,
    address: String,
    photo: Option<String>,
    price: Option<String>,
    rights: Vec<RightView>,
    undecided: i64,
}

/// A right, and whether it still holds.
struct RightView {
    right: RightRow,
    kind: String,
    expiry: Expiry,
}

/// How a right's end stands to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expiry {
    Far,
    /// Within [`SOON_DAYS`]: days left.
    Soon(i32),
    Past,
    /// None given.
    Open,
}

impl RightView {
    fn new(right: RightRow, now: Millis) -> Self {
        Self {
            kind: show::words(&right.kind),
            expiry: expiry(right.expiry.as_deref(), now),
            right,
        }
    }

    fn warns(&self) -> bool {
        matches!(self.expiry, Expiry::Soon(_) | Expiry::Past)
    }
}

fn expiry(date: Option<&str>, now: Millis) -> Expiry {
    let Some(date) = date.and_then(|date| date.parse::<Date>().ok()) else {
        return Expiry::Open;
    };
    let today = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let days = today.until(date).map_or(0, |span| span.get_days());
    if date < today {
        Expiry::Past
    } else if days <= SOON_DAYS {
        Expiry::Soon(days)
    } else {
        Expiry::Far
    }
}

impl Entry {
    fn new(
        product: Product,
        rights: Vec<RightView>,
        photo: Option<String>,
        undecided: i64,
    ) -> Self {
        Self {
            address: format!("/catalog/{}", show::segment(&product.sku)),
            price: product
                .msrp
                .as_deref()
                .map(|msrp| show::price(msrp, product.currency.as_deref())),
            photo,
            rights,
            undecided,
            product,
        }
    }

    /// The product's lists that have something in them, with their names.
    fn lists(&self) -> Vec<(&'static str, &[String])> {
        let p = &self.product;
        let mut lists = vec![
            ("Model numbers", &p.model_numbers.0[..]),
            ("Other names", &p.aliases.0[..]),
            ("Keywords", &p.keywords.0[..]),
            ("Sold in", &p.countries.0[..]),
            ("Authorised sellers", &p.authorised_sellers.0[..]),
        ];
        lists.retain(|(_, list)| !list.is_empty());
        lists
    }

    /// The queue of its open cases.
    fn queue(&self) -> String {
        let removed = match self.product.removed_at {
            Some(_) => "1",
            None => "",
        };
        let fields = [("sku", &*self.product.sku), ("removed", removed)];
        format!("/queue?{}", show::filled(&fields))
    }
}

/// The query of a product's page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    did: String,
}

pub(super) async fn detail(
    State(web): Shared,
    viewer: Viewer,
    Path(sku): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response, Failure> {
    let said = match said.did.as_str() {
        "saved" => Some("Saved. Scans and searches know it within a minute."),
        "back" => Some(
            "The product is back in the catalog, with its undecided cases. What was captured meanwhile is searched by a hunt.",
        ),
        "same" => Some("Nothing was different, nothing was changed."),
        "undone" => Some("The change was taken back."),
        "photos" => {
            Some("The photos are kept. Listings are held against them from the next scan on.")
        }
        "known" => Some("The product has these photos already."),
        "removed" => Some("The photo is removed. Listings are held against it no more."),
        "matching" => Some("Saved. Cases that rest on the photo keep their evidence."),
        _ => None,
    };
    respond(&product_page(&web, viewer, &sku, said, Vec::new()).await?)
}

async fn product_page(
    web: &Web,
    viewer: Viewer,
    sku: &str,
    said: Option<&'static str>,
    problems: Vec<String>,
) -> Result<ProductPage, Failure> {
    let store = &viewer.store(web);
    let now = web.app.clock.millis();
    let product = store.product(sku).await?;
    let photos = store.reference_photos_of(product.id).await?;
    let rights = store
        .rights_of(product.id)
        .await?
        .into_iter()
        .map(|right| RightView::new(right, now))
        .collect();
    let undecided = store.undecided_of(&[product.id]).await?;
    let undecided = undecided.first().map_or(0, |(_, count)| *count);
    let first = photos.first().map(|photo| photo.blob.clone());
    // Photos that cannot be searched are for the doctor to tell of.
    let references = web.references.up_to_date(&web.app).await.ok();
    let mut events = store.audit_of(&format!("product {sku}")).await?;
    events.reverse();
    events.truncate(MOST_CHANGES);
    // What is removed is not changed, but brought back.
    let may_administer = viewer.may_manage();
    let removed = product.removed_at.map(|at| When::new(at, now));
    Ok(ProductPage {
        shell: Shell::new(web, viewer, "catalog").await?,
        entry: Entry::new(product, rights, first, undecided),
        photos: photos
            .into_iter()
            .map(|photo| Photo {
                set_aside: references.as_ref().and_then(|all| all.set_aside(photo.id)),
                matching: photo.matching.as_str(),
                photo,
            })
            .collect(),
        changes: edit::changes(events, removed.is_some(), now),
        removed,
        may_administer,
        said,
        problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_warned_of_before_and_after_its_end() {
        let now = Millis::from("2026-11-23T12:00:00Z".parse::<jiff::Timestamp>().unwrap());
        assert_eq!(expiry(None, now), Expiry::Open);
        assert_eq!(expiry(Some("some day"), now), Expiry::Open);
        assert_eq!(expiry(Some("2031-01-01"), now), Expiry::Far);
        assert_eq!(expiry(Some("2026-12-01"), now), Expiry::Soon(8));
        assert_eq!(expiry(Some("2026-11-23"), now), Expiry::Soon(0));
        assert_eq!(expiry(Some("2026-11-22"), now), Expiry::Past);
    }
}
