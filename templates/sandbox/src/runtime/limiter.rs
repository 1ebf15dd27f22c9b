//! Rate limits, counted in fixed periods.

use std::collections::HashMap;

use super::operation::Limit;

/// The calls of an app in the current periods.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    /// By the key of the limit and its unit: the period and the units used in it.
    used: HashMap<(&'static str, Option<&'static str>), (i64, u64)>,
}

impl Limiter {
    /// Counts a call. Returns `false` if it exceeds a limit; then it is not counted.
    pub(crate) fn admit(&mut self, limits: &[Limit], now: i64, units: impl Fn(&'static str) -> u64) -> bool {
        let costs = limits.iter().map(|limit| (limit, limit.units.map_or(1, &units)));
        let costs: Vec<_> = costs.collect();
        let fits = costs.iter().all(|(limit, cost)| {
            let period = now / (i64::from(limit.seconds) * 1000);
            let used = match self.used.get(&(limit.key, limit.units)) {
                Some((of, used)) if *of == period => *used,
                _ => 0,
            };
            // A call that costs more than the whole limit is admitted once per period.
            used == 0 || used + cost <= u64::from(limit.count)
        });
        if fits {
            for (limit, cost) in costs {
                let period = now / (i64::from(limit.seconds) * 1000);
                let used = self.used.entry((limit.key, limit.units)).or_insert((period, 0));
                if used.0 != period {
                    *used = (period, 0);
                }
                used.1 += cost;
            }
        }
        fits
    }
}
