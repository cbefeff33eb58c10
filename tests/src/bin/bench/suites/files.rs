//! Which files of a package are pictures, or pretend to be: by their first octets, or by their names.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use transcoder::sniff::{sniff, sniff_unread};

use crate::failure::Failure;

/// How many octets tell.
const TELLING: u64 = 512;

/// Names of what is read.
const ENDINGS: [&str; 12] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "tif", "tiff", "bmp", "jxl",
];

/// All of them below `folder`, in the order of their names.
pub(crate) fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // A link leads to another file of the package, or out of it.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && is_picture(&entry.path())? {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_picture(path: &Path) -> Result<bool, Failure> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    if ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
        return Ok(true);
    }
    let mut first = Vec::new();
    File::open(path)?.take(TELLING).read_to_end(&mut first)?;
    Ok(sniff(&first).is_some() || sniff_unread(&first).is_some())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ::tests::harness::scratch::Scratch;

    use super::pictures;

    #[test]
    fn a_picture_is_known_by_its_octets_or_its_name() {
        let scratch = Scratch::new();
        let inner = scratch.join("b");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("one"), b"GIF89a").unwrap();
        fs::write(inner.join("two.JPG"), b"").unwrap();
        fs::write(inner.join("three.c"), b"int main").unwrap();
        fs::write(scratch.join("a"), b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
        std::os::unix::fs::symlink(inner.join("one"), scratch.join("c.gif")).unwrap();
        let found = pictures(scratch.path()).unwrap();
        let expected = [scratch.join("a"), inner.join("one"), inner.join("two.JPG")];
        assert_eq!(found, expected);
    }
}
