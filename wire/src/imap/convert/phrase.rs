//! The ERROR phrase that stands in place of a result (RFC 5259 §9).

use super::super::cursor::{Cursor, Parsed};
use super::super::encode::Encoder;
use super::super::media::MediaType;
use super::request::{ParameterName, Parameters};

/// `(ERROR text code ..)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErrorPhrase {
    /// For people.
    pub text: Vec<u8>,
    /// For programs.
    pub code: ErrorCode,
}

/// Why a conversion failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ErrorCode {
    /// It may work later, after so many minutes.
    TempFail(Option<u32>),
    /// It will never work so; never an empty list.
    BadParameters(Vec<BadParameters>),
    /// Something must be said that was not; never an empty list.
    MissingParameters(Vec<MissingParameters>),
}

/// A pair of types and the parameters that do not fit it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadParameters {
    /// From what; `None`: there is no such part.
    pub from: Option<MediaType>,
    /// Into what.
    pub to: MediaType,
    /// All that do not fit; empty: the pair itself cannot be converted.
    pub parameters: Parameters,
}

/// A pair of types and the parameters that it needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissingParameters {
    /// From what.
    pub from: MediaType,
    /// Into what.
    pub to: MediaType,
    /// What is missing; never empty.
    pub parameters: Vec<ParameterName>,
}
