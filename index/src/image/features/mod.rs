//! Local features: the points a photo is recognised by when only a part of it is left.

mod describe;
mod detect;
mod plane;
mod project;

pub(super) use plane::FloatPlane;
pub(super) use project::{CODE_BYTES, Code, DIMENSIONS, LENGTH, decode, mirrored};

use bytemuck::{Pod, Zeroable};
use detect::{Keypoint, ScaleSpace};

/// Pictures whose longer side is shorter than this are enlarged twofold first, in pixels.
const SMALL: usize = 300;
/// Cells along each side of the grid that features are spread over.
const CELLS: usize = 6;

/// One local feature. Lengths are in shares of the picture's longer side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Feature {
    /// Place, in 1/65535.
    pub x: u16,
    pub y: u16,
    /// Size: `SCALE_STEPS` steps an octave from 2⁻¹⁰.
    pub scale: u8,
    /// Direction, in 1/256 of a turn.
    pub angle: u8,
    pub code: Code,
}

/// Steps of [`Feature::scale`] an octave.
pub(super) const SCALE_STEPS: f32 = 28.0;

impl Feature {
    /// `x`, `y`, `sigma` in pixels, `angle` in radians.
    fn new([x, y, sigma, angle]: [f32; 4], longer: f32, code: Code) -> Self {
        let place = |v: f32| (v / longer * 65535.0).round().clamp(0.0, 65535.0) as u16;
        let scale = ((sigma / longer).log2() + 10.0) * SCALE_STEPS;
        let turn = angle / std::f32::consts::TAU * 256.0;
        Self {
            x: place(x + 0.5),
            y: place(y + 0.5),
            scale: scale.round().clamp(0.0, 255.0) as u8,
            angle: (turn.round() as i32).rem_euclid(256) as u8,
            code,
        }
    }
}

/// Raw descriptions with their places (x, y, size and direction), for learning the projection.
pub(super) fn raw(plane: &FloatPlane, most: usize) -> Vec<([f32; 4], [f32; describe::RAW])> {
    let space = ScaleSpace::new(plane);
    let mut out = Vec::new();
    for mut keypoint in spread(space.keypoints(), plane, most) {
        let (angles, count) = space.directions(&keypoint);
        for angle in angles.into_iter().take(count) {
            keypoint.angle = angle;
            let shrunk = (1u32 << keypoint.octave) as f32;
            let raw = describe::describe(space.level(&keypoint), &keypoint, shrunk);
            out.push(([keypoint.x, keypoint.y, keypoint.sigma, angle], raw));
        }
    }
    out
}

/// The features of a grey picture, at most `most` keypoints' worth, the most telling first.
pub(super) fn extract(plane: &FloatPlane, most: usize) -> Vec<Feature> {
    if plane.width.min(plane.height) < 8 {
        return Vec::new();
    }
    let enlarged;
    let plane = if plane.width.max(plane.height) < SMALL {
        enlarged = plane.doubled();
        &enlarged
    } else {
        plane
    };
    let longer = plane.width.max(plane.height) as f32;
    raw(plane, most)
        .into_iter()
        .map(|(place, raw)| Feature::new(place, longer, project::encode(&raw)))
        .collect()
}

/// Reorders keypoints so that any number of the first ones are spread over the picture: first the
/// strongest of each cell, then the second strongest, and so on.
fn spread(keypoints: Vec<Keypoint>, plane: &FloatPlane, most: usize) -> Vec<Keypoint> {
    let mut taken = [[0u32; CELLS]; CELLS];
    let cell = |v: f32, side: usize| ((v * CELLS as f32 / side as f32) as usize).min(CELLS - 1);
    let mut ranked: Vec<(f32, Keypoint)> = keypoints
        .into_iter()
        .map(|k| {
            let count = &mut taken[cell(k.y, plane.height)][cell(k.x, plane.width)];
            *count += 1;
            (k.response / (*count as f32).sqrt(), k)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().map(|(_, k)| k).take(most).collect()
}
