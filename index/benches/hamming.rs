//! Exact search within 31 bits, for 10,000 and a million codes, by every instruction set at hand.
//!
//! `cargo bench -p markhound-index --bench hamming`. Medians; a query is a stored code with ten bits
//! turned, so that each has an answer. One thread.

use std::hint::black_box;
use std::time::Instant;

use markhound_index::image::{Backend, Code, HammingIndex};

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn random(&mut self) -> Code {
        [self.next(), self.next(), self.next(), self.next()]
    }

    /// One of `prototypes` with three bits of eight drawn anew: about 48 bits from it, and as far
    /// from its other copies as pictures with one backdrop are from each other.
    fn skewed(&mut self, prototypes: &[Code]) -> Code {
        let like = prototypes[(self.next() % prototypes.len() as u64) as usize];
        let (a, b, c, new) = (self.random(), self.random(), self.random(), self.random());
        std::array::from_fn(|i| {
            let drawn = (a[i] & b[i]) | (a[i] & !b[i] & c[i]);
            like[i] & !drawn | new[i] & drawn
        })
    }
}

fn main() {
    let mut dice = Dice(7);
    for number in [10_000, 1_000_000] {
        for skewed in [false, true] {
            // A tenth of the prototypes takes half of the codes, by the way they are listed.
            let mut prototypes: Vec<Code> = (0..200).map(|_| dice.random()).collect();
            for i in 0..180 {
                prototypes.push(prototypes[i % 20]);
            }
            let codes: Vec<Code> = (0..number)
                .map(|_| match skewed {
                    true => dice.skewed(&prototypes),
                    false => dice.random(),
                })
                .collect();
            for backend in Backend::ALL.into_iter().filter(|b| b.is_available()) {
                measure(Some(backend), &codes, skewed, &mut dice);
            }
            measure(None, &codes, skewed, &mut dice);
        }
    }
}

/// Scans with the given instructions, or the way that the index chooses itself.
fn measure(backend: Option<Backend>, codes: &[Code], skewed: bool, dice: &mut Dice) {
    let start = Instant::now();
    let mut index = match backend {
        Some(backend) => HammingIndex::with(backend, usize::MAX),
        None => HammingIndex::new(),
    };
    for (id, &code) in (0..).zip(codes) {
        index.insert(id, code);
    }
    let insert = start.elapsed().as_secs_f64() / codes.len() as f64;
    let way = backend.map_or("by itself".to_owned(), |backend| {
        format!("{backend:?} scan")
    });
    let kind = if skewed { "skewed" } else { "random" };
    print!(
        "{:>9} {kind} codes, {way}: insert {:.0} ns",
        codes.len(),
        insert * 1e9
    );
    for batch in [1, 16, 256] {
        let rounds = if batch == 256 { 5 } else { 31 };
        let mut times: Vec<f64> = (0..rounds)
            .map(|_| {
                let queries: Vec<Code> = (0..batch)
                    .map(|_| {
                        let mut code = codes[(dice.next() % codes.len() as u64) as usize];
                        for _ in 0..10 {
                            let bit = dice.next() % 256;
                            code[(bit / 64) as usize] ^= 1 << (bit % 64);
                        }
                        code
                    })
                    .collect();
                let start = Instant::now();
                black_box(index.within_batch(&queries, 31));
                start.elapsed().as_secs_f64() / f64::from(batch)
            })
            .collect();
        times.sort_by(f64::total_cmp);
        print!(", {batch} at once {:.0}/s", 1.0 / times[rounds / 2]);
    }
    println!();
}
