//! Finds the parts of a workbook that hold its sheets.

use crate::archive;
use crate::error::ReadError;
use crate::markup::{attribute, is_true, local_attribute};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::io::{BufReader, Cursor};
use zip::ZipArchive;
use zip::read::ZipFile;

/// The XML of one part.
type Part<'z, 'a> = Reader<BufReader<ZipFile<'z, Cursor<&'a [u8]>>>>;

/// The parts of a workbook.
pub struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Names of the entries by their names in lower case, as programs look them up.
    names: HashMap<String, String>,
    /// Part of each sheet, by the sheet's name.
    sheets: HashMap<String, String>,
    /// Whether every formula is to be calculated when the file is opened, because its writer did not.
    pub calculates_on_load: bool,
}

impl<'a> Package<'a> {
    /// Opens a workbook that was checked before.
    ///
    /// # Errors
    /// When a part is damaged.
    pub fn open(bytes: &'a [u8], names: &[String]) -> Result<Self, ReadError> {
        let names = names.iter().map(|name| (key(name), name.clone())).collect();
        let zip = archive::open(bytes)?;
        let mut package = Self { zip, names, sheets: HashMap::new(), calculates_on_load: false };
        let main = package.main_part()?;
        let targets = package.relations(&main)?;
        let mut sheets = HashMap::new();
        let mut calculates_on_load = false;
        package.elements(&main, |e| match e.local_name().as_ref() {
            "sheet" => {
                let target = local_attribute(e, "id").and_then(|id| targets.get(&id));
                if let (Some(name), Some(target)) = (attribute(e, "name"), target) {
                    sheets.insert(name, target.clone());
                }
            }
            "calcPr" => calculates_on_load |= is_true(e, "fullCalcOnLoad"),
            _ => {}
        })?;
        package.sheets = sheets;
        package.calculates_on_load = calculates_on_load;
        Ok(package)
    }

    /// The XML of a sheet.
    ///
    /// # Errors
    /// When the workbook names no such sheet or its part is missing.
    pub fn sheet(&mut self, name: &str) -> Result<Part<'_, 'a>, ReadError> {
        let part = self.sheets.get(name).ok_or(ReadError::Broken)?.clone();
        self.part(&part)
    }

    fn part(&mut self, part: &str) -> Result<Part<'_, 'a>, ReadError> {
        let name = self.names.get(&key(part)).ok_or(ReadError::Broken)?;
        let entry = self.zip.by_name(name).map_err(|_| ReadError::Broken)?;
        Ok(Reader::from_reader(BufReader::new(entry)))
    }

    fn main_part(&mut self) -> Result<String, ReadError> {
        const DEFAULT: &str = "xl/workbook.xml";
        if !self.names.contains_key("_rels/.rels") {
            return Ok(DEFAULT.to_owned());
        }
        let mut main = None;
        self.elements("_rels/.rels", |e| {
            if attribute(e, "Type").is_some_and(|t| t.ends_with("/officeDocument")) {
                main = attribute(e, "Target").map(|target| resolve("", &target));
            }
        })?;
        Ok(main.unwrap_or_else(|| DEFAULT.to_owned()))
    }

    /// The targets of a part's relations, by their ids.
    fn relations(&mut self, part: &str) -> Result<HashMap<String, String>, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let relations = resolve(folder, &format!("_rels/{file}.rels"));
        let mut targets = HashMap::new();
        self.elements(&relations, |e| {
            if let (Some(id), Some(target)) = (attribute(e, "Id"), attribute(e, "Target")) {
                targets.insert(id, resolve(folder, &target));
            }
        })?;
        Ok(targets)
    }

    fn elements(&mut self, part: &str, mut visit: impl FnMut(&BytesStart<'_>)) -> Result<(), ReadError> {
        let mut reader = self.part(part)?;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)? {
                Event::Start(e) | Event::Empty(e) => visit(&e),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

fn key(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// A target relative to a folder; a stroke at its start means the whole package.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_their_folder() {
        assert_eq!(resolve("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl/a", "../b/./c.xml"), "xl/b/c.xml");
        assert_eq!(resolve("", "../../c.xml"), "c.xml");
    }
}
