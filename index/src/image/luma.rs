//! The small grey picture in which borders and panels are looked for.

/// Longer side, in pixels.
const SIDE: usize = 256;

/// A rectangle in shares of the picture's width and height: (0, 0) is the top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Rect {
    pub(super) const WHOLE: Self = Self::new(0.0, 0.0, 1.0, 1.0);

    pub(super) const fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Self {
        Self { x0, y0, x1, y1 }
    }

    pub(super) fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    pub(super) fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    pub(super) fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// The same place in the mirrored picture.
    pub(super) fn mirrored(&self) -> Self {
        Self::new(1.0 - self.x1, self.y0, 1.0 - self.x0, self.y1)
    }

    /// The largest difference between the two rectangles' sides, in shares of the picture.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        (self.x0 - other.x0)
            .abs()
            .max((self.y0 - other.y0).abs())
            .max((self.x1 - other.x1).abs())
            .max((self.y1 - other.y1).abs())
    }
}

/// Grey values of a picture shrunk to [`SIDE`].
pub(super) struct Luma {
    pub width: usize,
    pub height: usize,
    pub values: Vec<u8>,
}

impl Luma {
    /// Halves a picture as long as its longer side stays above [`SIDE`].
    pub(super) fn shrunk(width: usize, height: usize, values: &[u8]) -> Self {
        let mut out = Self {
            width,
            height,
            values: values.to_vec(),
        };
        while out.width.max(out.height) >= 2 * SIDE && out.width.min(out.height) >= 2 {
            out = out.halved();
        }
        out
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            let rows = [2 * y, 2 * y + 1].map(|y| &self.values[y * self.width..][..2 * width]);
            let pairs = rows[0].chunks_exact(2).zip(rows[1].chunks_exact(2));
            values.extend(pairs.map(|(a, b)| {
                ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) / 4)
                    as u8
            }));
        }
        Self {
            width,
            height,
            values,
        }
    }
}
