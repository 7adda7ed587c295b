use std::io::Write;

use super::*;

#[test]
fn an_index_names_further_sitemaps() {
    let read = read(b"<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc> https://a.example/1.xml </loc></sitemap><sitemap><loc><![CDATA[https://a.example/2.xml.gz]]></loc></sitemap></sitemapindex>").expect("a sitemap");
    assert_eq!(
        read.maps,
        ["https://a.example/1.xml", "https://a.example/2.xml.gz"]
    );
    assert!(read.pages.is_empty());
}

#[test]
fn pages_are_read_with_entities_and_without_their_pictures() {
    let read = read(b"<urlset><url><loc>https://a.example/?a=1&amp;b=2</loc><image:image><image:loc>https://a.example/x.jpg</image:loc></image:image></url></urlset>").expect("a sitemap");
    assert_eq!(read.pages, ["https://a.example/?a=1&b=2"]);
}

#[test]
fn gzip_is_known_by_its_bytes_and_a_broken_file_by_its_beginning() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer
        .write_all(b"<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.exa")
        .expect("packed");
    let packed = packer.finish().expect("packed");
    assert_eq!(
        read(&packed).expect("a sitemap").pages,
        ["https://a.example/1"]
    );
    assert!(read(&packed[..packed.len() - 6]).is_some());
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

#[test]
fn news_video_and_prefixed_sitemaps_give_their_pages_alone() {
    let read = read(b"<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'><s:url><s:loc>https://a.example/1</s:loc><video:video><video:content_loc>https://a.example/v.mp4</video:content_loc><video:loc>https://a.example/v</video:loc></video:video><news:news><news:loc>https://a.example/n</news:loc></news:news><xhtml:link rel='alternate' hreflang='de' href='https://a.example/de/1'/></s:url></s:urlset>").expect("a sitemap");
    assert_eq!(read.pages, ["https://a.example/1"]);
}

#[test]
fn of_a_page_in_many_languages_the_version_that_is_wanted_is_taken() {
    let page = |own: &str, others: &[(&str, &str)]| {
        let others: String = others
            .iter()
            .map(|(language, href)| {
                format!("<xhtml:link rel='alternate' hreflang='{language}' href='{href}'/>")
            })
            .collect();
        format!("<url><loc>{own}</loc>{others}</url>")
    };
    let versions = [
        ("x-default", "/x"),
        ("de", "/de/lampe"),
        ("en-US", "/us/lamp"),
    ];
    let exact = [versions[1], versions[2], ("en_GB", "/gb/lamp")];
    let text = format!(
        "<urlset>{}{}{}{}</urlset>",
        page("/de/lampe", &versions),
        page("/us/lamp", &exact),
        page("/de/stuhl", &versions[..2]),
        page("/x/1", &[])
    );
    let pages = |language| read_in(text.as_bytes(), language).expect("a sitemap").pages;
    assert_eq!(
        pages(Some("en-gb")),
        ["/us/lamp", "/gb/lamp", "/de/stuhl", "/x/1"]
    );
    assert_eq!(pages(None), ["/de/lampe", "/us/lamp", "/de/stuhl", "/x/1"]);
}

#[test]
fn feeds_give_their_entries_and_not_themselves() {
    let rss = read(b"<rss version='2.0'><channel><title>Shop</title><link>https://a.example/</link><atom:link href='https://a.example/feed' rel='self'/><item><title>A</title><link>https://a.example/1?a=1&amp;b=2</link><guid>77</guid></item><item><link><![CDATA[https://a.example/2]]></link></item></channel></rss>").expect("a feed");
    assert_eq!(
        rss.pages,
        ["https://a.example/1?a=1&b=2", "https://a.example/2"]
    );
    let atom = read(b"<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://a.example/'/><entry><link rel='alternate' href='https://a.example/3?x=1&amp;y=2'/><link rel='edit' href='https://a.example/edit'/></entry><entry><link href='https://a.example/4'/></entry></feed>").expect("a feed");
    assert_eq!(
        atom.pages,
        ["https://a.example/3?x=1&y=2", "https://a.example/4"]
    );
}

#[test]
fn plain_lists_and_utf_16_are_read() {
    let text = "\u{feff}https://a.example/1\r\n  https://a.example/2 \n\nnote\nhttps://a.example/3";
    let pages = [
        "https://a.example/1",
        "https://a.example/2",
        "https://a.example/3",
    ];
    assert_eq!(read(text.as_bytes()).expect("a list").pages, pages);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide).expect("a list").pages, pages);
}

#[test]
fn bombs_stay_within_their_bounds() {
    let many = format!(
        "<urlset>{}</urlset>",
        "<url><loc>https://a.example/1</loc></url>".repeat(60_000)
    );
    assert_eq!(
        read(many.as_bytes()).expect("a sitemap").pages.len(),
        MAX_ENTRIES
    );
    let lines = "https://a.example/1\n".repeat(60_000);
    assert_eq!(
        read(lines.as_bytes()).expect("a list").pages.len(),
        MAX_ENTRIES
    );
    // 200 MB of spaces in 200 kB, and that packed once more and again.
    let bomb = packed(&packed(&vec![b' '; 200_000_000]));
    assert!(bomb.len() < 2_000, "{}", bomb.len());
    assert_eq!(read(&bomb), None);
    assert_eq!(read(&packed(&bomb)), None);
    let twice = packed(&packed(
        b"<urlset><url><loc>https://a.example/1</loc></url></urlset>",
    ));
    assert_eq!(read(&twice).expect("a sitemap").pages.len(), 1);
}

#[test]
fn entities_that_a_document_declares_are_not_expanded() {
    let mut text = String::from("<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY l0 'ha'>");
    for n in 1..40 {
        let inner = format!("&l{};", n - 1).repeat(10);
        text.push_str(&format!("<!ENTITY l{n} '{inner}'>"));
    }
    text.push_str("<!ENTITY file SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>https://a.example/&l39;&file;</loc></url></urlset>");
    let read = read(text.as_bytes()).expect("a sitemap");
    assert_eq!(read.pages, ["https://a.example/&&"]);
}

#[test]
fn one_address_without_end_costs_only_itself() {
    let endless = "x".repeat(10_000);
    let text = format!(
        "<urlset><url><loc>https://a.example/{endless}</loc></url><url><loc>https://a.example/2</loc></url></urlset>"
    );
    assert_eq!(
        read(text.as_bytes()).expect("a sitemap").pages,
        ["https://a.example/2"]
    );
    let deep = format!("<urlset>{}", "<url>".repeat(200_000));
    assert!(read(deep.as_bytes()).expect("a sitemap").pages.is_empty());
}

#[test]
fn a_page_that_is_no_sitemap_is_said_to_be_none() {
    assert_eq!(read(b"<html><body><p>Not found</p></body></html>"), None);
    assert_eq!(read(b""), None);
    assert_eq!(read(&[0x1f, 0x8b, 9, 9, 9]), None);
}
