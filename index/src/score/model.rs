//! The weights: fitted, named, dated, kept as a table.

use std::sync::LazyLock;

use super::SETTLED_BITS;
use super::calibration::Calibration;
use super::factors::{FACTORS, FACTORS_COUNT, Factor, Head, Observation};
use super::shift::Spread;

const BUILT_IN: &str = include_str!("../../data/score_weights.csv");
/// The largest table read, in bytes.
const LARGEST: usize = 1 << 20;
/// No weight is larger than this, in bits.
const HEAVIEST: f64 = 64.0;
const HEADER: [&str; 5] = ["part", "factor", "bin", "value", "seen"];

/// Why a table of weights cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It is far larger than a table of weights is.
    #[error("the table of weights is larger than 1 MiB")]
    TooLarge,
    /// A line says something else than it should.
    #[error("line {line} of the table of weights: {why}")]
    Line {
        /// The line's number, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Something is not there: the table is of another version of the program.
    #[error("the table of weights has no {what}; fit it anew")]
    Missing {
        /// What.
        what: String,
    },
}

/// Weights in bits for each bin of each factor, and the curve that makes probabilities come true.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreModel {
    /// Name of the line of models.
    pub name: String,
    /// Version within that line.
    pub version: u32,
    /// What it was fitted on, in words.
    pub fitted_on: String,
    /// Share of infringing pairs among those it was fitted on.
    pub prevalence: f64,
    pub(super) base: [f64; 2],
    pub(super) weights: [Vec<f64>; FACTORS_COUNT],
    /// How often each bin was seen when the weights were fitted.
    pub(super) seen: [Vec<f64>; FACTORS_COUNT],
    /// From the product of both heads to a probability.
    pub calibration: Calibration,
    /// What was said of the pairs that the curve was drawn from.
    pub spread: Spread,
}

impl ScoreModel {
    /// A model that knows nothing: every weight is zero.
    #[must_use]
    pub fn blank() -> Self {
        let zeros = || std::array::from_fn(|at| vec![0.0; FACTORS[at].bins.len()]);
        Self {
            name: "blank".to_owned(),
            version: 0,
            fitted_on: "nothing".to_owned(),
            prevalence: 0.5,
            base: [0.0; 2],
            weights: zeros(),
            seen: zeros(),
            calibration: Calibration::default(),
            spread: Spread::default(),
        }
    }

