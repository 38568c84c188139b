//! `demo fill`: many candidates for the demo.

use clap::Args;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::fill;
use crate::error::Result;

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
