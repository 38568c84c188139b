//! How the drawing is photographed.

use baokao_specimen::scene::{Background, Scene};
use clap::{Args, ValueEnum};

/// With none of these the drawing itself is written; with any of them a photograph of it lying on a table.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Photograph (values beyond a range are taken as its end)")]
pub(super) struct DamageArgs {
    /// How good the photograph is: 1 good to 4 barely readable; the others change it further
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=4))]
    grade: Option<u8>,
    /// Everything left to chance
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Width of the picture in pixels, 64–6000 [default: 1600]
    #[arg(long)]
    width: Option<u32>,
    /// Height of the picture in pixels, 64–6000 [default: 1200]
    #[arg(long)]
    height: Option<u32>,
    /// Clockwise turn in degrees
    #[arg(long, allow_negative_numbers = true)]
    tilt: Option<f32>,
    /// How slanted the view is, 0–1
    #[arg(long)]
    perspective: Option<f32>,
    /// How much of the picture it takes, 0.1–1
    #[arg(long)]
    scale: Option<f32>,
    /// Out of focus: standard deviation in pixels, 0–20
    #[arg(long)]
    blur: Option<f32>,
    /// Moved: length in pixels, 0–60
    #[arg(long)]
    motion: Option<f32>,
    /// A lamp's reflection, 0–1
    #[arg(long)]
    glare: Option<f32>,
    /// Brightness: 1 well lit, 0.3 a dark room
    #[arg(long)]
    light: Option<f32>,
    /// A shadow across it, 0–1
    #[arg(long)]
    shadow: Option<f32>,
    /// Noise of the sensor in grey levels, 0–80
    #[arg(long)]
    noise: Option<f32>,
    /// Quality of the JPEG it went through, 1–100
    #[arg(long)]
    jpeg: Option<u8>,
    /// Photographed from a screen: strength of the pattern, 0–1
    #[arg(long)]
    moire: Option<f32>,
    /// What it lies on
    #[arg(long)]
    table: Option<Table>,
    /// Turned by half a circle
    #[arg(long)]
    upside_down: bool,
    /// Held by two thumbs
    #[arg(long)]
    hand: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    Dark,
    Wood,
    Light,
}

impl DamageArgs {
    /// The photograph; `None` where none is asked for. The seed alone asks for none: it also chooses the number.
    pub(super) fn scene(&self) -> Option<Scene> {
        let numbers =
            [self.tilt, self.perspective, self.scale, self.blur, self.motion, self.glare, self.light, self.shadow, self.noise, self.moire];
        let sizes = self.width.is_some() || self.height.is_some();
        let other = self.grade.is_some() || self.jpeg.is_some() || self.table.is_some() || self.upside_down || self.hand;
        if !sizes && !other && numbers.iter().all(Option::is_none) {
            return None;
        }
        let base = Scene::grade(self.grade.unwrap_or(1), self.seed.unwrap_or(0));
        let or = |chosen: Option<f32>, otherwise: f32| chosen.unwrap_or(otherwise);
        Some(Scene {
            width: self.width.unwrap_or(base.width),
            height: self.height.unwrap_or(base.height),
            tilt_degrees: or(self.tilt, base.tilt_degrees),
            perspective: or(self.perspective, base.perspective),
            scale: or(self.scale, base.scale),
            blur: or(self.blur, base.blur),
            motion: or(self.motion, base.motion),
            glare: or(self.glare, base.glare),
            light: or(self.light, base.light),
            shadow: or(self.shadow, base.shadow),
            noise: or(self.noise, base.noise),
            moire: or(self.moire, base.moire),
            jpeg_quality: self.jpeg.unwrap_or(base.jpeg_quality),
            background: self.table.map_or(base.background, |table| match table {
                Table::Dark => Background::Dark,
                Table::Wood => Background::Wood,
                Table::Light => Background::Light,
            }),
            upside_down: self.upside_down,
            hand: self.hand,
            ..base
        })
    }
}
