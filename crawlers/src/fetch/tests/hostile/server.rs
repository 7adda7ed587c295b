//! A server that says whatever its script tells it to, byte for byte.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One thing a server does on a connection, after a request has come in. When
/// nothing is left to do it closes the connection.
#[derive(Clone)]
pub(super) enum Step {
    /// Sends a text; `{trap}` becomes the port of the trap, `{port}` its own,
    /// `{path}` the path that was asked for.
    Text(String),
    /// Sends bytes.
    Bytes(Bytes),
    /// Sends one byte after another, with a pause before each.
    Drip(Bytes, Duration),
    /// Sends the same bytes until the client goes away.
    Forever(Bytes),
    /// Says nothing more until the client goes away.
    Silence,
    /// Breaks the connection off (RST).
    Reset,
    /// Says that nothing more will be sent, and goes on listening.
    HalfClose,
    /// Waits for another request on the same connection, and answers it anew.
    NextRequest,
}

/// What is answered to which path; `*` to every other.
pub(super) type Script = Vec<(&'static str, Vec<Step>)>;

/// A scripted server on this machine.
pub(super) struct Server {
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `script` there. Where it says nothing about robots.txt there is none.
    pub(super) fn start(listener: TcpListener, script: Script, trap: u16) -> Self {
        let address = listener.local_addr().expect("an address");
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (script, log) = (Arc::new(script), Arc::clone(&heads));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = Connection {
                    stream,
                    script: Arc::clone(&script),
                    log: Arc::clone(&log),
                    ports: (address.port(), trap),
                };
                tokio::spawn(connection.serve());
            }
        });
        Self { heads }
    }

    /// The heads of all requests so far, robots.txt included.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("the log").clone()
    }
}

struct Connection {
    stream: TcpStream,
    script: Arc<Script>,
    log: Arc<Mutex<Vec<String>>>,
    ports: (u16, u16),
}

impl Connection {
    async fn serve(mut self) {
        while let Some(path) = self.request().await {
            let steps = self.steps(&path);
            let again = matches!(steps.last(), Some(Step::NextRequest));
            for step in steps {
                if self.play(step, &path).await.is_err() {
                    return;
                }
            }
            if !again {
                return;
            }
        }
    }

    /// Reads a request's head, and gives its path.
    async fn request(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > 65_536 {
                return None;
            }
            head.push(self.stream.read_u8().await.ok()?);
            // A TLS handshake (RFC 8446 §5.1), which nobody here speaks.
            if head == [0x16] {
                let refusal = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
                self.stream.write_all(refusal).await.ok()?;
                return None;
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1)?.to_owned();
        self.log.lock().expect("the log").push(head);
        Some(path)
    }

    fn steps(&self, path: &str) -> Vec<Step> {
        let named = |name: &str| {
            let page = self.script.iter().find(|(page, _)| *page == name);
            page.map(|(_, steps)| steps.clone())
        };
        let missing = || vec![super::talk::answer("404 Not Found", "", "")];
        match named(path) {
            Some(steps) => steps,
            None if path == "/robots.txt" => missing(),
            None => named("*").unwrap_or_else(missing),
        }
    }

    async fn play(&mut self, step: Step, path: &str) -> std::io::Result<()> {
        match step {
            Step::Text(text) => {
                let text = text
                    .replace("{port}", &self.ports.0.to_string())
                    .replace("{trap}", &self.ports.1.to_string())
                    .replace("{path}", path);
                self.stream.write_all(text.as_bytes()).await
            }
            Step::Bytes(bytes) => self.stream.write_all(&bytes).await,
            Step::Drip(bytes, pause) => {
                for byte in bytes {
                    tokio::time::sleep(pause).await;
                    self.stream.write_all(&[byte]).await?;
                }
                Ok(())
            }
            Step::Forever(bytes) => {
                // In pieces worth sending.
                let bytes = bytes.repeat((16_384 / bytes.len()).max(1));
                loop {
                    self.stream.write_all(&bytes).await?;
                }
            }
            Step::Silence => {
                let mut ignored = [0; 1024];
                while self.stream.read(&mut ignored).await? > 0 {}
                Ok(())
            }
            Step::Reset => {
                self.stream.set_zero_linger()?;
                Err(std::io::ErrorKind::ConnectionReset.into())
            }
            Step::HalfClose => self.stream.shutdown().await,
            Step::NextRequest => Ok(()),
        }
    }
}

/// A port where nobody may ever knock, and how often somebody did.
pub(super) struct Trap {
    pub(super) port: u16,
    addresses: Vec<SocketAddr>,
    knocks: Arc<AtomicUsize>,
}

impl Trap {
    /// Listens on the IPv4 loopback address, and on that of IPv6 where there
    /// is one; `port` 0 takes a free one.
    pub(super) async fn set(port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let port = listener.local_addr().expect("an address").port();
        let mut listeners = vec![listener];
        listeners.extend(TcpListener::bind(("::1", port)).await);
        let addresses = listeners.iter().flat_map(TcpListener::local_addr).collect();
        let knocks = Arc::<AtomicUsize>::default();
        for listener in listeners {
            let knocks = Arc::clone(&knocks);
            tokio::spawn(async move {
                while listener.accept().await.is_ok() {
                    knocks.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Ok(Self {
            port,
            addresses,
            knocks,
        })
    }

    /// How many connections there were. We knock ourselves and wait to be
    /// counted: whoever came before has been counted by then.
    pub(super) async fn knocks(&self) -> usize {
        for address in &self.addresses {
            TcpStream::connect(address).await.expect("the trap");
        }
        while self.knocks.load(Ordering::SeqCst) < self.addresses.len() {
            tokio::task::yield_now().await;
        }
        self.knocks.load(Ordering::SeqCst) - self.addresses.len()
    }
}
