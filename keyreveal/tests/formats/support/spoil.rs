//! Every way to write one map of CBOR that is almost right. Written with `ciborium`, not with the crate's own writer.

use coset::cbor::{ser::into_writer, value::Value};

/// A map's pairs, in order.
pub(crate) type Pairs = Vec<(Value, Value)>;

/// One way to write pairs.
pub(crate) type Spoiling = (String, Box<dyn Fn(&Pairs) -> Vec<u8>>);

pub(crate) fn uint(value: u64) -> Value {
    Value::from(value)
}

pub(crate) fn bytes(octets: &[u8]) -> Value {
    Value::Bytes(octets.to_vec())
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// One item, in the shortest form.
pub(crate) fn octets(value: &Value) -> Vec<u8> {
    let mut octets = Vec::new();
    into_writer(value, &mut octets).unwrap();
    octets
}

/// The map as it should be.
pub(crate) fn map(pairs: &Pairs) -> Vec<u8> {
    octets(&Value::Map(pairs.clone()))
}

/// The same item with a head one step longer than it need be.
fn long_head(item: &[u8]) -> Vec<u8> {
    let (head, rest) = item.split_first().unwrap();
    let major = head & 0xe0;
    let longer = match head & 0x1f {
        argument @ 0..=23 => vec![major | 24, argument],
        24 => vec![major | 25, 0],
        25 => vec![major | 26, 0, 0],
        26 => vec![major | 27, 0, 0, 0, 0],
        _ => unreachable!("no head here is that long"),
    };
    [&longer, rest].concat()
}

/// The pairs' items with one item replaced; items are keys and values in turn.
fn with_item(pairs: &Pairs, at: usize, replace: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut whole = vec![0xa0 | u8::try_from(pairs.len()).unwrap()];
    let items = pairs.iter().flat_map(|(key, value)| [key, value]);
    for (index, item) in items.enumerate() {
        let item = octets(item);
        whole.extend(if index == at { replace(&item) } else { item });
    }
    whole
}

fn boxed(name: impl Into<String>, spoil: impl Fn(&Pairs) -> Vec<u8> + 'static) -> Spoiling {
    (name.into(), Box::new(spoil))
}

/// All spoilings of a map of `len` pairs.
pub(crate) fn spoilings(len: usize) -> Vec<Spoiling> {
    let mut all = vec![
        boxed("a long head", |p| long_head(&map(p))),
        boxed("an indefinite length", |p| {
            [&[0xbf], &map(p)[1..], &[0xff]].concat()
        }),
        boxed("a trailing octet", |p| [&map(p)[..], &[0]].concat()),
        boxed("a tag", |p| [&[0xc6][..], &map(p)].concat()),
        boxed("an unknown key", |p| {
            map(&[&p[..], &[(uint(23), uint(0))]].concat())
        }),
    ];
    for at in 0..len {
        all.push(boxed(format!("pair {at} missing"), move |p| {
            let mut pairs = p.clone();
            pairs.remove(at);
            map(&pairs)
        }));
        all.push(boxed(format!("pair {at} twice"), move |p| {
            let mut pairs = p.clone();
            pairs.insert(at, pairs[at].clone());
            map(&pairs)
        }));
        all.push(boxed(format!("pair {at} last"), move |p| {
            let mut pairs = p.clone();
            let pair = pairs.remove(at);
            pairs.push(pair);
            if at + 1 == len {
                pairs.rotate_right(1);
            }
            map(&pairs)
        }));
    }
    for at in 0..2 * len {
        let item = |what: &str, replace: fn(&[u8]) -> Vec<u8>| {
            boxed(format!("item {at} {what}"), move |p| {
                with_item(p, at, replace)
            })
        };
        all.push(item("with a long head", long_head));
        all.push(item("as null", |_| vec![0xf6]));
        all.push(item("as a float", |_| vec![0xf9, 0x3c, 0x00]));
        all.push(item("with a tag", |item| [&[0xc6][..], item].concat()));
        all.push(item("as a negative number", |_| vec![0x20]));
    }
    all
}
