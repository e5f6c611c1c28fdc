//! The book's figures: SVG, drawn to pixels when they come into sight.

use std::collections::HashMap;

use egui::{ColorImage, TextureHandle, TextureOptions, Ui};

use crate::book;
use crate::export::png;

/// The figures that were drawn.
#[derive(Default)]
pub(super) struct Figures {
    /// By file, ground and width in pixels; none where a figure cannot be drawn.
    drawn: HashMap<(String, bool, u32), Option<TextureHandle>>,
}

/// No figure is drawn with more pixels in a row.
const WIDEST: u32 = 4096;

impl Figures {
    /// Draws a figure as wide as there is room; what it shows is said to who does not see it.
    pub(super) fn ui(&mut self, ui: &mut Ui, file: &str, words: &str, room: f32) {
        let Some(svg) = book::figure(file) else { return };
        let [wide, high] = size(svg).unwrap_or([room, room / 2.0]);
        // Larger than it was drawn helps nobody; smaller fits a narrow panel.
        let width = room.min(wide);
        let space = egui::vec2(width, width * high / wide);
        let (rect, response) = ui.allocate_exact_size(space, egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Image, true, words));
        if !ui.is_rect_visible(rect) {
            return;
        }
        let pixels = ((width * ui.pixels_per_point()).ceil() as u32).clamp(1, WIDEST);
        let dark = ui.visuals().dark_mode;
        let texture = self.drawn.entry((file.to_owned(), dark, pixels)).or_insert_with(|| {
            let image = draw(svg, dark, pixels)?;
            Some(ui.load_texture(format!("{file}-{dark}-{pixels}"), image, TextureOptions::LINEAR))
        });
        match texture {
            Some(texture) => {
                let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
                ui.painter().image(texture.id(), rect, whole, egui::Color32::WHITE);
            }
            None => {
                ui.put(rect, egui::Label::new(words).wrap());
            }
        }
    }
}

/// The size that a figure was drawn for.
fn size(svg: &str) -> Option<[f32; 2]> {
    let number = |name: &str| {
        let (_, rest) = svg.split_once(&format!(" {name}=\""))?;
        rest.split_once('"')?.0.parse::<f32>().ok().filter(|number| *number > 0.0)
    };
    Some([number("width")?, number("height")?])
}

fn draw(svg: &str, dark: bool, pixels: u32) -> Option<ColorImage> {
    let scale = pixels as f32 / size(svg)?[0];
    let image = png::draw(&on_ground(svg, dark), scale).ok()?;
    let size = [image.width() as usize, image.height() as usize];
    Some(ColorImage::from_rgba_premultiplied(size, image.data()))
}

/// The figure for a dark or a light ground: what a browser decides by the system is decided here by the window's theme.
fn on_ground(svg: &str, dark: bool) -> String {
    const BEGIN: &str = "@media screen and (prefers-color-scheme: dark){\n";
    let Some((before, rest)) = svg.split_once(BEGIN) else { return svg.to_owned() };
    let Some((inside, behind)) = rest.split_once("\n}\n") else { return svg.to_owned() };
    if dark { format!("{before}{inside}\n{behind}") } else { format!("{before}{behind}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_the_book_can_be_drawn() {
        for chapter in book::chapters() {
            for block in book::page(&chapter.name).unwrap().blocks {
                if let book::Block::Figure { file, .. } = block {
                    let svg = book::figure(&file).unwrap();
                    assert!(size(svg).is_some(), "{file}");
                    let light = draw(svg, false, 300).unwrap();
                    let dark = draw(svg, true, 300).unwrap();
                    assert_ne!(light.pixels, dark.pixels, "{file}");
                }
            }
        }
    }
}
