//! Generates condition expressions, and provides what all kinds of expressions share.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::attribute::{Attr, Path, number, numbers, path, text, value};

/// An expression and the values of its placeholders.
#[derive(Debug, Clone, Default)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) names: BTreeMap<String, String>,
    pub(super) values: BTreeMap<String, Attr>,
}

impl Expression {
    /// Appends a placeholder for a value; `prefix` keeps the placeholders of two expressions apart.
    pub(super) fn value(&mut self, prefix: char, value: &Attr) {
        let placeholder = format!(":{prefix}{}", self.values.len());
        self.text.push_str(&placeholder);
        self.values.insert(placeholder, value.clone());
    }

    /// Appends a path and defines its placeholders, except for one that is always left undefined.
    pub(super) fn path(&mut self, path: &Path) {
        for (placeholder, name) in [("#status", "status"), ("#new", "new")] {
            if path.0.contains(placeholder) {
                self.names.insert(placeholder.to_owned(), name.to_owned());
            }
        }
        self.text.push_str(path.0);
    }

    /// Appends text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds the placeholders of `other`, which belongs to the same call.
    pub(super) fn and(mut self, other: Option<&Self>) -> Self {
        if let Some(other) = other {
            self.names.extend(other.names.clone());
            self.values.extend(other.values.clone());
        }
        self
    }
}

#[derive(Debug, Clone)]
enum Operand {
    Path(Path),
    Value(Attr),
    Size(Path),
}

#[derive(Debug, Clone)]
enum Condition {
    Compare(Operand, &'static str, Operand),
    Between(Path, Attr, Attr),
    In(Path, Vec<Attr>),
    Call(&'static str, Path),
    CallWith(&'static str, Path, Attr),
    Both(Box<Condition>, &'static str, Box<Condition>),
    Not(Box<Condition>),
}

/// Conditions for a write, or filters for a query.
pub(super) fn condition() -> impl Strategy<Value = Expression> {
    tree().prop_map(|tree| {
        let mut expression = Expression::default();
        write(&mut expression, &tree);
        expression
    })
}

fn tree() -> impl Strategy<Value = Condition> {
    let operator = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let comparable = || prop_oneof![3 => number(), 3 => text(), 1 => value()];
    let leaf = prop_oneof![
        6 => (operand(), operator, value_operand()).prop_map(|(a, operator, b)| Condition::Compare(a, operator, b)),
        1 => (path(), prop::sample::select(vec![("0", "10"), ("1", "1"), ("-1", "1.50")])).prop_map(|(path, (low, high))| {
            Condition::Between(path, Attr::N(low.to_owned()), Attr::N(high.to_owned()))
        }),
        1 => (path(), prop::collection::vec(comparable(), 1..4)).prop_map(|(path, of)| Condition::In(path, of)),
        4 => (prop::sample::select(vec!["attribute_exists", "attribute_not_exists"]), path())
            .prop_map(|(call, path)| Condition::Call(call, path)),
        1 => (path(), text()).prop_map(|(path, prefix)| Condition::CallWith("begins_with", path, prefix)),
        2 => (path(), prop_oneof![text(), number(), numbers()])
            .prop_map(|(path, part)| Condition::CallWith("contains", path, part)),
        1 => (path(), prop::sample::select(vec!["S", "N", "M", "NS", "NULL", "X"]))
            .prop_map(|(path, kind)| Condition::CallWith("attribute_type", path, Attr::S(kind.to_owned()))),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["AND", "OR", "and"]), inner.clone())
                .prop_map(|(a, word, b)| Condition::Both(Box::new(a), word, Box::new(b))),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        6 => path().prop_map(Operand::Path),
        1 => path().prop_map(Operand::Size),
    ]
}

fn value_operand() -> impl Strategy<Value = Operand> {
    prop_oneof![3 => number(), 3 => text(), 1 => value()].prop_map(Operand::Value)
}

fn write(into: &mut Expression, condition: &Condition) {
    match condition {
        Condition::Compare(a, operator, b) => {
            write_operand(into, a);
            into.push(&format!(" {operator} "));
            write_operand(into, b);
        }
        Condition::Between(path, low, high) => {
            into.path(path);
            into.push(" BETWEEN ");
            into.value('c', low);
            into.push(" AND ");
            into.value('c', high);
        }
        Condition::In(path, of) => {
            into.path(path);
            into.push(" IN (");
            for (index, value) in of.iter().enumerate() {
                into.push(if index == 0 { "" } else { ", " });
                into.value('c', value);
            }
            into.push(")");
        }
        Condition::Call(call, path) => {
            into.push(&format!("{call}("));
            into.path(path);
            into.push(")");
        }
        Condition::CallWith(call, path, value) => {
            into.push(&format!("{call}("));
            into.path(path);
            into.push(", ");
            into.value('c', value);
            into.push(")");
        }
        Condition::Both(a, word, b) => {
            into.push("(");
            write(into, a);
            into.push(&format!(") {word} ("));
            write(into, b);
            into.push(")");
        }
        Condition::Not(inner) => {
            into.push("NOT (");
            write(into, inner);
            into.push(")");
        }
    }
}

fn write_operand(into: &mut Expression, operand: &Operand) {
    match operand {
        Operand::Path(path) => into.path(path),
        Operand::Value(value) => into.value('c', value),
        Operand::Size(path) => {
            into.push("size(");
            into.path(path);
            into.push(")");
        }
    }
}
