//! What is altered on the way yields nothing: no picture out of an altered part, no reveal to an altered statement, no more
//! revealed than the user said, and nobody's picture to anybody else.
//!
//! | module | who alters what |
//! | --- | --- |
//! | [`ciphertext`] | the store, or whoever is before it: the part, between the handset's look and the conversion |
//! | [`oracle`] | a part without integrity, and every way in which it fails: one answer |
//! | [`statement`] | a proxy, or whoever poses as one: the key statement |
//! | [`whole`] | a sender, or a list: one key for all of a message |
//! | [`users`] | nobody: many users at a time |
//! | [`store`] | the store that alters parts, for the first two |

#![cfg(test)]

mod ciphertext;
mod oracle;
mod statement;
mod store;
mod users;
mod whole;
