//! The school's colours: read, checked for contrast (WCAG 2.2, 1.4.3: 4.5 to 1), and turned into the small style sheet that pages load after ours.

/// The least contrast of a text and what is behind it.
pub const CONTRAST: f64 = 4.5;

/// A colour of sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);
/// `--page` by day, and `--card` and `--raised` by night.
const PAGE: Colour = Colour([0xf5, 0xf6, 0xf8]);
const NIGHT: Colour = Colour([0x1b, 0x1e, 0x23]);
const NIGHT_RAISED: Colour = Colour([0x28, 0x2c, 0x33]);

impl Colour {
    /// Reads `#1f5aa6`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self([channel(0)?, channel(2)?, channel(4)?]))
    }

    /// `#1f5aa6`.
    pub fn css(self) -> String {
        format!("#{}", crate::crypto::hex(&self.0))
    }

    /// So much of `other` in this one, 0 to 1.
    fn mixed(self, other: Self, share: f64) -> Self {
        let mut mixed = self.0;
        for (channel, theirs) in mixed.iter_mut().zip(other.0) {
            *channel = (f64::from(*channel) * (1.0 - share) + f64::from(theirs) * share).round() as u8;
        }
        Self(mixed)
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// From 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn tint(self) -> Self {
        self.mixed(WHITE, 0.9)
    }

    /// Whether white reads on it and it reads on white, on the page and on its own tint.
    pub fn reads(self) -> bool {
        [WHITE, PAGE, self.tint()].iter().all(|behind| self.contrast(*behind) >= CONTRAST)
    }

    /// Its darker sister, for a button that is pressed.
    pub fn strong(self) -> Self {
        self.mixed(BLACK, 0.22)
    }

    /// As much lighter as it must be to read at night.
    fn night_ink(self, tint: Self) -> Self {
        let lighter = (0..=20).map(|step| self.mixed(WHITE, f64::from(step) / 20.0));
        let reads = |ink: &Self| [NIGHT, NIGHT_RAISED, tint].iter().all(|behind| ink.contrast(*behind) >= CONTRAST);
        lighter.into_iter().find(reads).unwrap_or(WHITE)
    }
}

/// The style sheet of two colours.
pub fn style_sheet(brand: Colour, strong: Colour) -> String {
    let night_tint = NIGHT.mixed(brand, 0.22);
    format!(
        ":root{{--brand:{};--brand-strong:{};--brand-tint:{}}}\n@media (prefers-color-scheme:dark){{:root{{--brand-ink:{};--brand-tint:{}}}}}\n",
        brand.css(),
        strong.css(),
        brand.tint().css(),
        brand.night_ink(night_tint).css(),
        night_tint.css(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_the_one_of_the_standard() {
        let colour = |text| Colour::parse(text).expect("a colour");
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 1e-9);
        // #767676 on white is the well-known 4.54.
        assert!((colour("#767676").contrast(WHITE) - 4.54).abs() < 0.01);
        assert!(colour("#1f5aa6").reads() && colour("#8b1a1a").reads());
        assert!(!colour("#f5a623").reads() && !colour("#767676").reads());
        assert_eq!(Colour::parse("#12345"), None);
        assert_eq!(Colour::parse("red;}"), None);
        assert_eq!(Colour::parse("#é23é"), None);
    }

    #[test]
    fn every_colour_that_reads_by_day_is_made_to_read_at_night() {
        for text in ["#1f5aa6", "#8b1a1a", "#000000", "#006b3f", "#4b0082"] {
            let brand = Colour::parse(text).expect("a colour");
            assert!(brand.reads() && brand.strong().reads(), "{text}");
            let tint = NIGHT.mixed(brand, 0.22);
            assert!(brand.night_ink(tint).contrast(tint) >= CONTRAST, "{text}");
            assert!(style_sheet(brand, brand.strong()).contains(text));
        }
    }
}
