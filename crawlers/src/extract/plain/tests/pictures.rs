//! Which pictures of a page are its product's.

use url::Url;

use crate::extract::read_page;

/// The files of the pictures that are read of a page with these things below its heading.
fn files(inner: &str) -> Vec<String> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let html = format!(
        "<title>Blue pan | Shop</title><body><main><h1>Blue pan</h1>{inner}<p class=price>€34.50</p>\
         <form><input name=quantity value=1><button>Add to cart</button></form></main></body>"
    );
    let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
    assert_eq!(found.len(), 1, "{inner}");
    let file = |url: &Url| url.path().rsplit('/').next().unwrap_or_default().to_owned();
    found[0].images.iter().map(file).collect()
}

const OWN: &str = "<img src=/i/a.jpg alt='Blue pan'>";

#[test]
fn what_opens_a_window_is_not_in_it() {
    for class in ["product__modal-opener", "image-modal-trigger", "open-modal"] {
        let found = files(&format!("<div class='{class}'>{OWN}</div>"));
        assert_eq!(found, ["a.jpg"], "{class}");
    }
    let window = format!("{OWN}<div class=modal><img src=/i/b.jpg alt='Blue pan'></div>");
    assert_eq!(files(&window), ["a.jpg"]);
}

#[test]
fn a_picture_that_leads_to_another_page_is_of_that_page() {
    for class in ["next-prev-thumbs", "thumbs", "swiper", "gallery"] {
        let others = ["red", "green"].map(|name| {
            format!("<a href='/p/{name}-pan'><img src='/i/{name}.jpg' alt='' width=300></a>")
        });
        let found = files(&format!(
            "{OWN}<div class={class}>{}</div>",
            others.concat()
        ));
        assert_eq!(found, ["a.jpg"], "{class}");
    }
    for own in ["/p/blue-pan?image=2", "#2", "/popup_image?of=2", "/i/b.jpg"] {
        let found = files(&format!(
            "<div class=gallery>{OWN}<a href='{own}'><img src=/i/b.jpg></a></div>"
        ));
        assert_eq!(found, ["a.jpg", "b.jpg"], "{own}");
    }
}

#[test]
fn a_link_to_a_larger_picture_is_that_of_all_pictures_in_it() {
    let shown = |file: &str| {
        format!(
            "<li><a href='/i/orig/{file}' rel=lightbox><img src='/i/60.60/{file}' alt='Blue pan'>\
             <img src='/i/600.600/{file}' alt='' style='display: none'></a></li>"
        )
    };
    let found = files(&format!("<ul>{}{}</ul>", shown("a.jpg"), shown("b.jpg")));
    assert_eq!(found, ["a.jpg", "b.jpg"]);
}

#[test]
fn the_row_in_which_the_picture_stands_again_shows_the_product() {
    let found = files(
        "<div><img src='/i/a.jpg?w=800' alt='Blue pan'></div><div><div><img src='/i/a.jpg?preset=full'></div>\
         <div><img src='/i/b.jpg?preset=full'></div></div>",
    );
    assert_eq!(found, ["a.jpg", "b.jpg"]);
}

#[test]
fn what_stands_beside_the_picture_and_the_heading_is_no_row_of_it() {
    for other in [
        "<img src=/i/visa.png alt=Visa>",
        "<img src=/i/energy-a.png alt='Energy A'>",
        "<div><img src=/u/anna.jpg alt=Anna> Great pan!</div>",
    ] {
        assert_eq!(files(&format!("{OWN}{other}")), ["a.jpg"], "{other}");
    }
    let numbered = [1, 2].map(|number| format!("<img src='/{number}-large/x.jpg'>"));
    assert_eq!(files(&numbered.concat()).len(), 2);
}

#[test]
fn pictures_drawn_behind_elements_and_asked_for_by_scripts_are_read() {
    let found = files(
        "<div class=gallery><div style='background-image: url(\"/i/a.jpg\")'></div>\
         <div data-bg='/i/b.jpg'></div></div>",
    );
    assert_eq!(found, ["a.jpg", "b.jpg"]);
    let linked = |file: &str| {
        format!(
            "<a href='/i/{file}.jpg' rel=gallery><div class=image \
             style='background-image:url(/thumbs/{file}.jpg__300x300_q85.jpg)'></div></a>"
        )
    };
    let found = files(&format!(
        "<div class=gallery>{}{}</div>",
        linked("a"),
        linked("b")
    ));
    assert_eq!(found, ["a.jpg", "b.jpg"]);
    let found = files("<img data-src='/i/a_{width}x.jpg' alt='Blue pan'>");
    assert_eq!(found, ["a_1024x.jpg"]);
    let named = "<div class=gallery><img src=/i/a.jpg data-zoom-image=image alt='Blue pan'></div>";
    assert_eq!(files(named), ["a.jpg"]);
}

#[test]
fn pictures_in_data_for_scripts_that_show_them_later_are_read() {
    for lazy in [
        "<span class=lazy-load><noscript><img src='/i/a.jpg' alt='Blue pan'></noscript></span>",
        "<span><noscript data-path=a><img src='/i/a.jpg' alt='Blue pan'></noscript></span>",
    ] {
        assert_eq!(files(lazy), ["a.jpg"], "{lazy}");
    }
}

#[test]
fn a_picture_may_be_named_by_its_title_alone() {
    let named = ["a", "b"].map(|file| format!("<img src=/i/{file}.jpg title='Blue pan'>"));
    assert_eq!(files(&named.concat()), ["a.jpg", "b.jpg"]);
}
