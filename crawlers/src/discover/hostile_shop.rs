//! Generated shops full of traps, walked to their ends over loopback.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, Uri};
use axum::response::IntoResponse;

use super::*;
use crate::fetch::{FetchOptions, Fetcher};
use crate::{Reading, Signal, read};

/// How many real offers each shop has.
pub(super) const OFFERS: u32 = 60;

/// What a walk found, and what it asked for.
pub(super) struct Walk {
    pub(super) offers: BTreeSet<String>,
    /// Why targets were left that had been taken, each reason once.
    pub(super) left: BTreeSet<String>,
    /// Requests by the first word of the path.
    asked: BTreeMap<String, usize>,
}

impl Walk {
    pub(super) fn has_all_offers_once(&self) -> bool {
        let all: BTreeSet<String> = (0..OFFERS).map(|n| n.to_string()).collect();
        self.offers == all
    }

    pub(super) fn asked(&self, word: &str) -> usize {
        self.asked.get(word).copied().unwrap_or_default()
    }
}

pub(super) fn offer(id: u32, base: &str) -> Response<Body> {
    let name = format!("Kestrel chair {id}");
    html(format!(
        "<link rel=canonical href=\"{base}/offer/{id}\"><h1>{name}</h1><p class=no>{id}</p><p>€ 249.00</p>\
         <p>A chair of oak with a seat of paper cord, made in the workshop behind the shop.</p>"
    ))
}

pub(super) fn html(main: String) -> Response<Body> {
    let page = format!(
        "<!doctype html><html><head><title>Chairs</title></head><body>{main}</body></html>"
    );
    ([("content-type", "text/html")], page).into_response()
}

pub(super) fn xml(body: String) -> Response<Body> {
    ([("content-type", "application/xml")], body).into_response()
}

pub(super) fn missing() -> Response<Body> {
    StatusCode::NOT_FOUND.into_response()
}

/// The number at the end of a path.
pub(super) fn number(path: &str) -> u32 {
    let digits = path
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    digits.parse().unwrap_or_default()
}

