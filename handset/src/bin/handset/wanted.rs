//! What is made of a part: from the options to a request, and to a file's name.

use std::path::Path;

use handset::{FetchRequest, Fetched, Format, Measure};
use serde_json::{Value, json};

use crate::args::{FormatName, Wanted};
use crate::exit::{Exit, Failure};

/// `request` with what the options say; `output` is the file's name, where one was told.
pub(crate) fn asked(
    request: FetchRequest,
    wanted: &Wanted,
    output: Option<&Path>,
) -> Result<FetchRequest, Failure> {
    Ok(FetchRequest {
        preset: wanted.preset.clone(),
        width: wanted.width.or(wanted.size),
        height: wanted.height.or(wanted.size),
        frames: wanted.frames,
        charset: wanted.charset.clone(),
        replacement: wanted.replacement.clone(),
        seconds: wanted.seconds,
        rate: wanted.rate,
        octets: wanted.bytes,
        format: format(wanted, output)?,
        ..request
    })
}

/// As told, else by the output file's name, else by what only one kind has; then, where no preset says it, JPEG. A name that says
/// another format than told is a mistake.
fn format(wanted: &Wanted, output: Option<&Path>) -> Result<Option<Format>, Failure> {
    let named = output.and_then(of_name);
    let told = match wanted.format {
        None => None,
        Some(FormatName::Default) => return Ok(named),
        Some(FormatName::Jpeg) => Some(Format::Jpeg),
        Some(FormatName::Png) => Some(Format::Png),
        Some(FormatName::Webp) => Some(Format::WebP),
        Some(FormatName::Avif) => Some(Format::Avif),
        Some(FormatName::Gif) => Some(Format::Gif),
        Some(FormatName::Text) => Some(Format::Plain),
        Some(FormatName::Html) => Some(Format::Html),
        Some(FormatName::Ogg) => Some(Format::Ogg),
    };
    if let (Some(told), Some(named)) = (told, named)
        && told != named
    {
        return Err(Failure::new(
            Exit::Usage,
            "--type and the output file's name say different formats",
        ));
    }
    let format = told.or(named).or(implied(wanted));
    if wanted.frames.is_some() && format != Some(Format::Gif) {
        // Else the proxy would say so, once a reveal had been sent.
        return Err(Failure::new(
            Exit::Usage,
            "--frames makes a GIF: name the output file or the --type so",
        ));
    }
    Ok(format)
}

/// What the other options mean.
fn implied(wanted: &Wanted) -> Option<Format> {
    let text = wanted.charset.is_some() || wanted.replacement.is_some();
    let sound = wanted.seconds.is_some() || wanted.rate.is_some();
    if wanted.frames.is_some() {
        return Some(Format::Gif);
    }
    match (&wanted.preset, text, sound) {
        (_, true, false) => Some(Format::Plain),
        (_, false, true) => Some(Format::Ogg),
        (Some(_), false, false) => None,
        (None, false, false) | (_, true, true) => Some(Format::Jpeg),
    }
}

fn of_name(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => Some(Format::Jpeg),
        "png" => Some(Format::Png),
        "webp" => Some(Format::WebP),
        "avif" => Some(Format::Avif),
        "gif" => Some(Format::Gif),
        "txt" => Some(Format::Plain),
        "html" | "htm" => Some(Format::Html),
        "ogg" | "opus" => Some(Format::Ogg),
        _ => None,
    }
}

/// How a file of this format is called.
pub(crate) fn extension(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "jpg",
        Format::Png => "png",
        Format::WebP => "webp",
        Format::Avif => "avif",
        Format::Gif => "gif",
        Format::Plain => "txt",
        Format::Html => "html",
        Format::Ogg => "ogg",
    }
}

/// How large it is, in words.
pub(crate) fn measured(measure: &Measure) -> String {
    let extent = |extent: &handset::Extent| match extent {
        handset::Extent::Whole => "",
        handset::Extent::Cut => ", cut short",
    };
    match measure {
        Measure::Picture { width, height } => format!("{width} × {height} pixels"),
        Measure::Text { charset, extent: e } => format!("{}{}", charset.as_str(), extent(e)),
        Measure::Sound {
            milliseconds,
            extent: e,
        } => format!("{} s{}", milliseconds.div_ceil(1000), extent(e)),
    }
}

/// What came, for a program.
pub(crate) fn as_json(fetched: &Fetched, path: &Path) -> Value {
    let mut value = json!({
        "result_file": path.display().to_string(),
        "result_type": fetched.format.name(),
        "result_octets": fetched.content.len(),
        "sealed_octets": fetched.report.sealed_octets,
        "source_type": fetched.source_type,
        "source_octets": fetched.source_octets,
        "part_octets": fetched.report.part_octets,
    });
    let whole = |extent: &handset::Extent| *extent == handset::Extent::Whole;
    match &fetched.measure {
        Measure::Picture { width, height } => {
            put(&mut value, "result_width", json!(width));
            put(&mut value, "result_height", json!(height));
        }
        Measure::Text { charset, extent } => {
            put(&mut value, "result_charset", json!(charset.as_str()));
            put(&mut value, "result_whole", json!(whole(extent)));
        }
        Measure::Sound {
            milliseconds,
            extent,
        } => {
            put(&mut value, "result_milliseconds", json!(milliseconds));
            put(&mut value, "result_whole", json!(whole(extent)));
        }
    }
    value
}

/// Adds a member to an object.
pub(crate) fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}
