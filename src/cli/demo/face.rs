//! `demo face`: a photograph of a face with what a front camera may see instead of a good picture, one fault a gate.

use std::path::PathBuf;

use baokao_specimen::RgbImage;
use baokao_specimen::selfie::{self, Fault, Place};
use baokao_vision::{DecodeLimits, Vision};
use clap::{Args, ValueEnum};

use crate::config::Config;
use crate::error::{Error, Result};

/// `demo face`.
#[derive(Debug, Args)]
pub(in crate::cli) struct FaceArgs {
    /// A photograph of one face
    #[arg(long)]
    picture: PathBuf,
    /// What is wrong with it
    #[arg(long, value_enum)]
    fault: Wrong,
    /// The file, .jpg or .png
    #[arg(long)]
    pub(super) out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wrong {
    Nobody,
    Far,
    Near,
    Aside,
    Dark,
    Bright,
    Backlit,
    Blurred,
    Sunglasses,
    Mask,
}

impl Wrong {
    fn fault(self) -> Fault {
        match self {
            Self::Nobody => Fault::Nobody,
            Self::Far => Fault::Far,
            Self::Near => Fault::Near,
            Self::Aside => Fault::Aside,
            Self::Dark => Fault::Dark,
            Self::Bright => Fault::Bright,
            Self::Backlit => Fault::Backlit,
            Self::Blurred => Fault::Blurred,
            Self::Sunglasses => Fault::Sunglasses,
            Self::Mask => Fault::Mask,
        }
    }
}

impl FaceArgs {
    pub(super) fn draw(&self, config: &Config) -> Result<RgbImage> {
        let picture = baokao_vision::decode(&std::fs::read(&self.picture)?, &DecodeLimits::default()).map_err(Error::internal)?;
        let seen = Vision::open(&config.assets.join("models")).check_face(&picture).map_err(Error::internal)?;
        let face = seen.bounds.ok_or_else(|| Error::internal(format!("no face is seen in {}", self.picture.display())))?;
        let place = Place { x: face.x, y: face.y, width: face.width, height: face.height };
        Ok(selfie::with(&picture, place, self.fault.fault()))
    }
}
