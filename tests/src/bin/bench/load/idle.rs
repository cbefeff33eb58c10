//! Many sessions in IDLE, and how soon each hears of new mail.

use std::collections::VecDeque;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};

use super::{print, quantile};
use crate::client::{Client, Target};
use crate::clock;
use crate::failure::Failure;
use crate::orders::Orders;

/// Sessions that are being opened at one time.
const OPENING: usize = 32;

/// How long opening one may take.
const OPENED: Duration = Duration::from_secs(30);

/// How long the slowest may take to be woken before it counts as lost.
const WOKEN: Duration = Duration::from_secs(10);

/// Opens `sessions`, says `ready`, and then does as it is told: `wake` waits until each has heard of new mail and prints
/// how long that took; anything else ends it.
pub(super) async fn run(
    target: &Target,
    sessions: u32,
    orders: &mut Orders,
) -> Result<(), Failure> {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let mut idlers = JoinSet::new();
    open(target, sessions, &heard, &mut idlers).await?;
    print(&json!("ready"))?;
    while let Some(order) = orders.next().await {
        if order != "wake" {
            break;
        }
        print(&json!("listening"))?;
        print(&woken(sessions, &mut hears).await)?;
    }
    Ok(())
}

async fn open(
    target: &Target,
    sessions: u32,
    heard: &mpsc::UnboundedSender<u32>,
    idlers: &mut JoinSet<Result<(), Failure>>,
) -> Result<(), Failure> {
    let mut opening = VecDeque::new();
    for number in 0..sessions {
        if opening.len() == OPENING {
            idle_next(&mut opening, heard, idlers).await?;
        }
        let target = target.clone();
        opening.push_back(tokio::spawn(timeout(OPENED, async move {
            begin(&target, number).await
        })));
    }
    while !opening.is_empty() {
        idle_next(&mut opening, heard, idlers).await?;
    }
    Ok(())
}

type Opening =
    tokio::task::JoinHandle<Result<Result<Client, Failure>, tokio::time::error::Elapsed>>;

async fn idle_next(
    opening: &mut VecDeque<Opening>,
    heard: &mpsc::UnboundedSender<u32>,
    idlers: &mut JoinSet<Result<(), Failure>>,
) -> Result<(), Failure> {
    if let Some(next) = opening.pop_front() {
        let client = next
            .await
            .map_err(|error| Failure::Load(error.to_string()))?;
        let client = client.map_err(|_| Failure::TooLong)??;
        idlers.spawn(listen(client, heard.clone()));
    }
    Ok(())
}

async fn begin(target: &Target, number: u32) -> Result<Client, Failure> {
    let mut client = Client::login(target, number).await?;
    client.ask("SELECT INBOX").await?;
    let tag = client.tag();
    client.send(format!("{tag} IDLE\r\n").as_bytes()).await?;
    let answer = client.line().await?;
    match answer.starts_with('+') {
        true => Ok(client),
        false => Err(Failure::Answer(answer)),
    }
}

/// The number of messages is the time at which the store wrote it.
async fn listen(mut client: Client, heard: mpsc::UnboundedSender<u32>) -> Result<(), Failure> {
    loop {
        client.rest();
        let line = client.line().await?;
        let number = line
            .strip_prefix("* ")
            .and_then(|line| line.strip_suffix(" EXISTS"));
        if let Some(written) = number.and_then(|number| number.parse::<u32>().ok()) {
            // Between two wakes nobody may be there to be told.
            heard.send(clock::microseconds().wrapping_sub(written)).ok();
        }
    }
}

async fn woken(sessions: u32, hears: &mut mpsc::UnboundedReceiver<u32>) -> serde_json::Value {
    let mut each = Vec::new();
    while each.len() < sessions as usize {
        match timeout(WOKEN, hears.recv()).await {
            Ok(Some(took)) => each.push(took),
            Ok(None) | Err(_) => break,
        }
    }
    each.sort_unstable();
    json!({
        "sessions": sessions,
        "woken": each.len(),
        "lost": sessions as usize - each.len(),
        "late": each.iter().filter(|took| **took > 1_000_000).count(),
        "p50_ms": f64::from(quantile(&each, 50)) / 1000.0,
        "p99_ms": f64::from(quantile(&each, 99)) / 1000.0,
        "max_ms": f64::from(each.last().copied().unwrap_or(0)) / 1000.0,
    })
}
