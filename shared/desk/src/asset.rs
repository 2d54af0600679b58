//! The files beside the pages: a style sheet, a module and two symbols. Their addresses hold a digest of their bytes, so they may
//! be cached for ever.

/// A file beside the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// File name.
    pub name: &'static str,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its bytes.
    pub body: &'static str,
    /// A digest of its bytes, which its address holds. It tells versions apart and is no protection.
    pub digest: u64,
}

/// `Cache-Control` of every asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The style sheet.
pub const STYLE: Asset = Asset::of("desk.css", "text/css; charset=utf-8", include_str!("../assets/desk.css"));

/// The module.
pub const SCRIPT: Asset = Asset::of("desk.js", "text/javascript; charset=utf-8", include_str!("../assets/desk.js"));

/// The symbol of a deployed desk.
pub const ICON: Asset = Asset::of("favicon.svg", "image/svg+xml", include_str!("../assets/favicon.svg"));

/// The symbol of a desk on a laptop, in another colour.
pub const LOCAL_ICON: Asset =
    Asset::of("favicon-local.svg", "image/svg+xml", include_str!("../assets/favicon-local.svg"));

/// All of them.
pub const ALL: [&Asset; 4] = [&STYLE, &SCRIPT, &ICON, &LOCAL_ICON];

/// The asset at an address, such as `/assets/0123456789abcdef/desk.css`. Another digest is that of another version, which this
/// program does not have.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    ALL.into_iter().find(|asset| asset.path() == path)
}

impl Asset {
    const fn of(name: &'static str, content_type: &'static str, body: &'static str) -> Self {
        Self { name, content_type, body, digest: fnv1a(body.as_bytes()) }
    }

    /// Its address.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{:016x}/{}", self.digest, self.name)
    }
}

/// FNV-1a, 64 bits.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = after;
    }
    hash
}
