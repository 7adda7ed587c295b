//! The first stage: whole pictures, trimmed pictures and panels by their hashes.

use super::fingerprint::Fingerprint;
use super::geometry::Affine;
use super::hamming::HammingIndex;
use super::luma::Rect;
use super::pdq::{Dihedral, PdqHash};
use super::views::Part;

/// Parts of a reference photo that are held against the parts of a query: the whole, and the photo
/// without its border.
const MOST: usize = 2;

/// A hashed part of a reference photo.
#[derive(Debug, Clone, Copy)]
pub(super) struct HashedView {
    pub hash: PdqHash,
    pub rect: [u16; 4],
}

/// A part of a query that looks like a part of a reference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// Hamming distance, in bits of 256.
    pub distance: u32,
    /// Which of the query's views, laid down in which way.
    pub query: usize,
    pub way: Dihedral,
    /// Which of the reference's views.
    pub view: usize,
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

/// The hashes of all references.
#[derive(Debug, Clone, Default)]
pub(super) struct HashIndex {
    index: HammingIndex,
}

impl HashIndex {
    pub(super) fn insert(&mut self, entry: u32, views: &[HashedView]) {
        for (at, view) in views.iter().enumerate().take(MOST) {
            self.index.insert(id(entry, at), view.hash.0);
        }
    }

    pub(super) fn remove(&mut self, entry: u32) {
        for at in 0..MOST {
            self.index.remove(id(entry, at));
        }
    }

    /// The references with a part within `radius` bits of a part of the query, nearest first, each
    /// once.
    pub(super) fn near(&self, query: &Fingerprint, radius: u32) -> Vec<(u32, Near)> {
        let (asked, codes): (Vec<(usize, Dihedral)>, Vec<_>) = query
            .views
            .iter()
            .enumerate()
            .flat_map(|(at, view)| {
                let hashes = Dihedral::ALL.into_iter().zip(view.hashes);
                hashes.map(move |(way, hash)| ((at, way), hash.0))
            })
            .unzip();
        let mut out: Vec<(u32, Near)> = Vec::new();
        for ((query, way), found) in asked
            .into_iter()
            .zip(self.index.within_batch(&codes, radius))
        {
            out.extend(found.into_iter().map(|(id, distance)| {
                let near = Near {
                    distance,
                    query,
                    way,
                    view: (id % MOST as u64) as usize,
                };
                ((id / MOST as u64) as u32, near)
            }));
        }
        out.sort_by_key(|(entry, near)| (*entry, near.distance));
        out.dedup_by_key(|(entry, _)| *entry);
        out.sort_by_key(|(entry, near)| (near.distance, *entry));
        out
    }
}

fn id(entry: u32, view: usize) -> u64 {
    u64::from(entry) * MOST as u64 + view as u64
}

impl Near {
    /// How the reference lies in the query, and whether that is the mirrored query.
    pub(super) fn placement(
        &self,
        query: &Fingerprint,
        query_size: [f32; 2],
        views: &[HashedView],
        size: [f32; 2],
    ) -> (bool, Affine) {
        let [x0, y0, x1, y1] = views[self.view].rect.map(|v| f64::from(v) / 65535.0);
        let from = Rect::new(x0, y0, x1, y1);
        placement(
            self.way,
            &query.views[self.query].rect(),
            query_size,
            &from,
            size,
        )
    }
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
