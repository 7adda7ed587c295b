//! Asking an authority for a timestamp.

use bytes::Bytes;
use der::asn1::{Int, OctetString};
use der::oid::ObjectIdentifier;
use der::{Any, Encode as _};
use markhound_crawlers::fetch::Fetcher;
use rand::RngExt as _;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use url::Url;
use x509_cert::spki::AlgorithmIdentifier;
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

use super::token::{Stamp, check, read};
use super::{CALENDAR, MAX_TOKEN, configured_anchors, ots};
use crate::app::App;
use crate::packet::{PacketError, wacz};
use crate::scan::service;

const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The authorities that the configuration names, ready to be asked.
pub(in crate::packet) struct Authorities {
    fetcher: Option<Fetcher>,
    urls: Vec<String>,
    /// As they stand among authorities.
    calendars: Vec<String>,
    anchors: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Those of the configuration; none is no error.
    pub fn configured(app: &App) -> Result<Self, PacketError> {
        let urls = app.config.packet.timestamps.clone();
        let calendars = app.config.packet.opentimestamps.iter();
        let calendars: Vec<String> = calendars.map(|url| format!("{CALENDAR}{url}")).collect();
        let fetcher = match urls.is_empty() && calendars.is_empty() {
            true => None,
            false => Some(
                service::service_fetcher(app)
                    .map_err(|error| PacketError::Timestamps(error.to_string()))?,
            ),
        };
        Ok(Self {
            fetcher,
            urls,
            calendars,
            anchors: configured_anchors(app)?,
        })
    }

    /// Their addresses.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The calendars, and as what they are recorded.
    pub fn calendars(&self) -> &[String] {
        &self.calendars
    }

    /// Asks a calendar to commit to the data; gives what it answers as a `.ots` file.
    pub async fn commit(&self, calendar: &str, data: &[u8]) -> Result<Vec<u8>, String> {
        let fetcher = self.fetcher.as_ref().ok_or("no calendar is configured")?;
        let base = calendar.strip_prefix(CALENDAR).unwrap_or(calendar);
        let address = format!("{}/digest", base.trim_end_matches('/'));
        let digest = Sha256::digest(data).to_vec();
        let kind = "application/x-www-form-urlencoded";
        let answer = post(fetcher, base, &address, kind, digest).await?;
        ots::file(data, &answer).map_err(|why| format!("{base}: {why}"))
    }

    /// The certificates behind a token, in order, up to the trusted one.
    pub fn chain_of(&self, token: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
        let token = read(token)?;
        Ok(wacz::ordered(
            &token.own,
            &token.certificates,
            &self.anchors,
        ))
    }

    /// Asks one for a timestamp of the data, and checks what it gives.
    pub async fn ask(&self, url: &str, data: &[u8]) -> Result<(Vec<u8>, Stamp), String> {
        let fetcher = self.fetcher.as_ref().ok_or("no authority is configured")?;
        let nonce = nonce();
        let request = request(data, &nonce).map_err(|error| error.to_string())?;
        let kind = "application/timestamp-query";
        let token = post(fetcher, url, url, kind, request).await?;
        let stamp = check(&token, data, &self.anchors).map_err(|why| format!("{url}: {why}"))?;
        if stamp.nonce.as_deref() != Some(&nonce[..]) {
            return Err(format!("{url}: the token answers another request"));
        }
        if let Some(Err(why)) = &stamp.trusted {
            return Err(format!("{url}: {why}"));
        }
        Ok((token, stamp))
    }
}

/// What somebody answers to a request at an address of theirs.
async fn post(
    fetcher: &Fetcher,
    whose: &str,
    address: &str,
    kind: &str,
    body: Vec<u8>,
) -> Result<Vec<u8>, String> {
    let address = Url::parse(address).map_err(|why| format!("{whose} is no address: {why}"))?;
    let answer = fetcher
        .post(&address, kind, Bytes::from(body), MAX_TOKEN)
        .await
        .map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!(
            "{whose} answered with HTTP status {}",
            answer.status
        ));
    }
    Ok(answer.body.to_vec())
}

/// Eight bytes that are a positive number in the shortest form.
fn nonce() -> [u8; 8] {
    let mut bytes: [u8; 8] = rand::rng().random();
    bytes[0] = bytes[0] & 0x3f | 0x40;
    bytes
}

fn request(data: &[u8], nonce: &[u8]) -> der::Result<Vec<u8>> {
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifier {
                oid: SHA256,
                parameters: Some(Any::null()),
            },
            hashed_message: OctetString::new(Sha256::digest(data).to_vec())?,
        },
        req_policy: None,
        nonce: Some(Int::new(nonce)?),
        cert_req: true,
        extensions: None,
    };
    request.to_der()
}
