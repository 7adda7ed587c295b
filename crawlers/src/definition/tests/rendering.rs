//! Definitions whose pages are rendered.

use super::*;

fn parse(tier: &str, render: &str) -> Result<Definition, DefinitionError> {
    let text = format!(
        "id = \"s\"\nname = \"S\"\ntier = \"{tier}\"\nbase = \"https://s.example\"\n{render}\n\
         [discover]\nkind = \"list\"\nurl = \"/\"\nitems = {{ css = \"a\", attr = \"href\" }}\n\
         [fields]\ntitle = [{{ css = \"h1\" }}]\n"
    );
    Definition::parse(&text, "s.toml")
}

#[test]
fn the_tier_says_whether_rendering_is_needed() {
    let rendered = parse("rendered", "").expect("a definition");
    assert!(rendered.needs_rendering());
    assert_eq!(rendered.tier(), "rendered");
    assert!(
        !parse("selector", "")
            .expect("a definition")
            .needs_rendering()
    );
}

#[test]
fn a_mistake_in_the_render_table_is_named_with_its_field() {
    for (tier, render, says) in [
        ("selector", "[render]", "`render`"),
        ("rendered", "[render]\npages = []", "`render.pages`"),
        ("rendered", "[render]\npages = [\"maps\"]", "maps"),
        (
            "rendered",
            "[render]\nwait_for = \"p[\"",
            "`render.wait_for`",
        ),
        ("rendered", "[render]\nwait_ms = 99", "`render.wait_ms`"),
        (
            "rendered",
            "[render]\nviewport = { width = 100, height = 900 }",
            "`render.viewport`",
        ),
        ("rendered", "[render]\nwait = 5", "wait"),
    ] {
        let error = parse(tier, render).expect_err(render).to_string();
        assert!(error.contains(says), "{render}: {error}");
    }
}

#[test]
fn a_rendered_source_without_a_sign_to_wait_for_is_doubted() {
    let doubts = parse("rendered", "").expect("a definition").lint();
    assert!(doubts.iter().any(|doubt| doubt.contains("render.wait_for")));
    let sure = parse("rendered", "[render]\nwait_for = \"h1\"").expect("a definition");
    assert!(!sure.lint().iter().any(|doubt| doubt.contains("render.")));
}
