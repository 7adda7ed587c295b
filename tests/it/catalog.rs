//! Catalog files, from reading to writing them.

use std::path::Path;

use markhound::catalog::{self, CatalogError, Reading};

use crate::world::{PHOTO, World, photo};

fn file(dir: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read(text: &str) -> Reading {
    let dir = tempfile::tempdir().unwrap();
    catalog::read(&file(dir.path(), "c.csv", text.as_bytes()), None).unwrap()
}

fn errors(reading: &Reading) -> Vec<String> {
    reading.errors.iter().map(ToString::to_string).collect()
}

/// Where the error is, without its words.
fn places(reading: &Reading) -> Vec<(u64, &str)> {
    let errors = reading.errors.iter();
    errors
        .map(|e| (e.line, e.column.as_deref().unwrap_or("-")))
        .collect()
}

#[test]
fn columns_may_stand_in_any_order_and_case_and_unknown_ones_are_named() {
    let reading = read(
        "Name;SKU;Colour;BRAND;model numbers;Aliases\nFjordal;A-1;red;Ostrelund;\"X1;X2\";a|b\n",
    );
    assert_eq!(errors(&reading), [""; 0]);
    let row = &reading.rows[0];
    assert_eq!((row.line, row.draft.sku.as_str()), (2, "A-1"));
    assert_eq!(row.draft.model_numbers, ["X1", "X2"]);
    assert_eq!(row.draft.aliases, ["a", "b"]);
    assert_eq!(
        reading.warnings,
        ["ignored columns that are not known: Colour"]
    );
}

#[test]
fn tabs_a_byte_order_mark_and_a_separator_line_are_read() {
    for text in [
        "\u{feff}sku\tbrand\tname\nA\tB\tC\n",
        "sep=;\r\nsku;brand;name\r\nA;B;C\r\n",
        "\"sku\",\"brand\",\"name\"\rA,B,C\r",
    ] {
        let reading = read(text);
        assert_eq!(reading.rows[0].draft.sku, "A", "{text:?}");
        assert_eq!(errors(&reading), [""; 0], "{text:?}");
    }
}

#[test]
fn a_bar_splits_lists_only_where_the_semicolon_separates_columns() {
    let reading = read("sku,brand,name,aliases\nA,B,C,one|two;three\n");
    assert_eq!(reading.rows[0].draft.aliases, ["one|two", "three"]);
}

#[test]
fn lines_are_the_files_own_after_blank_lines_and_cells_of_several_lines() {
    let reading = read(
        "sku,brand,name\r\n\r\nA,B,\"C\r\nand more\"\r\n\r\n\r\n,B,C\r\nD,E,\"F\r\n\r\nG\"\r\nH,I\r\n",
    );
    let lines: Vec<u64> = reading.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 8]);
    assert_eq!(reading.rows[0].draft.name, "C and more");
    assert_eq!(places(&reading), [(7, "sku"), (11, "-")]);
}

#[test]
fn every_kind_of_fault_is_named_by_line_and_column_and_good_rows_are_kept() {
    let text = r#"sku,brand,name,msrp,currency,released,countries,rights,images
OK-1,B,C,"1.299,00",eur,2021-03-15,de;at,"[{""kind"":""Trademark"",""number"":""1"",""classes"":[9,""11""]}]",a.jpg
,B,C,,,,,,
E-2,,C,,,,,,
E-3,B,C,cheap,EUR,,,,
E-4,B,C,"1,299",EUR,,,,
E-5,B,C,12,,,,,
E-6,B,C,12,Euro,,,,
E-7,B,C,,,15.03.2021,,,
E-8,B,C,,,2021-02-30,,,
E-9,B,C,,,,Germany,,
E-10,B,C,,,,,"[{""kind"":""brand""}]",
E-11,B,C,,,,,"[{""kind"":""design"",""expiry"":""soon""}]",
E-12,B,C,,,,,"[{""kind"":""design"",""nummer"":""1""}]",
E-13,B,C,,,,,nonsense,
E-14,B,C,,,,,,,extra
OK-1,B,C,,,,,,
OK-2,B,C,,,,,,../../etc/passwd;/etc/passwd;C:\x.jpg;fine.jpg
"#;
    let reading = read(text);
    let kept: Vec<&str> = reading.rows.iter().map(|r| r.draft.sku.as_str()).collect();
    assert_eq!(kept, ["OK-1", "OK-2"]);
    let draft = &reading.rows[0].draft;
    assert_eq!(draft.msrp.as_deref(), Some("1299.00"));
    assert_eq!(draft.currency.as_deref(), Some("EUR"));
    assert_eq!(draft.countries, ["DE", "AT"]);
    assert_eq!(draft.rights[0].kind, "trademark");
    assert_eq!(draft.rights[0].classes, ["9", "11"]);
    assert_eq!(reading.rows[1].images, [Path::new("fine.jpg")]);
    let expected = [
        (3, "sku"),
        (4, "brand"),
        (5, "msrp"),
        (6, "msrp"),
        (7, "currency"),
        (8, "currency"),
        (9, "released"),
        (10, "released"),
        (11, "countries"),
        (12, "rights"),
        (13, "rights"),
        (14, "rights"),
        (15, "rights"),
        (16, "-"),
        (17, "sku"),
        (18, "images"),
        (18, "images"),
        (18, "images"),
    ];
    assert_eq!(places(&reading), expected, "{:#?}", errors(&reading));
    assert!(errors(&reading)[9].contains("trademark, copyright, design, patent"));
}

