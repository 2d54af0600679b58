//! Folds characters that look alike, so that texts are compared by what they show.

/// First characters of the ranges of ten digits that Indian and other scripts print, beside `0` to `9`.
const DIGIT_ZEROS: [u32; 13] = [
    0x0660,  // Arabic
    0x06F0,  // Urdu
    0x0966,  // Devanagari
    0x09E6,  // Bengali
    0x0A66,  // Gurmukhi
    0x0AE6,  // Gujarati
    0x0B66,  // Odia
    0x0BE6,  // Tamil
    0x0C66,  // Telugu
    0x0CE6,  // Kannada
    0x0D66,  // Malayalam
    0x1D7CE, // mathematical bold
    0xFF10,  // full width
];

/// The text with digits of every script as `0` to `9`, dashes as `-`, quotes as `'` and full-width signs as plain ones.
#[must_use]
pub fn signs(text: &str) -> String {
    text.chars().map(sign).collect()
}

fn sign(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{FF07}' | '`' | '\u{b4}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{2033}' | '\u{FF02}' => '"',
        '\u{FF08}' => '(',
        '\u{FF09}' => ')',
        '\u{FF0C}' => ',',
        '\u{FF0E}' => '.',
        '\u{FF0F}' | '\u{2044}' | '\u{2215}' => '/',
        '\u{FF05}' => '%',
        '\u{FF0A}' | '\u{2217}' => '*',
        _ if c.is_ascii() => c,
        _ => digit(c).unwrap_or(c),
    }
}

fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let zero = DIGIT_ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_indian_scripts_are_digits() {
        assert_eq!(signs("१२,३४,५६७.८९"), "12,34,567.89");
        assert_eq!(signs("২০২৫ ૨૦૨૫ ２０２５"), "2025 2025 2025");
        assert_eq!(signs("(\u{2212}5) \u{2019}000"), "(-5) '000");
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = signs(&text);
            proptest::prop_assert_eq!(signs(&once), once.clone());
            proptest::prop_assert_eq!(once.chars().count(), text.chars().count());
        }
    }
}
