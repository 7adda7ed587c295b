use super::*;
use crate::definition::TestReport;

/// The next page that a definition asks for after one page of its list.
fn run(discover: &str, case: &str) -> Vec<TestReport> {
    let text = format!(
        "id = \"s\"\nname = \"S\"\ntier = \"api\"\nbase = \"https://s.example\"\n\
         [discover]\nkind = \"list\"\nitems = {{ jsonpath = \"$.r[*]\" }}\ncomplete = true\nlimit = 2\n{discover}\n\
         [fields]\nid = [{{ jsonpath = \"$.id\" }}]\ntitle = [{{ jsonpath = \"$.id\" }}]\n\
         [[tests]]\nname = \"t\"\nkind = \"list\"\n{case}\n"
    );
    Definition::parse(&text, "s.toml")
        .expect("a definition")
        .run_tests(&|_| Err("no file".to_owned()))
}

#[track_caller]
fn passes(discover: &str, case: &str) {
    for report in run(discover, case) {
        assert_eq!(report.differences, [], "{discover}");
    }
}

#[test]
fn a_list_is_paged_by_each_way() {
    let full = "inline = '{\"r\":[{\"id\":1},{\"id\":2}],\"c\":\"a/b=\",\"n\":3,\"p\":2}'";
    for (discover, url, next) in [
        (
            "url = \"/l?page={page}\"\nnext = \"page\"",
            "/l?page=1",
            "/l?page=2",
        ),
        (
            "url = \"/l/page/{page}/all\"\nnext = \"page\"",
            "/l/page/1/all",
            "/l/page/2/all",
        ),
        (
            "url = \"/l?o={offset}&q=x\"\nnext = \"offset\"",
            "/l?o=0&q=x",
            "/l?o=2&q=x",
        ),
        (
            "url = \"/l?after={cursor}\"\nnext = { cursor = { jsonpath = \"$.c\" } }",
            "/l",
            "/l?after=a%2Fb%3D",
        ),
        (
            "url = \"/l\"\nnext = { count = \"page\" }",
            "/l",
            "/l?page=2",
        ),
        (
            "url = \"/l?page={page}\"\nnext = \"page\"\ntotal = { jsonpath = \"$.n\" }",
            "/l?page=1",
            "/l?page=2",
        ),
        (
            "url = \"/l?page={page}\"\nnext = \"page\"\ntotal_pages = { jsonpath = \"$.p\" }",
            "/l?page=1",
            "/l?page=2",
        ),
        (
            "url = \"/l?page={page}\"\nnext = \"page\"\nstop = \"short\"",
            "/l?page=1",
            "/l?page=2",
        ),
    ] {
        passes(
            discover,
            &format!("url = \"{url}\"\n{full}\nexpect = {{ next = \"{next}\", count = 2 }}"),
        );
    }
}

#[test]
fn a_list_ends_by_each_rule() {
    let page = "url = \"/l?page={page}\"\nnext = \"page\"\n";
    for (rule, case) in [
        ("", "inline = '{\"r\":[]}'"),
        (
            "max_pages = 3",
            "page = 3\ninline = '{\"r\":[{\"id\":1},{\"id\":2}]}'",
        ),
        ("stop = \"short\"", "inline = '{\"r\":[{\"id\":1}]}'"),
        (
            "total = { jsonpath = \"$.n\" }",
            "entries_before = 1\ninline = '{\"n\":\"3\",\"r\":[{\"id\":1},{\"id\":2}]}'",
        ),
        (
            "total_pages = { header = \"X-Pages\" }",
            "page = 2\nheaders = { x-pages = \"2\" }\ninline = '{\"r\":[{\"id\":1},{\"id\":2}]}'",
        ),
    ] {
        passes(
            &format!("{page}{rule}"),
            &format!("url = \"/l?page=1\"\n{case}\nexpect = {{ next = false }}"),
        );
    }
    let cursor = "url = \"/l?c={cursor}\"\nnext = { cursor = { jsonpath = \"$.c\" } }";
    passes(
        cursor,
        "url = \"/l?c=9\"\ninline = '{\"c\":null,\"r\":[{\"id\":1}]}'\nexpect = { next = false }",
    );
    passes(
        cursor,
        "url = \"/l?c=9\"\ninline = '{\"c\":\"9\",\"r\":[{\"id\":1}]}'\nexpect = { next = false }",
    );
}

#[test]
fn a_total_is_held_against_what_was_read_and_not_against_the_limit_asked_for() {
    // The service gives one entry a page where two were asked for.
    let discover = "url = \"/l?page={page}\"\nnext = \"page\"\ntotal = { jsonpath = \"$.n\" }";
    passes(
        discover,
        "url = \"/l?page=2\"\npage = 2\nentries_before = 1\ninline = '{\"n\":3,\"r\":[{\"id\":2}]}'\nexpect = { next = \"/l?page=3\" }",
    );
}
