//! The subcommands about vouchers: issue, check, register, reserve, redeem, release, void; each of its operation's name.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use domain::code::Code;
use domain::document::{DocumentKey, PurchaseLine};
use domain::voucher::{VoucherCode, VoucherId};
use operations::{
    BasketRequest, Engine, IssuedVoucherCode, OperationError, VoucherBatchView, VoucherCaller, VoucherCheck,
    VoucherOrder, VoucherRequest, VoucherUseRequest, VoucherView, voucher_id,
};
use serde_json::{Value, json};

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Issue vouchers; their codes are written once and never shown again.
#[derive(Debug, Args)]
pub(crate) struct IssueVouchers {
    /// A name for the batch; the same one again gives no second batch.
    reference: String,
    /// The template, as the programme calls it.
    #[arg(long)]
    template: Code,
    /// How many, for vouchers that belong to nobody yet.
    #[arg(long, default_value_t = 0)]
    quantity: u32,
    /// A member one of them is for: mem_…, or card:…, phone:…, email:…, external:…; may be repeated.
    #[arg(long = "member", value_name = "MEMBER")]
    members: Vec<String>,
    /// The face value in minor units, where the template has none.
    #[arg(long)]
    value: Option<i64>,
    /// Where the codes go, as CSV; printed if not said.
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Show how a batch of vouchers fares.
#[derive(Debug, Args)]
pub(crate) struct ShowVoucherBatch {
    /// The name of the batch.
    reference: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Check vouchers presented together.
#[derive(Debug, Args)]
pub(crate) struct CheckVoucher {
    /// Their codes.
    #[arg(required = true)]
    codes: Vec<String>,
    /// The member: mem_…, or card:…, phone:…, email:…, external:…
    #[arg(long)]
    member: Option<String>,
    #[command(flatten)]
    basket: BasketArgument,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Bind a voucher to a member.
#[derive(Debug, Args)]
pub(crate) struct RegisterVoucher {
    /// Its code.
    code: String,
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    how: How,
}

/// Hold a use of a voucher for an order.
#[derive(Debug, Args)]
pub(crate) struct ReserveVoucher {
    #[command(flatten)]
    used: UseArguments,
    /// How long, in minutes.
    #[arg(long, default_value_t = 15)]
    minutes: u32,
    #[command(flatten)]
    how: How,
}

/// Spend a use of a voucher for a purchase or order.
#[derive(Debug, Args)]
pub(crate) struct RedeemVoucher {
    #[command(flatten)]
    used: UseArguments,
    #[command(flatten)]
    how: How,
}

/// Give back the use of a voucher that a purchase or order has.
#[derive(Debug, Args)]
pub(crate) struct ReleaseVoucher {
    /// Its code, or `vou_…`.
    voucher: String,
    /// The system that knows the purchase or order.
    #[arg(long)]
    source: String,
    /// The number it has there.
    #[arg(long)]
    reference: String,
    #[command(flatten)]
    how: How,
}

/// Declare a voucher, or a whole batch, void for ever.
#[derive(Debug, Args)]
pub(crate) struct VoidVoucher {
    /// Its code, or `vou_…`.
    #[arg(required_unless_present = "batch")]
    voucher: Option<String>,
    /// The name of a batch. This cannot be tried: show-voucher-batch says whom it would meet.
    #[arg(long, conflicts_with_all = ["voucher", "dry_run"])]
    batch: Option<String>,
    /// Why, in words: whoever looks at it later reads it.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    how: How,
}

/// What all changes of a voucher share.
#[derive(Debug, Args)]
struct How {
    /// Decide and answer, but change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Which voucher, and for what.
#[derive(Debug, Args)]
struct UseArguments {
    /// Its code.
    code: String,
    /// The system that knows the purchase or order.
    #[arg(long)]
    source: String,
    /// The number it has there.
    #[arg(long)]
    reference: String,
    /// The member: mem_…, or card:…, phone:…, email:…, external:…
    #[arg(long)]
    member: Option<String>,
    #[command(flatten)]
    basket: BasketArgument,
}

/// What is bought.
#[derive(Debug, Args)]
struct BasketArgument {
    /// A file with the lines that are bought, as JSON, at prices before vouchers.
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// The channel.
    #[arg(long, requires = "lines")]
    channel: Option<String>,
    /// The store.
    #[arg(long, requires = "lines")]
    store: Option<String>,
}

impl IssueVouchers {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let mut members = Vec::with_capacity(self.members.len());
        for text in &self.members {
            members.push(engine.find_member(&member(text, &engine)?).await?);
        }
        let order = VoucherOrder {
            reference: self.reference,
            template: self.template,
            quantity: self.quantity,
            members,
            value: self.value,
        };
        // The codes are nowhere else once they are issued: first it must be certain that they can be kept.
        let file = match &self.codes {
            Some(path) => Some((path, File::create_new(path).map_err(|cause| CliError::file(path, &cause))?)),
            None => None,
        };
        let issued = engine.issue_vouchers(&order, &self.actor.name).await;
        engine.shut_down().await;
        if let (Err(_), Some((path, _))) = (&issued, &file) {
            // Nothing is in it, and a file that is there already would refuse the next try.
            let _ = std::fs::remove_file(path);
        }
        let issued = issued?;
        let Some((path, mut file)) = file else {
            print_codes(&order.reference, &issued, output)?;
            return Ok(Ended::Well);
        };
        if let Err(cause) = write_codes(&mut file, &issued).and_then(|()| file.sync_all()) {
            print_codes(&order.reference, &issued, output)?;
            let sentence =
                format!("{cause}: the codes went to standard output instead, keep them from there");
            return Err(CliError::file(path, &sentence));
        }
        let count = issued.len();
        let told = json!({ "reference": order.reference, "vouchers": count, "codes": path });
        output.print(&told, |_| format!("{count} vouchers issued; their codes are in {}", path.display()))?;
        Ok(Ended::Well)
    }
}

fn print_codes(reference: &str, issued: &[IssuedVoucherCode], output: Output) -> Result<(), CliError> {
    let vouchers: Vec<Value> = issued.iter().map(code_json).collect();
    let told = json!({ "reference": reference, "vouchers": vouchers });
    output.print(&told, |_| issued.iter().map(code_line).collect::<Vec<_>>().join("\n"))
}

fn code_line(issued: &IssuedVoucherCode) -> String {
    let member = issued.member.map_or_else(String::new, |member| format!(",{member}"));
    format!("{},{}{member}", issued.code, issued.voucher)
}

fn code_json(issued: &IssuedVoucherCode) -> Value {
    json!({ "code": issued.code.to_string(), "voucher": issued.voucher, "member_id": issued.member })
}

fn write_codes(file: &mut File, issued: &[IssuedVoucherCode]) -> std::io::Result<()> {
    let lines = issued.iter().map(code_line).collect::<Vec<_>>().join("\n");
    file.write_all(format!("code,voucher,member\n{lines}\n").as_bytes())
}

impl ShowVoucherBatch {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let view = engine.view_voucher_batch(&self.reference).await;
        engine.shut_down().await;
        print_batch(&view?, output)
    }
}

fn print_batch(view: &VoucherBatchView, output: Output) -> Result<Ended, CliError> {
    let funnel: Vec<Value> = view
        .funnel
        .iter()
        .map(|(status, vouchers)| json!({ "status": status, "vouchers": vouchers }))
        .collect();
    let told = json!({
        "reference": view.reference, "template": view.template, "programme_version": view.programme_version,
        "value": view.value, "expires_at": view.expires_at, "usable": view.usable, "funnel": funnel,
    });
    output.print(&told, |_| {
        let steps = view.funnel.iter().map(|(status, count)| format!("\n  {} {count}", word(status)));
        let usable = if view.usable { "" } else { ", not usable" };
        let steps: String = steps.collect();
        format!("{}: {}, until {}{usable}{steps}", view.reference, view.template, view.expires_at)
    })?;
    Ok(Ended::Well)
}

/// A name as in JSON.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl CheckVoucher {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let check = VoucherCheck {
            codes: self.codes.iter().map(|text| code(text)).collect::<Result<_, _>>()?,
            member: self.member.as_deref().map(|text| member(text, &engine)).transpose()?,
            document: None,
            basket: self.basket.read()?,
        };
        let checked = engine.check_voucher(&check, &VoucherCaller::operator()).await;
        engine.shut_down().await;
        let checked = checked?;
        let applies =
            checked.iter().all(|each| each.result.outcome == domain::voucher::VoucherOutcome::Applied);
        let told: Vec<Value> =
            checked.iter().map(|each| json!({ "voucher": each.voucher, "result": each.result })).collect();
        output.print(&told, |_| {
            let lines = checked.iter().map(|each| {
                format!("{}: {} ({} off)", each.result.voucher, each.result.outcome, each.result.discount)
            });
            lines.collect::<Vec<_>>().join("\n")
        })?;
        Ok(if applies { Ended::Well } else { Ended::Refused })
    }
}

