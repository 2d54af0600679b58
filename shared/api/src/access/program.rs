//! Programs that sign their requests with AWS credentials. The gateway checks the signature and names the principal; which firm
//! and which roles a principal has is configured. A principal that is not configured is nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use axum::http::Extensions;
use domain::id::FirmId;
use domain::person::{Person, Role, UserId};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The principal of a request on a route that takes IAM signatures, as the gateway names it in the context of the request. None
/// if the gateway names nobody. Only whoever reads that context may make one: never from a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(pub Option<String>);

/// The programs that may use the API, by principal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs(BTreeMap<String, Person>);

/// Why a list of programs cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrograms {
    /// It is not the JSON that it should be.
    #[error(
        "at line {line}, column {column} it is not what it should be; write {{\"ARN of a role or user\": {{\"firm\": \"…\", \"roles\": [\"preparer\" | \"reviewer\" | \"operator\"]}}}}"
    )]
    Malformed {
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error, from 1.
        column: usize,
    },
    /// A principal is not the ARN of a role or a user.
    #[error(
        "principal {0} is not the ARN of one role (arn:aws:iam::ACCOUNT:role/NAME) or user, or its name has a comma or is too long"
    )]
    Principal(usize),
    /// A principal is named twice.
    #[error("principal {0} is the same as an earlier one: a role's sessions do not name its path")]
    Twice(usize),
    /// A program has no role.
    #[error("principal {0} has no roles, so it could do nothing that takes one")]
    NoRole(usize),
}

impl Programs {
    /// Reads the list: an object whose keys are ARNs of roles or users.
    ///
    /// # Errors
    /// [`InvalidPrograms`] names the place and the rule, never the text.
    pub fn parse(text: &str) -> Result<Self, InvalidPrograms> {
        let listed: Listed = serde_json::from_str(text)
            .map_err(|error| InvalidPrograms::Malformed { line: error.line(), column: error.column() })?;
        let mut programs = BTreeMap::new();
        for (number, (arn, program)) in (1..).zip(listed.0) {
            let principal = principal(&arn).ok_or(InvalidPrograms::Principal(number))?;
            if program.roles.is_empty() {
                return Err(InvalidPrograms::NoRole(number));
            }
            let user = user(&principal).ok_or(InvalidPrograms::Principal(number))?;
            let person = Person { firm: program.firm, user, roles: program.roles };
            if programs.insert(principal, person).is_some() {
                return Err(InvalidPrograms::Twice(number));
            }
        }
        Ok(Self(programs))
    }

    /// The program that signed a request on an IAM route, as a person of its firm. `None` on every other route.
    pub(super) fn of(&self, extensions: &Extensions) -> Option<Option<Person>> {
        let Principal(arn) = extensions.get()?;
        Some(arn.as_deref().and_then(principal).and_then(|principal| self.0.get(&principal).cloned()))
    }
}

/// The listed programs in their order, repeated keys included.
struct Listed(Vec<(String, Program)>);

/// What is configured of a program.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    firm: FirmId,
    roles: BTreeSet<Role>,
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Listed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of programs by principal")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listed, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Listed(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// What identifies a principal: a role by its account and name, whatever its session and its path; a user by its ARN. The ARN of
/// a session (`arn:aws:sts::1:assumed-role/NAME/SESSION`) names no path, and names of roles are unique in an account.
fn principal(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = parts.as_slice() else { return None };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    if !is_account || !partition.starts_with("aws") || !resource.chars().all(plain) {
        return None;
    }
    let (kind, rest) = resource.split_once('/')?;
    let names: Vec<&str> = rest.split('/').collect();
    if names.iter().any(|name| name.is_empty()) {
        return None;
    }
    let last = names.last()?;
    match (*service, kind, names.as_slice()) {
        ("iam", "role", _) => Some(format!("arn:{partition}:iam::{account}:role/{last}")),
        ("sts", "assumed-role", [role] | [role, _]) => Some(format!("arn:{partition}:iam::{account}:role/{role}")),
        ("iam", "user", _) => Some(format!("arn:{partition}:iam::{account}:user/{rest}")),
        _ => None,
    }
}

