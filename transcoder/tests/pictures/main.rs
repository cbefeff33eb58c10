//! The transcoder from outside: files in, files out. One binary, one module for each promise.

#[cfg(test)]
mod alpha;
#[cfg(test)]
mod animation;
#[cfg(test)]
mod avif;
#[cfg(test)]
mod byte_budget;
#[cfg(test)]
mod colour;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod gif;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jxl;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod orientation;
#[cfg(test)]
mod quality;
#[cfg(test)]
mod specimens;
#[cfg(test)]
mod ssim;
#[cfg(test)]
mod tiff;
#[cfg(test)]
mod webp;
