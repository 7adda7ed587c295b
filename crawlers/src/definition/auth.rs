//! How requests prove who sends them. A definition names environment
//! variables; it never holds a secret.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How requests prove who sends them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Auth {
    /// An OAuth 2 application token by client credentials (RFC 6749, 4.4).
    OauthClientCredentials {
        token_path: String,
        #[serde(default)]
        scope: String,
        client_id_env: EnvName,
        client_secret_env: EnvName,
    },
    /// A key in a header: one variable, or several put together by `value`
    /// (`"{ETSY_KEYSTRING}:{ETSY_SHARED_SECRET}"`).
    ApiKey {
        header: String,
        value_env: Option<EnvName>,
        value: Option<EnvText>,
    },
    /// Keys as query parameters: parameter name to variable. They are added
    /// when a request is sent and appear in no capture.
    QueryKeys {
        parameters: BTreeMap<String, EnvName>,
    },
    /// A key, the time in milliseconds and a signature as query parameters.
    /// Signed are all parameters, sorted by name, each name followed by its
    /// value, with nothing in between; the signature is HMAC-SHA256 in
    /// upper-case hexadecimal digits.
    SignedQuery {
        #[serde(default = "app_key")]
        key_parameter: String,
        key_env: EnvName,
        secret_env: EnvName,
        #[serde(default = "timestamp")]
        timestamp_parameter: String,
        #[serde(default = "sign")]
        sign_parameter: String,
    },
}

fn app_key() -> String {
    "app_key".to_owned()
}

fn timestamp() -> String {
    "timestamp".to_owned()
}

fn sign() -> String {
    "sign".to_owned()
}

impl Auth {
    /// The names of the environment variables, in the order of the file.
    pub(crate) fn env(&self) -> Vec<&str> {
        match self {
            Self::OauthClientCredentials {
                client_id_env,
                client_secret_env,
                ..
            } => vec![&client_id_env.0, &client_secret_env.0],
            Self::ApiKey {
                value_env, value, ..
            } => value_env
                .iter()
                .map(|name| name.0.as_str())
                .chain(value.iter().flat_map(EnvText::names))
                .collect(),
            Self::QueryKeys { parameters } => {
                parameters.values().map(|name| name.0.as_str()).collect()
            }
            Self::SignedQuery {
                key_env,
                secret_env,
                ..
            } => vec![&key_env.0, &secret_env.0],
        }
    }
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct EnvName(pub String);

impl TryFrom<String> for EnvName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty()
            || name.len() > 100
            || !name.bytes().all(fits)
            || name.as_bytes()[0].is_ascii_digit()
        {
            // What was written may be the secret itself: it is not repeated.
            return Err(
                "this is no name of an environment variable (A to Z, 0 to 9, _); \
                        if it is the secret itself, take it out of the file"
                    .to_owned(),
            );
        }
        Ok(Self(name))
    }
}

/// Text with environment variables in it: `{NAME}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct EnvText(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Env(EnvName),
}

impl TryFrom<String> for EnvText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| "a `{` without its `}`".to_owned())?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Env(EnvName::try_from(name.to_owned())?));
            rest = after;
        }
        if parts.is_empty() {
            return Err(
                "no environment variable in it, as in `Bearer {SHOP_TOKEN}`; \
                 a secret does not belong in the file"
                    .to_owned(),
            );
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }
}

impl EnvText {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Env(name) => Some(name.0.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with each variable's value in its place.
    pub(crate) fn fill<E>(
        &self,
        mut value: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Env(name) => text.push_str(&value(&name.0)?),
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_together_and_a_pasted_secret_is_refused_unrepeated() {
        let text = EnvText::try_from("{A_KEY}:{B_SECRET}".to_owned()).expect("a text");
        assert_eq!(text.names().collect::<Vec<_>>(), ["A_KEY", "B_SECRET"]);
        let filled = text.fill(|name| Ok::<_, ()>(name.to_lowercase()));
        assert_eq!(filled.as_deref(), Ok("a_key:b_secret"));
        for secret in ["v^1.1#i^1#p^3", "abc:def", "{sk-live-9}"] {
            let error = EnvText::try_from(secret.to_owned()).expect_err("a secret");
            assert!(!error.contains(secret.trim_matches(['{', '}'])), "{error}");
        }
        assert!(EnvName::try_from("1A".to_owned()).is_err());
    }
}
