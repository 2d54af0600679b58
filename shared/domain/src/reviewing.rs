//! Who works on a review: a claim that lapses, so that two reviewers do not do the same work, and nobody's absence blocks it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::RunNumber;
use crate::person::UserId;

/// How long a claim lasts after it was taken or last renewed, in seconds.
pub const REVIEW_CLAIM_SECS: u32 = 1_800;

/// A reviewer's claim to a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewClaim {
    /// Who holds it.
    pub holder: UserId,
    /// The run whose review it is about.
    pub run: RunNumber,
    /// When it lapses.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub until: Timestamp,
}

impl ReviewClaim {
    /// Whether it keeps `user` from the review of `run`.
    #[must_use]
    pub fn excludes(&self, user: &UserId, run: RunNumber, now: Timestamp) -> bool {
        self.holder != *user && self.run == run && self.until > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_excludes_others_from_its_run_until_it_lapses() {
        let at = |second| Timestamp::from_second(second).unwrap_or_default();
        let (Ok(rita), Ok(rolf)) = ("rita".parse::<UserId>(), "rolf".parse::<UserId>()) else {
            unreachable!("user ids")
        };
        let (run, later) = (RunNumber::FIRST, RunNumber::FIRST.next());
        let claim = ReviewClaim { holder: rita.clone(), run, until: at(100) };
        assert!(claim.excludes(&rolf, run, at(99)));
        assert!(!claim.excludes(&rolf, run, at(100)), "it lapses at that moment");
        assert!(!claim.excludes(&rolf, run, at(101)));
        assert!(!claim.excludes(&rolf, later, at(99)), "a later run is another review");
        assert!(!claim.excludes(&rita, run, at(99)), "its holder");
    }
}
