//! The review page over real HTTP.

mod access;
mod api;
mod api_house;
mod dashboard;
mod find;
mod house;
mod learning;
mod mail;
pub mod oidc;
mod pages;
mod review;
pub mod safety;
mod second_factor;
mod sign_in;
mod webhooks;

/// Every page with a session before it.
pub fn pages(case: i64) -> Vec<String> {
    [
        "/dashboard",
        "/dashboard?days=all&brand=%3Cb%3E&from=%3Cb%3E",
        "/sellers",
        "/sellers?q=%3Cb%3E&after=%3Cb%3E",
        "/seller?source=kaufwinkel&name=moebel_%3Cb%3E4you%3C%2Fb%3E",
        "/scans?source=%3Cb%3E",
        "/catalog?q=%3Cb%3E",
        "/audit?actor=%3Cb%3E",
        "/queue",
        "/queue?state=all&q=%3Cb%3E",
        "/takedown",
        "/takedown?channel=%3Cb%3E",
        "/scans",
        "/scans/1",
        "/catalog",
        "/catalog/OST-FJ210",
        "/sources",
        "/find",
        "/audit",
        "/learning",
        "/audit?check=1",
        "/settings",
        "/keys",
        "/account",
        "/account/mail",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("/case/{case}"),
        format!("/queue/card/{case}"),
        format!("/review/compare/{case}"),
    ])
    .collect()
}
