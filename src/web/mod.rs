//! The review page: sign-in, queue, cases, scans, catalog, sources, audit log.
//!
//! Pages are made on the server and work without JavaScript; the scripts in
//! `static/` add keys and live updates. Nothing is fetched from another host,
//! and what was crawled is shown as text or as re-encoded pictures only.
//!
//! One file a page. [`guard`] is what every request passes through, [`session`]
//! says who asks, [`failure`] what is answered when it goes wrong.

mod account;
mod api;
mod assets;
mod audit;
mod board;
mod cards;
mod case;
mod catalog;
mod compare;
mod dashboard;
mod decide;
mod evidence;
mod export;
mod failure;
mod filter;
mod find;
mod guard;
mod learning;
mod listing;
mod look;
mod mail;
mod notice;
mod oidc;
mod packet;
mod picture;
mod plots;
mod queue;
mod references;
mod review;
mod scans;
mod second_factor;
mod sellers;
mod session;
mod settings;
mod sheet;
mod shell;
mod show;
mod sign_in;
mod sources;
mod takedown;
mod tokens;
mod upkeep;
mod users;
mod webhooks;

pub use api::document as api_document;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{delete, get, patch, post, put};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::timeout::TimeoutLayer;

use crate::accounts::oidc::Provider;
use crate::app::App;
use crate::hunt::listings::Listings;
use upkeep::{index_listings, place_cases};

/// The largest form that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// The longest a request may take until its answer begins.
const MAX_TIME: Duration = Duration::from_secs(60);
/// How long open connections may finish after a shutdown was asked for.
const LAST_CALL: Duration = Duration::from_secs(5);

/// What every handler works with.
struct Web {
    app: App,
    thumbnails: picture::Thumbnails,
    finding: find::Finding,
    listings: Listings,
    references: references::Shared,
    /// The OpenID provider, where the configuration names one.
    provider: Option<Provider>,
    /// Turns true when the server is to stop: streams without end then end.
    closing: watch::Receiver<bool>,
}

type Shared = axum::extract::State<Arc<Web>>;

/// Makes a router of its routes, and the list of them by path and methods that the
/// tests of who may see what walk: a route that is not in the list is none.
macro_rules! listed {
    ($(.route($path:literal, $($method:ident($handler:expr)).+ $(,)?))+) => {
        /// Every route of the page: its path and the methods it answers to, in lower
        /// case; `layer` is none.
        pub const ROUTES: &[(&str, &[&str])] =
            &[$(($path, &[$(stringify!($method)),+])),+];

        fn listed_routes() -> axum::Router<Arc<Web>> {
            axum::Router::new()$(.route($path, $($method($handler)).+))+
        }
    };
}

