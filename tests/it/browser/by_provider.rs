//! Signing in by an OpenID provider that others wrote, with the mouse of a real browser:
//! whether our own policy of content lets the way there and back.

use fantoccini::Locator;
use serde_json::json;

use super::axe::{axe, barriers};
use super::{Driver, Window, chromium};
use crate::web::oidc::others::{Mock, desk_with};

const MORE: &str = "label = \"Sign in with Kartell\"\ncreate = true\nrole = \"administrator\"\n\
    client_secret_env = \"PATH\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_button_leads_to_the_provider_and_back_to_the_page_that_was_wanted() {
    let Some(mock) = Mock::start() else { return };
    let desk = desk_with(&mock, MORE).await;
    let name = json!({ "preferred_username": "pia", "email": "pia@example.com" });
    mock.knows("5f1c", name).await;
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let window = Window {
        client: chromium(&driver, folder.path()).await,
        base: desk.base.clone(),
    };
    window.go("/account").await;
    window.says("a.button", "Sign in with Kartell").await;
    let button = Locator::Css("a.button.primary");
    let button = window.client.find(button).await.unwrap();
    button.click().await.unwrap();
    window.see("input[name=sub]").await;
    window.write("input[name=sub]", "5f1c").await;
    window.key("\u{e007}").await;
    window.says("h1", "Your account").await;
    window.says(".panel code", "5f1c").await;
    let at = window.client.current_url().await.unwrap();
    assert_eq!(at.as_str(), format!("{}/account", desk.base));

    if let Some(axe) = axe() {
        let signed_in = ["/account".to_owned(), "/users".to_owned()];
        let mut found = barriers(&window, &axe, &signed_in).await;
        window.client.delete_all_cookies().await.unwrap();
        found.extend(barriers(&window, &axe, &["/sign-in".to_owned()]).await);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
    window.client.close().await.unwrap();
    desk.close().await;
}
