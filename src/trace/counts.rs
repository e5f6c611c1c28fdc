//! How many findings there are, counted as they come.

use crate::model::rule::Severity;

/// Numbers of findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rules that are broken.
    pub errors: u32,
    /// Recommendations that are not kept, and what cannot be judged.
    pub warnings: u32,
    /// What is worth knowing.
    pub notes: u32,
}

impl Counts {
    /// One more finding.
    pub(super) const fn add(&mut self, severity: Severity) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        };
        *count = count.saturating_add(1);
    }

    /// One finding less: it was none.
    pub(super) const fn remove(&mut self, severity: Severity) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        };
        *count = count.saturating_sub(1);
    }

    /// How many there are of this severity.
    pub const fn of(self, severity: Severity) -> u32 {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Note => self.notes,
        }
    }

    /// How many there are in all.
    pub const fn total(self) -> u32 {
        self.errors.saturating_add(self.warnings).saturating_add(self.notes)
    }

    /// The severity of the worst; none where there are none.
    pub const fn worst(self) -> Option<Severity> {
        match self {
            Self { errors: 1.., .. } => Some(Severity::Error),
            Self { warnings: 1.., .. } => Some(Severity::Warning),
            Self { notes: 1.., .. } => Some(Severity::Note),
            _ => None,
        }
    }
}
