//! Find in what was captured: listings by what they say ([`words`]), or by a
//! picture. Somebody shows one, and the page says which captured listings show it
//! and which products of the catalog it matches. Nothing of it is kept.

mod words;

use std::time::Duration;

use askama::Template;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use markhound_index::image::{DecodeLimits, Fingerprint, Picture, PictureMatch};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::evidence::{outline, transform_in_words};
use super::failure::Failure;
use super::guard::POLICY;
use super::session::{Viewer, must_be_ours};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::catalog::references::ReferencesError;
use crate::hunt::{self, Finds, Found, Limits, QueryError};
use crate::store::products::Product;
use crate::store::{Store, StoreError};
use words::{Answer, Asked};

/// The largest picture taken, in bytes.
pub(super) const MOST_BYTES: usize = 20 << 20;
/// Bytes of a form besides its picture, at most.
pub(super) const AROUND: usize = 64 << 10;
/// Listings shown at most.
const MOST_LISTINGS: usize = 60;
/// How long captured pictures are searched, the newest first.
const PATIENCE: Duration = Duration::from_secs(40);
/// Longer side of the picture as it is shown again, in pixels.
const SHOWN: u32 = 800;

/// What finding needs from one request to the next.
pub(super) struct Finding {
    /// One search at a time: it takes all the processor it gets.
    turn: Semaphore,
}

impl Finding {
    /// Waits until no other picture that somebody sent is being looked at.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let turn = self.turn.acquire().await;
        turn.map_err(|error| Failure::Internal(error.to_string()))
    }
}

impl Default for Finding {
    fn default() -> Self {
        Self {
            turn: Semaphore::new(1),
        }
    }
}

#[derive(Template)]
#[template(path = "web/templates/find.html")]
struct FindPage {
    shell: Shell,
    /// What is wrong with what was sent.
    problem: Option<String>,
    /// What listings are to say.
    asked: Asked,
    answer: Option<Answer>,
    /// Whether anything was captured that could show a picture.
    pictures: i64,
    /// Whether anything was captured that could say something.
    listings: i64,
    result: Option<FindResult>,
}

/// What was found.
pub(super) struct FindResult {
    /// The picture as it was given, made small: a `data:` address.
    pub(super) shown: String,
    pub(super) listings: Vec<Hit>,
    /// Whether more listings show it than the page has room for.
    pub(super) more: bool,
    pub(super) products: Vec<Match>,
    /// Why the catalog could not be compared with.
    pub(super) catalog_problem: Option<String>,
    pub(super) coverage: hunt::Coverage,
    pub(super) left_out: i64,
    pub(super) not_reached: i64,
}

/// A listing that shows the picture.
pub(super) struct Hit {
    pub(super) found: Found,
    percent: u8,
    level: &'static str,
    used: String,
    region: Option<String>,
    price: Option<String>,
    address: Option<String>,
    seen: When,
}

/// A product of the catalog that the picture shows.
pub(super) struct Match {
    pub(super) product: Product,
    pub(super) address: String,
    pub(super) percent: u8,
    pub(super) used: String,
    pub(super) reference_blob: String,
}

/// Why a picture was not taken; the page says so above the form.
pub(super) enum Refusal {
    Problem(StatusCode, String),
    Failure(Failure),
}

impl Refusal {
    /// For a program.
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Problem(StatusCode::PAYLOAD_TOO_LARGE, _) => {
                Failure::Refused(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Self::Problem(_, why) => Failure::Unprocessable(why),
            Self::Failure(failure) => failure,
        }
    }
}

impl<E: Into<Failure>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

pub(super) async fn form(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let answer = match asked.is_any() {
        true => Some(words::look(&web, &viewer.store(&web), &asked).await?),
        false => None,
    };
    respond(&FindPage {
        asked,
        answer,
        ..FindPage::new(&web, viewer).await?
    })
}

pub(super) async fn search(
    State(web): Shared,
    viewer: Viewer,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    let Ok(form) = form else {
        return Err(Failure::BadRequest("the form holds no picture".to_owned()));
    };
    let store = viewer.store(&web);
    let looked = async { look(&web, &store, &upload(form, &viewer).await?).await };
    match looked.await {
        Ok(result) => {
            let mut response = respond(&FindPage {
                result: Some(result),
                ..FindPage::new(&web, viewer).await?
            })?;
            // The picture is shown from the page itself, for it is kept nowhere.
            let policy = POLICY.replace("img-src 'self'", "img-src 'self' data:");
            let policy = HeaderValue::from_str(&policy);
            let policy = policy.map_err(|error| Failure::Internal(error.to_string()))?;
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            Ok(response)
        }
        Err(Refusal::Failure(failure)) => Err(failure),
        Err(Refusal::Problem(status, why)) => {
            let page = respond(&FindPage {
                problem: Some(show::sentence(&why)),
                ..FindPage::new(&web, viewer).await?
            })?;
            Ok((status, page).into_response())
        }
    }
}

