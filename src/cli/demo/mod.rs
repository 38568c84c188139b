//! `demo`: alone it starts the demo; with the name of a document it draws a specimen of it, with chosen fields and chosen damage. The same arguments give the
//! same file, to the byte. Every drawing is marked 样本 SPECIMEN outside its fields.

mod damage;
mod documents;
mod face;
mod receipt;

use std::path::Path;
use std::process::ExitCode;

use baokao_specimen::{Fonts, RgbImage, encode};
use clap::{Args, Subcommand};

use super::fill::FillArgs;
use super::serve::ServeArgs;
use crate::config::Config;
use crate::error::{Error, Result};

/// What `demo` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct DemoArgs {
    #[command(subcommand)]
    pub(super) other: Option<Other>,
    #[command(flatten)]
    pub(super) serve: ServeArgs,
}

/// What `demo` does instead of starting.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one, for a moment")]
pub(super) enum Other {
    #[command(flatten)]
    Draw(Draw),
    /// Fill the demo's data with invented candidates and their registrations, in all states
    Fill(FillArgs),
}

/// What is drawn.
#[derive(Debug, Subcommand)]
pub(super) enum Draw {
    /// Draw a specimen resident identity card
    Card(documents::CardArgs),
    /// Draw a specimen permit: hk-macau, taiwan, residence or foreign
    Permit(documents::PermitArgs),
    /// Draw a specimen passport's data page
    Passport(documents::PassportArgs),
    /// Draw a specimen order screenshot
    Receipt(Box<receipt::ReceiptArgs>),
    /// Spoil a photograph of a face in a chosen way
    Face(face::FaceArgs),
}

/// Of a file without a camera's faults.
const QUALITY: u8 = 92;

/// Draws and writes the file.
pub(super) fn draw(config: &Config, command: Draw) -> Result<ExitCode> {
    let fonts = Fonts::open(&config.assets.join("fonts")).map_err(Error::internal)?;
    let (drawn, out, damage) = match command {
        Draw::Card(args) => (args.draw(&fonts)?, args.out, args.damage),
        Draw::Permit(args) => (args.draw(&fonts)?, args.out, args.damage),
        Draw::Passport(args) => (args.draw(&fonts)?, args.out, args.damage),
        // What happens to a screenshot is its own: it does not lie on a table.
        Draw::Receipt(args) => (args.draw(&fonts)?, args.out, damage::DamageArgs::default()),
        Draw::Face(args) => (args.draw(config)?, args.out, damage::DamageArgs::default()),
    };
    write(&drawn, &damage, &out)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the drawing, or the photograph of it, as the file's name says.
fn write(drawn: &RgbImage, damage: &damage::DamageArgs, out: &Path) -> Result<()> {
    let extension = out.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    let bytes = match (extension.as_str(), damage.scene()) {
        ("jpg" | "jpeg", Some(scene)) => baokao_specimen::scene::file(drawn, &scene),
        ("jpg" | "jpeg", None) => encode::jpeg(drawn, QUALITY),
        ("png", Some(scene)) => encode::png(&baokao_specimen::scene::place(drawn, &scene)),
        ("png", None) => encode::png(drawn),
        _ => return Err(Error::internal(format!("{} must end in .jpg or .png", out.display()))),
    };
    std::fs::write(out, bytes)?;
    println!("{}", out.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        demo: DemoArgs,
    }

    fn line(text: &str) -> std::result::Result<DemoArgs, clap::Error> {
        Line::try_parse_from(std::iter::once("demo").chain(text.split_whitespace())).map(|line| line.demo)
    }

    fn drawing(args: DemoArgs) -> Draw {
        match args.other {
            Some(Other::Draw(draw)) => draw,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn alone_it_is_the_demo_with_its_options() {
        assert!(line("").is_ok_and(|args| args.other.is_none()));
        assert!(line("--tls self-signed").is_ok_and(|args| args.other.is_none()));
        assert!(line("--tls self-signed card --out a.png").is_err());
        assert!(line("card").is_err(), "without a file");
        assert!(line("card --sex 无 --out a.png").is_err());
        assert!(line("card --grade 5 --out a.png").is_err());
    }

    #[test]
    fn the_same_arguments_give_the_same_file() {
        let config = Config::demo_from_env().expect("a configuration");
        let folder = std::env::temp_dir().join(format!("baokao-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = |text: &str, name: &str| {
            let out = folder.join(name);
            let args = line(&format!("{text} --out {}", out.display())).expect("arguments");
            draw(&config, drawing(args)).expect("drawn");
            std::fs::read(out).expect("a file")
        };
        let worn = "--width 400 --height 300 --tilt -4 --blur 1 --glare 0.4 --noise 6 --jpeg 60 --moire 0.5 --shadow 0.3 --motion 2 --hand";
        for document in
            ["card --name 王喆", "card --side back --long-term", "permit --kind taiwan --side back", "permit --kind foreign", "passport"]
        {
            let first = file(&format!("{document} {worn} --seed 3"), "a.jpg");
            assert_eq!(first, file(&format!("{document} {worn} --seed 3"), "b.jpg"), "{document}");
            assert_ne!(first, file(&format!("{document} {worn} --seed 4"), "c.jpg"), "{document}");
        }
        assert_ne!(file("card --seed 1", "a.png"), file("card --seed 2", "b.png"), "the seed chooses the number");
        let wrong = drawing(line("card --out card.gif").expect("arguments"));
        assert!(draw(&config, wrong).is_err());
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
