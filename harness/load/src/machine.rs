//! Where the load comes from: the machine, and how much of it this process uses.
//!
//! Linux says it in `/proc`; what another system does not say is left empty, and not guessed.

use proofmark_record::load::Machine;
use std::fs;
use std::time::Duration;

/// The machine that this runs on.
#[must_use]
pub fn machine() -> Machine {
    Machine {
        os: std::env::consts::OS.to_owned(),
        kernel: first_line("/proc/sys/kernel/osrelease"),
        cpu: field("/proc/cpuinfo", "model name"),
        cores: cores(),
        memory_bytes: field("/proc/meminfo", "MemTotal")
            .trim_end_matches(" kB")
            .parse()
            .map_or(0, |kib: u64| kib * 1024),
    }
}

/// How many processors this process may use.
#[must_use]
pub fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
}

/// The processor time that this process has used so far; `None` where the system does not say.
#[must_use]
pub fn cpu_time() -> Option<Duration> {
    // The kernel counts in hundredths of a second here, whatever its own clock.
    const TICKS_PER_SECOND: u64 = 100;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field, the program's name, may hold anything; what follows its last bracket is numbers.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 1000 / TICKS_PER_SECOND))
}

fn first_line(path: &str) -> String {
    fs::read_to_string(path).ok().and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_default()
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| line.split_once(':').filter(|(known, _)| known.trim() == name));
    value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_says_what_machine_it_is() {
        let machine = machine();
        assert!(machine.cores > 0 && machine.memory_bytes > 0 && !machine.kernel.is_empty(), "{machine:?}");
        assert!(cpu_time().is_some());
    }
}
