//! `markhound import --dry-run`: what would be read, without writing anything.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use markhound_crawlers::{Listing, Signal, Target};
use serde_json::json;

use super::super::Global;
use super::super::output::{Done, Output, plain, short};
use super::Args;
use crate::clock::Clock;
use crate::import::walk::{Found, Kind, Options, Step, walk};
use crate::import::{self, ImportError, export, read};
use crate::scan::origin::NO_LISTING;

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    let definition = match &args.source {
        // Only a source that is there has a definition to read with.
        Some(name) => {
            let app = global.open().await?;
            import::definition(&app.store.source(name).await?)?
        }
        None => None,
    };
    let options = Options {
        url: args.url,
        definition,
    };
    let mut failures = 0;
    let mut whole = true;
    for path in &args.files {
        let mut look = Look {
            options: options.clone(),
            output: *output,
            path: path.clone(),
            seen: HashSet::new(),
            pages: 0,
            pictures: 0,
            listings: 0,
            left_out: BTreeMap::new(),
            broken: Vec::new(),
            stopped: None,
        };
        let (look, ended) = tokio::task::spawn_blocking(move || {
            let ended = look.go();
            (look, ended)
        })
        .await?;
        match ended {
            Ok(()) => whole &= look.say()?,
            Err(error) => {
                failures += 1;
                super::not_imported(path, &error, output)?;
            }
        }
    }
    if failures == args.files.len() {
        anyhow::bail!("nothing could be read");
    }
    Ok(Done::with_failures(failures > 0 || !whole))
}

/// One file looked at.
struct Look {
    options: Options,
    output: Output,
    path: std::path::PathBuf,
    seen: HashSet<String>,
    pages: u64,
    pictures: u64,
    listings: u64,
    left_out: BTreeMap<String, u64>,
    broken: Vec<String>,
    stopped: Option<anyhow::Error>,
}

impl Look {
    fn go(&mut self) -> Result<(), ImportError> {
        let (path, options) = (self.path.clone(), self.options.clone());
        let now = Clock::system().now();
        let (_, left_out) = walk(&path, &options, now, &mut |step| {
            let shown = match step {
                Step::Found(found) => self.found(&path, &found),
                Step::Broken(why) => {
                    eprintln!("left out: {}", plain(&why));
                    self.broken.push(why);
                    Ok(())
                }
                Step::Warning(what) => {
                    eprintln!("warning: {}", plain(&what));
                    Ok(())
                }
            };
            match shown {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    self.stopped = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        for (what, count) in left_out {
            self.left_out.insert(what.to_owned(), count);
        }
        Ok(())
    }

    fn found(&mut self, path: &Path, found: &Found) -> anyhow::Result<()> {
        let exchange = &found.exchange;
        let kind = match &found.kind {
            Kind::Page(kind) => *kind,
            Kind::Picture => {
                self.pictures += 1;
                return Ok(());
            }
            Kind::Redirect(_) => return Ok(()),
        };
        if !self.seen.insert(exchange.url.to_string()) {
            return Ok(());
        }
        self.pages += 1;
        let definition = self.options.definition.as_ref();
        let target = Target {
            kind,
            ..Target::item(exchange.url.clone())
        };
        let listings = if exchange.url.scheme() == "file" {
            let base = self.options.url.as_ref();
            let export = export::read(&found.place, &exchange.body, base, definition);
            export.map(|export| export.listings).unwrap_or_default()
        } else {
            match read::page(definition, &target, exchange) {
                Ok(reading) => {
                    if let Some(why) = why_none(&reading.signal, reading.listings.is_empty()) {
                        *self.left_out.entry(why).or_default() += 1;
                    }
                    reading.listings
                }
                Err(error) => {
                    self.broken.push(format!("{}: {error}", found.place));
                    return Ok(());
                }
            }
        };
        for listing in &listings {
            self.listings += 1;
            self.show(path, found, listing)?;
        }
        Ok(())
    }

    fn show(&self, path: &Path, found: &Found, listing: &Listing) -> anyhow::Result<()> {
        let time = found.is_dated.then_some(found.exchange.fetched_at);
        if self.output.json {
            return self
                .output
                .object(&json!({ "event": "listing", "file": path,
                "place": found.place, "captured_at": time, "listing": listing }));
        }
        let from = |field: &str| {
            let source = listing.provenance.get(field).map(|p| p.source.as_str());
            source.unwrap_or("-").to_owned()
        };
        let price = listing.price.as_ref().map_or_else(
            || "no price".to_owned(),
            |price| {
                let currency = price.currency.as_deref().unwrap_or("?");
                format!("{} {currency}", price.amount)
            },
        );
        self.output.line(format!(
            "{}  {price}\n    {}\n    title from {}, price from {}; {} pictures; {}, {}",
            short(&listing.title, 80),
            plain(listing.url.as_str()),
            from("title"),
            from("price"),
            listing.images.len(),
            plain(&found.place),
            time.map_or_else(|| "time not known".to_owned(), |at| at.to_string())
        ))
    }

    fn say(self) -> anyhow::Result<bool> {
        if let Some(error) = self.stopped {
            return Err(error);
        }
        if self.output.json {
            self.output.object(
                &json!({ "event": "import", "file": self.path, "state": "dry run",
                "pages": self.pages, "listings": self.listings, "pictures": self.pictures,
                "left_out": self.left_out, "broken": self.broken }),
            )?;
            return Ok(self.broken.is_empty());
        }
        self.output.line(format!(
            "{}: {} pages, {} listings, {} pictures would be read",
            self.path.display(),
            self.pages,
            self.listings,
            self.pictures
        ))?;
        for (why, count) in &self.left_out {
            self.output
                .line(format!("  left out: {count} × {}", plain(why)))?;
        }
        Ok(self.broken.is_empty())
    }
}

/// Why a page gives no listing.
fn why_none(signal: &Signal, is_empty: bool) -> Option<String> {
    match signal {
        Signal::Ok => is_empty.then(|| NO_LISTING.to_owned()),
        Signal::Gone { why, .. } => Some(format!("the offer was over: {why}")),
        Signal::Blocked { why } => Some(format!("blocked: {why}")),
        Signal::Unexpected { why } | Signal::Other { why } => Some(why.clone()),
    }
}
