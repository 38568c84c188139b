//! The fonts of the paper: which files they are, when they are read, and which of them has a character.
//!
//! Noto Sans SC holds nearly every character in use; the fallback font holds the rare ones of Extensions B–F that occur
//! in names. A character is looked for in the wanted weight first, then in the regular weight, then in the fallback.
//! A font is read when a document first needs it, then shared by all documents; the 30 MB of the fallback stay on disk
//! until the first rare name comes.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use krilla::text::Font;
use skrifa::MetadataProvider;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;

use crate::error::{MissingFonts, PaperError};

/// Largest font file that is read, in bytes; the fallback has 30 MB.
const MAX_FONT_BYTES: u64 = 64 << 20;
const FILES: [&str; 3] = ["NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf", "fallback.ttf"];

/// Number of fonts in the folder.
pub(crate) const FACES: usize = FILES.len();

/// One of the fonts, as an index into the folder's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FaceId {
    Regular = 0,
    Bold = 1,
    Fallback = 2,
}

/// The weight a text asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    /// Where a character is looked for, in this order.
    pub(crate) fn chain(self) -> &'static [FaceId] {
        match self {
            Weight::Regular => &[FaceId::Regular, FaceId::Fallback],
            Weight::Bold => &[FaceId::Bold, FaceId::Regular, FaceId::Fallback],
        }
    }
}

/// What to do with a character that no font has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnMissing {
    /// Draw a box with the code point in it, so that nobody is left without a ticket. The default.
    #[default]
    Box,
    /// Stop with [`PaperError::MissingGlyph`]. For tests, and for a check before a print run.
    Refuse,
}

/// The fonts of one folder. Cloning shares them.
#[derive(Clone)]
pub struct Fonts {
    files: Arc<[FontFile; FACES]>,
    on_missing: OnMissing,
}

struct FontFile {
    path: PathBuf,
    loaded: OnceLock<Loaded>,
}

struct Loaded {
    bytes: Arc<Vec<u8>>,
    font: Font,
}

impl Fonts {
    /// Opens the folder with `NotoSansSC-Regular.ttf`, `NotoSansSC-Bold.ttf` and `fallback.ttf`. Only the first bytes of
    /// each file are looked at; a font is read when it is first needed.
    pub fn open(dir: &Path) -> Result<Fonts, MissingFonts> {
        let files = FILES.map(|name| FontFile { path: dir.join(name), loaded: OnceLock::new() });
        let missing: Vec<PathBuf> = files.iter().filter(|file| !looks_like_font(&file.path)).map(|file| file.path.clone()).collect();
        if missing.is_empty() {
            Ok(Fonts { files: Arc::new(files), on_missing: OnMissing::default() })
        } else {
            Err(MissingFonts { files: missing })
        }
    }

    /// The same fonts with another answer to a character that none of them has.
    #[must_use]
    pub fn on_missing(mut self, on_missing: OnMissing) -> Fonts {
        self.on_missing = on_missing;
        self
    }

    /// The characters of `text` that no font has, each once, in code point order. Fails only where a font file can no
    /// longer be read.
    pub fn missing(&self, text: &str) -> Result<Vec<char>, PaperError> {
        let mut rest: BTreeSet<char> = text.chars().filter(|&c| !c.is_control() && !is_ignorable(c)).collect();
        for id in [FaceId::Regular, FaceId::Fallback] {
            if !rest.is_empty() {
                let face = self.face(id)?;
                rest.retain(|&c| face.glyph(c).is_none());
            }
        }
        Ok(rest.into_iter().collect())
    }

    pub(crate) fn refuses_missing(&self) -> bool {
        self.on_missing == OnMissing::Refuse
    }

    /// Opens one font for looking up glyphs, reading its file if this is the first time.
    pub(crate) fn face(&self, id: FaceId) -> Result<Face<'_>, PaperError> {
        let file = &self.files[id as usize];
        let loaded = match file.loaded.get() {
            Some(loaded) => loaded,
            None => {
                let loaded = load(&file.path).map_err(|reason| PaperError::Font { path: file.path.clone(), reason })?;
                file.loaded.get_or_init(|| loaded)
            }
        };
        Face::new(loaded).ok_or_else(|| PaperError::Font { path: file.path.clone(), reason: "it has no usable tables".into() })
    }
}

/// One font, opened for looking up glyphs: made once for each document.
pub(crate) struct Face<'a> {
    charmap: Charmap<'a>,
    metrics: GlyphMetrics<'a>,
    units_per_em: f32,
    font: Font,
}

impl<'a> Face<'a> {
    fn new(loaded: &'a Loaded) -> Option<Face<'a>> {
        let font = skrifa::FontRef::new(&loaded.bytes).ok()?;
        let units_per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        (units_per_em > 0.0).then(|| Face {
            charmap: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units_per_em,
            font: loaded.font.clone(),
        })
    }

    /// Glyph number and advance in em; `None` where the font has no glyph.
    pub(crate) fn glyph(&self, c: char) -> Option<(u32, f32)> {
        let glyph = self.charmap.map(c).filter(|glyph| glyph.to_u32() != 0)?;
        let advance = self.metrics.advance_width(glyph)? / self.units_per_em;
        Some((glyph.to_u32(), advance))
    }

    /// The font as the PDF writer wants it.
    pub(crate) fn font(&self) -> &Font {
        &self.font
    }
}

/// Characters without a shape of their own: joiners, direction marks, variation selectors. They are left out.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F
        | 0xFEFF | 0xE0000..=0xE0FFF)
}

fn looks_like_font(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && matches!(&head, [0, 1, 0, 0] | b"OTTO" | b"true")
}

fn load(path: &Path) -> Result<Loaded, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_FONT_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FONT_BYTES {
        return Err(format!("it has more than {MAX_FONT_BYTES} bytes"));
    }
    let bytes = Arc::new(bytes);
    let font = Font::new(bytes.clone().into(), 0).ok_or("it is not an OpenType font")?;
    Ok(Loaded { bytes, font })
}
