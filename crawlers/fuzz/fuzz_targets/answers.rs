//! Any bytes as the answer to a list, a sitemap or an item of every definition that is
//! shipped. The first byte says which.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::{Definition, Target, discover, read};

static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let based = |definition: Definition| {
        let same = definition.clone();
        definition.with_base("https://shop.example").unwrap_or(same)
    };
    Definition::builtin().into_iter().map(based).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else {
        return;
    };
    let definition = &DEFINITIONS[usize::from(*first) / 2 % DEFINITIONS.len()];
    let item = definition.base().join("/things/1?page=2").expect("a URL");
    let lists = discover::seeds(definition, &["chair".to_owned()]);
    let target = match lists.into_iter().next() {
        Some(list) if first % 2 == 1 => list,
        _ => Target::item(item),
    };
    let media_type = match body.first() {
        Some(b'{' | b'[') => "application/json",
        _ => "text/html",
    };
    let exchange = Exchange::saved(
        target.url.clone(),
        200,
        vec![("content-type".to_owned(), media_type.to_owned())],
        body.to_vec().into(),
        jiff::Timestamp::UNIX_EPOCH,
    );
    if let Ok(reading) = read(definition, &target, &exchange) {
        assert!(
            reading
                .listings
                .iter()
                .all(|it| !it.title.trim().is_empty())
        );
    }
});
