//! The first stage: whole pictures, trimmed pictures and panels by their hashes.

use super::fingerprint::Fingerprint;
use super::geometry::Affine;
use super::luma::Rect;
use super::pdq::{Dihedral, PdqHash};
use super::views::Part;

/// Parts of a reference photo that are held against the parts of a query.
const MOST: usize = 2;

/// A hashed part of a reference photo.
#[derive(Debug, Clone)]
pub(super) struct HashedView {
    pub hash: PdqHash,
    pub rect: [u16; 4],
}

/// The parts of a reference photo that a seller may have copied as a whole.
pub(super) fn reference_views(fingerprint: &Fingerprint) -> Vec<HashedView> {
    fingerprint
        .views
        .iter()
        .filter(|v| v.part != Part::Panel)
        .take(MOST)
        .map(|v| HashedView {
            hash: v.hashes[0],
            rect: v.rect,
        })
        .collect()
}

/// The nearest pair of parts within `radius` bits: their distance, the query's part, and how the
/// reference lies in the query (or in the mirrored query).
pub(super) fn nearest(
    query: &Fingerprint,
    query_size: [f32; 2],
    views: &[HashedView],
    size: [f32; 2],
    radius: u32,
) -> Option<(u32, Part, bool, Affine)> {
    let mut best: Option<(u32, usize, Dihedral, usize)> = None;
    for (q, view) in query.views.iter().enumerate() {
        for way in Dihedral::ALL {
            for (r, reference) in views.iter().enumerate() {
                let distance = view.hashes[way as usize].distance(&reference.hash);
                if distance <= radius && best.is_none_or(|b| distance < b.0) {
                    best = Some((distance, q, way, r));
                }
            }
        }
    }
    let (distance, q, way, r) = best?;
    let view = &query.views[q];
    let unpack = |r: [u16; 4]| {
        let [x0, y0, x1, y1] = r.map(|v| f64::from(v) / 65535.0);
        Rect::new(x0, y0, x1, y1)
    };
    let (mirrored, map) = placement(way, &view.rect(), query_size, &unpack(views[r].rect), size);
    Some((distance, view.part, mirrored, map))
}

/// How a reference lies in the query when its part `from` is the query's part `to` laid down in some
/// way; and whether that is the mirrored query.
fn placement(
    way: Dihedral,
    to: &Rect,
    to_size: [f32; 2],
    from: &Rect,
    from_size: [f32; 2],
) -> (bool, Affine) {
    // Where the corners (0, 0), (1, 0) and (0, 1) of the moved part lie in the part before it was
    // moved, the mirror apart.
    let (mirrored, [origin, right, down]) = match way {
        Dihedral::Original => (false, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
        Dihedral::Rotate90 => (false, [[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]),
        Dihedral::Rotate180 => (false, [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]),
        Dihedral::Rotate270 => (false, [[0.0, 1.0], [0.0, 0.0], [1.0, 1.0]]),
        Dihedral::FlipX => (true, [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]),
        Dihedral::FlipY => (true, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
        Dihedral::FlipPlus1 => (true, [[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]),
        Dihedral::FlipMinus1 => (true, [[0.0, 1.0], [0.0, 0.0], [1.0, 1.0]]),
    };
    let to = if mirrored { to.mirrored() } else { *to };
    let point = |[u, v]: [f32; 2]| {
        [
            (to.x0 as f32 + u * to.width() as f32) * to_size[0],
            (to.y0 as f32 + v * to.height() as f32) * to_size[1],
        ]
    };
    let (o, r, d) = (point(origin), point(right), point(down));
    let (w, h) = (
        from.width() as f32 * from_size[0],
        from.height() as f32 * from_size[1],
    );
    let (a, c) = ((r[0] - o[0]) / w, (r[1] - o[1]) / w);
    let (b, e) = ((d[0] - o[0]) / h, (d[1] - o[1]) / h);
    let (x0, y0) = (from.x0 as f32 * from_size[0], from.y0 as f32 * from_size[1]);
    let map = Affine {
        a,
        b,
        tx: o[0] - a * x0 - b * y0,
        c,
        d: e,
        ty: o[1] - c * x0 - e * y0,
    };
    (mirrored, map)
}
