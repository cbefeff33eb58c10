//! Reveals through real processes, and what becomes of a vault that is disturbed in its work.

use std::time::Duration;

use envelope::sealer::SealAlgorithm;
use keyreveal::{Measure, ResultOpener, Seal};
use rustix::process::{Pid, Signal, kill_process};
use vault::child::End;
use vault::frames::{Exit, Failure, Frame as _, FromVault, Job, REFUSAL, Resource, ToVault};

use crate::runner::Test;
use crate::scenario::{self, Question, entity, part, photograph};
use crate::warden::{Folder, Vault, Warden, is_there, now, options, status, until};

pub(crate) const TESTS: &[Test] = &[
    (
        "a_reveal_gives_a_thumbnail_and_the_vault_is_gone",
        a_reveal_gives_a_thumbnail_and_the_vault_is_gone,
    ),
    (
        "every_format_is_converted_inside_the_sandbox",
        every_format_is_converted_inside_the_sandbox,
    ),
    (
        "a_cameras_photograph_is_converted_inside_the_sandbox",
        a_cameras_photograph_is_converted_inside_the_sandbox,
    ),
    (
        "an_smime_result_is_sealed_inside_the_sandbox",
        an_smime_result_is_sealed_inside_the_sandbox,
    ),
    (
        "refusals_come_at_the_bucket_and_end_the_vault",
        refusals_come_at_the_bucket_and_end_the_vault,
    ),
    (
        "a_refusal_without_integrity_does_not_tell_by_its_time_what_failed",
        a_refusal_without_integrity_does_not_tell_by_its_time_what_failed,
    ),
    (
        "what_is_told_plainly_is_told_at_once",
        what_is_told_plainly_is_told_at_once,
    ),
    (
        "a_vault_that_is_killed_is_told_and_the_next_works",
        a_vault_that_is_killed_is_told_and_the_next_works,
    ),
    (
        "a_vault_that_crashes_leaves_no_core",
        a_vault_that_crashes_leaves_no_core,
    ),
    ("a_vault_left_alone_ends", a_vault_left_alone_ends),
    (
        "a_vault_ends_when_its_time_is_over",
        a_vault_ends_when_its_time_is_over,
    ),
    (
        "a_job_ends_when_its_time_is_over",
        a_job_ends_when_its_time_is_over,
    ),
    (
        "a_server_that_does_not_read_loses_its_vault",
        a_server_that_does_not_read_loses_its_vault,
    ),
    ("a_vault_takes_no_second_job", a_vault_takes_no_second_job),
    (
        "frames_out_of_order_end_a_vault",
        frames_out_of_order_end_a_vault,
    ),
    (
        "a_stopped_vault_goes_on_when_continued",
        a_stopped_vault_goes_on_when_continued,
    ),
];

fn code(end: End) -> Exit {
    Exit::Status(end.code())
}

/// A job for this vault, right in every way, its part, and what opens its result.
fn right(
    warden: &Warden,
    vault: &Vault,
    asked: &Question,
    seal: Seal,
) -> (Job, Vec<u8>, ResultOpener) {
    let part = part(
        &entity("image/jpeg", &photograph()),
        SealAlgorithm::Aes256Gcm,
    );
    let reveal = scenario::reveal(&part, asked, seal);
    let (sealed, opener) = scenario::sealed(vault.verified(&warden.identity()), reveal);
    (scenario::job(&sealed, asked), part, opener)
}

fn a_reveal_gives_a_thumbnail_and_the_vault_is_gone() {
    let folder = Folder::new("reveal");
    let mut warden = Warden::start(&options(&folder));
    let child = warden.only_child();
    let mut vault = warden.vault();
    let (job, part, opener) = right(&warden, &vault, &Question::session(), Seal::Session);
    vault.work(&job, &part);
    let result = opener.open(&vault.result().unwrap()).unwrap();
    let (width, height) = (160, 120);
    assert_eq!(result.measure, Measure::Picture { width, height });
    assert_eq!(warden.exit(vault.assigned.key_id), code(End::Answered));
    assert!(!is_there(child), "no process is left, not even a dead one");
}

