//! Through which tags and tunnels a packet came.
//!
//! Two connections may have the same addresses and ports in two networks that share a cable: each VLAN, each tunnel
//! has addresses of its own. What tells the networks apart is part of a connection's identity.

/// Identifies the tags and tunnels around a packet, outermost first. Two packets with the same path came through the
/// same; the path of a packet in neither tags nor tunnels is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Path(u64);

/// What tells networks apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A VLAN's number.
    Vlan = 1,
    /// A label of MPLS.
    Mpls,
    /// A session of `PPPoE`.
    Session,
    /// The key of GRE, or its call.
    Gre,
    /// A session of ERSPAN.
    Erspan,
    /// A network number of VXLAN.
    Vxlan,
    /// A network number of Geneve.
    Geneve,
    /// An endpoint of GTP.
    Gtp,
    /// The ends of a tunnel over IP.
    Tunnel,
}

impl Path {
    /// The path of a packet that came through this too.
    #[must_use]
    pub(super) fn through(self, mark: Mark, number: u64) -> Self {
        // The finalizer of MurmurHash3: each bit of what goes in changes about half of what comes out.
        let mut mixed = self.0.rotate_left(23) ^ number ^ (mark as u64) << 56;
        for factor in [0xFF51_AFD7_ED55_8CCD_u64, 0xC4CE_B9FE_1A85_EC53] {
            mixed = (mixed ^ mixed >> 33).wrapping_mul(factor);
        }
        Self(mixed ^ mixed >> 33)
    }

    /// The same for what has 128 bits.
    #[must_use]
    pub(super) fn through_wide(self, mark: Mark, number: u128) -> Self {
        self.through(mark, (number >> 64) as u64).through(mark, number as u64)
    }

    /// Whether there is neither tag nor tunnel.
    pub(super) fn is_plain(self) -> bool {
        self == Self::default()
    }
}
