//! Programmes to start from and to learn by, commented.

/// An example programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Its name, for instance `starter`.
    pub name: &'static str,
    /// Its text in TOML.
    pub toml: &'static str,
}

/// All examples; the first is what a new programme starts from.
pub fn examples() -> &'static [Example] {
    &[
        Example { name: "starter", toml: include_str!("../../../../examples/programmes/starter.toml") },
        Example { name: "jd", toml: include_str!("../../../../examples/programmes/jd.toml") },
        Example { name: "tmall", toml: include_str!("../../../../examples/programmes/tmall.toml") },
        Example { name: "clubcard", toml: include_str!("../../../../examples/programmes/clubcard.toml") },
        Example { name: "hotel", toml: include_str!("../../../../examples/programmes/hotel.toml") },
    ]
}
