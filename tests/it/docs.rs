//! Checks that generated documentation is up to date and that links resolve.

use std::path::{Path, PathBuf};

use domain::lifecycle::diagram;

/// Replaces the text between two markers.
pub(crate) fn between(text: &str, name: &str, content: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).expect("the page has the start marker") + open.len();
    let end = text[start..].find(&close).expect("the page has the end marker") + start;
    format!("{}{content}{}", &text[..start], &text[end..])
}

/// `DOCKET_UPDATE=1 cargo test -p tests docs` rewrites the page.
#[test]
fn the_lifecycle_diagram_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ARCHITECTURE.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let picture = format!("```mermaid\n{}```\n", diagram::mermaid());
    let drawn = between(&between(&text, "diagram", &picture), "table", &diagram::table());
    if std::env::var_os("DOCKET_UPDATE").is_some() {
        return std::fs::write(&page, &drawn).unwrap();
    }
    assert!(text == drawn, "docs/ARCHITECTURE.md is out of date; rewrite it with DOCKET_UPDATE=1");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Markdown pages of the repository: those at the top level and those in folders of documentation.
fn pages() -> Vec<PathBuf> {
    let mut folders = vec![root().join("docs"), root().join("samples"), root().join("events")];
    let mut pages: Vec<_> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name)).into();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// Targets of a page's links, without links to other sites.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.starts_with("http"))
}

/// The anchors of a page's headings: lower case, words joined by hyphens.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept =
        |heading: &str| heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
    headings.map(|heading| kept(heading).to_lowercase().replace(' ', "-")).collect()
}

#[test]
fn every_link_points_to_an_existing_page_and_heading() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            seen += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let found = target.exists()
                && (anchor.is_empty()
                    || std::fs::read_to_string(&target)
                        .is_ok_and(|text| anchors(&text).iter().any(|one| one == anchor)));
            if !found {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(seen > 80, "{seen} links");
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn the_index_lists_every_page() {
    let docs = root().join("docs").canonicalize().unwrap();
    let index = std::fs::read_to_string(docs.join("README.md")).unwrap();
    for page in pages().into_iter().filter_map(|page| page.canonicalize().ok()) {
        let Ok(name) = page.strip_prefix(&docs) else { continue };
        let listed = index.contains(&format!("]({})", name.display()));
        assert!(listed || name == Path::new("README.md"), "docs/README.md does not list {}", name.display());
    }
}
