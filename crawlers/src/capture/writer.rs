//! Writes WARC 1.1 (ISO 28500:2017), one gzip member a record.

use std::collections::HashMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::digest;
use super::draft::{Draft, Members, Packer, RecordPlace, bracketed, date};
use super::exchange::{Earlier, HttpRecord, payload_digest};
use super::head;

const IDENTICAL: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";

/// What the `warcinfo` record at the head of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// The name of the file, without folders.
    pub filename: String,
    /// Program and version, `markhound/0.1`.
    pub software: String,
    /// Who runs the crawl and how to reach them.
    pub operator: String,
    /// The `User-Agent` sent.
    pub user_agent: String,
    /// The robots policy, `obey` unless stated otherwise.
    pub robots: String,
    /// When the file was begun.
    pub created: Timestamp,
}

impl FileInfo {
    /// With nothing said of operator and user agent, and robots.txt obeyed.
    #[must_use]
    pub fn new(filename: &str, software: &str, created: Timestamp) -> Self {
        Self {
            filename: filename.to_owned(),
            software: software.to_owned(),
            operator: String::new(),
            user_agent: String::new(),
            robots: "obey".to_owned(),
            created,
        }
    }
}

/// The records that were written for one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The certificate chain, when this exchange is the first with it in the file.
    pub certificates: Option<RecordPlace>,
    /// Where that chain stands in the file, if the exchange has one.
    pub chain: Option<RecordPlace>,
    /// The `request`.
    pub request: RecordPlace,
    /// The `response`, or the `revisit`.
    pub response: RecordPlace,
    /// What was parsed, if it was given.
    pub metadata: Option<RecordPlace>,
    /// The payload's digest as written, `sha256:` and 64 hexadecimal digits.
    pub payload_digest: String,
}

/// Writes exchanges into a WARC file.
///
/// The same exchange gives the same bytes, in any file: record names come from
/// the content, and gzip headers hold no time. (The compressed bytes may change
/// with another version of the compressor.) An exchange is handed to the
/// output in one piece; after an error the file should be cut at
/// [`Self::offset`], where the last whole exchange ends.
#[derive(Debug)]
pub struct WarcWriter<W> {
    out: W,
    offset: u64,
    /// The certificate chains of the file, by the names of their records.
    chains: HashMap<String, RecordPlace>,
    packer: Packer,
}

impl<W: Write> WarcWriter<W> {
    /// Begins a file with its `warcinfo` record.
    ///
    /// # Errors
    /// Those of the output.
    pub fn create(out: W, info: &FileInfo) -> io::Result<Self> {
        let mut writer = Self::resume(out, 0);
        let mut fields = String::new();
        head::line(&mut fields, "software", &info.software);
        head::line(&mut fields, "format", "WARC File Format 1.1");
        head::line(
            &mut fields,
            "conformsTo",
            "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        );
        head::line(&mut fields, "robots", &info.robots);
        for (name, value) in [
            ("operator", &info.operator),
            ("http-header-user-agent", &info.user_agent),
        ] {
            if !value.is_empty() {
                head::line(&mut fields, name, value);
            }
        }
        let mut record = Draft::new("warcinfo", "application/warc-fields", fields.into_bytes());
        record.date = Some(info.created);
        record.field("WARC-Filename", &info.filename);
        let mut members = Members::at(0, &mut writer.packer);
        members.add(&record)?;
        let bytes = members.bytes;
        writer.put(&bytes)?;
        Ok(writer)
    }

    /// Goes on with a file that is `offset` bytes long and has its `warcinfo`.
    #[must_use]
    pub fn resume(out: W, offset: u64) -> Self {
        Self {
            out,
            offset,
            chains: HashMap::new(),
            packer: Packer::new(),
        }
    }

    /// Where the next record will begin.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The output.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// The output, with all that was written.
    #[must_use]
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Writes an exchange: the certificate chain if it is new to the file, the
    /// request, the response, and what was parsed out of it.
    ///
    /// With `earlier` the payload is not written again: the response becomes a
    /// `revisit` of the record that has it.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write(
        &mut self,
        exchange: &HttpRecord,
        earlier: Option<&Earlier>,
        parsed: Option<&Value>,
    ) -> io::Result<Written> {
        let uri = head::target_uri(&exchange.url);
        let known = exchange.payload_digest.clone();
        let payload_digest = known.unwrap_or_else(|| payload_digest(&exchange.payload));
        let chain = chain_record(exchange);

        let mut response = response_record(exchange, &uri, &payload_digest, earlier);
        if let Some(chain) = &chain {
            response.field("X-TLS-Certificate-Chain", &bracketed(&chain.id()));
        }
        let response_id = response.id();
        let request = request_record(exchange, &uri, &response_id);
        let metadata =
            parsed.map(|parsed| metadata_record(json(parsed), &response_id, &uri, exchange.at));

        let mut members = Members::at(self.offset, &mut self.packer);
        let known_chain = chain
            .as_ref()
            .and_then(|chain| self.chains.get(&chain.id()).cloned());
        let new_chain = chain.filter(|_| known_chain.is_none());
        let certificates = new_chain.as_ref().map(|c| members.add(c)).transpose()?;
        let written = Written {
            chain: certificates.clone().or(known_chain),
            certificates,
            request: members.add(&request)?,
            response: members.add(&response)?,
            metadata: metadata.as_ref().map(|m| members.add(m)).transpose()?,
            payload_digest,
        };
        let bytes = members.bytes;
        self.put(&bytes)?;
        let new_chain = new_chain.zip(written.certificates.clone());
        self.chains
            .extend(new_chain.map(|(chain, place)| (chain.id(), place)));
        Ok(written)
    }

