//! Pages that are shown instead of what was asked for.

use super::*;

fn all_are(expected: Instead, pages: &[(&str, &str)]) {
    for (name, body) in pages {
        let found = judged(body);
        assert_eq!(
            found.as_ref().map(|v| v.instead),
            Some(expected),
            "{name}: {found:?}"
        );
        assert!(found.is_some_and(|v| !v.why.is_empty()), "{name}");
    }
}

#[test]
fn block_pages_of_vendors_are_known_by_their_marks() {
    let pages = [
        (
            "Cloudflare challenge",
            "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><noscript>Scripts are needed.</noscript><script>(function(){window._cf_chl_opt={cvId:'3',cZone:'shop.example'};var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=8';})();</script></body></html>",
        ),
        (
            "Cloudflare 1020",
            "<!doctype html><html><head><title>Access denied | shop.example used Cloudflare to restrict access</title></head><body><div id=\"cf-error-details\"><h1>Error 1020</h1><h2>Access denied</h2><p>A rule of this site met you.</p></div></body></html>",
        ),
        (
            "Cloudflare 1020 as text in a page",
            "<html><body>error code: 1020</body></html>",
        ),
        (
            "Cloudflare Turnstile",
            "<html><head><title>shop.example</title><script src=\"https://challenges.cloudflare.com/turnstile/v0/api.js\"></script></head><body><h1>Verify you are human</h1><div class=\"cf-turnstile\" data-sitekey=\"0x4\"></div></body></html>",
        ),
        (
            "Cloudflare block",
            "<html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1><p>Cloudflare Ray ID: 8f</p></body></html>",
        ),
        (
            "Incapsula frame",
            "<html style=\"height:100%\"><head><META NAME=\"ROBOTS\" CONTENT=\"NOINDEX, NOFOLLOW\"><script src=\"/_Incapsula_Resource?SWJIYLWA=719d\"></script></head><body><iframe id=\"main-iframe\" src=\"/_Incapsula_Resource?SWUDNSAI=31&xinfo=1\">Request unsuccessful. Incapsula incident ID: 443000-7</iframe></body></html>",
        ),
        (
            "Imperva interruption",
            "<html><head><title>Pardon Our Interruption</title></head><body><h1>Pardon Our Interruption...</h1><p>Something in your browser looked like a program.</p></body></html>",
        ),
        (
            "Akamai",
            "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\nYou don't have permission to access \"http&#58;&#47;&#47;shop&#46;example&#47;item\" on this server.<P>\nReference&#32;&#35;18&#46;4d1f1002&#46;17\n<P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net\n</BODY></HTML>",
        ),
        (
            "Akamai behavioural challenge",
            "<html><body><div id=\"sec-if-cpt-container\"></div><script src=\"/abc/xyz\"></script></body></html>",
        ),
        (
            "PerimeterX",
            "<html><head><title>Access to this page has been denied</title></head><body><script>window._pxAppId='PX1';</script><div id=\"px-captcha\"></div><p>Press &amp; hold the button.</p></body></html>",
        ),
        (
            "HUMAN in another shop",
            "<html><body><h1>Before we go on...</h1><script>window._pxAppId = 'PXa'</script><p>Press & Hold to go on.</p></body></html>",
        ),
        (
            "DataDome",
            "<html><head><title>shop.example</title></head><body><p id=\"cmsg\">Enable JS.</p><script>var dd={'cid':'AHr','t':'bv','host':'geo.captcha-delivery.com'}</script><script src=\"https://ct.captcha-delivery.com/c.js\"></script></body></html>",
        ),
        (
            "Kasada",
            "<html><body><script>window.KPSDK={};KPSDK.now=1;</script><script src=\"/149e9513-01fa-4fb0-aad4-566afd725d1b/2d206a39-8ed7-437e-a3be-862e0f06eea3/ips.js?x=1\"></script></body></html>",
        ),
        (
            "AWS WAF",
            "<html><head><script>window.gokuProps={\"key\":\"AQ\",\"iv\":\"CgA\"};</script><script src=\"https://de5282c3ca0c.edge.sdk.awswaf.com/de/challenge.js\"></script></head><body><div id=\"challenge-container\"></div></body></html>",
        ),
        (
            "Amazon's question",
            "<html><head><title>Amazon.com</title></head><body><h4>Enter the characters below</h4><form method=\"get\" action=\"/errors/validateCaptcha\"><img src=\"https://images.example/captcha/abc.jpg\"></form></body></html>",
        ),
        (
            "Amazon's dogs",
            "<html><head><title>Sorry! Something went wrong!</title></head><body><a href=\"/dogsofamazon\"><img src=\"500_503.png\"></a></body></html>",
        ),
        (
            "Amazon's note to programs",
            "<html><!-- To discuss automated access please contact api-services-support@amazon.com. --><body><p>Try again.</p></body></html>",
        ),
        (
            "Sucuri",
            "<html><head><title>Sucuri WebSite Firewall - Access Denied</title></head><body><h1>Access Denied - Sucuri Website Firewall</h1></body></html>",
        ),
        (
            "F5",
            "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Ask your administrator.<br>Your support ID is: 88</body></html>",
        ),
        (
            "Radware",
            "<html><body><script src=\"https://validate.perfdrive.com/x.js\"></script></body></html>",
        ),
        (
            "Alibaba",
            "<html><body><script>var url='https://shop.example/_____tmd_____/punish?x5secdata=abc'</script></body></html>",
        ),
        (
            "DDoS-Guard",
            "<html><head><title>DDoS-Guard</title></head><body><p>Checking your browser before you go on</p></body></html>",
        ),
        (
            "Vercel",
            "<html><head><title>Vercel Security Checkpoint</title></head><body><p>We look at your browser</p></body></html>",
        ),
        (
            "Wordfence",
            "<html><head><title>503</title></head><body><p>Your access to this service has been limited.</p><p>Generated by Wordfence at Mon</p></body></html>",
        ),
    ];
    all_are(Instead::Wall, &pages);
}

