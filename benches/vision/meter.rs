//! Time, memory and the machine.

use std::time::Instant;

/// Nanoseconds on a processor of every thread so far; unlike the clock it does not run while other programs do.
fn on_processor() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<f64>().ok();
    tasks.filter_map(of).sum()
}

/// Milliseconds on the processor and by the clock.
#[derive(Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
pub struct Spent {
    pub processor_ms: f64,
    pub wall_ms: f64,
}

pub fn timed<R>(work: impl FnOnce() -> R) -> (R, Spent) {
    let (start, before) = (Instant::now(), on_processor());
    let result = work();
    let processor_ms = (on_processor() - before) / 1e6;
    (result, Spent { processor_ms, wall_ms: start.elapsed().as_secs_f64() * 1e3 })
}

/// `median (95th of a hundred) processor, median wall`.
pub fn medians(spent: &[Spent]) -> (f64, f64, f64) {
    let sorted = |pick: fn(&Spent) -> f64| {
        let mut values: Vec<f64> = spent.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (processor, wall) = (sorted(|s| s.processor_ms), sorted(|s| s.wall_ms));
    let at = |values: &[f64], share: f64| values.get((values.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    (at(&processor, 0.5), at(&processor, 0.95), at(&wall, 0.5))
}

/// The most memory this process has had resident, MiB.
pub fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

pub fn print_machine() {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown").trim_start_matches([' ', '\t', ':']);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("Machine: {model}, {cores} cores, load {load} at the start\n");
}

/// `97.6 %`, or nothing of nothing.
pub fn share(part: usize, of: usize) -> String {
    if of == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / of as f64) }
}

/// Draws what is missing on every core.
pub fn draw<T: Sync>(list: &[T], file: impl Fn(&T) -> std::path::PathBuf + Sync, keep: bool, picture: impl Fn(&T) -> Vec<u8> + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(one) = list.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let file = file(one);
                    if !(keep && file.is_file()) {
                        std::fs::write(&file, picture(one)).expect("room for the pictures");
                    }
                }
            });
        }
    });
}
