//! Counting what comes in over a connection, and enough being enough.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that brought too much for one request. Headers and bodies have
/// limits of their own; this one is for all else: interim answers, the framing
/// of chunks, trailers.
#[derive(Debug, thiserror::Error)]
#[error("more than {limit} bytes came in answer to one request")]
pub(super) struct Flood {
    pub limit: u64,
}

impl Flood {
    /// The flood behind an error, if there is one.
    pub(super) fn behind<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Self> {
        let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
        inner.downcast_ref()
    }
}

/// Counts the bytes that are read, and ends in [`Flood`] when too many come
/// without anything having been written in between.
pub(super) struct Meter<S> {
    inner: S,
    received: Arc<AtomicU64>,
    since_write: u64,
    limit: u64,
}

impl<S> Meter<S> {
    pub(super) const fn new(inner: S, received: Arc<AtomicU64>, limit: u64) -> Self {
        Self {
            inner,
            received,
            since_write: 0,
            limit,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Meter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        let read = (buffer.filled().len() - before) as u64;
        self.received.fetch_add(read, Ordering::Relaxed);
        self.since_write += read;
        if self.since_write > self.limit {
            return Poll::Ready(Err(io::Error::other(Flood { limit: self.limit })));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Meter<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.since_write = 0;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
