//! Writes every page in several states as files that open from disk: `cargo run -p desk --example gallery -- OUT_DIR`.

#![expect(clippy::expect_used, reason = "made-up values are as they were written")]

mod pages;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let out = std::env::args().nth(1).unwrap_or_else(|| "out/gallery".to_owned());
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    for asset in desk::asset::ALL {
        std::fs::write(out.join(asset.name), asset.body)?;
    }
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>Gallery</title><ul>");
    for (name, html) in pages::all() {
        std::fs::write(out.join(format!("{name}.html")), beside_the_assets(html))?;
        index.push_str(&format!("<li><a href=\"{name}.html\">{name}</a>"));
    }
    std::fs::write(out.join("index.html"), index)
}

/// The page with its assets in its own folder.
fn beside_the_assets(mut html: String) -> String {
    for asset in desk::asset::ALL {
        html = html.replace(&asset.path(), asset.name);
    }
    html
}
