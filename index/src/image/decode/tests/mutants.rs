//! Damaged files, thousands of them: nothing panics, and memory stays within the limits.
//!
//! The damage is drawn from a fixed seed. `MARKHOUND_MUTANTS=1000000 cargo test -p markhound-index
//! mutants --release` goes on for as many files as the variable says.

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame};

use super::memory::peak;
use super::samples::*;
use super::*;

/// Files tried in a normal test run, over all kinds.
const MUTANTS: usize = 12_000;

/// Small, so that a lying header is met with soon.
const LIMITS: DecodeLimits = DecodeLimits {
    max_pixels: 300_000,
    max_decoded_bytes: 2 << 20,
};

/// xorshift64 (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }
}

/// One valid file of every kind.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let rgb = DynamicImage::from(photo(24, 19));
    let rgba = DynamicImage::from(RgbaImage::from_fn(24, 19, |x, y| {
        Rgba([x as u8 * 9, y as u8 * 9, 77, (x * y) as u8])
    }));
    let mut files = vec![
        ("progressive jpeg", PROGRESSIVE_420.to_vec()),
        (
            "progressive jpeg with restarts",
            PROGRESSIVE_444_RESTARTS.to_vec(),
        ),
        ("grey progressive jpeg", PROGRESSIVE_GREY.to_vec()),
        (
            "sequential jpeg with restarts",
            SEQUENTIAL_RESTARTS.to_vec(),
        ),
        ("cmyk jpeg", CMYK.to_vec()),
        ("lossy webp", LOSSY_WEBP.to_vec()),
        ("lossy webp with alpha", LOSSY_ALPHA_WEBP.to_vec()),
        ("animated webp", ANIMATED_WEBP.to_vec()),
        ("interlaced png", INTERLACED_PNG.to_vec()),
        ("palette png", palette_png()),
        ("animated gif", animated_gif()),
    ];
    for (name, picture, format) in [
        ("jpeg", rgb.clone(), ImageFormat::Jpeg),
        ("grey jpeg", rgb.to_luma8().into(), ImageFormat::Jpeg),
        ("png", rgb.clone(), ImageFormat::Png),
        ("png with alpha", rgba.clone(), ImageFormat::Png),
        ("png of 16 bits", rgb.to_rgb16().into(), ImageFormat::Png),
        ("gif", rgb.clone(), ImageFormat::Gif),
        ("lossless webp", rgba.clone(), ImageFormat::WebP),
        ("bmp", rgb.clone(), ImageFormat::Bmp),
        ("bmp with alpha", rgba.clone(), ImageFormat::Bmp),
        ("tiff", rgb.clone(), ImageFormat::Tiff),
        ("tiff of 16 bits", rgb.to_luma16().into(), ImageFormat::Tiff),
    ] {
        files.push((name, encoded(picture, format)));
    }
    files
}

/// Black and white stripes of one bit, the white ones transparent.
fn palette_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut out, 40, 16);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::One);
    encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
    encoder.set_trns(vec![255, 0]);
    let mut writer = encoder.write_header().expect("memory takes it");
    writer
        .write_image_data(&[0b0011_0101; 5 * 16])
        .expect("memory takes it");
    drop(writer);
    out
}

fn animated_gif() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new(&mut out);
    for shade in [40, 200] {
        let frame = RgbaImage::from_fn(20, 20, |x, y| {
            Rgba([shade, x as u8 * 12, y as u8 * 12, 255])
        });
        encoder
            .encode_frame(Frame::new(frame))
            .expect("memory takes it");
    }
    drop(encoder);
    out
}

/// Damages a file in one to three of the ways that crawls and attackers damage files.
fn mutate(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=random.below(3) {
        let length = bytes.len();
        // Half of the blows fall on the headers.
        let at = if random.below(2) == 0 {
            random.below(length.min(200))
        } else {
            random.below(length)
        };
        let some = 1 + random.below(40);
        let end = (at + some).min(length);
        match random.below(9) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)],
            2 => bytes[at] = random.below(256) as u8,
            3 => bytes.truncate(at.max(1)),
            // A length field at its highest, in either byte order.
            4 => bytes[at..(at + 4).min(length)].fill(0xFF),
            5 => {
                bytes[at..(at + 2).min(length)].copy_from_slice(&[0x7F, 0xFF][..2.min(length - at)])
            }
            // A piece doubled, left out, or moved here from elsewhere.
            6 => {
                let piece = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            7 => drop(bytes.drain(at..end)),
            _ => {
                let from = random.below(file.len());
                let piece = file[from..(from + some).min(file.len())].to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
        if bytes.is_empty() {
            return vec![0];
        }
    }
    bytes
}

/// Sets the checksums of a PNG right again: with wrong ones, damage would be found out at once.
pub(super) fn mend_png(bytes: &mut [u8]) {
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at.saturating_add(8).saturating_add(length);
        let Some(content) = bytes.get(at + 4..end) else {
            return;
        };
        let sum = content.iter().fold(!0u32, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| {
                (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
            })
        });
        let Some(to) = bytes.get_mut(end..end + 4) else {
            return;
        };
        to.copy_from_slice(&(!sum).to_be_bytes());
        at = end + 4;
    }
}

#[test]
fn mutants_of_every_format_neither_panic_nor_take_more_memory_than_allowed() {
    let wanted = std::env::var("MARKHOUND_MUTANTS").map(|n| n.parse().expect("a number"));
    let (wanted, seeds) = (wanted.unwrap_or(MUTANTS), seeds());
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut readable = 0;
    for round in 0..wanted {
        let (kind, file) = &seeds[round % seeds.len()];
        let mut bytes = mutate(file, &mut random);
        if kind.contains("png") && random.below(4) > 0 {
            mend_png(&mut bytes);
        }
        let (grey, grey_peak) = peak(|| GreyPicture::decode(&bytes, &LIMITS));
        let (colours, colours_peak) = peak(|| Picture::decode(&bytes, &LIMITS));
        for error in [grey.as_ref().err(), colours.as_ref().err()]
            .into_iter()
            .flatten()
        {
            let text = error.to_string();
            assert!(!text.contains("panicked"), "{kind}, round {round}: {text}");
        }
        // Decoding within the limit, and then one more copy: turned, or in other channels.
        // WebP's decoder takes room for what a partition's 24 bits of length announce before it
        // finds that the file is shorter.
        let announced = if kind.contains("webp") { 1 << 24 } else { 0 };
        let allowed = 2 * LIMITS.max_decoded_bytes as usize + announced;
        assert!(
            grey_peak <= allowed,
            "{kind}, round {round}: {grey_peak} bytes, {grey:?}"
        );
        assert!(
            colours_peak <= allowed,
            "{kind}, round {round}: {colours_peak} bytes, {colours:?}"
        );
        readable += usize::from(grey.is_ok());
    }
    // Neither all refused, which would test the headers alone, nor all fine.
    assert!(
        readable > wanted / 5 && readable < wanted,
        "{readable} of {wanted} read"
    );
}
