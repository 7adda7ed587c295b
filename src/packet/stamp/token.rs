//! Reading a timestamp token and holding it against what it is said to be of.
//!
//! What must be so (RFC 3161, 2.4.2; RFC 5652, 5.4; RFC 5816): the imprint is the
//! data's, the signed attributes carry the digest of what the token says and the hash
//! of the certificate, the certificate's key signed them, and the certificate, which
//! is for timestamping alone, leads to an authority that is trusted.

use std::time::Duration;

use cms::cert::CertificateChoices;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::OctetString;
use der::oid::ObjectIdentifier;
use der::{Any, Decode as _, Encode as _, Sequence};
use jiff::Timestamp;
use ring::digest;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring as algorithms};
use x509_cert::Certificate;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_tsp::{TimeStampResp, TstInfo};

use super::MAX_TOKEN;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
/// `id-kp-timeStamping`, as it stands in a certificate.
const TIMESTAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

/// What a token says, its signature having been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time.
    pub at: Timestamp,
    /// Who says so: the certificate's subject.
    pub authority: String,
    /// The token's number, hexadecimal.
    pub serial: String,
    /// Whether the certificate leads to one that is trusted; none where none was given.
    pub trusted: Option<Result<(), String>>,
    /// The nonce of the request.
    pub nonce: Option<Vec<u8>>,
}

/// The hash of a certificate in a signed attribute (ESSCertID, ESSCertIDv2).
#[derive(Debug, Sequence)]
struct CertId {
    #[asn1(optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: OctetString,
    #[asn1(optional = "true")]
    issuer: Option<Any>,
}

#[derive(Debug, Sequence)]
struct SigningCertificate {
    certs: Vec<CertId>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

/// Checks the answer of an authority (a TimeStampResp, DER) against the data.
///
/// # Errors
/// What does not hold, in words.
pub fn check(answer: &[u8], data: &[u8], anchors: &[CertificateDer<'_>]) -> Result<Stamp, String> {
    let token = read(answer)?;
    let unreadable = |error: der::Error| format!("it cannot be read: {error}");
    let inner = match &token.signed.encap_content_info.econtent {
        Some(inner) if token.signed.encap_content_info.econtent_type == TST_INFO => inner.value(),
        _ => return Err("what is signed is no timestamp".to_owned()),
    };
    let info = TstInfo::from_der(inner).map_err(unreadable)?;
    let imprint = hash(&info.message_imprint.hash_algorithm.oid, data)?;
    if info.message_imprint.hashed_message.as_bytes() != imprint.as_ref() {
        return Err("it is of other data".to_owned());
    }
    let (own, certificates) = (&token.own, &token.certificates);
    let signer = &token.signer;
    let own_der = own.to_der().map_err(unreadable)?;
    attributes(signer, inner, &own_der)?;
    signature(signer, &own_der)?;

    let unix = info.gen_time.to_unix_duration();
    let seconds = i64::try_from(unix.as_secs()).map_err(|_| "its time is none")?;
    let trusted = (!anchors.is_empty()).then(|| chain(&own_der, certificates, anchors, unix));
    Ok(Stamp {
        at: Timestamp::from_second(seconds).map_err(|_| "its time is none")?,
        authority: own.tbs_certificate.subject.to_string(),
        serial: hex::encode(info.serial_number.as_bytes()),
        trusted,
        nonce: info.nonce.map(|nonce| nonce.as_bytes().to_vec()),
    })
}

/// A token taken apart, nothing in it checked yet.
pub(super) struct Token {
    signed: SignedData,
    signer: SignerInfo,
    /// Whose key signed it, as it says.
    pub own: Certificate,
    /// All certificates in it.
    pub certificates: Vec<Certificate>,
}

/// Takes an authority's answer apart.
pub(super) fn read(answer: &[u8]) -> Result<Token, String> {
    if answer.len() > MAX_TOKEN {
        return Err(format!("it is over {MAX_TOKEN} bytes large"));
    }
    let unreadable = |error: der::Error| format!("it cannot be read: {error}");
    let answer = TimeStampResp::from_der(answer).map_err(unreadable)?;
    let status = answer.status.status as u32;
    let token = match answer.time_stamp_token {
        Some(token) if status <= 1 => token,
        _ => return Err(refusal(status, answer.status.status_string)),
    };
    if token.content_type != SIGNED_DATA {
        return Err("it is not signed".to_owned());
    }
    let content = token.content.to_der().map_err(unreadable)?;
    let signed = SignedData::from_der(&content).map_err(unreadable)?;
    let [signer] = signed.signer_infos.0.as_slice() else {
        return Err("it has not exactly one signature".to_owned());
    };
    let certificates: Vec<Certificate> = signed
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let own = certificates
        .iter()
        .find(|certificate| is_signer(&signer.sid, certificate))
        .ok_or("the certificate of who signed it is not in it")?;
    Ok(Token {
        own: own.clone(),
        signer: signer.clone(),
        certificates,
        signed,
    })
}

fn refusal(status: u32, texts: Option<Vec<der::asn1::Utf8StringRef<'_>>>) -> String {
    let words = texts.unwrap_or_default();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let words: String = words.join("; ").chars().take(300).collect();
    format!("the authority refused (status {status}): {words}")
}

fn hash(algorithm: &ObjectIdentifier, data: &[u8]) -> Result<digest::Digest, String> {
    let algorithm = match algorithm.to_string().as_str() {
        "1.3.14.3.2.26" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "2.16.840.1.101.3.4.2.1" => &digest::SHA256,
        "2.16.840.1.101.3.4.2.2" => &digest::SHA384,
        "2.16.840.1.101.3.4.2.3" => &digest::SHA512,
        other => return Err(format!("its hash algorithm {other} is not known here")),
    };
    Ok(digest::digest(algorithm, data))
}

fn is_signer(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let fields = &certificate.tbs_certificate;
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == fields.issuer && named.serial_number == fields.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            let mut extensions = fields.extensions.iter().flatten();
            let own = extensions.find(|extension| extension.extn_id == SUBJECT_KEY_IDENTIFIER);
            own.and_then(|own| OctetString::from_der(own.extn_value.as_bytes()).ok())
                .is_some_and(|own| own == named.0)
        }
    }
}