/// The result's media type and size, for `entity` sent to a fresh vault.
fn converted(
    warden: &mut Warden,
    entity: &[u8],
    asked: &Question,
    algorithm: SealAlgorithm,
) -> (String, u32, u32) {
    let mut vault = warden.vault();
    let part = part(entity, algorithm);
    let reveal = scenario::reveal(&part, asked, Seal::Session);
    let (sealed, opener) = scenario::sealed(vault.verified(&warden.identity()), reveal);
    vault.work(&scenario::job(&sealed, asked), &part);
    let sealed = vault
        .result()
        .unwrap_or_else(|failure| panic!("{failure:?}"));
    let result = opener.open(&sealed).unwrap();
    let Measure::Picture { width, height } = result.measure else {
        panic!("{:?} is no picture's", result.measure)
    };
    (result.media_type, width, height)
}

/// No decoder, no encoder and no cipher makes a system call that is not on the list.
fn every_format_is_converted_inside_the_sandbox() {
    use image::ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let folder = Folder::new("formats");
    let mut warden = Warden::start(&options(&folder));
    let picture = image::load_from_memory(&photograph()).unwrap();
    let targets = [
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/avif",
        "image/gif",
    ];
    let algorithms = [
        SealAlgorithm::Aes256Gcm,
        SealAlgorithm::Aes256Cbc,
        SealAlgorithm::Aes256GcmHkdf,
    ];
    let ways = targets
        .into_iter()
        .cycle()
        .zip(algorithms.into_iter().cycle());
    for (format, (target, algorithm)) in [Jpeg, Png, WebP, Gif, Bmp, Tiff].into_iter().zip(ways) {
        let mut file = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        let entity = entity(format.to_mime_type(), &file.into_inner());
        let asked = Question::session().with(keyreveal::names::PARAM_TYPE, target);
        let result = converted(&mut warden, &entity, &asked, algorithm);
        assert_eq!(result, (target.to_owned(), 160, 120), "{format:?}");
    }
    let jxl = include_bytes!("../../../transcoder/tests/pictures/seeds/lossy.jxl");
    let asked = Question::session().with(keyreveal::names::PARAM_TYPE, "image/png");
    let algorithm = SealAlgorithm::Aes256Gcm;
    let result = converted(&mut warden, &entity("image/jxl", jxl), &asked, algorithm);
    assert_eq!(result, ("image/png".to_owned(), 12, 9));
}

/// Eight megapixels, inside the same limits on memory and processor time.
fn a_cameras_photograph_is_converted_inside_the_sandbox() {
    let folder = Folder::new("camera");
    let mut warden = Warden::start(&options(&folder));
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../keyhole/assets/photograph.jpg"
    );
    let entity = entity("image/jpeg", &std::fs::read(path).unwrap());
    let asked = Question::session()
        .with("pix-x", "320")
        .with("pix-y", "320");
    let (_, width, height) = converted(&mut warden, &entity, &asked, SealAlgorithm::Aes256Gcm);
    assert_eq!(width.max(height), 320);
}

fn an_smime_result_is_sealed_inside_the_sandbox() {
    let folder = Folder::new("smime");
    let mut warden = Warden::start(&options(&folder));
    let mut vault = warden.vault();
    let asked = Question::new(keyreveal::names::CONTAINER_SMIME);
    let (job, part, _) = right(&warden, &vault, &asked, scenario::smime());
    vault.work(&job, &part);
    assert!(vault.result().unwrap().len() > 4096);
    assert_eq!(warden.exit(vault.assigned.key_id), code(End::Answered));
}

/// Known at once, known at the end, or known after the tag: all the same from outside, and never before the bucket's time.
fn refusals_come_at_the_bucket_and_end_the_vault() {
    let folder = Folder::new("refusals");
    let mut warden = Warden::start(&options(&folder));
    let spoil: [fn(&mut Job, &mut Vec<u8>); 3] = [
        |job, _| job.sealed = b"nothing".to_vec(),
        |job, _| job.context = Question::session().with("pix-x", "1").context().encode(),
        |_, part| {
            let last = part.len() - 1;
            part[last] ^= 1;
        },
    ];
    for spoil in spoil {
        let mut vault = warden.vault();
        let (mut job, mut part, _) = right(&warden, &vault, &Question::session(), Seal::Session);
        spoil(&mut job, &mut part);
        let started = now();
        vault.work(&job, &part);
        assert_eq!(vault.result(), Err(Failure::Refused));
        assert!(started.elapsed() >= REFUSAL);
        assert_eq!(warden.exit(vault.assigned.key_id), code(End::Answered));
    }
}

