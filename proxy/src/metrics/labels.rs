//! The values that labels may have: each set is closed, so that no name of anybody can become one.

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// All of them, in the order of their counters.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The label's value.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

labels! {
    /// What a listener does.
    ListenerKind {
        /// Ends TLS and relays IMAP.
        Imap = "imap",
        /// Passes TLS on unopened.
        Passthrough = "passthrough",
    }
}

labels! {
    /// How a client logs in: the LOGIN command, or a SASL mechanism.
    Mechanism {
        /// The LOGIN command (RFC 9051 §6.2.3).
        LoginCommand = "login-command",
        /// PLAIN.
        Plain = "plain",
        /// LOGIN, the mechanism.
        Login = "login",
        /// SCRAM-SHA-1.
        ScramSha1 = "scram-sha-1",
        /// SCRAM-SHA-256.
        ScramSha256 = "scram-sha-256",
        /// OAUTHBEARER.
        OauthBearer = "oauthbearer",
        /// XOAUTH2.
        Xoauth2 = "xoauth2",
        /// EXTERNAL.
        External = "external",
        /// Any other that the store offers.
        Other = "other",
    }
}

labels! {
    /// What came of a login.
    LoginOutcome {
        /// The store accepted it.
        Accepted = "accepted",
        /// The store refused it, or it was refused here.
        Refused = "refused",
        /// There was nobody to ask: no backend could be reached, or it failed.
        Failed = "failed",
    }
}

labels! {
    /// What came of a TLS handshake with a client.
    HandshakeOutcome {
        /// It was finished.
        Done = "done",
        /// It failed, or took too long.
        Failed = "failed",
    }
}

labels! {
    /// How far the way to a backend's address had come when something happened, in the order of the stages.
    Stage {
        /// Its name could not be looked up.
        Resolve = "resolve",
        /// It could not be connected to.
        Connect = "connect",
        /// Its TLS failed.
        Tls = "tls",
        /// It did not greet as it should.
        Greeting = "greeting",
        /// It could not take a login.
        Login = "login",
    }
}

labels! {
    /// How a vault ended.
    VaultOutcome {
        /// With its one result.
        Done = "done",
        /// Without one: nobody used it, or its session ended.
        Unused = "unused",
        /// It died, stalled or broke the protocol.
        Failed = "failed",
    }
}

labels! {
    /// What is thought of a backend's address.
    AddressState {
        /// It works, as far as is known.
        Up = "up",
        /// It failed so often that it is left alone for a while.
        Down = "down",
        /// Its while is over: one connection tries whether it works again.
        Trying = "trying",
    }
}