impl FindPage {
    /// The page before anything is looked for.
    async fn new(web: &Web, viewer: Viewer) -> Result<Self, Failure> {
        Ok(Self {
            shell: Shell::new(web, viewer, "find").await?,
            problem: None,
            asked: Asked::default(),
            answer: None,
            pictures: web.app.store.shown_pictures().await?,
            listings: web.app.store.listing_count().await?,
            result: None,
        })
    }
}

/// The picture of the form, which must be ours: its token comes first.
async fn upload(mut form: Multipart, viewer: &Viewer) -> Result<Vec<u8>, Refusal> {
    let too_big = || {
        let why = format!(
            "the picture is larger than {} MiB; save it smaller",
            MOST_BYTES >> 20
        );
        Refusal::Problem(StatusCode::PAYLOAD_TOO_LARGE, why)
    };
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return too_big();
        }
        Refusal::Failure(Failure::BadRequest(error.to_string()))
    };
    let mut proved = false;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let most = if name == "picture" {
            MOST_BYTES
        } else {
            AROUND
        };
        if name == "picture" && !proved {
            break;
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > most {
                return Err(too_big());
            }
            bytes.extend_from_slice(&chunk);
        }
        match name.as_str() {
            "csrf" => {
                must_be_ours(viewer, std::str::from_utf8(&bytes).ok())?;
                proved = true;
            }
            "picture" if bytes.is_empty() => {
                let why = "choose a picture first".to_owned();
                return Err(Refusal::Problem(StatusCode::BAD_REQUEST, why));
            }
            "picture" => return Ok(bytes),
            _ => {}
        }
    }
    must_be_ours(viewer, proved.then_some(viewer.csrf.as_str()))?;
    let why = "choose a picture first".to_owned();
    Err(Refusal::Problem(StatusCode::BAD_REQUEST, why))
}

pub(super) async fn look(web: &Web, store: &Store, bytes: &[u8]) -> Result<FindResult, Refusal> {
    let _turn = web.finding.turn().await?;
    let bytes = bytes.to_vec();
    let read = tokio::task::spawn_blocking(move || {
        let print = hunt::fingerprint(&bytes)?;
        let picture = Picture::decode(&bytes, &DecodeLimits::default())?;
        Ok::<_, QueryError>((print, picture.thumbnail_jpeg(SHOWN)))
    });
    let (print, jpeg) = read
        .await
        .map_err(died)?
        .map_err(|error| Refusal::Problem(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let (products, catalog_problem) = match products(web, store, &print).await? {
        Ok(products) => (products, None),
        Err(why) => (Vec::new(), Some(show::sentence(&why))),
    };
    let limits = Limits {
        min_score: 0.0,
        listings: MOST_LISTINGS,
        patience: Some(PATIENCE),
    };
    let Finds {
        listings,
        more,
        coverage,
    } = hunt::find(store, &print, limits, &|_, _| {})
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let now = web.app.clock.millis();
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(FindResult {
        shown: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)),
        listings: listings
            .into_iter()
            .map(|found| Hit::new(found, |at| When::new(at, now)))
            .collect(),
        more,
        products,
        catalog_problem,
        left_out: count(coverage.left_out()),
        not_reached: count(coverage.not_reached()),
        coverage,
    })
}

/// The products whose reference photos the picture shows, best first; or why
/// the catalog cannot be compared with.
async fn products(
    web: &Web,
    store: &Store,
    print: &Fingerprint,
) -> Result<Result<Vec<Match>, String>, Failure> {
    let references = match web.references.up_to_date(&web.app).await {
        Ok(references) => references,
        Err(ReferencesError::Store(error)) => return Err(error.into()),
        Err(other) => return Ok(Err(other.to_string())),
    };
    let (print, searched) = (print.clone(), references.clone());
    let search = move || searched.index().search(&print);
    let found: Vec<PictureMatch> = tokio::task::spawn_blocking(search).await.map_err(died)?;
    let mut matches: Vec<Match> = Vec::new();
    for found in found {
        if matches.iter().any(|m| m.product.id == found.product) {
            continue;
        }
        let product = match store.product_by_id(found.product).await {
            Ok(product) => product,
            // Gone since, or of a brand that is hidden.
            Err(StoreError::NotFound { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        matches.push(Match {
            address: format!("/catalog/{}", show::segment(&product.sku)),
            percent: show::percent(found.score),
            used: transform_in_words(&found.transform),
            reference_blob: references
                .photo(found.reference)
                .map(|photo| photo.blob.clone())
                .unwrap_or_default(),
            product,
        });
    }
    Ok(Ok(matches))
}

fn died(error: tokio::task::JoinError) -> Failure {
    Failure::Internal(format!("a picture could not be looked at: {error}"))
}

impl Hit {
    fn new(found: Found, when: impl Fn(crate::clock::Millis) -> When) -> Self {
        let showing = &found.showing;
        Self {
            percent: show::percent(found.score),
            level: show::level(found.score),
            used: transform_in_words(&found.transform),
            region: outline(&found.region, showing.width, showing.height),
            price: showing
                .price_amount
                .as_deref()
                .map(|amount| show::price(amount, showing.price_currency.as_deref())),
            address: show::web_address(&showing.url),
            seen: when(showing.last_seen_at),
            found,
        }
    }
}
