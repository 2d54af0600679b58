//! Finds the lines of a zone in a text, and fits those that a scan broke, joined or padded.

use std::collections::BTreeSet;

use mrz::{MrzData, ParseOptions};

use crate::error::ReadError;
use crate::finding::Finding;

/// The forms of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Identity cards: three lines of 30.
    Td1,
    /// Larger cards: two lines of 36.
    Td2,
    /// Passports: two lines of 44.
    Td3,
}

impl Form {
    const ALL: [Self; 3] = [Self::Td3, Self::Td1, Self::Td2];

    /// Number of lines and characters of each.
    fn size(self) -> (usize, usize) {
        match self {
            Self::Td1 => (3, 30),
            Self::Td2 => (2, 36),
            Self::Td3 => (2, 44),
        }
    }

    fn begins_with(self, first: char) -> bool {
        match self {
            Self::Td3 => matches!(first, 'P' | 'V'),
            Self::Td1 => matches!(first, 'I' | 'A' | 'C'),
            Self::Td2 => matches!(first, 'I' | 'A' | 'C' | 'P' | 'V'),
        }
    }

    /// The line that holds the name, from 0, and where in it the name begins.
    fn name(self) -> (usize, usize) {
        match self {
            Self::Td1 => (2, 0),
            Self::Td2 | Self::Td3 => (0, 5),
        }
    }

    /// Whether the line, from 0, ends in fillers that a scan may lose: the others end in a check digit.
    fn may_be_padded(self, line: usize) -> bool {
        match self {
            Self::Td1 => line != 1,
            Self::Td2 | Self::Td3 => line == 0,
        }
    }
}

/// A line of the text that may belong to a zone.
struct Line {
    text: String,
    /// A blank inside it was read as a filler, or left out.
    blank: Option<String>,
    /// A character that resembles fillers was read as such.
    read: bool,
    folded: bool,
}

/// Lines that may be a zone.
struct Candidate {
    form: Form,
    lines: Vec<String>,
    findings: Vec<Finding>,
}

/// The zone of a text: of the ways to find one, that in which most check digits agree.
pub fn find(text: &str, findings: &mut Vec<Finding>) -> Result<(Form, Vec<String>), ReadError> {
    let text = text.replace("&lt;", "<");
    let lines: Vec<Option<Line>> = text.lines().filter(|line| !line.trim().is_empty()).map(clean).collect();
    let mut best: Option<(usize, Candidate)> = None;
    let mut whole = BTreeSet::new();
    for at in 0..lines.len() {
        let rest = lines.get(at..).unwrap_or_default();
        whole.extend(Form::ALL.iter().filter_map(|form| fitted(*form, rest)).filter(is_zone).map(|found| found.lines));
        for candidate in Form::ALL.iter().flat_map(|form| [fitted(*form, rest), joined(*form, rest)]).flatten() {
            let agreeing = agreeing(&candidate);
            if best.as_ref().is_none_or(|(most, _)| agreeing > *most) {
                best = Some((agreeing, candidate));
            }
        }
    }
    let Some((_, candidate)) = best else { return Err(not_found(&lines)) };
    if candidate.lines.first().is_some_and(|line| line.starts_with('V')) {
        return Err(ReadError::ZoneKind);
    }
    findings.extend(candidate.findings);
    if whole.iter().any(|lines| *lines != candidate.lines) {
        findings.push(Finding::AnotherZone);
    }
    note_doubtful(candidate.form, &candidate.lines, findings);
    Ok((candidate.form, candidate.lines))
}