/// Opens a shop that answers so, and walks it by a definition to the end.
pub(super) async fn walk(
    answer: impl Fn(&Uri, &str) -> Response<Body> + Clone + Send + Sync + 'static,
    discover: &str,
    item_url: &str,
) -> Walk {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let log: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let (seen, here) = (Arc::clone(&log), base.clone());
    let router = Router::new().fallback(move |request: Request| {
        let word = request
            .uri()
            .path()
            .split('/')
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        *seen.lock().expect("the log").entry(word).or_default() += 1;
        let answer = answer(request.uri(), &here);
        async move { answer }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let text = format!(
        "id = \"shop\"\nname = \"Shop\"\ntier = \"selector\"\nbase = \"{base}\"\n[rate]\nper_second = 1000\n\
         [discover]\n{discover}\n[item]\nurl = \"{item_url}\"\n[fields]\ntitle = [{{ css = \"h1\" }}]\n\
         id = [{{ css = \".no\" }}]\nurl = [{{ css = \"link[rel=canonical]\", attr = \"href\" }}]\n"
    );
    let definition = Definition::parse(&text, "shop.toml").expect("a definition");
    let (offers, left) = walk_to_the_end(&definition).await;
    let asked = log.lock().expect("the log").clone();
    Walk {
        offers,
        left,
        asked,
    }
}

async fn walk_to_the_end(definition: &Definition) -> (BTreeSet<String>, BTreeSet<String>) {
    let noon = "2026-11-23T12:00:00Z".parse().expect("a time");
    let mut options = FetchOptions::new(
        "markhound/0.1 (+mailto:ip@example.com)",
        Arc::new(move || noon),
    );
    options.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    options.limits.attempts = 1;
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let mut budget = Budget::new(definition);
    let mut frontier: VecDeque<Target> = VecDeque::new();
    let (mut offers, mut left) = (BTreeSet::new(), BTreeSet::new());
    for seed in seeds(definition, &[]) {
        assert_eq!(budget.rule(&seed), Ruling::Take);
        frontier.push_back(seed);
    }
    while let Some(target) = frontier.pop_front() {
        if let Some(why) = budget.spent(&target) {
            left.insert(why);
            continue;
        }
        let exchange = fetcher.fetch(definition, &target).await;
        let reading = exchange
            .ok()
            .and_then(|exchange| read(definition, &target, &exchange).ok());
        budget.learn(&target, reading.as_ref());
        let is_there = reading
            .as_ref()
            .is_some_and(|reading| reading.signal == Signal::Ok);
        if target.kind == TargetKind::Sitemap && !is_there {
            let named = fetcher
                .named_sitemaps(definition)
                .await
                .expect("robots.txt");
            frontier.extend(
                named
                    .into_iter()
                    .filter(|target| budget.rule(target) == Ruling::Take),
            );
        }
        let Some(Reading {
            targets, listings, ..
        }) = reading
        else {
            continue;
        };
        offers.extend(listings.into_iter().map(|listing| listing.item_id));
        frontier.extend(
            targets
                .into_iter()
                .filter(|target| budget.rule(target) == Ruling::Take),
        );
    }
    (offers, left)
}

pub(super) const LIST: &str = "kind = \"list\"\nurl = \"/list/1\"\nitems = { css = \"a.item\", attr = \"href\" }\nnext = { css = \"a.next\", attr = \"href\" }\nmax_pages = 100000";
const SITEMAP: &str = "kind = \"sitemap\"\nurl = \"/sitemap.xml\"";

/// A list of offers `from..to` with more links, and a next page.
pub(super) fn list(links: impl Iterator<Item = String>, next: Option<String>) -> Response<Body> {
    let links: String = links
        .map(|link| format!("<a class=item href=\"{link}\">x</a>"))
        .collect();
    let next = next.map(|next| format!("<a class=next href=\"{next}\">next</a>"));
    html(links + &next.unwrap_or_default())
}

#[tokio::test]
async fn a_list_whose_next_page_never_ends_is_left_when_it_repeats_itself() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        path if path.starts_with("/list/") => {
            let page = number(path);
            let first = (page - 1) % 6 * 10;
            let links = (first..first + 10).map(|n| format!("/offer/{n}"));
            list(links, Some(format!("/list/{}", page + 1)))
        }
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, LIST, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert_eq!(walk.asked("list"), 6 + 10);
    assert_eq!(walk.asked("offer"), 60);
}

#[tokio::test]
async fn a_calendar_of_empty_days_is_left_and_the_offers_before_it_are_found() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/list/1" => list(
            (0..OFFERS).map(|n| format!("/offer/{n}")),
            Some("/day/2026/11/23?d=1".to_owned()),
        ),
        path if path.starts_with("/day/") => {
            let day = number(uri.query().unwrap_or_default());
            list(
                std::iter::empty(),
                Some(format!(
                    "/day/{}/{}/{}?d={}",
                    2026 + day / 365,
                    day / 30 % 12 + 1,
                    day % 30 + 1,
                    day + 1
                )),
            )
        }
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, LIST, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert!(walk.asked("day") <= 20, "{}", walk.asked("day"));
}

/// An offer's address on a page of the list.
type Address = fn(u32, u32) -> String;

/// Each page of the list links its offers in other addresses.
fn with_addresses(
    address: Address,
) -> impl Fn(&Uri, &str) -> Response<Body> + Clone + Send + Sync + 'static {
    move |uri: &Uri, base: &str| match uri.path() {
        path if path.starts_with("/list/") => {
            let page = number(path);
            let links = (0..OFFERS).map(move |n| address(n, page));
            list(links, Some(format!("/list/{}", page + 1)))
        }
        path => {
            let id = path
                .split(['/', ';'])
                .find_map(|part| part.strip_prefix("no-")?.parse().ok());
            id.map_or_else(missing, |id| offer(id, base))
        }
    }
}

#[tokio::test]
async fn the_same_offers_under_ever_other_addresses_cost_at_most_500_requests() {
    // With an id in the definition's form they are not even asked for twice.
    let addresses: [(&str, Address); 8] = [
        ("category paths", |n, page| format!("/c{page}/x/no-{n}")),
        ("session ids in the query", |n, page| {
            format!("/shop/no-{n}?visit={page}a{n}f")
        }),
        ("known session ids", |n, page| {
            format!("/shop/no-{n}?PHPSESSID=0a1b{page}")
        }),
        ("session ids in the path", |n, page| {
            format!("/shop/no-{n};jsessionid=0A{page}")
        }),
        ("ASP.NET sessions", |n, page| {
            format!("/(S(lit3py55t21z5v55{page}))/shop/no-{n}")
        }),
        ("filters", |n, page| {
            format!(
                "/shop/no-{n}?colour={}&size={}&sort={page}",
                page % 7,
                page % 5
            )
        }),
        ("tracking", |n, page| {
            format!("/shop/no-{n}?utm_campaign={page}&fbclid=x{page}")
        }),
        ("random folders", |n, page| {
            format!(
                "/{}/no-{n}",
                ["k", "q", "w", "z"][page as usize % 4].repeat(page as usize + 1)
            )
        }),
    ];
    for (name, address) in addresses {
        for item_url in ["/**/no-{id}", "/**"] {
            let walk = walk(with_addresses(address), LIST, item_url).await;
            assert!(
                walk.has_all_offers_once(),
                "{name} {item_url}: {:?}",
                walk.offers
            );
            let asked: usize = walk.asked.values().sum();
            assert!(asked <= 60 + 500, "{name} {item_url}: {asked} requests");
        }
    }
}

