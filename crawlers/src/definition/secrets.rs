//! Secrets that were pasted into a definition.

use url::Url;

/// Headers that carry credentials.
const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "api-key",
    "x-auth-token",
];
/// Query parameters that do.
const SECRET_PARAMETERS: [&str; 14] = [
    "key",
    "apikey",
    "api_key",
    "token",
    "access_token",
    "accesstoken",
    "auth_token",
    "accesskey",
    "access_key",
    "secret",
    "client_secret",
    "password",
    "sig",
    "signature",
];

/// Fields whose value looks like a secret, and why. The value itself is not
/// repeated: messages end in logs.
pub(super) fn look_for(strings: &[(String, String)]) -> Vec<(String, String)> {
    strings
        .iter()
        .filter_map(|(field, text)| Some((field.clone(), why(field, text)?)))
        .collect()
}

fn why(field: &str, text: &str) -> Option<String> {
    const ADVICE: &str = "name an environment variable in [auth] instead, and change the secret if the file was shared";
    if let Some(header) = field.strip_prefix("headers.") {
        let header = header.to_ascii_lowercase();
        if SECRET_HEADERS.contains(&header.as_str()) {
            return Some(format!("the header `{header}` carries a secret; {ADVICE}"));
        }
    }
    if let Some(name) = parameter(text) {
        return Some(format!("the parameter `{name}` carries a secret; {ADVICE}"));
    }
    let plain =
        !field.contains("terms_note") && !field.ends_with(".css") && !field.ends_with("jsonpath");
    (plain && is_token(text)).then(|| format!("this looks like a secret; {ADVICE}"))
}

/// The query parameter of a URL that holds a literal secret.
fn parameter(text: &str) -> Option<String> {
    let (_, query) = text.split_once('?')?;
    let base = Url::parse("https://template.invalid/").ok()?;
    let url = base.join(&format!("?{query}")).ok()?;
    url.query_pairs()
        .find(|(name, value)| {
            let name = name.to_ascii_lowercase();
            SECRET_PARAMETERS.contains(&name.as_str()) && value.len() >= 6 && !value.contains('{')
        })
        .map(|(name, _)| name.into_owned())
}

/// Long, of one piece, of letters and digits in no order a person would write.
fn is_token(text: &str) -> bool {
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    let fits = |b: u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'+' | b'=' | b'_' | b'-' | b'.' | b'#' | b'^' | b':')
    };
    if !(24..=4096).contains(&text.len()) || !text.bytes().all(fits) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // Between a letter and a digit, or a small and a capital letter.
    let class = |b: u8| {
        (
            b.is_ascii_digit(),
            b.is_ascii_uppercase(),
            b.is_ascii_lowercase(),
        )
    };
    let bytes = text.as_bytes();
    let changes = bytes
        .windows(2)
        .filter(|pair| class(pair[0]) != class(pair[1]))
        .count();
    digits >= 3 && changes * 4 >= text.len()
}
