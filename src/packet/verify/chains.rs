//! The certificates that a server showed with its answer.
//!
//! Each chain is a record of its own, named by the SHA-256 of its text, and answers name
//! that record. So another chain in its place, or none, shows; and since the scan took an
//! answer only from a server whose certificate is of the host that it asked, one of
//! another host is not the chain that the answer came with.

use std::collections::BTreeMap;

use markhound_crawlers::capture::Record;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use sha2::{Digest, Sha256};
use url::Url;
use webpki::EndEntityCert;

/// What kind of record a chain is.
const MEDIA: &str = "application/pem-certificate-chain";
/// The field by which an answer names the record of its chain.
const NAMES: &str = "X-TLS-Certificate-Chain";

/// The chains of a WARC file by the names of their records: the server's own
/// certificate, where one can be read.
#[derive(Default)]
pub(super) struct Chains(BTreeMap<String, Option<CertificateDer<'static>>>);

impl Chains {
    /// Takes a record in, if it is a chain.
    pub fn note(&mut self, record: &Record, wrong: &mut Vec<String>) {
        if record.field("Content-Type") != Some(MEDIA) {
            return;
        }
        let id = record.id().unwrap_or_default();
        let sha256 = hex::encode(Sha256::digest(&record.block));
        let named = format!("metadata://markhound/tls-chain/sha256-{sha256}.pem");
        if record.target_uri() != Some(named.as_str()) {
            wrong.push(format!(
                "the certificate chain {id} is not the one whose SHA-256 it is named by"
            ));
        }
        let mut chain = CertificateDer::pem_slice_iter(&record.block);
        let own = chain.next().and_then(Result::ok);
        if own.is_none() || chain.any(|further| further.is_err()) {
            wrong.push(format!("the certificate chain {id} cannot be read"));
        }
        self.0.insert(id.to_owned(), own);
    }

    /// Whether an answer over TLS has a chain, which is there and is of its host.
    /// `beside` are the records that belong to the capture.
    pub fn fault(&self, answer: &Answered, beside: &[&str]) -> Option<String> {
        let Answered { url, chain } = answer;
        let url = Url::parse(url).ok()?;
        let over_tls = url.scheme() == "https";
        let Some(chain) = chain else {
            let why = "came over TLS and names no certificate chain";
            return over_tls.then(|| why.to_owned());
        };
        if !beside.contains(&chain.as_str()) {
            return Some(format!(
                "names the certificate chain {chain}, which is not its"
            ));
        }
        let Some(own) = self.0.get(chain) else {
            return Some(format!(
                "names the certificate chain {chain}, which is missing"
            ));
        };
        let host = url.host_str().unwrap_or_default();
        let name = ServerName::try_from(host.trim_matches(['[', ']'])).ok()?;
        let of_it = own.as_ref().is_some_and(|own| {
            EndEntityCert::try_from(own)
                .is_ok_and(|own| own.verify_is_valid_for_subject_name(&name).is_ok())
        });
        (!of_it).then(|| format!("has the certificate chain of another host than {host}"))
    }
}

/// What an answer says of the connection that it came over.
pub(super) struct Answered {
    url: String,
    chain: Option<String>,
}

impl Answered {
    /// Of an answer's record.
    pub fn by(record: &Record) -> Self {
        let chain = record.field(NAMES);
        Self {
            url: record.target_uri().unwrap_or_default().to_owned(),
            chain: chain.map(|id| id.trim_matches(['<', '>']).to_owned()),
        }
    }
}
