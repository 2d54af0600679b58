//! Cuts an OFX file into opening tags, values and closing tags.

use std::borrow::Cow;
use std::collections::HashSet;

/// Elements that hold a value even where it is empty and the tag is not closed.
const VALUES: [&str; 32] = [
    "ACCTID", "ACCTKEY", "ACCTTYPE", "BALAMT", "BANKID", "BRANCHID", "CHECKNUM", "CODE", "CURDEF", "CURRATE", "CURSYM",
    "DTASOF", "DTAVAIL", "DTEND", "DTPOSTED", "DTSERVER", "DTSTART", "DTUSER", "EXTDNAME", "FITID", "LANGUAGE", "MEMO",
    "MESSAGE", "NAME", "PAYEEID", "REFNUM", "SEVERITY", "SIC", "SRVRTID", "TRNAMT", "TRNTYPE", "TRNUID",
];

/// Aggregates that are known; all others are told by being closed somewhere in the file.
pub(super) const AGGREGATES: [&str; 24] = [
    "OFX",
    "SIGNONMSGSRSV1",
    "SONRS",
    "STATUS",
    "FI",
    "BANKMSGSRSV1",
    "CREDITCARDMSGSRSV1",
    "STMTTRNRS",
    "CCSTMTTRNRS",
    "STMTRS",
    "CCSTMTRS",
    "BANKACCTFROM",
    "CCACCTFROM",
    "BANKTRANLIST",
    "STMTTRN",
    "LEDGERBAL",
    "AVAILBAL",
    "PAYEE",
    "CURRENCY",
    "ORIGCURRENCY",
    "BANKACCTTO",
    "CCACCTTO",
    "BALLIST",
    "BAL",
];

/// A piece of an OFX file. Names are in upper case, lines from 1.
pub(super) enum Token<'a> {
    /// An aggregate begins.
    Open { name: String, line: u32 },
    /// An element with its value.
    Value { name: String, value: Cow<'a, str>, line: u32 },
    /// An aggregate ends.
    Close { name: String, line: u32 },
    /// A document type declaration, which no bank writes.
    Doctype,
}

/// The names of all closing tags: an element without value that is closed nowhere in the file is an empty value.
pub(super) fn closed_names(text: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut rest = text;
    while let Some(start) = rest.find("</") {
        rest = &rest[start + 2..];
        let name = rest.split(['>', '<', ' ', '\n', '\r']).next().unwrap_or_default();
        // Names differ by a few hundred at most; a file that has more is not OFX.
        if name.len() <= 64 && names.len() < 10_000 {
            names.insert(name.to_ascii_uppercase());
        }
    }
    names
}

/// The pieces of an OFX file.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    line: u32,
}

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    /// The line that was reached, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    pub fn next(&mut self, closed: &HashSet<String>) -> Option<Token<'a>> {
        loop {
            self.skip_to_tag()?;
            let line = self.line;
            if let Some(found) = self.declaration() {
                match found {
                    Some(token) => return Some(token),
                    None => continue,
                }
            }
            let end = self.rest.find('>').unwrap_or(self.rest.len());
            let tag = self.rest[1..end].trim();
            self.advance((end + 1).min(self.rest.len()));
            if let Some(name) = tag.strip_prefix('/') {
                return Some(Token::Close { name: name.trim().to_ascii_uppercase(), line });
            }
            let is_empty = tag.ends_with('/');
            let name = tag.trim_end_matches('/').split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let value = if is_empty { Cow::Borrowed("") } else { self.value() };
            let is_aggregate =
                AGGREGATES.contains(&name.as_str()) || (closed.contains(&name) && !VALUES.contains(&name.as_str()));
            if !is_empty && value.trim().is_empty() && is_aggregate {
                return Some(Token::Open { name, line });
            }
            self.skip_close(&name);
            return Some(Token::Value { name, value, line });
        }
    }

    /// Moves to the next tag: `<` followed by what can begin one.
    fn skip_to_tag(&mut self) -> Option<()> {
        loop {
            let at = self.rest.find('<')?;
            self.advance(at);
            if begins_tag(self.rest) {
                return Some(());
            }
            self.advance(1);
        }
    }

    /// Passes a comment, processing instruction or declaration; `None` if the tag is none of them.
    fn declaration(&mut self) -> Option<Option<Token<'a>>> {
        for (start, end) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")] {
            if self.rest.starts_with(start) {
                let length = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
                self.advance(length);
                return Some(None);
            }
        }
        self.rest.starts_with("<!").then_some(Some(Token::Doctype))
    }

    /// The text up to the next tag, with references resolved.
    fn value(&mut self) -> Cow<'a, str> {
        let mut found = Cow::Borrowed("");
        loop {
            let start = self.rest;
            let mut length = 0;
            while let Some(at) = start[length..].find('<') {
                length += at;
                if begins_tag(&start[length..]) {
                    break;
                }
                length += 1;
            }
            if !start[length..].starts_with('<') {
                length = start.len();
            }
            add(&mut found, resolved(&start[..length]));
            self.advance(length);
            let Some(data) = self.rest.strip_prefix("<![CDATA[") else { return found };
            let (inner, after) = data.split_once("]]>").unwrap_or((data, ""));
            add(&mut found, Cow::Borrowed(inner));
            self.advance(self.rest.len() - after.len());
        }
    }

    /// Passes the closing tag of a value.
    fn skip_close(&mut self, name: &str) {
        let Some(rest) = self.rest.strip_prefix("</") else { return };
        let Some((closing, _)) = rest.split_once('>') else { return };
        if closing.trim().eq_ignore_ascii_case(name) {
            self.advance(closing.len() + 3);
        }
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.rest = rest;
    }
}

fn add<'a>(found: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if found.is_empty() {
        *found = more;
    } else {
        found.to_mut().push_str(&more);
    }
}

/// Whether a text begins like a tag, and not like a value with a `<` in it.
fn begins_tag(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('/') => chars.next().is_some_and(|c| c.is_ascii_alphabetic()),
        Some('!') => {
            text.starts_with("<!--")
                || text.starts_with("<![CDATA[")
                || text.starts_with("<!D")
                || text.starts_with("<!d")
        }
        Some('?') => true,
        Some(c) => c.is_ascii_alphabetic() && name_ends(&text[1..]),
        None => false,
    }
}

/// Whether a name of letters, digits, points and underscores ends with `>` before anything else.
fn name_ends(text: &str) -> bool {
    let end =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-'))).unwrap_or(text.len());
    let rest = text[end..].trim_start();
    end <= 64 && (rest.starts_with('>') || rest.starts_with("/>"))
}

/// A text with its references to characters resolved; what is no reference stays as it is.
fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..].split(';').next().filter(|name| name.len() <= 10 && name.len() + 1 < rest.len());
        match name.and_then(|name| Some((name, character(name)?))) {
            Some((name, c)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