#[test]
fn a_quote_that_is_never_closed_is_named_where_it_opens() {
    let reading = read("sku,brand,name\nA,B,C\nD,E,\"F\nG,H,I\n");
    assert_eq!(places(&reading), [(3, "-")]);
    assert!(errors(&reading)[0].contains("never closed"));
    assert_eq!(reading.rows.len(), 1);
}

#[test]
fn files_that_cannot_be_used_at_all_say_why() {
    let dir = tempfile::tempdir().unwrap();
    let read = |text: &[u8]| catalog::read(&file(dir.path(), "c", text), None).unwrap_err();
    match read(b"sku,title\nA,B\n") {
        CatalogError::MissingColumns { missing, found, .. } => {
            assert_eq!(missing, ["brand", "name"]);
            assert_eq!(found, ["sku", "title"]);
        }
        other => panic!("{other}"),
    }
    assert!(matches!(read(b""), CatalogError::Empty { .. }));
    assert!(matches!(read(b"[]"), CatalogError::Empty { .. }));
    assert!(matches!(
        read(b"sku,brand,name,SKU\n"),
        CatalogError::DuplicateColumn { .. }
    ));
    for broken in [&b"{\"products\": 3}"[..], b"[{]", b"{\"sku\": "] {
        assert!(matches!(read(broken), CatalogError::Malformed { .. }));
    }
    assert!(matches!(
        catalog::read(Path::new("/nowhere/c.csv"), None),
        Err(CatalogError::Read { .. })
    ));
    let good = file(dir.path(), "good.csv", b"sku,brand,name\nA,B,C\n");
    assert!(matches!(
        catalog::read(&good, Some(Path::new("/nowhere"))),
        Err(CatalogError::ImagesFolder { .. })
    ));
}

#[test]
fn a_line_with_broken_bytes_costs_that_row_only() {
    let dir = tempfile::tempdir().unwrap();
    let text = [&b"sku,brand,name\nA,M\xc3\xb6bel,C\nB,\xff\xfe,C\nD,E,F\n"[..]].concat();
    let reading = catalog::read(&file(dir.path(), "c.csv", &text), None).unwrap();
    assert_eq!(places(&reading), [(3, "-")]);
    assert_eq!(reading.rows.len(), 2);
}

#[test]
fn json_is_read_as_a_list_a_document_or_an_object_a_line() {
    let product = r#"{"SKU": 12, "brand": "B", "name": "C", "msrp": 12.5, "currency": "EUR", "aliases": ["a;b", "c"], "keywords": "d;e", "rights": [{"kind": "patent"}], "weight": 3}"#;
    for text in [
        format!("[{product}]"),
        format!("{{\"products\": [{product}]}}"),
        format!("{product}\n"),
        format!("{product}\n{{\"sku\": \"13\", \"brand\": \"B\", \"name\": \"D\"}}\n"),
    ] {
        let reading = read(&text);
        assert_eq!(errors(&reading), [""; 0], "{text}");
        let draft = &reading.rows[0].draft;
        assert_eq!(draft.sku, "12");
        assert_eq!(draft.msrp.as_deref(), Some("12.5"));
        assert_eq!(draft.aliases, ["a;b", "c"]);
        assert_eq!(draft.keywords, ["d", "e"]);
        assert_eq!(
            reading.warnings,
            ["ignored columns that are not known: weight"]
        );
    }
}

#[test]
fn faults_in_json_are_named_by_place_and_field() {
    let reading = read(
        r#"[{"sku":"A","brand":"B","name":"C"}, 7, {"sku":"D","brand":{"x":1},"name":"F"}, {"sku":"G","name":"H"}]"#,
    );
    assert_eq!(
        errors(&reading),
        [
            "product 2: must be an object, not a number",
            "product 3 (D), brand: must be text, not an object",
            "product 4 (G), brand: is empty, and it is required",
        ]
    );
    let reading = read("{\"sku\":\"A\",\"brand\":\"B\",\"name\":\"C\"}\n{oops\n");
    assert_eq!(places(&reading), [(2, "-")]);
    assert_eq!(reading.rows.len(), 1);
}

