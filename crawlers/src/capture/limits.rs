//! What reading a capture may cost.

/// The bounds within which captures are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureLimits {
    /// The largest block of a WARC record, part of an MHTML file or content of
    /// a HAR entry, in bytes. A larger one is reported and passed over.
    pub record_bytes: usize,
    /// The header of a WARC record, of an HTTP message or of a MIME part, in bytes.
    pub header_bytes: usize,
    /// What a WARC file may unpack to, and how much of a HAR file is read, in bytes.
    pub file_bytes: u64,
    /// MHTML and saved HTML are read as a whole, up to so many bytes.
    pub document_bytes: usize,
    /// Payloads kept in memory so that later revisits find them, in bytes.
    pub revisit_bytes: usize,
    /// The number of entries: records, HAR entries, MIME parts, files of a WACZ.
    pub entries: usize,
    /// After so many broken places in one file the rest is not read.
    pub problems: usize,
}

impl Default for CaptureLimits {
    fn default() -> Self {
        Self {
            record_bytes: 32 << 20,
            header_bytes: 64 << 10,
            file_bytes: 16 << 30,
            document_bytes: 128 << 20,
            revisit_bytes: 64 << 20,
            entries: 10_000_000,
            problems: 1_000,
        }
    }
}
