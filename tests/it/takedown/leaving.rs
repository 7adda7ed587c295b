//! What leaves: files, mail by a real SMTP conversation, a request to a real
//! server, and nothing that nobody attested.

use std::collections::BTreeMap;

use markhound::config::{MailSecurity, MailServer, NoticeRole};
use markhound::store::takedowns::Notice;
use markhound::takedown::attest::{self, Shown};
use markhound::takedown::channel::Form;
use markhound::takedown::{self, DraftOptions, TakedownError, calendar, send};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::confirmed;
use crate::packet::others::text_of_pdf_a;
use crate::world::{World, anna};

async fn draft(world: &World, case: i64, channel: &str, set: &[(&str, &str)]) -> Notice {
    let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    let options = DraftOptions {
        channel: Some(channel.to_owned()),
        set: set.iter().map(own).collect::<BTreeMap<_, _>>(),
        ..DraftOptions::default()
    };
    takedown::draft_many(&world.app, "anna", &[case], &options)
        .await
        .unwrap()
        .remove(0)
}

async fn attested(world: &World, notice: &Notice, form: Form) -> Notice {
    let user = anna(&world.app).await;
    let seen = attest::preview(&world.app, "anna", notice.id, Some(form), None)
        .await
        .unwrap();
    assert_eq!(seen.faults, []);
    attest::attest(&world.app, &user, notice.id, &Shown::all_of(&seen))
        .await
        .unwrap()
}

#[tokio::test]
async fn what_leaves_is_what_was_shown_with_every_statement_made() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "copied_photo").await;
    let notice = draft(&world, case, "dmca", &[]).await;
    let user = anna(&world.app).await;
    let app = &world.app;
    let seen = attest::preview(app, "anna", notice.id, Some(Form::Text), None)
        .await
        .unwrap();
    assert!(seen.body.contains("\nAnna Lindqvist\n"), "{}", seen.body);
    assert!(
        seen.body
            .contains("Under penalty of perjury, I am authorised")
    );
    let good = Shown::all_of(&seen);

    let mut other = good.clone();
    other.hash = "0".repeat(64);
    let error = attest::attest(app, &user, notice.id, &other)
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Changed(_)), "{error}");
    let mut silent = good.clone();
    silent.statements.retain(|name| name != "authority");
    let error = attest::attest(app, &user, notice.id, &silent)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("the statement \"authority\""),
        "{error}"
    );
    world.hands.forward(3601);
    let error = attest::attest(app, &user, notice.id, &good)
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Changed(_)), "{error}");

    let seen = attest::preview(app, "anna", notice.id, Some(Form::Text), None)
        .await
        .unwrap();
    // Another draft in between is another notice.
    draft(&world, case, "dmca", &[("work", "the cover photograph")]).await;
    let error = attest::attest(app, &user, notice.id, &Shown::all_of(&seen))
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Changed(_)), "{error}");
    let kept = attested(&world, &notice, Form::Text).await;
    assert_eq!(kept.attested_by.as_deref(), Some("anna"));
    let (bytes, name, _) = send::attested_file(app, &kept).await.unwrap();
    assert_eq!(markhound::blobs::sha256_hex(&bytes), kept.outgoing.unwrap());
    assert_eq!(name, format!("notice-{}-dmca.txt", kept.id));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("Work:            the cover photograph"));
    let error = attest::preview(app, "anna", notice.id, None, None)
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Step { .. }), "{error}");
}