#[tokio::test]
async fn an_import_keeps_good_photos_names_bad_ones_and_changes_nothing_twice() {
    let world = World::new().await;
    let dir = world.dir.path();
    let photos = dir.join("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::copy(photo(PHOTO), photos.join("chair.jpg")).unwrap();
    std::fs::write(photos.join("broken.jpg"), b"<html>not a picture</html>").unwrap();
    let flat = image::RgbImage::from_pixel(64, 64, image::Rgb([200, 200, 200]));
    flat.save(photos.join("flat.png")).unwrap();
    let text = "sku,brand,name,images\nA,B,C,chair.jpg;broken.jpg;missing.jpg;flat.png\nD,E,F,\n,,,\nG,,H,\n";
    let path = file(dir, "catalog.csv", text.as_bytes());
    let reading = catalog::read(&path, Some(&photos)).unwrap();

    let plan = catalog::plan(&world.app, &reading).await.unwrap();
    assert_eq!(plan.added, ["A", "D"]);
    assert!(world.app.store.products().await.unwrap().is_empty());
    let named: Vec<String> = plan.errors.iter().map(ToString::to_string).collect();
    assert_eq!(named.len(), 4, "{named:#?}");
    for (error, name) in named.iter().zip(["broken.jpg", "missing.jpg", "flat.png"]) {
        assert!(error.starts_with("line 2 (A), images: "), "{error}");
        assert!(error.contains(name), "{error}");
    }

    let mut steps = Vec::new();
    let done = catalog::import(&world.app, "t", &reading, |done, of| steps.push((done, of)))
        .await
        .unwrap();
    assert_eq!((done.added, done.photos, done.errors.len()), (2, 1, 4));
    assert_eq!(steps, [(1, 2), (2, 2)]);
    let kept = world.app.store.reference_photos().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].file_name, "chair.jpg");
    world.app.blobs.get(&kept[0].blob).unwrap();

    let again = catalog::import(&world.app, "t", &reading, |_, _| {})
        .await
        .unwrap();
    assert_eq!((again.unchanged, again.changed, again.photos), (2, 0, 0));
    let plan = catalog::plan(&world.app, &reading).await.unwrap();
    assert_eq!(plan.unchanged, ["A", "D"]);
}

#[tokio::test]
async fn importing_an_export_changes_nothing_wherever_it_lies() {
    let world = World::new().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let sample = root.join("catalog/catalog.csv");
    let reading = catalog::read(&sample, Some(&root.join("photos"))).unwrap();
    assert_eq!(errors(&reading), [""; 0]);
    let odd = r#"{"sku":"ODD","brand":"B \"q\"","name":"C, d","aliases":["a;b","[c]","d|e"],"rights":[{"kind":"trademark","number":"7","jurisdiction":"US"},{"kind":"trademark","number":"7","jurisdiction":"DE"},{"kind":"copyright"}]}"#;
    let odd = catalog::read(&file(world.dir.path(), "odd.json", odd.as_bytes()), None).unwrap();
    for reading in [&reading, &odd] {
        let done = catalog::import(&world.app, "t", reading, |_, _| {})
            .await
            .unwrap();
        assert_eq!(done.errors, []);
    }
    let products = world.app.store.products().await.unwrap().len();
    assert_eq!(products, reading.rows.len() + 1);

    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["export.csv", "export.json"] {
        let mut out = Vec::new();
        let written = match name {
            "export.csv" => catalog::export_csv(&world.app, &mut out).await.unwrap(),
            _ => catalog::export_json(&world.app, &mut out).await.unwrap(),
        };
        assert_eq!(written, products);
        let again = catalog::read(&file(elsewhere.path(), name, &out), None).unwrap();
        let plan = catalog::plan(&world.app, &again).await.unwrap();
        assert_eq!(plan.errors, [], "{name}");
        assert_eq!(
            (plan.added.len(), plan.changed.len()),
            (0, 0),
            "{name}: {:?}",
            plan.changed
        );
    }
    // An import that changes nothing writes nothing.
    let events = world.app.store.audit_page(None, 1000).await.unwrap().len();
    catalog::import(&world.app, "t", &odd, |_, _| {})
        .await
        .unwrap();
    assert_eq!(
        world.app.store.audit_page(None, 1000).await.unwrap().len(),
        events
    );
}

#[tokio::test]
async fn rights_that_share_a_number_in_two_countries_stay_two() {
    let world = World::new().await;
    let text = |name: &str| {
        format!(
            r#"[{{"sku":"A","brand":"B","name":"{name}","rights":[{{"kind":"trademark","number":"7","jurisdiction":"DE"}},{{"kind":"trademark","number":"7","jurisdiction":"US"}}]}}]"#
        )
    };
    for name in ["C", "D"] {
        let path = file(world.dir.path(), "c.json", text(name).as_bytes());
        let reading = catalog::read(&path, None).unwrap();
        catalog::import(&world.app, "t", &reading, |_, _| {})
            .await
            .unwrap();
    }
    let rights = world.app.store.rights().await.unwrap();
    let places: Vec<_> = rights.iter().map(|r| r.jurisdiction.as_deref()).collect();
    assert_eq!(places, [Some("DE"), Some("US")]);
}
