//! Figures as pictures of pixels, drawn with the bundled fonts, so that they are the same on every machine.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, Tree, fontdb};

use crate::said_in_english;
use crate::view::fonts;
use crate::words::{Said, Words};

/// No picture has more pixels on a side than this.
const MAX_SIDE: f32 = 16_384.0;

/// Why there is no picture.
#[derive(Debug)]
pub enum Error {
    /// It is no SVG.
    Svg(usvg::Error),
    /// It is too large, or has no size at all.
    Size,
    /// It cannot be written as PNG.
    Png(::png::EncodingError),
}

impl std::error::Error for Error {}

impl Said for Error {
    fn said(&self, words: Words) -> String {
        let because = |id: &str, error: String| words.with(id, &[("error", error.into())]);
        match self {
            Self::Svg(error) => because("failure-figure-unreadable", error.to_string()),
            Self::Size => words.text("failure-figure-too-large").to_owned(),
            Self::Png(error) => because("failure-picture", error.to_string()),
        }
    }
}

said_in_english!(Error);

impl From<usvg::Error> for Error {
    fn from(error: usvg::Error) -> Self {
        Self::Svg(error)
    }
}

impl From<::png::EncodingError> for Error {
    fn from(error: ::png::EncodingError) -> Self {
        Self::Png(error)
    }
}

/// Draws an SVG with `scale` pixels for each of its units. Of a figure with both themes the light one is drawn.
///
/// # Errors
/// Where it is no SVG, or too large.
pub fn draw(svg: &str, scale: f32) -> Result<Pixmap, Error> {
    let options = usvg::Options { fontdb: Arc::clone(bundled()), ..usvg::Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let side = |length: f32| pixels(length * scale).ok_or(Error::Size);
    let (width, height) = (side(tree.size().width())?, side(tree.size().height())?);
    let mut pixmap = Pixmap::new(width, height).ok_or(Error::Size)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Draws an SVG as [`draw`] does, and returns the bytes of a PNG file.
///
/// # Errors
/// As [`draw`].
pub fn render(svg: &str, scale: f32) -> Result<Vec<u8>, Error> {
    let pixmap = draw(svg, scale)?;
    let mut bytes = Vec::with_capacity(pixmap.pixels().len() * 4);
    for pixel in pixmap.pixels() {
        let colour = pixel.demultiply();
        bytes.extend([colour.red(), colour.green(), colour.blue(), colour.alpha()]);
    }
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, pixmap.width(), pixmap.height());
    encoder.set_color(::png::ColorType::Rgba);
    encoder.set_depth(::png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(file)
}

#[allow(clippy::cast_sign_loss)] // Only what is above zero is cast.
fn pixels(length: f32) -> Option<u32> {
    (length > 0.0 && length <= MAX_SIDE).then(|| length.ceil() as u32)
}

/// The bundled fonts. What one does not have is looked for in the others.
fn bundled() -> &'static Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    FONTS.get_or_init(|| {
        let mut database = fontdb::Database::new();
        // Each file holds one face: the last one is that of the file that was loaded last.
        let mut load = |(_, bytes): fonts::Font| {
            database.load_font_data(bytes.to_vec());
            database.faces().last().and_then(|face| Some(face.families.first()?.0.clone()))
        };
        let (sans, mono) = (load(fonts::SANS), load(fonts::MONO));
        for font in [fonts::SYMBOLS_MONO, fonts::SYMBOLS].into_iter().chain(fonts::BOTH) {
            load(font);
        }
        database.set_sans_serif_family(sans.unwrap_or_default());
        database.set_monospace_family(mono.unwrap_or_default());
        Arc::new(database)
    })
}