#[tokio::test]
async fn a_notice_leaves_as_a_letter_to_print_too() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "copied_photo").await;
    let store = world.app.store.clone();
    let lease = crate::world::one_lease(&store, 1, "w2").await;
    let mut work = crate::world::work(&lease, 1, "w2", "7001");
    work.listing.as_mut().unwrap().title = "椅子 كرسي Стул 7001".to_owned();
    store.finish_work(&work).await.unwrap();
    let notice = draft(&world, case, "dmca", &[]).await;
    let at = Some(world.hands.now());
    let preview = async || {
        let form = Some(Form::Pdf);
        attest::preview(&world.app, "anna", notice.id, form, at)
            .await
            .unwrap()
    };
    let (one, two) = (preview().await, preview().await);
    assert_eq!(one.hash, two.hash, "the same notice makes the same bytes");
    assert_eq!(one.file_name, format!("notice-{}-dmca.pdf", notice.id));
    let kept = attested(&world, &notice, Form::Pdf).await;
    let (bytes, name, media_type) = send::attested_file(&world.app, &kept).await.unwrap();
    assert_eq!(media_type, "application/pdf");
    std::fs::write(world.dir.path().join(&name), bytes).unwrap();
    let Some(text) = text_of_pdf_a(world.dir.path(), &name) else {
        return;
    };
    for words in [
        "Notification of claimed infringement",
        "椅子",
        "Стул 7001",
        "Anna Lindqvist",
        "Kajgatan 1, Göteborg",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn upload_files_hold_a_row_a_listing_and_no_formula() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let store = world.app.store.clone();
    let lease = crate::world::one_lease(&store, 1, "w2").await;
    let mut work = crate::world::work(&lease, 1, "w2", "7001");
    work.listing.as_mut().unwrap().title = "=HYPERLINK(\"http://evil.example\")".to_owned();
    store.finish_work(&work).await.unwrap();
    let notice = draft(&world, case, "amazon", &[]).await;
    let preview = async |form| {
        attest::preview(
            &world.app,
            "anna",
            notice.id,
            Some(form),
            Some(world.hands.now()),
        )
        .await
        .unwrap()
    };
    let csv = preview(Form::Csv).await;
    let mut reader = csv::Reader::from_reader(csv.bytes.as_slice());
    let head = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[head.iter().position(|h| h == name).unwrap()];
    assert_eq!(cell("item number"), "7001");
    assert_eq!(cell("specific concern"), "Trademark infringement");
    assert_eq!(cell("sender's telephone number"), "+46 31 000 00");
    assert_eq!(
        cell("title of the listing"),
        "'=HYPERLINK(\"http://evil.example\")"
    );

    let (one, two) = (preview(Form::Xlsx).await, preview(Form::Xlsx).await);
    assert_eq!(one.hash, two.hash, "the same notice makes the same bytes");
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(one.bytes)).unwrap();
    let mut strings = String::new();
    std::io::Read::read_to_string(
        &mut book.by_name("xl/sharedStrings.xml").unwrap(),
        &mut strings,
    )
    .unwrap();
    assert!(
        strings.contains("<t>=HYPERLINK(\"http://evil.example\")</t>"),
        "{strings}"
    );
    let mut page = String::new();
    let mut sheet = book.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut sheet, &mut page).unwrap();
    assert!(!page.contains("<f>"), "a formula in {page}");

    let error = attest::preview(&world.app, "anna", notice.id, Some(Form::Mail), None)
        .await
        .unwrap_err();
    assert!(
        error.to_string().ends_with("it takes csv, xlsx, text, pdf"),
        "{error}"
    );
}

/// A mail server that takes one message and gives the conversation back.
async fn mail_server(listener: TcpListener) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut said = Vec::new();
    stream.write_all(b"220 here\r\n").await.unwrap();
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return said;
        }
        let text = line.trim_end_matches("\r\n").to_owned();
        let answer: &[u8] = match (in_data, text.as_str()) {
            (true, ".") => {
                in_data = false;
                b"250 2.0.0 queued as 4711\r\n"
            }
            (true, _) => b"",
            (false, "DATA") => {
                in_data = true;
                b"354 go on\r\n"
            }
            (false, "QUIT") => b"221 bye\r\n",
            (false, greeting) if greeting.starts_with("EHLO") => b"250-here\r\n250 8BITMIME\r\n",
            _ => b"250 ok\r\n",
        };
        said.push(text.clone());
        stream.write_all(answer).await.unwrap();
        if text == "QUIT" {
            return said;
        }
    }
}

