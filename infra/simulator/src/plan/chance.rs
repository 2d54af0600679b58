//! Random draws from a pure function: the same seed and number give the same draw, whatever was drawn before.

/// The draw for `number` under `seed`. Different questions use a different `salt`.
pub(crate) fn draw(seed: u64, number: u64, salt: u64) -> u64 {
    let first = mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
    let second = mix(first ^ number.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    mix(second ^ salt.wrapping_mul(0x94d0_49bb_1331_11eb))
}

/// Whether a draw falls within `rate`, between 0 and 1.
pub(crate) fn within(draw: u64, rate: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let share = (draw >> 11) as f64 / (1_u64 << 53) as f64;
    share < rate
}

/// The finalizer of SplitMix64.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A sequence of draws, for planning before a run begins.
pub(crate) struct Dice {
    seed: u64,
    drawn: u64,
}

impl Dice {
    /// The sequence of `seed` for the question `salt`.
    pub(crate) fn new(seed: u64, salt: u64) -> Self {
        Self { seed: draw(seed, 0, salt), drawn: 0 }
    }

    /// The next draw.
    pub(crate) fn next(&mut self) -> u64 {
        self.drawn += 1;
        draw(self.seed, self.drawn, 0)
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Whether an event of probability `rate` happens.
    pub(crate) fn chance(&mut self, rate: f64) -> bool {
        within(self.next(), rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_seed_number_and_question_alone() {
        assert_eq!(draw(7, 12, 1), draw(7, 12, 1));
        assert_ne!(draw(7, 12, 1), draw(8, 12, 1));
        assert_ne!(draw(7, 12, 1), draw(7, 13, 1));
        assert_ne!(draw(7, 12, 1), draw(7, 12, 2));
    }

    #[test]
    fn a_rate_is_met_over_many_draws() {
        let hits = (0..10_000).filter(|number| within(draw(1, *number, 0), 0.2)).count();
        assert!((1_850..2_150).contains(&hits), "{hits} of 10000 at a rate of 0.2");
    }
}
