//! How far our pictures are from what they should be, beside libvips' own of as many octets.

use std::path::Path;

use crate::contest::progress;
use crate::failure::Failure;
use crate::relay::Length;
use crate::report::{Goal, Row, median};

use super::Ground;
use super::corpus::{Class, Picture, Process, Size};
use super::dssim;
use super::subjects::{Field, Who, number};

/// What one picture came to.
struct Compared {
    name: String,
    /// DSSIM of ours and of libvips'.
    ours: f64,
    libvips: f64,
    /// Octets of ours for one of libvips'.
    octets: f64,
}

impl Compared {
    fn ratio(&self) -> f64 {
        self.ours / self.libvips
    }
}

/// In a quick run, what has no reference within a second stays out.
fn takes_part(class: Class, length: Length) -> bool {
    match (length, class) {
        (Length::Full, _) => true,
        (Length::Quick, Class::Jpeg(size, process, _)) => {
            process == Process::Baseline && matches!(size, Size::Mp2 | Size::Mp12 | Size::Mp24)
        }
        (Length::Quick, _) => class == Class::Screenshot,
    }
}

/// The picture where we are worst, and what is usual.
pub(crate) fn rows(ground: &Ground, length: Length) -> Vec<Row> {
    let mut field = Field::new(&ground.programs);
    let mut all = Vec::new();
    let mut failed = None;
    let taken = |picture: &&Picture| takes_part(picture.class, length);
    for picture in ground.pictures.iter().filter(taken) {
        let compared = compare(&mut field, picture, &ground.folder);
        let what = format!("{}, DSSIM, ours over libvips'", picture.name());
        let ratio = compared.as_ref().map(Compared::ratio);
        progress(&what, &ratio.map_err(Clone::clone));
        match compared {
            Ok(compared) => all.push(compared),
            Err(why) => failed = failed.or(Some(format!("{}: {why}", picture.name()))),
        }
    }
    let whole = failed.map_or(Ok(()), Err);
    vec![
        worst_row(&all, &whole),
        over_libvips("DSSIM", &all, &whole, Compared::ratio),
        over_libvips("octets", &all, &whole, |compared| compared.octets),
    ]
}

fn worst_row(all: &[Compared], whole: &Result<(), String>) -> Row {
    let worst = all
        .iter()
        .max_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let value = |value: fn(&Compared) -> f64| {
        whole.clone()?;
        worst.map(value).ok_or_else(|| "no picture".to_owned())
    };
    let named = worst.map_or("", |worst| worst.name.as_str());
    Row {
        name: format!("DSSIM x 1000 at equal octets, the worst picture ({named}), vs libvips"),
        ours: value(|worst| worst.ours * 1e3),
        peer: value(|worst| worst.libvips * 1e3),
        goal: Some(Goal::AtMost(1.1)),
    }
}

fn over_libvips(
    what: &str,
    all: &[Compared],
    whole: &Result<(), String>,
    value: fn(&Compared) -> f64,
) -> Row {
    let middle = median(all.iter().map(value).collect());
    let ours = whole
        .clone()
        .and_then(|()| middle.ok_or_else(|| "no picture".to_owned()));
    Row {
        name: format!(
            "{what}, ours over libvips', the median of {} pictures",
            all.len()
        ),
        ours,
        peer: Ok(1.0),
        goal: None,
    }
}

fn compare(field: &mut Field<'_>, picture: &Picture, folder: &Path) -> Result<Compared, Failure> {
    let path = |name: &str| folder.join(name);
    let (theirs, ours, reference) = (path("theirs.jpg"), path("ours.jpg"), path("reference.png"));
    let file = picture.path.display();
    let made = field.ask(Who::Libvips, &format!("write {file} {}", theirs.display()))?;
    let sizes = ["octets", "width", "height"].map(|name| number(&made, name));
    let [octets, width, height] = sizes;
    let (octets, width, height) = (octets?, width?, height?);
    let order = format!("write {file} {} {octets}", ours.display());
    let used = number(&field.ask(Who::Ours, &order)?, "octets")?;
    let order = format!("reference {file} {width} {height} {}", reference.display());
    field.ask(Who::Libvips, &order)?;
    let right = dssim::Picture::open(&reference)?;
    let distance = |file: &Path| dssim::distance(&dssim::Picture::open(file)?, &right);
    Ok(Compared {
        name: picture.name(),
        ours: distance(&ours)?,
        libvips: distance(&theirs)?,
        octets: used / octets,
    })
}