/// The signed attributes: of this content, and of this certificate.
fn attributes(signer: &SignerInfo, inner: &[u8], certificate: &[u8]) -> Result<(), String> {
    let find = |oid: ObjectIdentifier| {
        let attributes = signer.signed_attrs.iter().flat_map(|set| set.iter());
        let mut of_it = attributes.filter(|attribute| attribute.oid == oid);
        let first = of_it.next()?.values.get(0)?;
        of_it.next().is_none().then_some(first)
    };
    let kind = find(CONTENT_TYPE).and_then(|value| value.decode_as::<ObjectIdentifier>().ok());
    if kind != Some(TST_INFO) {
        return Err("what is signed is of another kind than it says".to_owned());
    }
    let digest = hash(&signer.digest_alg.oid, inner)?;
    if find(MESSAGE_DIGEST).map(Any::value) != Some(digest.as_ref()) {
        return Err("what it says was changed after it was signed".to_owned());
    }
    let (value, default) = match find(SIGNING_CERTIFICATE_V2) {
        Some(value) => (value, "2.16.840.1.101.3.4.2.1"),
        None => (
            find(SIGNING_CERTIFICATE).ok_or("it does not say which certificate signed it")?,
            "1.3.14.3.2.26",
        ),
    };
    let named: SigningCertificate = value
        .to_der()
        .and_then(|der| SigningCertificate::from_der(&der))
        .map_err(|error| format!("its signing certificate cannot be read: {error}"))?;
    let first = named.certs.first().ok_or("it names no certificate")?;
    let algorithm = match &first.algorithm {
        Some(algorithm) => algorithm.oid,
        None => ObjectIdentifier::new_unwrap(default),
    };
    if hash(&algorithm, certificate)?.as_ref() != first.hash.as_bytes() {
        return Err("another certificate signed it than it says".to_owned());
    }
    Ok(())
}

fn signature(signer: &SignerInfo, certificate: &[u8]) -> Result<(), String> {
    let attributes = signer
        .signed_attrs
        .as_ref()
        .ok_or("nothing in it is signed")?;
    // RFC 5652, 5.4: signed is the set itself, not the implicit field.
    let message = attributes
        .to_der()
        .map_err(|error| format!("it cannot be read: {error}"))?;
    let certificate = CertificateDer::from(certificate);
    let entity = EndEntityCert::try_from(&certificate)
        .map_err(|error| format!("its certificate cannot be read: {error:?}"))?;
    let candidates: &[&dyn rustls::pki_types::SignatureVerificationAlgorithm] = match signer
        .signature_algorithm
        .oid
        .to_string()
        .as_str()
    {
        // RSA, the hash being the one of the digest.
        "1.2.840.113549.1.1.1" => match signer.digest_alg.oid.to_string().as_str() {
            "2.16.840.1.101.3.4.2.2" => &[algorithms::RSA_PKCS1_2048_8192_SHA384],
            "2.16.840.1.101.3.4.2.3" => &[algorithms::RSA_PKCS1_2048_8192_SHA512],
            _ => &[algorithms::RSA_PKCS1_2048_8192_SHA256],
        },
        "1.2.840.113549.1.1.11" => &[algorithms::RSA_PKCS1_2048_8192_SHA256],
        "1.2.840.113549.1.1.12" => &[algorithms::RSA_PKCS1_2048_8192_SHA384],
        "1.2.840.113549.1.1.13" => &[algorithms::RSA_PKCS1_2048_8192_SHA512],
        "1.2.840.10045.4.3.2" => &[algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256],
        "1.2.840.10045.4.3.3" => &[algorithms::ECDSA_P256_SHA384, algorithms::ECDSA_P384_SHA384],
        "1.3.101.112" => &[algorithms::ED25519],
        other => return Err(format!("its signature algorithm {other} is not known here")),
    };
    let holds = candidates.iter().any(|algorithm| {
        entity
            .verify_signature(*algorithm, &message, signer.signature.as_bytes())
            .is_ok()
    });
    match holds {
        true => Ok(()),
        false => Err("its signature does not hold".to_owned()),
    }
}

/// Whether the certificate led to a trusted one at the time it states.
fn chain(
    own: &[u8],
    others: &[Certificate],
    trusted: &[CertificateDer<'_>],
    at: Duration,
) -> Result<(), String> {
    let own = CertificateDer::from(own);
    let entity = EndEntityCert::try_from(&own).map_err(|error| format!("{error:?}"))?;
    let anchors: Vec<_> = trusted
        .iter()
        .filter_map(|certificate| anchor_from_trusted_cert(certificate).ok())
        .collect();
    let between: Vec<CertificateDer<'_>> = others
        .iter()
        .filter_map(|certificate| certificate.to_der().ok())
        .map(CertificateDer::from)
        .collect();
    entity
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &between,
            UnixTime::since_unix_epoch(at),
            KeyUsage::required(TIMESTAMPING),
            None,
            None,
        )
        .map(drop)
        .map_err(|error| format!("its certificate leads to none that is trusted: {error:?}"))
}
