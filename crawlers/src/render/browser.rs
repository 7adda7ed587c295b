//! A running browser: many pages, each in a context of its own.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};

use super::launch;
use super::pipe::{Event, Pipe, Trouble};

/// How long the browser itself may take for a command.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A browser. Dropped, it is killed and its profile deleted.
pub(super) struct Browser {
    pub pipe: Pipe,
    /// Name and version.
    pub product: String,
    #[cfg(test)]
    pub process: Option<u32>,
    /// Sent to, or dropped, it ends the browser.
    stop: mpsc::Sender<()>,
}

impl Browser {
    pub(super) async fn start(program: &Path, apart: bool) -> Result<Self, String> {
        let (mut child, profile) = launch::start(program, apart).await?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the browser has no pipe".to_owned());
        };
        let pipe = Pipe::over(from, to);
        #[cfg(test)]
        let process = child.id();
        let (stop, stopped) = mpsc::channel(1);
        tokio::spawn(tend(child, profile, stopped));
        let call = pipe.call(None, "Browser.getVersion", json!({}), START);
        let version = call.await.map_err(|error| {
            format!("{} did not start as a browser: {error}", program.display())
        })?;
        let product = version["product"].as_str().unwrap_or("Chromium").to_owned();
        Ok(Self {
            pipe,
            product,
            #[cfg(test)]
            process,
            stop,
        })
    }

    /// Whether it still answers.
    pub(super) async fn answers(&self) -> bool {
        let call = self
            .pipe
            .call(None, "Browser.getVersion", json!({}), PATIENCE / 2);
        call.await.is_ok()
    }

    /// Ends a browser that does not answer any more.
    pub(super) fn kill(&self) {
        // Full or closed: it is being killed already.
        let _ = self.stop.try_send(());
    }

    /// An empty page, without cookies or a cache from before.
    pub(super) async fn open(&self) -> Result<Tab, Trouble> {
        let call = |method, params| self.pipe.call(None, method, params, PATIENCE);
        let made = call(
            "Target.createBrowserContext",
            json!({ "disposeOnDetach": true }),
        );
        let mut tab = Tab {
            pipe: self.pipe.clone(),
            context: text(&made.await?, "browserContextId"),
            target: String::new(),
            session: String::new(),
        };
        let deny = json!({ "behavior": "deny", "browserContextId": tab.context });
        call("Browser.setDownloadBehavior", deny).await?;
        let blank = json!({ "url": "about:blank", "browserContextId": tab.context });
        tab.target = text(&call("Target.createTarget", blank).await?, "targetId");
        let attach = json!({ "targetId": tab.target, "flatten": true });
        tab.session = text(&call("Target.attachToTarget", attach).await?, "sessionId");
        Ok(tab)
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// A browser's process and files. The process is dropped, so killed, first.
struct Kept {
    child: Child,
    profile: Profile,
}

/// Keeps the browser until it ends or is to end, then tidies up.
async fn tend(child: Child, profile: TempDir, mut stopped: mpsc::Receiver<()>) {
    let profile = Profile(profile);
    let mut kept = Kept { child, profile };
    tokio::select! {
        _ = kept.child.wait() => {}
        _ = stopped.recv() => {}
    }
    let _ = kept.child.kill().await;
    let _ = tokio::task::spawn_blocking(move || drop(kept.profile)).await;
}

/// A profile's folder, deleted with it.
struct Profile(TempDir);

impl Drop for Profile {
    fn drop(&mut self) {
        // The browser's helpers end with it, but may still be writing.
        for _ in 0..100 {
            match std::fs::remove_dir_all(self.0.path()) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                _ => break,
            }
        }
    }
}

/// A page in a context of its own. Dropped, both are closed.
pub(super) struct Tab {
    pipe: Pipe,
    context: String,
    /// Also the id of the page's main frame.
    pub target: String,
    session: String,
}

impl Tab {
    pub(super) fn events(&self) -> mpsc::Receiver<Event> {
        self.pipe.listen(&self.session)
    }

    /// Whether the browser has gone.
    pub(super) fn is_closed(&self) -> bool {
        self.pipe.is_closed()
    }

    pub(super) fn post(
        &self,
        method: &str,
        params: Value,
    ) -> oneshot::Receiver<Result<Value, String>> {
        self.pipe.post(Some(&self.session), method, params)
    }

    pub(super) async fn call(
        &self,
        method: &'static str,
        params: Value,
        patience: Duration,
    ) -> Result<Value, Trouble> {
        self.pipe
            .call(Some(&self.session), method, params, patience)
            .await
    }

    pub(super) async fn set(&self, method: &'static str, params: Value) -> Result<(), Trouble> {
        self.call(method, params, PATIENCE).await.map(|_| ())
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.pipe.forget(&self.session);
        let gone = json!({ "browserContextId": self.context });
        drop(self.pipe.post(None, "Target.disposeBrowserContext", gone));
    }
}
