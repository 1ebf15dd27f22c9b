//! Formats the build costs as a table.

use std::fmt::Write;
use std::time::Duration;

use super::build::{Built, Profile};

/// The row of a client.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) operations: usize,
    pub(super) debug: Cost,
    pub(super) release: Cost,
}

impl Row {
    pub(super) fn add(&mut self, profile: Profile, built: &Built) {
        match profile {
            Profile::Debug => self.debug.add(built),
            Profile::Release => self.release.add(built),
        }
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.name.to_owned(), self.operations.to_string()];
        cells.extend(self.debug.cells());
        cells.extend(self.release.cells());
        cells
    }
}

/// The build cost of a client in one profile.
#[derive(Default)]
pub(super) struct Cost {
    time: Series,
    /// CPU time; empty if the system does not provide it.
    cpu: Series,
    /// Size of the library.
    bytes: u64,
}

impl Cost {
    fn add(&mut self, built: &Built) {
        self.time.add(built.time);
        built.cpu.into_iter().for_each(|time| self.cpu.add(time));
        self.bytes = built.bytes;
    }

    fn cells(&self) -> [String; 4] {
        let seconds = |time: Option<Duration>| time.map(|time| hundredths(time.as_millis() / 10));
        let cells = [
            seconds(self.time.median()),
            seconds(self.time.minimum()),
            seconds(self.cpu.median()),
            Some(hundredths(u128::from(self.bytes) / 10_000)),
        ];
        cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
    }

    /// Returns the compared figures by name.
    fn figures(&self) -> [(&'static str, Option<u128>); 3] {
        let milliseconds = |series: &Series| series.median().map(|time| time.as_millis());
        [
            ("time", milliseconds(&self.time)),
            ("CPU time", milliseconds(&self.cpu)),
            ("rlib", Some(u128::from(self.bytes))),
        ]
    }
}

/// Times in ascending order.
#[derive(Default)]
struct Series(Vec<Duration>);

impl Series {
    fn add(&mut self, time: Duration) {
        let index = self.0.partition_point(|other| *other <= time);
        self.0.insert(index, time);
    }

    /// Returns the middle value, or the mean of the two middle values.
    fn median(&self) -> Option<Duration> {
        let upper = *self.0.get(self.0.len() / 2)?;
        let lower = *self.0.get((self.0.len() - 1) / 2)?;
        Some((lower + upper) / 2)
    }

    fn minimum(&self) -> Option<Duration> {
        self.0.first().copied()
    }
}

/// Formats a row for each client, then compares the first client with the last. The goal is at most half its cost.
pub(super) fn report(rows: &[Row]) -> String {
    let mut report = String::new();
    let heads = [
        "",
        "operations",
        "debug s",
        "min s",
        "CPU s",
        "rlib MB",
        "release s",
        "min s",
        "CPU s",
        "rlib MB",
    ];
    line(&mut report, &heads.map(str::to_owned));
    rows.iter().for_each(|row| line(&mut report, &row.cells()));
    if let [ours, .., theirs] = rows {
        compare(&mut report, ours, theirs);
    }
    report.truncate(report.trim_end().len());
    report
}

fn line(report: &mut String, cells: &[String]) {
    let [name, cells @ ..] = cells else { return };
    let _ = write!(report, "{name:<25}");
    for cell in cells {
        let _ = write!(report, " {cell:>10}");
    }
    report.push('\n');
}

fn compare(report: &mut String, ours: &Row, theirs: &Row) {
    let _ = writeln!(report, "\n{} : {}", ours.name, theirs.name);
    let profiles = [
        ("debug", &ours.debug, &theirs.debug),
        ("release", &ours.release, &theirs.release),
    ];
    for (profile, ours, theirs) in profiles {
        for ((figure, ours), (_, theirs)) in ours.figures().into_iter().zip(theirs.figures()) {
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                continue;
            };
            let figure = format!("{profile} {figure}");
            let _ = writeln!(report, "{figure:<25} {}", verdict(ours, theirs));
        }
    }
}

fn verdict(ours: u128, theirs: u128) -> String {
    let verdict = if ours * 2 <= theirs {
        "at most half"
    } else {
        "more than half"
    };
    // Rounded up, so that the displayed ratio agrees with the verdict.
    let ratio = hundredths((ours * 100).div_ceil(theirs.max(1)));
    format!("{ratio:>10}  {verdict}")
}

/// Formats a number of hundredths: 1234 as `12.34`.
fn hundredths(number: u128) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(milliseconds: &[u64], cpu: Option<u64>, bytes: u64) -> Cost {
        let mut cost = Cost::default();
        for &time in milliseconds {
            cost.add(&Built {
                time: Duration::from_millis(time),
                cpu: cpu.map(Duration::from_millis),
                bytes,
            });
        }
        cost
    }

    #[test]
    fn computes_median_and_minimum() {
        for (times, median, minimum) in [
            (&[7000][..], 7000, 7000),
            (&[9000, 1000, 2000], 2000, 1000),
            (&[4000, 1000, 9000, 2000], 3000, 1000),
        ] {
            let Cost { time, .. } = cost(times, None, 1);
            assert_eq!(time.median(), Some(Duration::from_millis(median)), "{times:?}");
            assert_eq!(time.minimum(), Some(Duration::from_millis(minimum)), "{times:?}");
        }
        assert_eq!(Series::default().median(), None);
    }

    #[test]
    fn formats_a_table_and_ratios() {
        let row = |name, debug, release| Row {
            name,
            operations: 9,
            debug,
            release,
        };
        let rows = [
            row(
                "a",
                cost(&[5000, 4990], Some(4500), 20_000_000),
                cost(&[12_345], None, 7_654_321),
            ),
            row("b", cost(&[20_000], None, 1_000_000), cost(&[1], None, 1)),
            row(
                "c",
                cost(&[10_000], Some(8999), 39_999_999),
                cost(&[12_345], Some(1), 80_000_000),
            ),
        ];
        let lines: Vec<_> = report(&rows)
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "operations debug s min s CPU s rlib MB release s min s CPU s rlib MB",
                "a 9 4.99 4.99 4.50 20.00 12.34 12.34 - 7.65",
                "b 9 20.00 20.00 - 1.00 0.00 0.00 - 0.00",
                "c 9 10.00 10.00 8.99 39.99 12.34 12.34 0.00 80.00",
                "",
                "a : c",
                "debug time 0.50 at most half",
                "debug CPU time 0.51 more than half",
                "debug rlib 0.51 more than half",
                "release time 1.00 more than half",
                "release rlib 0.10 at most half",
            ]
        );
    }
}
