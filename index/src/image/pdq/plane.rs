//! A borrowed plane of grey or coloured pixels, or a rectangle of one.

use thiserror::Error;

/// Why bytes are not a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlaneError {
    /// The slice is not `width × height × channels` long.
    #[error(
        "cannot read {length} bytes as a plane of {width} × {height} pixels of {channels} bytes: the \
         lengths differ; give the plane's own width and height, without row padding"
    )]
    Length {
        /// Bytes given.
        length: usize,
        /// Width said, in pixels.
        width: usize,
        /// Height said, in pixels.
        height: usize,
        /// Bytes a pixel.
        channels: usize,
    },
    /// The rectangle reaches out of the plane.
    #[error(
        "cannot take {width} × {height} pixels at ({x}, {y}) of a plane of {plane_width} × \
         {plane_height}: the rectangle reaches out of it; clip it to the plane first"
    )]
    Outside {
        /// Left edge, in pixels.
        x: usize,
        /// Upper edge, in pixels.
        y: usize,
        /// The rectangle's width, in pixels.
        width: usize,
        /// The rectangle's height, in pixels.
        height: usize,
        /// The plane's width, in pixels.
        plane_width: usize,
        /// The plane's height, in pixels.
        plane_height: usize,
    },
}

/// Grey values, one byte a pixel.
///
/// For hashes that equal others' they are luma as in ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
/// Rounding luma to a byte moves few bits of a rich picture's hash, but tens of a foggy one's
/// (quality under about 10); an [`RgbPlane`] does without.
pub type GreyPlane<'a> = Plane<'a, 1>;

/// Red, green and blue, three bytes a pixel; luma is taken from them without rounding.
pub type RgbPlane<'a> = Plane<'a, 3>;

/// Pixels of `CHANNELS` bytes, row by row from the top left: [`GreyPlane`] or [`RgbPlane`].
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a, const CHANNELS: usize> {
    bytes: &'a [u8],
    /// Bytes from one row to the next.
    stride: usize,
    width: usize,
    height: usize,
}

impl<'a, const CHANNELS: usize> Plane<'a, CHANNELS> {
    /// Takes a whole plane, `width × height` pixels.
    ///
    /// # Errors
    /// [`PlaneError::Length`] when there are more or fewer bytes.
    pub fn new(bytes: &'a [u8], width: usize, height: usize) -> Result<Self, PlaneError> {
        let stride = width.checked_mul(CHANNELS);
        if stride.and_then(|stride| stride.checked_mul(height)) != Some(bytes.len()) {
            return Err(PlaneError::Length {
                length: bytes.len(),
                width,
                height,
                channels: CHANNELS,
            });
        }
        Ok(Self {
            bytes,
            stride: stride.unwrap_or(0),
            width,
            height,
        })
    }

    /// A rectangle of the plane, in pixels, without copying it.
    ///
    /// # Errors
    /// [`PlaneError::Outside`] when it does not lie in the plane entirely.
    pub fn rect(
        &self,
        x: usize,
        y: usize,
        width: usize,
        height: usize,
    ) -> Result<Self, PlaneError> {
        let inside = |from: usize, length: usize, side: usize| {
            from.checked_add(length).is_some_and(|end| end <= side)
        };
        if !inside(x, width, self.width) || !inside(y, height, self.height) {
            return Err(PlaneError::Outside {
                x,
                y,
                width,
                height,
                plane_width: self.width,
                plane_height: self.height,
            });
        }
        // An empty rectangle at the lower right corner begins past the last pixel.
        let start = (y * self.stride + x * CHANNELS).min(self.bytes.len());
        Ok(Self {
            bytes: &self.bytes[start..],
            stride: self.stride,
            width,
            height,
        })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes of one row, which must lie in the plane.
    #[inline(always)]
    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        &self.bytes[y * self.stride..][..self.width * CHANNELS]
    }
}
