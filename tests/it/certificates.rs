//! A shop behind a certificate authority that only this house knows.

use std::net::SocketAddr;
use std::sync::Arc;

use markhound_crawlers::capture::{CaptureLimits, WarcReader};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::lab::{markhound, open, stderr};

pub const DEFINITION: &str = r#"
id = "house"
name = "House"
tier = "structured"
base = "https://localhost"
terms_note = "A page on this machine."

[rate]
per_second = 1000

[discover]
kind = "sitemap"
url = "/sitemap.xml"

[item]
url = "/product/{id}"

[fields]
title = [{ css = "h1" }]
price = [{ css = ".price" }]
"#;

/// A shop over TLS with one product, and the PEM of its authority.
pub async fn shop() -> (SocketAddr, String) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    let name = "Authority of the house";
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&key).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone(), root.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = tls.read_u8().await else {
                        return;
                    };
                    request.push(byte);
                }
                let request = String::from_utf8(request).unwrap();
                let path = request.split(' ').nth(1).unwrap();
                let answer = answer(path, address.port());
                let _ = tls.write_all(answer.as_bytes()).await;
                let _ = tls.shutdown().await;
            });
        }
    });
    (address, root.pem())
}

fn answer(path: &str, port: u16) -> String {
    let (status, media, body) = match path {
        "/sitemap.xml" => (
            "200 OK",
            "application/xml",
            format!(
                "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url>\
                 <loc>https://localhost:{port}/product/7</loc></url></urlset>"
            ),
        ),
        "/product/7" => (
            "200 OK",
            "text/html",
            "<h1>Ostrelund Fjordal Lounge Armchair FJ-210, 1:1 replica</h1><p class=price>78.00 EUR</p>".to_owned(),
        ),
        _ => ("404 Not Found", "text/plain", "nothing here".to_owned()),
    };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_of_an_authority_of_ones_own_is_read_once_its_certificate_is_trusted() {
    let (address, pem) = shop().await;
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    // Named relative to the configuration, and run from another folder.
    let (config, data) = (path("markhound.toml"), path("data"));
    let run = |arguments: &[&str]| {
        let mut command = markhound();
        command.args(["--config", &config, "--data-dir", &data]);
        command.args(arguments).current_dir(elsewhere.path());
        tokio::task::block_in_place(|| command.output().unwrap())
    };
    let configure = |trusted: &str| {
        let text = format!("[fetch]\nallow_private_hosts = [\"localhost\"]\n{trusted}");
        std::fs::write(&config, text).unwrap();
    };
    std::fs::write(path("house.toml"), DEFINITION).unwrap();
    configure("limits = { attempts = 1 }\n");
    let base = format!("https://localhost:{}", address.port());
    let added = run(&[
        "source",
        "add",
        "house",
        "--definition",
        &path("house.toml"),
        "--base",
        &base,
    ]);
    assert!(added.status.success(), "{added:?}");

    let refused = run(&["scan", "--json"]);
    let app = open(folder.path().join("data").as_path()).await;
    assert!(app.store.item_ids("house").await.unwrap().is_empty());
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&refused.stdout),
        stderr(&refused)
    );
    assert_ne!(refused.status.code(), Some(0), "{said}");
    assert!(said.to_lowercase().contains("certificate"), "{said}");

    let trusted = "trusted_certificates = [\"ca.pem\"]\n";
    configure(trusted);
    let missing = run(&["scan"]);
    assert_eq!(missing.status.code(), Some(1));
    let said = stderr(&missing);
    assert!(
        said.contains("ca.pem") && said.contains("trusted_certificates"),
        "{said}"
    );
    std::fs::write(path("ca.pem"), "no certificate at all").unwrap();
    let said = stderr(&run(&["scan"]));
    assert!(
        said.contains("ca.pem") && said.contains("no certificate"),
        "{said}"
    );

    std::fs::write(path("ca.pem"), &pem).unwrap();
    let scanned = run(&["scan", "--json"]);
    assert_eq!(scanned.status.code(), Some(0), "{}", stderr(&scanned));
    let found = app.store.item_ids("house").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "7");
    the_chain_is_kept(&app);
}

/// The server's certificates stand in the WARC, beside what they vouch for.
fn the_chain_is_kept(app: &markhound::app::App) {
    let mut chains = 0;
    for entry in std::fs::read_dir(app.data_dir.join("captures")).unwrap() {
        let path = entry.unwrap().path();
        let file = std::fs::File::open(&path).unwrap();
        let limits = CaptureLimits::default();
        for record in WarcReader::new(file, &path.display().to_string(), limits).unwrap() {
            let record = record.unwrap();
            let media = record.field("Content-Type").unwrap_or_default();
            if media == "application/pem-certificate-chain" {
                let pem = String::from_utf8(record.block.to_vec()).unwrap();
                assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 2);
                chains += 1;
            }
        }
    }
    assert!(chains > 0);
}
