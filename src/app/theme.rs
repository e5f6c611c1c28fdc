//! Colours, spacing and sizes of text: the design tokens, in one place.
//!
//! The colours of fields are those of [`palette`], the same in every view; here they become a
//! ground that text can be read on, in both themes.

use egui::{Color32, CornerRadius, FontId, Margin, Stroke, Theme, ThemePreference, Vec2, Visuals};

use super::settings::{Settings, ThemeChoice};
use crate::model::field::FieldKind;
use crate::model::rule::Severity;
use crate::view::palette::{self, Colour};

/// The size of ordinary text, in points.
pub const TEXT: f32 = 14.0;
/// The size of remarks beside it.
pub const SMALL: f32 = 12.0;
/// The size of headings.
pub const HEADING: f32 = 19.0;
/// The size of headings inside a panel.
pub const SUBHEADING: f32 = 16.0;
/// The space between things that belong together.
pub const GAP: f32 = 6.0;
/// The space between groups of things.
pub const GROUP: f32 = 14.0;
/// The width of a scroll bar that a view draws itself.
pub const SCROLL_BAR: f32 = 12.0;
/// How much larger projector mode draws everything, beside the person's own zoom.
pub const PROJECTOR: f32 = 1.5;

/// Applies theme, sizes and zoom.
pub fn apply(ctx: &egui::Context, settings: &Settings) {
    ctx.set_theme(match settings.theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    });
    let zoom = if settings.projector { settings.zoom * PROJECTOR } else { settings.zoom };
    ctx.set_zoom_factor(zoom.clamp(0.5, 5.0));
    for theme in [Theme::Light, Theme::Dark] {
        ctx.set_visuals_of(theme, visuals(theme, settings.projector));
    }
    ctx.all_styles_mut(|style| {
        use egui::TextStyle;
        style.text_styles = [
            (TextStyle::Small, FontId::proportional(SMALL)),
            (TextStyle::Body, FontId::proportional(TEXT)),
            (TextStyle::Button, FontId::proportional(TEXT)),
            (TextStyle::Heading, FontId::proportional(HEADING)),
            (TextStyle::Monospace, FontId::monospace(TEXT)),
        ]
        .into();
        style.spacing.item_spacing = Vec2::new(GAP, GAP);
        style.spacing.button_padding = Vec2::new(8.0, 4.0);
        style.spacing.interact_size.y = 24.0;
        style.spacing.window_margin = Margin::same(12);
        style.interaction.selectable_labels = false;
        style.url_in_tooltip = true;
    });
}

fn visuals(theme: Theme, projector: bool) -> Visuals {
    let dark = theme == Theme::Dark;
    let mut visuals = if dark { Visuals::dark() } else { Visuals::light() };
    let (ground, raised, sunken, text) = match (dark, projector) {
        (true, false) => (0x1A_1D_21, 0x2A_2F_36, 0x10_12_15, 0xE6_E9_EC),
        (true, true) => (0x00_00_00, 0x22_26_2B, 0x00_00_00, 0xFF_FF_FF),
        (false, false) => (0xF7_F8_F9, 0xE4_E8_EC, 0xFF_FF_FF, 0x1B_1F_24),
        (false, true) => (0xFF_FF_FF, 0xE0_E4_E8, 0xFF_FF_FF, 0x00_00_00),
    };
    let [ground, raised, sunken, text] = [ground, raised, sunken, text].map(from_hex);
    visuals.panel_fill = ground;
    visuals.window_fill = ground;
    visuals.extreme_bg_color = sunken;
    visuals.code_bg_color = raised;
    visuals.faint_bg_color = mix(ground, raised, 0.4);
    visuals.override_text_color = None;
    visuals.widgets.noninteractive.fg_stroke.color = text;
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, mix(ground, text, 0.22));
    visuals.widgets.inactive.fg_stroke.color = text;
    visuals.widgets.inactive.weak_bg_fill = raised;
    visuals.widgets.inactive.bg_fill = raised;
    // Without it the box of a check box that is off can hardly be seen.
    visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, mix(raised, text, 0.25));
    visuals.widgets.hovered.weak_bg_fill = mix(raised, text, 0.14);
    visuals.widgets.hovered.bg_fill = mix(raised, text, 0.14);
    visuals.widgets.hovered.fg_stroke.color = text;
    visuals.widgets.active.fg_stroke.color = text;
    visuals.widgets.open.weak_bg_fill = mix(raised, text, 0.1);
    visuals.weak_text_color = Some(mix(text, ground, 0.3));
    visuals.hyperlink_color = from_hex(if dark { 0x6C_B6_FF } else { 0x09_50_B0 });
    visuals.selection.bg_fill = from_hex(if dark { 0x1F_4E_86 } else { 0xBF_DB_FF });
    visuals.selection.stroke = Stroke::new(1.5, from_hex(if dark { 0x8C_C8_FF } else { 0x05_42_9A }));
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(4);
    }
    visuals
}

const fn from_hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// A colour between two: all of `from` at 0, all of `to` at 1.
pub fn mix(from: Color32, to: Color32, part: f32) -> Color32 {
    from.lerp_to_gamma(to, part)
}

/// A colour of the palette at full strength: for lines and marks, not for text.
pub const fn plain(colour: Colour) -> Color32 {
    let [red, green, blue] = colour.rgb;
    Color32::from_rgb(red, green, blue)
}

/// How strongly something is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// As it is.
    Quiet,
    /// It is selected.
    Selected,
    /// The pointer is over it.
    Hovered,
}

/// The ground of a field: text in the theme's own colour can be read on it.
pub fn ground(visuals: &Visuals, kind: &FieldKind, strength: Strength) -> Color32 {
    tint(visuals, plain(palette::colour_of(kind)), strength)
}

/// A colour as a ground that text in the theme's own colour can be read on.
pub fn tint(visuals: &Visuals, colour: Color32, strength: Strength) -> Color32 {
    let part = match (strength, visuals.dark_mode) {
        (Strength::Quiet, true) => 0.28,
        (Strength::Quiet, false) => 0.20,
        (Strength::Selected, true) => 0.48,
        (Strength::Selected, false) => 0.40,
        (Strength::Hovered, true) => 0.58,
        (Strength::Hovered, false) => 0.50,
    };
    mix(visuals.panel_fill, colour, part)
}

/// The line around a field, in its own colour.
pub fn edge(kind: &FieldKind, strength: Strength) -> Stroke {
    let width = if strength == Strength::Quiet { 1.0 } else { 2.0 };
    Stroke::new(width, plain(palette::colour_of(kind)))
}

/// The colour in which a finding of this severity is written: at least 4.5:1 on the theme's ground.
pub fn severity(visuals: &Visuals, severity: Severity) -> Color32 {
    let colour = plain(palette::severity_colour(severity));
    let target = if visuals.dark_mode { Color32::WHITE } else { Color32::BLACK };
    let part = if visuals.dark_mode { 0.42 } else { 0.34 };
    mix(colour, target, part)
}

/// The sign that stands before a finding, so that severity is told without colour.
pub const fn severity_sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✖",
        Severity::Warning => "▲",
        Severity::Note => "●",
    }
}