impl RegisterVoucher {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.how.database.open().await?;
        let (code, member) = (code(&self.code)?, member(&self.member, &engine)?);
        let caller = VoucherCaller::operator();
        let view = engine.register_voucher(&code, member, self.how.request(&caller)).await;
        print(&engine, view, output).await
    }
}

impl ReserveVoucher {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.how.database.open().await?;
        let wanted = self.used.wanted(&engine, self.minutes)?;
        let caller = VoucherCaller::operator();
        let view = engine.reserve_voucher(wanted, self.how.request(&caller)).await;
        print(&engine, view, output).await
    }
}

impl RedeemVoucher {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.how.database.open().await?;
        let wanted = self.used.wanted(&engine, 1)?;
        let caller = VoucherCaller::operator();
        let view = engine.redeem_voucher(wanted, self.how.request(&caller)).await;
        print(&engine, view, output).await
    }
}

impl ReleaseVoucher {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.how.database.open().await?;
        let document = DocumentKey { source: self.source, reference: self.reference };
        let caller = VoucherCaller::operator();
        let voucher = named(&self.voucher)?;
        let view = engine.release_voucher(voucher, document, self.how.request(&caller)).await;
        print(&engine, view, output).await
    }
}

impl VoidVoucher {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.how.database.open().await?;
        if let Some(reference) = &self.batch {
            let view =
                engine.void_voucher_batch(reference, self.reason.as_deref(), &self.how.actor.name).await;
            engine.shut_down().await;
            return print_batch(&view?, output);
        }
        let voucher = named(self.voucher.as_deref().unwrap_or_default())?;
        let caller = VoucherCaller::operator();
        let view = engine.void_voucher(voucher, self.reason.as_deref(), self.how.request(&caller)).await;
        print(&engine, view, output).await
    }
}

