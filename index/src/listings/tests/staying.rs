//! Files: what survives, who may write, what is refused.

use super::super::{ListingIndex, ListingIndexError, Mark};
use super::{found, listing, put};

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("listings");
    (dir, folder)
}

#[test]
fn a_listing_is_there_once_in_its_last_form_and_gone_when_deleted() {
    let index = ListingIndex::in_memory().expect("memory");
    put(&index, &[listing(1, "velora bag"), listing(2, "bag")]);
    put(&index, &[listing(1, "purse")]);
    assert_eq!(
        (found(&index, "velora"), found(&index, "purse")),
        (vec![], vec![1])
    );
    assert_eq!(index.len(), 2);
    let mut writer = index.writer().expect("nobody else writes");
    writer.put(&[listing(1, "hat")]).expect("is taken in");
    writer.put(&[listing(1, "cap")]).expect("is taken in");
    writer.delete(2);
    writer.commit(super::MARK).expect("is written");
    writer.finish().expect("ends");
    index.reload().expect("is read");
    assert_eq!(
        (
            found(&index, "bag"),
            found(&index, "cap"),
            found(&index, "")
        ),
        (vec![], vec![1], vec![1])
    );
}

#[test]
fn many_at_once_are_all_taken_in() {
    let index = ListingIndex::in_memory().expect("memory");
    let titles: Vec<String> = (0..1_000).map(|n| format!("bag number {n}")).collect();
    let all: Vec<_> = titles
        .iter()
        .zip(1..)
        .map(|(title, id)| listing(id, title))
        .collect();
    put(&index, &all);
    assert_eq!(index.len(), 1_000);
    assert_eq!(found(&index, "number 777"), [778]);
}

#[test]
fn what_was_committed_is_there_with_its_mark_and_what_was_not_is_not() {
    let (_dir, folder) = folder();
    let index = ListingIndex::open(&folder).expect("is made");
    assert_eq!(index.mark().expect("is read"), None);
    let mut writer = index.writer().expect("nobody else writes");
    writer.put(&[listing(1, "bag")]).expect("is taken in");
    let mark = Mark {
        era: 77,
        change: 12,
    };
    writer.commit(mark).expect("is written");
    writer.put(&[listing(2, "purse")]).expect("is taken in");
    // As a process that is killed here leaves it.
    drop(writer);
    let again = ListingIndex::open(&folder).expect("opens");
    assert_eq!(again.mark().expect("is read"), Some(mark));
    assert_eq!(found(&again, ""), [1]);
}

#[test]
fn one_writes_at_a_time_and_others_read_what_was_committed() {
    let (_dir, folder) = folder();
    let one = ListingIndex::open(&folder).expect("is made");
    let other = ListingIndex::open(&folder).expect("opens");
    let mut writer = one.writer().expect("nobody else writes");
    assert!(matches!(other.writer(), Err(ListingIndexError::Locked)));
    assert!(matches!(
        ListingIndex::make_anew(&folder),
        Err(ListingIndexError::Locked)
    ));
    writer.put(&[listing(1, "bag")]).expect("is taken in");
    writer.commit(super::MARK).expect("is written");
    assert_eq!(other.len(), 0);
    other.reload().expect("is read");
    assert_eq!(found(&other, "bag"), [1]);
    drop(writer);
    let anew = ListingIndex::make_anew(&folder).expect("is made anew");
    assert!(anew.is_empty() && anew.mark().expect("is read").is_none());
    put(&anew, &[listing(5, "bag")]);
    other.reload().expect("the new one is read");
    assert_eq!(found(&other, "bag"), [5]);
}

#[test]
fn another_version_and_damage_are_told_and_can_be_made_anew() {
    let (_dir, folder) = folder();
    put(
        &ListingIndex::open(&folder).expect("is made"),
        &[listing(1, "bag")],
    );
    let meta = folder.join("meta.json");
    let text = std::fs::read_to_string(&meta).expect("is there");
    let broken = [
        text.replace("\"payload\": \"1 1 1\"", "\"payload\": \"999 1 1\"")
            .replace("\"payload\":\"1 1 1\"", "\"payload\":\"999 1 1\""),
        text.replace("last_seen", "seen_last"),
        "{ \"not\": 1".to_owned(),
        String::new(),
    ];
    for damage in broken {
        assert_ne!(damage, text);
        std::fs::write(&meta, damage).expect("is written");
        let error = ListingIndex::open(&folder).expect_err("is refused");
        assert!(
            matches!(error, ListingIndexError::Unusable { .. }),
            "{error}"
        );
    }
    std::fs::write(&meta, &text).expect("is written");
    for entry in std::fs::read_dir(&folder).expect("is there") {
        let path = entry.expect("is there").path();
        if path
            .extension()
            .is_some_and(|e| e == "idx" || e == "term" || e == "fast")
        {
            std::fs::write(path, b"").expect("is written");
        }
    }
    assert!(ListingIndex::open(&folder).is_err());
    put(
        &ListingIndex::make_anew(&folder).expect("is made anew"),
        &[listing(2, "bag")],
    );
    assert_eq!(
        found(&ListingIndex::open(&folder).expect("opens"), "bag"),
        [2]
    );
}