    /// Writes what was parsed out of a response that was written before: the
    /// response's record, its URL and its time.
    ///
    /// # Errors
    /// Those of the output, and where it cannot be written as JSON.
    pub fn write_parsed(
        &mut self,
        response_id: &str,
        url: &Url,
        at: Timestamp,
        parsed: &impl Serialize,
    ) -> io::Result<RecordPlace> {
        let parsed = serde_json::to_vec(parsed)?;
        let record = metadata_record(parsed, response_id, &head::target_uri(url), at);
        let mut members = Members::at(self.offset, &mut self.packer);
        let place = members.add(&record)?;
        let bytes = members.bytes;
        self.put(&bytes)?;
        Ok(place)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}

/// What was parsed out of a response.
fn metadata_record(parsed: Vec<u8>, response_id: &str, uri: &str, at: Timestamp) -> Draft {
    let mut record = Draft::new("metadata", "application/json", parsed);
    record.of(at, uri);
    record.field("WARC-Refers-To", &bracketed(response_id));
    record.field("WARC-Concurrent-To", &bracketed(response_id));
    record
}

fn request_record(exchange: &HttpRecord, uri: &str, response_id: &str) -> Draft {
    let mut block = head::request(exchange);
    let body = exchange.request_body.clone().unwrap_or_default();
    block.extend_from_slice(&body);
    let mut record = Draft::new("request", "application/http; msgtype=request", block);
    record.of(exchange.at, uri);
    if !body.is_empty() {
        record.field("WARC-Payload-Digest", &digest::sha256(&body));
    }
    record.field("WARC-Concurrent-To", &bracketed(response_id));
    record
}

fn response_record(
    exchange: &HttpRecord,
    uri: &str,
    payload_digest: &str,
    earlier: Option<&Earlier>,
) -> Draft {
    let kind = earlier.map_or("response", |_| "revisit");
    let mut block = head::response(exchange);
    if earlier.is_none() {
        block.extend_from_slice(&exchange.payload);
    }
    let mut record = Draft::new(kind, "application/http; msgtype=response", block);
    record.of(exchange.at, uri);
    record.field("WARC-Payload-Digest", payload_digest);
    if let Some(peer) = exchange.peer {
        // `to_canonical`: an IPv4 peer seen through an IPv6 socket is IPv4.
        record.field("WARC-IP-Address", &peer.ip().to_canonical().to_string());
    }
    if let Some(earlier) = earlier {
        record.field("WARC-Profile", IDENTICAL);
        record.field("WARC-Refers-To", &bracketed(&earlier.record_id));
        record.field("WARC-Refers-To-Target-URI", &head::target_uri(&earlier.url));
        record.field("WARC-Refers-To-Date", &date(earlier.at));
    }
    record
}

/// The chain as PEM, in a metadata record whose name depends on it alone, so
/// that every response can name it without knowing what else the file holds.
fn chain_record(exchange: &HttpRecord) -> Option<Draft> {
    if exchange.tls_chain.is_empty() {
        return None;
    }
    let pem = pem(&exchange.tls_chain);
    let name = digest::sha256(pem.as_bytes()).replace(':', "-");
    let mut record = Draft::new("metadata", "application/pem-certificate-chain", pem.into());
    record.date = Some(exchange.at);
    record.undated_id = true;
    record.field(
        "WARC-Target-URI",
        &format!("metadata://markhound/tls-chain/{name}.pem"),
    );
    Some(record)
}

/// Certificates as RFC 7468 text, in the order given (RFC 8555 §9.1).
fn pem(chain: &[Bytes]) -> String {
    let mut text = String::new();
    for certificate in chain {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let base64 = STANDARD.encode(certificate);
        for (at, letter) in base64.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                text.push('\n');
            }
            text.push(letter);
        }
        text.push_str("\n-----END CERTIFICATE-----\n");
    }
    text
}

fn json(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
