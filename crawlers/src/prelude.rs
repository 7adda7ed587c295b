//! What has to be known of a shop before its lists can be read.

use thiserror::Error;

use crate::definition::Definition;
use crate::definition::pattern::Fill;
use crate::extract::{Document, currency_code};
use crate::fetch::{Exchange, FetchError, Fetcher};
use crate::target::Target;

/// A definition made ready for one scan.
#[derive(Debug)]
pub struct Prepared {
    /// The definition, with the currency that was found.
    pub definition: Definition,
    /// What was fetched for it, in order; to be kept as captures.
    pub exchanges: Vec<Exchange>,
    /// The currency that was found; none where it was not looked for.
    pub currency: Option<String>,
}

/// Why a definition could not be made ready.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// A page could not be fetched now.
    #[error("the currency of source `{source_id}` is not known yet: {error}")]
    Fetch {
        /// The definition.
        source_id: String,
        /// Why not.
        #[source]
        error: Box<FetchError>,
    },
    /// None of the pages says it.
    #[error(
        "no page of `price.currency_from` says the currency of source `{source_id}` (asked: {asked}); \
         prices will have none unless `price.currency` is set"
    )]
    NoCurrency {
        /// The definition.
        source_id: String,
        /// The pages that were asked, with what they answered.
        asked: String,
    },
}

/// Reads the pages of `price.currency_from`, one after the other until one
/// says what currency the shop's prices are in. Without such pages, or where
/// `price.currency` is set, nothing is fetched.
///
/// # Errors
/// [`PrepareError::Fetch`] where a page could not be fetched for a reason that
/// may pass; [`PrepareError::NoCurrency`] where all were asked and none says it.
pub async fn prepare(fetcher: &Fetcher, definition: &Definition) -> Result<Prepared, PrepareError> {
    let price = &definition.schema.price;
    let mut prepared = Prepared {
        definition: definition.clone(),
        exchanges: Vec::new(),
        currency: None,
    };
    if price.currency.is_some() || price.currency_from.is_empty() {
        return Ok(prepared);
    }
    let mut asked = Vec::new();
    for page in &price.currency_from {
        let Some(url) = page.url.fill(definition.base(), &Fill::default()) else {
            continue;
        };
        let exchange = match fetcher.fetch(definition, &Target::item(url.clone())).await {
            Ok(exchange) => exchange,
            Err(error) if error.is_transient() => {
                return Err(PrepareError::Fetch {
                    source_id: definition.id().to_owned(),
                    error: Box::new(error),
                });
            }
            Err(error) => {
                asked.push(error.to_string());
                continue;
            }
        };
        let document = if page.at.iter().any(|at| at.is_json()) {
            Document::json(&exchange.body).ok()
        } else {
            Some(Document::html(&exchange.body, exchange.content_type()))
        };
        let found = document
            .filter(|_| (200..300).contains(&exchange.status))
            .and_then(|document| {
                let mut values = page.at.iter().flat_map(|at| document.values(at));
                values.find_map(|value| currency_code(&value))
            });
        asked.push(format!("{url}: status {}", exchange.status));
        prepared.exchanges.push(exchange);
        if let Some(code) = found {
            prepared.definition = definition.clone().with_currency(&code);
            prepared.currency = Some(code);
            return Ok(prepared);
        }
    }
    Err(PrepareError::NoCurrency {
        source_id: definition.id().to_owned(),
        asked: asked.join("; "),
    })
}
