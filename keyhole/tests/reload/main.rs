//! Reload, drain and the service manager, as an operator meets them: the program itself, files, signals, sockets.
#![cfg(test)]

mod admin;
mod client;
mod drain;
mod manager;
mod observed;
mod reloads;
mod scene;
mod store;
