//! The signature over the tag manifest.

use super::super::bag::{PUBLIC_KEY, SIGNATURE, TAG_MANIFEST};
use super::super::keys::PublicKey;
use super::contents::Contents;
use super::{Check, Signer, Trust};

/// Whether the key that stands in the packet signed it, and whether that key is
/// one that is known here.
pub(super) fn check(contents: &Contents, trust: &Trust) -> (Option<Signer>, Check) {
    const NAME: &str = "signature";
    let wrong = |why: String| (None, Check::new(NAME, &[why], String::new()));
    let parts = contents.tag(PUBLIC_KEY).and_then(|key| {
        let key = PublicKey::parse(key).map_err(|why| format!("{PUBLIC_KEY}: {why}"))?;
        Ok((key, contents.tag(SIGNATURE)?, contents.tag(TAG_MANIFEST)?))
    });
    let (key, signature, message) = match parts {
        Ok(parts) => parts,
        Err(why) => return wrong(why),
    };
    if !key.signed(message, signature) {
        return wrong(format!(
            "{SIGNATURE} is no signature of the key in the packet over {TAG_MANIFEST}: one of the three was changed"
        ));
    }
    let signer = Signer {
        id: key.id(),
        fingerprint: key.fingerprint(),
        known: trust.keys.contains(&key),
    };
    let id = &signer.id;
    let check = match (signer.known, trust.keys.is_empty()) {
        (true, _) => Check::new(
            NAME,
            &[],
            format!("signed by key {id}, which is known here"),
        ),
        (false, true) => Check::new(
            NAME,
            &[],
            format!(
                "signed by key {id}, which is not known here: compare its SHA-256 {} with what the sender gives by another way, or name the key with --key",
                signer.fingerprint
            ),
        ),
        (false, false) => {
            let why = format!("signed by key {id}, which is none of the keys named");
            Check::new(NAME, &[why], String::new())
        }
    };
    (Some(signer), check)
}
