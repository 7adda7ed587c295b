//! Pages that look like a block or a "not found" and are neither.

use super::*;

fn innocent(name: &str, body: &str) {
    assert_eq!(judged(body), None, "{name}");
}

#[test]
fn products_with_structured_data_are_never_judged() {
    let data = "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\": \"Product\",\"name\":\"x\"}</script>";
    for (name, main) in [
        ("a shirt by its heading", "<h1>404 Not Found</h1>"),
        ("a poster", "<h1>Access denied</h1><p>Tin sign</p>"),
        ("an album", "<h1>Page not found</h1>"),
        ("ended", "<h2>This listing has ended</h2>"),
        (
            "a challenge's script",
            "<script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1\"></script><h1>Chair</h1>",
        ),
    ] {
        innocent(
            name,
            &format!("<html><head>{data}</head><body>{main}</body></html>"),
        );
    }
    let microdata = "<html><body><div itemscope itemtype=\"https://schema.org/Product\"><h1 itemprop=name>404 Not Found</h1></div></body></html>";
    innocent("microdata", microdata);
    let rdfa = "<html><body><div vocab=\"https://schema.org/\" typeof=\"Product\"><h1>Access denied</h1></div></body></html>";
    innocent("RDFa", rdfa);
    let og = "<html><head><meta property=\"og:type\" content=\"og:product\"></head><body><h1>Page not found</h1></body></html>";
    innocent("OpenGraph", og);
}

#[test]
fn names_that_hold_the_words_are_names() {
    for name in [
        "404 Not Found T-Shirt",
        "404: Not Found T-Shirt",
        "Page Not Found - Funny T-Shirt",
        "Access Denied: The Board Game",
        "Are You a Robot? Children's Book",
        "Security Check Tape 50 m",
        "Please Sign In Visitor Book",
        "Just a Moment - Perfume 50 ml",
        "The Page You Are Looking For, A Novel",
    ] {
        let main = format!("<h1>{name}</h1><p>$19.00</p><p>Cotton, washed, made to last.</p>");
        innocent(name, &shop_page(&format!("{name} | The shop"), &main));
        innocent(
            name,
            &format!("<html><head><title>{name}</title></head><body>{main}</body></html>"),
        );
    }
}

#[test]
fn scripts_and_forms_of_protection_beside_a_product_are_no_block() {
    let product = "<h1>Kestrel chair</h1><p>Oak, 45 × 50 cm</p><p>€ 249.00</p>";
    for (name, more) in [
        (
            "a CAPTCHA in the form of a review",
            "<form><p>Please verify that you are a human</p><div class=\"g-recaptcha\"></div></form>",
        ),
        (
            "Turnstile in a newsletter form",
            "<script src=\"https://challenges.cloudflare.com/turnstile/v0/api.js\"></script><div class=cf-turnstile></div>",
        ),
        (
            "Cloudflare's beacon",
            "<script>(function(){var a='/cdn-cgi/challenge-platform/scripts/jsd/main.js'})()</script>",
        ),
        (
            "PerimeterX's sensor",
            "<script>window._pxAppId='PX1'</script><script src=\"//client.perimeterx.net/PX1/main.min.js\"></script>",
        ),
        (
            "DataDome's tag",
            "<script src=\"https://js.datadome.co/tags.js\"></script>",
        ),
        (
            "Incapsula's script",
            "<script src=\"/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3\"></script>",
        ),
        (
            "the scripts of AWS, F5 and Kasada",
            "<script>window.awsWafCookieDomainList=['shop.example']</script><script src=\"https://a.edge.sdk.awswaf.com/b/challenge.js\"></script><script src=\"/TSPD/08a?type=9\"></script><script>window['bobcmn']='1'</script><script src=\"/149e9513-01fa-4fb0-aad4-566afd725d1b/2d206a39-8ed7-437e-a3be-862e0f06eea3/p.js\"></script>",
        ),
        (
            "a variable called captcha",
            "<script>var captcha = {enabled: false, message: 'access denied'}</script>",
        ),
        (
            "a review that quotes",
            "<p>Anna: the first shop said “access denied”, here it came in two days.</p>",
        ),
        (
            "a review about a page",
            "<p>Ben: page not found on their site, but this one works.</p>",
        ),
        (
            "a log-in form in the header",
            "<form action=\"/login\"><input type=password></form>",
        ),
        (
            "a cookie banner",
            "<div><h2>We value your privacy</h2><button>Accept</button></div>",
        ),
        ("sold out", "<p>Sold out. Notify me.</p>"),
        (
            "a variant that is over",
            "<form action=\"/cart/add\"><p>The red one is over: this product is no longer available in red.</p></form>",
        ),
    ] {
        innocent(
            name,
            &shop_page("Kestrel chair | The shop", &format!("{product}{more}")),
        );
        innocent(
            name,
            &format!(
                "<html><head><title>Kestrel chair</title></head><body>{product}{more}</body></html>"
            ),
        );
    }
}

#[test]
fn lists_home_pages_and_articles_are_no_walls() {
    let html = [("content-type", "text/html")];
    let welcome = shop_page(
        "The shop",
        "<link rel=canonical href=\"https://shop.example/\"><h1>Welcome</h1>",
    );
    for (asked, got) in [
        ("/", "/"),
        ("/", "/en/"),
        ("/index.html", "/"),
        ("/de", "/de/"),
        ("/login", "/login/"),
        ("/item/7", "/item/7-chair"),
        ("/c/authors", "/c/authors/"),
    ] {
        assert_eq!(
            recognise(&exchange(asked, got, 200, &html, &welcome)),
            None,
            "{asked} to {got}"
        );
    }
    innocent(
        "an empty search",
        &shop_page(
            "Search | The shop",
            "<h1>Search results</h1><p>No offers match “kestrel 9”.</p>",
        ),
    );
    innocent(
        "a shop whose canonical is always its home page",
        &welcome.replace(
            "<h1>Welcome</h1>",
            "<h1>Kestrel chair</h1><p>249.00 EUR</p>",
        ),
    );
    let article =
        "We were blocked, saw unusual traffic from your network, and then: page not found. "
            .repeat(40);
    innocent(
        "an article about walls",
        &shop_page(
            "How shops keep robots out",
            &format!("<h1>How shops keep robots out</h1><p>{article}</p>"),
        ),
    );
}

#[test]
fn data_with_an_empty_list_of_errors_is_data() {
    let json = [("content-type", "application/json")];
    for body in [
        r#"{"errors":[],"data":{"products":[]}}"#,
        r#"{"id":7,"title":"404 not found shirt","status":"active"}"#,
        r#"{"products":[{"error":"none"}]}"#,
        r#"[{"error":"not found"}]"#,
        r#"{"status":"ok","message":"fine"}"#,
        r#"{"code":200,"message":"success"}"#,
        r#"{"title":"Error 404 shirt","description":"forbidden fruit"}"#,
        "{}",
        "{broken",
    ] {
        assert_eq!(
            recognise(&exchange("/api", "/api", 200, &json, body)),
            None,
            "{body}"
        );
    }
}
