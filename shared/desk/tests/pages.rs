//! What holds for every page of the gallery: nothing of a client becomes markup, the policy is kept, forms are labelled.

#![expect(clippy::expect_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

mod markup;
#[path = "../examples/gallery/pages/mod.rs"]
mod pages;

use std::collections::BTreeSet;

use markup::{Element, elements, structure, text};
use proptest::prelude::*;

fn whole() -> Vec<(&'static str, Vec<Element>)> {
    let whole = pages::all().into_iter().filter(|(name, _)| !name.contains("fragment"));
    let whole: Vec<_> = whole.map(|(name, html)| (name, elements(&html))).collect();
    assert!(whole.len() >= 30, "{} pages", whole.len());
    whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a client or a reviewer writes, the page has the same elements with the same attributes.
    #[test]
    fn text_never_becomes_markup(special in "[<>\"'&=/ ]{1,12}", any in "\\PC{1,24}", after in "[<>\"'&`]{0,4}") {
        let text = format!("x{special}{any}{after}");
        for ((name, plain), (_, hostile)) in pages::with_text("plain").into_iter().zip(pages::with_text(&text)) {
            prop_assert_eq!(structure(&plain), structure(&hostile), "{}", name);
        }
    }
}

#[test]
fn text_is_shown_as_it_was_written() {
    for (name, html) in pages::with_text(pages::HOSTILE) {
        assert!(text(&html).contains(pages::HOSTILE), "{name}");
        assert!(!html.contains("<script>alert"), "{name}");
        assert!(!html.contains("<img"), "{name}");
    }
}

#[test]
fn pages_keep_their_security_policy() {
    for (name, elements) in whole() {
        for element in elements {
            assert_ne!(element.name, "style", "{name}");
            if element.name == "script" {
                assert!(element.get("src").is_some_and(|src| src.starts_with("/assets/")), "{name}");
                assert_eq!(element.text, "", "{name}");
            }
            for (attribute, value) in &element.attributes {
                assert_ne!(attribute, "style", "{name}: {}", element.name);
                assert!(!attribute.starts_with("on"), "{name}: {} has {attribute}", element.name);
                if ["href", "src", "action", "formaction", "data-poll"].contains(&attribute.as_str()) {
                    let is_ours = value.starts_with('#') || value.starts_with('/') && !value.starts_with("//");
                    assert!(is_ours, "{name}: {attribute} is {value}");
                }
            }
        }
    }
    for asset in desk::asset::ALL {
        let outside = asset.body.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("://"), "{} names a host", asset.name);
        assert!(!outside.contains("@import") && !outside.contains("url("), "{}", asset.name);
    }
}

#[test]
fn ids_are_unique_and_references_lead_to_them() {
    for (name, elements) in whole() {
        let ids: Vec<&str> = elements.iter().filter_map(|element| element.get("id")).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name} repeats an id");
        for element in &elements {
            for attribute in ["for", "aria-labelledby", "aria-describedby", "list"] {
                for id in element.get(attribute).into_iter().flat_map(str::split_whitespace) {
                    assert!(unique.contains(id), "{name}: {attribute} of {} leads to no {id}", element.name);
                }
            }
            if let Some(id) = element.get("href").and_then(|href| href.strip_prefix('#')) {
                assert!(unique.contains(id), "{name}: a link leads to no {id}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_picture_a_name() {
    let mut fields = 0;
    for (name, elements) in whole() {
        let labelled: BTreeSet<&str> =
            elements.iter().filter(|element| element.name == "label").filter_map(|label| label.get("for")).collect();
        for element in &elements {
            let is_field = ["input", "select", "textarea", "progress", "meter"].contains(&element.name.as_str());
            if is_field && element.get("type") != Some("hidden") {
                fields += 1;
                let is_labelled = element.get("id").is_some_and(|id| labelled.contains(id));
                assert!(is_labelled || element.get("aria-label").is_some(), "{name}: {element:?}");
            }
            if element.name == "svg" {
                let is_decoration = element.get("aria-hidden") == Some("true");
                assert!(is_decoration || element.get("role") == Some("img"), "{name}: {element:?}");
            }
            if element.has_class("scroll") {
                let named = element.get("aria-label").or(element.get("aria-labelledby"));
                assert!(named.is_some() && element.get("tabindex") == Some("0"), "{name}: {element:?}");
            }
        }
    }
    assert!(fields > 100, "{fields} fields");
}

#[test]
fn every_form_that_writes_can_be_repeated_and_every_reason_is_bounded() {
    let mut forms = 0;
    for (name, html) in pages::all() {
        for form in html.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default()) {
            let writes = form.contains("method=\"post\"") && !form.contains("action=\"/role\"");
            forms += usize::from(writes);
            assert!(!writes || form.contains("name=\"idempotency_key\""), "{name}: {form}");
            // Two forms of a page never share a key: a repeated key with other fields is refused.
        }
        let keys: Vec<&str> = html
            .split("name=\"idempotency_key\" value=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{name}");
        for element in elements(&html).iter().filter(|element| element.get("name") == Some("reason")) {
            let is_bounded = element.get("maxlength") == Some("500") && element.get("required").is_some();
            assert!(is_bounded, "{name}: {element:?}");
        }
    }
    assert!(forms > 20, "{forms} forms");
}

#[test]
fn a_page_has_one_heading_and_says_where_it_runs() {
    for (name, elements) in whole() {
        assert_eq!(elements.iter().filter(|element| element.name == "h1").count(), 1, "{name}");
        let is_local = elements.iter().any(|element| element.has_class("machine"));
        let icon = elements.iter().find(|element| element.get("rel") == Some("icon")).and_then(|icon| icon.get("href"));
        let expected = if is_local { "favicon-local.svg" } else { "favicon.svg" };
        assert!(icon.is_some_and(|href| href.ends_with(expected)), "{name}: {icon:?}");
    }
}

#[test]
fn a_missing_figure_is_a_dash_and_a_chart_draws_losses_below_its_axis() {
    let (_, html) = pages::all().into_iter().find(|(name, _)| *name == "order-completed").unwrap();
    let profit = html.split("Net profit (PAT)").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(profit.contains("<td class=\"num\">—</td>") && profit.contains("−118.35"), "{profit}");
    let chart = html.split("<svg class=\"chart w760\"").nth(1).unwrap().split("</svg>").next().unwrap();
    let number = |element: &Element, name: &str| element.get(name).unwrap().parse::<i64>().unwrap();
    let drawn = elements(chart);
    let axis = drawn.iter().find(|element| element.has_class("axis")).map(|axis| number(axis, "y1")).unwrap();
    let bars: Vec<_> = drawn.iter().filter(|element| element.name == "rect").collect();
    let above = |bar: &&&Element| number(bar, "y") + number(bar, "height") == axis;
    let below = |bar: &&&Element| number(bar, "y") == axis;
    // Five years of sales, five of operating profit with one loss, four of net profit with one loss.
    assert_eq!((bars.len(), bars.iter().filter(above).count(), bars.iter().filter(below).count()), (14, 12, 2));
}
