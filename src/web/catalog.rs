//! The protected catalog.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;

use super::Shared;
use super::failure::Failure;
use super::session::Viewer;
use super::shell::{Shell, page as respond};
use super::show;
use crate::catalog::references::SetAside;
use crate::clock::Millis;
use crate::store::products::{Product, ReferencePhoto, RightRow};

/// Days before its expiry from which a right is warned of.
const SOON_DAYS: i32 = 180;

#[derive(Template)]
#[template(path = "web/templates/catalog.html")]
struct CatalogPage {
    shell: Shell,
    products: Vec<Entry>,
    brands: usize,
    warnings: usize,
}

#[derive(Template)]
#[template(path = "web/templates/product.html")]
struct ProductPage {
    shell: Shell,
    entry: Entry,
    photos: Vec<Photo>,
}

/// A reference photo, and why listings are not held against it.
struct Photo {
    photo: ReferencePhoto,
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

    fn queue(&self) -> String {
        format!("/queue?{}", show::query(&[("sku", &self.product.sku)]))
    }

    fn warnings(&self) -> impl Iterator<Item = &RightView> {
        self.rights.iter().filter(|right| right.warns())
    }
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let now = web.app.clock.millis();
    let mut photos: HashMap<i64, String> =
        store.first_reference_blobs().await?.into_iter().collect();
    let undecided: HashMap<i64, i64> = store.undecided_by_product().await?.into_iter().collect();
    let mut rights: HashMap<i64, Vec<RightView>> = HashMap::new();
    for right in store.rights().await? {
        let of_product = rights.entry(right.product_id).or_default();
        of_product.push(RightView::new(right, now));
    }
    let mut products: Vec<Entry> = store
        .products()
        .await?
        .into_iter()
        .map(|product| {
            let id = product.id;
            Entry::new(
                product,
                rights.remove(&id).unwrap_or_default(),
                photos.remove(&id),
                undecided.get(&id).copied().unwrap_or(0),
            )
        })
        .collect();
    products.sort_by(|a, b| {
        (&a.product.brand, &a.product.name).cmp(&(&b.product.brand, &b.product.name))
    });
    respond(&CatalogPage {
        shell: Shell::new(&web, viewer, "catalog").await?,
        brands: store.brands().await?.len(),
        warnings: products
            .iter()
            .filter(|p| p.warnings().next().is_some())
            .count(),
        products,
    })
}

pub(super) async fn detail(
    State(web): Shared,
    viewer: Viewer,
    Path(sku): Path<String>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let now = web.app.clock.millis();
    let product = store.product(&sku).await?;
    let photos = store.reference_photos_of(product.id).await?;
    let rights = store
        .rights_of(product.id)
        .await?
        .into_iter()
        .map(|right| RightView::new(right, now))
        .collect();
    let undecided = store
        .undecided_by_product()
        .await?
        .into_iter()
        .find(|(id, _)| *id == product.id)
        .map_or(0, |(_, count)| count);
    let first = photos.first().map(|photo| photo.blob.clone());
    // Photos that cannot be searched are for the doctor to tell of.
    let references = web.references.up_to_date(&web.app).await.ok();
    respond(&ProductPage {
        shell: Shell::new(&web, viewer, "catalog").await?,
        entry: Entry::new(product, rights, first, undecided),
        photos: photos
            .into_iter()
            .map(|photo| Photo {
                set_aside: references.as_ref().and_then(|all| all.set_aside(photo.id)),
                photo,
            })
            .collect(),
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
