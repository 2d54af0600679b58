//! Splits the code of a number format into its sections and pieces.

use super::{Comparison, Format, Piece, Section};
use std::str::FromStr;

/// Longest code that is read, in characters; spreadsheet programs allow 255.
const CODE_CHARS_MAX: usize = 1_000;
/// Formats with a currency that depends on the computer.
const LOCAL_CURRENCIES: [u32; 6] = [5, 6, 7, 8, 42, 44];

pub(super) fn format(code: &str, id: Option<u32>) -> Format {
    if code.is_empty() || code.chars().count() > CODE_CHARS_MAX {
        return Format::default();
    }
    let sections = split(code).iter().map(|code| section(code)).collect();
    Format { sections, local_currency: id.is_some_and(|id| LOCAL_CURRENCIES.contains(&id)) }
}

/// The sections, without splitting at a semicolon that is quoted.
fn split(code: &str) -> Vec<Vec<char>> {
    let mut sections = vec![Vec::new()];
    let mut characters = code.chars();
    let mut quoted = false;
    while let Some(c) = characters.next() {
        if c == ';' && !quoted {
            sections.push(Vec::new());
            continue;
        }
        quoted ^= c == '"';
        let Some(section) = sections.last_mut() else { continue };
        section.push(c);
        if c == '\\' && !quoted {
            section.extend(characters.next());
        }
    }
    sections
}

fn section(code: &[char]) -> Section {
    let mut section = Section::default();
    let mut at = 0;
    while let Some(&c) = code.get(at) {
        at += 1;
        match c {
            '"' => {
                let end = code[at..].iter().position(|c| *c == '"').map_or(code.len(), |i| at + i);
                section.literal(&code[at..end].iter().collect::<String>());
                at = end + 1;
            }
            '\\' | '!' => {
                section.literal(&code.get(at).map(char::to_string).unwrap_or_default());
                at += 1;
            }
            // A space as wide as the next character; the next character repeated.
            '_' => {
                section.literal(" ");
                at += 1;
            }
            '*' => at += 1,
            '[' => {
                let end = code[at..].iter().position(|c| *c == ']').map_or(code.len(), |i| at + i);
                section.bracket(&code[at..end].iter().collect::<String>());
                at = end + 1;
            }
            '0' | '#' | '?' => section.pieces.push(Piece::Digit(c)),
            '.' => section.pieces.push(Piece::Point),
            ',' => section.pieces.push(Piece::Comma),
            '%' => {
                section.percent = true;
                section.literal("%");
            }
            '@' => section.pieces.push(Piece::Text),
            '/' if section.pieces.iter().any(|p| matches!(p, Piece::Digit(_))) => section.unknown = true,
            _ => at = section.letter(code, at - 1),
        }
    }
    section.count_commas();
    section
}

impl Section {
    fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    /// Reads `[Red]`, `[>=100000]` and `[$Rs.-4009]`.
    fn bracket(&mut self, text: &str) {
        if let Some(currency) = text.strip_prefix('$') {
            self.literal(currency.split('-').next().unwrap_or_default());
            return;
        }
        self.red |= text.eq_ignore_ascii_case("red") || text.eq_ignore_ascii_case("color3");
        let comparisons = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<>", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::More),
            ("=", Comparison::Equal),
        ];
        let found = comparisons.iter().find_map(|(sign, c)| Some((*c, text.strip_prefix(sign)?)));
        if let Some((comparison, limit)) = found {
            match rust_decimal::Decimal::from_str(limit.trim()) {
                Ok(limit) => self.condition = Some((comparison, limit)),
                Err(_) => self.unknown = true,
            }
        } else if matches!(text.to_ascii_lowercase().chars().next(), Some('h' | 'm' | 's'))
            && !text.eq_ignore_ascii_case("magenta")
        {
            self.pieces.push(Piece::Time);
        }
    }

    /// Reads the letters from `at`, and returns where they end.
    fn letter(&mut self, code: &[char], at: usize) -> usize {
        let c = code[at];
        let word = |word: &str| {
            let end = at + word.chars().count();
            code.get(at..end).is_some_and(|w| w.iter().collect::<String>().eq_ignore_ascii_case(word)).then_some(end)
        };
        if let Some(end) = word("general") {
            self.pieces.push(Piece::General);
            return end;
        }
        if let Some(end) = word("am/pm").or_else(|| word("a/p")) {
            self.pieces.push(Piece::Time);
            return end;
        }
        if let Some(end) = word("e+").or_else(|| word("e-")) {
            self.unknown = true;
            return end;
        }
        let same = |c: char| code[at..].iter().take_while(|d| d.eq_ignore_ascii_case(&c)).count();
        let length = same(c);
        let after_hours = matches!(self.pieces.iter().rfind(|p| !matches!(p, Piece::Literal(_))), Some(Piece::Time));
        let piece = match c.to_ascii_lowercase() {
            'y' => Piece::Year,
            'm' if after_hours => Piece::Time,
            'm' => Piece::Month,
            // The name of a weekday is no day of a month.
            'd' if length > 2 => Piece::Literal(" ".to_owned()),
            'd' => Piece::Day,
            'h' | 's' => Piece::Time,
            _ => {
                self.literal(&c.to_string());
                return at + 1;
            }
        };
        self.pieces.push(piece);
        at + length
    }

    /// A comma between digits groups them; one behind the last digit, or before the point, divides by a thousand.
    fn count_commas(&mut self) {
        let is_digit = |p: &Piece| matches!(p, Piece::Digit(_));
        let point = self.pieces.iter().position(|p| *p == Piece::Point).unwrap_or(self.pieces.len());
        for at in 0..self.pieces.len() {
            if self.pieces[at] != Piece::Comma || !self.pieces[..at].iter().any(is_digit) {
                continue;
            }
            let end = if at < point { point } else { self.pieces.len() };
            if self.pieces[at..end].iter().any(is_digit) {
                self.grouped = true;
            } else {
                self.thousands += 1;
            }
        }
        self.pieces.retain(|p| *p != Piece::Comma);
    }
}
