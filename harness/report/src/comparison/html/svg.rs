//! Pictures: axes, lines, and what the mouse shows over them.
//!
//! Colours are classes of the style, so that light and dark need no second picture. A picture's text is scaled with it;
//! the style keeps it from getting too narrow to read.

use std::fmt::Write;

/// How wide a picture is, in its own units.
pub(super) const WIDTH: f64 = 600.0;

/// Text that means nothing to HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// From values to places along an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    is_log: bool,
    from: f64,
    to: f64,
}

impl Scale {
    /// Equal distances are equal differences. An empty range is widened.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Scale { low, high, is_log: false, from: 0.0, to: 1.0 }
    }

    /// Equal distances are equal ratios. What is not above zero is at the low end.
    pub(super) fn log(low: f64, high: f64) -> Self {
        let low = low.max(1e-9);
        let high = if high > low * 1.01 { high } else { low * 2.0 };
        Scale { low, high, is_log: true, from: 0.0, to: 1.0 }
    }

    fn between(self, from: f64, to: f64) -> Self {
        Scale { from, to, ..self }
    }

    fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let part = if self.is_log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + part * (self.to - self.from)
    }

    /// Round values along the axis, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: f64) -> Vec<f64> {
        if self.is_log { self.log_ticks() } else { self.linear_ticks(wanted) }
    }

    fn linear_ticks(&self, wanted: f64) -> Vec<f64> {
        let step = round_step((self.high - self.low) / wanted);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|at| at as f64 * step).collect()
    }

    /// Powers of ten, with 2 and 5 between them if there are few.
    fn log_ticks(&self) -> Vec<f64> {
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let decades = (self.high / self.low).log10();
        let between: &[f64] = match decades {
            _ if decades < 0.45 => &[1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            _ if decades < 3.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let all = (first..=last).flat_map(|power| between.iter().map(move |by| by * 10_f64.powi(power)));
        all.filter(|value| (self.low * 0.999..=self.high * 1.001).contains(value)).collect()
    }
}

/// The next of 1, 2, 5, 10, ... that is not less.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let fitting = [1.0, 2.0, 5.0].into_iter().find(|by| by * power >= step * 0.999);
    fitting.unwrap_or(10.0) * power
}

/// A picture with two axes.
pub(super) struct Plot {
    x: Scale,
    y: Scale,
    height: f64,
    title: String,
    below: String,
    content: String,
}

const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 36.0;

impl Plot {
    /// An empty picture; `title` says what is in it to those who do not see it.
    pub(super) fn new(title: &str, height: f64, x: Scale, y: Scale) -> Self {
        Plot {
            x: x.between(LEFT, WIDTH - RIGHT),
            y: y.between(height - BOTTOM, TOP),
            height,
            title: title.to_owned(),
            below: String::new(),
            content: String::new(),
        }
    }

    /// The horizontal axis, with its name and labelled ticks.
    pub(super) fn x_axis(&mut self, name: &str, ticks: &[(f64, String)]) {
        let bottom = self.height - BOTTOM;
        for (value, label) in ticks {
            let x = self.x.at(*value);
            let _ = write!(
                self.below,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
                 <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 14.0,
                escape(label)
            );
        }
        let (middle, y) = (f64::midpoint(LEFT, WIDTH - RIGHT), self.height - 5.0);
        let name = escape(name);
        let _ =
            write!(self.below, "<text class=\"name\" x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">{name}</text>");
    }

    /// The vertical axis with labelled ticks.
    pub(super) fn y_axis(&mut self, ticks: &[(f64, String)]) {
        for (value, label) in ticks {
            let y = self.y.at(*value);
            let _ = write!(
                self.below,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 3.5,
                escape(label)
            );
        }
    }

    /// A line through `points`, in a class of the style.
    pub(super) fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        if points.len() > 1 {
            let path = self.path(points);
            let _ = write!(self.content, "<polyline class=\"line {class}\" points=\"{path}\"/>");
        }
    }

    /// A filled shape with these corners.
    pub(super) fn area(&mut self, class: &str, points: &[(f64, f64)]) {
        let path = self.path(points);
        let _ = write!(self.content, "<polygon class=\"{class}\" points=\"{path}\"/>");
    }

    /// All the height from one value to another.
    pub(super) fn band(&mut self, class: &str, from: f64, to: f64) {
        let (x, to) = (self.x.at(from), self.x.at(to));
        let (width, height) = (to - x, self.height - BOTTOM - TOP);
        let _ = write!(
            self.content,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height}\"/>"
        );
    }

    /// What the mouse shows between two values. It lies over everything drawn so far.
    pub(super) fn hint(&mut self, from: f64, to: f64, text: &str) {
        let (x, to) = (self.x.at(from), self.x.at(to));
        let (width, height) = ((to - x).max(1.0), self.height - BOTTOM - TOP);
        let _ = write!(
            self.content,
            "<rect class=\"hint\" x=\"{x:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height}\"><title>{}</title></rect>",
            escape(text)
        );
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let place = |(x, y): &(f64, f64)| format!("{:.1},{:.1}", self.x.at(*x), self.y.at(*y));
        points.iter().map(place).collect::<Vec<_>>().join(" ")
    }

    /// The picture.
    pub(super) fn done(self) -> String {
        let title = escape(&self.title);
        format!(
            "<div class=\"picture\"><svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{title}\">{}{}</svg></div>\n",
            self.height, self.below, self.content
        )
    }
}

/// A legend: one entry per run, in its colour and its dashes.
pub(super) fn legend(names: &[&str]) -> String {
    let entry = |(at, name): (usize, &&str)| {
        format!(
            "<span><svg class=\"sample\" viewBox=\"0 0 28 8\" aria-hidden=\"true\"><line class=\"line {}\" x1=\"1\" x2=\"27\" \
             y1=\"4\" y2=\"4\"/></svg>{}</span>",
            run_class(at),
            escape(name)
        )
    };
    format!("<p class=\"legend\">{}</p>\n", names.iter().enumerate().map(entry).collect::<String>())
}

/// The class of a run's lines: there are as many as the style has colours.
pub(super) fn run_class(at: usize) -> String {
    format!("run{}", at % 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_means_anything_to_html() {
        assert_eq!(escape("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
    }

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        assert_eq!(Scale::linear(0.0, 97.0).ticks(5.0), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Scale::linear(-0.07, 0.07).ticks(6.0), [-0.05, 0.0, 0.05]);
        assert_eq!(Scale::log(1.0, 1e4).ticks(5.0), [1.0, 10.0, 100.0, 1e3, 1e4]);
        assert_eq!(Scale::log(15.0, 300.0).ticks(5.0), [20.0, 50.0, 100.0, 200.0]);
        assert_eq!(Scale::linear(3.0, 3.0).ticks(2.0), [3.0, 3.5, 4.0]);
    }

    #[test]
    fn what_is_not_on_the_axis_is_at_its_end() {
        let scale = Scale::log(1.0, 100.0).between(0.0, 10.0);
        assert_eq!([0.0, 10.0, 1e9].map(|value| scale.at(value)), [0.0, 5.0, 10.0]);
    }
}
