//! Nothing that sellers, or files of a catalog, are named by is run by a browser.

use serde_json::Value;

use super::{Driver, Window};
use crate::desk::Desk;
use crate::web::safety::hostile;
use crate::world::{product, reference};

/// What stands in the page that only a text could have put there.
const FOREIGN: &str = "
    const own = (script) => new URL(script.src || 'x:', location).pathname.startsWith('/static/');
    const bad = [...document.scripts].filter((script) => !own(script));
    bad.push(...document.querySelectorAll(
        'base, iframe, object, embed, style, math, meta[http-equiv], [srcdoc]'));
    for (const node of document.querySelectorAll('*')) {
        for (const { name, value } of node.attributes) {
            if (name.startsWith('on') || /^\\s*javascript:/i.test(value)) bad.push(node);
        }
    }
    if (window.ran) bad.push(document.body);
    return bad.map((node) => node.outerHTML.slice(0, 200));";

#[tokio::test]
async fn no_hostile_text_is_run_by_a_browser_on_any_page() {
    let desk = Desk::open().await;
    let store = &desk.world.app.store;
    // Every payload, after each of some openings.
    let texts: Vec<String> = hostile().into_iter().step_by(3).take(60).collect();
    let mut last = desk.case;
    for (n, text) in texts.iter().enumerate() {
        last = desk.hostile_case(&n.to_string(), text).await;
        if n % 6 == 0 {
            let mut draft = product(&format!("H-{n}"));
            draft.name = text.replace('\0', "");
            draft.brand.clone_from(&draft.name);
            let mut photo = reference(&format!("{n:064x}"));
            photo.file_name.clone_from(&draft.name);
            let saved = store.save_product(&draft.name, &draft, &[photo]).await;
            saved.unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window::open_as("adam", &driver, &desk, folder.path()).await;
    let seller: String = url::form_urlencoded::byte_serialize(texts[0].as_bytes()).collect();
    for path in [
        "/dashboard?days=all".to_owned(),
        format!("/dashboard?brand={seller}"),
        "/queue?state=all".to_owned(),
        format!("/queue?q={seller}"),
        format!("/case/{last}"),
        "/review".to_owned(),
        "/sellers".to_owned(),
        format!("/sellers?q={seller}"),
        format!("/seller?source=kaufwinkel&name={seller}"),
        "/catalog".to_owned(),
        "/catalog/H-6".to_owned(),
        "/product/H-12/edit".to_owned(),
        "/sources".to_owned(),
        "/scans".to_owned(),
        "/audit".to_owned(),
        "/takedown".to_owned(),
        "/find?q=alert".to_owned(),
    ] {
        window.go(&path).await;
        // A dialog that is open would make this fail.
        let found: Value = window.client.execute(FOREIGN, Vec::new()).await.unwrap();
        assert_eq!(found, Value::Array(Vec::new()), "{path}");
    }
    window.client.close().await.unwrap();
    desk.close().await;
}
