//! What a hostile web may answer, and what comes of it.
//!
//! Each case is a row: what the server does, and how the fetch must end. All
//! cases of a group run at the same time, each against a server of its own. For
//! every one it is checked how it ended, that nobody knocked at a forbidden
//! port, that it ended soon, and that little was read.
//!
//! `cargo test -p markhound-crawlers hostile -- --nocapture` prints the tables
//! with what was measured; `docs/hostile-web.md` lists the cases.

mod addresses;
mod packing;
mod page;
mod protocol;
mod redirects;
mod server;
mod sizes;
mod talk;

use std::time::Duration;

use tokio::net::TcpListener;

use super::*;
use server::{Script, Server, Step, Trap};

/// The largest answer of these tests, packed or not, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// No case may take longer. The longest timeout that is waited for is
/// [`IMPATIENT`]; the rest is for a busy machine.
const SOON: Duration = Duration::from_secs(40);
/// The limit of cases that run into it, in seconds: on a busy machine robots.txt still
/// comes within it.
const IMPATIENT: f64 = 1.5;
/// No case may read more: the limit of a connection (twice the body, and a
/// megabyte) and what one read brings on top.
const READ_LIMIT: u64 = 4 << 20;

/// One row of the table.
struct Case {
    /// What the server does.
    does: String,
    /// `200` for an answer with this status, otherwise the error's code.
    ends: &'static str,
    /// The body, where there is an answer and it matters.
    body: Option<&'static str>,
    script: Script,
    /// The URL asked for; `{port}` and `{trap}` are filled in.
    url: String,
    is_picture: bool,
    /// Whether a redirect to the URL must end in the same way.
    by_redirect_too: bool,
    /// More of the definition.
    definition: &'static str,
    adjust: fn(&mut FetchOptions),
    /// What names resolve to, one answer after another; the last one stays.
    names: &'static [&'static [&'static str]],
    /// The address of the server.
    ip: &'static str,
}

/// A case whose page `/a` is answered with `steps`.
fn case(does: &str, ends: &'static str, steps: impl Into<Vec<Step>>) -> Case {
    site(does, ends, vec![("/a", steps.into())])
}

/// A case with several pages; `/a` is asked for.
fn site(does: &str, ends: &'static str, script: Script) -> Case {
    Case {
        does: does.to_owned(),
        ends,
        body: None,
        script,
        url: "http://127.0.0.1:{port}/a".to_owned(),
        is_picture: false,
        by_redirect_too: false,
        definition: "allowed_hosts = [\"*\"]\nimage_hosts = [\"*\"]\n",
        adjust: |_| {},
        names: &[],
        ip: "127.0.0.1",
    }
}

impl Case {
    const fn with_body(mut self, body: &'static str) -> Self {
        self.body = Some(body);
        self
    }

    fn adjusted(mut self, adjust: fn(&mut FetchOptions)) -> Self {
        self.adjust = adjust;
        self
    }

