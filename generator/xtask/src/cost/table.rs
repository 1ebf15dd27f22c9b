//! What the builds took, for people.

use std::fmt::Write;
use std::time::Duration;

use super::build::Built;

/// One of the clients.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) operations: usize,
    pub(super) debug: Cost,
    pub(super) release: Cost,
}

impl Row {
    fn cells(&self) -> [String; 8] {
        let [debug, release] = [&self.debug, &self.release].map(Cost::cells);
        let [debug_median, debug_least, debug_size] = debug;
        let [release_median, release_least, release_size] = release;
        [
            self.name.to_owned(),
            self.operations.to_string(),
            debug_median,
            debug_least,
            debug_size,
            release_median,
            release_least,
            release_size,
        ]
    }
}

/// What a client took in one profile.
#[derive(Default)]
pub(super) struct Cost {
    /// In order.
    times: Vec<Duration>,
    /// The size of the library.
    bytes: u64,
}

impl Cost {
    pub(super) fn add(&mut self, built: &Built) {
        let place = self.times.partition_point(|time| *time <= built.time);
        self.times.insert(place, built.time);
        self.bytes = built.bytes;
    }

    /// The time in the middle, or between the two that are.
    fn median(&self) -> Duration {
        let middle = self.times.len() / 2;
        match (self.times.get(middle), self.times.get(middle.wrapping_sub(1))) {
            (Some(upper), Some(lower)) if self.times.len().is_multiple_of(2) => (*lower + *upper) / 2,
            (Some(time), _) => *time,
            (None, _) => Duration::ZERO,
        }
    }

    fn least(&self) -> Duration {
        self.times.first().copied().unwrap_or_default()
    }

    fn cells(&self) -> [String; 3] {
        [
            hundredths(self.median().as_millis() / 10),
            hundredths(self.least().as_millis() / 10),
            hundredths(u128::from(self.bytes) / 10_000),
        ]
    }
}

/// A row for each client, and then what the first takes beside the last: at most a half is the aim.
pub(super) fn report(rows: &[Row]) -> String {
    let mut report = String::new();
    let heads = [
        "",
        "operations",
        "debug s",
        "least s",
        "rlib MB",
        "release s",
        "least s",
        "rlib MB",
    ];
    line(&mut report, heads.map(str::to_owned));
    rows.iter().for_each(|row| line(&mut report, row.cells()));
    if let [ours, .., theirs] = rows {
        compare(&mut report, ours, theirs);
    }
    report.truncate(report.trim_end().len());
    report
}

fn line(report: &mut String, [name, cells @ ..]: [String; 8]) {
    let _ = write!(report, "{name:<25}");
    for cell in cells {
        let _ = write!(report, " {cell:>10}");
    }
    report.push('\n');
}

fn compare(report: &mut String, ours: &Row, theirs: &Row) {
    let _ = writeln!(report, "\n{} : {}", ours.name, theirs.name);
    let time = |cost: &Cost| cost.median().as_millis();
    let size = |cost: &Cost| u128::from(cost.bytes);
    for (figure, ours, theirs) in [
        ("debug time", time(&ours.debug), time(&theirs.debug)),
        ("debug rlib", size(&ours.debug), size(&theirs.debug)),
        ("release time", time(&ours.release), time(&theirs.release)),
        ("release rlib", size(&ours.release), size(&theirs.release)),
    ] {
        let verdict = if ours * 2 <= theirs {
            "at most a half"
        } else {
            "more than a half"
        };
        // Rounded up, so that what is shown agrees with the verdict.
        let ratio = hundredths((ours * 100).div_ceil(theirs.max(1)));
        let _ = writeln!(report, "{figure:<25} {ratio:>10}  {verdict}");
    }
}

/// `12.34`, to stay with integers.
fn hundredths(number: u128) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(milliseconds: &[u64], bytes: u64) -> Cost {
        let mut cost = Cost::default();
        for &time in milliseconds {
            cost.add(&Built {
                time: Duration::from_millis(time),
                bytes,
            });
        }
        cost
    }

    #[test]
    fn the_median_is_in_the_middle() {
        for (times, median, least) in [
            (&[7000][..], 7000, 7000),
            (&[9000, 1000, 2000], 2000, 1000),
            (&[4000, 1000, 9000, 2000], 3000, 1000),
            (&[], 0, 0),
        ] {
            let cost = cost(times, 1);
            assert_eq!(cost.median(), Duration::from_millis(median), "{times:?}");
            assert_eq!(cost.least(), Duration::from_millis(least), "{times:?}");
        }
    }

    #[test]
    fn shows_a_table_and_ratios() {
        let row = |name, debug, release| Row {
            name,
            operations: 9,
            debug,
            release,
        };
        let rows = [
            row("a", cost(&[5000, 4990], 20_000_000), cost(&[12_345], 7_654_321)),
            row("b", cost(&[20_000], 1_000_000), cost(&[1], 1)),
            row("c", cost(&[10_000], 39_999_999), cost(&[12_345], 80_000_000)),
        ];
        let lines: Vec<_> = report(&rows)
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "operations debug s least s rlib MB release s least s rlib MB",
                "a 9 4.99 4.99 20.00 12.34 12.34 7.65",
                "b 9 20.00 20.00 1.00 0.00 0.00 0.00",
                "c 9 10.00 10.00 39.99 12.34 12.34 80.00",
                "",
                "a : c",
                "debug time 0.50 at most a half",
                "debug rlib 0.51 more than a half",
                "release time 1.00 more than a half",
                "release rlib 0.10 at most a half",
            ]
        );
    }
}
