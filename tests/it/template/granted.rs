//! Reads what the template's roles grant.

use std::collections::BTreeMap;

use engine::template::Declared;
use serde_json::Value;

use super::used::Permission;

/// One action on one resource, which may contain `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) action: String,
    pub(super) resource: String,
}

impl Grant {
    pub(super) fn covers(&self, permission: &Permission) -> bool {
        self.action == permission.action && matches(&self.resource, &permission.resource)
    }
}

/// What the role of `function` grants, its managed policies included.
pub(super) fn grants(resources: &BTreeMap<String, Declared>, function: &str) -> Vec<Grant> {
    let role_id = format!("{}Role", function.trim_end_matches("Function"));
    let role = &resources.get(&role_id).unwrap_or_else(|| panic!("{function} has no role of its own")).properties;
    let named = resources[function].properties["Role"].as_str().unwrap_or_default();
    assert!(named.contains(&role_id), "{function} uses another role than {role_id}: {named}");
    let managed = list(&role["ManagedPolicyArns"]).into_iter().map(|name| managed_policy(resources, &name));
    let inline = role["Policies"].as_array().unwrap().iter().map(|policy| policy["PolicyDocument"].clone());
    managed.chain(inline).flat_map(|document| grants_in(&document)).collect()
}

/// The document of one of the template's managed policies, by the name that replaces its ARN here.
fn managed_policy(resources: &BTreeMap<String, Declared>, name: &str) -> Value {
    let found = resources
        .iter()
        .find(|(id, declared)| declared.kind == "AWS::IAM::ManagedPolicy" && name.ends_with(id.as_str()));
    found.unwrap_or_else(|| panic!("{name} is not a policy of the template")).1.properties["PolicyDocument"].clone()
}

/// What the document of a policy grants.
pub(super) fn grants_in(document: &Value) -> Vec<Grant> {
    let mut grants = Vec::new();
    for statement in document["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow", "Deny statements are not supported here");
        for action in list(&statement["Action"]) {
            for resource in list(&statement["Resource"]) {
                grants.push(Grant { action: action.clone(), resource });
            }
        }
    }
    grants
}

/// One string, or a list of them.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn a_star_matches_anything() {
    assert!(matches("a/*", "a/b/c") && matches("*", "a") && matches("a*c*", "abcd") && matches("a", "a"));
    assert!(!matches("a/*", "b/a/") && !matches("a", "ab") && !matches("a*c", "abd") && !matches("a*b*c", "acb"));
}