#[tokio::test]
async fn a_mail_leaves_byte_for_byte_as_it_was_attested() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "copied_photo").await;
    let notice = draft(&world, case, "dmca", &[]).await;
    let seen = attest::preview(&world.app, "anna", notice.id, Some(Form::Mail), None)
        .await
        .unwrap();
    assert_eq!(
        seen.faults[0].why,
        "recipient's mail address: set notices.recipients.kaufwinkel in markhound.toml"
    );
    let agent = (
        "kaufwinkel".to_owned(),
        "agent@kaufwinkel.example".to_owned(),
    );
    world.app.config.notices.recipients = BTreeMap::from([agent]);
    let notice = attested(&world, &notice, Form::Mail).await;
    let user = anna(&world.app).await;
    let no_secrets = |_: &str| None;

    let error = send::send(&world.app, &user, notice.id, &no_secrets)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("there is no mail server"),
        "{error}"
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(mail_server(listener));
    let at = |host: &str| MailServer {
        host: host.to_owned(),
        port: Some(port),
        security: MailSecurity::None,
        user: None,
        password_env: None,
    };
    world.app.config.notices.mail = Some(at("mail.example"));
    let error = send::send(&world.app, &user, notice.id, &no_secrets)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("for a mail server on this machine"),
        "{error}"
    );
    world.app.config.notices.mail = Some(at("127.0.0.1"));
    // Nobody but who was named gets it.
    let agent = (
        "kaufwinkel".to_owned(),
        "other@kaufwinkel.example".to_owned(),
    );
    let right = std::mem::replace(
        &mut world.app.config.notices.recipients,
        BTreeMap::from([agent]),
    );
    let error = send::send(&world.app, &user, notice.id, &no_secrets)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("attested for another address"),
        "{error}"
    );
    world.app.config.notices.recipients = right;

    let sent = send::send(&world.app, &user, notice.id, &no_secrets)
        .await
        .unwrap();
    assert_eq!(sent.state, "submitted");
    assert_eq!(sent.sent_at, Some(world.hands.now()));
    let said = server.await.unwrap();
    assert!(
        said.iter()
            .any(|l| l.starts_with("MAIL FROM:<ip@ostrelund.example>")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|l| l.starts_with("RCPT TO:<agent@kaufwinkel.example>"))
    );
    let begin = said.iter().position(|line| line == "DATA").unwrap() + 1;
    let end = said.iter().position(|line| line == ".").unwrap();
    let lines: Vec<&str> = said[begin..end]
        .iter()
        .map(|line| line.strip_prefix('.').unwrap_or(line))
        .collect();
    let (bytes, ..) = send::attested_file(&world.app, &sent).await.unwrap();
    assert_eq!(
        lines.join("\r\n").trim_end(),
        String::from_utf8(bytes).unwrap().trim_end()
    );
    let steps = world.app.store.notice_events(notice.id).await.unwrap();
    assert!(
        steps[1].note.as_deref().unwrap().contains("queued as 4711"),
        "{steps:?}"
    );
    let error = send::send(&world.app, &user, notice.id, &no_secrets)
        .await
        .unwrap_err();
    assert!(matches!(error, TakedownError::Step { .. }), "{error}");

    // What runs out is mailed to the sender.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut mail = at("127.0.0.1");
    mail.port = Some(listener.local_addr().unwrap().port());
    world.app.config.notices.mail = Some(mail);
    let server = tokio::spawn(mail_server(listener));
    let dues = calendar::all_due(&world.app).await.unwrap();
    assert_eq!(calendar::reminder(&dues, 3, world.hands.now()), None);
    world.hands.forward(14 * 86_400);
    let (subject, body) = calendar::reminder(&dues, 3, world.hands.now()).unwrap();
    send::remind(&world.app, &subject, &body, &no_secrets)
        .await
        .unwrap();
    let said = server.await.unwrap();
    assert!(
        said.iter()
            .any(|line| line == "RCPT TO:<ip@ostrelund.example>")
    );
    assert!(said.iter().any(|line| line.contains("notice 1 by dmca")));
}

/// A server that answers one request, and gives its head and body.
async fn interface(listener: TcpListener, answer: &'static str) -> (String, serde_json::Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut got = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        got.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(document) = serde_json::from_str(body)
        {
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            return (head.to_owned(), document);
        }
        assert!(read > 0, "{text}");
    }
}

