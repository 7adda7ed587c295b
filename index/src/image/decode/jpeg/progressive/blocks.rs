//! The luma coefficients gathered over the scans, and the pixels made of them at the end.

use std::f32::consts::PI;

/// Natural place (8 · row + column) of each coefficient in zigzag order (T.81, figure A.6).
#[rustfmt::skip]
const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Marks a coefficient that is not kept at the chosen scale.
const DROPPED: u8 = u8::MAX;

/// All blocks of one component at a scale of `side`/8, of which only the coefficients that the
/// scale shows are kept: the `side × side` lowest frequencies.
///
/// Which of a block's 64 coefficients are not zero is known of all, in zigzag order, because the
/// refining scans' bits cannot be counted without it.
pub(super) struct Blocks {
    /// Blocks in a row, padded to whole minimum coded units.
    pub across: usize,
    side: usize,
    /// Place within a block's kept values of each coefficient in zigzag order.
    places: [u8; 64],
    /// Which coefficients are kept, in zigzag order.
    kept: u64,
    pub nonzero: Vec<u64>,
    values: Vec<i16>,
}

impl Blocks {
    /// Room for blocks at a scale of `side`/8, with `side` 1, 2, 4 or 8.
    pub(super) fn new(across: usize, down: usize, side: usize) -> Self {
        let (mut places, mut kept) = ([DROPPED; 64], 0);
        for (zigzag, &natural) in ZIGZAG.iter().enumerate() {
            let (row, column) = (usize::from(natural) / 8, usize::from(natural) % 8);
            if row < side && column < side {
                places[zigzag] = (row * side + column) as u8;
                kept |= 1 << zigzag;
            }
        }
        Self {
            across,
            side,
            places,
            kept,
            nonzero: vec![0; across * down],
            values: vec![0; across * down * side * side],
        }
    }

    /// Bytes that the blocks take.
    pub(super) const fn bytes(blocks: u64, side: u64) -> u64 {
        blocks * (8 + 2 * side * side)
    }

    #[inline]
    fn value(&mut self, block: usize, zigzag: u32) -> Option<&mut i16> {
        // Dropped ones have the highest place, which is past a block of any size.
        let place = usize::from(self.places[zigzag as usize & 63]);
        let size = self.side * self.side;
        if place >= size {
            return None;
        }
        self.values.get_mut(block * size + place)
    }

    /// Sets a coefficient that was zero.
    #[inline]
    pub(super) fn set(&mut self, block: usize, zigzag: u32, value: i16) {
        self.nonzero[block] |= 1 << zigzag;
        if let Some(to) = self.value(block, zigzag) {
            *to = value;
        }
    }

    /// Sets a bit of the constant part.
    #[inline]
    pub(super) fn or_constant(&mut self, block: usize, bit: i16) {
        self.nonzero[block] |= 1;
        if let Some(to) = self.value(block, 0) {
            *to |= bit;
        }
    }

    /// Makes the coefficients named in `which` larger by `step` where their bit is set. The bits
    /// are at the top of a word, the first for the lowest coefficient.
    #[inline]
    pub(super) fn refine(&mut self, block: usize, which: u64, bits: u64, step: i16) {
        let (mut rest, mut bits) = (which, bits);
        while bits != 0 && rest & self.kept != 0 {
            if bits >> 63 == 1
                && let Some(to) = self.value(block, rest.trailing_zeros())
            {
                let change = if *to < 0 { step.wrapping_neg() } else { step };
                *to = to.wrapping_add(change);
            }
            rest &= rest - 1;
            bits <<= 1;
        }
    }

    /// The pixels: `width × height` of them, of blocks with these quantisers (in zigzag order).
    pub(super) fn pixels(&self, quantisers: &[u16; 64], width: usize, height: usize) -> Vec<u8> {
        match self.side {
            8 => self.render::<8>(quantisers, width, height),
            4 => self.render::<4>(quantisers, width, height),
            2 => self.render::<2>(quantisers, width, height),
            _ => self.render::<1>(quantisers, width, height),
        }
    }

