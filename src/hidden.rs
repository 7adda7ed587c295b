//! Characters that a reader does not see: what is shown to people and was written by others
//! is rid of them, or refused for them.

/// Whether nobody sees it, or it turns the letters around it round: with such a character
/// one name could look like another.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    #[test]
    fn letters_of_every_script_are_seen_and_marks_between_them_are_not() {
        for seen in "aß é中の한ع\u{301} 🪑".chars() {
            assert!(!is_hidden(seen), "{seen:?}");
        }
        for hidden in "\0\n\u{7f}\u{ad}\u{200b}\u{202e}\u{2066}\u{feff}\u{e0041}".chars() {
            assert!(is_hidden(hidden), "{hidden:?}");
        }
    }
}
