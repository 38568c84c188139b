//! A plane seen by a camera: the map from one plane to another that keeps lines straight.

use crate::geometry::Point;

/// `x' = (a·x + b·y + c) / w`, `y' = (d·x + e·y + f) / w` with `w = g·x + h·y + 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Projective {
    m: [f32; 8],
}

impl Projective {
    /// The map that brings four points, no three of them on a line, to four others. `None` where there is none.
    pub(crate) fn through(pairs: [(Point, Point); 4]) -> Option<Self> {
        // Two equations for each pair, linear in the eight numbers.
        let mut rows = [[0.0f64; 9]; 8];
        for (row, (from, to)) in rows.chunks_exact_mut(2).zip(pairs) {
            let [x, y, u, v] = [from.x, from.y, to.x, to.y].map(f64::from);
            row[0] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
            row[1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
        }
        solve(&mut rows).map(|m| Self { m: m.map(|value| value as f32) })
    }

    /// Where a point goes.
    pub(crate) fn apply(&self, p: Point) -> Point {
        let [a, b, c, d, e, f, g, h] = self.m;
        let w = g * p.x + h * p.y + 1.0;
        Point::new((a * p.x + b * p.y + c) / w, (d * p.x + e * p.y + f) / w)
    }

    /// How many steps of the result one step at the point makes, in the direction that makes most.
    pub(crate) fn step_at(&self, p: Point) -> f32 {
        let here = self.apply(p);
        let right = self.apply(Point::new(p.x + 1.0, p.y));
        let below = self.apply(Point::new(p.x, p.y + 1.0));
        here.distance(right).max(here.distance(below))
    }
}

/// Gauss–Jordan with the largest pivot of each column.
fn solve(rows: &mut [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let lead = rows[column];
        if lead[column].abs() < 1e-9 {
            return None;
        }
        for (index, row) in rows.iter_mut().enumerate() {
            let factor = row[column] / lead[column];
            if index != column && factor != 0.0 {
                row.iter_mut().zip(lead).for_each(|(value, above)| *value -= factor * above);
            }
        }
    }
    let mut out = [0.0; 8];
    for (index, value) in out.iter_mut().enumerate() {
        *value = rows[index][8] / rows[index][index];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> [(Point, Point); 4] {
        let from = [(0.0, 0.0), (856.0, 0.0), (856.0, 540.0), (0.0, 540.0)];
        let to = [(210.0, 190.0), (1300.0, 120.0), (1420.0, 860.0), (160.0, 930.0)];
        std::array::from_fn(|i| (Point::new(from[i].0, from[i].1), Point::new(to[i].0, to[i].1)))
    }

    #[test]
    fn four_points_come_to_their_places_and_lines_stay_lines() {
        let map = Projective::through(pairs()).unwrap();
        for (from, to) in pairs() {
            assert!(map.apply(from).distance(to) < 0.05, "{from:?}");
        }
        let [a, b, c] = [100.0, 400.0, 700.0].map(|x| map.apply(Point::new(x, 300.0)));
        let turn = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        assert!(turn.abs() / a.distance(c) < 0.05, "{turn}");
        assert!((1.0..2.0).contains(&map.step_at(Point::new(400.0, 300.0))));
    }

    #[test]
    fn points_on_a_line_have_no_map() {
        let on_a_line = [0.0, 1.0, 2.0, 3.0].map(|x| (Point::new(x, x), Point::new(x, 0.0)));
        assert_eq!(Projective::through(on_a_line), None);
    }
}