    fn render<const N: usize>(
        &self,
        quantisers: &[u16; 64],
        width: usize,
        height: usize,
    ) -> Vec<u8> {
        let transform = Transform::<N>::new(quantisers);
        let padded = self.across * N;
        let mut strip = vec![0; padded * N];
        let mut out = Vec::with_capacity(width * height);
        let rows = self.values.chunks_exact(self.across * N * N);
        for (values, nonzero) in rows.zip(self.nonzero.chunks_exact(self.across)) {
            let blocks = values.chunks_exact(N * N).zip(nonzero);
            for (x, (values, nonzero)) in blocks.enumerate() {
                transform.block(values, nonzero & self.kept, &mut strip[x * N..], padded);
            }
            for line in strip.chunks_exact(padded) {
                if out.len() < width * height {
                    out.extend_from_slice(&line[..width]);
                }
            }
        }
        out.resize(width * height, super::super::MISSING);
        out
    }
}

/// The inverse cosine transform of T.81, A.3.3, at a scale of `N`/8.
///
/// Reduced, each pixel is the mean of the pixels it stands for, as far as the lowest `N`
/// frequencies make it: averaging S = 8/N neighbours of the cosine of frequency k gives the cosine
/// on the coarser grid times sin(Skπ/16) / (S sin(kπ/16)). The higher frequencies, which the mean
/// would fold back as false detail, are left out.
struct Transform<const N: usize> {
    /// Quantiser and norm of each kept coefficient.
    scale: [[f32; N]; N],
    /// For each frequency, its cosine at each pixel.
    cosines: [[f32; N]; N],
}

impl<const N: usize> Transform<N> {
    fn new(quantisers: &[u16; 64]) -> Self {
        let coarse = (8 / N) as f32;
        let weight = |k: usize| {
            if k == 0 {
                return 0.5f32.sqrt() / 2.0;
            }
            let angle = k as f32 * PI / 16.0;
            0.5 * (coarse * angle).sin() / (coarse * angle.sin())
        };
        let mut scale = [[0.0; N]; N];
        for (&natural, &quantiser) in ZIGZAG.iter().zip(quantisers) {
            let (row, column) = (usize::from(natural) / 8, usize::from(natural) % 8);
            if row < N && column < N {
                scale[row][column] = f32::from(quantiser) * weight(row) * weight(column);
            }
        }
        let cosine =
            |k: usize, x: usize| ((2 * x + 1) as f32 * k as f32 * PI / (2 * N) as f32).cos();
        Self {
            scale,
            cosines: std::array::from_fn(|k| std::array::from_fn(|x| cosine(k, x))),
        }
    }

    /// Transforms one block into the strip of pixels its row of blocks makes.
    #[inline]
    fn block(&self, values: &[i16], nonzero: u64, strip: &mut [u8], stride: usize) {
        let pixel = |value: f32| (value + 128.5) as u8;
        if nonzero <= 1 {
            let plain = pixel(f32::from(values[0]) * self.scale[0][0]);
            for line in strip.chunks_mut(stride) {
                line[..N].fill(plain);
            }
            return;
        }
        let mut out = [[128.5f32; N]; N];
        for (row, values) in values.chunks_exact(N).enumerate() {
            if values.iter().all(|&value| value == 0) {
                continue;
            }
            let mut line = [0.0f32; N];
            for ((&value, &scale), cosines) in
                values.iter().zip(&self.scale[row]).zip(&self.cosines)
            {
                let value = f32::from(value) * scale;
                for (to, cosine) in line.iter_mut().zip(cosines) {
                    *to += value * cosine;
                }
            }
            for (to, &cosine) in out.iter_mut().zip(&self.cosines[row]) {
                for (to, value) in to.iter_mut().zip(line) {
                    *to += value * cosine;
                }
            }
        }
        for (line, values) in strip.chunks_mut(stride).zip(out) {
            for (to, value) in line.iter_mut().zip(values) {
                *to = value as u8;
            }
        }
    }
}
