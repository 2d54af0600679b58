//! Resolves references and intrinsic functions in values.

use std::collections::BTreeMap;

use base64::Engine;
use serde_json::{Map, Value, json};

use super::condition;
use crate::account::{Account, PARTITION};

/// Resolves references against a template, its parameters and the account.
pub(super) struct Resolver<'a> {
    pub(super) template: &'a Value,
    pub(super) resources: &'a Map<String, Value>,
    pub(super) account: &'a Account,
    parameters: &'a BTreeMap<String, String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        template: &'a Value,
        resources: &'a Map<String, Value>,
        account: &'a Account,
        parameters: &'a BTreeMap<String, String>,
    ) -> Self {
        Self { template, resources, account, parameters }
    }

    /// `value` with every reference and function in it resolved. The error names one that cannot be resolved.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::Array(items) => self.resolve_all(items),
            Value::Object(object) => match object.iter().next() {
                Some((name, argument)) if object.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) => {
                    self.call(name, argument)
                }
                _ => {
                    let entries = object.iter().map(|(key, value)| Ok((key.clone(), self.resolve(value)?)));
                    let resolved: Map<String, Value> = entries.collect::<Result<_, String>>()?;
                    // `!Ref AWS::NoValue` removes its property.
                    Ok(Value::Object(resolved.into_iter().filter(|(_, value)| !is_no_value(value)).collect()))
                }
            },
            plain => Ok(plain.clone()),
        }
    }

    fn resolve_all(&self, items: &[Value]) -> Result<Value, String> {
        let resolved: Vec<Value> = items.iter().map(|item| self.resolve(item)).collect::<Result<_, _>>()?;
        Ok(Value::Array(resolved.into_iter().filter(|value| !is_no_value(value)).collect()))
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value, String> {
        match name {
            "Ref" => self.reference(argument.as_str().ok_or("!Ref takes a name")?),
            "Fn::GetAtt" => self.attribute_call(argument),
            "Fn::Sub" => self.substitute_call(argument),
            "Fn::Join" => self.join(argument),
            "Fn::Select" => self.select(argument),
            "Fn::Split" => self.split(argument),
            "Fn::If" => self.choose(argument),
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::Base64" => {
                let text = plain_text(&self.resolve(argument)?).ok_or("!Base64 takes text")?;
                Ok(json!(base64::engine::general_purpose::STANDARD.encode(text)))
            }
            other => Err(format!("{other} is not supported by the engine")),
        }
    }

    /// The value of `!Ref name`.
    pub(super) fn reference(&self, name: &str) -> Result<Value, String> {
        let text = match name {
            "AWS::Region" => self.account.region.clone(),
            "AWS::AccountId" => self.account.id.clone(),
            "AWS::StackName" => self.account.stack.clone(),
            "AWS::Partition" => PARTITION.to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackId" => self.account.arn("cloudformation", &format!("stack/{}/local", self.account.stack)),
            "AWS::NoValue" => return Ok(no_value()),
            _ => match self.parameter(name)? {
                Some(value) => return Ok(value),
                None => self.resource_reference(name)?,
            },
        };
        Ok(Value::String(text))
    }

    fn parameter(&self, name: &str) -> Result<Option<Value>, String> {
        let Some(declared) = self.template.pointer("/Parameters").and_then(|all| all.get(name)) else {
            return Ok(None);
        };
        if let Some(given) = self.parameters.get(name) {
            return Ok(Some(Value::String(given.clone())));
        }
        let default = declared.get("Default").ok_or(format!("parameter {name} has no default; give it a value"))?;
        let is_list = declared.get("Type").and_then(Value::as_str).is_some_and(|kind| kind.contains("List"));
        match plain_text(default) {
            Some(text) if is_list => Ok(Some(text.split(',').map(|part| json!(part.trim())).collect())),
            Some(text) => Ok(Some(Value::String(text))),
            None => Err(format!("the default of parameter {name} is not text")),
        }
    }

    fn resource_reference(&self, id: &str) -> Result<String, String> {
        let name = self.name(id)?;
        Ok(match self.kind(id) {
            "AWS::SQS::Queue" => self.account.queue_url(&name),
            "AWS::SNS::Topic" => self.account.arn("sns", &name),
            _ => name,
        })
    }

    /// The physical name of the resource `id`: as the template says, or the stack name and the id.
    pub(super) fn name(&self, id: &str) -> Result<String, String> {
        let declared = self.resources.get(id).ok_or(format!("the template declares no {id}"))?;
        let property = match self.kind(id) {
            "AWS::SQS::Queue" => "QueueName",
            "AWS::SNS::Topic" => "TopicName",
            "AWS::DynamoDB::Table" => "TableName",
            "AWS::S3::Bucket" => "BucketName",
            "AWS::Serverless::Function" => "FunctionName",
            "AWS::Logs::LogGroup" => "LogGroupName",
            _ => "Name",
        };
        let given =
            declared.pointer(&format!("/Properties/{property}")).map(|value| self.resolve(value)).transpose()?;
        match given {
            Some(Value::String(name)) => Ok(name),
            // Bucket names are lower case.
            None if property == "BucketName" => Ok(format!("{}-{id}", self.account.stack).to_lowercase()),
            None => Ok(format!("{}-{id}", self.account.stack)),
            Some(_) => Err(format!("the {property} of {id} is not text")),
        }
    }

    fn kind(&self, id: &str) -> &str {
        self.resources.get(id).and_then(|declared| declared.get("Type")).and_then(Value::as_str).unwrap_or_default()
    }

    fn attribute_call(&self, argument: &Value) -> Result<Value, String> {
        let parts =
            argument.as_array().filter(|parts| parts.len() == 2).ok_or("!GetAtt takes a resource and an attribute")?;
        let part = |index: usize| parts[index].as_str().ok_or("!GetAtt takes names");
        self.attribute(part(0)?, part(1)?).map(Value::String)
    }

    fn attribute(&self, id: &str, attribute: &str) -> Result<String, String> {
        let name = self.name(id)?;
        let account = self.account;
        Ok(match (self.kind(id), attribute) {
            ("AWS::SQS::Queue", "Arn") => account.arn("sqs", &name),
            ("AWS::SQS::Queue", "QueueUrl") => account.queue_url(&name),
            ("AWS::SNS::Topic", "TopicArn") => account.arn("sns", &name),
            ("AWS::SQS::Queue", "QueueName") | ("AWS::SNS::Topic", "TopicName") => name,
            ("AWS::DynamoDB::Table", "Arn") => account.arn("dynamodb", &format!("table/{name}")),
            ("AWS::S3::Bucket", "Arn") => format!("arn:{PARTITION}:s3:::{name}"),
            ("AWS::S3::Bucket", "DomainName") => format!("{name}.s3.amazonaws.com"),
            ("AWS::S3::Bucket", "RegionalDomainName") => format!("{name}.s3.{}.amazonaws.com", account.region),
            ("AWS::Serverless::Function", "Arn") => account.arn("lambda", &format!("function:{name}")),
            ("AWS::Logs::LogGroup", "Arn") => account.arn("logs", &format!("log-group:{name}:*")),
            (
                kind @ ("AWS::SQS::Queue" | "AWS::SNS::Topic" | "AWS::DynamoDB::Table" | "AWS::S3::Bucket"),
                attribute,
            ) if attribute != "StreamArn" => return Err(format!("{id}, an {kind}, has no attribute {attribute}")),
            // A resource that does not exist here still needs a unique value.
            (_, attribute) => account.arn("local", &format!("{name}/{attribute}")),
        })
    }

    fn substitute_call(&self, argument: &Value) -> Result<Value, String> {
        let (text, own) = match argument {
            Value::String(text) => (text.as_str(), None),
            Value::Array(parts) if parts.len() == 2 => {
                (parts[0].as_str().ok_or("!Sub takes a text")?, Some(self.resolve(&parts[1])?))
            }
            _ => return Err("!Sub takes a text, or a list of a text and values".into()),
        };
        self.substitute(text, own.as_ref()).map(Value::String)
    }

    fn substitute(&self, text: &str, own: Option<&Value>) -> Result<String, String> {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let end = rest[start..].find('}').ok_or("!Sub: a ${ is not closed")? + start;
            result.push_str(&rest[..start]);
            let name = rest[start + 2..end].trim();
            // `${!Literal}` stays a literal.
            match name.strip_prefix('!') {
                Some(literal) => result.push_str(&format!("${{{literal}}}")),
                None => result.push_str(&self.named(name, own)?),
            }
            rest = &rest[end + 1..];
        }
        result.push_str(rest);
        Ok(result)
    }

    fn named(&self, name: &str, own: Option<&Value>) -> Result<String, String> {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return plain_text(value).ok_or(format!("!Sub: {name} is not text"));
        }
        match name.split_once('.') {
            Some((id, attribute)) => self.attribute(id, attribute),
            None => plain_text(&self.reference(name)?).ok_or(format!("!Sub: {name} is not text")),
        }
    }

    fn join(&self, argument: &Value) -> Result<Value, String> {
        let resolved = self.resolve(argument)?;
        let parts = resolved.get(1).and_then(Value::as_array);
        let (Some(separator), Some(parts)) = (resolved.get(0).and_then(Value::as_str), parts) else {
            return Err("!Join takes a separator and a list".into());
        };
        let texts: Option<Vec<String>> = parts.iter().map(plain_text).collect();
        Ok(json!(texts.ok_or("!Join: a part is not text")?.join(separator)))
    }

    fn select(&self, argument: &Value) -> Result<Value, String> {
        let resolved = self.resolve(argument)?;
        let index = resolved.get(0).and_then(plain_text).and_then(|text| text.parse::<usize>().ok());
        let chosen = index.and_then(|index| resolved.get(1)?.get(index)).cloned();
        chosen.ok_or_else(|| "!Select takes a number and a list that is long enough".into())
    }

    fn split(&self, argument: &Value) -> Result<Value, String> {
        let resolved = self.resolve(argument)?;
        match (resolved.get(0).and_then(Value::as_str), resolved.get(1).and_then(Value::as_str)) {
            (Some(separator), Some(text)) if !separator.is_empty() => {
                Ok(text.split(separator).map(|part| json!(part)).collect())
            }
            _ => Err("!Split takes a separator and a text".into()),
        }
    }

    fn choose(&self, argument: &Value) -> Result<Value, String> {
        let Some([name, yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return Err("!If takes a condition and two values".into());
        };
        let holds = condition::named(self, name.as_str().ok_or("!If takes the name of a condition")?)?;
        self.resolve(if holds { yes } else { no })
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value, String> {
        let keys = self.resolve(argument)?;
        let key = |index: usize| keys.get(index).and_then(Value::as_str);
        let found = self
            .template
            .get("Mappings")
            .zip(key(0))
            .zip(key(1))
            .zip(key(2))
            .and_then(|(((maps, a), b), c)| maps.get(a)?.get(b)?.get(c));
        found.cloned().ok_or_else(|| "!FindInMap: there is no such entry under Mappings".into())
    }
}

/// A scalar as text.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn no_value() -> Value {
    json!({ "AWS::NoValue": true })
}

/// Whether `value` is the value of `!Ref AWS::NoValue`.
pub(super) fn is_no_value(value: &Value) -> bool {
    *value == no_value()
}
