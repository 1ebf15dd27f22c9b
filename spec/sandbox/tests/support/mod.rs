//! Helpers of the tests.

#![allow(dead_code, reason = "each test program uses a part")]
#![allow(unreachable_pub, reason = "the modules belong to test programs")]

pub mod agreement;
pub mod checked;
pub mod contract;
pub mod receiver;
pub mod socket;
pub mod space;
pub mod steps;
pub mod world;
