//! A shop that speaks TLS, with certificates of an authority of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A certificate authority.
pub(super) struct Authority {
    pub(super) root: Bytes,
    pub(super) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).expect("a root");
        Self {
            pem: root.pem(),
            root: Bytes::copy_from_slice(root.der()),
            issuer: Issuer::new(params, key),
        }
    }
}

/// Serves one page over TLS, HTTP/2 or HTTP/1.1 as the client likes.
pub(super) struct TlsShop {
    address: SocketAddr,
    /// What the server sends: its own certificate and the root.
    pub(super) chain: Vec<Bytes>,
    asked: Arc<AtomicUsize>,
}

impl TlsShop {
    pub(super) async fn open(authority: &Authority, names: &[&str]) -> Self {
        let key = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let leaf = CertificateParams::new(names)
            .expect("parameters")
            .signed_by(&key, &authority.issuer)
            .expect("a certificate");
        let chain = vec![Bytes::copy_from_slice(leaf.der()), authority.root.clone()];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let sent = chain.iter().map(|der| der.to_vec().into()).collect();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(sent, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("a configuration");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else {
                        return;
                    };
                    let service = service_fn(move |_: hyper::Request<hyper::body::Incoming>| {
                        count.fetch_add(1, Ordering::SeqCst);
                        async {
                            let page =
                                http_body_util::Full::new(Bytes::from_static(b"page over TLS"));
                            Ok::<_, std::convert::Infallible>(hyper::Response::new(page))
                        }
                    });
                    let _ = auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(tls), service)
                        .await;
                });
            }
        });
        Self {
            address,
            chain,
            asked,
        }
    }

    pub(super) fn requests(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Options with which `host` may be reached.
    pub(super) fn options(&self, host: &str) -> FetchOptions {
        FetchOptions {
            allow_private_hosts: vec![format!("{host}:{}", self.address.port())],
            limits: Limits {
                attempts: 1,
                ..options().limits
            },
            ..options()
        }
    }

    pub(super) fn target(&self, host: &str) -> (Definition, Target) {
        let shop = Shop {
            base: format!("https://{host}:{}", self.address.port()),
            log: Log::default(),
        };
        (shop.definition(""), shop.item("/a"))
    }
}