#[test]
fn headers_of_vendors_are_enough() {
    for (name, value) in [
        ("cf-mitigated", "challenge"),
        ("x-amzn-waf-action", "captcha"),
        ("x-dd-b", "1"),
        ("x-vercel-mitigated", "challenge"),
    ] {
        let headers = [("content-type", "text/html"), (name, value)];
        let found = recognise(&exchange("/a", "/a", 202, &headers, "<html></html>"));
        assert_eq!(found.map(|v| v.instead), Some(Instead::Wall), "{name}");
    }
}

#[test]
fn pages_that_only_ask_or_refuse_are_walls_in_any_language() {
    let pages = [
        (
            "reCAPTCHA",
            "<html><head><title>shop.example</title></head><body><p>Please show that you are not a robot.</p><div class=\"g-recaptcha\" data-sitekey=\"6L\"></div></body></html>",
        ),
        (
            "hCaptcha in German",
            "<html><body><p>Bitte bestätigen: Ich bin kein Roboter.</p><div class=h-captcha></div></body></html>",
        ),
        (
            "a picture puzzle in Chinese",
            "<html><body><p>请输入验证码</p><img src=\"/captcha.jpg\"></body></html>",
        ),
        (
            "English",
            "<html><head><title>Are you a human?</title></head><body><p>Tell us.</p></body></html>",
        ),
        (
            "traffic",
            "<html><body><p>Our systems have seen unusual traffic from your network.</p></body></html>",
        ),
        (
            "German",
            "<html><head><title>Zugriff verweigert</title></head><body><h1>Zugriff verweigert</h1></body></html>",
        ),
        (
            "French",
            "<html><head><title>Accès refusé - Boutique</title></head><body><p>Désolé.</p></body></html>",
        ),
        (
            "Spanish",
            "<html><body><h1>Acceso denegado</h1><p>No puedes entrar.</p></body></html>",
        ),
        (
            "Italian",
            "<html><body><p>Abbiamo notato traffico insolito dalla tua rete.</p></body></html>",
        ),
        (
            "Portuguese",
            "<html><head><title>Acesso negado</title></head><body></body></html>",
        ),
        (
            "Polish",
            "<html><body><h1>Odmowa dostępu</h1></body></html>",
        ),
        (
            "Russian",
            "<html><head><title>Доступ ограничен</title></head><body><p>Подождите.</p></body></html>",
        ),
        (
            "Japanese",
            "<html><body><h1>アクセスが制限されています</h1></body></html>",
        ),
        (
            "Chinese",
            "<html><head><title>安全验证</title></head><body></body></html>",
        ),
        (
            "Korean",
            "<html><body><h1>접근이 거부되었습니다</h1></body></html>",
        ),
        (
            "Turkish",
            "<html><head><title>Erişim engellendi</title></head><body></body></html>",
        ),
        (
            "Too many",
            "<html><head><title>Too Many Requests</title></head><body>Slow down.</body></html>",
        ),
    ];
    all_are(Instead::Wall, &pages);
    let headers = [("content-type", "text/plain")];
    let plain = recognise(&exchange("/a", "/a", 403, &headers, "error code: 1020"));
    assert_eq!(plain.map(|v| v.instead), Some(Instead::Wall));
}

