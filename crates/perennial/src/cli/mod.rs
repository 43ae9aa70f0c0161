//! The command line: each subcommand decodes its arguments, calls one operation and prints the answer.

mod adjust_points;
mod advance_clock;
mod answer_transfer;
mod api_keys;
mod audience;
mod backup;
mod cancel_redemption;
mod capture_hold;
mod check_programme;
mod claims;
mod club;
mod create_user;
mod database;
mod demo;
mod disable_user;
mod document;
mod duplicates;
mod enrol_member;
mod error;
mod expire_points;
mod explain;
mod export;
mod fulfil_redemption;
mod hold_points;
mod households;
mod import;
mod lake;
mod link_identifier;
mod list_entries;
mod list_holds;
mod list_households;
mod list_redemptions;
mod list_rewards;
mod logs;
mod member;
mod merge_members;
mod new_programme;
mod openapi;
mod output;
mod publish_programme;
mod record_activity;
mod record_purchase;
mod record_return;
mod redeem_reward;
mod refund_stored_value;
mod report;
mod reset_password;
mod restore;
mod review_tiers;
mod serve;
mod show_member;
mod statements;
mod text_file;
mod top_up;
mod transfer_points;
mod undo_merge;
mod update_member;
mod verify;
mod void_hold;
mod vouchers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::error::{CliError, Ended};
use self::output::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed: a file, or a defect
  2  the command line is wrong
  3  refused by the rules, or a programme with errors
  4  differences were found (verify)
  5  the database is away, busy or in use

The database is --database, else PERENNIAL_DATABASE, else DATABASE_URL, else sqlite:perennial-data/perennial.db.";

