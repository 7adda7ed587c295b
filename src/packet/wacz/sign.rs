//! The signature of an archive, by the certificate of a domain (the WACZ signing
//! specification, 0.1.0): an ECDSA P-256 signature over the hash of
//! datapackage.json, and a timestamp over the signature.
//!
//! `authsign` wants the certificate to be less than 48 hours old when it signs and
//! the timestamp within ten minutes; both are the business of whoever configures it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use der::pem::{self, LineEnding};
use der::{Decode as _, Encode as _};
use jiff::{SignedDuration, Timestamp};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use p256::pkcs8::DecodePrivateKey as _;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use x509_cert::Certificate as X509;

use crate::app::App;
use crate::packet::PacketError;
use crate::packet::stamp::{self, Authorities};

/// How far a timestamp may be from when a signature says that it was made.
const APART: SignedDuration = SignedDuration::from_mins(10);

/// A domain's certificate and its key.
pub(in crate::packet) struct Certificate {
    key: SigningKey,
    chain: String,
    domain: String,
}

impl Certificate {
    /// The one that the configuration names; none where it names none.
    pub fn configured(app: &App) -> Result<Option<Self>, PacketError> {
        let (Some(path), Some(key_path)) = (
            &app.config.packet.certificate,
            &app.config.packet.certificate_key,
        ) else {
            return Ok(None);
        };
        let wrong = |path: &std::path::Path, why: String| PacketError::Certificates {
            path: path.to_owned(),
            why,
        };
        let certificates = stamp::read_certificates(path)?;
        let text = std::fs::read_to_string(key_path)
            .map_err(|error| wrong(key_path, error.to_string()))?;
        let key = private_key(&text).map_err(|why| wrong(key_path, why))?;
        let leaf = certificates.first().map(|leaf| X509::from_der(leaf));
        let Some(Ok(leaf)) = leaf else {
            return Err(wrong(
                path,
                "its first certificate cannot be read".to_owned(),
            ));
        };
        if verifying_key(&leaf).as_ref() != Some(key.verifying_key()) {
            return Err(wrong(
                path,
                "its first certificate is not of the key in packet.certificate_key".to_owned(),
            ));
        }
        Ok(Some(Self {
            key,
            chain: to_pem(&certificates),
            domain: domain(&leaf),
        }))
    }

