//! The recall of each edit as a drawing.

use std::fmt::Write as _;

use super::report::Report;

/// Width of the drawing, in its own units.
const WIDTH: f64 = 720.0;
/// Where the bars begin, and how long one for 100 % is.
const LEFT: f64 = 110.0;
const FULL: f64 = 500.0;
/// Height of a line, and of its bar.
const LINE: f64 = 22.0;
const BAR: f64 = 14.0;
/// Room above the bars and below.
const TOP: f64 = 62.0;
const BOTTOM: f64 = 40.0;

/// Colours for light and for dark pages. Renderers that do not know the media query show the light
/// ones on their own ground, so that the drawing has a ground of its own.
const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:13px;fill:#1f2328}\
.title{font-size:16px;font-weight:600}.soft{fill:#59636e;font-size:12px}.ground{fill:#fff}\
.grid{stroke:#d1d9e0;stroke-width:1}.bar{fill:#2f6fbb}.mean{fill:#8a5a00}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.soft{fill:#9198a1}.ground{fill:#0d1117}\
.grid{stroke:#3d444d}.bar{fill:#5aa2f0}.mean{fill:#d8a13a}}";

/// Draws the report as an SVG: a bar for each edit's recall as decided, one for their mean, and the
/// figures beside them. `title` and `under` stand above; both are escaped.
#[must_use]
pub fn recall_plot(report: &Report, title: &str, under: &str) -> String {
    let mut lines: Vec<(&str, f64, &str)> = report
        .edits
        .iter()
        .map(|edit| (edit.name.as_str(), edit.recall, "bar"))
        .collect();
    if let Some(means) = &report.means {
        lines.push(("mean", means.recall, "mean"));
    }
    let bottom = TOP + lines.len() as f64 * LINE;
    let height = bottom + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"t\">\n\
         <title id=\"t\">{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text class=\"title\" x=\"16\" y=\"26\">{title}</text>\n\
         <text class=\"soft\" x=\"16\" y=\"46\">{under}</text>\n",
        title = escaped(title),
        under = escaped(under),
    );
    for percent in [0, 25, 50, 75, 100] {
        let x = LEFT + FULL * f64::from(percent) / 100.0;
        // Writing to a string does not fail.
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x}\" y1=\"{TOP}\" x2=\"{x}\" y2=\"{bottom}\"/>\
             <text class=\"soft\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{percent} %</text>",
            bottom + 18.0
        );
    }
    for (i, (name, recall, class)) in lines.into_iter().enumerate() {
        let top = TOP + i as f64 * LINE + (LINE - BAR) / 2.0;
        let width = FULL * recall.clamp(0.0, 1.0);
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>\
             <text x=\"{:.1}\" y=\"{y}\">{:.1} %</text>",
            LEFT - 8.0,
            escaped(name),
            LEFT + FULL + 14.0,
            recall * 100.0,
            y = top + BAR - 2.5,
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::measure::{Found, Measured};
    use super::*;

    #[test]
    fn the_drawing_has_a_bar_and_a_figure_for_each_edit_and_the_mean() {
        let found = |score| Found {
            score,
            overlap: 1.0,
        };
        let report = Report::new(&Measured {
            unrelated: Vec::new(),
            edited: vec![
                ("blur", found(Some(0.9))),
                ("blur", found(None)),
                ("mirror", found(Some(0.9))),
            ],
        });
        let svg = recall_plot(&report, "Found <again>", "2 & 1");
        assert!(svg.contains("Found &lt;again&gt;") && svg.contains("2 &amp; 1"));
        for (name, figure, width) in [
            ("blur", "50.0 %", "250.0"),
            ("mirror", "100.0 %", "500.0"),
            ("mean", "75.0 %", "375.0"),
        ] {
            let line = svg
                .lines()
                .find(|l| l.contains(&format!(">{name}<")))
                .unwrap();
            assert!(
                line.contains(figure) && line.contains(&format!("width=\"{width}\"")),
                "{line}"
            );
        }
        assert!(svg.contains("prefers-color-scheme:dark") && !svg.contains("http://fonts"));
    }
}
