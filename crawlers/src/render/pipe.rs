//! The Chrome DevTools Protocol over a pipe: JSON messages, each ended by a
//! zero byte (`--remote-debugging-pipe`); many sessions over one pipe ("flat").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};

/// The longest message of the browser, in bytes: a screenshot in base64.
const MESSAGE_BYTES: u64 = 96 * 1024 * 1024;
/// Events of a page that wait to be looked at. A page that makes more is cut off.
const EVENTS: usize = 2048;

/// Why the browser did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the browser ended")]
    Gone,
    #[error("the browser did not answer `{0}` in time")]
    Stuck(&'static str),
    #[error("the page broke its process, or took all its memory")]
    Crashed,
    #[error("the browser refused `{method}`: {reason}")]
    Refused {
        method: &'static str,
        reason: String,
    },
}

/// What a page's session tells of its own accord.
#[derive(Debug)]
pub(super) struct Event {
    pub method: String,
    pub params: Value,
}

type Answer = Result<Value, String>;

#[derive(Default)]
struct Routes {
    next: u64,
    closed: bool,
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
    sessions: HashMap<String, mpsc::Sender<Event>>,
}

/// The browser's end of the line. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pipe {
    out: mpsc::UnboundedSender<Vec<u8>>,
    routes: Arc<Mutex<Routes>>,
}

impl Pipe {
    /// Starts reading and writing.
    pub(super) fn over(
        from: impl AsyncRead + Send + Unpin + 'static,
        to: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        // Bounded by what is posted: the answers within a page's budget.
        let (out, messages) = mpsc::unbounded_channel();
        let routes = Arc::<Mutex<Routes>>::default();
        tokio::spawn(write(to, messages));
        tokio::spawn(read(from, Arc::clone(&routes)));
        Self { out, routes }
    }

    /// Whether the browser has gone.
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.routes).closed
    }

    /// Sends a command; the answer comes to the receiver, if anybody keeps it.
    pub(super) fn post(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        let id = {
            let mut routes = lock(&self.routes);
            if routes.closed {
                return receiver;
            }
            routes.next += 1;
            let id = routes.next;
            routes.waiting.insert(id, sender);
            id
        };
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = Value::from(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        // A closed channel is a browser that has gone; the receiver tells.
        let _ = self.out.send(bytes);
        receiver
    }

    /// Sends a command and waits for its answer, not longer than `patience`.
    pub(super) async fn call(
        &self,
        session: Option<&str>,
        method: &'static str,
        params: Value,
        patience: Duration,
    ) -> Result<Value, Trouble> {
        let answer = self.post(session, method, params);
        match tokio::time::timeout(patience, answer).await {
            Err(_) => Err(Trouble::Stuck(method)),
            Ok(Err(_)) => Err(Trouble::Gone),
            Ok(Ok(Err(reason))) => Err(Trouble::Refused { method, reason }),
            Ok(Ok(Ok(value))) => Ok(value),
        }
    }

    /// The events of a session from now on. They end when the page is gone or
    /// has made too many.
    pub(super) fn listen(&self, session: &str) -> mpsc::Receiver<Event> {
        let (sender, receiver) = mpsc::channel(EVENTS);
        let mut routes = lock(&self.routes);
        if !routes.closed {
            routes.sessions.insert(session.to_owned(), sender);
        }
        receiver
    }

    /// No more events of this session.
    pub(super) fn forget(&self, session: &str) {
        lock(&self.routes).sessions.remove(session);
    }
}

fn lock(routes: &Mutex<Routes>) -> MutexGuard<'_, Routes> {
    routes.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn write(mut to: impl AsyncWrite + Unpin, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if to.write_all(&message).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
}

async fn read(from: impl AsyncRead + Unpin, routes: Arc<Mutex<Routes>>) {
    let mut from = BufReader::new(from);
    let mut message = Vec::new();
    loop {
        message.clear();
        let mut bounded = (&mut from).take(MESSAGE_BYTES);
        let read = bounded.read_until(0, &mut message).await;
        if !matches!(read, Ok(1..)) || message.pop() != Some(0) {
            break;
        }
        if let Ok(message) = serde_json::from_slice(&message) {
            lock(&routes).deliver(message);
        }
    }
    let mut routes = lock(&routes);
    routes.closed = true;
    routes.waiting.clear();
    routes.sessions.clear();
}

impl Routes {
    fn deliver(&mut self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            let answer = match message.get("error") {
                Some(error) => Err(error["message"].as_str().unwrap_or("no reason").to_owned()),
                None => Ok(message["result"].take()),
            };
            if let Some(sender) = self.waiting.remove(&id) {
                // Nobody waits for an answer nobody needs.
                let _ = sender.send(answer);
            }
            return;
        }
        let params = message["params"].take();
        let Some(method) = message["method"].as_str().map(str::to_owned) else {
            return;
        };
        if method == "Target.detachedFromTarget" {
            self.sessions
                .remove(params["sessionId"].as_str().unwrap_or_default());
        }
        let Some(session) = message["sessionId"].as_str() else {
            return;
        };
        let event = Event { method, params };
        if let Some(sender) = self.sessions.get(session)
            && sender.try_send(event).is_err()
        {
            self.sessions.remove(session);
        }
    }
}
