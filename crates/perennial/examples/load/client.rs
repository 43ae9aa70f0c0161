//! One keep-alive connection, and the bytes that go over it: bodies are prepared, and only the buyer's and the
//! receipt's number are written into them before they are sent.

use domain::document::Purchase;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::workload::{DIGITS, Numbers, member, purchase, reference};
use crate::{Failure, Sending};

/// Different baskets; the buyer is drawn for each call anew.
const BASKETS: usize = 4_096;
const HEADER_END: &[u8] = b"\r\n\r\n";

/// What all connections send.
pub(crate) struct Prepared {
    head: String,
    baskets: Vec<Basket>,
    per_call: u64,
    members: u64,
}

/// A purchase in JSON and where its numbers are.
struct Basket {
    bytes: Vec<u8>,
    buyer_at: usize,
    reference_at: usize,
}

impl Prepared {
    pub(crate) fn new(send: &Sending) -> Result<Self, Failure> {
        let mut numbers = Numbers(1);
        let now = Timestamp::now();
        let sample = reference(&send.run, 0);
        let baskets = (0..BASKETS).map(|_| Basket::new(&purchase(sample.clone(), now, &mut numbers)));
        let Sending { address, key, .. } = send;
        let head = format!(
            "POST /v1/purchases HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: "
        );
        let baskets = baskets.collect::<Result<_, _>>()?;
        Ok(Self { head, baskets, per_call: send.per_call, members: send.members })
    }

    /// The bytes of a call. Its number decides its purchases.
    pub(crate) fn write(&self, call: u64, request: &mut Vec<u8>) {
        let first = call * self.per_call;
        let purchases = || (first..first + self.per_call).map(|number| (number, self.basket(number)));
        let commas = if self.per_call == 1 { 0 } else { self.per_call as usize + 1 };
        let length: usize = purchases().map(|(_, basket)| basket.bytes.len()).sum::<usize>() + commas;
        request.clear();
        request.extend_from_slice(self.head.as_bytes());
        request.extend_from_slice(length.to_string().as_bytes());
        request.extend_from_slice(HEADER_END);
        let mut separator = (self.per_call > 1).then_some(b'[');
        for (number, basket) in purchases() {
            request.extend(separator);
            let start = request.len();
            request.extend_from_slice(&basket.bytes);
            put(&mut request[start + basket.reference_at..], number);
            put(&mut request[start + basket.buyer_at..], Numbers(number).below(self.members));
            separator = separator.map(|_| b',');
        }
        request.extend(separator.map(|_| b']'));
    }

    fn basket(&self, number: u64) -> &Basket {
        let count = self.baskets.len() as u64;
        &self.baskets[(number % count) as usize]
    }
}

impl Basket {
    fn new(purchase: &Purchase) -> Result<Self, Failure> {
        let buyer = member(0);
        let text = serde_json::to_string(&body(purchase, &buyer))?;
        let digits_of = |whole: &str| {
            let start = text.find(&format!("\"{whole}\"")).ok_or("the number is not in the body")?;
            Ok::<usize, Failure>(start + 1 + whole.len() - DIGITS)
        };
        let (buyer_at, reference_at) = (digits_of(&buyer)?, digits_of(&purchase.key.reference)?);
        Ok(Self { bytes: text.into_bytes(), buyer_at, reference_at })
    }
}

/// A purchase as the API takes it.
fn body(purchase: &Purchase, buyer: &str) -> Value {
    let lines: Vec<Value> = purchase
        .lines
        .iter()
        .map(|line| {
            json!({
                "sku": line.sku, "category": line.category, "brand": line.brand,
                "quantity_milli": line.quantity_milli, "amount": line.amount,
            })
        })
        .collect();
    let payments: Vec<Value> = purchase
        .payments
        .iter()
        .map(|paid| json!({ "method": paid.method, "amount": paid.amount }))
        .collect();
    json!({
        "member": { "external": buyer }, "source": purchase.key.source, "reference": purchase.key.reference,
        "occurred_at": purchase.occurred_at.to_string(), "currency": "CNY", "store": purchase.store,
        "channel": purchase.channel, "payments": payments, "lines": lines,
    })
}

/// Writes a number over the digits at the start of `place`.
fn put(place: &mut [u8], mut number: u64) {
    for digit in place[..DIGITS].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// One keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a call and reads its answer to the end; returns the status.
    pub(crate) async fn call(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let head_end = loop {
            self.read().await?;
            let found = self.answer.windows(HEADER_END.len()).position(|bytes| bytes == HEADER_END);
            if let Some(position) = found {
                break position + HEADER_END.len();
            }
        };
        let head = std::str::from_utf8(&self.answer[..head_end])?;
        let status: u16 = head.get(9..12).ok_or("no status")?.parse()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let length = length.ok_or("an answer without its length")??;
        while self.answer.len() < head_end + length {
            self.read().await?;
        }
        Ok(status)
    }

    async fn read(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.answer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }

    /// The start of the last answer.
    pub(crate) fn last_answer(&self) -> String {
        String::from_utf8_lossy(&self.answer).chars().take(1_000).collect()
    }
}
