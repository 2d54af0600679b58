//! The people who work on orders, and what each may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use crate::id::FirmId;
use crate::limit::USER_ID_CHARS_MAX;

/// What a person may do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Creates orders, uploads documents and has them processed.
    Preparer,
    /// Decides what Docket is unsure of.
    Reviewer,
    /// Keeps orders moving: retries and cancels them.
    Operator,
}

impl Role {
    /// All roles.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The role as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A person's id within the firm, as whoever signs people in names them: the subject of an OIDC token. It appears in audit
/// entries, so it may only have characters that ids have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(String);

/// A text that is no user id. Names the rule, never the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user id has 1 to {USER_ID_CHARS_MAX} characters out of A-Z, a-z, 0-9 and -_.:@|+=/")]
pub struct InvalidUserId;

impl UserId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserId {
    type Err = InvalidUserId;

    fn from_str(text: &str) -> Result<Self, InvalidUserId> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:@|+=/".contains(c);
        if text.is_empty() || text.len() > USER_ID_CHARS_MAX || !text.chars().all(allowed) {
            return Err(InvalidUserId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for UserId {
    type Error = InvalidUserId;

    fn try_from(text: String) -> Result<Self, InvalidUserId> {
        text.parse()
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Somebody who is signed in: who they are, their firm, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their firm.
    pub firm: FirmId,
    /// Who they are within it.
    pub user: UserId,
    /// What they may do.
    pub roles: BTreeSet<Role>,
}

impl Person {
    /// Whether they have one of these roles.
    #[must_use]
    pub fn is_any_of(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_holds_no_free_text() {
        let longest = "x".repeat(USER_ID_CHARS_MAX);
        for good in ["a", "auth0|5f7c8ec7", "ms.rao@firm.example", &longest] {
            assert_eq!(good.parse::<UserId>().map(|id| id.to_string()).as_deref(), Ok(good));
        }
        for bad in ["", "Ms Rao", "a\nb", "é", "a#b", &format!("{longest}x")] {
            assert_eq!(bad.parse::<UserId>(), Err(InvalidUserId), "{bad:?}");
        }
    }

    #[test]
    fn a_role_reads_as_it_is_written() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        assert!("admin".parse::<Role>().is_err());
    }
}
