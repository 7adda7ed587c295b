//! Sizes of pictures in the addresses of many programs.

use super::*;

fn is_one(a: &str, b: &str) -> bool {
    let key = |text: &str| {
        let url = Url::parse("https://shop.example/").and_then(|base| base.join(text));
        without_size(&url.expect("a URL"))
    };
    key(a) == key(b)
}

#[test]
fn one_picture_in_two_sizes_is_told_from_two_pictures() {
    for (a, b) in [
        ("/p/lamp-2_small.jpg", "/p/lamp-2_large.jpg"),
        ("/p/lamp-300x300.jpg", "/p/lamp.jpg"),
        ("/i/info_images/1_0.jpg", "/i/popup_images/1_0.jpg"),
        ("/cache/lamp-1.380.jpg", "/source/lamp-1.jpg"),
        (
            "/images?src=%2Fp%2Flamp-1.jpg&w=320&q=75",
            "/images?src=%2Fp%2Flamp-1.jpg&w=1920",
        ),
        ("/image?id=7&width=100", "/image?id=7&width=900&v=3"),
        ("/p/pot_600x600.jpg", "/p/pot_600x600@2x.jpg"),
        ("/p/41/41.750.jpg", "/p/41/41.970.jpg"),
        ("/product/7/image_1024/pot", "/product/7/image_128/pot"),
        ("/orig/01/pot_1.jpg", "/60.60/01/pot_1.jpg"),
        ("/11-product_main/pot.jpg", "/11-default_xs/pot.jpg"),
        ("/ids/1550-800-auto/pot.jpg", "/ids/1550-150-auto/pot.jpg"),
        (
            "/media/ab1~mv2.jpg/v1/fill/w_500,h_500,al_c,q_85/ab1~mv2.jpg",
            "/media/ab1~mv2.jpg/v1/fit/w_50,h_50,blur_2/ab1~mv2.jpg",
        ),
        (
            "/upload/c_fill,w_500/pot.jpg",
            "/upload/c_fill,w_90/pot.jpg",
        ),
        (
            "/images/101/full/pot-1.jpg",
            "/images/101/preview/pot-1.jpg",
        ),
        (
            "/pot/@@images/image-800-d1d217702384a70cc9e0a3bec555c688.jpeg",
            "/pot/@@images/image-200-236ae1250571a3df510ae406ad902a2e.jpeg",
        ),
        ("/a/pot.jpg?w=800", "/a/pot.jpg?preset=full"),
        (
            "/web/image/p/1/image?unique=1f87ee0",
            "/website/image/p/1/image/90x90",
        ),
        (
            "/images/detailed/1/pot.jpg",
            "/images/thumbnails/35/35/detailed/1/pot.jpg",
        ),
    ] {
        assert!(is_one(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("/p/lamp-1.jpg", "/p/lamp-2.jpg"),
        ("/p/lamp-1.2.jpg", "/p/lamp-1.3.jpg"),
        ("/11-product_main/pot.jpg", "/12-product_main/pot.jpg"),
        ("/p/1-front.jpg", "/p/1-back.jpg"),
        ("/ids/1550-800-auto/pot.jpg", "/ids/1551-800-auto/pot.jpg"),
        ("/pot.jpg/v1/w_50/pot.jpg", "/pan.jpg/v1/w_50/pan.jpg"),
        ("/upload/t_front/pot.jpg", "/upload/t_back/pot.jpg"),
        ("/i/pot.main/2/image", "/i/pot.more/2/image"),
        ("/pot/@@images/image-1.jpeg", "/pan/@@images/image-1.jpeg"),
        ("/image?id=7&width=100", "/image?id=8&width=100"),
        ("/image.php?f=lamp-1.jpg", "/image.php?f=lamp-2.jpg"),
        ("/product/7/image_128/pot", "/product/8/image_128/pot"),
        ("/thumbnails/35/35/1/pot.jpg", "/thumbnails/35/35/2/pot.jpg"),
    ] {
        assert!(!is_one(a, b), "{a} {b}");
    }
}

#[test]
fn of_one_picture_in_two_sizes_the_larger_one_is_known_by_its_folders() {
    for (large, small) in [
        ("/ids/1550-800-auto/pot.jpg", "/ids/1550-150-auto/pot.jpg"),
        ("/v1/fill/w_500,h_400/pot.jpg", "/v1/fill/w_50,h_40/pot.jpg"),
        ("/full/pot.jpg", "/preview/pot.jpg"),
        ("/600x600/pot.jpg", "/60x60/pot.jpg"),
        ("/image_1024/pot.jpg", "/image_128/pot.jpg"),
        ("/medium/pot.jpg", "/thumbs/pot.jpg"),
    ] {
        let size = |text: &str| {
            let url = Url::parse("https://shop.example/").and_then(|base| base.join(text));
            pixels_of(&url.expect("a URL"))
        };
        assert!(size(large) > size(small), "{large} {small}");
    }
}
