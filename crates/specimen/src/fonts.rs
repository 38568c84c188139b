//! The fonts: Noto Sans SC in two weights and a fallback for rare Han characters, read when they are first needed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// A font file larger than this is not one of ours.
const LARGEST: u64 = 64 << 20;

/// A font that is not where it should be.
#[derive(Debug, thiserror::Error)]
#[error("font {} cannot be read ({reason}); scripts/fetch-fonts.sh fetches it", path.display())]
pub struct MissingFonts {
    path: PathBuf,
    reason: std::io::Error,
}

/// Weight of the strokes. The fallback font has one weight, used for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// The opened fonts. Cheap to open: the files are read when a character of theirs is first drawn (about 10 MB each, the
/// fallback 30 MB), and stay in memory with this value.
#[derive(Debug)]
pub struct Fonts {
    regular: Face,
    bold: Face,
    fallback: Face,
}

impl Fonts {
    /// Opens `NotoSansSC-Regular.ttf`, `NotoSansSC-Bold.ttf` and `fallback.ttf` in `folder`.
    ///
    /// # Errors
    /// [`MissingFonts`] names the first one that is not there or cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, MissingFonts> {
        Ok(Self {
            regular: Face::open(folder.join("NotoSansSC-Regular.ttf"))?,
            bold: Face::open(folder.join("NotoSansSC-Bold.ttf"))?,
            fallback: Face::open(folder.join("fallback.ttf"))?,
        })
    }

    /// Whether one of the fonts has a glyph for the character. One without is drawn as an empty box.
    #[must_use]
    pub fn has(&self, character: char) -> bool {
        self.find(Weight::Regular, character).is_some()
    }

    fn find(&self, weight: Weight, character: char) -> Option<(FontRef<'_>, GlyphId)> {
        let first = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        [first, &self.fallback].into_iter().find_map(|face| {
            let font = face.font()?;
            let glyph = font.charmap().map(character).filter(|glyph| glyph.to_u32() != 0)?;
            Some((font, glyph))
        })
    }

    /// How far the pen moves on after the character, at `size` pixels to the em.
    pub(crate) fn advance(&self, weight: Weight, size: f32, character: char) -> f32 {
        self.find(weight, character)
            .and_then(|(font, glyph)| font.glyph_metrics(Size::new(size), LocationRef::default()).advance_width(glyph))
            .unwrap_or(size)
    }

    /// Draws the character's outline with its origin at (0, 0) and y upwards. `false`: there is no such glyph.
    pub(crate) fn outline(&self, weight: Weight, size: f32, character: char, pen: &mut impl OutlinePen) -> bool {
        let Some((font, glyph)) = self.find(weight, character) else { return false };
        let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
        font.outline_glyphs().get(glyph).is_some_and(|outline| outline.draw(settings, pen).is_ok())
    }
}

/// One font file, open from the start so that it cannot vanish before it is read.
#[derive(Debug)]
struct Face {
    file: File,
    bytes: OnceLock<Vec<u8>>,
}

impl Face {
    fn open(path: PathBuf) -> Result<Self, MissingFonts> {
        match File::open(&path) {
            Ok(file) => Ok(Self { file, bytes: OnceLock::new() }),
            Err(reason) => Err(MissingFonts { path, reason }),
        }
    }

    /// `None` when the file is no font: its characters are then looked for in the next one.
    fn font(&self) -> Option<FontRef<'_>> {
        let bytes = self.bytes.get_or_init(|| {
            let mut bytes = Vec::new();
            match (&self.file).take(LARGEST).read_to_end(&mut bytes) {
                Ok(_) => bytes,
                Err(_) => Vec::new(),
            }
        });
        FontRef::new(bytes).ok()
    }
}
