//! Figures as pictures of pixels, drawn with the bundled fonts, so that they are the same on every machine.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, Tree, fontdb};

use crate::view::fonts;

/// No picture has more pixels on a side than this.
const MAX_SIDE: f32 = 16_384.0;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no SVG.
    #[error("the figure cannot be read: {0}")]
    Svg(#[from] usvg::Error),
    /// It is too large, or has no size at all.
    #[error("the figure is too large for a picture: write it as SVG, or fold long payloads")]
    Size,
    /// It cannot be written as PNG.
    #[error("the picture cannot be written: {0}")]
    Png(#[from] ::png::EncodingError),
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
