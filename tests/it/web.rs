//! The review page over real HTTP.

mod access;
mod find;
mod learning;
mod pages;
mod review;
mod safety;
mod sign_in;

/// Every page with a session before it.
pub fn pages(case: i64) -> Vec<String> {
    [
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
