//! Charts as SVG: what is drawn where. The template puts it into elements; every value stands beside its mark and in a table, so that no colour is needed to read them.

/// Bars, one below the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// What it shows.
    pub title: &'static str,
    /// What is counted: the head of the table's first column.
    pub of: &'static str,
    /// Largest first, or in their own order.
    pub bars: Vec<Bar>,
    /// The height of the drawing.
    pub height: usize,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "where it is drawn")]
pub struct Bar {
    pub word: String,
    /// The word, cut to what fits.
    pub label: String,
    pub value: String,
    pub width: i64,
    pub y: usize,
    pub text_y: usize,
    pub value_x: i64,
}

/// Where bars begin, how long the longest is, how high each is.
const LEFT: i64 = 150;
const LONGEST: i64 = 300;
const ROW: usize = 26;
const LABEL_CHARS: usize = 10;

impl Bars {
    /// Whether there is anything to see.
    pub fn has_any(&self) -> bool {
        self.bars.iter().any(|bar| bar.width > 0)
    }

    /// Bars of counts. `word` says how a value is written.
    pub fn new(title: &'static str, of: &'static str, rows: Vec<(String, i64)>, word: impl Fn(i64) -> String) -> Self {
        let most = rows.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
        let bars: Vec<Bar> = rows
            .into_iter()
            .enumerate()
            .map(|(at, (name, value))| {
                let width = (value.max(0) * LONGEST / most).max(i64::from(value > 0));
                let label = if name.chars().count() > LABEL_CHARS {
                    format!("{}…", name.chars().take(LABEL_CHARS - 1).collect::<String>())
                } else {
                    name.clone()
                };
                Bar { word: name, label, value: word(value), width, y: at * ROW + 4, text_y: at * ROW + 17, value_x: LEFT + width + 6 }
            })
            .collect();
        Self { title, of, height: bars.len() * ROW, bars }
    }
}

/// A line over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it shows.
    pub title: &'static str,
    /// The head of the table's first column.
    pub of: &'static str,
    /// `x,y x,y …`.
    pub points: String,
    /// The value of the upper edge.
    pub top: i64,
    /// The first and the last moment.
    pub ends: (String, String),
    /// The highest point: where its words stand, and what they say.
    pub peak: Option<(i64, i64, String)>,
    /// Every moment with its value.
    pub rows: Vec<(String, i64)>,
}

/// The drawing: what lies inside its margins.
const WIDTH: i64 = 560;
const HEIGHT: i64 = 130;
const MARGIN_X: i64 = 40;
const MARGIN_Y: i64 = 22;

impl Line {
    /// A line through values at even distances.
    pub fn new(title: &'static str, of: &'static str, rows: Vec<(String, i64)>) -> Self {
        let top = round_up(rows.iter().map(|(_, value)| *value).max().unwrap_or(0));
        let last = i64::try_from(rows.len()).unwrap_or(1).saturating_sub(1).max(1);
        let place =
            |at: usize, value: i64| (MARGIN_X + i64::try_from(at).unwrap_or(0) * WIDTH / last, MARGIN_Y + HEIGHT - value * HEIGHT / top);
        let points = rows
            .iter()
            .enumerate()
            .map(|(at, (_, value))| place(at, *value))
            .map(|(x, y)| format!("{x},{y}"))
            .collect::<Vec<_>>()
            .join(" ");
        let highest = rows.iter().enumerate().filter(|(_, (_, value))| *value > 0).max_by_key(|(_, (_, value))| *value);
        let peak = highest.map(|(at, (when, value))| {
            let (x, y) = place(at, *value);
            (x.clamp(MARGIN_X + 60, MARGIN_X + WIDTH - 60), y - 6, format!("{when}：{value}"))
        });
        let end = |row: Option<&(String, i64)>| row.map(|(when, _)| when.clone()).unwrap_or_default();
        Self { title, of, points, top, ends: (end(rows.first()), end(rows.last())), peak, rows }
    }
}

/// The next 1, 2 or 5 times a power of ten.
fn round_up(value: i64) -> i64 {
    let mut step = 1;
    loop {
        for times in [1, 2, 5] {
            if times * step >= value {
                return times * step;
            }
        }
        step *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_and_a_small_one_is_seen() {
        let bars = Bars::new("t", "o", vec![("甲".into(), 1_000_000), ("乙".into(), 1), ("丙".into(), 0)], |n| n.to_string()).bars;
        assert_eq!(bars.iter().map(|bar| bar.width).collect::<Vec<_>>(), [LONGEST, 1, 0]);
    }

    #[test]
    fn a_line_stays_inside_its_margins() {
        let line = Line::new("t", "o", (0..48).map(|at| (format!("{at}时"), at % 7)).collect());
        assert_eq!((line.top, line.ends.1.as_str()), (10, "47时"));
        assert_eq!(line.points.split(' ').count(), 48);
        assert!(line.points.starts_with("40,152 ") && line.points.ends_with(",87"), "{}", line.points);
        assert!(Line::new("t", "o", Vec::new()).peak.is_none());
        assert_eq!([0, 1, 3, 11, 50, 51].map(round_up), [1, 1, 5, 20, 50, 100]);
    }
}
