//! Decorative letters and signs in the shape of a letter, which Unicode's compatibility folding leaves
//! as they are.

/// The capital small-letter forms of the Latin alphabet, in the order of [`SMALL_CAPITAL_OF`].
const SMALL_CAPITALS: [char; 27] = [
    'ᴀ', 'ʙ', 'ᴄ', 'ᴅ', 'ᴇ', 'ꜰ', 'ɢ', 'ʜ', 'ɪ', 'ᴊ', 'ᴋ', 'ʟ', 'ᴍ', 'ɴ', 'ᴏ', 'ᴘ', 'ǫ', 'ꞯ', 'ʀ',
    'ꜱ', 'ᴛ', 'ᴜ', 'ᴠ', 'ᴡ', 'ʏ', 'ᴢ', 'ᴎ',
];
const SMALL_CAPITAL_OF: &[u8; 27] = b"abcdefghijklmnopqqrstuvwyzn";

/// The letter that a decorative letter is: squared and circled white on black, small capitals.
pub(super) fn letter(ch: char) -> Option<char> {
    let in_alphabet = |first: u32| {
        let place = u32::from(ch).checked_sub(first)?;
        (place < 26)
            .then(|| char::from_u32(u32::from('A') + place))
            .flatten()
    };
    match ch {
        '\u{1f130}'..='\u{1f149}' => in_alphabet(0x1f130),
        '\u{1f150}'..='\u{1f169}' => in_alphabet(0x1f150),
        '\u{1f170}'..='\u{1f189}' => in_alphabet(0x1f170),
        _ if ch.is_ascii() => None,
        _ => {
            let place = SMALL_CAPITALS.iter().position(|&c| c == ch)?;
            Some(SMALL_CAPITAL_OF[place].into())
        }
    }
}

/// The letter that a sign may stand for by its shape, when it stands beside letters.
pub(super) fn shape(ch: char) -> Option<char> {
    Some(match ch {
        '⭕' | '○' | '●' | '◯' | '◎' | '◉' | '⚪' | '⚫' | '🔴' | '🔵' | '🟠' | '🟡' | '🟢'
        | '🟣' | '🔘' | '🌕' | '🌑' | '⏺' | '🍩' | '🏀' | '⚽' => 'o',
        '❌' | '✖' | '✕' | '✗' | '✘' | '❎' => 'x',
        '❗' | '❕' => 'i',
        '💲' => 's',
        '➕' | '✝' | '✚' => 't',
        '🔺' | '▲' | '△' | '∆' => 'a',
        '♏' => 'm',
        '🗽' => 'i',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decorative_letters_are_the_letters_they_decorate() {
        let read = |text: &str| -> String { text.chars().filter_map(letter).collect() };
        assert_eq!(read("🅽🅸🅺🅴"), "NIKE");
        assert_eq!(read("🅝🅘🅚🅔"), "NIKE");
        assert_eq!(read("ꜱᴏɴʏ"), "sony");
        assert_eq!(read("plain"), "");
    }
}
