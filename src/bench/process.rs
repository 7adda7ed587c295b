//! What Linux says a process has cost (proc(5)).

use std::time::Duration;

/// Clock ticks a second in /proc, which Linux shows to programs as 100 whatever
/// the kernel's own are.
const TICKS: u64 = 100;

/// Processor time of all threads of a process since it began, those that ended
/// included, to 10 ms; `pid` is a number or `self`. None where the system does
/// not tell.
#[must_use]
pub fn cpu(pid: &str) -> Option<Duration> {
    cpu_of(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn cpu_of(stat: &str) -> Option<Duration> {
    // The name in brackets may hold blanks and brackets; utime and stime are the
    // 12th and 13th fields behind it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1000 / TICKS))
}

/// The most memory this process has held, in bytes. None where the system does
/// not tell.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    memory("VmHWM:")
}

/// Memory this process holds, in bytes. None where the system does not tell.
#[must_use]
pub fn resident_memory() -> Option<u64> {
    memory("VmRSS:")
}

/// Read from status rather than statm, which counts in pages of a size it does
/// not name.
fn memory(field: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_named_like_its_own_numbers_is_read_right() {
        let stat = "7 (a) 9 (b) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0";
        assert_eq!(cpu_of(stat), Some(Duration::from_millis(1750)));
        assert_eq!(cpu_of("7 (cut of"), None);
    }
}
