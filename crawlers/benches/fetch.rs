//! What a page costs from the request to its decoded bytes.
//!
//! `cargo bench -p markhound-crawlers --bench fetch`; `MARKHOUND_BENCH_PAGES=n`
//! for another number than 20,000. The server is a process of its own on
//! loopback, so that its work is not counted; it sends one page of 9 KB over
//! and over, packed beforehand. Everything of a fetch is on: guard, robots.txt,
//! the host's limiter (set far too high to wait), limits, decoding, and the
//! body as received kept beside the decoded one.
//!
//! A second table says how soon a bomb of 256 MiB is stopped at 8 MiB.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::Path;
use axum::http::header::CONTENT_ENCODING;
use axum::routing::get;
use futures::StreamExt;
use markhound_crawlers::coding::{CodingError, decode};
use markhound_crawlers::fetch::{FetchOptions, Fetcher};
use markhound_crawlers::{Clock, Definition, Target};
use url::Url;

const CONCURRENCY: usize = 32;
const PAGE: usize = 9 * 1024;
const SERVE: &str = "--serve";

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    match std::env::args().nth(1).as_deref() {
        Some(SERVE) => runtime.block_on(serve()),
        // `cargo test --all-targets` only wants to know that it builds.
        Some("--bench") => runtime.block_on(measure()),
        _ => Ok(()),
    }
}

async fn measure() -> Result<(), Box<dyn Error>> {
    let pages: usize = match std::env::var("MARKHOUND_BENCH_PAGES") {
        Ok(pages) => pages.parse()?,
        Err(_) => 20_000,
    };
    let server = Server::start()?;
    println!("| content coding | bytes sent a page | pages/s | CPU ms a page |\n|---|---|---|---|");
    for coding in ["identity", "gzip", "br", "zstd"] {
        let fetcher = fetcher()?;
        let definition = definition(&server.base)?;
        // Connections and robots.txt are there before the clock starts.
        crawl(&fetcher, &definition, coding, 500).await?;
        let (start, cpu, received) = (Instant::now(), cpu_seconds()?, fetcher.received());
        crawl(&fetcher, &definition, coding, pages).await?;
        let count = pages as f64;
        println!(
            "| {coding} | {:.0} | {:.0} | {:.3} |",
            (fetcher.received() - received) as f64 / count,
            count / start.elapsed().as_secs_f64(),
            (cpu_seconds()? - cpu) * 1000.0 / count,
        );
    }
    println!("\nmost memory: {}\n", most_memory()?);
    bombs()
}

fn bombs() -> Result<(), Box<dyn Error>> {
    const BOMB: usize = 256 << 20;
    const LIMIT: usize = 8 << 20;
    let zeros = vec![0; BOMB];
    println!("| bomb | bytes packed | ms until it is stopped |\n|---|---|---|");
    for (coding, packed) in [
        ("gzip", gzip(&zeros)?),
        ("gzip, gzip", gzip(&gzip(&zeros)?)?),
        ("br", brotli(&zeros)?),
        ("zstd", zstd::stream::encode_all(zeros.as_slice(), 3)?),
    ] {
        let start = Instant::now();
        let Err(CodingError::TooLarge { .. }) = decode(Some(coding), &packed, LIMIT) else {
            return Err("it was not stopped".into());
        };
        let took = start.elapsed().as_secs_f64() * 1000.0;
        println!("| {coding} | {} | {took:.1} |", packed.len());
    }
    Ok(())
}

async fn crawl(
    fetcher: &Fetcher,
    definition: &Definition,
    coding: &str,
    pages: usize,
) -> Result<(), Box<dyn Error>> {
    let mut fetches = futures::stream::iter(0..pages)
        .map(|number| {
            let (fetcher, definition) = (fetcher.clone(), definition.clone());
            let url = definition.base().join(&format!("/{coding}/{number}"));
            async move {
                let target = Target::item(url?);
                // A task of its own, so that all cores are used.
                let fetch = tokio::spawn(async move { fetcher.fetch(&definition, &target).await });
                Ok::<_, Box<dyn Error>>(fetch.await??.body.len())
            }
        })
        .buffer_unordered(CONCURRENCY);
    while let Some(length) = fetches.next().await {
        if length? != PAGE {
            return Err("a page of another length".into());
        }
    }
    Ok(())
}

fn fetcher() -> Result<Fetcher, Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "here the program begins: this is where the clock is chosen"
    )]
    let clock: Clock = Arc::new(jiff::Timestamp::now);
    let mut options = FetchOptions::new("markhound-bench/0.1 (+mailto:ip@example.com)", clock);
    options.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    options.limits.requests_per_second = 1e6;
    options.limits.connections_per_host = CONCURRENCY as u32;
    Ok(Fetcher::new(options)?)
}

fn definition(base: &Url) -> Result<Definition, Box<dyn Error>> {
    let text = format!(
        "id = \"bench\"\nname = \"Bench\"\ntier = \"selector\"\nbase = \"{base}\"\n\
         [discover]\nkind = \"list\"\nurl = \"/\"\nitems = {{ css = \"a\", attr = \"href\" }}\n\
         [fields]\ntitle = [{{ css = \"h1\" }}]\n"
    );
    Ok(Definition::parse(&text, "bench.toml")?)
}

/// The server's process; it ends with this one.
struct Server {
    base: Url,
    process: Child,
}

impl Server {
    fn start() -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = process.stdout.take().ok_or("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self {
            base: Url::parse(line.trim())?,
            process,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let packed: Vec<(&str, Vec<u8>)> = vec![
        ("identity", page()),
        ("gzip", gzip(&page())?),
        ("br", brotli(&page())?),
        ("zstd", zstd::stream::encode_all(page().as_slice(), 3)?),
    ];
    let packed = Arc::new(packed);
    let answer = move |Path((coding, _)): Path<(String, u32)>| {
        let found = packed.iter().find(|(name, _)| *name == coding).cloned();
        async move {
            let (name, bytes) = found.unwrap_or_default();
            ([(CONTENT_ENCODING, name)], bytes)
        }
    };
    let router = Router::new().route("/{coding}/{number}", get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

/// A page that packs about as well as a shop's.
fn page() -> Vec<u8> {
    let mut text = String::from("<!doctype html><title>Watches</title>");
    for number in 0_u32.. {
        let noise = number.wrapping_mul(2_654_435_761);
        text += &format!(
            "<li class=\"product\"><a href=\"/watch/{noise:x}\">Watch {noise}</a><span class=\"price\">{} EUR</span>",
            noise % 997
        );
        if text.len() > PAGE {
            break;
        }
    }
    text.truncate(PAGE);
    text.into_bytes()
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut packer = brotli::CompressorWriter::new(&mut packed, 4096, 5, 22);
    packer.write_all(bytes)?;
    drop(packer);
    Ok(packed)
}

/// What this process has worked so far, in the kernel too (proc(5)).
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    /// USER_HZ, which Linux has never had otherwise for what it tells programs.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(") ").ok_or("no /proc/self/stat")?.1;
    let mut fields = after_name.split(' ').skip(11);
    let mut next = || {
        fields
            .next()
            .ok_or("too short")?
            .parse::<f64>()
            .map_err(|_| "no number")
    };
    Ok((next()? + next()?) / TICKS)
}

fn most_memory() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or("unknown").trim().to_owned())
}