    /// Signs the hash of an archive's datapackage.json, as of a moment, and has the
    /// signature timestamped by the first authority that does.
    ///
    /// # Errors
    /// Why it stays unsigned.
    pub async fn sign(
        &self,
        hash: &str,
        created: &str,
        authorities: &Authorities,
    ) -> Result<Value, String> {
        let signature: DerSignature = self.key.sign(hash.as_bytes());
        let signature = BASE64_STANDARD.encode(signature.as_bytes());
        let mut why = "no authority is configured to timestamp it".to_owned();
        for url in authorities.urls() {
            match authorities.ask(url, signature.as_bytes()).await {
                Ok((token, _)) => {
                    let chain = authorities.chain_of(&token)?;
                    return Ok(json!({
                        "hash": hash,
                        "signature": signature,
                        "created": created,
                        "software": concat!("markhound ", env!("CARGO_PKG_VERSION")),
                        "domain": self.domain,
                        "domainCert": self.chain,
                        "timeSignature": BASE64_STANDARD.encode(token),
                        "timestampCert": to_pem(&chain),
                        "version": "0.1.0",
                    }));
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }
}

/// PKCS#8, or the older form that `openssl ecparam -genkey` writes.
fn private_key(text: &str) -> Result<SigningKey, String> {
    let key = match SigningKey::from_pkcs8_pem(text) {
        Ok(key) => Ok(key),
        Err(_) => p256::SecretKey::from_sec1_pem(text).map(SigningKey::from),
    };
    key.map_err(|_| "it is no ECDSA P-256 private key in PEM form".to_owned())
}

fn to_pem(certificates: &[CertificateDer<'_>]) -> String {
    certificates
        .iter()
        .filter_map(|der| pem::encode_string("CERTIFICATE", LineEnding::LF, der).ok())
        .collect()
}

fn verifying_key(certificate: &X509) -> Option<VerifyingKey> {
    let key = &certificate.tbs_certificate.subject_public_key_info;
    VerifyingKey::from_sec1_bytes(key.subject_public_key.as_bytes()?).ok()
}

/// The common name.
fn domain(certificate: &X509) -> String {
    let common_name = der::oid::ObjectIdentifier::new_unwrap("2.5.4.3");
    let names = certificate.tbs_certificate.subject.0.iter();
    names
        .flat_map(|name| name.0.iter())
        .find(|part| part.oid == common_name)
        .map(|part| String::from_utf8_lossy(part.value.value()).into_owned())
        .unwrap_or_default()
}

/// Checks the signature of an archive over the hash of its datapackage.json. Gives
/// the domain, and what its timestamp says.
///
/// # Errors
/// What does not hold.
pub(in crate::packet) fn check(
    signed: &Value,
    hash: &str,
    created: &Value,
    anchors: &[CertificateDer<'_>],
) -> Result<String, String> {
    if signed["created"] != *created {
        return Err("the signature is of another archive".to_owned());
    }
    let (domain, at) = holds(signed, hash, anchors)?;
    Ok(format!("{domain} at {at}"))
}

/// [`check`] of a signature that came after the archive was made, and has a date of its
/// own: that of its timestamp, as near as verifiers want it.
pub(in crate::packet) fn check_late(
    signed: &Value,
    hash: &str,
    anchors: &[CertificateDer<'_>],
) -> Result<String, String> {
    let (domain, at) = holds(signed, hash, anchors)?;
    let created: Option<Timestamp> = signed["created"].as_str().and_then(|at| at.parse().ok());
    let apart = created.map(|created| at.duration_since(created).abs());
    match apart.is_some_and(|apart| apart <= APART) {
        true => Ok(format!("{domain} at {at}")),
        false => Err("its timestamp is not of when it says it was made".to_owned()),
    }
}

/// The domain that signed the hash, and what the timestamp of that says.
fn holds(
    signed: &Value,
    hash: &str,
    anchors: &[CertificateDer<'_>],
) -> Result<(String, Timestamp), String> {
    let text = |key: &str| {
        signed[key]
            .as_str()
            .ok_or_else(|| format!("the signature has no {key}"))
    };
    if text("hash")? != hash {
        return Err("the signature is of another archive".to_owned());
    }
    let (_, leaf) = pem::decode_vec(first_pem(text("domainCert")?).as_bytes())
        .map_err(|error| format!("its certificate cannot be read: {error}"))?;
    let leaf = X509::from_der(&leaf)
        .map_err(|error| format!("its certificate cannot be read: {error}"))?;
    if domain(&leaf) != text("domain")? {
        return Err("its certificate is of another domain".to_owned());
    }
    let signature = BASE64_STANDARD
        .decode(text("signature")?)
        .ok()
        .and_then(|bytes| DerSignature::from_bytes(&bytes).ok())
        .ok_or("its signature cannot be read")?;
    let key = verifying_key(&leaf).ok_or("its certificate has no ECDSA P-256 key")?;
    key.verify(hash.as_bytes(), &signature)
        .map_err(|_| "its signature does not hold".to_owned())?;
    let token = BASE64_STANDARD
        .decode(text("timeSignature")?)
        .map_err(|_| "its timestamp cannot be read")?;
    let stamp = stamp::check(&token, text("signature")?.as_bytes(), anchors)
        .map_err(|why| format!("its timestamp: {why}"))?;
    Ok((domain(&leaf), stamp.at))
}

/// The first certificate of several.
fn first_pem(text: &str) -> String {
    const END: &str = "-----END CERTIFICATE-----";
    match text.find(END) {
        Some(at) => format!("{}\n", &text[..at + END.len()]),
        None => text.to_owned(),
    }
}

/// The certificates of a token in order, each followed by its issuer, up to the
/// trusted one.
pub(in crate::packet) fn ordered(
    leaf: &X509,
    others: &[X509],
    anchors: &[CertificateDer<'_>],
) -> Vec<CertificateDer<'static>> {
    let anchors: Vec<X509> = anchors
        .iter()
        .filter_map(|der| X509::from_der(der).ok())
        .collect();
    let mut chain = vec![leaf.clone()];
    while let Some(last) = chain.last()
        && last.tbs_certificate.issuer != last.tbs_certificate.subject
        && let Some(next) = others
            .iter()
            .chain(&anchors)
            .find(|next| next.tbs_certificate.subject == last.tbs_certificate.issuer)
        && chain.len() < 8
    {
        chain.push(next.clone());
    }
    chain
        .iter()
        .filter_map(|certificate| certificate.to_der().ok())
        .map(CertificateDer::from)
        .collect()
}
