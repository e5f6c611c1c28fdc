//! Figures as pixels: an SVG, drawn.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

/// No side has more pixels than these: 400 MB at most.
const LARGEST: f32 = 10_000.0;

/// The fonts that words in a picture are drawn with.
#[derive(Clone, Debug)]
pub struct Fonts {
    database: Arc<fontdb::Database>,
    sans: String,
}

impl Fonts {
    /// These fonts, by the bytes of their files; the families name the one for words and the one for bytes.
    pub fn new(files: &[&'static [u8]], families: [&str; 2]) -> Self {
        let mut database = fontdb::Database::new();
        for file in files {
            database.load_font_source(fontdb::Source::Binary(Arc::new(*file)));
        }
        let [sans, mono] = families;
        database.set_sans_serif_family(sans);
        database.set_monospace_family(mono);
        Self { database: Arc::new(database), sans: sans.to_owned() }
    }
}

/// Draws an SVG, so many times as large as it says, or as large as can be.
///
/// # Errors
/// One line that says what stands in the way.
pub fn draw(svg: &str, scale: f32, fonts: &Fonts) -> Result<Pixmap, String> {
    let options = usvg::Options {
        fontdb: Arc::clone(&fonts.database),
        font_family: fonts.sans.clone(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = scale.min(LARGEST / width.max(height));
    let pixels = |length: f32| (length * scale).ceil().max(1.0) as u32;
    let mut pixmap = Pixmap::new(pixels(width), pixels(height)).ok_or("the picture has no size")?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Draws an SVG as PNG.
///
/// # Errors
/// As [`draw`].
pub fn of_svg(svg: &str, scale: f32, fonts: &Fonts) -> Result<Vec<u8>, String> {
    draw(svg, scale, fonts)?.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_size_and_the_colours_of_its_svg() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">
            <rect width="40" height="20" fill="#ff0000"/></svg>"##;
        let fonts = Fonts::new(&[], ["none"; 2]);
        let png = of_svg(svg, 2.0, &fonts).unwrap();
        let pixmap = Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixmap.width(), pixmap.height()), (80, 40));
        let pixel = pixmap.pixel(40, 20).unwrap();
        assert_eq!((pixel.red(), pixel.green(), pixel.alpha()), (255, 0, 255));
        assert!(of_svg("<svg", 1.0, &fonts).is_err());
    }
}