impl How {
    fn request<'a>(&'a self, caller: &'a VoucherCaller) -> VoucherRequest<'a> {
        VoucherRequest { actor: &self.actor.name, caller, idempotency_key: None, dry_run: self.dry_run }
    }
}

impl UseArguments {
    fn wanted(&self, engine: &Engine, minutes: u32) -> Result<VoucherUseRequest, CliError> {
        Ok(VoucherUseRequest {
            voucher: voucher_id(&code(&self.code)?),
            document: DocumentKey { source: self.source.clone(), reference: self.reference.clone() },
            member: self.member.as_deref().map(|text| member(text, engine)).transpose()?,
            basket: self.basket.read()?,
            minutes,
        })
    }
}

impl BasketArgument {
    fn read(&self) -> Result<Option<BasketRequest>, CliError> {
        let Some(path) = &self.lines else { return Ok(None) };
        let text = super::text_file::read(path)?;
        let wrong = |cause: serde_json::Error| CliError::Usage(format!("{}: {cause}", path.display()));
        let lines: Vec<PurchaseLine> = serde_json::from_str(&text).map_err(wrong)?;
        domain::operation::check_lines(&lines).map_err(OperationError::from)?;
        Ok(Some(BasketRequest { channel: self.channel.clone(), store: self.store.clone(), lines }))
    }
}

async fn print(
    engine: &Engine,
    view: Result<VoucherView, OperationError>,
    output: Output,
) -> Result<Ended, CliError> {
    engine.shut_down().await;
    let view = view?;
    output.print(&view, |view| {
        let member = view.member_id.map_or_else(String::new, |member| format!(" of {member}"));
        let (status, uses) = (word(&view.status), view.uses_left);
        format!(
            "{} ({}): {status}{member}, {uses} uses left, until {}",
            view.voucher, view.template, view.expires_at
        )
    })?;
    Ok(Ended::Well)
}

fn code(text: &str) -> Result<VoucherCode, CliError> {
    VoucherCode::parse(text).map_err(|error| CliError::Usage(error.to_string()))
}

fn named(text: &str) -> Result<VoucherId, CliError> {
    if text.starts_with("vou_") {
        return text.parse().map_err(|error: domain::ids::IdError| CliError::Usage(error.to_string()));
    }
    code(text).map(|code| voucher_id(&code))
}
