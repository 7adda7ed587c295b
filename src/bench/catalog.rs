//! A made catalog of any size, and how soon an edit of it is matched against.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::app::App;
use crate::scan::live::LiveMatcher;
use crate::scan::matcher::{Matcher, MatcherError};
use crate::store::StoreError;
use crate::store::import::ProductDraft;

/// An edit that is not there after so long is not waited for any more.
const LONGEST: Duration = Duration::from_secs(60);
/// How often it is looked whether an edit is there.
const LOOK: Duration = Duration::from_millis(5);

/// Why it cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum CatalogBenchError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog cannot be matched against.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// An edit never came.
    #[error("an edit was not matched against within {} seconds", LONGEST.as_secs())]
    Never,
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// Products in the catalog.
    pub products: u32,
    /// Seconds to read the catalog and make its indexes when a scan begins.
    pub load_seconds: f64,
    /// Seconds from the write of an edit until listings are matched against it, in
    /// order of size.
    pub edit_seconds: Vec<f64>,
}

/// Makes the catalog, then renames products one after another while a matcher follows.
///
/// # Errors
/// [`CatalogBenchError`].
pub async fn measure(app: &App, products: u32, edits: u32) -> Result<Measured, CatalogBenchError> {
    for number in 0..products {
        let draft = product(number, "");
        app.store.save_product("bench", &draft, &[]).await?;
    }
    let begun = Instant::now();
    let matcher = Arc::new(Matcher::load(app).await?);
    let load_seconds = begun.elapsed().as_secs_f64();
    let live = LiveMatcher::new(app.clone(), matcher);
    let mut edit_seconds = Vec::new();
    for edit in 0..edits {
        let number = edit * (products / edits.max(1)) % products;
        let draft = product(number, &format!(" zq{edit}zq"));
        let id = app.store.product(&draft.sku).await?.id;
        app.store.save_product("bench", &draft, &[]).await?;
        edit_seconds.push(seen(&live, id, &draft.name).await?);
    }
    edit_seconds.sort_by(f64::total_cmp);
    Ok(Measured {
        products,
        load_seconds,
        edit_seconds,
    })
}

/// Seconds until the matcher knows a product by this name.
async fn seen(live: &LiveMatcher, id: i64, name: &str) -> Result<f64, CatalogBenchError> {
    let begun = Instant::now();
    while begun.elapsed() < LONGEST {
        let matcher = live.current();
        if matcher.product(id).is_some_and(|known| known.name == name) {
            return Ok(begun.elapsed().as_secs_f64());
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(CatalogBenchError::Never)
}

/// Names of a few dozen words, as those of real catalogs repeat.
fn product(number: u32, more: &str) -> ProductDraft {
    const FIRST: [&str; 16] = [
        "Alder", "Brisk", "Corvin", "Delta", "Ember", "Fjell", "Garnet", "Halden", "Isar",
        "Juniper", "Kestrel", "Lumen", "Merino", "Norden", "Onyx", "Pavo",
    ];
    const SECOND: [&str; 16] = [
        "chair", "lamp", "shoe", "bag", "watch", "speaker", "vase", "jacket", "tent", "camera",
        "drill", "kettle", "helmet", "pump", "stool", "mixer",
    ];
    let at = |n: u32, of: &[&'static str; 16]| of[n as usize % of.len()];
    ProductDraft {
        sku: format!("MADE-{number:06}"),
        brand: format!("{}o", at(number / 97, &FIRST)),
        name: format!(
            "{} {} {}{more}",
            at(number, &FIRST),
            at(number / 16, &SECOND),
            number + 100
        ),
        category: Some(at(number / 16, &SECOND).to_owned()),
        model_numbers: vec![format!("M{}-{}", number + 100, number % 7)],
        msrp: Some(format!("{}", 20 + number % 900)),
        currency: Some("EUR".to_owned()),
        ..ProductDraft::default()
    }
}