/// A loyalty platform around one money-grade ledger.
#[derive(Debug, Parser)]
#[command(name = "perennial", version, about, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Arguments {
    /// Print results, and errors, as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    subcommand: Subcommands,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Generate a believable retailer, replay it through the engine, and serve it.
    Demo(demo::Demo),
    /// Serve API, console and till.
    Serve(serve::Serve),
    /// Print the API's OpenAPI document.
    Openapi(openapi::Openapi),
    /// Add somebody who may sign in to the console.
    CreateUser(create_user::CreateUser),
    /// Shut somebody out of console and till.
    DisableUser(disable_user::DisableUser),
    /// Print a one-time link to a new password.
    ResetPassword(reset_password::ResetPassword),
    /// Issue a key to a program that uses the API.
    IssueApiKey(api_keys::IssueApiKey),
    /// List all API keys, without their secrets.
    ListApiKeys(api_keys::ListApiKeys),
    /// Revoke an API key.
    RevokeApiKey(api_keys::RevokeApiKey),
    /// Write a commented programme to start from.
    NewProgramme(new_programme::NewProgramme),
    /// Say what is wrong with a programme file: line, field, value, remedy.
    CheckProgramme(check_programme::CheckProgramme),
    /// Publish a programme file as the next version.
    PublishProgramme(publish_programme::PublishProgramme),
    /// Import history from files.
    #[command(subcommand)]
    Import(import::Import),
    /// Replace and list audiences, the sets of members that rules can name.
    #[command(subcommand)]
    Audience(audience::Audience),
    /// List, join and leave interest clubs.
    #[command(subcommand)]
    Club(club::Club),
    /// Enrol a member.
    EnrolMember(enrol_member::EnrolMember),
    /// Change what is known of a member.
    UpdateMember(update_member::UpdateMember),
    /// Link another card, phone, e-mail or external id to a member.
    LinkIdentifier(link_identifier::LinkIdentifier),
    /// Record one purchase or many from a JSON file.
    RecordPurchase(record_purchase::RecordPurchase),
    /// Record one return or many from a JSON file.
    RecordReturn(record_return::RecordReturn),
    /// Record one activity or many from a JSON file.
    RecordActivity(record_activity::RecordActivity),
    /// Reserve points: one hold or many from a JSON file.
    HoldPoints(hold_points::HoldPoints),
    /// Capture one hold or many from a JSON file.
    CaptureHold(capture_hold::CaptureHold),
    /// Void one hold or many from a JSON file.
    VoidHold(void_hold::VoidHold),
    /// List open holds, those that time out first on top.
    ListHolds(list_holds::ListHolds),
    /// Show the catalogue of rewards, as a member finds it if one is named.
    ListRewards(list_rewards::ListRewards),
    /// Redeem one reward or many from a JSON file.
    RedeemReward(redeem_reward::RedeemReward),
    /// List redeemed rewards in one state, oldest first.
    ListRedemptions(list_redemptions::ListRedemptions),
    /// Fulfil one redemption or many from a JSON file.
    FulfilRedemption(fulfil_redemption::FulfilRedemption),
    /// Cancel one redemption or many from a JSON file.
    CancelRedemption(cancel_redemption::CancelRedemption),
    /// Add or take points by hand.
    AdjustPoints(adjust_points::AdjustPoints),
    /// Record one top-up of stored value or many from a JSON file.
    TopUp(top_up::TopUpCommand),
    /// Pay stored value back: one refund or many from a JSON file.
    RefundStoredValue(refund_stored_value::RefundStoredValue),
    /// Offer points to another member.
    TransferPoints(transfer_points::TransferPoints),
    /// Accept offered points.
    AcceptTransfer(answer_transfer::AcceptTransfer),
    /// Decline offered points.
    DeclineTransfer(answer_transfer::DeclineTransfer),
    /// Take an offer of points back.
    WithdrawTransfer(answer_transfer::WithdrawTransfer),
    /// List the transfers of a member that wait for an answer.
    ListTransfers(transfer_points::ListTransfers),
    /// Merge one member into another: they are one person.
    MergeMembers(merge_members::MergeMembers),
    /// Undo the merge of a member.
    UndoMerge(undo_merge::UndoMerge),
    /// Find members who may be one person, list them, decide about them.
    #[command(subcommand)]
    Duplicates(duplicates::Duplicates),
    /// Open a household, whose members pool their points.
    CreateHousehold(households::CreateHousehold),
    /// Let a member join a household.
    JoinHousehold(households::JoinHousehold),
    /// Say whether a member of a household may spend what is pooled.
    ChangeHouseholdMember(households::ChangeHouseholdMember),
    /// Let a member leave a household.
    LeaveHousehold(households::LeaveHousehold),
    /// List households with what they pool and who belongs to them, newest first.
    ListHouseholds(list_households::ListHouseholds),
    /// Show a member: balances, tiers, lots.
    ShowMember(show_member::ShowMember),
    /// List a member's entries, newest first.
    ListEntries(list_entries::ListEntries),
    /// Say in words why an entry says what it says.
    Explain(explain::Explain),
    /// Issue vouchers; their codes are written once and never shown again.
    IssueVouchers(vouchers::IssueVouchers),
    /// Show how a batch of vouchers fares.
    ShowVoucherBatch(vouchers::ShowVoucherBatch),
    /// Check vouchers presented together: where they stand, what they take off, or why nothing.
    CheckVoucher(vouchers::CheckVoucher),
    /// Bind a voucher to a member.
    RegisterVoucher(vouchers::RegisterVoucher),
    /// Hold a use of a voucher for an order.
    ReserveVoucher(vouchers::ReserveVoucher),
    /// Spend a use of a voucher for a purchase or order.
    RedeemVoucher(vouchers::RedeemVoucher),
    /// Give back the use of a voucher that a purchase or order has.
    ReleaseVoucher(vouchers::ReleaseVoucher),
    /// Declare a voucher, or a whole batch, void for ever.
    VoidVoucher(vouchers::VoidVoucher),
    /// Turn the points of all members into vouchers, as the programme's statement says.
    RunStatement(statements::RunStatement),
    /// Show a member's statement: lots, what lapses when, vouchers with their codes.
    ShowStatement(statements::ShowStatement),
    /// Post everything that has fallen due by time: releases, expiries, time-outs of holds, tier reviews.
    ExpirePoints(expire_points::ExpirePoints),
    /// Review every tier that is due, with whatever was due before it.
    ReviewTiers(review_tiers::ReviewTiers),
    /// Move the clock of a sandbox on and post what falls due on the way.
    AdvanceClock(advance_clock::AdvanceClock),
    /// Say where the clock of a sandbox stands.
    ViewClock(advance_clock::ViewClock),
    /// Check that everything in the database agrees.
    Verify(verify::Verify),
    /// Write everything of one kind to a file.
    Export(export::Export),
    /// Write what the lake does not have yet of the ledger.
    WriteLake(lake::WriteLake),
    /// Ask the lake a question in SQL.
    Sql(lake::Sql),
    /// Answer a question about the customers from the lake.
    Report(Box<report::ReportCommand>),
    /// List what is told about loyalty programmes, with source and status.
    Claims(claims::Claims),
    /// Copy the database to a new file, also while a server writes to it.
    Backup(backup::Backup),
    /// Put a backup in the place of a database that does not exist yet.
    Restore(restore::Restore),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let output = Output::new(arguments.json);
    let serves = matches!(arguments.subcommand, Subcommands::Serve(_) | Subcommands::Demo(_));
    logs::begin(if serves { "info,refinery_core=warn" } else { "warn" });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return output.fail(&CliError::failed("runtime", &cause)),
    };
    match runtime.block_on(carry_out(arguments.subcommand, output)) {
        Ok(ended) => ended.code(),
        Err(error) => output.fail(&error),
    }
}

/// Help and version are printed as they are, whatever the form; so is what is wrong, unless JSON was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    let asked_for_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if error.use_stderr() && asked_for_json {
        let text = error.render().to_string();
        let sentence = text.trim().strip_prefix("error: ").unwrap_or(text.trim()).to_owned();
        return Output::new(true).fail(&CliError::Usage(sentence));
    }
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

