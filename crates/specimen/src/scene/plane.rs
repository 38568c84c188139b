//! Where the card's points appear in the picture, and back.

/// The card's plane as a pinhole camera sees it. Card points are in card widths: u from 0 to 1, v from 0 to the aspect.
pub(super) struct Plane {
    /// From picture to card, homogeneous.
    back: [[f32; 3]; 3],
    corners: [(f32, f32); 4],
    across: f32,
}

impl Plane {
    /// The card turned clockwise by `turn` degrees and seen `slant` degrees off, from `direction`; its bounding box takes
    /// `scale` of the `room` (pixels) and lies at `shift` (−1 to 1) of the place left over.
    pub(super) fn seen(aspect: f32, turn: f32, slant: f32, direction: f32, scale: f32, room: (f32, f32), shift: (f32, f32)) -> Self {
        /// Distance of the camera in card widths, as one holds a phone.
        const DISTANCE: f32 = 2.6;
        let (turn, slant, direction) = (turn.to_radians(), slant.to_radians(), direction.to_radians());
        // Turn in the plane, then tip the plane about the axis across the direction.
        let flat = rotation(turn);
        let tipped = product(rotation(direction), product(tip(slant), rotation(-direction)));
        let turned = product(tipped, flat);
        // Columns for u and v and the distance make the homography from the centred card to the view.
        let view =
            [[turned[0][0], turned[0][1], 0.0], [turned[1][0], turned[1][1], 0.0], [turned[2][0] / DISTANCE, turned[2][1] / DISTANCE, 1.0]];
        let centred = [[1.0, 0.0, -0.5], [0.0, 1.0, -aspect / 2.0], [0.0, 0.0, 1.0]];
        let view = product(view, centred);

        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, aspect), (0.0, aspect)].map(|(u, v)| project(&view, u, v));
        let low = corners.iter().fold((f32::MAX, f32::MAX), |low, at| (low.0.min(at.0), low.1.min(at.1)));
        let high = corners.iter().fold((f32::MIN, f32::MIN), |high, at| (high.0.max(at.0), high.1.max(at.1)));
        let (wide, tall) = (high.0 - low.0, high.1 - low.1);
        let factor = scale * (room.0 / wide).min(room.1 / tall);
        // Half of the place left over at most, so that the card is never at the very edge.
        let place = |room: f32, size: f32, shift: f32| (room - size) / 2.0 * (1.0 + shift * 0.5);
        let (left, top) = (place(room.0, wide * factor, shift.0), place(room.1, tall * factor, shift.1));
        let fit = [[factor, 0.0, left - low.0 * factor], [0.0, factor, top - low.1 * factor], [0.0, 0.0, 1.0]];
        let corners = corners.map(|(x, y)| (x * factor + fit[0][2], y * factor + fit[1][2]));
        Self { back: inverse(product(fit, view)), corners, across: factor }
    }

    /// The card point shown at the picture's point; none behind the camera.
    pub(super) fn on_card(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let [across, down, depth] = self.back.map(|row| row[0] * x + row[1] * y + row[2]);
        (depth.abs() > 1e-9).then(|| (across / depth, down / depth))
    }

    /// Where the card's corners appear, clockwise from its upper left one.
    pub(super) fn corners(&self) -> [(f32, f32); 4] {
        self.corners
    }

    /// About how many pixels of the picture show the card's width.
    pub(super) fn pixels_across(&self) -> f32 {
        self.across
    }
}

type Matrix = [[f32; 3]; 3];

fn project(matrix: &Matrix, u: f32, v: f32) -> (f32, f32) {
    let [x, y, z] = matrix.map(|row| row[0] * u + row[1] * v + row[2]);
    (x / z, y / z)
}

fn rotation(angle: f32) -> Matrix {
    let (sin, cos) = angle.sin_cos();
    [[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]]
}

/// Rotation about the x axis: the lower part moves away.
fn tip(angle: f32) -> Matrix {
    let (sin, cos) = angle.sin_cos();
    [[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]]
}

fn product(a: Matrix, b: Matrix) -> Matrix {
    std::array::from_fn(|row| std::array::from_fn(|column| (0..3).map(|k| a[row][k] * b[k][column]).sum()))
}

/// By cofactors, scaled by the determinant away: a homography is the same at any scale.
fn inverse(m: Matrix) -> Matrix {
    let cofactor = |row: usize, column: usize| {
        let (r, s) = ((row + 1) % 3, (row + 2) % 3);
        let (c, d) = ((column + 1) % 3, (column + 2) % 3);
        m[r][c] * m[s][d] - m[r][d] * m[s][c]
    };
    let scale = cofactor(2, 2);
    let scale = if scale.abs() > 1e-12 { scale } else { 1.0 };
    std::array::from_fn(|row| std::array::from_fn(|column| cofactor(column, row) / scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_lies_within_the_picture() {
        for turn in [-170.0, -14.0, 0.0, 9.0, 90.0, 180.0] {
            for direction in [0.0, 77.0, 200.0] {
                let on = |shift: (f32, f32), x: f32, y: f32| {
                    let plane = Plane::seen(0.63, turn, 32.0, direction, 0.8, (1600.0, 1200.0), shift);
                    let (u, v) = plane.on_card(x, y).expect("in front of the camera");
                    (0.0..=1.0).contains(&u) && (0.0..=0.63).contains(&v)
                };
                assert!(on((0.0, 0.0), 800.0, 600.0), "the middle shows the card");
                let on = |x, y| on((1.0, -1.0), x, y);
                let edges = (0..160).any(|step| {
                    let x = step as f32 * 10.0;
                    on(x, 0.0) || on(x, 1199.0) || on(0.0, x * 0.75) || on(1599.0, x * 0.75)
                });
                assert!(!edges, "no edge of the picture does");
            }
        }
    }

    #[test]
    fn flat_view_is_a_similarity() {
        let plane = Plane::seen(0.5, 0.0, 0.0, 40.0, 1.0, (1000.0, 1000.0), (0.0, 0.0));
        let (u, v) = plane.on_card(250.0, 375.0).expect("in front of the camera");
        assert!((u - 0.25).abs() < 1e-4 && (v - 0.125).abs() < 1e-4, "{u} {v}");
        assert!((plane.pixels_across() - 1000.0).abs() < 0.1);
    }
}