#[test]
fn log_in_and_consent_pages_are_walls() {
    let html = [("content-type", "text/html")];
    let form = shop_page(
        "My account",
        "<h1>Welcome</h1><form><input type=password></form>",
    );
    for (asked, got) in [
        ("/item/7", "/login?next=/item/7"),
        ("/item/7", "/customer/signin.php"),
        ("/de/artikel/7", "/de/anmelden"),
        ("/item/7", "https://accounts.shop.example/sso/start"),
        ("/item/7", "https://consent.shop.example/m?continue=x"),
        ("/item/7", "/consent/?return=7"),
        ("/item/7", "https://shop.queue-it.net/?c=shop"),
        (
            "/item/7",
            "https://www.ebay.example/splashui/challenge?ap=1",
        ),
    ] {
        let found = recognise(&exchange(asked, got, 200, &html, &form));
        assert_eq!(
            found.as_ref().map(|v| v.instead),
            Some(Instead::Wall),
            "{got}: {found:?}"
        );
    }
    let pages = [
        (
            "a form alone",
            "<html><head><title>Mitglieder</title></head><body><form><input name=u><input type=\"password\" name=p></form></body></html>",
        ),
        (
            "log in",
            "<html><head><title>Log in | Market</title></head><body><h1>Log in to see offers</h1><p>Members see more. Members get mail. Members pay less. Members are many, and each was asked once.</p><form><input type=password></form></body></html>",
        ),
        (
            "consent",
            "<html><head><title>Before you continue</title></head><body><p>We and 812 partners keep things on your device.</p><button>Accept all</button></body></html>",
        ),
    ];
    all_are(Instead::Wall, &pages);
}

