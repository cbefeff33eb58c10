//! Whatever a store says first, and however it is cut: the opening neither panics nor goes on for ever, and says the same.

use bolero::check;
use proxy::backend::greeting::{Opening, Refused, Step};

/// Sentences that lead deep into the machine sooner than chance would.
const STORE: [&str; 10] = [
    "* OK [CAPABILITY IMAP4rev1] hi\r\n",
    "* OK hi\r\n",
    "* BYE\r\n",
    "* PREAUTH\r\n",
    "K0 OK done\r\n",
    "K0 NO\r\n",
    "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    "* ID (\"a\" {3}\r\nabc)\r\n",
    "+ go\r\n",
    "* OK [CAPABILITY",
];

/// The steps up to the end, the octets cut into pieces of `size`.
fn play(mut opening: Opening, octets: &[u8], size: usize) -> Result<Vec<Step>, Refused> {
    let mut steps = Vec::new();
    for piece in octets.chunks(size.max(1)) {
        let mut input = piece;
        loop {
            match opening.take(&mut input)? {
                Step::NeedOctets => {
                    assert!(input.is_empty(), "all is taken, or something is to be done");
                    break;
                }
                step @ Step::Send(_) => steps.push(step),
                step @ (Step::StartTls | Step::Open(_)) => {
                    steps.push(step);
                    return Ok(steps);
                }
            }
        }
        assert!(steps.len() < 2, "one command at most");
    }
    Ok(steps)
}

#[test]
fn an_opening_ends_and_does_not_depend_on_where_reads_end() {
    check!()
        .with_type::<(Vec<u8>, Vec<u8>, u8)>()
        .for_each(|(octets, picks, size)| {
            let picked = picks
                .iter()
                .filter_map(|pick| STORE.get(usize::from(*pick) % STORE.len()));
            let mut said: Vec<u8> = picked.flat_map(|sentence| sentence.bytes()).collect();
            said.extend_from_slice(octets);
            let size = usize::from(*size);
            assert_eq!(
                play(Opening::new(), &said, said.len()),
                play(Opening::new(), &said, size)
            );
            let protected = || Opening::protected().0;
            assert_eq!(
                play(protected(), &said, said.len()),
                play(protected(), &said, size)
            );
            // In clear it matters on purpose what has come too early.
            drop(play(Opening::in_clear(), &said, size));
        });
}