/// A line with everything that stands for a filler as one. `None` if it has a character that no zone has.
fn clean(raw: &str) -> Option<Line> {
    let (mut text, mut read, mut folded) = (String::new(), false, false);
    // A label in front of the zone is no part of it.
    let raw = raw.rsplit(':').next().unwrap_or_default();
    for c in raw.trim().trim_start_matches('\u{feff}').chars() {
        match c {
            'A'..='Z' | '0'..='9' | '<' => text.push(c),
            'a'..='z' => {
                text.push(c.to_ascii_uppercase());
                folded = true;
            }
            '«' => {
                text.push_str("<<");
                read = true;
            }
            '‹' | '＜' | '〈' | '˂' | '≤' | '-' | '–' | '—' | '_' => {
                text.push('<');
                read = true;
            }
            c if c.is_whitespace() => text.push(' '),
            _ => return None,
        }
    }
    let filled = text.contains(' ').then(|| text.replace(' ', "<"));
    text.retain(|c| c != ' ');
    // Prose in small letters is no zone.
    let like_zone = text.contains('<') || text.len() >= 20 && text.contains(|c: char| c.is_ascii_digit());
    (!folded || like_zone).then_some(Line { text, blank: filled, read, folded })
}

/// As many lines as the form has, each of its length or fitted to it.
fn fitted(form: Form, lines: &[Option<Line>]) -> Option<Candidate> {
    let (count, width) = form.size();
    let mut candidate = Candidate { form, lines: Vec::new(), findings: Vec::new() };
    for (index, line) in lines.iter().take(count).enumerate() {
        let line = line.as_ref()?;
        let number = index + 1;
        // Blanks are left out, unless the line lacks its length or any filler without them.
        let stands_for_fillers = |filled: &&String| {
            let only = form.may_be_padded(index) && !line.text.contains('<');
            line.text.len() != width && (filled.len() == width || filled.len() < width && only)
        };
        let filled = line.blank.as_ref().filter(stands_for_fillers);
        let text = filled.unwrap_or(&line.text);
        if filled.is_some() || line.read {
            candidate.findings.push(Finding::FillerRead { line: number });
        }
        if line.folded {
            candidate.findings.push(Finding::CaseFolded { line: number });
        }
        let excess = text.get(width..).unwrap_or_default();
        let short = text.len() < width && form.may_be_padded(index) && text.contains('<');
        if text.len() != width {
            if !short && (excess.is_empty() || excess.contains(|c| c != '<')) {
                return None;
            }
            candidate.findings.push(Finding::FillersFitted { line: number });
        }
        candidate.lines.push(format!("{:<<width$}", text.get(..width).unwrap_or(text)));
    }
    let begins = candidate.lines.first()?.chars().next().is_some_and(|first| form.begins_with(first));
    (begins && candidate.lines.len() == count).then_some(candidate)
}

/// All the characters of the form in lines of other lengths.
fn joined(form: Form, lines: &[Option<Line>]) -> Option<Candidate> {
    let (count, width) = form.size();
    let mut text = String::new();
    let (mut read, mut folded) = (false, false);
    for line in lines {
        let line = line.as_ref()?;
        text.push_str(&line.text);
        (read, folded) = (read || line.read, folded || line.folded);
        if text.len() >= count * width {
            break;
        }
    }
    let begins = text.starts_with(|first| form.begins_with(first)) && text.contains("<<");
    if !begins || text.len() != count * width {
        return None;
    }
    let mut findings = vec![Finding::LinesJoined];
    findings.extend(read.then_some(Finding::FillerRead { line: 1 }));
    findings.extend(folded.then_some(Finding::CaseFolded { line: 1 }));
    let lines = (0..count).map(|line| text.get(line * width..(line + 1) * width).unwrap_or_default().to_owned());
    Some(Candidate { form, lines: lines.collect(), findings })
}

/// Whether so many check digits agree that this is a zone, and no other lines of its length.
fn is_zone(candidate: &Candidate) -> bool {
    const AGREEING_MIN: u8 = 3;
    parsed(candidate).is_some_and(|data| data.checks.verified() >= AGREEING_MIN)
}

