//! The vault at work: it gets the job and the part's octets as they arrive, and gives the sealed result.
//!
//! Whatever it says out of turn, or more than it announced, is its failure, never more.

use std::sync::Arc;

use keyreveal::{Context, KeyId, names, padded_len};
use vault::frames::{
    Failure, Frame, FrameReader, FromVault, Job, Limits, MAX_RUN, Resource, ToVault, encode_octets,
};

use super::{
    Verdict,
    plan::{Failed, ToReveal},
};
use crate::{
    clock::Moment,
    event::{Event, Record},
    session::{
        Request, Session, Stage,
        selected::Selected,
        settings::{DECODER_MEMORY, PIXELS, VAULT_GRACE},
    },
};

/// The most octets that a result has beside its picture before it is padded: types, sizes, names of fields.
const HEAD: usize = 600;

/// The most that sealing to the session adds: length, nonce and tag.
const SEALING: usize = 64;

/// The most that sealing to a certificate adds: its issuer's name and the wrapped key are no longer than the certificate,
/// and that comes in a reveal of at most 16384 octets.
const SEALING_SMIME: usize = 17 * 1024;

/// An employed vault.
#[derive(Debug)]
pub(super) struct Work {
    key_id: KeyId,
    context: Context,
    deadline: Moment,
    feeding: Feeding,
    reader: FrameReader,
    result: Option<Sealed>,
}

/// How far the part has come.
#[derive(Debug)]
enum Feeding {
    /// Not begun: the job waits.
    Waiting(Job),
    /// So many octets are still to come.
    Running(u64),
    /// All of it is with the vault.
    Complete,
}

/// A result that is coming in.
#[derive(Debug)]
struct Sealed {
    announced: usize,
    octets: Vec<u8>,
}

impl Work {
    pub(super) fn deadline(&self) -> Moment {
        self.deadline
    }
}

impl Session {
    /// Takes a vault for a job. It is used up by this, whatever comes of it.
    pub(super) fn employ(&mut self, reveal: &ToReveal, now: Moment) -> Work {
        let ToReveal {
            key_id,
            sealed,
            context,
            fallback,
        } = reveal;
        self.out.request(Request::Employ(*key_id));
        let deadline_ms = u32::try_from(self.settings.job.as_millis()).unwrap_or(u32::MAX);
        let job = Job {
            sealed: sealed.encode(),
            context: context.encode(),
            fallback: fallback.encode(),
            limits: Limits {
                input_octets: self.settings.part_octets,
                pixels: PIXELS,
                output_octets: most_output(self.settings.kept_octets, context.container()),
                memory: DECODER_MEMORY,
                deadline_ms,
            },
        };
        Work {
            key_id: *key_id,
            context: context.clone(),
            deadline: now.plus(self.settings.job).plus(VAULT_GRACE),
            feeding: Feeding::Waiting(job),
            reader: FrameReader::new(),
            result: None,
        }
    }

    fn working(&mut self) -> Option<&mut Work> {
        self.conversion()
            .and_then(|conversion| conversion.work.as_mut())
    }

    /// The part begins, and is so long.
    pub(super) fn part_begins(&mut self, octets: u64, now: Moment) {
        if octets > self.settings.part_octets {
            // The structure said otherwise, or this would not have been fetched. The octets are read and forgotten.
            self.vault_is_over(Verdict::Failed(Failed::Exceeded(Resource::Input)), now);
            return;
        }
        let Some(work) = self.working() else { return };
        let feeding = if octets == 0 {
            Feeding::Complete
        } else {
            Feeding::Running(octets)
        };
        let Feeding::Waiting(job) = std::mem::replace(&mut work.feeding, feeding) else {
            self.vault_failed("the store sent the part twice", now);
            return;
        };
        self.tell_vault(&ToVault::Job(job), now);
        if octets == 0 {
            self.tell_vault(&ToVault::End, now);
        }
    }

    /// The next octets of the part, as they came.
    pub(super) fn part_octets(&mut self, run: &[u8], now: Moment) {
        let Some(work) = self.working() else { return };
        let Feeding::Running(left) = &mut work.feeding else {
            return;
        };
        *left = left.saturating_sub(u64::try_from(run.len()).unwrap_or(u64::MAX));
        let complete = *left == 0;
        if complete {
            work.feeding = Feeding::Complete;
        }
        let mut frames = Vec::with_capacity(run.len() + 16);
        for piece in run.chunks(MAX_RUN) {
            if encode_octets(piece, &mut frames).is_err() {
                self.vault_failed("a run that no frame takes", now);
                return;
            }
        }
        self.out.to_vault.push(&frames);
        if complete {
            self.tell_vault(&ToVault::End, now);
        }
    }

    fn tell_vault(&mut self, frame: &ToVault, now: Moment) {
        match frame.to_octets() {
            Ok(octets) => self.out.to_vault.push(&octets),
            // A reveal longer than any frame: it was never made for a vault of this version.
            Err(_) => self.vault_is_over(Verdict::Failed(Failed::Refused), now),
        }
    }

    /// The store has answered the FETCH: if the part did not come with it, it is not there any more.
    pub(super) fn part_done(&mut self, now: Moment) {
        let Some(work) = self.working() else {
            self.conclude(now);
            return;
        };
        match work.feeding {
            Feeding::Complete => self.conclude(now),
            Feeding::Waiting(_) => {
                if let Some(conversion) = self.conversion() {
                    conversion.place = None;
                }
                self.vault_is_over(Verdict::Told, now);
            }
            Feeding::Running(_) => self.vault_failed("the store did not send the whole part", now),
        }
    }

