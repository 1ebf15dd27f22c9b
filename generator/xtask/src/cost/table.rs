//! What the builds took, for people.

use std::fmt::Write;
use std::time::Duration;

use super::build::{Built, Profile};

/// One of the clients.
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

/// What a client took in one profile.
#[derive(Default)]
pub(super) struct Cost {
    time: Series,
    /// Empty where the system does not tell.
    processor: Series,
    /// The size of the library.
    bytes: u64,
}

impl Cost {
    fn add(&mut self, built: &Built) {
        self.time.add(built.time);
        built.processor.into_iter().for_each(|time| self.processor.add(time));
        self.bytes = built.bytes;
    }

    fn cells(&self) -> [String; 4] {
        let seconds = |time: Option<Duration>| time.map(|time| hundredths(time.as_millis() / 10));
        let [median, least, processor] = [self.time.median(), self.time.least(), self.processor.median()].map(seconds);
        let size = Some(hundredths(u128::from(self.bytes) / 10_000));
        [median, least, processor, size].map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
    }

    /// What is compared, in any unit.
    fn figures(&self) -> [(&'static str, Option<u128>); 3] {
        let milliseconds = |series: &Series| series.median().map(|time| time.as_millis());
        [
            ("time", milliseconds(&self.time)),
            ("CPU time", milliseconds(&self.processor)),
            ("rlib", Some(u128::from(self.bytes))),
        ]
    }
}

/// Times in order.
#[derive(Default)]
struct Series(Vec<Duration>);

impl Series {
    fn add(&mut self, time: Duration) {
        let place = self.0.partition_point(|earlier| *earlier <= time);
        self.0.insert(place, time);
    }

    /// The time in the middle, or between the two that are.
    fn median(&self) -> Option<Duration> {
        let upper = *self.0.get(self.0.len() / 2)?;
        let lower = *self.0.get((self.0.len() - 1) / 2)?;
        Some((lower + upper) / 2)
    }

    fn least(&self) -> Option<Duration> {
        self.0.first().copied()
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
        "CPU s",
        "rlib MB",
        "release s",
        "least s",
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
        "at most a half"
    } else {
        "more than a half"
    };
    // Rounded up, so that what is shown agrees with the verdict.
    let ratio = hundredths((ours * 100).div_ceil(theirs.max(1)));
    format!("{ratio:>10}  {verdict}")
}

/// `12.34`, to stay with integers.
fn hundredths(number: u128) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(milliseconds: &[u64], processor: Option<u64>, bytes: u64) -> Cost {
        let mut cost = Cost::default();
        for &time in milliseconds {
            cost.add(&Built {
                time: Duration::from_millis(time),
                processor: processor.map(Duration::from_millis),
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
        ] {
            let Cost { time, .. } = cost(times, None, 1);
            assert_eq!(time.median(), Some(Duration::from_millis(median)), "{times:?}");
            assert_eq!(time.least(), Some(Duration::from_millis(least)), "{times:?}");
        }
        assert_eq!(Series::default().median(), None);
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
                "operations debug s least s CPU s rlib MB release s least s CPU s rlib MB",
                "a 9 4.99 4.99 4.50 20.00 12.34 12.34 - 7.65",
                "b 9 20.00 20.00 - 1.00 0.00 0.00 - 0.00",
                "c 9 10.00 10.00 8.99 39.99 12.34 12.34 0.00 80.00",
                "",
                "a : c",
                "debug time 0.50 at most a half",
                "debug CPU time 0.51 more than a half",
                "debug rlib 0.51 more than a half",
                "release time 1.00 more than a half",
                "release rlib 0.10 at most a half",
            ]
        );
    }
}
