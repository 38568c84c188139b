//! Chance that repeats: a small generator whose numbers depend on nothing but the seed, and smooth noise for surfaces.
//! Written here because a picture must stay the same when a dependency changes its algorithm.

/// SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Evenly between the two.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * unit(self.next())
    }

    /// About normally distributed, mean 0 and standard deviation 1: the sum of the word's four 16-bit quarters.
    pub(crate) fn normal(&mut self) -> f32 {
        let word = self.next();
        let sum: f32 = (0..4).map(|part| ((word >> (16 * part)) & 0xFFFF) as f32 / 65_536.0).sum();
        (sum - 2.0) * 1.732
    }
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

fn unit(word: u64) -> f32 {
    (word >> 40) as f32 / (1u64 << 24) as f32
}

/// Smooth noise in 0–1 with features one unit wide.
pub(crate) fn smooth(seed: u64, x: f32, y: f32) -> f32 {
    // `floor` is a call of its own on older processors.
    let below = |value: f32| value as i32 - i32::from(value < 0.0 && value != value as i32 as f32);
    let (first, upper_row) = (below(x), below(y));
    let (left, top) = (first as f32, upper_row as f32);
    let corner = |dx: i32, dy: i32| {
        let column = (first + dx) as u32;
        let row = (upper_row + dy) as u32;
        unit(mix(seed ^ mix((u64::from(column) << 32) | u64::from(row))))
    };
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (across, down) = (ease(x - left), ease(y - top));
    let upper = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * across;
    let lower = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * across;
    upper + (lower - upper) * down
}
