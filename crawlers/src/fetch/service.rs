//! Requests to services that the configuration names, such as timestamping
//! authorities: no shops, so there is no robots.txt to ask and no pace to keep, but
//! the same guard, the same bounds and no redirects.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::http::request::Builder;
use url::Url;

use super::receive::{Wanted, bounded_headers};
use super::{FetchError, Fetcher};

/// What a service answered.
#[derive(Debug, Clone)]
pub struct ServiceAnswer {
    /// HTTP status.
    pub status: u16,
    /// The answer's `Content-Type`, where it has one.
    pub content_type: Option<String>,
    /// The body, decoded.
    pub body: Bytes,
}

impl Fetcher {
    /// Posts `body` to a service once and gives its answer, whatever its status;
    /// one over `most` bytes is an error.
    ///
    /// # Errors
    /// [`FetchError`] when the address may not be asked or gives no whole answer.
    pub async fn post(
        &self,
        url: &Url,
        content_type: &str,
        body: Bytes,
        most: usize,
    ) -> Result<ServiceAnswer, FetchError> {
        self.post_with(url, content_type, &[], body, most).await
    }

    /// [`Fetcher::post`] with further headers, such as a signature of the body.
    ///
    /// # Errors
    /// As there.
    pub async fn post_with(
        &self,
        url: &Url,
        content_type: &str,
        headers: &[(&str, String)],
        body: Bytes,
        most: usize,
    ) -> Result<ServiceAnswer, FetchError> {
        let request = hyper::Request::post(url.as_str()).header(CONTENT_TYPE, content_type);
        self.ask(url, request, headers, body, most).await
    }

    /// Asks a service for a document once and gives its answer, whatever its status;
    /// one over `most` bytes is an error.
    ///
    /// # Errors
    /// As for [`Fetcher::post`].
    pub async fn get_with(
        &self,
        url: &Url,
        headers: &[(&str, String)],
        most: usize,
    ) -> Result<ServiceAnswer, FetchError> {
        let request = hyper::Request::get(url.as_str());
        self.ask(url, request, headers, Bytes::new(), most).await
    }

    async fn ask(
        &self,
        url: &Url,
        request: Builder,
        headers: &[(&str, String)],
        body: Bytes,
        most: usize,
    ) -> Result<ServiceAnswer, FetchError> {
        self.check_url(url)?;
        let asked = self.ask_unbounded(url, request, headers, body, most);
        self.in_time(url, asked).await
    }

    async fn ask_unbounded(
        &self,
        url: &Url,
        request: Builder,
        headers: &[(&str, String)],
        body: Bytes,
        most: usize,
    ) -> Result<ServiceAnswer, FetchError> {
        let request = request.header(USER_AGENT, self.user_agent());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, value)
        });
        let request = request
            .body(Full::new(body))
            .map_err(|error| FetchError::BadUrl {
                url: url.as_str().chars().take(200).collect(),
                reason: error.to_string(),
            })?;
        let header_bytes = self.limits().header_bytes;
        let response = self.client().send(url, request, header_bytes).await?;
        let (parts, incoming) = response.into_parts();
        let headers = bounded_headers(url, &parts.headers, header_bytes)?;
        let payload = self
            .read_body(url, &headers, incoming, Wanted::Whole(most))
            .await?;
        let content_type = headers
            .into_iter()
            .find(|(name, _)| name == "content-type")
            .map(|(_, value)| value);
        Ok(ServiceAnswer {
            status: parts.status.as_u16(),
            content_type,
            body: payload.body,
        })
    }
}