/// The demo's photograph, which takes a while to decode, asked for in fewer octets than any picture has: refused as late as can be.
fn late_failure(warden: &mut Warden, algorithm: SealAlgorithm) -> (Vault, Job, Vec<u8>) {
    let vault = warden.vault();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../keyhole/assets/photograph.jpg"
    );
    let part = part(
        &entity("image/jpeg", &std::fs::read(path).unwrap()),
        algorithm,
    );
    let asked = Question::session();
    let reveal = scenario::reveal(&part, &asked, Seal::Session);
    let (sealed, _) = scenario::sealed(vault.verified(&warden.identity()), reveal);
    let mut job = scenario::job(&sealed, &asked);
    job.limits.output_octets = 1;
    (vault, job, part)
}

/// Has the part's end wait until so long after the job, and gives the time from that end to the failure.
fn failure_after(
    vault: &mut Vault,
    job: Job,
    part: &[u8],
    end: Duration,
) -> (Option<FromVault>, Duration) {
    let started = now();
    vault.end.tell(&ToVault::Job(job));
    for run in part.chunks(vault::frames::MAX_RUN) {
        vault.end.tell(&ToVault::Octets(run.to_vec()));
    }
    std::thread::sleep(end.saturating_sub(started.elapsed()));
    let ended = now();
    vault.end.tell(&ToVault::End);
    let failure = vault.end.hear::<FromVault>();
    (failure, ended.elapsed())
}

/// Wherever the part's end is put: wrong padding, known at once, and a picture that is decoded and then refused take as long.
fn a_refusal_without_integrity_does_not_tell_by_its_time_what_failed() {
    let folder = Folder::new("oracle");
    let mut warden = Warden::start(&options(&folder));
    for end in [230, 720, 970].map(Duration::from_millis) {
        for wrong_padding in [true, false] {
            let (mut vault, job, mut part) = late_failure(&mut warden, SealAlgorithm::Aes256Cbc);
            if wrong_padding {
                // The last octet of the last block but one changes the last octet of the plaintext, which says how much is padding.
                let place = part.len() - 17;
                part[place] ^= 0x80;
            }
            let (failure, took) = failure_after(&mut vault, job, &part, end);
            assert_eq!(failure, Some(FromVault::Failed(Failure::Refused)));
            let buckets = took.as_millis() / REFUSAL.as_millis();
            assert_eq!(
                buckets, 1,
                "{took:?} after an end at {end:?}, {wrong_padding}"
            );
        }
    }
}

/// Where the tag was right there is nothing to hide, and nobody waits.
fn what_is_told_plainly_is_told_at_once() {
    let folder = Folder::new("plainly");
    let mut warden = Warden::start(&options(&folder));
    let (mut vault, job, part) = late_failure(&mut warden, SealAlgorithm::Aes256Gcm);
    let (failure, took) = failure_after(&mut vault, job, &part, Duration::ZERO);
    let exceeded = Failure::Exceeded(Resource::Output);
    assert_eq!(failure, Some(FromVault::Failed(exceeded)));
    assert!(took < REFUSAL, "{took:?}");
}

/// A vault gets `signal` in the middle of its work, and ends by `last`.
fn signalled(name: &str, signal: Signal, last: Signal) {
    let folder = Folder::new(name);
    let mut warden = Warden::start(&options(&folder));
    let child = warden.only_child();
    let mut vault = warden.vault();
    let (job, part, _) = right(&warden, &vault, &Question::session(), Seal::Session);
    vault.end.tell(&ToVault::Job(job));
    vault.end.tell(&ToVault::Octets(part[..1000].to_vec()));
    kill_process(Pid::from_raw(child).unwrap(), signal).unwrap();
    assert_eq!(vault.end.hear::<FromVault>(), None);
    let number = u8::try_from(last.as_raw()).unwrap();
    assert_eq!(warden.exit(vault.assigned.key_id), Exit::Signal(number));
    let mut next = warden.vault();
    let (job, part, opener) = right(&warden, &next, &Question::session(), Seal::Session);
    next.work(&job, &part);
    assert!(opener.open(&next.result().unwrap()).is_ok());
}

fn a_vault_that_is_killed_is_told_and_the_next_works() {
    signalled("killed", Signal::KILL, Signal::KILL);
}

/// The warden's folder is `/`, where a core file would be; that its limit is zero shows in `a_waiting_vault_is_shut_in`.
fn a_vault_that_crashes_leaves_no_core() {
    let cores = || {
        let names = std::fs::read_dir("/").unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("core")).count()
    };
    let before = cores();
    // The runtime has a handler for it, whose first system call is not on the vault's list.
    signalled("crashed", Signal::SEGV, Signal::SYS);
    signalled("aborted", Signal::ABORT, Signal::ABORT);
    assert_eq!(cores(), before);
}

