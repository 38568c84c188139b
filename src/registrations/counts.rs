//! Numbers on pages, counted only so far.

use super::State;

/// Where counting for a page stops: beyond it the number is `10000+`.
pub const MOST_COUNTED: i64 = 10_000;

/// A number that was counted up to [`MOST_COUNTED`].
pub fn count_words(count: &i64) -> String {
    let count = *count;
    if count < MOST_COUNTED { count.to_string() } else { format!("{count}+") }
}

/// The sum of numbers that were each counted up to [`MOST_COUNTED`].
pub fn total_words(counts: &[(State, i64)]) -> String {
    let sum: i64 = counts.iter().map(|(_, count)| count).sum();
    if counts.iter().any(|(_, count)| *count >= MOST_COUNTED) { format!("{sum}+") } else { sum.to_string() }
}
