//! The documentation is what the program does.

use std::path::Path;

use domain::lifecycle::diagram;

/// Replaces what stands between two markers.
pub(crate) fn between(text: &str, name: &str, content: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).expect("the page has the marker") + open.len();
    let end = text[start..].find(&close).expect("the page has the end marker") + start;
    format!("{}{content}{}", &text[..start], &text[end..])
}

/// `DOCKET_UPDATE=1 cargo test -p tests docs` rewrites the page.
#[test]
fn the_architecture_page_draws_the_lifecycle_as_it_is() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ARCHITECTURE.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let picture = format!("```mermaid\n{}```\n", diagram::mermaid());
    let drawn = between(&between(&text, "diagram", &picture), "table", &diagram::table());
    if std::env::var_os("DOCKET_UPDATE").is_some() {
        return std::fs::write(&page, &drawn).unwrap();
    }
    assert!(text == drawn, "docs/ARCHITECTURE.md is out of date; rewrite it with DOCKET_UPDATE=1");
}
