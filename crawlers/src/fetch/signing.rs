//! Signed query parameters.

use sha2::{Digest, Sha256};
use url::Url;

/// What goes to the query of `url` beside what stands there: the parameters
/// `added`, and the signature of all.
///
/// Signed is each parameter's name followed by its value, in the order of the
/// names' bytes, with nothing in between, decoded. The signature is
/// HMAC-SHA256 in upper-case hexadecimal digits.
pub(super) fn signed(
    url: &Url,
    added: Vec<(String, String)>,
    sign_parameter: &str,
    secret: &str,
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .chain(added.iter().cloned())
        .collect();
    all.sort();
    let text: String = all.iter().flat_map(|(n, v)| [n.as_str(), v]).collect();
    let signature = hex::encode_upper(hmac_sha256(secret.as_bytes(), text.as_bytes()));
    let mut added = added;
    added.push((sign_parameter.to_owned(), signature));
    added
}

/// HMAC (RFC 2104) with SHA-256.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_agrees_with_the_vectors_of_rfc_4231() {
        let hex = |key: &[u8], message: &[u8]| hex::encode(hmac_sha256(key, message));
        assert_eq!(
            hex(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            ),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// Expected values by Python's `hmac`:
    /// `hmac.new(secret, "".join(k + v for k, v in sorted(p.items())).encode(), "sha256").hexdigest().upper()`.
    #[test]
    fn queries_are_signed_over_decoded_parameters_in_order_of_their_names() {
        let added = || {
            vec![
                ("app_key".to_owned(), "12345678".to_owned()),
                ("timestamp".to_owned(), "1517820392000".to_owned()),
            ]
        };
        let sign = |url: &str| {
            let url = Url::parse(url).expect("a URL");
            let signed = signed(&url, added(), "sign", "helloworld");
            assert_eq!(signed.len(), 3);
            signed[2].clone()
        };
        assert_eq!(
            sign(
                "https://a.example/sync?sign_method=sha256&method=aliexpress.affiliate.product.query&keywords=kestrel+watch&page_no=1"
            ),
            (
                "sign".to_owned(),
                "965CFE3005F85B2CD12F5EF8129A1F9E5976EA8A5BEB943F5C4DCE380C03D69D".to_owned()
            )
        );
        assert_eq!(
            sign("https://a.example/sync?keywords=%E6%99%82%E8%A8%88%20%26&method=m"),
            (
                "sign".to_owned(),
                "A6CB5B80DE5D51EA28867F119650B3474849BD23EF07694E0981F1D3DFA48DE7".to_owned()
            )
        );
    }
}
