//! Changes requests to how code with a mistake makes them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::call::Call;

/// Replaces one comparison in the condition.
pub(super) fn loosen(call: &mut Call, from: &str, to: &str) {
    call.change(|json| {
        if let Some(condition) = json["ConditionExpression"].as_str() {
            json["ConditionExpression"] = condition.replace(from, to).into();
        }
    });
}

/// Removes a comparison from the condition, with the name and the value that only it uses.
pub(super) fn drop_comparison(call: &mut Call, comparison: &str, name: &str, value: &str) {
    loosen(call, comparison, "");
    call.change(|json| {
        remove(&mut json["ExpressionAttributeNames"], name);
        remove(&mut json["ExpressionAttributeValues"], value);
    });
}

/// Removes the whole condition of a put.
pub(super) fn drop_condition(call: &mut Call) {
    call.change(|json| {
        for part in ["ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure"] {
            remove(json, part);
        }
    });
}

/// Claims an alert even if somebody else has claimed it.
pub(super) fn publish_unclaimed(call: &mut Call) {
    call.change(|json| {
        json["ConditionExpression"] = "alert = :pending".into();
        remove(&mut json["ExpressionAttributeValues"], ":now");
    });
}

/// Names every partition as if all orders belonged to one firm.
pub(super) fn forget_firm(call: &mut Call) {
    if call.json.is_object() {
        call.change(forget_firm_in);
    }
}

/// Puts the files' names, by the path of their upload, into the failures of documents and into their executions.
pub(super) fn name_files(call: &mut Call, names: &BTreeMap<String, String>) {
    let is_transaction = call.json["TransactItems"].is_array();
    if names.is_empty() || !is_transaction {
        return;
    }
    call.change(|json| {
        let name_of = |item: &Value| {
            let order = item["order_id"]["S"].as_str()?;
            let number = match item["number"]["N"].as_str() {
                Some(number) => number,
                None => item["failure_id"]["S"].as_str()?.rsplit_once("-d")?.1,
            };
            let upload = format!("/orders/{order}/documents/{number:0>4}");
            names.iter().find(|(path, _)| path.ends_with(&upload)).map(|(_, name)| name.clone())
        };
        for item in json["TransactItems"].as_array_mut().into_iter().flatten() {
            let item = &mut item["Put"]["Item"];
            if item["error_message"]["S"].is_string()
                && let Some(name) = name_of(item)
            {
                item["error_message"]["S"] = name.into();
            }
        }
    });
}

fn forget_firm_in(json: &mut Value) {
    match json {
        Value::String(text) => {
            if let Some((firm, order)) = text.split_once("#ORDER#")
                && firm.starts_with("FIRM#")
            {
                *text = format!("FIRM#all#ORDER#{order}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(forget_firm_in),
        Value::Object(fields) => fields.values_mut().for_each(forget_firm_in),
        _ => {}
    }
}

fn remove(json: &mut Value, name: &str) {
    if let Some(fields) = json.as_object_mut() {
        fields.remove(name);
    }
}
