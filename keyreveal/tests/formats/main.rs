//! The formats of the extension from outside: exchanged, spoilt, held against vectors and a second implementation, fuzzed.
#![cfg(test)]

mod exchange;
mod fuzz_decoders;
mod rfc9180;
mod strict;
mod support;
mod vectors;
