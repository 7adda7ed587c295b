//! The fonts that come with the program, each unpacked and taken apart once, when it is
//! first asked for a character.

use std::io::Read as _;
use std::sync::LazyLock;

use krilla::text::Font;
use rustybuzz::Face;

/// A font, ready to measure and to draw with.
pub(super) struct Ready {
    pub face: Face<'static>,
    pub font: Font,
}

impl Ready {
    /// What is unpacked stays for as long as the program runs: every document needs it.
    fn unpacked(packed: &[u8]) -> Option<Self> {
        let mut bytes = Vec::new();
        // These are part of the program: a damaged one shows in the first test.
        lzma_rust2::XzReader::new(packed, false)
            .read_to_end(&mut bytes)
            .ok()?;
        let bytes: &'static [u8] = bytes.leak();
        Some(Self {
            face: Face::from_slice(bytes, 0)?,
            font: Font::new(krilla::Data::from(bytes), 0)?,
        })
    }
}

macro_rules! fonts {
    ($($file:literal),* $(,)?) => {
        /// All of them, in the order in which they are asked for a character.
        pub(super) static INSIDE: [LazyLock<Option<Ready>>; [$($file),*].len()] = [
            $(LazyLock::new(|| Ready::unpacked(include_bytes!(concat!($file, ".ttf.xz")))),)*
        ];
    };
}

/// The place of the one that most is set in.
pub(super) const REGULAR: usize = 0;
/// The place of the same in bold.
pub(super) const BOLD: usize = 1;

// The large ones last: who asks for a character of theirs has the others unpacked.
fonts![
    "NotoSans-Regular",
    "NotoSans-Bold",
    "NotoSansArabic-Regular",
    "NotoSansHebrew-Regular",
    "NotoSansThai-Regular",
    "NotoSansDevanagari-Regular",
    "NotoSansArmenian-Regular",
    "NotoSansGeorgian-Regular",
    "NotoSansBengali-Regular",
    "NotoSansGujarati-Regular",
    "NotoSansGurmukhi-Regular",
    "NotoSansKannada-Regular",
    "NotoSansMalayalam-Regular",
    "NotoSansTamil-Regular",
    "NotoSansTelugu-Regular",
    "NotoSansSinhala-Regular",
    "NotoSansKhmer-Regular",
    "NotoSansLao-Regular",
    "NotoSansMyanmar-Regular",
    "DroidSansFallback",
    "NotoSansSymbols2-Regular",
    "NotoEmoji-Regular",
];