    /// The weights that ship with the program.
    ///
    /// # Panics
    /// Never: a test reads the same table.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static MODEL: LazyLock<ScoreModel> = LazyLock::new(|| {
            ScoreModel::parse(BUILT_IN).unwrap_or_else(|why| unreachable!("tested: {why}"))
        });
        &MODEL
    }

    /// Moves what all bins of a factor have in common into the starting point, so that a bin which
    /// was never seen, and has no weight, says neither more nor less than a usual listing does.
    pub(crate) fn centre(&mut self) {
        let round = |bits: f64| (bits * 1e4).round() / 1e4 + 0.0;
        for (at, factor) in FACTORS.iter().enumerate() {
            let seen: f64 = self.seen[at].iter().sum();
            if seen <= 0.0 {
                continue;
            }
            let weighted = self.weights[at].iter().zip(&self.seen[at]);
            let mean = weighted.map(|(weight, seen)| weight * seen).sum::<f64>() / seen;
            self.base[factor.head as usize] += mean;
            for (weight, seen) in self.weights[at].iter_mut().zip(&self.seen[at]) {
                *weight = if *seen > 0.0 {
                    round(*weight - mean)
                } else {
                    0.0
                };
            }
        }
        self.base = self.base.map(round);
    }

    /// Name and version, as every verdict and case carries them.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }

    /// A head's starting point before any evidence, in bits.
    #[must_use]
    pub fn base(&self, head: Head) -> f64 {
        self.base[head as usize]
    }

    /// The weight of a bin of a factor, in bits.
    #[must_use]
    pub fn weight(&self, factor: usize, bin: usize) -> f64 {
        let weights = self.weights.get(factor);
        weights.and_then(|w| w.get(bin)).copied().unwrap_or(0.0)
    }

    /// The sum of a head, in bits.
    #[must_use]
    pub fn bits(&self, head: Head, seen: &Observation) -> f64 {
        let parts = FACTORS.iter().enumerate().filter(|(_, f)| f.head == head);
        parts.fold(self.base(head), |sum, (at, _)| {
            sum + self.weight(at, seen.bin(at))
        })
    }

    /// The probability of a head alone.
    #[must_use]
    pub fn head(&self, head: Head, seen: &Observation) -> f64 {
        from_bits(self.bits(head, seen))
    }

    /// Both heads together, before the curve.
    #[must_use]
    pub fn raw(&self, seen: &Observation) -> f64 {
        self.head(Head::Concerns, seen) * self.head(Head::Infringes, seen)
    }

    /// The probability that a listing infringes.
    #[must_use]
    pub fn probability(&self, seen: &Observation) -> f64 {
        // No pair without any evidence is ever fitted on: the weights do not know it.
        if seen.is_empty() {
            return from_bits(SETTLED_BITS);
        }
        self.calibration.apply(self.raw(seen))
    }

    /// The table.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let mut row = |cells: [&str; 5]| out.write_record(cells);
        let number = |v: f64| format!("{v}");
        let mut write = || -> Result<(), csv::Error> {
            row(HEADER)?;
            row(["about", "name", "", &self.name, ""])?;
            row(["about", "version", "", &self.version.to_string(), ""])?;
            row(["about", "fitted_on", "", &self.fitted_on, ""])?;
            row(["about", "prevalence", "", &number(self.prevalence), ""])?;
            for head in Head::ALL {
                let name = head.as_str();
                row([name, "base", "", &number(self.base(head)), ""])?;
                for (at, factor) in FACTORS.iter().enumerate().filter(|(_, f)| f.head == head) {
                    for (bin, label) in factor.bins.iter().enumerate() {
                        let (weight, seen) = (self.weights[at][bin], self.seen[at][bin]);
                        row([name, factor.name, label, &number(weight), &number(seen)])?;
                    }
                }
            }
            for (score, probability) in self.calibration.knots() {
                row(["curve", &number(*score), "", &number(*probability), ""])?;
            }
            for [until, honest, infringing] in self.spread.rows() {
                let counts = [number(honest), number(infringing)];
                row(["spread", &number(until), "", &counts[0], &counts[1]])?;
            }
            Ok(())
        };
        // Writing into memory fails for want of memory only.
        match write() {
            Ok(()) => {}
            Err(_) => return String::new(),
        }
        let bytes = out.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`ModelError`] for anything that is not a whole table of this program's factors.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        if text.len() > LARGEST {
            return Err(ModelError::TooLarge);
        }
        let mut model = Self::blank();
        let mut there: Vec<String> = Vec::new();
        let mut knots = Vec::new();
        let mut spread: Vec<[f64; 3]> = Vec::new();
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        for row in reader.records() {
            let row = row.map_err(|why| ModelError::Line {
                line: why.position().map_or(1, csv::Position::line),
                why: why.to_string(),
            })?;
            let line = row.position().map_or(1, csv::Position::line);
            let bad = |why: &str| ModelError::Line {
                line,
                why: why.to_owned(),
            };
            let cell = |at: usize| row.get(at).unwrap_or_default();
            let real = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite());
            let (part, factor, bin, value) = (cell(0), cell(1), cell(2), cell(3));
            there.push(format!("{part} {factor} {bin}"));
            let bits = || {
                real(value)
                    .filter(|v| v.abs() <= HEAVIEST)
                    .ok_or_else(|| bad("the weight is no number of bits"))
            };
            match (part, factor) {
                ("about", "name") => value.clone_into(&mut model.name),
                ("about", "fitted_on") => value.clone_into(&mut model.fitted_on),
                ("about", "version") => {
                    model.version = value.parse().map_err(|_| bad("the version is no number"))?;
                }
                ("about", "prevalence") => {
                    model.prevalence = real(value)
                        .filter(|v| *v > 0.0 && *v < 1.0)
                        .ok_or_else(|| bad("the prevalence is no share"))?;
                }
                ("curve", score) => {
                    let knot = real(score).zip(real(value));
                    knots.push(knot.ok_or_else(|| bad("the knot is no pair of numbers"))?);
                }
                ("spread", until) => {
                    // The last group has no end.
                    let until = until.parse::<f64>().ok().filter(|v| !v.is_nan());
                    let group = until.zip(real(value)).zip(real(cell(4)));
                    let ((until, honest), infringing) =
                        group.ok_or_else(|| bad("the group is no three numbers"))?;
                    spread.push([until, honest, infringing]);
                }
                (head, factor) => {
                    let head = Head::ALL.into_iter().find(|h| h.as_str() == head);
                    let head = head.ok_or_else(|| {
                        bad("it is none of about, concerns, infringes, curve, spread")
                    })?;
                    if factor == "base" {
                        model.base[head as usize] = bits()?;
                        continue;
                    }
                    let at = FACTORS
                        .iter()
                        .position(|f| f.head == head && f.name == factor)
                        .ok_or_else(|| bad("there is no such factor"))?;
                    let place = FACTORS[at]
                        .bins
                        .iter()
                        .position(|b| *b == bin)
                        .ok_or_else(|| bad("the factor has no such bin"))?;
                    model.weights[at][place] = bits()?;
                    model.seen[at][place] = real(cell(4)).unwrap_or(0.0);
                }
            }
        }
        // A table older than a factor has no row of it: its weights are zero.
        let is_older = |f: &Factor| {
            let rows = format!("{} {} ", f.head.as_str(), f.name);
            f.is_new() && !there.iter().any(|row| row.starts_with(&rows))
        };
        let bins = FACTORS.iter().filter(|f| !is_older(f)).flat_map(|f| {
            let (head, name) = (f.head.as_str(), f.name);
            f.bins.iter().map(move |bin| format!("{head} {name} {bin}"))
        });
        let abouts =
            ["name ", "version ", "fitted_on ", "prevalence "].map(|a| format!("about {a}"));
        let bases = Head::ALL.map(|head| format!("{} base ", head.as_str()));
        for what in bins.chain(abouts).chain(bases) {
            if !there.contains(&what) {
                return Err(ModelError::Missing { what });
            }
        }
        model.calibration = Calibration::from_knots(knots).ok_or(ModelError::Missing {
            what: "curve that rises".to_owned(),
        })?;
        model.spread = Spread::from_rows(&spread).ok_or(ModelError::Missing {
            what: "spread whose groups rise".to_owned(),
        })?;
        Ok(model)
    }
}

