//! Reads the SAM template that is deployed.

mod condition;
mod intrinsic;
mod resource;
pub mod stack;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::account::Account;
use intrinsic::Resolver;
pub use stack::Stack;

/// One resource of a template, of any type.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Its type, e.g. `AWS::IAM::Role`.
    pub kind: String,
    /// Its properties, with all references resolved and without what `Globals` adds.
    pub properties: Value,
}

/// Every resource of the template `text` whose condition holds, by logical id.
///
/// # Errors
/// As [`Stack::parse`].
pub fn declared(
    text: &str,
    account: &Account,
    parameters: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Declared>, TemplateError> {
    let template = yaml::read(text)?;
    let resources = template.get("Resources").and_then(Value::as_object).ok_or(TemplateError::Missing("Resources"))?;
    let resolver = Resolver::new(&template, resources, account, parameters);
    let mut all = BTreeMap::new();
    for (id, declared) in resources {
        if condition::holds(&resolver, id, declared)? {
            let kind = declared.get("Type").and_then(Value::as_str).unwrap_or_default().to_owned();
            let given = declared.get("Properties").cloned().unwrap_or_default();
            let properties = resolver.resolve(&given).map_err(|problem| TemplateError::Property {
                resource: id.clone(),
                property: "Properties".to_owned(),
                problem,
            })?;
            all.insert(id.clone(), Declared { kind, properties });
        }
    }
    Ok(all)
}

/// The `CodeUri` of every function of the template `text`, those included whose condition does not hold: a tool that uploads the
/// code does not look at conditions.
///
/// # Errors
/// When it is not YAML, or has no resources.
pub fn code_uris(text: &str) -> Result<BTreeSet<String>, TemplateError> {
    let template = yaml::read(text)?;
    let resources = template.get("Resources").and_then(Value::as_object).ok_or(TemplateError::Missing("Resources"))?;
    let functions = resources.values().filter(|declared| declared["Type"] == "AWS::Serverless::Function");
    Ok(functions.filter_map(|function| function["Properties"]["CodeUri"].as_str().map(str::to_owned)).collect())
}

/// Why a template cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(String),
    /// A part that every template needs is missing.
    #[error("the template has no {0}")]
    Missing(&'static str),
    /// A property of a resource is wrong.
    #[error("{resource}: {property}: {problem}")]
    Property {
        /// The resource's logical id.
        resource: String,
        /// The property, with dots between its parts.
        property: String,
        /// What is wrong, and what to write instead.
        problem: String,
    },
}

impl Stack {
    /// Parses the SAM template `text` for a stack in `account`, with its parameters at their defaults.
    ///
    /// Only functions, queues, tables, buckets and topics are read. A reference to another resource gives a made-up name.
    ///
    /// # Errors
    /// When it is not YAML, or a property cannot be resolved; the error names the resource and the property.
    ///
    /// ```
    /// use engine::{Account, Stack};
    /// let stack = Stack::parse("
    /// Resources:
    ///   Letters: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: 90 } }
    /// ", &Account::default()).unwrap();
    /// assert_eq!(stack.queues["Letters"].visibility_timeout_s, 90);
    /// ```
    pub fn parse(text: &str, account: &Account) -> Result<Self, TemplateError> {
        Self::parse_with(text, account, &BTreeMap::new())
    }

    /// Like [`Stack::parse`], with values for parameters by name.
    ///
    /// # Errors
    /// As [`Stack::parse`].
    pub fn parse_with(
        text: &str,
        account: &Account,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Self, TemplateError> {
        let template = yaml::read(text)?;
        let resources =
            template.get("Resources").and_then(Value::as_object).ok_or(TemplateError::Missing("Resources"))?;
        let resolver = Resolver::new(&template, resources, account, parameters);
        let globals = template.pointer("/Globals/Function").and_then(Value::as_object);
        let mut stack = Self::default();
        for (logical_id, declared) in resources {
            if condition::holds(&resolver, logical_id, declared)? {
                let properties = declared.get("Properties").and_then(Value::as_object).cloned().unwrap_or_default();
                let kind = declared.get("Type").and_then(Value::as_str).unwrap_or_default();
                add(&mut stack, &resolver, logical_id, kind, properties, globals)?;
            }
        }
        Ok(stack)
    }
}

fn add(
    stack: &mut Stack,
    resolver: &Resolver<'_>,
    logical_id: &str,
    kind: &str,
    properties: Map<String, Value>,
    globals: Option<&Map<String, Value>>,
) -> Result<(), TemplateError> {
    let id = logical_id.to_owned();
    let at = |properties| resource::Properties::new(resolver, logical_id, properties);
    match kind {
        "AWS::DynamoDB::Table" => drop(stack.tables.insert(id, resource::table(&at(properties))?)),
        "AWS::SQS::Queue" => drop(stack.queues.insert(id, resource::queue(&at(properties))?)),
        "AWS::S3::Bucket" => drop(stack.buckets.insert(id, resource::bucket(&at(properties))?)),
        "AWS::SNS::Topic" => drop(stack.topics.insert(id, resource::topic(&at(properties))?)),
        "AWS::Serverless::Function" => {
            let merged = resource::merge_globals(globals, properties);
            drop(stack.functions.insert(id, resource::function(&at(merged))?));
        }
        _ => {}
    }
    Ok(())
}
