use image::imageops;

use super::*;
use crate::image::tests::{catalog, fingerprint, photo};
use crate::image::{Fingerprint, PictureMatch};

const KEY: IndexFileKey = [7; 32];

fn file(index: &ReferenceIndex) -> Bytes {
    let mut out = Vec::new();
    index.save(&KEY, &mut out).expect("memory takes all");
    out.into()
}

fn queries() -> Vec<Fingerprint> {
    (1..=22)
        .map(|seed| {
            let whole = photo(seed, 400, 300);
            fingerprint(imageops::crop_imm(&whole, 40, 20, 280, 230).to_image())
        })
        .collect()
}

fn answers(index: &ReferenceIndex) -> Vec<Vec<PictureMatch>> {
    queries().iter().map(|query| index.search(query)).collect()
}

#[test]
fn an_index_from_a_file_answers_as_the_one_that_was_written() {
    let index = catalog();
    let opened = ReferenceIndex::open(file(&index), &KEY).expect("a whole file");
    assert_eq!(opened.len(), index.len());
    let expected = answers(&index);
    assert_eq!(
        expected.iter().filter(|found| !found.is_empty()).count(),
        20
    );
    assert_eq!(answers(&opened), expected);
}

#[test]
fn photos_are_added_and_removed_over_a_file_and_written_again() {
    let mut opened = ReferenceIndex::open(file(&catalog()), &KEY).expect("a whole file");
    let mut fresh = catalog();
    for index in [&mut opened, &mut fresh] {
        index.remove(3);
        index.insert(21, 2100, &fingerprint(photo(21, 400, 300)));
        index.insert(5, 500, &fingerprint(photo(22, 400, 300)));
    }
    let expected = answers(&fresh);
    assert!(expected[2].is_empty() && expected[4].is_empty());
    assert_eq!(expected[20][0].reference, 21);
    assert_eq!(expected[21][0].reference, 5);
    assert_eq!(answers(&opened), expected);
    let again = ReferenceIndex::open(file(&opened), &KEY).expect("a whole file");
    assert_eq!(answers(&again), expected);
    // So many that what is left is numbered anew.
    for reference in 6..=15 {
        opened.remove(reference);
        fresh.remove(reference);
    }
    assert_eq!(answers(&opened), answers(&fresh));
}

#[test]
fn a_file_made_from_something_else_or_otherwise_is_refused() {
    let bytes = file(&catalog());
    let other = ReferenceIndex::open(bytes.clone(), &[8; 32]);
    assert_eq!(other.err(), Some(IndexFileError::OtherContent));
    let mut version = bytes.to_vec();
    version[0] ^= 1;
    let other = ReferenceIndex::open(version.into(), &KEY);
    assert_eq!(other.err(), Some(IndexFileError::OtherMaking));
    let empty = ReferenceIndex::open(Bytes::new(), &KEY);
    assert_eq!(empty.err(), Some(IndexFileError::OtherMaking));
}

#[test]
fn a_damaged_file_is_refused_or_searched_without_harm() {
    let bytes = file(&catalog());
    for cut in (0..bytes.len()).step_by(997) {
        assert!(
            ReferenceIndex::open(bytes.slice(..cut), &KEY).is_err(),
            "cut at {cut}"
        );
    }
    let query = &queries()[0];
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(4999).chain(0..size_of::<Header>()) {
        let mut changed = bytes.to_vec();
        changed[at] ^= 0xff;
        match ReferenceIndex::open(changed.into(), &KEY) {
            Ok(index) => drop(index.search(query)),
            Err(_) => refused += 1,
        }
    }
    assert!(refused >= size_of::<Header>());
}
