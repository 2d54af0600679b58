//! Enquiries and public records. Neither has an identity of its own, so those of several reports are added up.

use crate::factor::{Factor, Missing, count};
use crate::report::RecordStatus;
use crate::view::View;
use crate::window::holds_day;

/// Hard enquiries within the window.
pub fn enquiries(view: &View<'_>, window: i32) -> Factor {
    let (mut rows, mut silent) = (Vec::new(), Vec::new());
    for source in &view.sources {
        match &source.report.enquiries {
            None => silent.push(format!("{}{}", source.prefix, source.report.path)),
            Some(all) => {
                let counted = all.iter().filter(|one| one.hard && holds_day(one.date, view.as_of, window));
                rows.extend(counted.map(|one| format!("{}{}", source.prefix, one.path)));
            }
        }
    }
    counted(rows, silent)
}

/// Public records other than dismissed ones.
pub fn public_records(view: &View<'_>) -> Factor {
    let (mut rows, mut silent) = (Vec::new(), Vec::new());
    for source in &view.sources {
        match &source.report.public_records {
            None => silent.push(format!("{}{}", source.prefix, source.report.path)),
            Some(all) => {
                let counted = all.iter().filter(|one| one.status != RecordStatus::Dismissed);
                rows.extend(counted.map(|one| format!("{}{}", source.prefix, one.path)));
            }
        }
    }
    counted(rows, silent)
}

fn counted(rows: Vec<String>, silent: Vec<String>) -> Factor {
    if silent.is_empty() { Factor::of(count(&rows), rows) } else { Factor::missing(Missing::NotInReport, silent) }
}
