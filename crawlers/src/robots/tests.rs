use std::path::Path;

use super::*;

const FILE: &[u8] = b"User-agent: *\nDisallow: /basket\nDisallow: /browse?sort=\n\nUser-agent: markhound\nDisallow: /staff\n";

#[test]
fn the_group_of_our_own_name_replaces_the_one_for_everybody() {
    let agent = "markhound/0.1 (+mailto:a@b.example)";
    assert!(allowed(FILE, agent, "/basket"));
    assert!(!allowed(FILE, "markhound", "/staff/list"));
    assert!(!allowed(FILE, "otherbot", "/browse?sort=price"));
    assert!(allowed(FILE, "otherbot", "/browse?page=2"));
}

#[test]
fn a_whole_url_is_judged_by_its_path_and_query() {
    for url in [
        "https://shop.example/basket#top",
        "http://shop.example/basket?a=/b",
    ] {
        assert!(!allowed(FILE, "otherbot", url), "{url}");
    }
    for url in [
        "https://shop.example/",
        "https://shop.example",
        "https://shop.example?x",
        "",
    ] {
        assert!(allowed(FILE, "otherbot", url), "{url}");
    }
}

#[test]
fn the_rule_that_forbids_is_named() {
    let robots = Robots::parse(FILE, "otherbot");
    let url = Url::parse("https://shop.example/basket/7").expect("a URL");
    assert_eq!(
        robots.forbidding_rule(&url).as_deref(),
        Some("Disallow: /basket")
    );
}

/// File, path, whether it is allowed.
type Case = (&'static [u8], &'static str, bool);

#[test]
fn lines_are_read_as_people_write_them() {
    let cases: [Case; 18] = [
        (b"user-agent: *\ndisallow: /a", "/a", false),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /a", "/a", false),
        (
            b"\xff\xfeU\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0*\0\n\0D\0i\0s\0a\0l\0l\0o\0w\0:\0/\0a\0",
            "/a",
            false,
        ),
        (b"User-agent: *\rDisallow: /a\r", "/a", false),
        (b"User-agent: *\r\nDisallow: /a\r\n", "/a", false),
        (b"User-agent: *\r\n\r\n\r\nDisallow: /a", "/a", false),
        (b"User-agent *\nDisallow /a", "/a", false),
        (b"User-agent *\nDisallow /a b", "/a", true),
        (b"useragent: *\nDissallow: /a", "/a", false),
        (b"User agent : *\ndisalow:/a", "/a", false),
        (b"User-agent: * everybody\nDisallow: /a", "/a", false),
        (b"User-agent: *everybody\nDisallow: /a", "/a", true),
        (b"User-agent: *\nDisallow: /a # not /b", "/b", true),
        (b"User-agent: *\n\x0b Disallow\t:\t/a \x0c", "/a", false),
        (b"Disallow: /a\nUser-agent: *", "/a", true),
        (b"User-agent: *\nDisallow:", "/a", true),
        (b"User-agent: *\nDisallow: /\0a", "/b", false),
        (
            b"<!doctype html><html><p>User-agent: nobody<p>Disallow: /",
            "/a",
            true,
        ),
    ];
    for (file, path, expected) in cases {
        let shown = String::from_utf8_lossy(file);
        assert_eq!(allowed(file, "foobot", path), expected, "{shown:?} {path}");
    }
}

#[test]
fn groups_are_merged_by_name_and_other_lines_do_not_part_them() {
    let file = b"User-agent: a\nUser-agent: foobot/2.1\nCrawl-delay: 2\nUser-agent: b\nDisallow: /1\n\n\
        User-agent: *\nDisallow: /2\n\nSitemap: https://a.example/s.xml\nUser-Agent: FOOBOT\nDisallow: /3\n";
    for (agent, path, expected) in [
        ("foobot", "/1", false),
        ("foobot", "/2", true),
        ("foobot", "/3", false),
        ("b", "/1", false),
        ("foo", "/1", true),
        ("foo", "/2", false),
        ("foobots", "/3", true),
        ("bot9", "/2", false),
    ] {
        assert_eq!(allowed(file, agent, path), expected, "{agent} {path}");
    }
    assert!(!allowed(b"User-agent: bot9\nDisallow: /", "bot9/1.0", "/x"));
    assert!(allowed(b"User-agent: bot8\nDisallow: /", "bot9/1.0", "/x"));
    // A group of our own without rules allows everything.
    assert!(allowed(
        b"User-agent: *\nDisallow: /\nUser-agent: foobot\n",
        "foobot",
        "/x"
    ));
}

