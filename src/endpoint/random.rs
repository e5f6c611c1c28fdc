//! Randomness for keys and masks.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Random;

/// Randomness that nobody can foresee, as masking keys must be (RFC 6455 section 10.3).
pub fn random() -> Random {
    from(StdRng::from_rng(&mut rand::rng()))
}

/// The same bytes for the same seed: for runs that can be repeated, and for nothing else.
pub fn seeded(seed: u64) -> Random {
    from(StdRng::seed_from_u64(seed))
}

fn from(mut generator: StdRng) -> Random {
    Box::new(move |bytes| generator.fill_bytes(bytes))
}
