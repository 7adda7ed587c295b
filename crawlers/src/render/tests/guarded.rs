//! Pages that want to reach what they may not.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A listener that nobody may connect to, and how many did.
struct Trap {
    address: std::net::SocketAddr,
    connections: Arc<AtomicUsize>,
    packets: UdpSocket,
}

impl Trap {
    async fn set() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let packets = UdpSocket::bind(address).expect("the same port");
        packets.set_nonblocking(true).expect("a socket");
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self {
            address,
            connections,
            packets,
        }
    }

    /// How many connections came, and whether a packet did.
    fn sprung(&self) -> (usize, bool) {
        let packet = self.packets.recv(&mut [0; 64]).is_ok();
        (self.connections.load(Ordering::Relaxed), packet)
    }
}

/// Every way out that a page has, then a heading.
const WAYS_OUT: &str = "<!doctype html><head><link rel=preconnect href=http://TRAP/>\
<link rel=dns-prefetch href=//elsewhere.example><link rel=prefetch href=http://TRAP/pre>\
<link rel=stylesheet href=http://TRAP/a.css><link rel=icon href=http://TRAP/icon></head><body>\
<img src=http://TRAP/a.png><img src=http://elsewhere.example/a.png><img src=file:///etc/passwd>\
<iframe src=file:///etc/passwd></iframe><iframe src=http://TRAP/frame></iframe>\
<video src=http://TRAP/a.mp4 autoplay></video><object data=http://TRAP/o></object>\
<form id=f method=post action=/post></form><a id=d download href=/file.zip>d</a>\
<a id=b target=_blank href=http://TRAP/blank>b</a>\
<script src=/hop.js></script><script src=/private/s.js></script><script>
const t = f => { try { const p = f(); if (p && p.catch) p.catch(() => {}); } catch (e) {} };
t(() => fetch('http://TRAP/f'));
t(() => fetch('http://elsewhere.example/f'));
t(() => fetch('http://169.254.169.254/latest/meta-data/'));
t(() => fetch('http://[::1]:PORT/'));
t(() => fetch('file:///etc/passwd'));
t(() => fetch('/post', { method: 'POST', body: 'x' }));
t(() => navigator.sendBeacon('http://TRAP/beacon', 'x'));
t(() => { new WebSocket('ws://TRAP/'); });
t(() => { new EventSource('http://TRAP/events'); });
t(() => { new WebTransport('https://TRAP/'); });
t(() => navigator.serviceWorker.register('/sw.js'));
t(() => { new Worker('/worker.js'); });
t(() => { new SharedWorker('/worker.js'); });
t(() => { const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:TRAP' }] });
  c.createDataChannel('x'); return c.createOffer().then(o => c.setLocalDescription(o)); });
t(() => window.open('http://TRAP/popup'));
t(() => navigator.geolocation.getCurrentPosition(() => {}));
t(() => document.getElementById('d').click());
t(() => document.getElementById('b').click());
t(() => document.getElementById('f').submit());
alert('hello'); confirm('sure?'); prompt('who?');
document.body.insertAdjacentHTML('beforeend', '<h1>Built</h1>');
setTimeout(() => { location.href = 'http://TRAP/away'; }, 50);
setTimeout(() => { document.body.insertAdjacentHTML('beforeend', '<p class=last>'); }, 400);
</script></body>";

async fn tries_every_way_out(renderer: Renderer) {
    let trap = Trap::set().await;
    let address = trap.address.to_string();
    let page = WAYS_OUT
        .replace("TRAP", &address)
        .replace("PORT", &trap.address.port().to_string());
    let hop = format!("http://{address}/hopped.js");
    let worker = format!("try {{ fetch('http://{address}/w').catch(() => {{}}) }} catch (e) {{}}");
    let router = Router::new()
        .route(
            "/robots.txt",
            get(async || "User-agent: *\nDisallow: /private/\n"),
        )
        .route("/p/1", html(&page))
        .route(
            "/hop.js",
            get(async move || axum::response::Redirect::to(&hop)),
        )
        .route("/worker.js", script(&worker))
        .route("/sw.js", script(&worker));
    let shop = Shop::open(router).await;
    // The definition lets the page ask the trap: it is the address guard that
    // must not.
    let definition = shop.definition(&format!(
        "wait_for = \".last\"\nscreenshot = true\nhosts = [\"{address}\", \"169.254.169.254\"]"
    ));
    let exchange = renderer
        .fetch(
            &shop.fetcher(Limits::default()),
            &definition,
            &shop.item("/p/1"),
        )
        .await
        .expect("a page");
    let rendered = exchange.rendered.expect("rendered");
    assert!(rendered.complete, "{:?}", rendered.refused);
    let dom = String::from_utf8_lossy(&rendered.dom).into_owned();
    assert!(dom.contains("<h1>Built</h1>"), "{dom}");
    assert!(!dom.contains("root:"), "a file of this machine was read");
    assert_eq!(trap.sprung(), (0, false), "a forbidden connection");

    let asked = shop.asked();
    let ways: Vec<&str> = asked.iter().map(String::as_str).collect();
    for line in &ways {
        let known = ["/robots.txt", "/p/1", "/hop.js", "/worker.js", "/sw.js"];
        let path = line.strip_prefix("GET ").expect("only GET");
        assert!(known.contains(&path), "{line}");
    }
    assert!(ways.contains(&"GET /hop.js"));
    let why = |part: &str| {
        let found = rendered.refused.iter().find(|it| it.url.contains(part));
        found.map(|it| it.why.clone()).unwrap_or_default()
    };
    assert!(
        why("/private/s.js").contains("Disallow"),
        "{}",
        why("/private/s.js")
    );
    assert!(
        why("/hop.js").contains("allow_private_hosts"),
        "{}",
        why("/hop.js")
    );
    assert!(
        why("169.254").contains("allow_private_hosts"),
        "{}",
        why("169.254")
    );
    assert!(why("elsewhere.example/f").contains("render.hosts"));
    assert!(why("/post").contains("GET"), "{}", why("/post"));
    assert!(why("/away").contains("elsewhere"), "{}", why("/away"));
}

#[tokio::test]
async fn no_way_out_of_a_page_reaches_a_forbidden_address() {
    let Some(renderer) = renderer() else { return };
    tries_every_way_out(renderer).await;
}

#[tokio::test]
async fn the_same_holds_where_the_browser_shares_the_machines_network() {
    let Some(renderer) = renderer() else { return };
    tries_every_way_out(renderer.on_this_network()).await;
}

#[tokio::test]
async fn a_browser_does_not_know_our_environment() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::of("<h1>Here</h1>").await;
    let definition = shop.definition("wait_for = \"h1\"");
    let page = renderer
        .fetch(
            &shop.fetcher(Limits::default()),
            &definition,
            &shop.item("/p/1"),
        )
        .await;
    assert!(page.is_ok());
    let process = renderer.process().await.expect("a browser");
    let environment = std::fs::read(format!("/proc/{process}/environ")).expect("its environment");
    let environment = String::from_utf8_lossy(&environment).into_owned();
    // Cargo sets this for every test.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!environment.contains("CARGO_MANIFEST_DIR"));
}
