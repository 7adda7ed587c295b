//! The sample catalog's photos as sellers show them, and photos of nobody else's.

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use markhound_fixtures::write_sample_catalog;
use markhound_index::image::{ALGORITHM, DecodeLimits, Fingerprint, GreyPicture, Picture};
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::SeedError;
use crate::app::App;
use crate::store::import::ReferenceDraft;
use crate::store::work::DecodedPicture;

/// Sizes in which sellers show a photo.
const SIDES: [u32; 3] = [640, 512, 420];

pub(super) struct Photo {
    pub(super) file: String,
    /// Small, to cut other people's photos out of.
    pixels: RgbImage,
    /// As sellers show it.
    pub(super) shown: Vec<(String, DecodedPicture)>,
    pub(super) reference: ReferenceDraft,
}

pub(super) fn photos(app: &App) -> Result<Vec<Photo>, SeedError> {
    let folder = tempfile::tempdir()?;
    let sample = write_sample_catalog(folder.path())?;
    let mut files: Vec<_> = std::fs::read_dir(&sample.images)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut photos = Vec::with_capacity(files.len());
    for file in files {
        let bytes = std::fs::read(file.path())?;
        let picture = Picture::decode(&bytes, &DecodeLimits::default())?;
        let name = file.file_name().to_string_lossy().into_owned();
        let own = look(app, &bytes)?;
        let mut shown = Vec::new();
        for side in SIDES {
            let bytes = picture.thumbnail_jpeg(side);
            shown.push((format!("{side}-{name}"), look(app, &bytes)?));
        }
        photos.push(Photo {
            reference: ReferenceDraft {
                file_name: name.clone(),
                blob: own.blob,
                width: own.width,
                height: own.height,
                format: own.format,
                algorithm: own.algorithm,
                hashes: own.hashes,
            },
            file: name,
            pixels: image::load_from_memory(&picture.thumbnail_jpeg(320))?.to_rgb8(),
            shown,
        });
    }
    Ok(photos)
}

fn look(app: &App, bytes: &[u8]) -> Result<DecodedPicture, SeedError> {
    let pixels = GreyPicture::decode(bytes, &DecodeLimits::default())?;
    Ok(DecodedPicture {
        blob: app.blobs.put(bytes)?,
        width: pixels.full_width(),
        height: pixels.full_height(),
        format: pixels.format().to_owned(),
        algorithm: ALGORITHM.to_owned(),
        hashes: Fingerprint::compute(&pixels).to_bytes(),
    })
}

/// A photo that nobody else has: a piece of one of ours. Its fingerprint is left
/// out, as it is alike no other.
pub(super) fn own_photo(
    app: &App,
    rng: &mut StdRng,
    photos: &[Photo],
) -> Result<DecodedPicture, SeedError> {
    let pixels = &photos[rng.random_range(0..photos.len())].pixels;
    let (w, h) = pixels.dimensions();
    let (w, h) = (rng.random_range(w / 3..w), rng.random_range(h / 3..h));
    let x = rng.random_range(0..=pixels.width() - w);
    let y = rng.random_range(0..=pixels.height() - h);
    let piece = image::imageops::crop_imm(pixels, x, y, w, h).to_image();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 70).encode_image(&piece)?;
    Ok(DecodedPicture {
        blob: app.blobs.put(&bytes)?,
        width: w,
        height: h,
        format: "jpeg".to_owned(),
        algorithm: ALGORITHM.to_owned(),
        hashes: Vec::new(),
    })
}
