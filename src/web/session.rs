//! Who asks: the session behind a request, and forms that prove they are ours.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use super::Web;
use super::failure::Failure;
use super::guard::wants_json;
use crate::accounts::second::SignInRules;
use crate::accounts::{Role, Sees, same, token_hash};
use crate::app::App;
use crate::clock::Millis;
use crate::store::Store;
use crate::store::sessions::Session;
use crate::store::tokens::Bearer;
use crate::store::users::User;

/// The header by which a script proves that it is ours.
const CSRF_HEADER: &str = "x-csrf-token";
/// How long it counts that the OpenID provider has asked anew, in seconds.
const PROVEN_SECONDS: i64 = 10 * 60;

/// The person behind a request.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    pub(super) name: String,
    pub(super) role: Role,
    /// Which brands they may see.
    pub(super) sees: Sees,
    pub(super) csrf: String,
    /// What their session is known by.
    pub(super) session: String,
    /// Whether they have a second factor; false for the owner of a token.
    pub(super) enrolled: bool,
    /// When the OpenID provider has asked them anew who they are.
    proven_at: Option<Millis>,
}

impl Viewer {
    /// The application as they see it: what a page reads and does goes through this,
    /// never through the whole one.
    pub(super) fn app(&self, web: &Web) -> App {
        web.app.seen_by(self.sees)
    }

    /// The database as they see it.
    pub(super) fn store(&self, web: &Web) -> Store {
        web.app.store.seen_by(self.sees)
    }

    /// Whether the OpenID provider has asked them anew who they are, not long ago.
    pub(super) fn is_proven(&self, now: Millis) -> bool {
        self.proven_at
            .is_some_and(|at| now <= at.plus_seconds(PROVEN_SECONDS))
    }

    /// Who they are, in full.
    pub(super) async fn user(&self, web: &Web) -> Result<User, Failure> {
        let user = web.app.store.user(&self.name).await?;
        user.ok_or_else(|| Failure::NotFound(format!("there is no user {}", self.name)))
    }

    /// Whether they may decide on cases and record steps of notices.
    pub(super) fn may_decide(&self) -> bool {
        self.role >= Role::Reviewer
    }

    /// Whether they may give second approvals, attest notices and send them.
    pub(super) fn may_approve(&self) -> bool {
        self.role >= Role::Approver
    }

    /// Whether they may change catalog, sources and rules.
    pub(super) fn may_manage(&self) -> bool {
        self.role >= Role::Manager
    }

    /// Whether they may change how the program works.
    pub(super) fn may_administer(&self) -> bool {
        self.role >= Role::Administrator
    }

    /// Refuses whoever is of a lower role; `what` says to what end: `decide cases`.
    pub(super) fn must_be(&self, role: Role, what: &str) -> Result<(), Failure> {
        if self.role >= role {
            return Ok(());
        }
        Err(Failure::Forbidden(format!(
            "{} may not {what} as {}; ask an administrator for the role of {role}",
            self.name,
            self.role.one()
        )))
    }

    /// The owner of a token of the API.
    pub(super) fn bearing(bearer: &Bearer) -> Self {
        Self {
            name: bearer.name.clone(),
            role: bearer.role(),
            sees: bearer.sees(),
            csrf: String::new(),
            session: String::new(),
            enrolled: false,
            proven_at: None,
        }
    }

    fn of(session: Session, known_by: String) -> Self {
        Self {
            role: session.role(),
            sees: session.sees(),
            enrolled: session.enrolled,
            proven_at: session.proven_at,
            name: session.name,
            csrf: session.csrf,
            session: known_by,
        }
    }
}

impl FromRequestParts<Arc<Web>> for Viewer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Failure> {
        // Only a page can be come back to.
        let next = (parts.method == Method::GET && !wants_json(&parts.headers))
            .then(|| parts.uri.path_and_query().map(ToString::to_string))
            .flatten();
        let Some(token) = token(web, &parts.headers) else {
            return Err(Failure::SignIn(next));
        };
        let known_by = token_hash(&token);
        let store = &web.app.store;
        let Some(session) = store.session(&known_by).await? else {
            return Err(Failure::SignIn(next));
        };
        store.mark_session(&known_by, session.seen_at).await?;
        if !session.enrolled
            && !session.vouched
            && !is_for_all(parts.uri.path())
            && SignInRules::load(store).await?.ask(session.role())
        {
            return Err(Failure::Enrol);
        }
        Ok(Self::of(session, known_by))
    }
}

/// Whether a page is open to somebody who must set up a second factor first.
fn is_for_all(path: &str) -> bool {
    path.starts_with("/account/second-factor") || path == "/sign-out"
}

/// The peer of a request, for the delay after wrong passwords and codes.
pub(super) type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Its address.
pub(super) fn address_of(peer: Peer) -> String {
    peer.map_or_else(
        || "unknown".to_owned(),
        |Extension(peer)| peer.0.ip().to_string(),
    )
}

/// A form sent by somebody signed in, from one of our pages.
pub(super) struct Posted {
    pub(super) viewer: Viewer,
    pub(super) json: bool,
    fields: HashMap<String, String>,
}

impl Posted {
    /// A field with something in it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// What follows `prefix` in the names of fields with something in them.
    pub(super) fn named(&self, prefix: &str) -> Vec<String> {
        let filled = self.fields.iter().filter(|(_, value)| !value.is_empty());
        let mut names: Vec<String> = filled
            .filter_map(|(name, _)| name.strip_prefix(prefix))
            .map(ToOwned::to_owned)
            .collect();
        names.sort();
        names
    }

