//! `demo fill`: many candidates for the demo.

use clap::{Args, Subcommand};

use super::serve::ServeArgs;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::fill;
use crate::error::Result;

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
pub(super) enum Other {
    /// Fill the demo's data with invented candidates and their registrations, in all states
    Fill(FillArgs),
}

#[derive(Debug, Args)]
pub(super) struct FillArgs {
    /// How many
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(fill::MOST)))]
    candidates: u32,
}

pub(super) async fn run(config: Config, args: FillArgs) -> Result<()> {
    let app = App::open(config, Clock::system()).await?;
    fill::fill(&app, args.candidates, |line| println!("{line}")).await?;
    app.db.close().await;
    Ok(())
}
