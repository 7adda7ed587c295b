//! Walks one shop by its definition and prints its listings, one JSON object
//! a line; what was asked of which host goes to stderr.
//!
//! ```text
//! cargo run -p markhound-crawlers --example walk -- DEFINITION.toml [BASE] [QUERY…]
//! ```
//!
//! Credentials are read from the environment variables that the definition
//! names. Hosts of this machine may be reached; other private ones may not.

use std::sync::Arc;

use futures::StreamExt;
use markhound_crawlers::discover::{self, Budget, Ruling};
use markhound_crawlers::fetch::{FetchOptions, Fetcher};
use markhound_crawlers::{Clock, Definition, Signal, Target, TargetKind, read};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments
        .next()
        .ok_or("usage: walk DEFINITION.toml [BASE] [QUERY…]")?;
    let mut definition = Definition::parse(&std::fs::read_to_string(&file)?, &file)?;
    if let Some(base) = arguments.next() {
        definition = definition.with_base(&base)?;
    }
    let queries: Vec<String> = arguments.collect();

    #[expect(
        clippy::disallowed_methods,
        reason = "here the program begins: this is where the clock is chosen"
    )]
    let clock: Clock = Arc::new(jiff::Timestamp::now);
    let mut options = FetchOptions::new("markhound-example/0.1 (+mailto:ip@example.com)", clock);
    options.allow_private_hosts = vec!["127.0.0.0/8".to_owned()];
    for name in definition.auth_env() {
        if let Ok(value) = std::env::var(name) {
            options.credentials.insert(name.to_owned(), value);
        }
    }
    let fetcher = Fetcher::new(options)?;

    let mut budget = Budget::new(&definition);
    let mut frontier = discover::seeds(&definition, &queries);
    let mut asked_robots = false;
    while !frontier.is_empty() {
        let batch: Vec<Target> = frontier
            .drain(..)
            .filter(|target| match budget.rule(target) {
                Ruling::Take => true,
                Ruling::Known => false,
                Ruling::Trap { why } => {
                    eprintln!("{} was left: {why}", target.url);
                    false
                }
            })
            .collect();
        let batch: Vec<Target> = batch
            .into_iter()
            .filter(|target| match budget.spent(target) {
                None => true,
                Some(why) => {
                    eprintln!("{} was left: {why}", target.url);
                    false
                }
            })
            .collect();
        let mut fetched = futures::stream::iter(batch)
            .map(|target| {
                let (fetcher, definition) = (fetcher.clone(), definition.clone());
                async move {
                    let exchange = fetcher.fetch(&definition, &target).await;
                    (target, exchange)
                }
            })
            .buffered(4);
        while let Some((target, exchange)) = fetched.next().await {
            let exchange = match exchange {
                Ok(exchange) => exchange,
                Err(error) => {
                    eprintln!("{error}");
                    continue;
                }
            };
            let reading = read(&definition, &target, &exchange);
            budget.learn(&target, reading.as_ref().ok());
            // The definition's sitemap is not there: robots.txt may name another.
            let is_sitemap = reading.as_ref().is_ok_and(|r| r.signal == Signal::Ok);
            if target.kind == TargetKind::Sitemap && !is_sitemap && !asked_robots {
                asked_robots = true;
                frontier.extend(fetcher.named_sitemaps(&definition).await?);
            }
            match reading {
                Ok(reading) => {
                    if reading.signal != Signal::Ok {
                        eprintln!("{}: {:?}", target.url, reading.signal);
                    }
                    frontier.extend(reading.targets);
                    for listing in reading.listings {
                        frontier.extend(listing.images.iter().cloned().map(Target::image));
                        println!("{}", serde_json::to_string(&listing)?);
                    }
                }
                Err(error) => eprintln!("{error}"),
            }
        }
    }
    for host in fetcher.stats() {
        eprintln!("{}", serde_json::to_string(&host)?);
    }
    Ok(())
}
