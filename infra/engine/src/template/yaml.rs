//! Reads YAML with CloudFormation's short forms into JSON with the long forms.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value, json};

use super::TemplateError;

/// How deep values may be nested.
const DEPTH_MAX: usize = 64;

/// Reads one document. `!Sub text` becomes `{"Fn::Sub": "text"}`, `!GetAtt A.B` `{"Fn::GetAtt": ["A", "B"]}`.
pub(super) fn read(text: &str) -> Result<Value, TemplateError> {
    let documents = Yaml::load_from_str(text).map_err(|error| TemplateError::Yaml(error.to_string()))?;
    let first = documents.first().ok_or_else(|| TemplateError::Yaml("the document is empty".into()))?;
    convert(first, 0)
}

fn convert(node: &Yaml<'_>, depth: usize) -> Result<Value, TemplateError> {
    if depth > DEPTH_MAX {
        return Err(TemplateError::Yaml(format!("nested deeper than {DEPTH_MAX} levels")));
    }
    match node {
        Yaml::Value(scalar) => Ok(convert_scalar(scalar)),
        Yaml::Representation(text, ..) => Ok(Value::String(text.to_string())),
        Yaml::Sequence(items) => items.iter().map(|item| convert(item, depth + 1)).collect(),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key_text(key)?, convert(value, depth + 1)?);
            }
            Ok(Value::Object(object))
        }
        Yaml::Tagged(tag, inner) => Ok(long_form(&tag.suffix, convert(inner, depth + 1)?)),
        Yaml::Alias(_) | Yaml::BadValue => Err(TemplateError::Yaml("a value cannot be read".into())),
    }
}

fn convert_scalar(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => Number::from_f64(value.into_inner()).map_or(Value::Null, Value::Number),
        Scalar::String(text) => Value::String(text.to_string()),
    }
}

fn key_text(key: &Yaml<'_>) -> Result<String, TemplateError> {
    match convert(key, 0)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err(TemplateError::Yaml("a key is not text".into())),
    }
}

fn long_form(tag: &str, value: Value) -> Value {
    match (tag, value) {
        ("Ref" | "Condition", value) => json!({ tag: value }),
        ("GetAtt", Value::String(text)) => {
            let (id, attribute) = text.split_once('.').unwrap_or((&text, ""));
            json!({ "Fn::GetAtt": [id, attribute] })
        }
        (tag, value) => json!({ format!("Fn::{tag}"): value }),
    }
}