    /// Gives up soon.
    fn impatient(self) -> Self {
        self.adjusted(|options| options.limits.request_seconds = IMPATIENT)
    }
}

/// What came of a case.
struct Outcome {
    does: String,
    ended: String,
    read: u64,
    took: Duration,
    faults: Vec<String>,
}

impl Case {
    async fn run(mut self) -> Outcome {
        let (listener, trap) = set_up(self.ip).await;
        let port = listener.local_addr().expect("an address").port();
        let fill = |text: &str| {
            text.replace("{port}", &port.to_string())
                .replace("{trap}", &trap.port.to_string())
        };
        self.script.push(("/to", vec![talk::moved(&self.url)]));
        let server = Server::start(listener, self.script, trap.port);

        let own = format!("{}:{port}", self.ip);
        let mut options = options();
        options.allow_private_hosts = vec![if stands_for_public(self.ip) {
            format!("{}/32", self.ip)
        } else {
            own.clone()
        }];
        options.limits.response_bytes = BODY_LIMIT;
        options.limits.request_seconds = 20.0;
        options.limits.attempts = 1;
        (self.adjust)(&mut options);
        let fetcher =
            Fetcher::resolving_with(options, addresses::lookup(self.names)).expect("a fetcher");
        let shop = Shop {
            base: format!("http://{own}"),
            log: Log::default(),
        };
        let definition = shop.definition(&fill(self.definition));

        let mut urls = vec![Url::parse(&fill(&self.url)).expect("a URL")];
        urls.extend(self.by_redirect_too.then(|| shop.url("/to")));
        let (start, mut faults, mut ended) = (Instant::now(), Vec::new(), String::new());
        for url in urls {
            let target = if self.is_picture {
                Target::image(url)
            } else {
                Target::item(url)
            };
            let fetch = fetcher.fetch(&definition, &target);
            let why;
            (ended, why) = match tokio::time::timeout(SOON, fetch).await {
                Ok(Ok(exchange)) => {
                    if self.body.is_some_and(|body| body != exchange.body) {
                        faults.push(format!("the body is {:?}", exchange.body));
                    }
                    (exchange.status.to_string(), String::new())
                }
                Ok(Err(error)) => (error.code().to_owned(), error.to_string()),
                Err(_) => ("never".to_owned(), String::new()),
            };
            if ended != self.ends {
                faults.push(format!("ended in {ended}, not {}: {why}", self.ends));
            }
            if why.contains("_hosts` of source") && !self.does.contains("definition") {
                faults.push(format!("not the guard refused it: {why}"));
            }
        }
        let (took, read) = (start.elapsed(), fetcher.received());
        if trap.knocks().await > 0 {
            faults.push("somebody knocked at the trap".to_owned());
        }
        if took > SOON {
            faults.push(format!("it took {took:?}"));
        }
        if read > READ_LIMIT {
            faults.push(format!("{read} bytes were read"));
        }
        if let Some(head) = server.heads().iter().find(|head| head.contains("cookie:")) {
            faults.push(format!("a cookie was kept: {head}"));
        }
        Outcome {
            does: self.does,
            ended,
            read,
            took,
            faults,
        }
    }
}

/// Whether a server at this address stands for a public one.
fn stands_for_public(ip: &str) -> bool {
    ip != "127.0.0.1"
}

/// A port to serve on, and a trap; for a server that stands for a public one
/// the trap is on the same port.
async fn set_up(ip: &str) -> (TcpListener, Trap) {
    loop {
        let listener = TcpListener::bind((ip, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let wanted = if stands_for_public(ip) { port } else { 0 };
        // A port that is free at one address may be taken at the other.
        if let Ok(trap) = Trap::set(wanted).await {
            return (listener, trap);
        }
    }
}

/// Runs a group, prints its table, and fails when one case went wrong.
async fn run(group: Vec<Case>) {
    let running: Vec<_> = group
        .into_iter()
        .map(|case| tokio::spawn(case.run()))
        .collect();
    let outcomes = futures::future::join_all(running).await;
    println!("| what the server does | ends in | bytes read | ms |\n|---|---|---|---|");
    let mut faults = Vec::new();
    for outcome in outcomes {
        let outcome = outcome.expect("no panic");
        println!(
            "| {} | {} | {} | {} |",
            outcome.does,
            outcome.ended,
            outcome.read,
            outcome.took.as_millis()
        );
        faults.extend(
            outcome
                .faults
                .iter()
                .map(|fault| format!("{}: {fault}", outcome.does)),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every group: its title in the documentation, and its cases.
fn groups() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Addresses", addresses::spellings()),
        ("Names that change their mind", addresses::rebinding()),
        ("Packed bodies", packing::cases()),
        ("Size and time", sizes::cases()),
        ("Redirects", redirects::cases()),
        ("Protocol", protocol::cases()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_addresses_are_never_connected_to() {
    run(addresses::spellings()).await;
}

/// Needs a second loopback address, which only Linux has from the start.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_cannot_change_their_mind() {
    run(addresses::rebinding()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_packing_is_undone_within_bounds() {
    run(packing::cases()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_sizes_and_times_are_bounded() {
    run(sizes::cases()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_redirects_lead_nowhere() {
    run(redirects::cases()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_protocol_breaches_end_in_an_error() {
    run(protocol::cases()).await;
}
