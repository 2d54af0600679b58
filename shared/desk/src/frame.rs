//! What every page has around its content: who is signed in, where one can go, and the result of the last action.

use domain::person::{Person, Role};

use crate::asset::{self, Asset};

/// The part of the desk that a page belongs to, which the navigation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Orders,
    NewOrder,
    Review,
    Failures,
    None,
}

/// The frame of a page.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frame {
    /// Who is signed in; nobody on the page that says how to get in.
    pub person: Option<Person>,
    /// Whether this is a laptop and not a deployed stage. The page says so, and offers to change the role: `POST /role` with
    /// `role` as [`Role::as_str`].
    pub is_local: bool,
    /// Result of the last action, to show once.
    pub flash: Option<Flash>,
}

/// The result of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Whether it worked.
    pub kind: FlashKind,
    /// What happened and, if it did not work, what to do.
    pub text: String,
}

/// Whether an action worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    /// It was done.
    Done,
    /// It was refused because something else has happened meanwhile, or a field is missing: nothing changed.
    Refused,
    /// It failed.
    Failed,
}

impl FlashKind {
    /// The word for it, as class and as text.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Refused => "Not done",
            Self::Failed => "Failed",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

impl Frame {
    /// A frame for somebody who is signed in, with nothing to say.
    #[must_use]
    pub fn of(person: Person, is_local: bool) -> Self {
        Self { person: Some(person), is_local, flash: None }
    }

    /// A frame for nobody in particular, as on the page that says how to get in.
    #[must_use]
    pub fn nobody(is_local: bool) -> Self {
        Self { person: None, is_local, flash: None }
    }

    /// The same frame with the result of an action.
    #[must_use]
    pub fn with(mut self, kind: FlashKind, text: impl Into<String>) -> Self {
        self.flash = Some(Flash { kind, text: text.into() });
        self
    }

    /// Whether the person has one of these roles.
    pub(crate) fn is_any_of(&self, roles: &[Role]) -> bool {
        self.person.as_ref().is_some_and(|person| person.is_any_of(roles))
    }

    pub(crate) fn may_order(&self) -> bool {
        self.is_any_of(&[Role::Preparer, Role::Operator])
    }

    pub(crate) fn is_operator(&self) -> bool {
        self.is_any_of(&[Role::Operator])
    }

    /// The person's roles in words.
    pub(crate) fn roles(&self) -> String {
        let roles = self.person.iter().flat_map(|person| &person.roles);
        roles.map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The symbol of the page.
    pub(crate) fn icon(&self) -> &'static Asset {
        if self.is_local { &asset::LOCAL_ICON } else { &asset::ICON }
    }
}
