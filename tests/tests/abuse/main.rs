//! Hostile neighbours of the real program: it stays within its memory, answers clearly, lets nothing be smuggled, and serves
//! everybody else meanwhile.
//!
//! | module | who is hostile, or slow |
//! | --- | --- |
//! | [`lines`] | clients: endless lines, broken literals, NUL, bare CR and LF, deep parentheses |
//! | [`literals`] | clients whose literals stand where real stores expect none |
//! | [`smuggling`] | mail and stores whose literals look like answers; clients whose literals look like commands |
//! | [`stalls`] | clients and stores that do not read, and clients that send an octet at a time |
//! | [`scene`] | a store that is overheard, a proxy, and a bystander who must not notice |

#![cfg(test)]

mod lines;
mod literals;
mod scene;
mod smuggling;
mod stalls;