fn a_vault_left_alone_ends() {
    let folder = Folder::new("alone");
    let mut warden = Warden::start(&options(&folder));
    let vault = warden.vault();
    let key_id = vault.assigned.key_id;
    drop(vault);
    assert_eq!(warden.exit(key_id), code(End::Alone));
    let vault = warden.vault();
    let (job, part, _) = right(&warden, &vault, &Question::session(), Seal::Session);
    vault.end.tell(&ToVault::Job(job));
    vault.end.tell(&ToVault::Octets(part[..1000].to_vec()));
    let key_id = vault.assigned.key_id;
    drop(vault);
    assert_eq!(warden.exit(key_id), code(End::Alone));
}

fn a_vault_ends_when_its_time_is_over() {
    let folder = Folder::new("lifetime");
    let mut options = options(&folder);
    options.lifetime = Duration::from_millis(300);
    let mut warden = Warden::start(&options);
    let mut vault = warden.vault();
    assert_eq!(vault.end.hear::<FromVault>(), None);
    assert_eq!(warden.exit(vault.assigned.key_id), code(End::Late));
}

fn a_job_ends_when_its_time_is_over() {
    let folder = Folder::new("deadline");
    let mut warden = Warden::start(&options(&folder));
    let mut vault = warden.vault();
    let (mut job, part, _) = right(&warden, &vault, &Question::session(), Seal::Session);
    job.limits.deadline_ms = 300;
    vault.end.tell(&ToVault::Job(job));
    vault.end.tell(&ToVault::Octets(part[..1000].to_vec()));
    assert_eq!(vault.end.hear::<FromVault>(), None);
    assert_eq!(warden.exit(vault.assigned.key_id), code(End::Late));
}

/// The result is larger than a socket holds, and nobody takes it.
fn a_server_that_does_not_read_loses_its_vault() {
    let folder = Folder::new("unread");
    let mut warden = Warden::start(&options(&folder));
    let vault = warden.vault();
    let asked = Question::session()
        .with("pix-x", "640")
        .with("pix-y", "480")
        .with(keyreveal::names::PARAM_TYPE, "image/png");
    let (mut job, part, _) = right(&warden, &vault, &asked, Seal::Session);
    job.limits.deadline_ms = 3000;
    vault.work(&job, &part);
    assert_eq!(warden.exit(vault.assigned.key_id), code(End::Late));
}

fn a_vault_takes_no_second_job() {
    let folder = Folder::new("second");
    let mut warden = Warden::start(&options(&folder));
    let mut vault = warden.vault();
    let (job, part, _) = right(&warden, &vault, &Question::session(), Seal::Session);
    vault.end.tell(&ToVault::Job(job.clone()));
    vault.end.tell(&ToVault::Octets(part[..1000].to_vec()));
    vault.end.tell(&ToVault::Job(job));
    assert_eq!(vault.end.hear::<FromVault>(), None);
    assert_eq!(warden.exit(vault.assigned.key_id), code(End::Astray));
}

fn frames_out_of_order_end_a_vault() {
    let folder = Folder::new("order");
    let mut warden = Warden::start(&options(&folder));
    let assign = ToVault::Assign {
        statement_payload: Vec::new(),
        lifetime_ms: u32::MAX,
    };
    let wrong = [
        assign.to_octets().unwrap(),
        ToVault::End.to_octets().unwrap(),
        ToVault::Octets(vec![1]).to_octets().unwrap(),
        vec![0xff; 64],
        vec![0, 0, 0, 1, 99],
    ];
    for octets in wrong {
        let mut vault = warden.vault();
        vault.end.send(&octets);
        assert_eq!(vault.end.hear::<FromVault>(), None);
        assert_eq!(
            warden.exit(vault.assigned.key_id),
            code(End::Astray),
            "{octets:?}"
        );
    }
}

fn a_stopped_vault_goes_on_when_continued() {
    let folder = Folder::new("stopped");
    let mut warden = Warden::start(&options(&folder));
    let child = warden.only_child();
    let mut vault = warden.vault();
    let process = Pid::from_raw(child).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    until("stop", || {
        status(child, "State").filter(|state| state.starts_with('T'))
    });
    kill_process(process, Signal::CONT).unwrap();
    let (job, part, opener) = right(&warden, &vault, &Question::session(), Seal::Session);
    vault.work(&job, &part);
    assert!(opener.open(&vault.result().unwrap()).is_ok());
}