/// How much speaks for a candidate: the check digits that agree, and whether nothing had to be fitted.
fn agreeing(candidate: &Candidate) -> usize {
    let verified = parsed(candidate).map_or(0, |data| usize::from(data.checks.verified()) + 1);
    verified * 2 + usize::from(candidate.findings.is_empty())
}

fn parsed(candidate: &Candidate) -> Option<MrzData> {
    let options = ParseOptions::default().with_pivot_yy(0);
    match (candidate.form, candidate.lines.as_slice()) {
        (Form::Td1, [first, second, third]) => mrz::parse_td1_with(first, second, third, &options).ok(),
        (Form::Td2, [first, second]) => mrz::parse_td2_with(first, second, &options).ok(),
        (Form::Td3, [first, second]) => mrz::parse_td3_with(first, second, &options).ok(),
        _ => None,
    }
}

/// Why there is no zone: nothing that begins like one, or something with another number of characters.
fn not_found(lines: &[Option<Line>]) -> ReadError {
    let begins = |line: &Line| {
        let mut chars = line.text.chars();
        matches!(chars.next(), Some('P' | 'I' | 'A' | 'C')) && line.text.contains("<<")
    };
    let Some(start) = lines.iter().position(|line| line.as_ref().is_some_and(begins)) else { return ReadError::NoZone };
    let run = lines.iter().skip(start).map_while(Option::as_ref);
    ReadError::ZoneLength { got: run.map(|line| line.text.len()).sum() }
}

/// Fewest equal letters at the end of a name that are more likely fillers.
const RUN_MIN: usize = 3;

/// Letters that stand where only fillers belong: behind the name's end, alone among the fillers of optional data, or as a run
/// of one letter at the end of the name.
fn note_doubtful(form: Form, lines: &[String], findings: &mut Vec<Finding>) {
    let (name_line, start) = form.name();
    for (index, line) in lines.iter().enumerate() {
        let chars: Vec<char> = line.chars().collect();
        let doubtful = if index == name_line { in_name(&chars, start) } else { alone(&chars) };
        let line = index + 1;
        findings.extend(doubtful.into_iter().map(|position| Finding::FillerDoubtful { line, position: position + 1 }));
    }
}

fn in_name(chars: &[char], start: usize) -> Vec<usize> {
    let mut ends = chars.windows(2).enumerate().skip(start).filter(|(_, pair)| *pair == ['<', '<']).map(|(at, _)| at);
    let separator = ends.next();
    // Behind the separator of family and given names, two fillers end the name.
    let end = separator.and_then(|first| {
        let given = chars.iter().enumerate().skip(first).find(|(_, c)| **c != '<').map(|(at, _)| at)?;
        ends.find(|at| *at > given)
    });
    let mut doubtful: Vec<usize> = match end {
        Some(end) => chars.iter().enumerate().skip(end).filter(|(_, c)| **c != '<').map(|(at, _)| at).collect(),
        None => Vec::new(),
    };
    let last = chars.iter().rposition(|c| *c != '<');
    let separated = separator.is_some_and(|at| last.is_some_and(|last| at < last));
    if !separated {
        // The two fillers between family and given names may themselves have been misread.
        let pairs =
            chars.windows(2).enumerate().skip(start).filter(|(_, pair)| matches!(pair, ['K', 'K'] | ['C', 'C']));
        doubtful.extend(pairs.map(|(at, _)| at).take(1));
    }
    if let Some(last) = last
        && let Some(letter) = chars.get(last)
    {
        let run = chars.iter().take(last + 1).rev().take_while(|c| *c == letter).count();
        if run >= RUN_MIN && !doubtful.contains(&last) {
            doubtful.push(last + 1 - run);
        }
    }
    doubtful
}

fn alone(chars: &[char]) -> Vec<usize> {
    let among = |window: &[char]| matches!(window, ['<', '<', middle, '<', '<'] if middle.is_ascii_uppercase());
    chars.windows(5).enumerate().filter(|(_, window)| among(window)).map(|(at, _)| at + 2).collect()
}
