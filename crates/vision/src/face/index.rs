//! One face among many: every stored face in one stretch of memory, compared one after the other. At a hundred thousand faces that is a few milliseconds, and
//! nothing is missed, which an approximate index cannot promise.

use std::collections::HashMap;

use super::Embedding;

/// Numbers of a face.
const LENGTH: usize = 128;
/// What 1.0 is stored as. Two vectors of unit length then have a product within an `i32`, and a cosine errs by a hundred-thousandth at most.
const UNIT: f32 = 32_767.0;
/// Hits that are worth a look.
const MAX_HITS: usize = 5;

/// A face as it is stored: 256 bytes. Biometric data; seal it, and keep it only where it may be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Template([i16; LENGTH]);

impl std::fmt::Debug for Template {
    /// Never the numbers: they must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Template(..)")
    }
}

impl Template {
    /// Of an embedding; `None` where it has another length.
    pub fn of(embedding: &Embedding) -> Option<Self> {
        let numbers: &[f32; LENGTH] = embedding.0.as_slice().try_into().ok()?;
        Some(Self(numbers.map(|number| (number.clamp(-1.0, 1.0) * UNIT).round() as i16)))
    }

    /// As bytes, to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Reads [`Self::to_bytes`]; `None` where it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let numbers: Vec<i16> = pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
        // Anything longer than a unit vector is none of ours, and its products could overflow.
        let length = numbers.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        let numbers = numbers.try_into().ok().filter(|_| rest.is_empty() && length <= f64::from(UNIT) * 1.01)?;
        Some(Self(numbers))
    }

    /// Cosine of two faces, −1 to 1.
    pub fn similarity(&self, other: &Self) -> f32 {
        cosine(&self.0, &other.0)
    }
}

fn cosine(a: &[i16; LENGTH], b: &[i16; LENGTH]) -> f32 {
    let product: i32 = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    product as f32 / (UNIT * UNIT)
}

/// A stored face that is like the one that was looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Whose.
    pub owner: i64,
    /// Cosine.
    pub similarity: f32,
}

/// Every stored face, each with its owner.
#[derive(Default)]
pub struct FaceIndex {
    owners: Vec<i64>,
    /// One face after the other, in the order of the owners.
    numbers: Vec<i16>,
    places: HashMap<i64, usize>,
}

impl std::fmt::Debug for FaceIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaceIndex({} faces)", self.owners.len())
    }
}

impl FaceIndex {
    /// How many faces it holds.
    pub fn len(&self) -> usize {
        self.owners.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// Takes an owner's face, in the place of an earlier one.
    pub fn put(&mut self, owner: i64, template: &Template) {
        if let Some(place) = self.places.get(&owner) {
            self.numbers[place * LENGTH..(place + 1) * LENGTH].copy_from_slice(&template.0);
        } else {
            self.places.insert(owner, self.owners.len());
            self.owners.push(owner);
            self.numbers.extend_from_slice(&template.0);
        }
    }

    /// Forgets an owner's face, and overwrites it.
    pub fn remove(&mut self, owner: i64) {
        let Some(place) = self.places.remove(&owner) else { return };
        self.owners.swap_remove(place);
        let last = self.owners.len();
        self.numbers.copy_within(last * LENGTH.., place * LENGTH);
        self.numbers[last * LENGTH..].fill(0);
        self.numbers.truncate(last * LENGTH);
        if let Some(moved) = self.owners.get(place) {
            self.places.insert(*moved, place);
        }
    }

    /// The faces of others whose cosine is at least so large, the most alike first, at most five.
    pub fn search(&self, face: &Template, at_least: f32, not: i64) -> Vec<Hit> {
        let (faces, _) = self.numbers.as_chunks::<LENGTH>();
        let mut hits: Vec<Hit> = faces
            .iter()
            .zip(&self.owners)
            .map(|(other, owner)| Hit { owner: *owner, similarity: cosine(&face.0, other) })
            .filter(|hit| hit.similarity >= at_least && hit.owner != not)
            .collect();
        hits.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.owner.cmp(&b.owner)));
        hits.truncate(MAX_HITS);
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A direction that depends on the seed.
    fn face(seed: u64) -> Embedding {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
        };
        let numbers: Vec<f32> = (0..LENGTH).map(|_| next()).collect();
        let length = numbers.iter().map(|n| n * n).sum::<f32>().sqrt();
        Embedding(numbers.into_iter().map(|n| n / length).collect())
    }

    fn template(seed: u64) -> Template {
        Template::of(&face(seed)).unwrap()
    }

    #[test]
    fn a_template_says_what_its_embedding_says() {
        for (a, b) in [(1, 1), (1, 2), (2, 3), (7, 7)] {
            let exact = face(a).similarity(&face(b));
            assert!((template(a).similarity(&template(b)) - exact).abs() < 1e-4);
        }
        assert_eq!(Template::from_bytes(&template(1).to_bytes()), Some(template(1)));
        assert_eq!(Template::from_bytes(&[0; 255]), None);
        assert_eq!(Template::from_bytes(&[0x7F; 256]), None, "longer than any face");
        assert_eq!(format!("{:?}", template(1)), "Template(..)");
        let axis = Embedding((0..LENGTH).map(|i| if i == 0 { -1.0 } else { 0.0 }).collect());
        assert_eq!(Template::of(&axis).unwrap().similarity(&Template::of(&axis).unwrap()), 1.0);
        assert!(Template::of(&Embedding(vec![1.0])).is_none());
    }

    #[test]
    fn who_is_there_is_found_and_nobody_else() {
        let mut index = FaceIndex::default();
        (0..200).for_each(|owner| index.put(owner, &template(owner as u64)));
        assert_eq!(index.len(), 200);
        let found = index.search(&template(77), 0.9, -1);
        assert_eq!((found.len(), found[0].owner), (1, 77));
        assert!(found[0].similarity > 0.999);
        assert!(index.search(&template(77), 0.9, 77).is_empty(), "one's own face is no other's");
        assert_eq!(index.search(&template(1), -1.0, -1).len(), MAX_HITS);
    }

    #[test]
    fn what_is_removed_or_replaced_is_not_found() {
        let mut index = FaceIndex::default();
        (0..5).for_each(|owner| index.put(owner, &template(owner as u64)));
        for owner in [4, 0, 2, 2, 99] {
            index.remove(owner);
        }
        index.put(3, &template(30));
        let owner = |seed| index.search(&template(seed), 0.9, -1).first().map(|hit| hit.owner);
        assert_eq!([0, 1, 2, 3, 4, 30].map(owner), [None, Some(1), None, None, None, Some(3)]);
        assert_eq!((index.len(), index.is_empty()), (2, false));
    }
}
