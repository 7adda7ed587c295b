//! Lists as they come, and lists written and read again.

use super::*;
use crate::image::IMG_HASH_ALGORITHM;

const HASH: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
const OTHER: &str = "30a10efd71cc3d429013d48d0ffffc52e34e0e17ada952a9d29685211ea9e5af";

fn pdq(hash: &str, quality: Option<u8>, name: Option<&str>) -> HashListEntry {
    HashListEntry::pdq(
        hash.parse().expect("a hash"),
        quality,
        name.map(str::to_owned),
    )
}

fn read(list: &str) -> Vec<Result<HashListEntry, (u64, LineProblem)>> {
    HashListReader::new(list.as_bytes())
        .map(|entry| {
            entry.map_err(|error| match error {
                HashListError::Line { line, problem } => (line, problem),
                HashListError::Io { .. } => unreachable!("memory can be read"),
            })
        })
        .collect()
}

fn read_well(list: &str) -> Vec<HashListEntry> {
    read(list)
        .into_iter()
        .map(|entry| entry.expect("every line is good"))
        .collect()
}

#[test]
fn what_the_pdq_tools_print_is_read() {
    let list = format!(
        "{HASH},100,photos/a, b.jpg\n{HASH},0,\n{HASH},7\n{HASH}\n{HASH},some name\n\
         {HASH},idx=3,more\nhash={HASH},norm=128,delta=0,quality=93,filename=x,y=1.jpg\n\
         hash={HASH},xform=rot90,filename=z.jpg\n{HASH}\t55\tc.jpg\n"
    );
    let expected = [
        (Some(100), Some("photos/a, b.jpg")),
        (Some(0), None),
        (Some(7), None),
        (None, None),
        (None, Some("some name")),
        (None, Some("idx=3,more")),
        (Some(93), Some("x,y=1.jpg")),
        (None, Some("z.jpg")),
        (Some(55), Some("c.jpg")),
    ]
    .map(|(quality, name)| pdq(HASH, quality, name));
    assert_eq!(read_well(&list), expected);
}

#[test]
fn of_eight_hashes_on_a_line_the_first_is_read() {
    let list = format!("{HASH}{},88,a.jpg\n", format!(",{OTHER}").repeat(7));
    assert_eq!(read_well(&list), [pdq(HASH, Some(88), Some("a.jpg"))]);
}

#[test]
fn lists_of_the_threatexchange_program_are_read() {
    assert_eq!(read_well(&format!("pdq {HASH}\npdq {OTHER}\n")).len(), 2);
    let list = format!(
        "collab,signal_type,signal_str,category,tags\r\n\
         \"Sample, Data\",pdq,{HASH},POSITIVE_CLASS,a b\r\n\
         x,video_md5,d41d8cd98f00b204e9800998ecf8427e,POSITIVE_CLASS,\r\n"
    );
    let entries = read(&list);
    assert_eq!(entries[0], Ok(pdq(HASH, None, Some("a b"))));
    let other = LineProblem::OtherAlgorithm("video_md5".to_owned());
    assert_eq!(entries[1], Err((3, other)));
}

#[test]
fn a_header_says_where_the_fields_are() {
    let upper = HASH.to_uppercase();
    for list in [
        format!("\u{feff}Quality,Hash,ID\r\n80,{upper},\"a \"\"b\"\", c\"\r\n"),
        format!("# kept\n\nquality\thash\tname\n80\t{upper}\ta \"b\", c\n"),
        format!("hash;quality;filename\n{upper};80;\"a \"\"b\"\", c\""),
    ] {
        let expected = pdq(HASH, Some(80), Some("a \"b\", c"));
        assert_eq!(read_well(&list), [expected], "{list}");
    }
}

#[test]
fn an_empty_first_field_does_not_move_the_others() {
    let list = format!("name\tquality\thash\n\t\t{HASH}\n\t9\t{OTHER}\t\n");
    let expected = [pdq(HASH, None, None), pdq(OTHER, Some(9), None)];
    assert_eq!(read_well(&list), expected);
}

#[test]
fn bad_lines_are_named_and_the_others_read() {
    let long = "a".repeat(HASH_LIST_LINE_MAX + 1);
    let list = format!("{HASH}\n\nnonsense\n{HASH},300,a\n{long}\n{HASH}0\nmd5 {HASH}\n{OTHER}");
    let entries = read(&list);
    let problems: Vec<_> = entries.iter().filter_map(|e| e.as_ref().err()).collect();
    assert_eq!(
        problems,
        [
            &(3, LineProblem::Pdq(crate::image::PdqHashError::Length(8))),
            &(4, LineProblem::Quality("300".to_owned())),
            &(5, LineProblem::TooLong),
            &(6, LineProblem::Pdq(crate::image::PdqHashError::Length(65))),
            &(7, LineProblem::OtherAlgorithm("md5".to_owned())),
        ]
    );
    assert_eq!(entries.len(), 7);
    assert_eq!(entries[6], Ok(pdq(OTHER, None, None)));
}