#[rustfmt::skip]
listed! {
        .route("/", get(queue::home))
        .route("/queue", get(queue::page))
        .route("/queue/card/{id}", get(queue::card))
        .route("/queue.csv", get(export::csv))
        .route("/queue/saved", post(settings::save_queue))
        .route("/queue/saved/{id}/drop", post(settings::drop_queue))
        .route("/review", get(review::page))
        .route("/review/next", post(review::next))
        .route("/review/card", post(review::card))
        .route("/review/compare/{id}", get(review::compare))
        .route("/review/keep", post(review::keep))
        .route("/review/leave", post(review::leave))
        .route("/decide", post(decide::decide_card))
        .route("/note", post(review::note))
        .route("/assign", post(review::assign))
        .route("/undo", post(decide::undo_last))
        .route("/settings", get(settings::page).post(settings::save))
        .route("/keys", get(settings::keys).post(settings::save_keys))
        .route("/look", post(settings::save_look))
        .route("/case/{id}/known", post(settings::make_known))
        .route("/case/{id}", get(case::page))
        .route("/case/{id}/decide", post(decide::decide))
        .route("/case/{id}/undo", post(decide::undo_case))
        .route("/case/{id}/packet", post(packet::download))
        .route("/case/{id}/notice", post(takedown::draft))
        .route("/takedown", get(board::page))
        .route("/takedown/calendar", post(board::new_calendar))
        .route("/calendar/{file}", get(board::feed))
        .route("/notice/{id}", get(notice::page))
        .route(
            "/notice/{id}/attest",
            get(notice::attest_form).post(notice::attest),
        )
        .route("/notice/{id}/send", post(notice::send))
        .route("/notice/{id}/file", get(notice::file))
        .route("/notice/{id}/record", post(takedown::record))
        .route("/scans", get(scans::page))
        .route("/scans/events", get(scans::events))
        .route("/scans/{id}", get(scans::detail))
        .route("/catalog", get(catalog::page))
        .route("/catalog/{sku}", get(catalog::detail))
        .route(
            "/find",
            get(find::form)
                .post(find::search)
                .layer(DefaultBodyLimit::max(find::MOST_BYTES + find::AROUND)),
        )
        .route("/sources", get(sources::page))
        .route("/sources/{name}/enabled", post(sources::enable))
        .route("/sources/{name}/run", post(sources::run))
        .route("/dashboard", get(dashboard::page))
        .route("/sellers", get(sellers::page))
        .route("/seller", get(sellers::one))
        .route("/export/{file}", get(export::file))
        .route("/product/new", get(catalog::new).post(catalog::create))
        .route(
            "/product/{sku}/edit",
            get(catalog::form).post(catalog::change),
        )
        .route("/product/{sku}/undo", post(catalog::take_back))
        .route(
            "/product/{sku}/remove",
            get(catalog::confirm_removal).post(catalog::remove_product),
        )
        .route("/product/{sku}/restore", post(catalog::restore))
        .route("/product/{sku}/matching", post(catalog::matching))
        .route("/product/{sku}/photos/remove", post(catalog::remove))
        .route(
            "/product/{sku}/photos",
            post(catalog::upload).layer(DefaultBodyLimit::max(catalog::MOST_FORM)),
        )
        .route("/audit", get(audit::page))
        .route("/learning", get(learning::page))
        .route("/learning/fit", post(learning::fit))
        .route("/learning/adopt", post(learning::adopt))
        .route("/learning/undo", post(learning::undo))
        .route("/picture/{hash}", get(picture::show))
        .route("/account", get(account::page))
        .route("/sessions/{hash}/end", post(account::end_session))
        .route("/sessions/end-others", post(account::end_others))
        .route("/account/second-factor", get(second_factor::page))
        .route("/account/second-factor/begin", post(second_factor::begin))
        .route("/account/second-factor/confirm", post(second_factor::confirm))
        .route("/account/second-factor/codes", post(second_factor::codes))
        .route("/account/second-factor/off", post(second_factor::off))
        .route("/account/mail", get(mail::page).post(mail::add))
        .route("/account/mail/{id}/remove", post(mail::remove))
        .route("/account/mail/{id}/test", post(mail::test))
        .route("/webhooks", get(webhooks::page).post(webhooks::add))
        .route("/webhooks/{id}/remove", post(webhooks::remove))
        .route("/deliveries/{id}/replay", post(webhooks::replay))
        .route("/settings/sign-in", post(second_factor::rules))
        .route("/account/tokens", post(tokens::add))
        .route("/account/tokens/{id}/revoke", post(tokens::revoke))
        .route("/users", get(users::page).post(users::add))
        .route("/users/{name}", post(users::change))
        .route("/users/{name}/password", post(users::password))
        .route("/users/{name}/sign-out", post(users::sign_out))
        .route("/users/{name}/second-factor/reset", post(second_factor::reset))
        .route("/sign-in/code", get(sign_in::code_form).post(sign_in::code))
        .route("/sign-in/oidc", get(oidc::begin))
        .route("/sign-in/oidc/back", get(oidc::back))
        .route("/users/{name}/identity/unbind", post(users::unbind))
        .route("/api/v1/openapi.json", get(api::describe::openapi))
        .route("/api/v1/docs", get(api::describe::docs))
        .route("/api/v1/me", get(api::users::me))
        .route("/api/v1/cards", get(api::cases::cards))
        .route("/api/v1/cases", get(api::cases::list))
        .route("/api/v1/cases/{id}", get(api::cases::show))
        .route("/api/v1/cases/{id}/decisions", post(api::cases::decide))
        .route("/api/v1/cases/{id}/undo", post(api::cases::undo))
        .route("/api/v1/cases/{id}/notes", post(api::cases::note))
        .route("/api/v1/cases/{id}/assignee", put(api::cases::assign))
        .route("/api/v1/cases/{id}/notices", post(api::notices::draft))
        .route(
            "/api/v1/decisions",
            post(api::cases::decide_many).layer(DefaultBodyLimit::max(api::MOST_BYTES)),
        )
        .route("/api/v1/undo", post(api::cases::undo_last))
        .route("/api/v1/products", get(api::catalog::products))
        .route("/api/v1/cases/{id}/known", post(api::desk::known))
        .route("/api/v1/cases/{id}/packet", post(api::notices::packet))
        .route(
            "/api/v1/products/{sku}",
            get(api::catalog::product)
                .put(api::catalog::save)
                .delete(api::catalog::remove)
                .layer(DefaultBodyLimit::max(api::MOST_BYTES)),
        )
        .route("/api/v1/products/{sku}/history", get(api::catalog::history))
        .route("/api/v1/products/{sku}/undo", post(api::catalog::undo))
        .route("/api/v1/products/{sku}/restore", post(api::catalog::restore))
        .route("/api/v1/products/{sku}/photos", post(api::photos::send))
        .route("/api/v1/products/{sku}/photos/{hash}", patch(api::photos::change).delete(api::photos::remove))
        .route("/api/v1/pictures/{hash}", get(api::pictures::show))
        .route("/api/v1/find", post(api::pictures::find))
        .route("/api/v1/sellers", get(api::sellers::list))
        .route("/api/v1/seller", get(api::sellers::one))
        .route(
            "/api/v1/queues",
            get(api::desk::queues).post(api::desk::save_queue),
        )
        .route("/api/v1/queues/{id}", delete(api::desk::drop_queue))
        .route(
            "/api/v1/claims",
            post(api::desk::claim).put(api::desk::keep),
        )
        .route("/api/v1/claims/end", post(api::desk::leave))
        .route(
            "/api/v1/rules",
            get(api::desk::rules).put(api::desk::set_rules),
        )
        .route("/api/v1/learning", get(api::learning::show))
        .route("/api/v1/learning/fits", post(api::learning::fit))
        .route("/api/v1/learning/adoptions", post(api::learning::adopt))
        .route("/api/v1/learning/undo", post(api::learning::undo))
        .route(
            "/api/v1/webhooks",
            get(api::hooks::list).post(api::hooks::add),
        )
        .route("/api/v1/webhooks/{id}", delete(api::hooks::remove))
        .route("/api/v1/mail", get(api::mail::list).post(api::mail::add))
        .route("/api/v1/mail/{id}", delete(api::mail::remove))
        .route("/api/v1/mail/{id}/test", post(api::mail::test))
        .route("/api/v1/messages", get(api::hooks::messages))
        .route("/api/v1/messages/{id}/replay", post(api::hooks::replay))
        .route("/api/v1/listings", get(api::listings::search))
        .route("/api/v1/listings/{id}", get(api::listings::listing))
        .route("/api/v1/sources", get(api::scans::sources))
        .route("/api/v1/sources/{name}", patch(api::scans::enable))
        .route("/api/v1/sources/{name}/runs", post(api::scans::run))
        .route("/api/v1/scans", get(api::scans::scans))
        .route("/api/v1/scans/{id}", get(api::scans::scan))
        .route("/api/v1/notices", get(api::notices::list))
        .route("/api/v1/notices/{id}", get(api::notices::show))
        .route("/api/v1/notices/{id}/steps", post(api::notices::step))
        .route("/api/v1/notices/{id}/file", get(api::notices::file))
        .route("/api/v1/deadlines", get(api::notices::deadlines))
        .route("/api/v1/audit", get(api::log::audit))
        .route("/api/v1/users", get(api::users::users))
        .route("/api/v1/users/{name}", patch(api::users::change))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/static/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::favicon))
        .route("/healthz", get(guard::health))
}

