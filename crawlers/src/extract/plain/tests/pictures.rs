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

#[test]
fn a_side_column_beside_the_name_shows_the_product_where_it_holds_a_gallery_alone() {
    let page = |column: &str| {
        format!(
            "<div>{column}<div class=info><h1>Blue pan</h1><p class=price>€34.50</p>\
             <form><button>Add to cart</button></form></div></div>"
        )
    };
    let read = |column: &str| -> Vec<String> {
        let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
        let html = format!("<title>Blue pan</title><body><nav></nav>{}", page(column));
        let found = read_page(html.as_bytes(), Some("text/html"), &url);
        let images = found.first().map(|listing| listing.images.clone());
        let paths = images
            .into_iter()
            .flatten()
            .map(|url| url.path().to_owned());
        paths.collect()
    };
    let shown = "<a href='/i/a.jpg' class=slide><img src='/i/a.jpg'></a>\
                 <a href='/i/b.jpg' class=slide><img src='/i/b.jpg'></a>";
    for (column, wanted) in [
        (
            "<div class='sidebar md:sticky'><div class=gallery>{}</div></div>",
            2,
        ),
        (
            "<section class=sidebar><div class=image-slider>{}</div></section>",
            2,
        ),
        (
            "<aside class=sidebar><div class=gallery>{}</div></aside>",
            0,
        ),
        ("<div class=sidebar>{}</div>", 0),
        (
            "<div class=sidebar><div class=gallery>{}</div><a href='/pans'>Pans</a></div>",
            0,
        ),
    ] {
        let column = column.replace("{}", shown);
        assert_eq!(read(&column).len(), wanted, "{column}");
    }
}

#[test]
fn a_gallery_and_its_small_pictures_show_each_picture_once_in_the_larger_size() {
    type Named = fn(u32) -> [String; 2];
    let sizes: [Named; 5] = [
        |n| [150, 800].map(|width| format!("/ids/15504{n}-{width}-auto/pan-{n}.jpg")),
        |n| [50, 500].map(|side| format!("/m/{n}~a.jpg/v1/fill/w_{side},h_{side},al_c/{n}~a.jpg")),
        |n| ["preview", "full"].map(|size| format!("/images/101/{size}/101-pan-{n}.jpg")),
        |n| ["S", ""].map(|size| format!("/photos/HP-2041-{n}{size}.jpg")),
        |n| ["thumbs", "large"].map(|size| format!("/{size}/pan-{n}.jpg")),
    ];
    for named in sizes {
        let show = |at: usize, alt: &str| -> String {
            let pictures = (1..4).map(|n| format!("<img src='{}' alt='{alt}'>", named(n)[at]));
            pictures.collect()
        };
        for [first, second] in [[0, 1], [1, 0]] {
            let box_of = |at: usize| match at {
                0 => format!("<div class=thumbs>{}</div>", show(0, "")),
                _ => format!("<div class=main>{}</div>", show(1, "Blue pan")),
            };
            let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
            let html = format!(
                "<title>Blue pan</title><body><h1>Blue pan</h1>{}{}<p class=price>€34.50</p>\
                 <form><button>Add to cart</button></form></body>",
                box_of(first),
                box_of(second)
            );
            let found = read_page(html.as_bytes(), Some("text/html"), &url);
            let paths: Vec<&str> = found[0].images.iter().map(Url::path).collect();
            let large: Vec<String> = (1..4).map(|n| named(n)[1].clone()).collect();
            assert_eq!(paths, large, "{html}");
        }
    }
}

#[test]
fn of_a_picture_that_data_name_in_one_size_the_page_shows_the_others_beside() {
    let gallery = "<a href='/v/NV-2.jpg'><img src='/v/NV-2T.jpg' alt='Blue pan'></a>\
                   <div><a href='/v/NV-2-2.jpg'><img src='/v/NV-2S-2.jpg'></a>\
                   <a href='/v/NV-2-3.jpg'><img src='/v/NV-2S-3.jpg'></a></div>";
    let read = |image: &str| -> Vec<String> {
        let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
        let html = format!(
            r#"<title>Blue pan</title><script type="application/ld+json">{{"@type":"Product",
            "name":"Blue pan","image":"{image}","offers":{{"price":"34.50","priceCurrency":"EUR"}}}}
            </script><body><h1>Blue pan</h1>{gallery}<form><button>Add to cart</button></form></body>"#
        );
        let found = read_page(html.as_bytes(), Some("text/html"), &url);
        let paths = found[0].images.iter().map(|url| url.path().to_owned());
        paths.collect()
    };
    let all = ["/v/NV-2.jpg", "/v/NV-2-2.jpg", "/v/NV-2-3.jpg"];
    assert_eq!(read("/v/NV-2T.jpg"), all);
    assert_eq!(read("/v/NV-2.jpg"), all);
    assert_eq!(read("/v/share-card.jpg"), ["/v/share-card.jpg"]);
}
