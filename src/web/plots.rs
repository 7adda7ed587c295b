//! Plots drawn on the server: SVG without script or style of its own, with axis and
//! labels, and the numbers behind it as a table.
//!
//! Colours, dashes and sizes of type are those of `house.css`; a drawing scales with the
//! page.

use super::show;

/// Width of a drawing in its own units, and of one as wide as the page.
const WIDTH: f64 = 640.0;
const WIDE: f64 = 1240.0;
/// Height.
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;
/// Labels under a line plot, at most.
const MOST_LABELS: usize = 7;
/// Points of a line that are marked one by one; more would run into each other.
const MOST_MARKS: usize = 40;
/// Steps of the upright axis.
const STEPS: i64 = 4;

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    PerCent,
}

/// A line: its name, and a value at each place; `None` breaks it.
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) values: Vec<Option<i64>>,
}

/// Lines over one another, along time.
pub(super) struct Lines {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What is counted.
    pub(super) definition: String,
    pub(super) places: Vec<String>,
    pub(super) series: Vec<Series>,
    pub(super) unit: Unit,
    /// Whether it is as wide as the page.
    pub(super) wide: bool,
}

/// Bars side by side.
pub(super) struct Bars {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) definition: String,
    /// (label, value, whether it calls for attention)
    pub(super) bars: Vec<(String, i64, bool)>,
}

/// A line across the drawing, and its label.
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) text_at: String,
    pub(super) label: String,
}

/// A piece of text at a place.
pub(super) struct Label {
    pub(super) at: String,
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

/// A line as it is drawn.
pub(super) struct Drawn {
    /// Number of the line, which its colour and dashes follow from.
    pub(super) number: usize,
    /// Unbroken pieces: `x,y x,y …`.
    pub(super) pieces: Vec<String>,
    /// (x, y, words)
    pub(super) marks: Vec<(String, String, String)>,
}

/// A bar as it is drawn.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) middle: String,
    pub(super) above: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) warns: bool,
}

impl Unit {
    pub(super) fn written(self, value: &Option<i64>) -> String {
        match (self, value) {
            (_, None) => "–".to_owned(),
            (Self::Count, Some(value)) => show::number(value),
            (Self::PerCent, Some(value)) => format!("{value} %"),
        }
    }
}

/// The top of an axis for values up to `most`: a round number that [`STEPS`] divides.
fn top(most: i64) -> i64 {
    let mut step = 1;
    loop {
        for times in [1, 2, 5] {
            if step * times * STEPS >= most {
                return step * times * STEPS;
            }
        }
        step *= 10;
    }
}

fn y(value: i64, top: i64) -> f64 {
    let share = value as f64 / top.max(1) as f64;
    HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
}

fn ticks(top: i64, unit: Unit) -> Vec<Tick> {
    (0..=STEPS)
        .map(|step| {
            let value = top / STEPS * step;
            Tick {
                at: px(y(value, top)),
                text_at: px(y(value, top) + 4.0),
                label: unit.written(&Some(value)),
            }
        })
        .collect()
}

fn px(at: f64) -> String {
    format!("{at:.1}")
}

impl Lines {
    pub(super) fn is_empty(&self) -> bool {
        let any = |series: &Series| {
            series
                .values
                .iter()
                .any(|value| value.is_some_and(|v| v > 0))
        };
        !self.series.iter().any(any)
    }

    fn top(&self) -> i64 {
        if self.unit == Unit::PerCent {
            return 100;
        }
        let values = self.series.iter().flat_map(|series| &series.values);
        top(values.flatten().copied().max().unwrap_or(0).max(STEPS))
    }

    fn width(&self) -> f64 {
        if self.wide { WIDE } else { WIDTH }
    }

    /// The drawing's own units: `0 0 640 240`.
    pub(super) fn view(&self) -> String {
        format!("0 0 {} {HEIGHT}", self.width())
    }

    /// Where its lines end.
    pub(super) fn end(&self) -> f64 {
        self.width() - RIGHT
    }

    fn x(&self, place: usize) -> f64 {
        let room = self.width() - LEFT - RIGHT;
        match self.places.len() {
            0 | 1 => LEFT + room / 2.0,
            count => LEFT + room * place as f64 / (count - 1) as f64,
        }
    }

    pub(super) fn ticks(&self) -> Vec<Tick> {
        ticks(self.top(), self.unit)
    }

    pub(super) fn labels(&self) -> Vec<Label> {
        let count = self.places.len();
        let most = if self.wide {
            2 * MOST_LABELS
        } else {
            MOST_LABELS
        };
        let every = count.div_ceil(most).max(1);
        let last = count.saturating_sub(1);
        let shown = |place: &usize| place.is_multiple_of(every);
        (0..count)
            .filter(shown)
            .map(|place| Label {
                at: px(self.x(place)),
                anchor: match place {
                    0 if count > 1 => "start",
                    place if place == last && count > 1 => "end",
                    _ => "middle",
                },
                text: self.places[place].clone(),
            })
            .collect()
    }

