//! What a draft takes for a word on stock.

use super::drafts::of_nine;
use super::*;
use crate::listing::Availability::{InStock, OutOfStock};

#[tokio::test]
async fn numbers_and_what_is_hidden_or_on_every_page_are_no_words_on_stock() {
    let server = of_nine(|n| {
        let (off, word) = match n {
            4 => (" disabled", "Sold out"),
            _ => ("", "Add to cart"),
        };
        format!(
            "<header><div id='cart'><a href='/cart'>Cart <b class='count'>0</b></a></div></header>\
             <p style='display: none'>At least <b id='minimum'>1</b></p><p class='old hidden'>Available</p>\
             <main><h1>Thing {n}</h1><p class='price'>£1{n}.50</p>\
             <form><input name='quantity' value='1'><button class='into'{off}>{word}</button></form></main>"
        )
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let found = walk(draft).await;
    assert_eq!(found.len(), 9, "{}", draft.toml);
    for listing in &found {
        let wanted = match listing.title.as_str() {
            "Thing 4" => OutOfStock,
            _ => InStock,
        };
        assert_eq!(listing.availability, Some(wanted), "{}", draft.toml);
    }
}

#[tokio::test]
async fn of_what_scripts_show_and_hide_only_what_is_shown_is_drafted() {
    let server = of_nine(|n| {
        let (buy, none) = match n {
            4 => (" hidden-xs-up", ""),
            _ => ("", " hidden-xs-up"),
        };
        format!(
            "<main><h1>Thing {n}</h1><p class='price'>£1{n}.50</p><div class='away{none}'>\
             <button type='button'>Out of stock</button></div><form><input name='quantity' value='1'>\
             <button class='into{buy}'>Add to cart</button></form></main>"
        )
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    for listing in &walk(draft).await {
        let is_wrong = match listing.title.as_str() {
            "Thing 4" => listing.availability == Some(InStock),
            _ => listing.availability != Some(InStock),
        };
        assert!(!is_wrong, "{listing:?}\n{}", draft.toml);
    }
}