#[test]
fn the_longest_pattern_decides_and_allow_between_two_of_one_length() {
    let cases: [Case; 16] = [
        (b"User-agent: *\nDisallow: /\nAllow: /p", "/page", true),
        (b"User-agent: *\nAllow: /p\nDisallow: /", "/page", true),
        (
            b"User-agent: *\nDisallow: /page\nAllow: /page",
            "/page",
            true,
        ),
        (
            b"User-agent: *\nAllow: /page\nDisallow: /*.htm",
            "/page.htm",
            false,
        ),
        (b"User-agent: *\nAllow: /$\nDisallow: /", "/", true),
        (b"User-agent: *\nAllow: /$\nDisallow: /", "/a", false),
        (b"User-agent: *\nDisallow: /*.gif$", "/a.gif", false),
        (b"User-agent: *\nDisallow: /*.gif$", "/a.gif?x", true),
        (b"User-agent: *\nDisallow: /fish*", "/fish/salmon", false),
        (b"User-agent: *\nDisallow: /a*b*c$", "/a-b-c-b-c", false),
        (b"User-agent: *\nDisallow: /a*bc$", "/abcd", true),
        (b"User-agent: *\nDisallow: /a$b", "/a$b", false),
        (b"User-agent: *\nDisallow: $", "/", true),
        (b"User-agent: *\nDisallow: *", "/x", false),
        (
            b"User-agent: *\nDisallow: /\nAllow: /shop/index.html",
            "/shop/",
            true,
        ),
        (
            b"User-agent: *\nDisallow: /\nAllow: /shop/index.html",
            "/shop/a",
            false,
        ),
    ];
    for (file, path, expected) in cases {
        let shown = String::from_utf8_lossy(file);
        assert_eq!(allowed(file, "foobot", path), expected, "{shown:?} {path}");
    }
}

#[test]
fn percent_encoding_is_made_uniform_on_both_sides() {
    let cases = [
        ("/ツ", "/%E3%83%84", false),
        ("/%e3%83%84", "/ツ", false),
        ("/%7Ejoe", "/~joe", false),
        ("/~joe", "/%7ejoe", false),
        ("/a%2fb", "/a%2Fb", false),
        ("/a%2Fb", "/a/b", true),
        ("/a b", "/a%20b", false),
        ("/%zz", "/%zz", false),
        ("/%", "/%", false),
    ];
    for (pattern, path, expected) in cases {
        let file = format!("User-agent: *\nDisallow: {pattern}\n");
        assert_eq!(
            allowed(file.as_bytes(), "foobot", path),
            expected,
            "{pattern} {path}"
        );
    }
    assert!(!allowed(
        b"User-agent: *\nDisallow: /caf\xe9",
        "foobot",
        "/caf%E9"
    ));
}

#[test]
fn the_file_itself_is_always_allowed() {
    let file = b"User-agent: *\nDisallow: /";
    assert!(allowed(file, "foobot", "https://a.example/robots.txt"));
    assert!(!allowed(file, "foobot", "/robots.txt?x"));
}

#[test]
fn crawl_delays_are_those_of_the_group_and_nonsense_is_none() {
    let of = |value: &str| {
        let file = format!("User-agent: *\nCrawl-delay: {value}\nDisallow:\n");
        Robots::parse(file.as_bytes(), "foobot").crawl_delay()
    };
    assert_eq!(of("10"), Some(Duration::from_secs(10)));
    assert_eq!(of("0.25 # a quarter"), Some(Duration::from_millis(250)));
    assert_eq!(of("0"), Some(Duration::ZERO));
    assert_eq!(of("1e300"), Some(Duration::from_secs(31_536_000)));
    assert_eq!(of("inf"), Some(Duration::from_secs(31_536_000)));
    for nonsense in ["", "-3", "NaN", "soon", "1,5", "10s"] {
        assert_eq!(of(nonsense), None, "{nonsense}");
    }
    let groups = b"User-agent: foobot\nCrawl-delay: 1\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /a\nCrawl-delay: 30\n";
    let delay = |agent: &str| Robots::parse(groups, agent).crawl_delay();
    // No rule parts the first two names, so they are one group.
    assert_eq!(delay("foobot"), Some(Duration::from_secs(30)));
    assert_eq!(delay("others"), Some(Duration::from_secs(30)));
    assert_eq!(
        Robots::parse(b"Crawl-delay: 3", "foobot").crawl_delay(),
        None
    );
}

#[test]
fn sitemaps_belong_to_no_group() {
    let file =
        b"Sitemap: https://a.example/1.xml\nUser-agent: other\nDisallow: /\nsite-map:/2.xml.gz ";
    let robots = Robots::parse(file, "foobot");
    assert_eq!(robots.sitemaps(), ["https://a.example/1.xml", "/2.xml.gz"]);
    let many = "Sitemap: /a\n".repeat(5_000);
    assert_eq!(
        Robots::parse(many.as_bytes(), "foobot").sitemaps().len(),
        1_000
    );
}

