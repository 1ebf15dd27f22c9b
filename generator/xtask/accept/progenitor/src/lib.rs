//! The client that the build script made.

include!(env!("CODE"));