#[test]
fn a_line_that_is_no_text_is_a_bad_line() {
    let mut list = b"\xff\xfe\n".to_vec();
    list.extend_from_slice(HASH.as_bytes());
    let entries: Vec<_> = HashListReader::new(list.as_slice()).collect();
    assert!(matches!(
        entries[0],
        Err(HashListError::Line {
            line: 1,
            problem: LineProblem::NotUtf8
        })
    ));
    assert_eq!(entries[1].as_ref().ok(), Some(&pdq(HASH, None, None)));
}

#[test]
fn a_list_that_breaks_off_says_so_once() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    let start = format!("{HASH}\n");
    let list = std::io::Read::chain(start.as_bytes(), Broken);
    let entries: Vec<_> = HashListReader::new(std::io::BufReader::new(list)).collect();
    assert_eq!(entries.len(), 2);
    assert!(matches!(entries[1], Err(HashListError::Io { line: 1, .. })));
}

#[test]
fn hashes_of_img_hash_are_read_in_base64_and_hexadecimal() {
    let bytes: [u8; 32] = std::array::from_fn(|i| (i * 37 + 5) as u8);
    let made = img_hash::ImageHash::<[u8; 32]>::from_bytes(&bytes).expect("32 bytes");
    let (base64, hex) = (made.to_base64(), PdqHash::from_bytes(bytes).to_string());
    let list = format!("{base64},,a\n{base64}=,,a\n{hex},,a\n{},,a\n", &base64[1..]);
    let mut entries = HashListReader::with_algorithm(list.as_bytes(), IMG_HASH_ALGORITHM);
    for entry in entries.by_ref().take(3) {
        let entry = entry.expect("a good line");
        assert_eq!(entry.algorithm, IMG_HASH_ALGORITHM);
        assert_eq!(
            entry.hash[0],
            u64::from_le_bytes([5, 42, 79, 116, 153, 190, 227, 8])
        );
        assert_eq!(entry.as_pdq(), None);
    }
    let problem = entries
        .next()
        .expect("a fourth line")
        .expect_err("too short");
    assert!(problem.to_string().contains("line 4"), "{problem}");
}

/// Names that could be taken for something else.
fn awkward() -> Vec<HashListEntry> {
    let names = [
        None,
        Some("a.jpg"),
        Some("a, b.jpg"),
        Some(" blank "),
        Some("\"quoted\""),
        Some("\"half"),
        Some("42"),
        Some(OTHER),
        Some("300"),
        Some("tab\tin it"),
        Some("#7"),
        Some("наименование"),
        Some("x;y"),
    ];
    [None, Some(0), Some(100)]
        .into_iter()
        .flat_map(|quality| names.map(|name| pdq(HASH, quality, name)))
        .collect()
}

fn written(form: HashListForm, entries: &[HashListEntry]) -> String {
    let mut bytes = Vec::new();
    write_hash_list(&mut bytes, form, entries).expect("memory takes it");
    String::from_utf8(bytes).expect("lists are text")
}

#[test]
fn what_is_written_is_read_back() {
    let mut entries = awkward();
    let list = written(HashListForm::PdqTools, &entries);
    assert_eq!(read_well(&list), entries);
    entries.push(HashListEntry {
        algorithm: IMG_HASH_ALGORITHM.to_owned(),
        hash: [1, 2, u64::MAX, 4],
        quality: None,
        name: Some("b".to_owned()),
    });
    let list = written(HashListForm::Csv, &entries);
    assert_eq!(read_well(&list), entries);
}

#[test]
fn other_programs_get_the_lines_they_expect() {
    let entries = [
        pdq(HASH, Some(100), Some("a, b.jpg")),
        pdq(OTHER, None, None),
    ];
    let tools = written(HashListForm::PdqTools, &entries);
    assert_eq!(tools, format!("{HASH},100,a, b.jpg\n{OTHER}\n"));
    let hashes = written(HashListForm::Hashes, &entries);
    assert_eq!(hashes, format!("{HASH}\n{OTHER}\n"));
    let signals = written(HashListForm::Signals, &entries);
    assert_eq!(signals, format!("pdq {HASH}\npdq {OTHER}\n"));
}

#[test]
fn entries_that_others_would_misread_are_not_written() {
    let mut entry = pdq(HASH, None, Some("two\nlines"));
    let write = |form, entry: &HashListEntry| write_hash_list(Vec::new(), form, [entry]);
    let broken = write(HashListForm::Csv, &entry);
    assert!(matches!(
        broken,
        Err(HashListWriteError::Name { number: 1 })
    ));
    entry.name = None;
    entry.algorithm = IMG_HASH_ALGORITHM.to_owned();
    for form in [
        HashListForm::PdqTools,
        HashListForm::Hashes,
        HashListForm::Signals,
    ] {
        let refused = write(form, &entry);
        assert!(matches!(refused, Err(HashListWriteError::Algorithm { .. })));
    }
    for algorithm in ["md5", "img_hash\nx", ""] {
        entry.algorithm = algorithm.to_owned();
        let refused = write(HashListForm::Csv, &entry);
        assert!(matches!(refused, Err(HashListWriteError::Algorithm { .. })));
    }
}