/// The probability of a sum of bits.
pub(super) fn from_bits(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// The sum of bits of a probability.
pub(super) fn to_bits(probability: f64) -> f64 {
    let p = probability.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_whole_and_comes_back_as_it_was() {
        let model = ScoreModel::parse(BUILT_IN).expect("the table is whole");
        assert_eq!(ScoreModel::parse(&model.to_csv()), Ok(model));
    }

    #[test]
    fn a_damaged_table_is_refused_with_its_line() {
        let good = ScoreModel::blank().to_csv();
        assert!(ScoreModel::parse(&good).is_ok());
        let first = "concerns,base,,0,";
        for (from, to) in [
            (first, "concerns,base,,NaN,"),
            (first, "concerns,base,,1e9,"),
            (first, "concerned,base,,0,"),
            ("concerns,title,not found,0,0", "concerns,title,lost,0,0"),
            (
                "concerns,title,not found,0,0",
                "concerns,name,not found,0,0",
            ),
            ("about,prevalence,,0.5,", "about,prevalence,,1.5,"),
        ] {
            assert!(good.contains(from), "{from}");
            let bad = ScoreModel::parse(&good.replace(from, to));
            assert!(matches!(bad, Err(ModelError::Line { .. })), "{to}: {bad:?}");
        }
        let short = ScoreModel::parse(&good.replace("infringes,release,out,0,0\n", ""));
        assert!(
            matches!(short, Err(ModelError::Missing { .. })),
            "{short:?}"
        );
        let older: String = good
            .lines()
            .filter(|line| !line.contains(",name,") || line.starts_with("about"))
            .map(|line| format!("{line}\n"))
            .collect();
        assert!(older.len() < good.len());
        assert_eq!(ScoreModel::parse(&older), Ok(ScoreModel::blank()));
        let falls = format!("{good}curve,0.5,,0.5,\ncurve,0.6,,0.4,\n");
        assert!(matches!(
            ScoreModel::parse(&falls),
            Err(ModelError::Missing { .. })
        ));
        assert_eq!(
            ScoreModel::parse(&" ".repeat(LARGEST + 1)),
            Err(ModelError::TooLarge)
        );
    }
}
