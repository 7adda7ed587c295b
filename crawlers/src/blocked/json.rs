//! Errors that come as JSON with a status of success.

use serde_json::{Map, Value};

use super::words::Words;
use super::{Instead, Verdict, verdict};

/// The largest body that can be an error and nothing else, in bytes.
const LARGEST: usize = 16 * 1024;
/// The names an error's object has, in lower case without `_` and `-`.
const NAMES: [&str; 30] = [
    "error",
    "errors",
    "code",
    "status",
    "statuscode",
    "message",
    "messages",
    "msg",
    "detail",
    "details",
    "title",
    "type",
    "success",
    "ok",
    "timestamp",
    "path",
    "trace",
    "traceid",
    "requestid",
    "instance",
    "reason",
    "description",
    "errorcode",
    "errormessage",
    "exception",
    "url",
    "longdescription",
    "correlationid",
    "documentationurl",
    "retryafter",
];

/// Judges an object that holds an error and nothing else.
pub(super) fn judge(words: &Words, body: &[u8]) -> Option<Verdict> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.len() > LARGEST {
        return None;
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return None;
    };
    let text = String::from_utf8_lossy(body).to_lowercase();
    if let Some((wall, mark)) = words.marked(text.as_bytes()) {
        return Some(super::by(wall, &format!("its mark `{mark}`")));
    }
    if !is_error(&object) {
        return None;
    }
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    let refused = has(&[
        "403",
        "401",
        "429",
        "forbidden",
        "denied",
        "unauthori",
        "captcha",
        "robot",
        "too many requests",
        "rate limit",
        "blocked",
        "not authenticated",
    ]);
    let instead = if refused && !has(&["not found", "notfound", "not_found", "404"]) {
        Instead::Wall
    } else {
        Instead::NotFound
    };
    let shown: String = text.chars().take(120).collect();
    Some(verdict(
        instead,
        format!("an error as JSON with status of success: {shown}"),
    ))
}

fn is_error(object: &Map<String, Value>) -> bool {
    let plain = |name: &String| name.to_ascii_lowercase().replace(['_', '-'], "");
    if object.is_empty()
        || !object
            .keys()
            .all(|name| NAMES.contains(&plain(name).as_str()))
    {
        return false;
    }
    object
        .iter()
        .any(|(name, value)| match plain(name).as_str() {
            "error" | "errors" | "exception" | "errorcode" | "errormessage" => {
                says_something(value)
            }
            "success" | "ok" => value == &Value::Bool(false),
            "status" | "statuscode" | "code" => {
                let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
                number.is_some_and(|number| (400..600).contains(&number))
                    || value.as_str().is_some_and(|text| {
                        matches!(
                            text.to_ascii_lowercase().as_str(),
                            "error" | "fail" | "failed"
                        )
                    })
            }
            _ => false,
        })
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(true) => true,
        Value::Number(number) => number.as_u64() != Some(0),
    }
}
