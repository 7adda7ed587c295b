//! What may be decoded, and why something was not.

/// How large a picture may be before it is refused. Both bounds are checked against the file's
/// header, before any pixel is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Width times height, in pixels. Default: 40,000,000.
    pub max_pixels: u64,
    /// Bytes that the decoded pixels, and the decoder while it works, may take. Default: 256 MiB.
    pub max_decoded_bytes: u64,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            max_pixels: 40_000_000,
            max_decoded_bytes: 256 << 20,
        }
    }
}

impl DecodeLimits {
    /// Refuses a picture that its header says is empty or too large.
    pub(super) fn check(
        &self,
        format: &'static str,
        width: u32,
        height: u32,
        needed: u64,
    ) -> Result<(), DecodeError> {
        if width == 0 || height == 0 {
            return Err(DecodeError::Empty {
                format,
                width,
                height,
            });
        }
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DecodeError::TooManyPixels {
                format,
                width,
                height,
                max_pixels: self.max_pixels,
            });
        }
        if needed > self.max_decoded_bytes {
            return Err(DecodeError::TooManyBytes {
                format,
                needed,
                max_decoded_bytes: self.max_decoded_bytes,
            });
        }
        Ok(())
    }
}

/// Why a picture could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes do not begin like any picture format that is read here.
    #[error(
        "cannot read the picture: its {length} bytes are none of JPEG, PNG, WebP, GIF, BMP or TIFF; \
         check that the file is a picture and not, say, an error page"
    )]
    UnknownFormat {
        /// How many bytes there were.
        length: usize,
    },
    /// The header announces a picture without pixels.
    #[error(
        "cannot decode a {format} picture of {width}×{height} pixels: there is nothing in it; \
         the file is damaged, fetch it again"
    )]
    Empty {
        /// The format, as [`Picture::format`](super::Picture::format) names it.
        format: &'static str,
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
    },
    /// The header announces more pixels than allowed.
    #[error(
        "refused to decode a {format} picture of {width}×{height} pixels: the limit is {max_pixels} \
         pixels; raise the picture limit in the configuration if such pictures are expected"
    )]
    TooManyPixels {
        /// The format, as [`Picture::format`](super::Picture::format) names it.
        format: &'static str,
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
        /// The limit that was passed in.
        max_pixels: u64,
    },
    /// The decoded pixels would take more memory than allowed.
    #[error(
        "refused to decode a {format} picture: {needed} bytes are needed and {max_decoded_bytes} \
         allowed; raise the picture limit in the configuration if such pictures are expected"
    )]
    TooManyBytes {
        /// The format, as [`Picture::format`](super::Picture::format) names it.
        format: &'static str,
        /// What decoding would take.
        needed: u64,
        /// The limit that was passed in.
        max_decoded_bytes: u64,
    },
    /// A variety of the format that is hardly ever met and not read here.
    #[error(
        "cannot decode the {format} picture: it is {variety}, which is not read here; \
         save it in the format's common variety"
    )]
    Unsupported {
        /// The format, as [`Picture::format`](super::Picture::format) names it.
        format: &'static str,
        /// What the file is, such as "an arithmetic-coded JPEG".
        variety: &'static str,
    },
    /// The header or the pixels cannot be decoded.
    #[error(
        "cannot decode the {format} picture of {length} bytes: {source}; the file is damaged or was \
         cut off, fetch it again"
    )]
    Damaged {
        /// The format, as [`Picture::format`](super::Picture::format) names it.
        format: &'static str,
        /// How many bytes there were.
        length: usize,
        /// What the decoder said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
