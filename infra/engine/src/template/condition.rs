//! Evaluates conditions.

use serde_json::Value;

use super::TemplateError;
use super::intrinsic::Resolver;

/// Whether the resource `declared` is created.
pub(super) fn holds(resolver: &Resolver<'_>, resource: &str, declared: &Value) -> Result<bool, TemplateError> {
    let Some(name) = declared.get("Condition").and_then(Value::as_str) else { return Ok(true) };
    named(resolver, name).map_err(|problem| TemplateError::Property {
        resource: resource.to_owned(),
        property: "Condition".to_owned(),
        problem,
    })
}

/// Whether the condition called `name` holds.
pub(super) fn named(resolver: &Resolver<'_>, name: &str) -> Result<bool, String> {
    let condition = resolver.template.get("Conditions").and_then(|all| all.get(name));
    evaluate(resolver, condition.ok_or(format!("the template has no condition {name}"))?)
}

fn evaluate(resolver: &Resolver<'_>, condition: &Value) -> Result<bool, String> {
    let entry = condition.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
    let (function, argument) = entry.ok_or("a condition is one function")?;
    let parts = || argument.as_array().ok_or(format!("{function} takes a list"));
    match function.as_str() {
        "Condition" => named(resolver, argument.as_str().ok_or("!Condition takes a name")?),
        "Fn::Equals" => {
            let values: Vec<Value> = parts()?.iter().map(|part| resolver.resolve(part)).collect::<Result<_, _>>()?;
            Ok(values.windows(2).all(|pair| pair[0] == pair[1]))
        }
        "Fn::Not" => Ok(!evaluate(resolver, parts()?.first().ok_or("!Not takes a condition")?)?),
        "Fn::And" => parts()?.iter().try_fold(true, |all, part| Ok(all && evaluate(resolver, part)?)),
        "Fn::Or" => parts()?.iter().try_fold(false, |any, part| Ok(any || evaluate(resolver, part)?)),
        other => Err(format!("{other} is not supported in a condition")),
    }
}
