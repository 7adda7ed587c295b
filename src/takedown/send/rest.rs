//! Notices as a request to a programme's interface, as the channel describes it.

use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::{Made, Sent};
use crate::takedown::TakedownError;
use crate::takedown::channel::{Channel, Request, StatusRequest};
use crate::takedown::check::Fault;
use crate::takedown::facts::{plain, said};
use crate::takedown::sheet::Sheet;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The request's body.
pub(super) fn make(channel: &Channel, sheet: &Sheet, name: &str) -> Result<Made, TakedownError> {
    let made = |bytes, to, fault| Made {
        bytes,
        file_name: format!("{name}.json"),
        media_type: "application/json",
        to,
        fault,
    };
    let Some(request) = &channel.request else {
        return Ok(made(
            Vec::new(),
            None,
            Some(Fault {
                field: "request".to_owned(),
                item: None,
                why: format!("{} has no interface", channel.name),
            }),
        ));
    };
    let items = sheet.items.iter().map(|item| {
        let mut object = Map::new();
        for (key, name) in &request.item {
            let asked = channel
                .field(name)
                .and_then(|field| field.when.as_ref())
                .is_none_or(|when| sheet.holds(when, Some(item)));
            let Some(value) = sheet.value(Some(item), name).filter(|_| asked) else {
                continue;
            };
            let value = if request.lists.contains(key) {
                value.split(',').map(|one| json!(one.trim())).collect()
            } else {
                json!(value)
            };
            object.insert(key.clone(), value);
        }
        Value::Object(object)
    });
    let body = json!({ &request.items: items.collect::<Vec<_>>() });
    let bytes = serde_json::to_vec_pretty(&body).map_err(|why| TakedownError::Making {
        what: "request",
        why: why.to_string(),
    })?;
    Ok(made(
        bytes,
        Some(format!("{}{}", request.base, request.path)),
        None,
    ))
}

/// Where a request goes. Plain HTTP is for this machine only.
fn address(request: &Request, path: &str) -> Result<Url, String> {
    let url = Url::parse(&format!("{}{path}", request.base.trim_end_matches('/')))
        .map_err(|e| format!("the channel's address cannot be read: {e}"))?;
    let here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && here) {
        Ok(url)
    } else {
        Err(format!("{url} is not https; a token is not sent there"))
    }
}

/// Sends the attested request.
pub(super) async fn send(
    channel: &Channel,
    bytes: Vec<u8>,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Sent, String> {
    let request = channel
        .request
        .as_ref()
        .ok_or("the channel has no interface any more")?;
    let url = address(request, &request.path)?;
    let token = token(request, secrets)?;
    let asked = client()?
        .post(url)
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(bytes);
    let (status, response) = answered(asked).await?;
    let document: Value = serde_json::from_slice(&response).unwrap_or_default();
    let number = said(&document[&request.report_id], 100);
    Ok(Sent {
        answer: match &number {
            Some(number) => format!("{} took it as report {number}", channel.name),
            None => format!("{} took it ({status}) and gave no number", channel.name),
        },
        external_id: number,
        response,
    })
}

/// Asks what became of a report; gives the answer as it came and as it is read.
pub(in crate::takedown) async fn ask(
    channel: &Channel,
    status: &StatusRequest,
    report: &str,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<(Vec<u8>, Value), String> {
    let request = channel
        .request
        .as_ref()
        .ok_or("the channel has no interface any more")?;
    // The number came in an answer: it is one part of a path, and nothing else.
    let number: String = url::form_urlencoded::byte_serialize(report.as_bytes()).collect();
    let url = address(request, &status.path.replace("{report}", &number))?;
    let asked = client()?
        .get(url)
        .bearer_auth(token(request, secrets)?)
        .header("accept", "application/json");
    let (_, response) = answered(asked).await?;
    let document = serde_json::from_slice(&response)
        .map_err(|why| format!("its answer cannot be read: {why}"))?;
    Ok((response, document))
}

fn token(
    request: &Request,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<String, String> {
    secrets(&request.token_env).ok_or_else(|| {
        format!(
            "set the environment variable {} to an access token",
            request.token_env
        )
    })
}

fn client() -> Result<reqwest::Client, String> {
    // Another part of the process may have chosen one already.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .user_agent(concat!("markhound/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| format!("no client can be made: {e}"))
}

/// The answer to a request, where it is one of success.
async fn answered(
    asked: reqwest::RequestBuilder,
) -> Result<(reqwest::StatusCode, Vec<u8>), String> {
    let mut answer = asked
        .send()
        .await
        .map_err(|e| format!("no answer: {}", e.without_url()))?;
    let status = answer.status();
    let mut response = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|e| e.without_url().to_string())?
    {
        if response.len() + chunk.len() > MAX_ANSWER {
            return Err("its answer is too long".to_owned());
        }
        response.extend_from_slice(&chunk);
    }
    if !status.is_success() {
        let text: String = String::from_utf8_lossy(&response)
            .chars()
            .take(300)
            .collect();
        return Err(format!("answered {status}: {}", plain(&text, 300)));
    }
    Ok((status, response))
}