    /// The query of the queue the form's page stood in, which may be empty.
    pub(super) fn queue(&self) -> Option<&str> {
        self.fields.get("queue").map(String::as_str)
    }

    /// The local address to go back to.
    pub(super) fn back(&self) -> Option<&str> {
        self.get("back").filter(|back| is_local(back))
    }

    /// Refuses whoever may only look.
    pub(super) fn must_decide(&self) -> Result<(), Failure> {
        self.viewer.must_be(Role::Reviewer, "decide cases")
    }

    /// Refuses whoever may not speak for the owner.
    pub(super) fn must_approve(&self) -> Result<(), Failure> {
        self.viewer
            .must_be(Role::Approver, "attest or send notices")
    }

    /// Refuses whoever may not change catalog, sources and rules.
    pub(super) fn must_manage(&self, what: &str) -> Result<(), Failure> {
        self.viewer.must_be(Role::Manager, what)
    }

    /// The application as they see it.
    pub(super) fn app(&self, web: &Web) -> App {
        self.viewer.app(web)
    }

    /// The database as they see it.
    pub(super) fn store(&self, web: &Web) -> Store {
        self.viewer.store(web)
    }
}

impl FromRequest<Arc<Web>> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let viewer = Viewer::from_request_parts(&mut parts, web).await?;
        let json = wants_json(&parts.headers);
        let header = parts
            .headers
            .get(CSRF_HEADER)
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned);
        let fields = read_form(Request::from_parts(parts, body), web).await?;
        let token = header.or_else(|| fields.get("csrf").cloned());
        must_be_ours(&viewer, token.as_deref())?;
        Ok(Self {
            viewer,
            json,
            fields,
        })
    }
}

/// The fields of a form, bounded by the body limit; the first of each name.
pub(super) async fn read_form(
    request: Request,
    web: &Arc<Web>,
) -> Result<HashMap<String, String>, Failure> {
    let bytes = Bytes::from_request(request, web)
        .await
        .map_err(|error| Failure::BadRequest(error.to_string()))?;
    let mut fields = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(&bytes) {
        fields
            .entry(name.into_owned())
            .or_insert_with(|| value.into_owned());
    }
    Ok(fields)
}

/// Refuses a form without the token of the viewer's session.
pub(super) fn must_be_ours(viewer: &Viewer, token: Option<&str>) -> Result<(), Failure> {
    if token.is_some_and(|token| same(token, &viewer.csrf)) {
        return Ok(());
    }
    Err(Failure::Forbidden(
        "the form does not belong to your session; reload the page and try again".to_owned(),
    ))
}

/// Whether an address leads to a page of this server: an absolute path that no
/// browser takes for another host.
pub(super) fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.chars().any(char::is_control)
        && address.len() <= 2_000
}

/// With `__Host-` the browser itself insists on HTTPS and on this very host.
fn cookie_name(web: &Web) -> &'static str {
    if web.app.config.server.cookies_are_secure() {
        "__Host-markhound"
    } else {
        "markhound"
    }
}

/// What the cookie of a name carries.
fn carried(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(name)
        .map(|cookie| cookie.value().to_owned())
}

/// The cookie of somebody who owes a code.
fn owing_name(web: &Web) -> String {
    format!("{}-code", cookie_name(web))
}

/// The token of a sign-in that owes a code.
pub(super) fn owing(web: &Web, headers: &HeaderMap) -> Option<String> {
    carried(headers, &owing_name(web))
}

/// The cookie that carries it; without a token the one that ends it.
pub(super) fn owing_cookie(web: &Web, token: Option<String>) -> Cookie<'static> {
    let mut cookie = cookie(web, token);
    cookie.set_name(owing_name(web));
    cookie
}

/// The cookie of somebody who is at the OpenID provider.
fn visit_name(web: &Web) -> String {
    format!("{}-visit", cookie_name(web))
}

/// What a browser that comes back from the OpenID provider is known by.
pub(super) fn visit(web: &Web, headers: &HeaderMap) -> Option<String> {
    carried(headers, &visit_name(web))
}

/// The cookie that carries it; without one the cookie that ends it.
pub(super) fn visit_cookie(web: &Web, known_by: Option<String>) -> Cookie<'static> {
    let mut cookie = cookie(web, known_by);
    cookie.set_name(visit_name(web));
    cookie
}

/// The session's token in a request.
pub(super) fn token(web: &Web, headers: &HeaderMap) -> Option<String> {
    carried(headers, cookie_name(web))
}

/// The cookie that carries a session; without a token the one that ends it.
pub(super) fn cookie(web: &Web, token: Option<String>) -> Cookie<'static> {
    let server = &web.app.config.server;
    let mut cookie = Cookie::new(cookie_name(web), token.clone().unwrap_or_default());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(server.cookies_are_secure());
    // Lax: a link in a mail opens the case; no other site can post with it.
    cookie.set_same_site(SameSite::Lax);
    if token.is_none() {
        cookie.make_removal();
    }
    cookie
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_local() {
        for local in ["/", "/case/7?state=open#decide", "/catalog/A%2FB"] {
            assert!(is_local(local), "{local}");
        }
        for foreign in [
            "",
            "case/7",
            "//evil.example/",
            "https://evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\r\nset-cookie: a=b",
            "javascript:alert(1)",
        ] {
            assert!(!is_local(foreign), "{foreign:?}");
        }
        assert!(!is_local(&format!("/{}", "a".repeat(2_000))));
    }
}
