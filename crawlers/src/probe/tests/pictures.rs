//! Where a draft reads pictures.

use super::drafts::of_nine;
use super::*;

/// How many pictures a draft reads of each product of a shop of nine, by its number.
async fn read(pictures: impl Fn(u32) -> String + Send + Sync + 'static) -> (String, Vec<usize>) {
    let server = of_nine(move |n| {
        format!(
            "<main><h1>Thing {n}</h1>{}<p class='price'>£1{n}.50</p><p class='stock'>In stock</p>\
             <form><button>Add to cart</button></form></main>\
             <img src='/seal.png' alt='' width='90'>",
            pictures(n)
        )
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let mut found = walk(draft).await;
    found.sort_by(|a, b| a.title.cmp(&b.title));
    let counts = found.iter().map(|listing| listing.images.len()).collect();
    (draft.toml.clone(), counts)
}

#[tokio::test]
async fn the_links_of_a_gallery_are_drafted_where_they_lead_to_more_than_is_shown() {
    let (toml, counts) = read(|n| {
        let link = |at: u32| {
            format!("<li><a class='thumb' href='/large/{n}-{at}.jpg'><img src='/xs/{n}-{at}.jpg'></a></li>")
        };
        let links: String = (1..3).map(link).collect();
        format!("<div id='main-image'><img src='/large/{n}-1.jpg' alt='Thing {n}'></div><ul class='thumbs'>{links}</ul>")
    })
    .await;
    assert!(toml.contains("attr = \"href\" }]"), "{toml}");
    assert_eq!(counts, [2; 9], "{toml}");
}

#[tokio::test]
async fn pictures_that_some_products_show_in_another_way_are_read_without_doubles() {
    let (toml, counts) = read(|n| match n {
        4 => format!("<img class='picture' src='/save/{n}.jpg' alt='Thing {n}'>"),
        _ => format!(
            "<a class='expansion' href='/save/{n}_l.jpg'>\
             <img class='picture' src='/save/{n}.jpg' alt='Thing {n}'></a>"
        ),
    })
    .await;
    assert!(toml.contains("a.expansion"), "{toml}");
    assert_eq!(counts, [1; 9], "{toml}");
}

#[tokio::test]
async fn pictures_that_nothing_names_are_drafted_by_their_folder() {
    let (toml, counts) = read(|n| {
        format!("<table><tr><td><img src='/shots/info_images/{n}.jpg' alt='Thing {n}'></td></tr></table>")
    })
    .await;
    assert!(toml.contains("img[src*="), "{toml}");
    assert_eq!(counts, [1; 9], "{toml}");
}

#[tokio::test]
async fn small_pictures_that_name_their_larger_ones_are_drafted_by_those() {
    let (toml, counts) = read(|n| {
        let small = |at: u32| format!("<img src='/s/{n}-{at}.jpg' data-big='/l/{n}-{at}.jpg' alt='Thing {n}'>");
        let small: String = (1..4).map(small).collect();
        format!("<div class='big'><img src='/l/{n}-1.jpg' alt='Thing {n}'></div><div class='mini'>{small}</div>")
    })
    .await;
    assert!(toml.contains("data-big"), "{toml}");
    assert_eq!(counts, [3; 9], "{toml}");
    // Such an attribute may say something else.
    let (toml, counts) = read(|n| {
        format!("<div class='big'><img src='/l/{n}.jpg' data-zoom='true' alt='Thing {n}'></div>")
    })
    .await;
    assert!(!toml.contains("data-zoom"), "{toml}");
    assert_eq!(counts, [1; 9], "{toml}");
}
