//! Where things are on a card, in tenths of a millimetre from its upper left corner (GA 448: 85.6 × 54 mm), and the map
//! from there to the picture, found from what was read.

use image::RgbImage;

use crate::face::PORTRAIT_MARGIN;
use crate::geometry::{Affine, Point, Slanted, affine, similarity};

/// Width and height of a card.
pub(super) const CARD: (f32, f32) = (856.0, 540.0);

/// A rectangle on the card: left, top, right, bottom.
pub(super) type Field = (f32, f32, f32, f32);

pub(super) const NAME: Field = (146.0, 48.0, 530.0, 114.0);
pub(super) const SEX: Field = (140.0, 113.0, 248.0, 169.0);
pub(super) const ETHNICITY: Field = (332.0, 113.0, 530.0, 169.0);
pub(super) const BIRTH: Field = (46.0, 172.0, 450.0, 232.0);
pub(super) const NUMBER: Field = (270.0, 426.0, 796.0, 490.0);
pub(super) const VALIDITY: Field = (186.0, 450.0, 680.0, 510.0);
/// The values alone, without their labels.
pub(super) const VALIDITY_VALUE: Field = (328.0, 452.0, 680.0, 508.0);
pub(super) const AUTHORITY_VALUE: Field = (328.0, 390.0, 826.0, 446.0);
pub(super) const AUTHORITY: Field = (186.0, 388.0, 820.0, 448.0);

/// The printed portrait: 26 × 32 mm.
pub(super) const PORTRAIT: Field = (542.0, 78.0, 802.0, 398.0);

/// Where our specimens are marked, with room for a rough fit.
pub(super) const FRONT_MARKS: [Field; 3] = [(646.0, 14.0, 828.0, 46.0), (646.0, 500.0, 828.0, 532.0), (46.0, 500.0, 228.0, 532.0)];
pub(super) const BACK_MARKS: [Field; 2] = [FRONT_MARKS[0], FRONT_MARKS[1]];

/// The middle of the first and of the last character of the number.
pub(super) const NUMBER_ENDS: (Point, Point) = (Point { x: 301.6, y: 458.0 }, Point { x: 764.0, y: 458.0 });
/// The middles of the labels of the front.
pub(super) const FRONT_LABELS: [(&str, Point); 6] = [
    ("姓名", Point { x: 87.0, y: 80.0 }),
    ("性别", Point { x: 87.0, y: 141.0 }),
    ("民族", Point { x: 289.0, y: 141.0 }),
    ("出生", Point { x: 87.0, y: 202.0 }),
    ("住址", Point { x: 87.0, y: 266.0 }),
    ("公民身份号码", Point { x: 144.0, y: 458.0 }),
];
/// The middles of the titles and labels of the back.
pub(super) const BACK_LABELS: [(&str, Point); 4] = [
    ("中华人民共和国", Point { x: 512.0, y: 100.0 }),
    ("居民身份证", Point { x: 512.0, y: 196.0 }),
    ("签发机关", Point { x: 254.0, y: 418.0 }),
    ("有效期限", Point { x: 254.0, y: 480.0 }),
];

/// The map from the card to the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    map: Affine,
}

impl Layout {
    /// From places on the card and where they were found. With few of them, or all on one line, the card is taken to be
    /// seen from straight above.
    pub(super) fn fit(found: &[(Point, Point)]) -> Option<Self> {
        let map = if found.len() >= 4 { affine(found).or_else(|| similarity(found)) } else { similarity(found) }?;
        // A card that is a few pixels wide, or mirrored, was not found but imagined.
        let area = map.a * map.e - map.b * map.d;
        (area > 0.01).then_some(Self { map })
    }

    /// A rectangle of the card as a place in the picture.
    pub(super) fn place(&self, field: Field) -> Slanted {
        let at = |x: f32, y: f32| self.map.apply(Point::new(x, y));
        let (left, top, right, bottom) = field;
        let middle = f32::midpoint(top, bottom);
        let (start, end) = (at(left, middle), at(right, middle));
        let height = at(f32::midpoint(left, right), top).distance(at(f32::midpoint(left, right), bottom));
        Slanted {
            centre: Point::new(f32::midpoint(start.x, end.x), f32::midpoint(start.y, end.y)),
            width: start.distance(end),
            height,
            angle: (end.y - start.y).atan2(end.x - start.x),
        }
    }

    /// The portrait and [`PORTRAIT_MARGIN`] of its size around it, so that a face is seen whole where the fit is rough.
    pub(super) fn around_portrait(&self) -> Slanted {
        let place = self.place(PORTRAIT);
        let grown = 1.0 + 2.0 * PORTRAIT_MARGIN;
        Slanted { width: place.width * grown, height: place.height * grown, ..place }
    }

    /// The whole card as a place in the picture.
    pub(super) fn card(&self) -> Slanted {
        self.place((0.0, 0.0, CARD.0, CARD.1))
    }

    /// How far the card reaches beyond the picture, as a share of its width.
    pub(super) fn beyond(&self, picture: &RgbImage) -> f32 {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let corners = [(0.0, 0.0), (CARD.0, 0.0), CARD, (0.0, CARD.1)].map(|(x, y)| self.map.apply(Point::new(x, y)));
        let out = corners.iter().map(|p| (-p.x).max(-p.y).max(p.x - width).max(p.y - height)).fold(0.0, f32::max);
        out / self.card().width.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(scale: f32, shift: f32) -> Vec<(Point, Point)> {
        FRONT_LABELS.iter().map(|(_, p)| (*p, Point::new(p.x * scale + shift, p.y * scale + shift))).collect()
    }

    #[test]
    fn labels_give_the_card() {
        let layout = Layout::fit(&seen(1.5, 20.0)).unwrap();
        let card = layout.card();
        assert!((card.width - 1284.0).abs() < 1.0 && (card.height - 810.0).abs() < 1.0, "{card:?}");
        assert_eq!(layout.beyond(&RgbImage::new(1400, 900)), 0.0);
        assert!(layout.beyond(&RgbImage::new(1100, 900)) > 0.1);
    }

    #[test]
    fn two_labels_give_it_roughly_and_one_does_not() {
        assert!(Layout::fit(&seen(1.0, 0.0)[..2]).is_some());
        assert!(Layout::fit(&seen(1.0, 0.0)[..1]).is_none());
    }
}
