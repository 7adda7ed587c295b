//! Connections: the last look at an address, then TCP, then TLS.
//!
//! Nothing lies between the check and the connection: the resolver hands on
//! only addresses that the guard lets pass, a literal is parsed and checked
//! here once more, and the peer is checked before a byte is sent to it.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use hyper::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower_service::Service;

use super::guard::{Guard, Refused};
use super::meter::Meter;
use super::tls::Tls;

/// The most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// Any error, as hyper wants them.
type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Asks for the addresses of a name.
pub(super) type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The machine's own resolver.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

/// Makes guarded connections.
#[derive(Clone)]
pub(super) struct Connector {
    guard: Arc<Guard>,
    guarded: HttpConnector<Resolver>,
    /// For the hosts that `allow_private_hosts` names.
    open: HttpConnector<Resolver>,
    tls: Arc<Tls>,
    received: Arc<AtomicU64>,
    most_unasked: u64,
}

impl Connector {
    /// `received` counts what comes in; a connection that brings more than
    /// `most_unasked` bytes while nothing is asked of it is broken off.
    pub(super) fn new(
        guard: Arc<Guard>,
        lookup: Lookup,
        tls: Arc<Tls>,
        timeout: Duration,
        received: Arc<AtomicU64>,
        most_unasked: u64,
    ) -> Self {
        let http = |guard: Option<&Arc<Guard>>| {
            let mut http = HttpConnector::new_with_resolver(Resolver {
                lookup: Arc::clone(&lookup),
                guard: guard.cloned(),
            });
            http.enforce_http(false);
            http.set_nodelay(true);
            http.set_connect_timeout(Some(timeout));
            http
        };
        Self {
            guarded: http(Some(&guard)),
            open: http(None),
            guard,
            tls,
            received,
            most_unasked,
        }
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<Wire>, AnyError> {
        let secure = uri.scheme_str() == Some("https");
        let host = uri.host().unwrap_or_default().to_owned();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let named = self.guard.names(host, port);
        if !named && let Ok(address) = host.parse::<IpAddr>() {
            self.guard
                .permit(address)
                .map_err(|kind| Refused::new(host, kind))?;
        }
        let mut http = if named { self.open } else { self.guarded };
        let tcp = http.call(uri.clone()).await?.into_inner();
        let peer = tcp.peer_addr()?;
        if !named {
            self.guard
                .permit(peer.ip())
                .map_err(|kind| Refused::new(host, kind))?;
        }
        let tcp = Meter::new(tcp, self.received, self.most_unasked);
        if !secure {
            return Ok(TokioIo::new(Wire {
                io: Box::new(tcp),
                seen: Seen {
                    peer,
                    tls_chain: Vec::new(),
                },
                h2: false,
            }));
        }
        let (io, session) = self.tls.handshake(host, tcp).await?;
        Ok(TokioIo::new(Wire {
            io: Box::new(io),
            seen: Seen {
                peer,
                tls_chain: session.chain,
            },
            h2: session.h2,
        }))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = AnyError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, AnyError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), AnyError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// What is known about a connection; every answer on it carries this.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub peer: SocketAddr,
    /// The certificates the server sent, leaf first, in DER.
    pub tls_chain: Vec<Bytes>,
}

/// Resolves names, and with a guard drops the addresses that it refuses.
#[derive(Clone)]
struct Resolver {
    lookup: Lookup,
    guard: Option<Arc<Guard>>,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = AnyError;
    type Future = BoxFuture<'static, Result<Self::Response, AnyError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), AnyError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, guard) = ((self.lookup)(name.as_str().to_owned()), self.guard.clone());
        Box::pin(async move {
            let mut found = found.await?;
            if let Some(guard) = guard {
                let first = found.first().map(SocketAddr::ip);
                found.retain(|address| guard.permit(address.ip()).is_ok());
                if found.is_empty() {
                    let kind = first.and_then(|address| guard.permit(address).err());
                    return Err(Refused::new(name.as_str(), kind.unwrap_or("unknown")).into());
                }
            }
            found.truncate(MAX_ADDRESSES);
            Ok(found.into_iter())
        })
    }
}

/// A connection, plain or with TLS.
pub(super) struct Wire {
    io: Box<dyn Stream>,
    seen: Seen,
    h2: bool,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(self.seen.clone());
        if self.h2 {
            connected.negotiated_h2()
        } else {
            connected
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