/// The name under which a program appears in audit entries: `iam:ACCOUNT:role/NAME`. It is never shortened, since two programs
/// must not look like one.
fn user(principal: &str) -> Option<UserId> {
    let (_, rest) = principal.split_once(":iam::")?;
    format!("iam:{rest}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/loader";

    fn refused(text: &str) -> Option<InvalidPrograms> {
        Programs::parse(text).err()
    }

    #[test]
    fn a_roles_sessions_and_its_arn_are_one_principal() {
        for same in [
            ROLE,
            "arn:aws:iam::123456789012:role/team/a/loader",
            "arn:aws:sts::123456789012:assumed-role/loader/s",
            "arn:aws:sts::123456789012:assumed-role/loader",
        ] {
            assert_eq!(principal(same).as_deref(), Some(ROLE), "{same}");
        }
        let user = "arn:aws:iam::123456789012:user/team/robot";
        assert_eq!(principal(user).as_deref(), Some(user));
    }

    #[test]
    fn nothing_else_is_a_principal() {
        for other in [
            "",
            "loader",
            "*",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::12345678901:role/loader",
            "arn:aws:iam::1234567890123:role/loader",
            "arn:aws:iam::123456789012:group/loader",
            "arn:aws:sts::123456789012:federated-user/loader",
            "arn:aws:sts::123456789012:assumed-role/loader/s/t",
            "arn:aws:sts::123456789012:role/loader",
            "arn:aws:iam:us-east-1:123456789012:role/loader",
            "arn:aws:iam::123456789012:role//loader",
            "arn:other:iam::123456789012:role/loader",
            " arn:aws:iam::123456789012:role/loader",
        ] {
            assert_eq!(principal(other), None, "{other}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_used_is_refused_with_its_place_and_without_its_text() {
        let program = r#"{"firm": "acme", "roles": ["preparer"]}"#;
        assert_eq!(Programs::parse("{}"), Ok(Programs::default()));
        assert!(Programs::parse(&format!(r#"{{"{ROLE}": {program}}}"#)).is_ok());
        let elsewhere = ROLE.replace("role/", "role/team/");
        assert_eq!(
            refused(&format!(r#"{{"{ROLE}": {program}, "{elsewhere}": {program}}}"#)),
            Some(InvalidPrograms::Twice(2))
        );
        assert_eq!(
            refused(&format!(r#"{{"{ROLE}": {program}, "{ROLE}": {program}}}"#)),
            Some(InvalidPrograms::Twice(2))
        );
        assert_eq!(refused(&format!(r#"{{"*": {program}}}"#)), Some(InvalidPrograms::Principal(1)));
        assert_eq!(
            refused(&format!(r#"{{"{ROLE}": {{"firm": "acme", "roles": []}}}}"#)),
            Some(InvalidPrograms::NoRole(1))
        );
        for malformed in [
            "",
            "[]",
            "{",
            "null",
            r#"{"a": 1}"#,
            &format!(r#"{{"{ROLE}": {{"firm": "acme"}}}}"#),
            &format!(r#"{{"{ROLE}": {{"firm": "a#b", "roles": ["preparer"]}}}}"#),
            &format!(r#"{{"{ROLE}": {{"firm": "acme", "roles": ["admin"]}}}}"#),
            &format!(r#"{{"{ROLE}": {{"firm": "acme", "roles": ["preparer"], "rolse": []}}}}"#),
        ] {
            let why = refused(malformed);
            assert!(matches!(why, Some(InvalidPrograms::Malformed { .. })), "{malformed}: {why:?}");
            assert!(!why.map(|why| why.to_string()).unwrap_or_default().contains("admin"));
        }
    }

    #[test]
    fn a_program_has_a_name_in_audit_entries() {
        assert_eq!(user(ROLE).map(|user| user.to_string()).as_deref(), Some("iam:123456789012:role/loader"));
    }
}
