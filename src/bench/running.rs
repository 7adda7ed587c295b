//! Processes of this program that a measurement starts.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Error, Result};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::process;

/// A request of a scan that lives comes within this; a shop that is asked
/// nothing for so long waits for nobody.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);
const PRODUCT: &str = "/product/";

/// The generated shop in a process of its own. It ends when dropped.
pub struct Shop {
    /// Its address.
    pub base: String,
    process: Child,
    log: Receiver<String>,
    asked: BTreeMap<String, u64>,
}

impl Shop {
    /// Starts it and waits for its address.
    ///
    /// # Errors
    /// When the program cannot be started or ends at once.
    pub fn start(pages: u32, page_size: u32) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["bench", "shop", "--pages", &pages.to_string()])
            .args(["--page-size", &page_size.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take();
        let mut lines = BufReader::new(out.ok_or_else(|| Error::other("no pipe"))?).lines();
        let base = lines
            .next()
            .ok_or_else(|| Error::other("the shop ended before it said its address"))??;
        let (say, log) = channel();
        std::thread::spawn(move || {
            for path in lines.map_while(Result::ok) {
                if say.send(path).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            base,
            process,
            log,
            asked: BTreeMap::new(),
        })
    }

    /// Waits until so many different product pages have been asked for.
    ///
    /// # Errors
    /// When nothing is asked for a long time.
    pub fn wait_for(&mut self, pages: usize) -> Result<()> {
        while self.distinct() < pages {
            let path = self.log.recv_timeout(LONGEST_SILENCE).map_err(|_| {
                Error::other("the scan asked the shop for nothing more; see what it printed")
            })?;
            self.note(path);
        }
        Ok(())
    }

    /// Product pages asked for, each once.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.asked.len()
    }

    /// Ends the shop; gives its processor time, and how many requests for
    /// product pages there were in all.
    ///
    /// # Errors
    /// When its end cannot be waited for.
    pub fn end(mut self) -> Result<(Option<Duration>, u64)> {
        let cpu = process::cpu(&self.process.id().to_string());
        drop(self.process.stdin.take());
        self.process.wait()?;
        // The pipe is closed now: what is left in it is the rest of the log.
        while let Ok(path) = self.log.recv() {
            self.note(path);
        }
        Ok((cpu, self.asked.values().sum()))
    }

    fn note(&mut self, path: String) {
        if path.starts_with(PRODUCT) {
            *self.asked.entry(path).or_default() += 1;
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a scan of the data directory in a process of its own; `resume` goes
/// on with the one that was cut off.
///
/// # Errors
/// When the program cannot be started.
pub fn scan(config: &Path, data_dir: &Path, resume: bool) -> Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg("scan")
        .args(resume.then_some("--resume"))
        .arg("--config")
        .arg(config)
        .arg("--data-dir")
        .arg(data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
}
