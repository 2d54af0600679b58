//! Leaves out the lines of schedules that split a net block into gross block and depreciation; the figures stage takes both
//! from them.

use domain::statement::{LineRole, StatementKind};

use super::draft::Draft;
use crate::row::RowCode;
use crate::schedule;

const GROSS_BLOCK: RowCode = row!("III.35");
const NET_BLOCK: RowCode = row!("III.37");
const DEPRECIATION: RowCode = row!("III.36");

/// Confidence that lines whose amounts split the net block to the last digit are its schedule.
const SPLIT_CONFIDENCE: f64 = 0.97;

/// Marks the net blocks that a schedule splits, and the lines of such schedules.
pub(super) fn resolve(drafts: &mut [Draft]) {
    let schedules = schedules(drafts);
    // A statement that prints depreciation itself prints the gross block, not the net one.
    let prints_both = |own: &Draft| {
        drafts.iter().any(|draft| std::ptr::eq(draft.statement, own.statement) && draft.choice.row == DEPRECIATION)
    };
    let is_net = |at: &usize| is_net_block(&drafts[*at]) && !prints_both(&drafts[*at]);
    let faces: Vec<usize> = (0..drafts.len()).filter(is_net).collect();
    for face in faces {
        let (statement, line) = (drafts[face].statement, drafts[face].line);
        // A schedule may be there several times, as the statement may.
        let splits = |from: usize| {
            let schedule = drafts[from].statement;
            (0..statement.columns.len()).any(|column| schedule::split(schedule, statement, line, column).is_some())
        };
        let found: Vec<(usize, usize)> = schedules.iter().copied().filter(|(from, _)| splits(*from)).collect();
        if found.is_empty() {
            continue;
        }
        for draft in found.iter().flat_map(|(from, to)| *from..*to) {
            let draft = &mut drafts[draft];
            draft.ignore("part of the schedule of fixed assets, which splits the net block", SPLIT_CONFIDENCE);
            draft.in_schedule = true;
        }
        let choice = &mut drafts[face].choice;
        choice.row = GROSS_BLOCK;
        choice.confidence = SPLIT_CONFIDENCE;
        "the net block, which the schedule of fixed assets splits into gross block and depreciation"
            .clone_into(&mut choice.reason);
    }
}

fn is_net_block(draft: &Draft) -> bool {
    draft.statement.kind == StatementKind::BalanceSheet
        && draft.line.role == LineRole::Item
        && [GROSS_BLOCK, NET_BLOCK].contains(&draft.choice.row)
}

/// The drafts of each statement that may be a schedule, from the first to after the last.
fn schedules(drafts: &[Draft]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < drafts.len() {
        let own = drafts[from].statement;
        let to = from + drafts[from..].iter().take_while(|draft| std::ptr::eq(draft.statement, own)).count();
        if schedule::may_be_schedule(own) {
            found.push((from, to));
        }
        from = to;
    }
    found
}