    /// Octets of the vault's.
    pub(in crate::session) fn take_vault_octets(&mut self, octets: &[u8], now: Moment) {
        let mut input = octets;
        loop {
            let Some(work) = self.working() else { return };
            match work.reader.next(&mut input) {
                Ok(Some(frame)) => self.take_vault_frame(frame, now),
                Ok(None) => return,
                Err(_) => {
                    self.vault_failed("it broke the framing", now);
                    return;
                }
            }
        }
    }

    fn take_vault_frame(&mut self, frame: FromVault, now: Moment) {
        let most = self.settings.kept_octets;
        let Some(work) = self.working() else { return };
        match (frame, &mut work.result) {
            (FromVault::Result { octets }, None) if matches!(work.feeding, Feeding::Complete) => {
                match usize::try_from(octets) {
                    Ok(announced) if announced <= most => {
                        work.result = Some(Sealed {
                            announced,
                            octets: Vec::new(),
                        });
                    }
                    // Its limits do not allow this, and only it may say that something was too large: it knows whether it may.
                    Ok(_) | Err(_) => self.vault_failed("its result is larger than allowed", now),
                }
            }
            (FromVault::Run(run), Some(sealed))
                if sealed.octets.len() + run.len() <= sealed.announced =>
            {
                sealed.octets.extend_from_slice(&run);
            }
            (FromVault::Done, Some(sealed)) if sealed.octets.len() == sealed.announced => {
                let octets = std::mem::take(&mut sealed.octets);
                self.vault_is_over(Verdict::Sealed(octets.into()), now);
            }
            (FromVault::Failed(failure), None) => {
                self.vault_is_over(Verdict::Failed(failed(failure)), now);
            }
            (
                FromVault::Ready(_)
                | FromVault::Result { .. }
                | FromVault::Run(_)
                | FromVault::Done
                | FromVault::Failed(_),
                _,
            ) => {
                self.vault_failed("it spoke out of turn", now);
            }
        }
    }

    /// The vault's socket is closed.
    pub(in crate::session) fn take_vault_end(&mut self, now: Moment) {
        if self.working().is_some() {
            self.vault_failed("it ended without an answer", now);
        }
    }

    pub(super) fn pass_vault_time(&mut self, now: Moment) {
        if self.working().is_some_and(|work| work.deadline <= now) {
            self.vault_failed("it took too long", now);
        }
    }

    fn vault_failed(&mut self, reason: &'static str, now: Moment) {
        if let Some(work) = self.working() {
            let record = Record::of(Event::VaultFailed)
                .key_id(&work.key_id.0)
                .reason(reason);
            self.out.records.push_back(record);
        }
        self.vault_is_over(Verdict::Failed(Failed::Temporary), now);
    }

    /// The vault has said all that counts: it is let go, and what came of it is the verdict.
    fn vault_is_over(&mut self, verdict: Verdict, now: Moment) {
        self.out.request(Request::Dismiss);
        // A vault that did not take the part kept the store from being read.
        self.store.resume(now);
        let Some(conversion) = self.conversion() else {
            return;
        };
        let work = conversion.work.take();
        if let (Verdict::Sealed(sealed), Some(work)) = (&verdict, work) {
            let selected = conversion.selected.clone();
            self.keep(work.context, sealed, &selected);
        }
        self.judge(verdict, now);
    }

    /// Keeps a result, unless the mailbox is not the one it was made for any more.
    fn keep(&mut self, context: Context, sealed: &Arc<[u8]>, selected: &Selected) {
        if let Stage::Open(open) = &mut self.stage
            && open.selection.now() == Some(selected)
        {
            let sealed = Arc::clone(sealed);
            open.own.kept.keep(context, sealed, &self.settings);
        }
    }
}

/// How large a picture may be so that the sealed result has no more than `kept` octets.
fn most_output(kept: usize, container: &str) -> u64 {
    let sealing = if container == names::CONTAINER_SMIME {
        SEALING_SMIME
    } else {
        SEALING
    };
    let room = kept.saturating_sub(sealing);
    // Above its floor padding is at most a sixteenth of what comes out.
    let unpadded = room.saturating_sub(room.div_ceil(16));
    if padded_len(unpadded) > room {
        return 0;
    }
    u64::try_from(unpadded.saturating_sub(HEAD)).unwrap_or(u64::MAX)
}

fn failed(failure: Failure) -> Failed {
    match failure {
        Failure::Refused => Failed::Refused,
        Failure::NotConvertible(kind) => Failed::NotConvertible(kind),
        Failure::NoSuchSection => Failed::NoSuchSection,
        Failure::Exceeded(resource) => Failed::Exceeded(resource),
        Failure::Damaged => Failed::Damaged,
        Failure::CannotFit => Failed::CannotFit,
        Failure::Charset => Failed::Charset,
        Failure::Temporary => Failed::Temporary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_within_its_limit_makes_a_result_that_can_be_kept() {
        let sizes = (0..1 << 16)
            .step_by(61)
            .chain((1 << 16..1 << 24).step_by(4099))
            .chain([usize::MAX]);
        for kept in sizes {
            for (container, sealing) in [
                (names::CONTAINER_SEALED, SEALING),
                (names::CONTAINER_SMIME, SEALING_SMIME),
            ] {
                let most = usize::try_from(most_output(kept, container)).unwrap();
                let sealed = padded_len(most + HEAD) + sealing;
                assert!(most == 0 || sealed <= kept, "{container}, {kept}: {sealed}");
            }
        }
        let most = most_output(8 << 20, names::CONTAINER_SEALED);
        assert!(most > 7 << 20, "{most}: not much is lost");
    }
}
