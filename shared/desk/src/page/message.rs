//! Pages that only say something.

use askama::Template;
use domain::person::Role;

use crate::frame::{Frame, Section};
use crate::{asset, html, icon, word};

/// Something went wrong, or was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPage {
    /// Around it.
    pub frame: Frame,
    /// What it is, in a few words.
    pub title: String,
    /// What happened.
    pub happened: String,
    /// What to do about it.
    pub action: String,
    /// Follows the request through the logs.
    pub correlation_id: Option<String>,
    /// Where to go from here: address and words.
    pub way_on: Option<(String, String)>,
}

/// There is nothing at this address, or nothing of this firm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFoundPage {
    /// Around it.
    pub frame: Frame,
    /// Follows the request through the logs.
    pub correlation_id: Option<String>,
}

/// Nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterPage {
    /// Around it.
    pub frame: Frame,
    /// Address at which one signs in; none on a laptop, where the link that `docket serve` prints lets one in.
    pub sign_in: Option<String>,
    /// Why one is asked, such as that the sign-in has expired.
    pub because: Option<String>,
}

impl ErrorPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&WholeError { page: self })
    }

    pub(crate) fn section(&self) -> Section {
        Section::None
    }
}

impl NotFoundPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        ErrorPage {
            frame: self.frame.clone(),
            title: "Not found".to_owned(),
            happened: "There is nothing at this address, or it belongs to another firm.".to_owned(),
            action: "Check the address. Orders are found in the list.".to_owned(),
            correlation_id: self.correlation_id.clone(),
            way_on: Some(("/".to_owned(), "Orders".to_owned())),
        }
        .render()
    }
}

impl EnterPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&WholeEnter { page: self })
    }

    pub(crate) fn section(&self) -> Section {
        Section::None
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct WholeError<'a> {
    page: &'a ErrorPage,
}

#[derive(Template)]
#[template(path = "enter.html")]
struct WholeEnter<'a> {
    page: &'a EnterPage,
}
