//! How the way from one page of a list to the next is found.

use super::addresses::{cards, thing};
use super::walks::{all_nine, number};

/// Walks a shop of two lists in two pages each; `pager` is the address of a list and what
/// leads to its second page, `further` what is added to the address there.
async fn in_two_pages(further: &'static str, pager: fn(&str) -> String, line: &str) {
    let shop = move |path: &str| {
        let nav = |class: &str| {
            format!(
                "<ul class='menu'><li class='{class}'><a href='/lamps'>Lamps</a></li>\
                 <li><a href='/chairs'>Chairs</a></li></ul>"
            )
        };
        let address = |n: u32| format!("/p/thing-{n}-of-all");
        let first = ["/strana/1", "?str=0"].into_iter();
        let path = first
            .filter_map(|first| path.strip_suffix(first))
            .next()
            .unwrap_or(path);
        let (list, at) = match path.strip_suffix(further) {
            Some(list) => (list, 1),
            None => (path, 0),
        };
        let body = match (list, at) {
            ("/lamps", 0) => format!("{}{}{}", nav("active"), cards(0..3, address), pager(list)),
            ("/lamps", _) => format!("{}{}", nav("active"), cards(3..5, address)),
            ("/chairs", 0) => format!("{}{}{}", nav(""), cards(5..8, address), pager(list)),
            ("/chairs", _) => format!("{}{}", nav(""), cards(8..9, address)),
            // Nothing stands behind the last page.
            (list, _) if list.starts_with("/lamps") || list.starts_with("/chairs") => nav(""),
            ("/", _) => format!("{}<h1>Look around</h1>", nav("")),
            _ => thing(number(path, "/p/thing-", "-of-all")?),
        };
        Some(body)
    };
    all_nine(shop, &[line]).await;
}

#[tokio::test]
async fn a_parameter_counts_pages_by_whatever_name() {
    let from_one = |list: &str| format!("<b>[1]</b> <a href='{list}?counter=2'>[2]</a>");
    in_two_pages(
        "?counter=2",
        from_one,
        "next = { count = \"counter\", step = 1 }",
    )
    .await;
    let from_zero = |list: &str| format!("<b>1</b> <a href='{list}?str=1'>2</a>");
    in_two_pages("?str=1", from_zero, "next = { count = \"str\", step = 1 }").await;
}

#[tokio::test]
async fn what_follows_this_list_in_a_menu_is_no_next_page() {
    let pager = |list: &str| {
        format!(
            "<ul class='pages'><li class='--active'><span>1</span></li>\
             <li><a href='{list}/strana/2'>2</a></li></ul>"
        )
    };
    in_two_pages("/strana/2", pager, "url = \"/{category}/strana/{page}\"").await;
}

#[tokio::test]
async fn a_link_that_carries_more_than_a_number_is_told_by_its_picture() {
    let pager = |list: &str| {
        format!("<a href='{list}?sort=1&amp;page=2'><img src=/n.gif alt='Next page'></a>")
    };
    let line = "a:has(img[alt*=\"Next page\"])";
    in_two_pages("?sort=1&page=2", pager, line).await;
}
