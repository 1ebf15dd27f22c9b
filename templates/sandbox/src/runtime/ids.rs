//! Identifiers, reproducible from a seed.

use serde::{Deserialize, Serialize};

/// A source of identifiers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ids {
    seed: u64,
    issued: u64,
}

impl Ids {
    /// Creates a source. Equal seeds give equal identifiers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, issued: 0 }
    }

    fn random(&mut self) -> fastrand::Rng {
        self.issued += 1;
        fastrand::Rng::with_seed(self.seed.wrapping_add(self.issued.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Returns a number that grows with each call.
    pub fn number(&mut self, first: u64) -> u64 {
        let step = self.random().u64(1..1000);
        first + self.issued * 1000 + step
    }

    /// Returns a UUID.
    pub fn uuid(&mut self) -> String {
        let mut bytes = self.random().u128(..).to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }

    /// Returns a secret of letters and digits.
    pub fn secret(&mut self, length: usize) -> String {
        let mut random = self.random();
        (0..length).map(|_| random.alphanumeric()).collect()
    }
}
