//! The page of the documentation that lists the cases.

use super::groups;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/hostile-web.md");
const BEGIN: &str = "<!-- cases: written by the test that compares them -->\n";

/// Set `MARKHOUND_WRITE_DOCS` to have the list written anew.
#[test]
fn the_page_on_the_hostile_web_lists_every_case() {
    let text = std::fs::read_to_string(PAGE).expect("docs/hostile-web.md");
    let (prose, listed) = text.split_once(BEGIN).expect("the list's beginning");
    let tables = tables();
    if std::env::var_os("MARKHOUND_WRITE_DOCS").is_some() {
        std::fs::write(PAGE, format!("{prose}{BEGIN}{tables}")).expect("written");
    } else {
        assert!(
            listed == tables,
            "docs/hostile-web.md lists other cases; run this test with MARKHOUND_WRITE_DOCS=1"
        );
    }
}

fn tables() -> String {
    let groups = groups();
    let total: usize = groups.iter().map(|(_, cases)| cases.len()).sum();
    let mut text = format!("\n{total} cases in {} groups.\n", groups.len());
    for (title, cases) in groups {
        text += &format!(
            "\n## {title}: {}\n\n| what the server does | ends in |\n|---|---|\n",
            cases.len()
        );
        for case in cases {
            text += &format!("| {} | {} |\n", case.does, case.ends);
        }
    }
    text
}
