//! The crate from outside: what other programs sealed is opened and what it seals is opened by them, keys are read, and strangers'
//! octets harm nothing.
#![cfg(test)]

mod fuzz_entity;
mod fuzz_header;
mod fuzz_opener;
mod harness;
mod interop_open;
mod interop_seal;
mod keys;