async fn carry_out(subcommand: Subcommands, output: Output) -> Result<Ended, CliError> {
    match subcommand {
        Subcommands::Demo(command) => command.run(output).await,
        Subcommands::Serve(command) => command.run(output).await,
        Subcommands::Openapi(command) => command.run(output),
        Subcommands::CreateUser(command) => command.run(output).await,
        Subcommands::DisableUser(command) => command.run(output).await,
        Subcommands::ResetPassword(command) => command.run(output).await,
        Subcommands::IssueApiKey(command) => command.run(output).await,
        Subcommands::ListApiKeys(command) => command.run(output).await,
        Subcommands::RevokeApiKey(command) => command.run(output).await,
        Subcommands::NewProgramme(command) => command.run(output),
        Subcommands::CheckProgramme(command) => command.run(output),
        Subcommands::PublishProgramme(command) => command.run(output).await,
        Subcommands::Import(import::Import::Purchases(command)) => command.run(output).await,
        Subcommands::Import(import::Import::Survey(command)) => command.run(output).await,
        Subcommands::Audience(audience::Audience::Replace(command)) => command.run(output).await,
        Subcommands::Audience(audience::Audience::List(command)) => command.run(output).await,
        Subcommands::Import(import::Import::Contacts(command)) => command.run(output).await,
        Subcommands::Club(command) => command.run(output).await,
        Subcommands::EnrolMember(command) => command.run(output).await,
        Subcommands::UpdateMember(command) => command.run(output).await,
        Subcommands::LinkIdentifier(command) => command.run(output).await,
        Subcommands::RecordPurchase(command) => command.run(output).await,
        Subcommands::RecordReturn(command) => command.run(output).await,
        Subcommands::RecordActivity(command) => command.run(output).await,
        Subcommands::HoldPoints(command) => command.run(output).await,
        Subcommands::CaptureHold(command) => command.run(output).await,
        Subcommands::VoidHold(command) => command.run(output).await,
        Subcommands::ListHolds(command) => command.run(output).await,
        Subcommands::ListRewards(command) => command.run(output).await,
        Subcommands::RedeemReward(command) => command.run(output).await,
        Subcommands::ListRedemptions(command) => command.run(output).await,
        Subcommands::FulfilRedemption(command) => command.run(output).await,
        Subcommands::CancelRedemption(command) => command.run(output).await,
        Subcommands::AdjustPoints(command) => command.run(output).await,
        Subcommands::TopUp(command) => command.run(output).await,
        Subcommands::RefundStoredValue(command) => command.run(output).await,
        Subcommands::TransferPoints(command) => command.run(output).await,
        Subcommands::AcceptTransfer(command) => command.run(output).await,
        Subcommands::DeclineTransfer(command) => command.run(output).await,
        Subcommands::WithdrawTransfer(command) => command.run(output).await,
        Subcommands::ListTransfers(command) => command.run(output).await,
        Subcommands::MergeMembers(command) => command.run(output).await,
        Subcommands::UndoMerge(command) => command.run(output).await,
        Subcommands::Duplicates(command) => command.run(output).await,
        Subcommands::CreateHousehold(command) => command.run(output).await,
        Subcommands::JoinHousehold(command) => command.run(output).await,
        Subcommands::ChangeHouseholdMember(command) => command.run(output).await,
        Subcommands::LeaveHousehold(command) => command.run(output).await,
        Subcommands::ListHouseholds(command) => command.run(output).await,
        Subcommands::ShowMember(command) => command.run(output).await,
        Subcommands::ListEntries(command) => command.run(output).await,
        Subcommands::Explain(command) => command.run(output).await,
        Subcommands::IssueVouchers(command) => command.run(output).await,
        Subcommands::ShowVoucherBatch(command) => command.run(output).await,
        Subcommands::CheckVoucher(command) => command.run(output).await,
        Subcommands::RegisterVoucher(command) => command.run(output).await,
        Subcommands::ReserveVoucher(command) => command.run(output).await,
        Subcommands::RedeemVoucher(command) => command.run(output).await,
        Subcommands::ReleaseVoucher(command) => command.run(output).await,
        Subcommands::VoidVoucher(command) => command.run(output).await,
        Subcommands::RunStatement(command) => command.run(output).await,
        Subcommands::ShowStatement(command) => command.run(output).await,
        Subcommands::ExpirePoints(command) => command.run(output).await,
        Subcommands::ReviewTiers(command) => command.run(output).await,
        Subcommands::AdvanceClock(command) => command.run(output).await,
        Subcommands::ViewClock(command) => command.run(output).await,
        Subcommands::Verify(command) => command.run(output).await,
        Subcommands::Export(command) => command.run(output).await,
        Subcommands::WriteLake(command) => command.run(output).await,
        Subcommands::Sql(command) => command.run(output).await,
        Subcommands::Report(command) => command.run(output).await,
        Subcommands::Claims(command) => command.run(output),
        Subcommands::Backup(command) => command.run(output).await,
        Subcommands::Restore(command) => command.run(output).await,
    }
}
