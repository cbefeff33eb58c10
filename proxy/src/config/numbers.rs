//! Numbers that the file may hold, each within the bounds that make sense.

use std::time::Duration;

use serde::Deserialize;

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident($inner:ty), $range:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
        #[serde(try_from = "u64")]
        pub struct $name(pub(super) $inner);

        impl TryFrom<u64> for $name {
            type Error = &'static str;

            fn try_from(number: u64) -> Result<Self, Self::Error> {
                let number = <$inner>::try_from(number).map_err(|_| $what)?;
                if $range.contains(&number) { Ok(Self(number)) } else { Err($what) }
            }
        }

        impl $name {
            /// The number.
            #[must_use]
            pub fn number(self) -> $inner {
                self.0
            }
        }
    };
}

bounded!(
    /// A number of seconds: one second to one day.
    Seconds(u64), (1..=86_400), "expected a number of seconds from 1 to 86400"
);
bounded!(
    /// A number of vaults.
    Pool(u16), (1..=256), "expected a number of vaults from 1 to 256"
);
bounded!(
    /// A number of threads.
    Workers(u16), (1..=256), "expected a number of threads from 1 to 256"
);
bounded!(
    /// How many sealed results are kept.
    KeptResults(usize), (2..=64), "expected a number of results from 2 to 64"
);
bounded!(
    /// The longest line.
    LineOctets(usize), (8192..=1_048_576), "expected a number of octets from 8192 to 1048576"
);

impl Seconds {
    /// The same as a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}
