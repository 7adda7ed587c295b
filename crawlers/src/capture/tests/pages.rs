use std::fs;

use super::*;

const MHTML: &str = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://a.example/p/7\r\nSubject: x\r\nDate: Wed, 25 Nov 2026 02:10:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----B----\"\r\n\r\n\r\n------B----\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://a.example/p/7\r\n\r\n<img src=3D\"1.jpg\">Preis 5=E2=82=\r\n=AC\r\n------B----\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\nContent-Location: 1.jpg\r\n\r\nAP9/\r\nAP9/\r\n------B----\r\nContent-Type: text/css\r\nContent-Transfer-Encoding: binary\r\nContent-Location: cid:css-1@mhtml.blink\r\n\r\na{}\r\n------B------\r\n";

#[test]
fn an_mhtml_gives_its_page_first_and_then_its_parts() {
    let (format, found) = import_all(MHTML.as_bytes(), &ImportOptions::default());
    assert_eq!(format, Some(Format::Mhtml));
    let found = good(found);
    let urls: Vec<_> = found.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://a.example/p/7",
            "https://a.example/p/1.jpg",
            "cid:css-1@mhtml.blink"
        ]
    );
    assert_eq!(found[0].payload, "<img src=\"1.jpg\">Preis 5€".as_bytes());
    assert_eq!(&found[1].payload[..], b"\x00\xff\x7f\x00\xff\x7f");
    assert_eq!(found[0].at, Some(at("2026-11-25T02:10:00Z")));
    assert_eq!(found[1].header("content-type"), Some("image/jpeg"));
}

#[test]
fn a_part_that_cannot_be_decoded_costs_itself_alone() {
    let broken = MHTML.replacen(
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: x-uuencode",
        1,
    );
    let (_, found) = import_all(broken.as_bytes(), &ImportOptions::default());
    assert_eq!(
        found.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(found[1].as_ref().expect_err("a part").place, "f#1");
    let cut = &MHTML[..MHTML.len() - 20];
    let (_, found) = import_all(cut.as_bytes(), &ImportOptions::default());
    let error = found[2].as_ref().expect_err("a part");
    assert!(
        matches!(error.problem, Problem::Truncated { .. }),
        "{error}"
    );
}

#[test]
fn nested_multiparts_are_read_to_a_depth_and_single_parts_without_one() {
    let nested = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=A\n\n--A\nContent-Type: multipart/alternative; boundary=\"AB\"\n\n--AB\nContent-Type: text/html\nContent-Location: http://a.example/\n\n<p>x\n--AB--\n--A\nContent-Type: text/css\nContent-ID: <c@d>\n\na{}\n--A--\n";
    let found = good(import_all(nested.as_bytes(), &ImportOptions::default()).1);
    assert_eq!(
        found.iter().map(|one| one.url.as_str()).collect::<Vec<_>>(),
        ["http://a.example/", "cid:c@d"]
    );
    let single =
        "MIME-Version: 1.0\nContent-Location: http://a.example/s\nContent-Type: text/html\n\n<p>y";
    let found = good(import_all(single.as_bytes(), &ImportOptions::default()).1);
    assert_eq!(
        (found[0].url.as_str(), &found[0].payload[..]),
        ("http://a.example/s", &b"<p>y"[..])
    );

    let mut deep = "MIME-Version: 1.0\n".to_owned();
    for level in 0..1000 {
        deep += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    let (_, found) = import_all(deep.as_bytes(), &ImportOptions::default());
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .as_ref()
            .is_err_and(|error| matches!(error.problem, Problem::Malformed(_)))
    );
}

#[test]
fn a_saved_page_says_where_it_is_from() {
    let given = ImportOptions {
        url: Some(url("https://given.example/")),
        ..ImportOptions::default()
    };
    let own = ImportOptions::default();
    let canonical = "<html><link rel=canonical href=https://c.example/7>";
    for (page, options, expected) in [
        (
            "<!DOCTYPE html>\n<!-- saved from url=(0024)https://a.example/p/7?x=1 -->\n<html>",
            &own,
            "https://a.example/p/7?x=1",
        ),
        (
            "<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: https://s.example/p \n saved date: Wed Nov 25 2026 03:10:00 GMT+0100 (CET)\n-->",
            &own,
            "https://s.example/p",
        ),
        (canonical, &own, "https://c.example/7"),
        (canonical, &given, "https://given.example/"),
        (
            "<meta property='og:url' content='https://o.example/7'><p>",
            &own,
            "https://o.example/7",
        ),
    ] {
        let (format, found) = import_all(page.as_bytes(), options);
        assert_eq!(format, Some(Format::SavedPage));
        let found = good(found);
        assert_eq!(found[0].url.as_str(), expected);
        assert_eq!(found[0].payload, page.as_bytes());
        let dated = page
            .contains("saved date")
            .then(|| at("2026-11-25T02:10:00Z"));
        assert_eq!(found[0].at, dated);
    }
    let (_, found) = import_all(b"<html>nowhere", &own);
    assert!(matches!(
        found[0].as_ref().expect_err("no URL").problem,
        Problem::NoUrl
    ));
}

#[test]
fn the_pictures_beside_a_saved_page_lie_where_the_page_names_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("My watch.html");
    fs::write(&path, "<!-- saved from url=(0024)https://a.example/p/7?x=1 --><img src='./My%20watch_files/1.jpg'>").expect("written");
    let files = folder.path().join("My watch_files");
    fs::create_dir(&files).expect("a folder");
    fs::write(files.join("1.jpg"), b"jpeg").expect("written");
    fs::write(files.join("app.js"), b"alert()").expect("written");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", files.join("2.jpg")).expect("a link");
    let mut found = Vec::new();
    let format = import_file(&path, &ImportOptions::default(), &mut |one| {
        found.push(one.expect("whole"));
        ControlFlow::Continue(())
    });
    assert_eq!(format.expect("a format"), Format::SavedPage);
    assert_eq!(found.len(), 2);
    let named = found[0]
        .url
        .join("./My%20watch_files/1.jpg")
        .expect("a URL");
    assert_eq!(
        (&found[1].url, found[1].header("content-type")),
        (&named, Some("image/jpeg"))
    );
    assert_eq!(found[1].provenance, "My watch_files/1.jpg");
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    for bytes in [
        &b""[..],
        b"hello: there",
        b"%PDF-1.7",
        &[0xff; 100],
        b"\x1f\x8b\x08broken",
    ] {
        let (format, found) = import_all(bytes, &ImportOptions::default());
        assert_eq!(format, None);
        assert!(matches!(
            found[0].as_ref().expect_err("nothing").problem,
            Problem::UnknownFormat
        ));
    }
}