#[tokio::test]
async fn a_vero_report_goes_to_the_interface_and_its_number_is_kept() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let channels = takedown::channels(&world.app).unwrap();
    let mut own = channels.get("ebay-vero").unwrap().clone();
    own.request.as_mut().unwrap().base = base;
    let folder = world.dir.path().join("channels");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("ebay-vero.toml"),
        toml::to_string(&own).unwrap(),
    )
    .unwrap();
    world.app.config.notices.channels = Some(folder);

    // Code 9037 asks for countries, 9048 for the patent, 9052 for a message.
    for (code, lacks) in [("9037", "countries"), ("9052", "detailed_message")] {
        let notice = draft(&world, case, "ebay-vero", &[("vero_reason_code", code)]).await;
        let seen = attest::preview(&world.app, "anna", notice.id, None, None)
            .await
            .unwrap();
        assert!(
            seen.faults.iter().any(|f| f.field == lacks),
            "{:?}",
            seen.faults
        );
    }
    let set = [("vero_reason_code", "9037"), ("countries", "DE, FR")];
    let notice = draft(&world, case, "ebay-vero", &set).await;
    let notice = attested(&world, &notice, Form::Rest).await;
    let user = anna(&world.app).await;
    let error = send::send(&world.app, &user, notice.id, &|_| None)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("EBAY_VERO_TOKEN"), "{error}");
    let answer = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 24\r\n\r\n{\"veroReportId\":\"777-1\"}";
    let server = tokio::spawn(interface(listener, answer));
    let secrets = |name: &str| (name == "EBAY_VERO_TOKEN").then(|| "secret".to_owned());
    let sent = send::send(&world.app, &user, notice.id, &secrets)
        .await
        .unwrap();
    assert_eq!(
        (sent.state.as_str(), sent.external_id.as_deref()),
        ("submitted", Some("777-1"))
    );
    let (head, body) = server.await.unwrap();
    assert!(
        head.starts_with("POST /commerce/vero/v1/vero_report HTTP/1.1"),
        "{head}"
    );
    assert!(head.to_lowercase().contains("authorization: bearer secret"));
    assert_eq!(
        body,
        serde_json::json!({ "reportItems": [{ "itemId": "7001", "veroReasonCodeId": "9037",
            "brand": "Ostrelund", "countries": ["DE", "FR"] }] })
    );
    let steps = world.app.store.notice_events(notice.id).await.unwrap();
    let evidence = steps[1].evidence.as_deref().unwrap();
    let kept = world
        .app
        .blobs
        .get(evidence.strip_prefix("sha256:").unwrap())
        .unwrap();
    assert_eq!(kept, b"{\"veroReportId\":\"777-1\"}");
}

#[tokio::test]
async fn an_agent_needs_a_letter_of_authority_on_file() {
    let mut world = World::new().await;
    let case = confirmed(&mut world, "counterfeit").await;
    world.app.config.notices.role = Some(NoticeRole::Agent);
    let notice = draft(&world, case, "marketplace", &[]).await;
    let seen = attest::preview(&world.app, "anna", notice.id, None, None)
        .await
        .unwrap();
    assert!(
        seen.faults.iter().any(|f| f.why.contains("on file")),
        "{:?}",
        seen.faults
    );
    let letter = world.dir.path().join("letter.pdf");
    let authority = |until: &str| markhound::config::Authority {
        owner: "Ostrelund Möbler AB".to_owned(),
        file: letter.clone(),
        until: Some(until.to_owned()),
    };
    world.app.config.notices.authority = vec![authority("2027-06-30")];
    let options = DraftOptions::default();
    let error = takedown::draft_many(&world.app, "anna", &[case], &options)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cannot read the letter of authority"),
        "{error}"
    );
    std::fs::write(&letter, b"%PDF we let them").unwrap();
    let notice = draft(&world, case, "marketplace", &[]).await;
    let hash = markhound::blobs::sha256_hex(b"%PDF we let them");
    assert!(
        notice
            .body
            .contains(&format!("until 2027-06-30 (SHA-256 {hash})")),
        "{}",
        notice.body
    );
    attested(&world, &notice, Form::Text).await;
}