/// The routes of the review page on an open application.
pub fn router(app: App) -> axum::Router {
    // Nobody ever closes this one.
    let (sender, closing) = watch::channel(false);
    drop(sender);
    routes(app, closing)
}

fn routes(app: App, closing: watch::Receiver<bool>) -> axum::Router {
    let web = Arc::new(Web {
        listings: Listings::of(&app.store, &app.data_dir),
        provider: Provider::of(&app),
        app,
        thumbnails: picture::Thumbnails::default(),
        finding: find::Finding::default(),
        references: references::Shared::default(),
        closing,
    });
    listed_routes()
        .fallback(guard::nothing_here)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            MAX_TIME,
        ))
        .layer(middleware::from_fn_with_state(web.clone(), api::gate::gate))
        .layer(middleware::from_fn(guard::guard))
        .with_state(web)
}

/// Serves the review page until `shutdown` ends, then lets open requests finish
/// for at most five seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let indexing = tokio::spawn(index_listings(Listings::of(&app.store, &app.data_dir)));
    let placing = tokio::spawn(place_cases(app.clone()));
    let (close, closing) = watch::channel(false);
    let mut closed = closing.clone();
    let service = routes(app, closing.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        // The receivers are gone only when the server is.
        let _ = close.send(true);
    });
    let overdue = async move {
        if closed.wait_for(|closing| *closing).await.is_ok() {
            tokio::time::sleep(LAST_CALL).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let ended = tokio::select! {
        ended = server => ended,
        () = overdue => Ok(()),
    };
    indexing.abort();
    placing.abort();
    ended
}
