//! Generates update expressions.

use proptest::prelude::*;

use super::attribute::{Attr, Path, number, numbers, path, text, texts, value};
use super::condition::Expression;

#[derive(Debug, Clone)]
enum NewValue {
    Path(Path),
    Value(Attr),
    IfNotExists(Path, Attr),
    ListAppend(Path, Attr),
    Sum(Path, &'static str, Attr),
    SumOrFirst(Path, Attr),
}

#[derive(Debug, Clone, Default)]
struct Change {
    set: Vec<(Path, NewValue)>,
    remove: Vec<Path>,
    add: Vec<(Path, Attr)>,
    delete: Vec<(Path, Attr)>,
}

/// Update expressions for an item.
pub(super) fn update() -> impl Strategy<Value = Expression> {
    let set = prop::collection::vec((path(), new_value()), 0..3);
    let whole = ["#status", "revision", "n", "m", "l", "ns", "ss", "s", "firm_id", "created_at", "due", "absent"];
    let whole = prop::sample::select(whole.to_vec()).prop_map(Path);
    let remove = prop::collection::vec(prop_oneof![12 => whole, 1 => path()], 0..2);
    let add = prop::collection::vec(addition(), 0..2);
    let delete = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(subtraction(), 1..2)];
    (set, remove, add, delete).prop_map(|(set, remove, add, delete)| {
        let mut change = Change { set, remove, add, delete };
        change.keep_apart();
        write(&change)
    })
}

impl Change {
    /// Keeps one change per attribute: no two paths of an expression may overlap.
    fn keep_apart(&mut self) {
        let mut roots = Vec::new();
        let mut first = |path: &Path| {
            let root = path.0.split(['.', '[']).next();
            let new = !roots.contains(&root);
            roots.push(root);
            new
        };
        self.set.retain(|(path, _)| first(path));
        self.remove.retain(&mut first);
        self.add.retain(|(path, _)| first(path));
        self.delete.retain(|(path, _)| first(path));
        if roots.is_empty() {
            self.remove.push(Path("absent"));
        }
    }
}

fn new_value() -> impl Strategy<Value = NewValue> {
    let sign = prop::sample::select(vec!["+", "-"]);
    prop_oneof![
        5 => prop_oneof![2 => number(), 2 => text(), 2 => value()].prop_map(NewValue::Value),
        1 => path().prop_map(NewValue::Path),
        3 => (path(), value()).prop_map(|(path, default)| NewValue::IfNotExists(path, default)),
        1 => (prop_oneof![3 => Just(Path("l")), 1 => path()], prop::collection::vec(number(), 0..2).prop_map(Attr::L))
            .prop_map(|(path, more)| NewValue::ListAppend(path, more)),
        3 => (prop_oneof![3 => Just(Path("revision")), 1 => path()], sign, number())
            .prop_map(|(path, sign, by)| NewValue::Sum(path, sign, by)),
        1 => (path(), number()).prop_map(|(path, by)| NewValue::SumOrFirst(path, by)),
    ]
}

fn addition() -> impl Strategy<Value = (Path, Attr)> {
    prop_oneof![
        4 => (prop::sample::select(vec!["revision", "n", "#status", "absent"]).prop_map(Path), number()),
        4 => (prop::sample::select(vec!["ns", "ns", "absent", "n"]).prop_map(Path), numbers()),
        1 => (Just(Path("ss")), texts()),
    ]
}

fn subtraction() -> impl Strategy<Value = (Path, Attr)> {
    prop_oneof![
        3 => (Just(Path("ns")), numbers()),
        2 => (Just(Path("ss")), texts()),
        1 => (Just(Path("n")), numbers()),
    ]
}

fn write(change: &Change) -> Expression {
    let mut into = Expression::default();
    clause(&mut into, "SET", &change.set, |into, (path, new_value)| {
        into.path(path);
        into.push(" = ");
        write_new_value(into, new_value);
    });
    clause(&mut into, "REMOVE", &change.remove, |into, path| into.path(path));
    let pair = |into: &mut Expression, (path, value): &(Path, Attr)| {
        into.path(path);
        into.push(" ");
        into.value('u', value);
    };
    clause(&mut into, "ADD", &change.add, pair);
    clause(&mut into, "DELETE", &change.delete, pair);
    into
}

fn clause<T>(into: &mut Expression, word: &str, parts: &[T], write: impl Fn(&mut Expression, &T)) {
    for (index, part) in parts.iter().enumerate() {
        into.push(&if index == 0 { format!(" {word} ") } else { ", ".to_owned() });
        write(into, part);
    }
}

fn write_new_value(into: &mut Expression, new_value: &NewValue) {
    let call = |into: &mut Expression, call: &str, path: &Path, value: &Attr| {
        into.push(&format!("{call}("));
        into.path(path);
        into.push(", ");
        into.value('u', value);
        into.push(")");
    };
    match new_value {
        NewValue::Path(path) => into.path(path),
        NewValue::Value(value) => into.value('u', value),
        NewValue::IfNotExists(path, default) => call(into, "if_not_exists", path, default),
        NewValue::ListAppend(path, more) => call(into, "list_append", path, more),
        NewValue::Sum(path, sign, by) => {
            into.path(path);
            into.push(&format!(" {sign} "));
            into.value('u', by);
        }
        NewValue::SumOrFirst(path, by) => {
            call(into, "if_not_exists", path, &Attr::N("0".to_owned()));
            into.push(" + ");
            into.value('u', by);
        }
    }
}
