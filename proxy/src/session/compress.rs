//! COMPRESS (RFC 4978), with the client and with the store, each for itself. The octets are the shell's; here is when.
//!
//! The lengths of compressed octets tell what is in them. A session that compresses does not reveal, and one in which
//! something was revealed does not compress, unless the configuration says that it may.

use wire::imap::{Capabilities, Code, CommandBody, StatusKind, Tag, capability::COMPRESS_DEFLATE};

use super::{Neighbour, Request, Session, Stage, inject::Errand, offers::Terms};
use crate::{
    clock::Moment,
    config::{Compress, CompressStore},
    event::Event,
};

/// The one algorithm.
const DEFLATE: &str = "DEFLATE";

/// What was done on a connection that keeps it from the other.
#[derive(Debug, Default)]
pub(super) struct Compression {
    client: Compressed,
    revealed: Revealed,
}

/// Whether the client's connection is compressed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Compressed {
    #[default]
    No,
    Yes,
}

/// Whether KEYREVEAL or CONVERT was used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Revealed {
    #[default]
    No,
    Yes,
}

/// Whether something may be used now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum May {
    Yes,
    No,
}

impl Compression {
    /// Whether the client may have its connection compressed.
    pub(super) fn may_compress(&self, allowed: Compress) -> May {
        match (allowed, self.client, self.revealed) {
            (Compress::Never, _, _) | (_, Compressed::Yes, _) => May::No,
            (Compress::UnlessRevealed, Compressed::No, Revealed::Yes) => May::No,
            (Compress::UnlessRevealed, Compressed::No, Revealed::No)
            | (Compress::Always, Compressed::No, _) => May::Yes,
        }
    }

    /// Whether something may be revealed.
    pub(super) fn may_reveal(&self, allowed: Compress) -> May {
        match (allowed, self.client) {
            (Compress::UnlessRevealed, Compressed::Yes) => May::No,
            (Compress::UnlessRevealed, Compressed::No)
            | (Compress::Always | Compress::Never, _) => May::Yes,
        }
    }
}

impl Session {
    /// Something is being revealed: from now on nothing is compressed.
    pub(super) fn reveals(&mut self) {
        if let Stage::Open(open) = &mut self.stage {
            open.compression.revealed = Revealed::Yes;
        }
    }

    /// Whether the client may reveal something now.
    pub(super) fn may_reveal(&self) -> May {
        match &self.stage {
            Stage::Open(open) => open.compression.may_reveal(self.settings.compress),
            Stage::Login(_) | Stage::Over => May::No,
        }
    }

    /// `COMPRESS algorithm`, between two responses and with nothing under way.
    pub(super) fn compress_client(&mut self, tag: &Tag, algorithm: &str) {
        let Stage::Open(open) = &mut self.stage else {
            return;
        };
        let (kind, code, text) = if algorithm != DEFLATE {
            (StatusKind::Bad, None, "Only DEFLATE is known")
        } else if open.compression.client == Compressed::Yes {
            let code = Some(Code::CompressionActive);
            (StatusKind::No, code, "Compression is active already")
        } else if open.compression.may_compress(self.settings.compress) == May::No {
            (
                StatusKind::No,
                Some(Code::Cannot),
                "Not offered by this server",
            )
        } else {
            open.compression.client = Compressed::Yes;
            self.out
                .complete(tag, StatusKind::Ok, None, "Compression begins");
            self.client.compresses();
            return;
        };
        self.out.record_reason(Event::CommandRefused, text);
        self.out.complete(tag, kind, code, text);
    }

    /// What the store offers after the login: if it is to be compressed, this is the time, for no mailbox is selected.
    pub(super) fn compress_store(&mut self, list: &Capabilities, now: Moment) {
        if self.store.compress() == CompressStore::WhereOffered && list.contains(COMPRESS_DEFLATE) {
            let body = CommandBody::Compress(DEFLATE.into());
            let deadline = now.plus(self.store.answer());
            self.inject(body, Errand::Compress, deadline, now);
        }
    }

    /// The store has answered our COMPRESS. Where it would not, the connection stays as it is.
    pub(super) fn store_compresses(&mut self, kind: StatusKind) {
        match kind {
            StatusKind::Ok => self.store.compresses(),
            StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth => {}
        }
    }

    /// The shell is asked to compress, and given what was read too early.
    pub(super) fn begin_compression(&mut self, neighbour: Neighbour, early: &[u8]) {
        let plain = match neighbour {
            Neighbour::Client => self.out.to_client.len(),
            Neighbour::Store => self.out.to_store.len(),
        };
        self.out.request(Request::Compress {
            neighbour,
            plain,
            early: early.to_vec(),
        });
    }

    /// On what the client's list of capabilities depends beside the store's.
    pub(super) fn terms(&self) -> Terms {
        let (compress, reveal) = match &self.stage {
            Stage::Open(open) => (
                open.compression.may_compress(self.settings.compress),
                open.compression.may_reveal(self.settings.compress),
            ),
            Stage::Login(_) | Stage::Over => (May::No, May::No),
        };
        Terms {
            warden: self.warden,
            compress,
            reveal,
            urlauth: self.store.urlauth(),
        }
    }
}