#[tokio::test]
async fn twenty_languages_and_hosts_in_two_spellings_give_each_offer_once() {
    let address: Address = |n, page| {
        let language = ["de", "en", "fr", "pt-br", "zh_CN", "ja", "pl", "it"][page as usize % 8];
        format!(
            "/{language}/shop/no-{n}{}",
            ["", "/", "?", "#top"][page as usize % 4]
        )
    };
    let walk = walk(with_addresses(address), LIST, "/**").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    let asked: usize = walk.asked.values().sum();
    assert_eq!(
        asked,
        1 + 60 + 11,
        "robots.txt, the offers, and eleven lists"
    );
}

fn index(maps: impl Iterator<Item = String>) -> Response<Body> {
    let maps: String = maps
        .map(|map| format!("<sitemap><loc>{map}</loc></sitemap>"))
        .collect();
    xml(format!("<sitemapindex>{maps}</sitemapindex>"))
}

pub(super) fn urlset(pages: impl Iterator<Item = String>) -> Response<Body> {
    let pages: String = pages
        .map(|page| format!("<url><loc>{page}</loc></url>"))
        .collect();
    xml(format!("<urlset>{pages}</urlset>"))
}

#[tokio::test]
async fn sitemaps_that_name_themselves_and_ever_new_ones_end_and_the_offers_are_found() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/sitemap.xml" => {
            let traps = (0..5_000).map(|n| format!("{base}/maps/{n}.xml"));
            let own = [format!("{base}/sitemap.xml"), format!("{base}/offers.xml")];
            index(own.into_iter().chain(traps))
        }
        "/offers.xml" => urlset((0..OFFERS).map(|n| format!("{base}/offer/{n}"))),
        path if path.starts_with("/maps/") => {
            let n = number(path.trim_end_matches(".xml"));
            index(
                [
                    format!("{base}/sitemap.xml"),
                    format!("{base}/maps/{}.xml", n * 7 + 9_000),
                ]
                .into_iter(),
            )
        }
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, SITEMAP, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert_eq!(walk.asked("sitemap.xml"), 1);
    assert!(walk.asked("maps") <= 160, "{}", walk.asked("maps"));
}

#[tokio::test]
async fn a_sitemap_of_pages_that_are_not_there_costs_at_most_500_requests() {
    // Made-up pages in the same form as the offers, and offers among them.
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/sitemap.xml" => {
            let made_up = (1_000..51_000).map(|n| format!("{base}/offer/{n}"));
            let offers = (0..OFFERS).map(|n| format!("{base}/offer/{n}"));
            urlset(offers.chain(made_up))
        }
        path if path.starts_with("/offer/") && number(path) < OFFERS => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, SITEMAP, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert!(walk.asked("offer") <= 60 + 500, "{}", walk.asked("offer"));
}

#[tokio::test]
async fn a_sitemap_that_is_only_named_in_robots_txt_is_found() {
    let shop = |uri: &Uri, base: &str| match uri.path() {
        "/robots.txt" => {
            format!("Sitemap: {base}/maps/shop.xml.gz\nSitemap: /sitemap.xml\n").into_response()
        }
        "/maps/shop.xml.gz" => urlset((0..OFFERS).map(|n| format!("{base}/offer/{n}"))),
        path if path.starts_with("/offer/") => offer(number(path), base),
        _ => missing(),
    };
    let walk = walk(shop, SITEMAP, "/offer/{id}").await;
    assert!(walk.has_all_offers_once(), "{:?}", walk.offers);
    assert_eq!((walk.asked("sitemap.xml"), walk.asked("maps")), (1, 1));
}
