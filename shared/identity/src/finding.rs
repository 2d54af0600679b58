//! What was noticed while a document was read.

use serde::{Deserialize, Serialize};

/// Something noticed while reading. None of these stops the reading, and none is mended silently: the assessment says which
/// of them keep a document from being verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The barcode's first mark (`@`, line feed, record separator, carriage return) is incomplete or replaced.
    HeaderMarkLost,
    /// There is no header, only elements: neither the version nor the issuer's number is known.
    HeaderMissing,
    /// The header's counts or lengths do not fit the version it states.
    HeaderIrregular,
    /// The version is not one that was published when this was written (01 to 10).
    VersionUnknown {
        /// As stated.
        version: u8,
    },
    /// The elements are separated by this character and not by a line feed.
    SeparatorReplaced {
        /// The character.
        separator: char,
    },
    /// The text is not UTF-8; it was read as ISO 8859-1, the standard's own character set.
    ReadAsLatin1,
    /// The issuer's number is not in the list of issuers.
    IssuerUnknown,
    /// The issuer by number and the state or country in the elements differ.
    IssuerDiffers {
        /// The element that differs.
        at: String,
    },
    /// Text that belongs to no element. It is left out.
    TextUnused {
        /// The line of the text, from 1.
        line: usize,
        /// Characters of it.
        chars: usize,
    },
    /// An element occurs again with another value. The first is kept.
    Contradiction {
        /// The element's code or the field's name.
        at: String,
    },
    /// A date is written in the other order than its country uses, and can be read in that order only.
    DateOrderUnusual {
        /// The element's code or the field's name.
        at: String,
    },
    /// The name is stated as a whole, without saying which part is the family name.
    NameOrderNotStated,
    /// A name may be cut off: a barcode marks it so (`T`; `U`, unknown, is not taken for it), or it fills its field of a zone.
    NameCut {
        /// The part.
        at: String,
    },
    /// Lines of a zone were broken or joined differently than printed, and were put together by their lengths.
    LinesJoined,
    /// A line lacked fillers at its end, which were added, or had too many, which were left out.
    FillersFitted {
        /// The line, from 1.
        line: usize,
    },
    /// The text holds a further zone, with other content. It is not read.
    AnotherZone,
    /// A character in the place of a filler was read as one, e.g. `«` for `<<`, or a blank or a hyphen for `<`.
    FillerRead {
        /// The line, from 1.
        line: usize,
    },
    /// A letter stands among fillers, as when a filler is misread. It is kept as it stands.
    FillerDoubtful {
        /// The line, from 1.
        line: usize,
        /// The position in the line, from 1.
        position: usize,
    },
    /// Small letters were read as capital ones.
    CaseFolded {
        /// The line, from 1.
        line: usize,
    },
    /// A field that the reader does not know. Its value is among the document's elements.
    FieldUnknown {
        /// The element's code or the field's name.
        at: String,
    },
    /// The source read the zone of a document, and that zone cannot be read again.
    ZoneNotRead,
}
