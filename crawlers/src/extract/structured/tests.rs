use super::*;

fn read(html: &str) -> Vec<Product> {
    let dom = Html::parse_document(html);
    let mut marks = Marks::default();
    for element in dom.tree.root().descendants().filter_map(ElementRef::wrap) {
        marks.note(element);
    }
    products(&marks, &dom, &["lamp".to_owned()])
}

fn at(product: &Product, path: &str) -> Vec<String> {
    let path: Vec<String> = path.split('.').map(str::to_owned).collect();
    values(&product.statements[0].1, &path)
}

fn names(html: &str) -> Vec<String> {
    read(html).iter().flat_map(|p| at(p, "name")).collect()
}

fn ld(json: &str) -> Vec<Product> {
    read(&format!(
        "<script type='application/ld+json'>{json}</script>"
    ))
}

#[test]
fn products_are_found_alone_in_lists_in_graphs_and_as_main_entity() {
    let html = r#"<script type="application/ld+json">{"@type":"Organization","name":"no"}</script>
        <script type="application/ld+json; charset=utf-8">{"@graph":[{"@type":"WebPage","mainEntity":{"@type":["Thing","Product"],"name":"b"}},{"@type":"http://schema.org/Product","name":"a"}]}</script>
        <script TYPE="Application/LD+JSON">[{"@type":"schema:Product","schema:name":"c","isRelatedTo":{"@type":"Product","name":"no"}}]</script>"#;
    assert_eq!(names(html), ["a", "b", "c"]);
}

#[test]
fn nodes_that_refer_to_each_other_are_put_together() {
    let found = ld(
        r##"{"@graph":[{"@id":"#o","@type":"Offer","price":"12","priceCurrency":"EUR","seller":{"@id":"#s"}},
        {"@id":"#s","@type":"Organization","name":"Shop"},
        {"@id":"#p","@type":"Product","name":"x","offers":{"@id":"#o"},"brand":"#s"}]}"##,
    );
    assert_eq!(found.len(), 1);
    assert_eq!(at(&found[0], "offers.price"), ["12"]);
    assert_eq!(at(&found[0], "offers.seller.name"), ["Shop"]);
    assert_eq!(at(&found[0], "brand.name"), ["Shop"]);
}

#[test]
fn references_in_circles_and_references_that_multiply_end() {
    let found = ld(
        r##"[{"@id":"#a","@type":"Product","name":"a","isVariantOf":{"@id":"#a"},"offers":{"@id":"#b"}},{"@id":"#b","@type":"Offer","price":1,"itemOffered":{"@id":"#a"}}]"##,
    );
    assert_eq!(at(&found[0], "offers.price"), ["1"]);
    let node = |n: usize| {
        let below: Vec<String> = (0..20)
            .map(|_| format!("{{\"@id\":\"#{}\"}}", n + 1))
            .collect();
        format!(
            "{{\"@id\":\"#{n}\",\"@type\":\"Product\",\"name\":\"n\",\"brand\":[{}]}}",
            below.join(",")
        )
    };
    let all: Vec<String> = (0..30).map(node).collect();
    assert!(ld(&format!("[{}]", all.join(","))).len() <= 30);
}

