//! Strings with the usual mistakes in them.

use super::{BrokenOff, Reader};

impl Reader<'_> {
    /// A string from its opening quote on. A quote ends it only where a string
    /// can end: before `,` `:` `}` `]` or the end of the text.
    pub(super) fn string(&mut self, quote: u8) -> Result<String, BrokenOff> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .find(|c: char| c == char::from(quote) || c == '\\' || c.is_control())
                .ok_or(BrokenOff)?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'\\') => self.escape(&mut out),
                Some(byte) if byte == quote => {
                    self.at += 1;
                    if self.may_end_here() {
                        return Ok(out);
                    }
                    out.push(char::from(quote));
                }
                _ => {
                    let control = self.rest().chars().next().unwrap_or(' ');
                    out.push(if control == '\n' { '\n' } else { ' ' });
                    self.at += control.len_utf8();
                }
            }
        }
    }

    fn may_end_here(&self) -> bool {
        let rest = self.rest().trim_start();
        // The end of a line ends a string whose comma was forgotten.
        let line_ends = self
            .rest()
            .trim_start_matches([' ', '\t', '\r'])
            .starts_with('\n')
            && rest.starts_with(['"', '\'']);
        line_ends || rest.is_empty() || rest.starts_with([',', ':', '}', ']', '/', ';', '<'])
    }

    fn escape(&mut self, out: &mut String) {
        let mut chars = self.rest()[1..].chars();
        let Some(kind) = chars.next() else {
            self.at = self.text.len();
            return;
        };
        self.at += 1 + kind.len_utf8();
        match kind {
            'n' => out.push('\n'),
            'r' | 't' | 'b' | 'f' | '\n' => out.push(' '),
            'u' => match self.code_unit() {
                Some(unit @ 0xd800..0xdc00) => out.push(self.pair(unit)),
                Some(unit) => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
                None => out.push('u'),
            },
            other => out.push(other),
        }
    }

    fn code_unit(&mut self) -> Option<u32> {
        let unit = u32::from_str_radix(self.rest().get(..4)?, 16).ok()?;
        self.at += 4;
        Some(unit)
    }

    fn pair(&mut self, high: u32) -> char {
        let low = self
            .rest()
            .strip_prefix("\\u")
            .and_then(|rest| rest.get(..4));
        match low.and_then(|low| u32::from_str_radix(low, 16).ok()) {
            Some(low @ 0xdc00..0xe000) => {
                self.at += 6;
                char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => char::REPLACEMENT_CHARACTER,
        }
    }
}
