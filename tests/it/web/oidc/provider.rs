//! An OpenID provider on loopback that lies when a test wants it to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use url::Url;

use crate::world::Hands;

/// What a test changes of a token before it is signed: its header and its claims.
pub type Lie = Arc<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

/// Signs the bytes it is given.
pub type Signer = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// How the token endpoint answers.
#[derive(Clone, Default)]
pub enum Answers {
    /// As it should.
    #[default]
    Rightly,
    /// Never.
    Never,
    /// With bytes without end, a hundred mebibytes of them.
    Flood,
    /// By sending elsewhere.
    Elsewhere(String),
    /// With this document.
    Document(Value),
    /// With a token that is signed in this way: out of what is signed, the signature.
    SignedBy(Signer),
}

/// A key that tokens are signed with.
pub struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub fn new(id: &str) -> Self {
        let (random, how) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        Self {
            id: id.to_owned(),
            pair: EcdsaKeyPair::from_pkcs8(how, document.as_ref(), &random).unwrap(),
        }
    }

    /// The public point: 4, x, y.
    pub fn point(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    pub fn sign(&self, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        self.pair.sign(&random, signed).unwrap().as_ref().to_vec()
    }

    fn published(&self) -> Value {
        let point = self.point();
        json!({ "kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "alg": "ES256",
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..]) })
    }
}

/// A code that was given and what it stands for.
struct Grant {
    nonce: String,
    challenge: String,
    redirect: String,
    subject: String,
}

/// What the provider is at.
pub struct Play {
    hands: Hands,
    pub key: Key,
    /// The keys it says it has; none: the one it has.
    pub published: Option<Value>,
    /// What it says about whoever signs in.
    pub claims: Value,
    pub lie: Lie,
    pub answers: Answers,
    /// What it says of itself besides.
    pub description: Value,
    /// What its userinfo endpoint says; none: it has none.
    pub userinfo: Option<Value>,
    grants: HashMap<String, Grant>,
    /// How often each path was asked for.
    pub asked: HashMap<&'static str, u32>,
    /// The header `Authorization` and the form of the last request for a token.
    pub last: (String, HashMap<String, String>),
    /// The last way there.
    pub way: HashMap<String, String>,
}

/// The provider.
pub struct Provider {
    pub issuer: String,
    pub play: Arc<Mutex<Play>>,
}

type Shared = State<(String, Arc<Mutex<Play>>)>;

impl Provider {
    pub async fn open(hands: &Hands) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let play = Arc::new(Mutex::new(Play {
            hands: hands.clone(),
            key: Key::new("first"),
            published: None,
            claims: json!({ "preferred_username": "pia" }),
            lie: Arc::new(|_, _| {}),
            answers: Answers::default(),
            description: json!({}),
            userinfo: None,
            grants: HashMap::new(),
            asked: HashMap::new(),
            last: Default::default(),
            way: HashMap::new(),
        }));
        let app = axum::Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state((issuer.clone(), play.clone()));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { issuer, play }
    }

    /// Lets `subject` consent to what a browser was sent with; gives the path and query
    /// that it is sent back with.
    pub fn consent(&self, to: &str, subject: &str) -> String {
        let to = Url::parse(to).unwrap();
        assert!(
            to.as_str()
                .starts_with(&format!("{}/authorize?", self.issuer))
        );
        let asked: HashMap<String, String> = to.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], "markhound");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", hex::encode(rand::random::<[u8; 8]>()));
        let grant = Grant {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
            subject: subject.to_owned(),
        };
        let back = Url::parse(&grant.redirect).unwrap().path().to_owned();
        let mut play = self.play.lock().unwrap();
        play.grants.insert(code.clone(), grant);
        let state = &asked["state"];
        let back = format!("{back}?code={code}&state={state}");
        play.way = asked;
        back
    }

    /// Changes what it is at.
    pub fn set(&self, change: impl FnOnce(&mut Play)) {
        change(&mut self.play.lock().unwrap());
    }

    pub fn asked(&self, path: &str) -> u32 {
        let play = self.play.lock().unwrap();
        play.asked.get(path).copied().unwrap_or(0)
    }
}

fn count(play: &Mutex<Play>, path: &'static str) {
    *play.lock().unwrap().asked.entry(path).or_default() += 1;
}

async fn describe(State((issuer, play)): Shared) -> Response {
    count(&play, "/.well-known");
    let play = play.lock().unwrap();
    let mut described = json!({ "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"] });
    if play.userinfo.is_some() {
        described["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
    }
    for (name, value) in play.description.as_object().unwrap() {
        described[name] = value.clone();
    }
    axum::Json(described).into_response()
}

async fn keys(State((_, play)): Shared) -> Response {
    count(&play, "/keys");
    let play = play.lock().unwrap();
    let own = || json!({ "keys": [play.key.published()] });
    axum::Json(play.published.clone().unwrap_or_else(own)).into_response()
}

async fn userinfo(State((_, play)): Shared, headers: HeaderMap) -> Response {
    count(&play, "/userinfo");
    if headers[header::AUTHORIZATION] != "Bearer access" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    axum::Json(play.lock().unwrap().userinfo.clone()).into_response()
}

async fn token(State((issuer, play)): Shared, headers: HeaderMap, body: Bytes) -> Response {
    count(&play, "/token");
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let answers = {
        let mut play = play.lock().unwrap();
        let header = headers.get(header::AUTHORIZATION);
        let header = header.map(|value| value.to_str().unwrap().to_owned());
        play.last = (header.unwrap_or_default(), form.clone());
        play.answers.clone()
    };
    match answers {
        Answers::Never => std::future::pending().await,
        Answers::Flood => {
            let piece = Bytes::from(vec![b' '; 1 << 20]);
            let pieces = (0..100).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
            return Body::from_stream(futures::stream::iter(pieces)).into_response();
        }
        Answers::Elsewhere(to) => {
            return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response();
        }
        Answers::Document(document) => return axum::Json(document).into_response(),
        Answers::Rightly | Answers::SignedBy(_) => {}
    }
    let mut play = play.lock().unwrap();
    let grant = play.grants.remove(&form["code"]);
    let right = grant.filter(|grant| {
        let challenge = Sha256::digest(form["code_verifier"].as_bytes());
        form["grant_type"] == "authorization_code"
            && grant.redirect == form["redirect_uri"]
            && grant.challenge == URL_SAFE_NO_PAD.encode(challenge)
    });
    let Some(grant) = right else {
        let refusal = axum::Json(json!({ "error": "invalid_grant" }));
        return (StatusCode::BAD_REQUEST, refusal).into_response();
    };
    let now = play.hands.now().0 / 1000;
    let mut header = json!({ "alg": "ES256", "kid": play.key.id, "typ": "JWT" });
    let mut claims = json!({ "iss": issuer, "aud": "markhound", "sub": grant.subject,
        "nonce": grant.nonce, "iat": now, "exp": now + 300 });
    for (name, value) in play.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    (play.lie.clone())(&mut header, &mut claims);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = match &play.answers {
        Answers::SignedBy(sign) => sign(signed.as_bytes()),
        _ => play.key.sign(signed.as_bytes()),
    };
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    axum::Json(
        json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 300,
        "id_token": token }),
    )
    .into_response()
}

/// What stands behind `Basic`.
pub fn basic(header: &str) -> String {
    let encoded = header.strip_prefix("Basic ").unwrap();
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}