#[test]
fn what_lies_past_500_kib_is_not_read_and_no_rule_is_cut_in_two() {
    let mut file = b"User-agent: *\nDisallow: /early\n".to_vec();
    while file.len() < MAX_BYTES - 12 {
        file.extend(b"#\n");
    }
    file.truncate(MAX_BYTES - 12);
    // The cut falls behind `Disallow: /`, which would forbid everything.
    file.extend(b"\nDisallow: /staff/list\nDisallow: /late\n");
    for (path, expected) in [
        ("/early", false),
        ("/a", true),
        ("/staff/list", true),
        ("/late", true),
    ] {
        assert_eq!(allowed(&file, "foobot", path), expected, "{path}");
    }
    assert!(allowed(&vec![b'a'; 2 * MAX_BYTES], "foobot", "/"));
}

/// With a matcher that goes back this test would not end.
#[test]
fn ten_thousand_hostile_rules_are_looked_up_without_backtracking() {
    let mut file = format!("User-agent: *\nDisallow: /{}x\n", "*".repeat(16_000));
    for n in 0..10_000 {
        let rule = match n % 4 {
            0 => format!("/*a*a*a*a*a*a*a*a*b{n}"),
            1 => format!("/***************z{n}$"),
            2 => format!("*aaaaaaaaaaaaaaaab{n}$"),
            _ => format!("/a*a*aa*aaa*aaaa*y{n}"),
        };
        file.push_str(&format!("Disallow: {rule}\n"));
    }
    assert!(file.len() < MAX_BYTES, "{} bytes", file.len());
    let robots = Robots::parse(file.as_bytes(), "foobot");
    assert_eq!(robots.rules.len(), 10_001);
    assert!(robots.allows(&format!("/{}", "a".repeat(2_082))));
    assert!(!robots.allows("/abcx"));
    assert!(robots.rules.iter().all(|rule| !rule.text().contains("**")));
}

/// Bytes of every kind, the same at each run.
#[test]
fn no_bytes_make_it_panic() {
    let words: [&[u8]; 14] = [
        b"User-agent",
        b"disallow",
        b"Allow",
        b":",
        b" ",
        b"*",
        b"$",
        b"/",
        b"%",
        b"%e",
        b"\r",
        b"\n",
        b"\0",
        b"\xff\xfe",
    ];
    let mut state = 0x9e37_79b9_u32;
    for _ in 0..3_000 {
        let mut file = Vec::new();
        for _ in 0..40 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            file.extend_from_slice(words[(state >> 16) as usize % words.len()]);
            file.push((state >> 8) as u8);
        }
        let robots = Robots::parse(&file, "foobot");
        let _ = robots.allows(&String::from_utf8_lossy(&file));
        let _ = robots.allows("/a%");
    }
}

/// Measured against the decisions of Google's parser. Set `MARKHOUND_DATA`
/// to a folder with an unpacked `robots/`; without it the test says so. With
/// `MARKHOUND_SHOW` set, the decisions that differ are printed.
#[test]
fn decisions_agree_with_the_reference_parser() {
    let folder = std::env::var("MARKHOUND_DATA").unwrap_or_default();
    let folder = Path::new(&folder).join("robots");
    let Ok(decisions) = std::fs::read_to_string(folder.join("decisions_FooBot.tsv")) else {
        eprintln!("skipped: MARKHOUND_DATA holds no unpacked robots/");
        return;
    };
    let (mut total, mut same) = (0_u32, 0_u32);
    let mut file = (String::new(), Robots::default());
    for row in decisions.lines() {
        let mut cells = row.split('\t');
        let (Some(host), Some(path), Some(wanted)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        if file.0 != host {
            let text = std::fs::read(folder.join("robots_corpus").join(host));
            let text = text.unwrap_or_else(|error| panic!("{host}: {error}"));
            file = (host.to_owned(), Robots::parse(&text, "FooBot"));
        }
        total += 1;
        let agrees = file.1.allows(path) == (wanted == "1");
        same += u32::from(agrees);
        if !agrees && std::env::var_os("MARKHOUND_SHOW").is_some() {
            println!("{host} {path} should be {wanted}");
        }
    }
    println!("{same} of {total} decisions agree");
    assert!(total > 0, "no decisions in {}", folder.display());
    assert!(
        f64::from(same) >= 0.9995 * f64::from(total),
        "{same}/{total}"
    );
}
