//! Credentials: application tokens and API keys.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::host::Host;
use super::send::{Answer, Request};
use super::{FetchError, Fetcher, signing};
use crate::definition::auth::Auth;
use crate::definition::{Definition, authority};

/// The application tokens in use. Held locked while one is asked for, so that
/// a source signs in once however many fetches wait for it.
#[derive(Default)]
pub(super) struct Tokens {
    held: tokio::sync::Mutex<HashMap<String, Token>>,
}

#[derive(Clone)]
struct Token {
    value: String,
    expires: Timestamp,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default = "two_hours")]
    expires_in: i64,
}

const fn two_hours() -> i64 {
    7200
}

impl Fetcher {
    /// Sends a request with the source's credentials, if it has some. A 401
    /// makes a held token worthless: it is replaced, once.
    pub(super) async fn send_signed(
        &self,
        definition: &Definition,
        host: &Host,
        mut request: Request,
    ) -> Result<(Answer, Request), FetchError> {
        match &definition.schema.auth {
            None => {}
            Some(Auth::ApiKey {
                header,
                value_env,
                value,
            }) => {
                let key = match (value_env, value) {
                    (_, Some(text)) => text.fill(|name| self.credential(definition, name))?,
                    (Some(name), None) => self.credential(definition, &name.0)?,
                    (None, None) => String::new(),
                };
                request
                    .headers
                    .push((header.to_ascii_lowercase(), key, true));
            }
            Some(Auth::QueryKeys { parameters }) => {
                for (name, variable) in parameters {
                    let key = self.credential(definition, &variable.0)?;
                    request.secret_query.push((name.clone(), key));
                }
            }
            Some(Auth::SignedQuery {
                key_parameter,
                key_env,
                secret_env,
                timestamp_parameter,
                sign_parameter,
            }) => {
                let key = self.credential(definition, &key_env.0)?;
                let secret = self.credential(definition, &secret_env.0)?;
                let time = self.now().as_millisecond().to_string();
                let added = vec![
                    (key_parameter.clone(), key),
                    (timestamp_parameter.clone(), time),
                ];
                request.secret_query =
                    signing::signed(&request.url, added, sign_parameter, &secret);
            }
            Some(Auth::OauthClientCredentials { .. }) => {
                let token = self.token(definition, None).await?;
                let answer = self
                    .send(definition, host, &with_token(&request, &token))
                    .await?;
                if answer.status != 401 {
                    return Ok((answer, with_token(&request, &token)));
                }
                let token = self.token(definition, Some(&token)).await?;
                request = with_token(&request, &token);
            }
        }
        let answer = self.send(definition, host, &request).await?;
        Ok((answer, request))
    }

    fn credential(&self, definition: &Definition, name: &str) -> Result<String, FetchError> {
        self.credentials()
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
            .ok_or_else(|| FetchError::Credentials {
                source_id: definition.id().to_owned(),
                reason: format!("the environment variable {name} is not set"),
            })
    }

    /// The token in use, or a new one when there is none, it has run out, or
    /// it is the one that was `refused`.
    async fn token(
        &self,
        definition: &Definition,
        refused: Option<&str>,
    ) -> Result<String, FetchError> {
        let key = format!("{} {}", definition.id(), authority(definition.base()));
        let mut held = self.tokens().held.lock().await;
        if let Some(token) = held.get(&key)
            && token.expires > self.now()
            && refused != Some(token.value.as_str())
        {
            return Ok(token.value.clone());
        }
        let token = self.ask_for_token(definition).await?;
        held.insert(key, token.clone());
        Ok(token.value)
    }

    async fn ask_for_token(&self, definition: &Definition) -> Result<Token, FetchError> {
        let Some(Auth::OauthClientCredentials {
            token_path,
            scope,
            client_id_env,
            client_secret_env,
        }) = &definition.schema.auth
        else {
            return Err(refusal(definition, "no [auth] of this kind".to_owned()));
        };
        let id = self.credential(definition, &client_id_env.0)?;
        let secret = self.credential(definition, &client_secret_env.0)?;
        let url = definition
            .base()
            .join(token_path)
            .map_err(|error| refusal(definition, format!("token_path `{token_path}`: {error}")))?;
        self.check_url(&url)?;
        if !definition.allows(&url) {
            return Err(refusal(
                definition,
                format!("{url} is not on an allowed host"),
            ));
        }
        let host = self.host(&url, definition);
        self.obey_robots(definition, &host, &url).await?;
        let mut request = Request::get(url, "application/json");
        let basic = format!("Basic {}", base64(format!("{id}:{secret}").as_bytes()));
        request
            .headers
            .push(("authorization".to_owned(), basic, true));
        let mut form = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        if !scope.is_empty() {
            form.push(("scope".to_owned(), scope.clone()));
        }
        request.form = Some(form);
        let answer = self.send(definition, &host, &request).await?;
        if answer.status != 200 {
            let status = answer.status;
            return Err(refusal(
                definition,
                format!(
                    "the token service answered {status}; check {} and {}",
                    client_id_env.0, client_secret_env.0
                ),
            ));
        }
        let read: TokenAnswer = serde_json::from_slice(&answer.body)
            .map_err(|error| refusal(definition, format!("the token service's answer: {error}")))?;
        // A minute early, so that no request carries a token that has just run out.
        let lifetime = SignedDuration::from_secs(read.expires_in.clamp(60, 86_400) - 60);
        Ok(Token {
            value: read.access_token,
            expires: answer.at.saturating_add(lifetime).unwrap_or(answer.at),
        })
    }
}

fn refusal(definition: &Definition, reason: String) -> FetchError {
    FetchError::Credentials {
        source_id: definition.id().to_owned(),
        reason,
    }
}

fn with_token(request: &Request, token: &str) -> Request {
    let mut request = request.clone();
    request
        .headers
        .retain(|(name, _, _)| name != "authorization");
    request
        .headers
        .push(("authorization".to_owned(), format!("Bearer {token}"), true));
    request
}

/// Standard base64 with padding, for the Basic scheme and for pictures in JSON.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (at, byte)| {
            word | u32::from(*byte) << (16 - 8 * at)
        });
        for at in 0..4 {
            if at <= chunk.len() {
                let index = (word >> (18 - 6 * at)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_padded_as_the_basic_scheme_wants_it() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
        assert_eq!(
            base64(b"Aladdin:open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
    }
}