#[test]
fn not_found_pages_with_status_200_are_known_in_twenty_languages() {
    let headings = [
        "Page not found",
        "404 – Page Not Found",
        "Oops! That page can&rsquo;t be found.",
        "Seite nicht gefunden",
        "Page introuvable",
        "Página no encontrada",
        "Pagina non trovata",
        "Página não encontrada",
        "Pagina niet gevonden",
        "Nie znaleziono strony",
        "Stránka nenalezena",
        "Sidan hittades inte",
        "Siden blev ikke fundet",
        "Siden ble ikke funnet",
        "Sivua ei löytynyt",
        "Az oldal nem található",
        "Pagina nu a fost găsită",
        "Sayfa bulunamadı",
        "Страница не найдена",
        "Сторінку не знайдено",
        "Η σελίδα δεν βρέθηκε",
        "הדף לא נמצא",
        "الصفحة غير موجودة",
        "ページが見つかりません",
        "页面不存在",
        "找不到頁面",
        "페이지를 찾을 수 없습니다",
        "Không tìm thấy trang",
        "Halaman tidak ditemukan",
    ];
    for heading in headings {
        let main = format!("<h1>{heading}</h1><p>Look at our offers: chair, now only $49.00</p>");
        for body in [
            shop_page("The shop", &main),
            shop_page(&format!("{heading} | The shop"), "<p>Our offers</p>"),
        ] {
            let found = judged(&body);
            assert_eq!(
                found.as_ref().map(|v| v.instead),
                Some(Instead::NotFound),
                "{heading}: {found:?}"
            );
        }
    }
    let pages = [
        ("a bare code", shop_page("404", "<h1>404</h1>")),
        ("a sentence as heading", shop_page("404 error", "<h1>Unfortunately the page you are looking for went away.</h1>")),
        ("heading of level 2 under the shop's name", shop_page("404 | Shop", "<h1>Oops!</h1><h2>Error 404</h2>")),
        ("a few lines", "<html><body><p>Sorry, the page you requested could not be found.</p></body></html>".to_owned()),
        ("title alone", "<html><head><title>404 Not Found</title></head><body><center>nginx</center></body></html>".to_owned()),
        ("the home page in its place", shop_page("The shop", "<link rel=canonical href=\"https://shop.example/\"><meta name=robots content=\"noindex\"><h1>Welcome</h1>")),
        ("by og:url", shop_page("The shop", "<meta property=og:url content=\"/\"><h1>Hello</h1><p>The page you are looking for has moved.</p>")),
    ];
    let pages: Vec<(&str, &str)> = pages
        .iter()
        .map(|(name, body)| (*name, body.as_str()))
        .collect();
    all_are(Instead::NotFound, &pages);
    let html = [("content-type", "text/html")];
    for home in ["/", "/de/", "/en-gb", "/index.php"] {
        let found = recognise(&exchange(
            "/item/7",
            home,
            200,
            &html,
            &shop_page("Shop", "<h1>Welcome</h1>"),
        ));
        assert_eq!(found.map(|v| v.instead), Some(Instead::NotFound), "{home}");
    }
}

#[test]
fn errors_as_json_are_no_listings() {
    let json = [("content-type", "application/json")];
    for (body, expected) in [
        (r#"{"error":"Not Found"}"#, Instead::NotFound),
        (
            r#"{"errors":[{"code":"404","message":"no such product"}]}"#,
            Instead::NotFound,
        ),
        (
            r#"{"status":404,"title":"Not Found","type":"about:blank","traceId":"00"}"#,
            Instead::NotFound,
        ),
        (
            r#"{"success":false,"message":"product does not exist"}"#,
            Instead::NotFound,
        ),
        (r#"{"message":"Forbidden","code":403}"#, Instead::Wall),
        (r#"{"error":"too many requests"}"#, Instead::Wall),
        (
            r#"{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=A"}"#,
            Instead::Wall,
        ),
    ] {
        let found = recognise(&exchange("/api/7", "/api/7", 200, &json, body));
        assert_eq!(
            found.as_ref().map(|v| v.instead),
            Some(expected),
            "{body}: {found:?}"
        );
    }
}

#[test]
fn an_offer_that_is_over_is_gone_and_not_blocked() {
    let sentences = [
        "This listing has ended.",
        "This item has been sold",
        "This product is no longer available",
        "Dieses Angebot wurde beendet",
        "Diese Anzeige ist nicht mehr verfügbar",
        "Cette annonce n&rsquo;est plus disponible",
        "Este anuncio ya no está disponible",
        "Questo articolo non è più disponibile",
        "Este produto não está mais disponível",
        "Deze advertentie is niet meer beschikbaar",
        "To ogłoszenie nie jest już dostępne",
        "Annonsen är borttagen",
        "Bu ilan yayında değil",
        "Объявление снято с публикации",
        "この商品は販売終了しました",
        "该商品已下架",
        "판매가 종료된 상품입니다",
    ];
    for sentence in sentences {
        for body in [
            shop_page(
                "The market",
                &format!("<h2>{sentence}</h2><p>See others from $5</p>"),
            ),
            format!("<html><body><p>{sentence}</p></body></html>"),
        ] {
            let found = judged(&body);
            assert_eq!(
                found.as_ref().map(|v| v.instead),
                Some(Instead::Gone),
                "{sentence}: {found:?}"
            );
        }
    }
}