#[test]
fn offers_come_in_one_shape_however_they_are_written() {
    for (json, path, wanted) in [
        (
            r#"{"@type":"AggregateOffer","lowPrice":"5","offers":[{"price":"9","availability":"InStock"},{"price":"5"}]}"#,
            "offers.lowPrice",
            "5",
        ),
        (
            r#"{"@type":"AggregateOffer","lowPrice":"5","offers":[{"price":"5","eligibleQuantity":{"minValue":10}},{"price":"9","eligibleQuantity":{"minValue":1}}]}"#,
            "offers.price",
            "9",
        ),
        (
            r#"{"@type":"AggregateOffer","lowPrice":"5","offers":[{"price":"5","eligibleQuantity":{"minValue":10}}]}"#,
            "offers.lowPrice",
            "5",
        ),
        (
            r#"{"@type":"AggregateOffer","lowPrice":"5","offers":[{"price":"9","availability":"InStock"}]}"#,
            "offers.availability",
            "InStock",
        ),
        (
            r#"[{"@type":"Offer","price":{"@type":"MonetaryAmount","value":7,"currency":"EUR"}}]"#,
            "offers.price",
            "7",
        ),
        (
            r#"[{"@type":"Offer","price":{"value":7,"currency":"EUR"}}]"#,
            "offers.priceCurrency",
            "EUR",
        ),
        (
            r#"{"priceSpecification":[{"priceType":"https://schema.org/ListPrice","price":150},{"price":120}]}"#,
            "offers.priceSpecification.price",
            "120",
        ),
        (
            r#"{"priceSpecification":[{"price":90,"eligibleQuantity":{"minValue":10}},{"price":120}]}"#,
            "offers.priceSpecification.price",
            "120",
        ),
    ] {
        let found = ld(&format!(
            r#"{{"@type":"Product","name":"x","offers":{json}}}"#
        ));
        assert_eq!(
            at(&found[0], path).first().map(String::as_str),
            Some(wanted),
            "{json}"
        );
    }
    let none = ld(r#"{"@type":"Product","name":"x","offers":{"price":{},"priceCurrency":"EUR"}}"#);
    assert!(at(&none[0], "offers.price").is_empty());
}

#[test]
fn a_group_takes_offers_from_its_variants_and_gives_them_its_name() {
    let found = ld(
        r#"{"@type":"ProductGroup","name":"Shirt","brand":{"name":"K"},"hasVariant":[{"@type":"Product","name":"Shirt S","offers":{"price":"10"}},{"@type":"Product","offers":{"price":"12"}}]}"#,
    );
    assert_eq!(found.len(), 1);
    assert_eq!(at(&found[0], "offers.price"), ["10", "12"]);
    let found = ld(
        r#"{"@type":"Product","sku":"1","offers":{"price":"10"},"isVariantOf":{"@type":"ProductGroup","name":"Shirt"}}"#,
    );
    assert_eq!(at(&found[0], "name"), ["Shirt"]);
}

#[test]
fn an_offer_can_hold_its_product_or_stand_beside_it() {
    let found = ld(r#"{"@type":"Offer","price":"5","itemOffered":{"@type":"Product","name":"x"}}"#);
    assert_eq!(at(&found[0], "offers.price"), ["5"]);
    let found = read(
        r#"<div itemscope itemtype="http://schema.org/Product"><b itemprop="name">x</b></div>
        <div itemscope itemtype="http://schema.org/Offer"><b itemprop="price">5</b></div>"#,
    );
    assert_eq!(at(&found[0], "offers.price"), ["5"]);
}

#[test]
fn the_page_is_about_the_product_it_is_named_after() {
    let item = |name: &str| {
        format!(
            r#"<div itemscope itemtype="http://schema.org/Product"><b itemprop="name">{name}</b></div>"#
        )
    };
    assert_eq!(
        names(&(item("Rug") + &item("Lamp") + &item("Chair"))),
        ["Lamp"]
    );
    assert_eq!(names(&(item("Rug") + &item("Chair"))), ["Rug", "Chair"]);
    let list = r#"<script type="application/ld+json">[{"@type":"ItemList","itemListElement":[{"item":{"@type":"Product","name":"no"}}]},{"@type":"Product","name":"yes"}]</script>"#;
    assert_eq!(names(list), ["yes"]);
}

#[test]
fn one_product_in_several_spellings_is_one_product() {
    let found = read(
        r#"<script type="application/ld+json">{"@type":"Product","name":"Lamp"}</script>
        <div itemscope itemtype="http://schema.org/Product"><b itemprop="name">Lamp</b><b itemprop="sku">7</b></div>
        <div vocab="http://schema.org/" typeof="Product"><b property="name">Lamp</b></div>"#,
    );
    assert_eq!(found.len(), 1);
    let sources: Vec<&str> = found[0]
        .statements
        .iter()
        .map(|(source, _)| *source)
        .collect();
    assert_eq!(sources, ["json-ld", "microdata", "rdfa"]);
}

#[test]
fn deep_nesting_is_refused_without_harm() {
    assert!(ld(&format!("{}{}", "[".repeat(5000), "]".repeat(5000))).is_empty());
}

#[test]
fn paths_go_through_lists_and_value_objects() {
    let product: Value = serde_json::json!({"offers": [{"price": {"@value": "5.00"}}, {"price": 6.5}], "brand": {"name": "K"}});
    let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(values(&product, &path("offers.price")), ["5.00", "6.5"]);
    assert_eq!(values(&product, &path("brand.name")), ["K"]);
    assert!(values(&product, &path("brand")).is_empty());
    assert!(values(&product, &path("a.b.c")).is_empty());
}
