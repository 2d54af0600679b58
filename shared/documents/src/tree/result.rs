//! Finds which of the lines above it a profit adds and which it subtracts.

use super::Leaf;
use super::amount::Table;
use super::search::{BITS_MAX, Node};

/// How many lines of unknown sign are tried both ways.
const UNKNOWN_MAX: usize = 7;

/// Lines with their signs, and how much better they make the reading.
type Solved = (Vec<(usize, i8)>, i32);

/// The lines that a result adds up, and how much better that makes the reading; `None` if no signs explain it.
pub fn solve(leaves: &[Leaf], table: &Table, at: usize, nodes: &[Node]) -> Option<Solved> {
    let nodes: Vec<&Node> = nodes.iter().rev().collect();
    let signs: Vec<i8> = nodes.iter().enumerate().map(|(n, node)| likely(leaves, table, node, n == 0)).collect();
    let plus: Vec<i8> = nodes.iter().map(|n| n.sign).collect();
    let net: Vec<i8> = nodes.iter().enumerate().map(|(n, _)| if n == 0 { 1 } else { -1 }).collect();
    for (signs, tries, bits_min) in [(&signs, 0, 0), (&net, 2, 2), (&plus, 2, 2)] {
        if let Some(solved) = tried(table, at, &nodes, signs, (tries, bits_min)) {
            return Some(solved);
        }
    }
    turned(table, at, &nodes, &signs)
}

/// The sign that a line probably has.
fn likely(leaves: &[Leaf], table: &Table, node: &Node, is_first: bool) -> i8 {
    let leaf = &leaves[node.line];
    if leaf.less || is_first {
        return node.sign;
    }
    match leaf.income {
        _ if node.soft => -1,
        Some(true) => node.sign,
        // An amount in brackets lowers the profit, unless it is the opposite of an expense.
        None if table.is_negative(node.line) => 1,
        _ => -node.sign,
    }
}

/// Turns some lines round, fewest first, if exactly one way explains the result.
fn turned(table: &Table, at: usize, nodes: &[&Node], signs: &[i8]) -> Option<Solved> {
    let free: Vec<usize> = (1..nodes.len()).filter(|n| !table.is_nil(nodes[*n].line)).collect();
    if free.is_empty() || free.len() > UNKNOWN_MAX {
        return None;
    }
    let mut masks: Vec<u32> = (1..1_u32 << free.len()).collect();
    masks.sort_by_key(|m| m.count_ones());
    let tries = i32::try_from(free.len()).unwrap_or(i32::MAX) + 4;
    let mut solved: Option<(u32, Solved)> = None;
    for mask in masks {
        if solved.as_ref().is_some_and(|(ones, _)| *ones < mask.count_ones()) {
            break;
        }
        let mut signs = signs.to_vec();
        free.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).for_each(|(_, n)| signs[*n] = -signs[*n]);
        let Some(found) = tried(table, at, nodes, &signs, (tries, 4)) else { continue };
        if solved.is_some() {
            return None;
        }
        solved = Some((mask.count_ones(), found));
    }
    solved.map(|(_, found)| found)
}

fn tried(table: &Table, at: usize, nodes: &[&Node], signs: &[i8], (tries, bits_min): (i32, i32)) -> Option<Solved> {
    let mut sums = table.zero();
    nodes.iter().zip(signs).for_each(|(node, sign)| sums.add(table.row(node.line), *sign));
    let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    let fit = table.fit(at, &sums, count);
    let other = i32::try_from(fit.other).unwrap_or(0);
    let bits = fit.bits.min(BITS_MAX) - tries - 8 * other;
    let sound = fit.same > 0 && fit.same > fit.other && bits >= bits_min;
    sound.then(|| (nodes.iter().zip(signs).map(|(n, s)| (n.line, *s)).collect(), bits))
}
