//! Words of a page, and the lines they stand on.

use pdfplumber::{Page, WordOptions};

/// Letters further apart than this part of their size are of two words.
const WORD_GAP: f64 = 0.25;
/// Words further apart than this part of their size are of two segments.
const SEGMENT_GAP: f64 = 0.9;

/// A word and its box, in points from the page's upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub text: String,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Word {
    /// Height of its letters, by which distances are measured.
    pub fn size(&self) -> f64 {
        (self.bottom - self.top).max(1.0)
    }
}

/// The words that stand on one line, left to right.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub page: u32,
    pub words: Vec<Word>,
}

impl Line {
    /// Its upper edge.
    pub fn top(&self) -> f64 {
        self.words.first().map_or(0.0, |word| word.top)
    }

    /// Its words joined by spaces.
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Its words in groups: the groups are further apart than words of a text.
    pub fn groups(&self) -> Vec<Vec<&Word>> {
        let mut groups: Vec<Vec<&Word>> = Vec::new();
        for word in &self.words {
            match groups.last_mut() {
                Some(group) if group.last().is_some_and(|last| word.left - last.right <= SEGMENT_GAP * word.size()) => {
                    group.push(word)
                }
                _ => groups.push(vec![word]),
            }
        }
        groups
    }

    /// The text of each group.
    pub fn segments(&self) -> Vec<String> {
        let text = |group: &Vec<&Word>| group.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        self.groups().iter().map(text).collect()
    }
}

/// The lines of a page's upright text, top to bottom.
pub(super) fn lines(page: &Page, number: u32) -> Vec<Line> {
    let options = WordOptions { x_tolerance_ratio: Some(WORD_GAP), ..WordOptions::default() };
    let upright = page.filter(|object| !matches!(object, pdfplumber::PageObject::Char(char) if !char.upright));
    let mut words: Vec<Word> = upright
        .extract_words(&options)
        .into_iter()
        .map(|word| Word {
            text: word.text,
            left: word.bbox.x0,
            right: word.bbox.x1,
            top: word.bbox.top,
            bottom: word.bbox.bottom,
        })
        .filter(|word| {
            !word.text.trim().is_empty()
                && [word.left, word.right, word.top, word.bottom].iter().all(|edge| edge.is_finite())
        })
        .collect();
    words.sort_by(|one, other| one.top.total_cmp(&other.top).then(one.left.total_cmp(&other.left)));
    let mut lines: Vec<Line> = Vec::new();
    for word in words {
        let middle = f64::midpoint(word.top, word.bottom);
        let on =
            |line: &&mut Line| line.words.first().is_some_and(|first| middle >= first.top && middle <= first.bottom);
        match lines.iter_mut().rev().take(4).find(on) {
            Some(line) => line.words.push(word),
            None => lines.push(Line { page: number, words: vec![word] }),
        }
    }
    for line in &mut lines {
        line.words.sort_by(|one, other| one.left.total_cmp(&other.left));
    }
    lines
}

/// A distance in whole points.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is limited to the range before")]
pub(super) fn points(distance: f64) -> u32 {
    distance.clamp(0.0, 1_000_000.0) as u32
}
