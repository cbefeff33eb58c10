//! The road of one picture.
