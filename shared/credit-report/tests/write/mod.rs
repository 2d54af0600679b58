//! Writes reports for tests, as JSON and as XML.

use serde_json::{Map, Value, json};

/// Lists of the schema with the names of their items in XML.
const LISTS: [(&str, &str); 5] = [
    ("accounts", "account"),
    ("months", "month"),
    ("enquiries", "enquiry"),
    ("public_records", "public_record"),
    ("identifiers", "identifier"),
];

/// An amount in rupees.
pub fn rupees(amount: &str) -> Value {
    json!({"currency": "INR", "amount": amount})
}

/// Months backwards from the given one, with these days past due; `-1` is not reported.
pub fn months(latest: (i16, i8), dpd: &[i32]) -> Value {
    let index = i32::from(latest.0) * 12 + i32::from(latest.1) - 1;
    let rows = (0..).zip(dpd).map(|(back, dpd)| {
        let month = index - back;
        let dpd = if *dpd < 0 { json!("not_reported") } else { json!(dpd) };
        json!({"month": format!("{:04}-{:02}", month / 12, month % 12 + 1), "dpd": dpd})
    });
    rows.collect::<Vec<_>>().into()
}

/// The same report as XML.
pub fn xml(report: &Value) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut out, "credit_report", report);
    out
}

fn element(out: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => out.push_str(&format!("<{name}/>")),
        Value::Array(items) => {
            let item = LISTS.iter().find(|(list, _)| *list == name).map_or("item", |(_, item)| item);
            out.push_str(&format!("<{name}>"));
            items.iter().for_each(|value| element(out, item, value));
            out.push_str(&format!("</{name}>\n"));
        }
        Value::Object(fields) => object(out, name, fields),
        other => out.push_str(&format!("<{name}>{}</{name}>\n", escape(&plain(other)))),
    }
}

fn object(out: &mut String, name: &str, fields: &Map<String, Value>) {
    let is_amount = fields.len() == 2 && fields.contains_key("currency") && fields.contains_key("amount");
    if is_amount {
        let (currency, amount) = (plain(&fields["currency"]), plain(&fields["amount"]));
        out.push_str(&format!("<{name} currency=\"{}\">{}</{name}>\n", escape(&currency), escape(&amount)));
        return;
    }
    out.push_str(&format!("<{name}>"));
    fields.iter().for_each(|(name, value)| element(out, name, value));
    out.push_str(&format!("</{name}>\n"));
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