    pub(super) fn drawn(&self) -> Vec<Drawn> {
        let top = self.top();
        let line = |(number, series): (usize, &Series)| {
            let mut pieces = vec![Vec::new()];
            let mut marks = Vec::new();
            for (place, value) in series.values.iter().enumerate() {
                let Some(value) = value else {
                    pieces.push(Vec::new());
                    continue;
                };
                let (x, y) = (px(self.x(place)), px(y(*value, top)));
                if let Some(piece) = pieces.last_mut() {
                    piece.push(format!("{x},{y}"));
                }
                let words = format!(
                    "{}, {}: {}",
                    self.places[place],
                    series.name,
                    self.unit.written(&Some(*value))
                );
                marks.push((x, y, words));
            }
            if self.places.len() > MOST_MARKS {
                marks.clear();
            }
            pieces.retain(|piece| piece.len() > 1);
            Drawn {
                number,
                pieces: pieces.iter().map(|piece| piece.join(" ")).collect(),
                marks,
            }
        };
        self.series.iter().enumerate().map(line).collect()
    }

    /// The drawing in words.
    pub(super) fn summary(&self) -> String {
        let Some(last) = self.places.last() else {
            return format!("{}: nothing yet", self.title);
        };
        let ends: Vec<String> = self
            .series
            .iter()
            .map(|series| {
                let end = series.values.last().copied().flatten();
                format!("{} {}", series.name, self.unit.written(&end))
            })
            .collect();
        format!(
            "{} from {} to {last}; at the end {}. The numbers follow as a table.",
            self.title,
            self.places[0],
            ends.join(", ")
        )
    }

    /// (place, values as written)
    pub(super) fn rows(&self) -> Vec<(&str, Vec<String>)> {
        let written = |at: usize| {
            let values = self.series.iter().map(|series| series.values.get(at));
            values
                .map(|value| self.unit.written(&value.copied().flatten()))
                .collect()
        };
        let places = self.places.iter().enumerate();
        places
            .map(|(at, place)| (place.as_str(), written(at)))
            .collect()
    }
}

impl Bars {
    pub(super) fn is_empty(&self) -> bool {
        self.bars.iter().all(|(_, value, _)| *value == 0)
    }

    fn top(&self) -> i64 {
        let most = self.bars.iter().map(|(_, value, _)| *value).max();
        top(most.unwrap_or(0).max(STEPS))
    }

    pub(super) fn ticks(&self) -> Vec<Tick> {
        ticks(self.top(), Unit::Count)
    }

    pub(super) fn drawn(&self) -> Vec<Bar> {
        let room = (WIDTH - LEFT - RIGHT) / self.bars.len().max(1) as f64;
        let top = self.top();
        self.bars
            .iter()
            .enumerate()
            .map(|(at, (label, value, warns))| {
                let left = LEFT + room * at as f64;
                let upper = y(*value, top);
                Bar {
                    x: px(left + room * 0.16),
                    y: px(upper),
                    width: px(room * 0.68),
                    height: px(HEIGHT - BOTTOM - upper),
                    middle: px(left + room / 2.0),
                    above: px((upper - 5.0).max(10.0)),
                    label: label.clone(),
                    value: show::number(value),
                    warns: *warns,
                }
            })
            .collect()
    }

    pub(super) fn summary(&self) -> String {
        let parts: Vec<String> = self
            .bars
            .iter()
            .map(|(label, value, _)| format!("{label} {}", show::number(value)))
            .collect();
        format!("{}: {}", self.title, parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(values: &[Option<i64>]) -> Lines {
        Lines {
            id: "l",
            title: "Found",
            definition: String::new(),
            places: (0..values.len()).map(|n| n.to_string()).collect(),
            series: vec![Series {
                name: "found",
                values: values.to_vec(),
            }],
            unit: Unit::Count,
            wide: false,
        }
    }

    #[test]
    fn an_axis_ends_at_a_round_number_above_everything() {
        assert_eq!(top(4), 4);
        assert_eq!(top(5), 8);
        assert_eq!(top(21), 40);
        assert_eq!(top(100_000), 200_000);
        assert_eq!(top(80_000), 80_000);
    }

    #[test]
    fn a_line_breaks_where_there_is_no_value_and_stays_inside() {
        let lines = lines(&[Some(1), Some(9), None, Some(3), Some(0)]);
        let drawn = &lines.drawn()[0];
        assert_eq!(drawn.pieces.len(), 2);
        assert_eq!(drawn.marks.len(), 4);
        for (x, y, _) in &drawn.marks {
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((LEFT..=WIDTH - RIGHT).contains(&x), "{x}");
            assert!((TOP..=HEIGHT - BOTTOM).contains(&y), "{y}");
        }
        assert!(
            lines
                .summary()
                .ends_with("at the end found 0. The numbers follow as a table.")
        );
    }

    #[test]
    fn plots_of_nothing_and_of_one_place_are_drawn() {
        assert!(lines(&[]).drawn()[0].pieces.is_empty());
        assert!(lines(&[]).is_empty());
        let one = lines(&[Some(7)]);
        assert_eq!(one.labels().len(), 1);
        assert_eq!(one.drawn()[0].marks.len(), 1);
        let many = lines(&vec![Some(1); 400]);
        assert!(many.labels().len() <= MOST_LABELS);
        assert!(many.drawn()[0].marks.is_empty());
    }
}
