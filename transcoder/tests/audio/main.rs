//! Recordings through the crate's public interface: every format in, Opus and WAV out, budgets, and hostile files.
#![cfg(test)]

mod formats;
mod hostile;
mod octets;
mod specimens;
